"""How layers read the dimensions of their tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import ShapeError
from ...run.record import Call, tensors
from ...shapetorch.arguments import per_axis
from ...shapetorch.operation import known_of
from ...sizes import same_padding
from . import field
from .dependence import EVERY, GROW, Dependence, Dependences, first_of, keep, mix, read, same
from .field import WindowReads

if TYPE_CHECKING:
    from fractions import Fraction

    from ...shapetorch.tensor import Tensor


def _spatial(row: Call, windows: Sequence[WindowReads | None], channel: Any) -> list[Any]:
    """Plan for the last dimensions their windows, and `channel` for the one before them."""
    dims = first_of(row).ndim
    axes = len(windows)
    lead = [keep(d) for d in range(dims - axes - 1)]
    return [*lead, channel, *(read(dims - axes + i, window) for i, window in enumerate(windows))]


def axes_of(row: Call) -> int:
    """Return how many axes a layer works along."""
    return known_of(row.call).spatial


def _channels(row: Call, groups: int) -> Any:
    return EVERY if groups == 1 else mix(first_of(row).ndim - axes_of(row) - 1)


def _numbers(arguments: dict[str, Any], axes: int, *names: str) -> Iterable[tuple[int, ...]]:
    """Return some arguments of a layer for each of its axes."""
    return zip(*(per_axis(name, arguments[name], axes) for name in names), strict=True)


def _conv(known: Dependences, row: Call) -> Dependence:
    arguments = row.arguments()
    kernel = arguments["weight"].shape[2:]
    if isinstance(arguments["padding"], str):
        same = arguments["padding"] == "same"
        dilation = per_axis("dilation", arguments["dilation"], len(kernel))
        padding = tuple(
            same_padding(k, d)[0] if same else 0 for k, d in zip(kernel, dilation, strict=True)
        )
        steps: Any = [
            (s, p, d)
            for (s, d), p in zip(
                _numbers(arguments, len(kernel), "stride", "dilation"), padding, strict=True
            )
        ]
    else:
        steps = _numbers(arguments, len(kernel), "stride", "padding", "dilation")
    windows = [field.windows(k, *rest) for k, rest in zip(kernel, steps, strict=True)]
    return known.through(row, _spatial(row, windows, _channels(row, arguments["groups"])))


def _conv_transpose(known: Dependences, row: Call) -> Dependence:
    arguments = row.arguments()
    kernel = arguments["weight"].shape[2:]
    steps = _numbers(arguments, len(kernel), "stride", "padding", "dilation")
    windows = [field.transposed_windows(k, *rest) for k, rest in zip(kernel, steps, strict=True)]
    return known.through(row, _spatial(row, windows, _channels(row, arguments["groups"])))


def _pool(known: Dependences, row: Call) -> Dependence:
    arguments = row.arguments()
    kernel = per_axis("kernel_size", arguments["kernel_size"], axes_of(row))
    stride = arguments["stride"]
    stride = kernel if stride in (None, (), []) else per_axis("stride", stride, len(kernel))
    padding, dilation = (
        per_axis(name, arguments.get(name, usual), len(kernel))
        for name, usual in (("padding", 0), ("dilation", 1))
    )
    windows = [
        field.windows(*steps) for steps in zip(kernel, stride, padding, dilation, strict=True)
    ]
    return known.through(row, _spatial(row, windows, keep(first_of(row).ndim - len(kernel) - 1)))


def _adaptive_pool(known: Dependences, row: Call) -> Dependence:
    axes = axes_of(row)
    return _resized(known, row, axes, field.adaptive_windows)


def _resized(
    known: Dependences, row: Call, axes: int, windows: Callable[[int, int], WindowReads | None]
) -> Dependence:
    input, out = first_of(row), tensors(row.result)[0]
    dims = input.ndim
    plan = [keep(d) for d in range(dims)]
    for d in range(dims - axes, dims):
        if out.shape[d] == 1:
            plan[d] = EVERY
        elif out.shape[d] != input.shape[d]:
            plan[d] = read(d, windows(input.shape[d], out.shape[d]))
    return known.through(row, plan)


#: More elements than this are not looked at one by one.
_MOST = 16384  # pragma: no mutate


def _interpolate(known: Dependences, row: Call) -> Dependence:
    arguments = row.arguments()
    mode, factor, axes = arguments["mode"], arguments["scale_factor"], first_of(row).ndim - 2
    factors = factor if isinstance(factor, (tuple, list)) else (factor,) * axes
    if mode == "area":
        return _resized(known, row, axes, field.adaptive_windows)
    if arguments["recompute_scale_factor"]:
        factors = (None,) * axes
    from fractions import Fraction

    input, out = first_of(row), tensors(row.result)[0]
    plan = [keep(0), keep(1)]
    for d, by in enumerate(factors, 2):
        size, wanted = input.shape[d], out.shape[d]
        scale = Fraction(size, wanted) if by is None else 1 / Fraction(by)
        plan.append(read(d, _samples(mode, size, wanted, scale, arguments)))
    return known.through(row, plan)


def _samples(
    mode: str, size: int, out: int, scale: Fraction, arguments: dict[str, Any]
) -> WindowReads | None:
    """Return what resampling reads along an axis; None where rounding decides."""
    if mode == "nearest" and out <= _MOST:  # pragma: no mutate
        step = _float32(float(scale))
        return field.mapped([_one(int(_float32(i * step))) for i in range(out)], size)
    reach = {"linear": 0, "bilinear": 0, "trilinear": 0, "bicubic": 1}.get(mode)
    parts = scale.denominator
    exact = parts & (parts - 1) == 0 and scale.numerator < 2**16  # so nothing is rounded
    if (
        reach is None
        or arguments["align_corners"]
        or arguments["antialias"]
        or not exact
        or size * parts > 2**20
    ):
        return None
    reads = []
    for i in range(parts):
        at = ((2 * i + 1) * scale - 1) / 2
        whole = at.numerator // at.denominator
        reads.append(_one(whole) if at == whole else range(whole - reach, whole + reach + 2))
    return WindowReads(scale.numerator, reads)


def _one(index: int) -> range:
    return range(index, index + 1)


def _float32(value: float) -> float:
    from struct import pack, unpack

    return float(unpack("f", pack("f", value))[0])


def _pad(known: Dependences, row: Call) -> Dependence:
    arguments = row.arguments()
    dims = first_of(row).ndim
    plan = [keep(d) for d in range(dims)]
    amounts = arguments["pad"]
    for i in range(len(amounts) // 2):
        left, right = amounts[2 * i : 2 * i + 2]
        if left or right:
            plan[dims - 1 - i] = read(dims - 1 - i, field.strided(-left))
    return known.through(row, plan)


def _pixel_shuffle(known: Dependences, row: Call) -> Dependence:
    dims = first_of(row).ndim
    windows = field.stretched(row.arguments()["upscale_factor"])
    return known.through(row, _spatial(row, [windows, windows], mix(dims - 3)))


def _pixel_unshuffle(known: Dependences, row: Call) -> Dependence:
    dims = first_of(row).ndim
    windows = field.shrunk(row.arguments()["downscale_factor"])
    dependence = known.through(row, _spatial(row, [windows, windows], mix()))
    return Dependence(dependence.axes, dependence.uneven | {dims - 3})


def _channels_mixed(known: Dependences, row: Call) -> Dependence:
    dims = range(first_of(row).ndim)
    return known.through(row, [mix(1) if d == 1 else keep(d) for d in dims])


def _max_unpool(known: Dependences, row: Call) -> Dependence | None:
    arguments = row.arguments()
    try:  # torch lets more pass here than elsewhere
        kernel, padding = (
            per_axis(name, arguments[name], axes_of(row)) for name in ("kernel_size", "padding")
        )
        stride = (
            kernel
            if arguments["stride"] is None
            else per_axis("stride", arguments["stride"], axes_of(row))
        )
    except ShapeError:
        return None
    if kernel != stride or max(kernel) > _MOST:  # pragma: no mutate
        return None
    windows = [
        WindowReads(1, [_one((i + p) // k) for i in range(k)])
        for k, p in zip(kernel, padding, strict=True)
    ]
    plan = _spatial(row, windows, keep(first_of(row).ndim - len(kernel) - 1))
    return known.union(known.through(row, plan, arguments[name]) for name in ("input", "indices"))


def _normalised(first: Callable[[Call], int]) -> Callable[[Dependences, Call], Dependence]:
    """Make the rule of what takes statistics over all dimensions from the first on."""

    def rule(known: Dependences, row: Call) -> Dependence:
        dims = first_of(row).ndim
        return known.through(row, [keep(d) if d < first(row) else EVERY for d in range(dims)])

    return rule


def _batch_norm(known: Dependences, row: Call) -> Dependence | None:
    return None if row.arguments()["training"] else same(known, row)


def _instance_norm(known: Dependences, row: Call) -> Dependence:
    first = 2 if row.arguments()["use_input_stats"] else first_of(row).ndim
    return _normalised(lambda _: first)(known, row)


def _group_norm(known: Dependences, row: Call) -> Dependence:
    groups, channels = row.arguments()["num_groups"], first_of(row).shape[1]
    channel = EVERY if groups == 1 else keep(1) if groups == channels else mix(1)
    return known.through(row, [keep(0), channel, *[EVERY] * (first_of(row).ndim - 2)])


def _embedding(known: Dependences, row: Call) -> Dependence:
    return known.through(row, [keep(d) for d in range(first_of(row).ndim)])


def _recurrent(known: Dependences, row: Call) -> list[Dependence] | None:
    layer: Any = row.call
    input = first_of(row)
    states = tensors((row.args[1:], row.kwargs.get("hx")))
    before = known.union(known.of(first_state) for first_state in states)
    if any(seen.dims for seen in before.axes):
        return None
    time = 1 if layer.batch_first and input.ndim == 3 else 0
    along = EVERY if layer.bidirectional else (GROW, (time,), None)
    plan = [keep(d) for d in range(input.ndim - 1)] + [EVERY]
    plan[time] = along
    output = known.through(row, plan)
    plan = [keep(1) for _ in plan[:-1]] + [EVERY]
    plan[time] = EVERY
    state = known.moved(known.of(input), input.shape, plan)
    return [known.union((output, before)), *[known.union((state, before))] * 2]


def _cell(known: Dependences, row: Call) -> Dependence:
    operands = tensors((row.args, row.kwargs))
    plans = [[*(keep(d) for d in range(operand.ndim - 1)), EVERY] for operand in operands]
    return known.union(
        known.through(row, plan, operand) for plan, operand in zip(plans, operands, strict=True)
    )


def _attention(known: Dependences, row: Call) -> Dependence | None:
    arguments = row.arguments()
    query, key, value = (arguments[name] for name in ("query", "key", "value"))
    if arguments["attn_mask"] is not None:
        return None
    rank = row.result.ndim

    def plan(tensor: Tensor, along: Any, last: Any) -> list[Any]:
        ahead = [
            mix(d + rank - tensor.ndim)
            if arguments["enable_gqa"] and d == tensor.ndim - 3
            else keep(d + rank - tensor.ndim)
            for d in range(tensor.ndim - 2)
        ]
        return [*ahead, along, last]

    keys = (GROW, (rank - 2,), None) if arguments["is_causal"] else EVERY
    if arguments["is_causal"] and query.shape[-2] != key.shape[-2]:
        return None
    plans = (
        (query, plan(query, keep(rank - 2), EVERY)),
        (key, plan(key, keys, EVERY)),
        (value, plan(value, keys, keep(rank - 1))),
    )
    return known.union(known.through(row, moves, operand) for operand, moves in plans)


def _multi_head(known: Dependences, row: Call) -> list[Dependence] | None:
    arguments = row.arguments()
    masked = arguments["attn_mask"] is not None and not arguments["is_causal"]
    if masked or arguments["key_padding_mask"] is not None or arguments["static_k"] is not None:
        return None
    query, key, value = (arguments[name] for name in ("query", "key", "value"))
    lead = [keep(d) for d in range(1, query.ndim - 1)]
    keys: Any = EVERY
    if arguments["is_causal"]:
        if query.shape[0] != key.shape[0]:
            return None
        keys = (GROW, (0,), None)
    plans = (
        (query, [keep(0), *lead, EVERY]),
        (key, [keys, *lead, EVERY]),
        (value, [keys, *lead, EVERY]),
    )
    return [known.union(known.through(row, plan, tensor) for tensor, plan in plans), known.unknown]


#: The rules of operations by the kinds that their declarations name.
KINDS: dict[str, Any] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "pool": _pool,
    "adaptive_pool": _adaptive_pool,
    "max_unpool": _max_unpool,
    "interpolate": _interpolate,
    "pad": _pad,
    "pixel_shuffle": _pixel_shuffle,
    "pixel_unshuffle": _pixel_unshuffle,
    "channels_mixed": _channels_mixed,
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "group_norm": _group_norm,
    "layer_norm": _normalised(
        lambda row: first_of(row).ndim - len(row.arguments()["normalized_shape"])
    ),
    "embedding": _embedding,
    "attention": _attention,
    "multi_head_attention": _multi_head,
    "recurrent": _recurrent,
    "cell": _cell,
}
