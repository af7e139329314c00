"""What each call of a run sees of the network's input: a rule for each operation, one after the other.

The rules say how an operation reads the dimensions of its tensors; `convshape.field` does the arithmetic. An
operation without a rule, and what no rule can follow exactly, gives no field, there and in all that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import field
from .errors import ShapeError
from .field import Field, Taps, hull
from .macs import operands_of, subscripts
from .record import Row, tensors
from .shapetorch.arguments import NOT_GIVEN, per_axis
from .shapetorch.nn.modules.module import Module, is_layer
from .shapetorch.ops import pointwise
from .shapetorch.tensor import Tensor
from .sizes import same_padding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from fractions import Fraction
    from typing import Any

    from .field import Ends
    from .record import Call, Record

    Shape = tuple[int, ...]


class Seen:
    """What the elements of a tensor see of one axis of the input.

    Attributes:
        dims: the dimensions along which it differs; none where all elements see the same.
        field: what they see along the one dimension; None where it is not a simple matter.
        ends: the first and last that all elements together see; None for nothing.
        grows: the last element along the dimension sees all of that.
    """

    __slots__ = ("dims", "ends", "field", "grows")

    def __init__(
        self, dims: tuple[int, ...], ends: Ends, field: Field | None = None, grows: bool = False
    ) -> None:
        self.dims = dims
        self.ends = ends
        self.field = field
        self.grows = grows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Seen) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    __hash__ = None  # type: ignore[assignment]


NOTHING = Seen((), None)
UNKNOWN = Seen((-1,), None)


class Sight:
    """What the elements of a tensor see of each axis of the input that is looked at.

    Attributes:
        axes: for each of these axes.
        uneven: dimensions along which the elements see different things for another reason than where they
            stand: channels that came from branches. What is said is true of all of them together.
    """

    __slots__ = ("axes", "uneven")

    def __init__(self, axes: Sequence[Seen], uneven: frozenset[int] = frozenset()) -> None:
        self.axes = axes
        self.uneven = uneven


# What an operation does with a dimension of its tensor: what, the dimensions of the result, how it reads it.
KEEP, READ, ALL, SPREAD, MIX, PICK, GROW = range(7)


def keep(to: int) -> Any:
    """Each element reads its own."""
    return KEEP, (to,), None


def read(to: int, taps: Taps | None) -> Any:
    """Each element reads some, by taps."""
    return (READ, (to,), taps) if taps else mix(to)


#: Every element reads all of it.
EVERY = (ALL, (), None)


def mix(*to: int) -> Any:
    """Each element reads some, nobody knows which."""
    return MIX, to, None


class _Rules:
    """Applies the rules of operations, for an input some of whose axes are looked at."""

    def __init__(self, record: Record, axes: tuple[int, ...]) -> None:
        first = record.inputs[0]
        self.limits = [first.shape[axis] for axis in axes]
        own = field.own()
        names = {row.name for row in record.calls}
        #: Which tensors may share memory; None where nothing is ever written into a tensor.
        self.groups: dict[int, set[int]] | None = None
        if names & _IN_PLACE or any(name.endswith("_") for name in names):
            self.groups = {}
        self.unknown = Sight([UNKNOWN] * len(axes))
        self.nothing = Sight([NOTHING] * len(axes))
        self.known: dict[int, Sight] = {id(each): self.nothing for each in record.inputs[1:]}
        self.known[id(first)] = Sight([Seen((axis,), (0, first.shape[axis] - 1), own) for axis in axes])
        if record.module is not None:
            for constant in (*record.module.parameters(), *record.module.buffers()):
                self.known[id(constant)] = self.nothing

    def of(self, tensor: Tensor) -> Sight:
        return self.known.get(id(tensor), self.unknown)

    def apply(self, row: Call) -> None:
        """Find what the results of a call see, if nothing in it has told already."""
        if isinstance(row.call, Module):
            rule = _LAYERS.get(row.name) if is_layer(row.call) else None
            if rule is None:
                return
            results = tensors(row.result)
            if all(id(each) in self.known for each in results):
                return
        else:
            results = tensors(row.result)
            home = row.call.__module__.rpartition("shapetorch.")[2]
            rule = _FUNCTIONS.get(row.name) or _HOMES.get(home)
            if row.name in _IN_PLACE or row.name.endswith("_"):
                self.write(row)
                return
            if self.groups is not None and home in _HOMES_OF_VIEWS and results:
                group = self.group(_first(row))
                for each in results:
                    group.add(id(each))
                    self.groups[id(each)] = group
        sights = rule(self, row) if rule and all(each.numel() for each in results) else None
        if sights is None:
            blind = all(self.of(each) is self.nothing for each in tensors((row.args, row.kwargs)))
            sights = self.nothing if blind else self.unknown
        if isinstance(sights, Sight):
            sights = [sights] * len(results)
        for each, sight in zip(results, sights, strict=False):
            self.known[id(each)] = sight

    def group(self, tensor: Tensor) -> set[int]:
        """Return the tensors that may share the memory of one."""
        assert self.groups is not None
        return self.groups.setdefault(id(tensor), {id(tensor)})

    def write(self, row: Call) -> None:
        """Find what an operation in place makes of its tensor; what shares its memory is given up."""
        target = _first(row)
        pointwise = row.name[:-1] in _POINTWISE
        sight = _elementwise(self, row) if pointwise else self.unknown
        for each in self.group(target):
            self.known[each] = self.unknown
        self.known[id(target)] = sight

    # What rules are made of

    def moved(self, sight: Sight, shape: Shape, plan: Sequence[Any]) -> Sight:
        """Return what is seen after an operation that does with each dimension what the plan says."""
        if any(plan[d][0] in (READ, PICK) for d in sight.uneven):
            return self.unknown
        uneven = {to for d in sight.uneven for to in plan[d][1]}
        axes = [
            self._moved(seen, shape, plan, limit) for seen, limit in zip(sight.axes, self.limits, strict=True)
        ]
        return Sight(axes, frozenset(uneven))

    def _moved(self, seen: Seen, shape: Shape, plan: Sequence[Any], limit: int) -> Seen:
        if seen is UNKNOWN or not seen.dims:
            return seen
        if seen.field is None:
            left = []
            for d in seen.dims:
                what, to, index = plan[d]
                if what == PICK and seen.grows and index == shape[d] - 1:
                    continue
                if what not in (KEEP, ALL, SPREAD) and not (what == GROW and seen.grows):
                    return UNKNOWN
                left += to
            if left:
                return Seen(tuple(sorted(set(left))), seen.ends, None, seen.grows and len(left) == 1)
            return clipped(seen.ends, limit)
        (d,) = seen.dims
        what, to, how = plan[d]
        if what == KEEP:
            return Seen(to, seen.ends, seen.field)
        if what == ALL:
            return clipped(seen.ends, limit)
        if what == PICK:
            return clipped(seen.field.at(how), limit)
        if what in (SPREAD, GROW):
            return Seen(to, seen.ends, None, what == GROW)
        result = seen.field.through(how) if what == READ else None
        return UNKNOWN if result is None else Seen(to, None, result)

    def finished(self, sight: Sight, shape: Shape) -> Sight:
        """Say what all elements see together of a tensor of this shape, where it is not said."""
        axes = []
        for seen in sight.axes:
            if seen.field is not None and seen.ends is None:
                seen = Seen(seen.dims, seen.field.over(range(shape[seen.dims[0]])), seen.field)
                seen = seen if seen.ends else NOTHING
            axes.append(seen)
        return Sight(axes, sight.uneven)

    def through(self, row: Call, plan: Sequence[Any], given: Tensor | None = None) -> Sight:
        """Return what the first result sees of a tensor, the first argument unless given, by a plan."""
        given = _first(row) if given is None else given
        sight = self.moved(self.of(given), given.shape, plan)
        return self.finished(sight, tensors(row.result)[0].shape)

    def union(self, sights: Iterable[Sight]) -> Sight:
        several = iter(sights)
        result = next(several, self.nothing)
        for sight in several:
            axes = [_union(*pair) for pair in zip(result.axes, sight.axes, self.limits, strict=True)]
            result = Sight(axes, result.uneven | sight.uneven)
        return result

    def broadcast(self, given: Iterable[Tensor], shape: Shape) -> Sight:
        """Return what is seen of tensors that are combined element by element to a shape."""
        sights = []
        for each in given:
            if each.shape == shape:
                sights.append(self.of(each))
                continue
            ahead = len(shape) - each.ndim
            plan = [
                keep(d + ahead) if n == shape[d + ahead] else (PICK, (), 0) for d, n in enumerate(each.shape)
            ]
            sight = self.of(each)
            # What is picked is the only one.
            sights.append(self.moved(Sight(sight.axes, sight.uneven & _kept(plan)), each.shape, plan))
        return self.union(sights)

    def lettered(
        self, given: Sequence[Tensor], terms: Sequence[Sequence[str]], row: Call, kept: Sequence[str]
    ) -> Sight:
        """Return what is seen of tensors that are multiplied, and summed over letters that are not kept."""
        sights = []
        shape = tensors(row.result)[0].shape
        for each, term in zip(given, terms, strict=True):
            plan = []
            for letter, n in zip(term, each.shape, strict=True):
                to = list(kept).index(letter) if letter in kept else None
                plan.append(EVERY if to is None or (n == 1 != shape[to]) else keep(to))
            sights.append(self.moved(self.of(each), each.shape, plan))
        return self.union(sights)


def _kept(plan: Sequence[Any]) -> frozenset[int]:
    return frozenset(d for d, (what, _, _) in enumerate(plan) if what == KEEP)


def clipped(ends: Ends, limit: int) -> Seen:
    """Return what all elements see alike, less what lies beyond the input."""
    first, last = ends or (0, -1)
    first, last = max(first, 0), min(last, limit - 1)
    return Seen((), (first, last)) if first <= last else NOTHING


def _union(a: Seen, b: Seen, limit: int) -> Seen:
    whole = (0, limit - 1)
    for one, other in ((a, b), (b, a)):
        if one is NOTHING or (not other.dims and other.ends == whole):
            return other
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if a == b:
        return a
    ends, dims = hull((a.ends, b.ends)), tuple(sorted({*a.dims, *b.dims}))
    if not dims:
        return Seen((), ends)
    if a.field and b.field and len(dims) == 1:
        both = a.field.union(b.field)
        if both is not None:
            return Seen(dims, ends, both)
    grows = any(s.grows and s.ends is not None and s.ends[0] <= 0 and s.ends[1] >= limit - 1 for s in (a, b))
    return Seen(dims, ends, None, grows and len(dims) == 1)


def _first(row: Call) -> Tensor:
    first = row.args[0] if row.args else None
    return first if isinstance(first, Tensor) else tensors((row.args, row.kwargs))[0]


def _same(rules: _Rules, row: Call) -> Sight:
    return rules.broadcast([_first(row)], tensors(row.result)[0].shape)


def _elementwise(rules: _Rules, row: Call) -> Sight:
    return rules.broadcast(tensors((row.args, row.kwargs)), tensors(row.result)[0].shape)


def _nothing(rules: _Rules, row: Call) -> Sight:
    return rules.nothing


# Layers


def _spatial(row: Call, taps: Sequence[Taps | None], channel: Any) -> list[Any]:
    """Plan for the last dimensions what they are read by, and for the one before them what `channel` says."""
    dims = _first(row).ndim
    axes = len(taps)
    lead = [keep(d) for d in range(dims - axes - 1)]
    return [*lead, channel, *(read(dims - axes + i, each) for i, each in enumerate(taps))]


def _axes(row: Call) -> int:
    return int(row.name[-2])  # conv2d


def _channels(row: Call, groups: int) -> Any:
    return EVERY if groups == 1 else mix(_first(row).ndim - _axes(row) - 1)


def _numbers(given: dict[str, Any], axes: int, *names: str) -> Iterable[tuple[int, ...]]:
    """Return some arguments of a layer for each of its axes."""
    return zip(*(per_axis(name, given[name], axes) for name in names), strict=True)


def _conv(rules: _Rules, row: Call) -> Sight:
    given = row.arguments()
    kernel = given["weight"].shape[2:]
    if isinstance(given["padding"], str):
        same = given["padding"] == "same"
        dilation = per_axis("dilation", given["dilation"], len(kernel))
        padding = tuple(same_padding(k, d)[0] if same else 0 for k, d in zip(kernel, dilation, strict=True))
        steps: Any = [
            (s, p, d)
            for (s, d), p in zip(_numbers(given, len(kernel), "stride", "dilation"), padding, strict=True)
        ]
    else:
        steps = _numbers(given, len(kernel), "stride", "padding", "dilation")
    taps = [field.windows(k, *rest) for k, rest in zip(kernel, steps, strict=True)]
    return rules.through(row, _spatial(row, taps, _channels(row, given["groups"])))


def _conv_transpose(rules: _Rules, row: Call) -> Sight:
    given = row.arguments()
    kernel = given["weight"].shape[2:]
    steps = _numbers(given, len(kernel), "stride", "padding", "dilation")
    taps = [field.transposed_windows(k, *rest) for k, rest in zip(kernel, steps, strict=True)]
    return rules.through(row, _spatial(row, taps, _channels(row, given["groups"])))


def _pool(rules: _Rules, row: Call) -> Sight:
    given = row.arguments()
    kernel = per_axis("kernel_size", given["kernel_size"], _axes(row))
    stride = given["stride"]
    stride = kernel if stride in (None, (), []) else per_axis("stride", stride, len(kernel))
    padding, dilation = (
        per_axis(name, given.get(name, usual), len(kernel))
        for name, usual in (("padding", 0), ("dilation", 1))
    )
    taps = [field.windows(*each) for each in zip(kernel, stride, padding, dilation, strict=True)]
    return rules.through(row, _spatial(row, taps, keep(_first(row).ndim - len(kernel) - 1)))


def _adaptive_pool(rules: _Rules, row: Call) -> Sight:
    axes = _axes(row)
    return _resized(rules, row, axes, field.adaptive_windows)


def _resized(rules: _Rules, row: Call, axes: int, taps: Callable[[int, int], Taps | None]) -> Sight:
    given, out = _first(row), tensors(row.result)[0]
    dims = given.ndim
    plan = [keep(d) for d in range(dims)]
    for d in range(dims - axes, dims):
        if out.shape[d] == 1:
            plan[d] = EVERY
        elif out.shape[d] != given.shape[d]:
            plan[d] = read(d, taps(given.shape[d], out.shape[d]))
    return rules.through(row, plan)


#: More elements than this are not looked at one by one.
_MOST = 16384


def _interpolate(rules: _Rules, row: Call) -> Sight:
    given = row.arguments()
    mode, factor, axes = given["mode"], given["scale_factor"], _first(row).ndim - 2
    factors = factor if isinstance(factor, (tuple, list)) else (factor,) * axes
    if mode == "area":
        return _resized(rules, row, axes, field.adaptive_windows)
    if given["recompute_scale_factor"]:
        factors = (None,) * axes
    from fractions import Fraction

    input, out = _first(row), tensors(row.result)[0]
    plan = [keep(0), keep(1)]
    for d, by in enumerate(factors, 2):
        size, wanted = input.shape[d], out.shape[d]
        scale = Fraction(size, wanted) if by is None else 1 / Fraction(by)
        plan.append(read(d, _samples(mode, size, wanted, scale, given)))
    return rules.through(row, plan)


def _samples(mode: str, size: int, out: int, scale: Fraction, given: dict[str, Any]) -> Taps | None:
    """Return what resampling reads along an axis; None where rounding decides, or it is not known."""
    if mode == "nearest" and out <= _MOST:
        step = _float32(float(scale))
        return field.mapped([_one(min(int(_float32(i * step)), size - 1)) for i in range(out)], size)
    reach = {"linear": 0, "bilinear": 0, "trilinear": 0, "bicubic": 1}.get(mode)
    parts = scale.denominator
    exact = parts & (parts - 1) == 0 and scale.numerator < 2**16 > parts  # so nothing is rounded
    if reach is None or given["align_corners"] or given["antialias"] or not exact or size * parts > 2**20:
        return None
    reads = []
    for i in range(parts):
        at = ((2 * i + 1) * scale - 1) / 2
        whole = at.numerator // at.denominator
        reads.append(_one(whole) if at == whole else range(whole - reach, whole + reach + 2))
    return Taps(scale.numerator, reads)


def _one(index: int) -> range:
    return range(index, index + 1)


def _float32(value: float) -> float:
    from struct import pack, unpack

    return float(unpack("f", pack("f", value))[0])


def _pad(rules: _Rules, row: Call) -> Sight:
    given = row.arguments()
    dims = _first(row).ndim
    plan = [keep(d) for d in range(dims)]
    amounts = given["pad"]
    for i in range(len(amounts) // 2):
        left, right = amounts[2 * i : 2 * i + 2]
        if left or right:
            plan[dims - 1 - i] = read(dims - 1 - i, field.strided(-left))
    return rules.through(row, plan)


def _pixel_shuffle(rules: _Rules, row: Call) -> Sight:
    dims = _first(row).ndim
    taps = field.stretched(row.arguments()["upscale_factor"])
    return rules.through(row, _spatial(row, [taps, taps], mix(dims - 3)))


def _pixel_unshuffle(rules: _Rules, row: Call) -> Sight:
    dims = _first(row).ndim
    taps = field.shrunk(row.arguments()["downscale_factor"])
    sight = rules.through(row, _spatial(row, [taps, taps], mix(dims - 3)))
    return Sight(sight.axes, sight.uneven | {dims - 3})


def _channels_mixed(rules: _Rules, row: Call) -> Sight:
    dims = range(_first(row).ndim)
    return rules.through(row, [mix(1) if d == 1 else keep(d) for d in dims])


def _max_unpool(rules: _Rules, row: Call) -> Sight | None:
    given = row.arguments()
    try:  # torch lets more pass here than elsewhere
        kernel, padding = (per_axis(name, given[name], _axes(row)) for name in ("kernel_size", "padding"))
        stride = kernel if given["stride"] is None else per_axis("stride", given["stride"], _axes(row))
    except ShapeError:
        return None
    if kernel != stride or max(kernel) > _MOST:
        return None
    taps = [Taps(1, [_one((i + p) // k) for i in range(k)]) for k, p in zip(kernel, padding, strict=True)]
    plan = _spatial(row, taps, keep(_first(row).ndim - len(kernel) - 1))
    return rules.union(rules.through(row, plan, given[name]) for name in ("input", "indices"))


def _normalised(first: Callable[[Call], int]) -> Callable[[_Rules, Call], Sight]:
    """Make the rule of what takes statistics over all dimensions from the first on."""

    def rule(rules: _Rules, row: Call) -> Sight:
        dims = _first(row).ndim
        return rules.through(row, [keep(d) if d < first(row) else EVERY for d in range(dims)])

    return rule


def _batch_norm(rules: _Rules, row: Call) -> Sight | None:
    return None if row.arguments()["training"] else _same(rules, row)


def _instance_norm(rules: _Rules, row: Call) -> Sight:
    first = 2 if row.arguments()["use_input_stats"] else _first(row).ndim
    return _normalised(lambda _: first)(rules, row)


def _embedding(rules: _Rules, row: Call) -> Sight:
    return rules.through(row, [keep(d) for d in range(_first(row).ndim)])


def _recurrent(rules: _Rules, row: Call) -> list[Sight] | None:
    layer: Any = row.call
    input = tensors((row.args, row.kwargs))[0]
    states = tensors((row.args, row.kwargs))[1:]
    before = rules.union(rules.of(each) for each in states)
    if any(seen.dims for seen in before.axes):
        return None
    time = 1 if layer.batch_first and input.ndim == 3 else 0
    along = EVERY if layer.bidirectional else (GROW, (time,), None)
    plan = [keep(d) for d in range(input.ndim - 1)] + [EVERY]
    plan[time] = along
    output = rules.through(row, plan)
    plan = [keep(1) for _ in plan[:-1]] + [EVERY]
    plan[time] = EVERY
    state = rules.moved(rules.of(input), input.shape, plan)
    return [rules.union((output, before)), *[rules.union((state, before))] * 2]


def _cell(rules: _Rules, row: Call) -> Sight:
    given = tensors((row.args, row.kwargs))
    plans = [[*(keep(d) for d in range(each.ndim - 1)), EVERY] for each in given]
    return rules.union(rules.through(row, plan, each) for plan, each in zip(plans, given, strict=True))


def _attention(rules: _Rules, row: Call) -> Sight | None:
    given = row.arguments()
    query, key, value = (given[name] for name in ("query", "key", "value"))
    if given["attn_mask"] is not None:
        return None
    rank = row.result.ndim

    def plan(each: Tensor, along: Any, last: Any) -> list[Any]:
        ahead = [
            mix(d + rank - each.ndim)
            if given["enable_gqa"] and d == each.ndim - 3
            else keep(d + rank - each.ndim)
            for d in range(each.ndim - 2)
        ]
        return [*ahead, along, last]

    keys = (GROW, (rank - 2,), None) if given["is_causal"] else EVERY
    if given["is_causal"] and query.shape[-2] != key.shape[-2]:
        return None
    plans = (
        (query, plan(query, keep(rank - 2), EVERY)),
        (key, plan(key, keys, EVERY)),
        (value, plan(value, keys, keep(rank - 1))),
    )
    return rules.union(rules.through(row, each, given) for given, each in plans)


def _multi_head(rules: _Rules, row: Call) -> list[Sight] | None:
    given = row.arguments()
    masked = given["attn_mask"] is not None and not given["is_causal"]
    if masked or given["key_padding_mask"] is not None or given["static_k"] is not None:
        return None
    query, key, value = (given[name] for name in ("query", "key", "value"))
    lead = [keep(d) for d in range(1, query.ndim - 1)]
    keys: Any = EVERY
    if given["is_causal"]:
        if query.shape[0] != key.shape[0]:
            return None
        keys = (GROW, (0,), None)
    plans = ((query, [keep(0), *lead, EVERY]), (key, [keys, *lead, EVERY]), (value, [keys, *lead, EVERY]))
    return [rules.union(rules.through(row, plan, each) for each, plan in plans), rules.unknown]


# Products


def _linear(rules: _Rules, row: Call) -> Sight:
    given = row.arguments()
    input, weight = given["input"], given["weight"]
    lead = [str(d) for d in range(input.ndim - 1)]
    return rules.lettered(
        (input, weight),
        ([*lead, "in"], ["out", "in"][2 - weight.ndim :]),
        row,
        [*lead, "out"][: row.result.ndim],
    )


def _matmul(rules: _Rules, row: Call) -> Sight:
    *added, a, b = tensors(list(row.arguments().values()))
    kept = [f".{d}" for d in range(row.result.ndim - (a.ndim > 1) - (b.ndim > 1), 0, -1)]
    left = [f".{d}" for d in range(a.ndim - 2, 0, -1)] + ["n", "k"][2 - min(a.ndim, 2) :]
    right = [f".{d}" for d in range(b.ndim - 2, 0, -1)] + ["k", "m"][: min(b.ndim, 2)]
    kept += ["n"] * (a.ndim > 1) + ["m"] * (b.ndim > 1)
    product = rules.lettered((a, b), (left, right), row, kept)
    return rules.union((product, rules.broadcast(added, row.result.shape)))


def _einsum(rules: _Rules, row: Call) -> Sight | None:
    terms, kept = subscripts(row)
    if any(len(set(term)) != len(term) for term in terms):
        return None  # a diagonal
    return rules.lettered(operands_of(row), terms, row, kept)


# Views


def _reshape(rules: _Rules, row: Call) -> Sight | None:
    given, out = _first(row), tensors(row.result)[0]
    if not given.numel() or given.numel() != out.numel():
        return None
    return rules.through(row, _regrouped(given.shape, out.shape))


def _regrouped(old: Shape, new: Shape) -> list[Any]:
    """Plan how dimensions of the same number of elements go over into others."""
    if old == new:
        return [keep(d) for d in range(len(old))]
    plan: list[Any] = [(PICK, (), 0)] * len(old)
    left, right = ([d for d, n in enumerate(s) if n != 1] for s in (old, new))
    i = j = 0
    while i < len(left):
        begin, first = i, j
        a, b = old[left[i]], new[right[j]]
        while a != b:
            if a < b:
                i += 1
                a *= old[left[i]]
            else:
                j += 1
                b *= new[right[j]]
        i, j = i + 1, j + 1
        into = tuple(right[first:j])
        for d in left[begin:i]:
            plan[d] = keep(into[0]) if i - begin == j - first == 1 else (SPREAD, into, None)
    return plan


def _permuted(order: Callable[[Call, int], Sequence[int]]) -> Callable[[_Rules, Call], Sight]:
    """Make the rule of what puts the dimensions in another order."""

    def rule(rules: _Rules, row: Call) -> Sight:
        dims = _first(row).ndim
        plan: list[Any] = [None] * dims
        for to, d in enumerate(order(row, dims)):
            plan[d] = keep(to)
        return rules.through(row, plan)

    return rule


def _permute_order(row: Call, dims: int) -> list[int]:
    named = row.kwargs.get("dims")
    wanted = named if named is not None else row.args[1:]
    if len(wanted) == 1 and isinstance(wanted[0], (tuple, list)):
        wanted = wanted[0]
    return [d % dims for d in wanted]


def _swapped(row: Call, dims: int) -> list[int]:
    order = list(range(dims))
    if row.name == "adjoint":
        a, b = -2, -1
    elif row.name == "t":
        a, b = 0, -1
    else:
        _, a, b = row.arguments().values()
    if order:
        order[a], order[b] = order[b], order[a]
    return order


def _moved_dims(row: Call, dims: int) -> list[int]:
    _, source, to = row.arguments().values()
    sources, targets = (
        [d % dims for d in (each if isinstance(each, (tuple, list)) else (each,))] for each in (source, to)
    )
    order = [d for d in range(dims) if d not in sources]
    for target, d in sorted(zip(targets, sources, strict=True)):
        order.insert(target, d)
    return order


def _repeat(rules: _Rules, row: Call) -> Sight:
    given, out = _first(row), tensors(row.result)[0]
    ahead = out.ndim - given.ndim
    plan = [keep(d) if n == out.shape[d] else mix(d) for d, n in enumerate(given.shape, ahead)]
    return rules.through(row, [(PICK, (), 0) if given.shape[d] == 1 else each for d, each in enumerate(plan)])


def _flip(rules: _Rules, row: Call) -> Sight:
    given = _first(row)
    plan = [keep(d) for d in range(given.ndim)]
    if row.name == "flip":
        dims = row.kwargs["dims"] if "dims" in row.kwargs else row.args[1:]
        dims = dims[0] if dims and isinstance(dims[0], (tuple, list)) else dims
    else:
        dims = (1,) if row.name == "fliplr" else (0,)
    for d in dims:
        plan[d] = read(d % given.ndim, field.strided(given.shape[d] - 1, -1))
    return rules.through(row, plan)


def _getitem(rules: _Rules, row: Call) -> Sight | None:
    given, index = _first(row), row.arguments()["index"]
    items = list(index) if isinstance(index, tuple) else [index]
    if not all(item is None or item is ... or isinstance(item, slice) or type(item) is int for item in items):
        return None
    rest = given.ndim - sum(item is not None and item is not ... for item in items)
    at = next((i for i, item in enumerate(items) if item is ...), len(items))
    items[at : at + 1] = [slice(None)] * rest
    plan: list[Any] = []
    to = 0
    for item in items:
        if item is None:
            to += 1
            continue
        n = given.shape[len(plan)]
        if isinstance(item, slice):
            plan.append(_part(to, n, range(n)[item]))
            to += 1
        else:
            plan.append((PICK, (), item % n))
    return rules.through(row, plan)


def _part(to: int, length: int, chosen: range) -> Any:
    """Plan to read part of a dimension."""
    return keep(to) if chosen == range(length) else read(to, field.strided(chosen.start, chosen.step))


def _select(rules: _Rules, row: Call) -> Sight:
    given = _first(row)
    _, dim, index = row.arguments().values()
    return rules.through(row, _without(given, dim, (PICK, (), index % given.shape[dim])))


def _without(given: Tensor, dim: int, plan: Any) -> list[Any]:
    dim %= given.ndim
    return [plan if d == dim else keep(d - (d > dim)) for d in range(given.ndim)]


def _narrow(rules: _Rules, row: Call) -> Sight:
    given = _first(row)
    _, dim, start, _ = row.arguments().values()
    dim %= given.ndim
    plan = [keep(d) for d in range(given.ndim)]
    start %= given.shape[dim] or 1
    plan[dim] = _part(dim, given.shape[dim], range(start, start + row.result.shape[dim]))
    return rules.through(row, plan)


def _split(rules: _Rules, row: Call) -> list[Sight]:
    given, results = _first(row), tensors(row.result)
    if not results:
        return []
    dim = row.arguments().get("dim", 0) % given.ndim
    sights, start = [], 0
    for each in results:
        plan = [keep(d) for d in range(given.ndim)]
        plan[dim] = _part(dim, given.shape[dim], range(start, start + each.shape[dim]))
        sight = rules.moved(rules.of(given), given.shape, plan)
        sights.append(rules.finished(sight, each.shape))
        start += each.shape[dim]
    return sights


def _unbind(rules: _Rules, row: Call) -> list[Sight]:
    given = _first(row)
    dim = row.arguments()["dim"] % given.ndim
    sight = rules.of(given)
    return [
        rules.moved(sight, given.shape, _without(given, dim, (PICK, (), i))) for i in range(given.shape[dim])
    ]


def _cat(rules: _Rules, row: Call) -> Sight:
    given = [each for each in tensors((row.args, row.kwargs)) if each.numel()]
    dim = row.arguments()["dim"] % row.result.ndim
    if len(given) == 1:
        return rules.of(given[0])
    plan = [(SPREAD, (d,), None) if d == dim else keep(d) for d in range(row.result.ndim)]
    sights = [rules.moved(rules.of(each), each.shape, plan) for each in given]
    return _side_by_side(rules, sights, dim)


def _stack(rules: _Rules, row: Call) -> Sight:
    given = tensors((row.args, row.kwargs))
    dim = row.arguments()["dim"] % row.result.ndim
    plan = [keep(d + (d >= dim)) for d in range(given[0].ndim)]
    return _side_by_side(rules, [rules.moved(rules.of(each), each.shape, plan) for each in given], dim)


def _side_by_side(rules: _Rules, sights: Sequence[Sight], dim: int) -> Sight:
    result = rules.union(sights)
    alike = all(one == other for each in sights for one, other in zip(each.axes, sights[0].axes, strict=True))
    return result if alike else Sight(result.axes, result.uneven | {dim})


# Reductions


def _reduced_dims(row: Call) -> list[int]:
    dims = _first(row).ndim
    given = row.arguments().get("dim", None)
    if given is None or given is NOT_GIVEN or isinstance(given, bool):
        return list(range(dims))
    wanted = given if isinstance(given, (tuple, list)) else (given,)
    if not wanted and row.name not in ("any", "all"):  # for these none means none
        return list(range(dims))
    return [d % dims for d in wanted]


def _reduction(rules: _Rules, row: Call) -> Sight | None:
    if len(tensors((row.args, row.kwargs))) > 1:  # max and min of two tensors
        return _elementwise(rules, row)
    given, out = _first(row), tensors(row.result)[0]
    gone = _reduced_dims(row) if given.ndim else []
    left = [d for d in range(given.ndim) if d not in gone]
    where = {d: d if out.ndim == given.ndim else i for i, d in enumerate(left)}
    return rules.through(row, [EVERY if d in gone else keep(where[d]) for d in range(given.ndim)])


def _along(what: Callable[[int], Any]) -> Callable[[_Rules, Call], Sight | None]:
    """Make the rule of what does something along dimension `dim` and keeps the shape."""

    def rule(rules: _Rules, row: Call) -> Sight | None:
        given = row.arguments()
        input, dim = _first(row), given["dim"]
        if dim is None and row.name in ("softmax", "log_softmax", "softmin"):
            dim = 0 if input.ndim in (0, 1, 3) else 1  # as torch has always chosen it
        if not isinstance(dim, int) or not input.ndim:
            return None
        dim %= input.ndim
        return rules.through(row, [what(d) if d == dim else keep(d) for d in range(input.ndim)])

    return rule


#: Operations in place that are not called so, and those that change a shape.
_IN_PLACE = frozenset({"setitem"})
_RESHAPE_IN_PLACE = frozenset(
    "squeeze_ swapaxes_ swapdims_ t_ transpose_ unsqueeze_ resize_ resize_as_".split()
)
_POINTWISE = frozenset(name for name in vars(pointwise) if not name.startswith("_"))
_HOMES_OF_VIEWS = frozenset(("ops.views", "ops.indexing", "ops.joining", "ops.pointwise"))
_HOMES: dict[str, Any] = {
    "ops.creation": _nothing,
    "ops.pointwise": _elementwise,
    "nn.functional.activation": _elementwise,
    "nn.functional.dropout": _elementwise,
}
_ranks = (1, 2, 3)
_FUNCTIONS: dict[str, Any] = {
    **{f"conv{n}d": _conv for n in _ranks},
    **{f"conv_transpose{n}d": _conv_transpose for n in _ranks},
    **{f"{kind}_pool{n}d": _pool for kind in ("max", "avg", "lp") for n in _ranks},
    **{f"adaptive_{kind}_pool{n}d": _adaptive_pool for kind in ("max", "avg") for n in _ranks},
    **{f"max_unpool{n}d": _max_unpool for n in _ranks},
    "interpolate": _interpolate,
    "pad": _pad,
    "pixel_shuffle": _pixel_shuffle,
    "pixel_unshuffle": _pixel_unshuffle,
    **dict.fromkeys(("channel_shuffle", "local_response_norm"), _channels_mixed),
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "group_norm": _normalised(lambda row: 2),
    **dict.fromkeys(
        ("layer_norm", "rms_norm"),
        _normalised(lambda row: _first(row).ndim - len(row.arguments()["normalized_shape"])),
    ),
    "embedding": _embedding,
    "scaled_dot_product_attention": _attention,
    "multi_head_attention_forward": _multi_head,
    "linear": _linear,
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot", "addmm", "addmv", "baddbmm"), _matmul),
    "einsum": _einsum,
    **dict.fromkeys(
        "reshape view view_as reshape_as flatten ravel unflatten squeeze unsqueeze atleast_1d".split(),
        _reshape,
    ),
    "permute": _permuted(_permute_order),
    **dict.fromkeys(("transpose", "swapaxes", "swapdims", "t", "adjoint"), _permuted(_swapped)),
    **dict.fromkeys(("movedim", "moveaxis"), _permuted(_moved_dims)),
    **dict.fromkeys(("expand", "broadcast_to", "expand_as", "to", "type_as"), _same),
    **dict.fromkeys(("repeat", "tile"), _repeat),
    **dict.fromkeys(("flip", "fliplr", "flipud"), _flip),
    **dict.fromkeys(("celu", "masked_fill", "rrelu", "threshold", "tril", "triu", "where"), _elementwise),
    "getitem": _getitem,
    "select": _select,
    "narrow": _narrow,
    **dict.fromkeys(("split", "split_with_sizes", "chunk"), _split),
    "unbind": _unbind,
    **dict.fromkeys(("cat", "concat", "concatenate"), _cat),
    "stack": _stack,
    **dict.fromkeys(
        "sum nansum mean nanmean amax amin any all count_nonzero prod argmax argmin max min median nanmedian "
        "aminmax std var std_mean var_mean logsumexp norm".split(),
        _reduction,
    ),
    "fill": lambda rules, row: None,
    **dict.fromkeys(
        ("softmax", "log_softmax", "softmin", "gumbel_softmax", "sort", "argsort"), _along(lambda d: EVERY)
    ),
    **dict.fromkeys(
        ("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"), _along(lambda d: (GROW, (d,), None))
    ),
    "glu": _along(mix),
}
_LAYERS: dict[str, Any] = {
    **dict.fromkeys(("RNN", "LSTM", "GRU"), _recurrent),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), _cell),
}


def _axes_of_input(record: Record) -> tuple[int, ...]:
    """Return the axes of the first input that are looked at: those that its first layers take as spatial."""
    dims = record.inputs[0].ndim
    found: tuple[int, ...] | None = None
    wanted = dims  # dimensions of the tensors that tell
    for row in record.calls:
        given = tensors((row.args, row.kwargs))
        if not given or given[0].ndim != wanted or row.result is None:
            continue
        if isinstance(row.call, Module):
            if row.name in _SEQUENTIAL and is_layer(row.call):
                return (1,) if row.call.batch_first and wanted == 3 else (0,)
        elif row.name == "embedding" and found is None:
            found, wanted = tuple(range(1, dims)), dims + 1
        elif row.name in ("linear", "scaled_dot_product_attention") and found is None:
            found = tuple(range(1, dims - 1))
        elif row.name[-2:] in ("1d", "2d", "3d") and ("conv" in row.name or "pool" in row.name):
            return found or tuple(range(dims - _axes(row), dims))
    return tuple(range(2, dims)) if found is None else found


#: Layers that say which axis is the sequence.
_SEQUENTIAL = ("RNN", "LSTM", "GRU", "MultiheadAttention")


def fields(record: Record) -> list[Any]:
    """Return the field of the first result of each row: a tuple for each axis, ``"whole"``, or None.

    A tuple is size, stride and start; `convshape.field.Field` says what they mean where elements differ.
    """
    found: list[Any] = [None] * len(record.calls)
    axes = _axes_of_input(record) if record.inputs else ()
    if any(row.name in _RESHAPE_IN_PLACE and row.ended for row in record.calls):
        return found  # of a tensor that has had several shapes the last alone is known
    if not axes or not record.inputs[0].numel():
        return found
    rules = _Rules(record, axes)
    open_rows: list[Row] = []

    def close(until: int) -> None:
        while open_rows and open_rows[-1].end <= until:
            row = open_rows.pop()
            rules.apply(row)
            results = tensors(row.result)
            if results:
                found[row.index] = _shown(rules.of(results[0]), rules.limits)

    for index, call in enumerate(record.calls):
        close(index)
        if not isinstance(call, Row):
            rules.apply(call)
        elif call.ended:
            open_rows.append(call)
    close(len(record.calls))
    return found


def _shown(sight: Sight, limits: Sequence[int]) -> Any:
    result = []
    whole = 0
    for seen, limit in zip(sight.axes, limits, strict=True):
        if seen.field is not None:
            result.append((seen.field.size, seen.field.stride, seen.field.start))
        elif seen.ends is not None and (not seen.dims or seen.grows):
            first, last = seen.ends
            result.append((last - first + 1, 0, first))
            whole += first <= 0 and last >= limit - 1
        else:
            return None
    return "whole" if whole == len(limits) else result
