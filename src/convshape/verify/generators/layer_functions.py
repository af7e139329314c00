"""Random calls of the functions of layers, with tensors of any shape in place of parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from ...shapetorch.nn import functional as F
from . import layers, windows
from .choices import (
    AXES,
    NOT_POSITIVE,
    Choice,
    Pick,
    any_shape,
    arguments,
    dtype,
    for_axes,
    mostly,
    often,
    per_axis,
    spatial_input,
)
from .data import Call, Case, T

#: The functions by their names without the underscores, which is what a layer of the same kind is
#: called.
_FUNCTIONS = {name.replace("_", ""): name for name in F.__all__ if not name.endswith("_")}
_WITH_INDICES = [
    name.removesuffix("_with_indices") for name in F.__all__ if name.endswith("_with_indices")
]


_WITHOUT_PARAMETERS = (
    windows.max_pool, windows.avg_pool, windows.adaptive_pool, windows.lp_pool, windows.max_unpool,
    windows.fractional_max_pool, windows.fold, layers.shuffle, layers.resampling, layers.dropout,
    layers.activation, layers.activation,
)  # fmt: skip


def _function(case: Case) -> Call:
    """Return the call of the function that a layer without parameters is made of."""
    args = (T(case.input, case.dtype), *case.others, *case.args)
    return Call(_FUNCTIONS[case.layer.lower()], args, {**case.kwargs, **case.call})


def layer_function(pick: Pick) -> Call:
    """The functions of the layers that have no parameters."""
    case = pick(_WITHOUT_PARAMETERS)(pick)
    while case.layer.lower() not in _FUNCTIONS or case.layer == "PReLU":
        case = windows.max_pool(pick)
    call = _function(case)
    name, kwargs = call.name, call.kwargs
    if name in _WITH_INDICES and pick((True, False, False)):
        name += "_with_indices"
    if f"{name}_" in F.__all__ and pick((True, False, False)):
        name += "_"
        kwargs.pop("inplace", None)
    return Call(name, call.args, kwargs)


def sizes(pick: Pick, *shape: int) -> tuple[int, ...]:
    """Pick a shape, nearly always; now and then a size more or less."""
    return tuple(often(pick, (n,), (n + 1, 1, 0)) for n in shape)


def near(pick: Pick, *shape: int) -> tuple[int, ...]:
    """Pick a shape, nearly always; now and then a size more or less, or another rank."""
    if pick(range(16)) == 0:
        return pick(((*shape, 1), shape[1:], any_shape(pick)))
    return sizes(pick, *shape)


def like(pick: Pick, kind: str) -> str:
    """Pick the dtype, nearly always."""
    return often(pick, (kind,) * 2, (kind, "float32", "float64", "float16", "int64", "complex64"))


def maybe(pick: Pick, tensor: T) -> T | None:
    return pick((tensor, tensor, None))


def convolution(pick: Pick) -> Call:
    """Convolutions with weights of their own."""
    axes = pick(AXES)
    transposed = pick((True, False))
    groups = often(pick, (1, 1, 2), NOT_POSITIVE)
    step = groups if type(groups) is int and groups > 0 else 1
    inputs, outputs = step * pick((1, 2)), step * pick((1, 2))
    kernel = [often(pick, (1, 2, 3), (0, 5)) for _ in range(axes)]
    kind = dtype(pick)
    channels = (inputs, outputs // step) if transposed else (outputs, inputs // step)
    choices: dict[str, Choice] = {
        "stride": for_axes(axes, (1, 1, 2, 3), (2**63, *NOT_POSITIVE)),
        "padding": for_axes(axes, (0, 1, 2), (7, *NOT_POSITIVE)),
        "dilation": for_axes(axes, (1, 1, 2), NOT_POSITIVE[3:]),
    }
    if transposed:
        choices["output_padding"] = for_axes(axes, (0, 1), (2, *NOT_POSITIVE))
    elif pick(range(6)) == 0:
        choices["padding"] = ("same", "valid", "full")
    _, kwargs = arguments(pick, choices, 0)
    if groups != 1:
        kwargs["groups"] = groups
    weight = T(near(pick, *channels, *kernel), like(pick, kind))
    x = T(spatial_input(pick, axes, inputs), kind)
    # Which other dtypes a bias can have depends on torch's backends, unless there is no batch.
    mixed = (not transposed and type(kwargs.get("padding")) is not str) or 0 in x.shape[:1]
    bias = maybe(pick, T(near(pick, outputs), like(pick, kind) if mixed else kind))
    name = f"conv_transpose{axes}d" if transposed else f"conv{axes}d"
    return Call(name, (x, weight, bias), kwargs)


class _Normalized(NamedTuple):
    """What is normalized, and how: its dtype and channels, and that of its weights."""

    x: T
    kind: str
    channels: int
    eps: Any
    own: str

    def weight(self, pick: Pick) -> T | None:
        return maybe(pick, T(sizes(pick, self.channels), like(pick, self.kind)))

    def weight_of_one_dtype(self, pick: Pick) -> T | None:
        """As `weight`: torch takes statistics of another dtype than the weights now and then."""
        return maybe(pick, T(sizes(pick, self.channels), self.own))


def _normalized(pick: Pick) -> _Normalized:
    kind = dtype(pick)
    channels = often(pick, (1, 2, 4), (0, 3))
    x = T(spatial_input(pick, pick((0, 1, 2, 3)), channels), kind)
    eps = often(pick, (1e-5, 0.1, 1), (0, -1, "x", None, True))
    return _Normalized(x, kind, channels, eps, like(pick, kind))


def _by_statistics(
    pick: Pick, of: _Normalized, weight: Choice, flag: str
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    choices: dict[str, Choice] = {
        **dict.fromkeys(("running_mean", "running_var", "weight", "bias"), weight),
        flag: mostly((True, False), (1, None)),
        "momentum": mostly((0.1, 1), ("x", None, True)),
        "eps": (of.eps,),
    }
    return arguments(pick, choices, 2)


def _batch_norm(pick: Pick, name: str, of: _Normalized) -> Call:
    args, kwargs = _by_statistics(pick, of, of.weight, "training")
    return Call(name, (of.x, *args), kwargs)


def _instance_norm(pick: Pick, name: str, of: _Normalized) -> Call:
    (mean, var), kwargs = _by_statistics(pick, of, of.weight_of_one_dtype, "use_input_stats")
    if 0 in of.x.shape and (mean is None) != (var is None):
        mean = var = None  # one alone torch takes now and then, where the input is empty
    return Call(name, (of.x, mean, var), kwargs)


def _group_norm(pick: Pick, name: str, of: _Normalized) -> Call:
    groups = often(pick, (1, 2), NOT_POSITIVE)
    weights = dict.fromkeys(("weight", "bias"), of.weight)
    args, kwargs = arguments(pick, {"num_groups": (groups,), **weights, "eps": (of.eps,)}, 1)
    return Call(name, (of.x, *args), kwargs)


def _layer_norm(pick: Pick, name: str, of: _Normalized) -> Call:
    shape = any_shape(pick)
    ends = shape[-pick((1, 1, 2)) :]
    wanted = often(pick, (ends, [*ends]), ((), 2, (True,), any_shape(pick), None))

    def weights(pick: Pick) -> T | None:
        return maybe(pick, T(near(pick, *ends), like(pick, of.kind)))

    choices: dict[str, Choice] = {
        "normalized_shape": (wanted,), "weight": weights, "eps": (of.eps,)
    }  # fmt: skip
    if name == "layer_norm":
        choices["bias"] = weights
    args, kwargs = arguments(pick, choices, 1)
    return Call(name, (T(shape, of.kind), *args), kwargs)


def _normalize(pick: Pick, name: str, of: _Normalized) -> Call:
    choices: dict[str, Choice] = {
        "p": (1, 2.0, 0, float("inf"), -1, "fro", "x", None, True),
        "dim": (0, 1, -1, 2, (0, 1), None, 7, True),
        "eps": (of.eps,),
    }
    return Call(name, (of.x,), arguments(pick, choices, 0)[1])


_NORMALISING: dict[str, Callable[[Pick, str, _Normalized], Call]] = {
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "group_norm": _group_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _layer_norm,
    "normalize": _normalize,
}


def normalising(pick: Pick) -> Call:
    """Normalizations with weights and statistics of their own."""
    name = pick(list(_NORMALISING))
    return _NORMALISING[name](pick, name, _normalized(pick))


def weighted(pick: Pick) -> Call:
    """Linear functions, embeddings and slopes, with weights of their own; one-hot vectors."""
    name = pick(("linear", "bilinear", "embedding", "embedding_bag", "one_hot", "prelu"))
    kind = often(pick, ("float32",), ("float64", "float16", "int64", "bool", "complex64"))
    n, m, k = (often(pick, (1, 2, 3), (0,)) for _ in range(3))
    lead = any_shape(pick)[:3]
    if name == "linear":
        weight = T(pick(((m, n), (m, n), (n,), near(pick, m, n))), like(pick, kind))
        bias_kind = like(pick, kind) if len(weight.shape) == 2 else kind
        bias = maybe(pick, T(sizes(pick, *weight.shape[:-1]), bias_kind))
        return Call(name, (T((*lead, n), kind), weight, bias))
    if name == "bilinear":
        second = T((*often(pick, (lead,), (lead[1:],)), m), like(pick, kind))
        weight = T(sizes(pick, k, n, m), like(pick, kind))
        bias = maybe(pick, T(near(pick, k), like(pick, kind)))
        return Call(name, (T((*lead, n), kind), second, weight, bias))
    if name == "prelu":
        x = T(any_shape(pick), kind)
        channels = x.shape[1] if len(x.shape) > 1 else 1
        weight = T(often(pick, ((channels,), (1,)), ((), (channels, 1), (5,))), like(pick, kind))
        return Call(name, (x, weight))
    index = often(pick, ("int64", "int32"), ("uint8", "float32", "bool"))
    if name == "one_hot":
        index = often(pick, ("int64",), (index,))
        return Call(name, (T(any_shape(pick), index), pick((1, 2, 5, 1, 0, -2, True, 2.0))))
    table = T(near(pick, n or 1, m or 1), often(pick, ("float32", "float64"), (kind,)))
    choices: dict[str, Choice] = {
        "max_norm": (None, 1.0),
        "scale_grad_by_freq": (True, False),
        "sparse": (True, False),
        "padding_idx": (None, 0, 1, -1, 5, -6),
    }
    if name == "embedding":
        return Call(name, (T(any_shape(pick), index), table), arguments(pick, choices, 0)[1])
    choices["mode"] = mostly(("sum", "mean", "max"), ("min",))
    if pick((True, False)):
        return Call(name, (T((m, k), index), table), arguments(pick, choices, 0)[1])
    offsets = T(
        often(pick, ((1,), (3,)), ((1, 1), ())), often(pick, ("int64", "int32"), ("float32",))
    )
    return Call(name, (T((k,), index), table, offsets), arguments(pick, choices, 0)[1])


_ALIGNED = mostly((True, False, None), (1, "x"))


def _sampled(pick: Pick, kind: str) -> Call:
    axes, n = pick((2, 3)), often(pick, (1, 2), (0, 3))
    usual = (n, 2, *(pick((1, 3, 5)) for _ in range(axes)))
    x = T(often(pick, (usual,), (any_shape(pick), (n, 2, 0, 3))), kind)
    where = [often(pick, (1, 4), (0,)) for _ in range(axes)]
    grid = T(near(pick, n, *where, axes), like(pick, kind))
    choices: dict[str, Choice] = {
        "mode": mostly(("bilinear", "nearest", "bicubic"), ("linear", None)),
        "padding_mode": mostly(("zeros", "border", "reflection"), ("mirror", None)),
        "align_corners": _ALIGNED,
    }
    return Call("grid_sample", (x, grid), arguments(pick, choices, 0)[1])


def _affine(pick: Pick, kind: str) -> Call:
    axes, n = pick((2, 3)), often(pick, (1, 2), (0, 3))
    size: Any = [n, *(often(pick, (1, 3, 4), (0, -1, True, 2.0, None)) for _ in range(axes + 1))]
    size = often(pick, (tuple(size), size), (size[1:], 3, None))
    theta = T(near(pick, n, axes, axes + 1), kind)
    return Call("affine_grid", (theta, size), arguments(pick, {"align_corners": _ALIGNED}, 0)[1])


def _padded(pick: Pick, kind: str) -> Call:
    x = T(any_shape(pick), kind)
    count = often(pick, (2, 4), (0, 1, 3, 6, 8))
    amounts = tuple(often(pick, (0, 1, 2), (-1, -2, 5, True, 1.0, None)) for _ in range(count))
    least = min((n for n in amounts if isinstance(n, int)), default=0)
    if least < 0 < max(n or 0 for n in amounts):
        amounts = tuple(abs(n) if type(n) is int else n for n in amounts)
    choices: dict[str, Choice] = {
        "mode": mostly(("constant", "reflect", "replicate", "circular"), ("mirror", None)),
        "value": (None, 0, 1.5, -1, -1e9, 300, "x"),
    }
    args = (x, often(pick, (amounts, [*amounts]), (1, None)))
    return Call("pad", args, arguments(pick, choices, 0)[1])


def _interpolated(pick: Pick, kind: str) -> Call:
    axes = pick(AXES)
    x = T(spatial_input(pick, axes, 3), kind if kind != "uint8" else "float32")
    planes, others = ("bilinear", "bicubic", "lanczos"), ("linear", "trilinear", "nearest")
    named: dict[str, Any] = {"mode": pick(planes if axes == 2 else others)}
    named["size"] = per_axis(pick, axes, (1, 2, 5), NOT_POSITIVE)
    if pick((True, True, False)):
        named["antialias"] = often(pick, (True, False), (1, None))
    if pick(range(3)) == 0:
        named["align_corners"] = _ALIGNED(pick)
    return Call("interpolate", (x,), named)


def _gumbel(pick: Pick, kind: str) -> Call:
    choices: dict[str, Choice] = {
        "tau": (1, 0.5, 2, 0, "x", None, True),
        "hard": (True, False, 1),
        "eps": (1e-10, 0.1),
        "dim": (-1, 0, 1, -2, 5, True, None),
    }
    return Call("gumbel_softmax", (T(any_shape(pick), kind),), arguments(pick, choices, 0)[1])


def _distances(pick: Pick, kind: str) -> Call:
    args = often(pick, ((), (2,), (1.5,)), ((-1,), ("x",), (True,), (float("inf"),)))
    return Call("pdist", (T(near(pick, pick((0, 1, 2, 4)), pick((0, 1, 3))), kind), *args))


def _response(pick: Pick, kind: str) -> Call:
    choices: dict[str, Choice] = {
        "size": mostly((1, 2, 3), NOT_POSITIVE),
        "alpha": mostly((1e-4,), ("x", None, True)),
        "k": mostly((1.0,), ("x", None, True)),
    }
    args, kwargs = arguments(pick, choices, 1)
    return Call("local_response_norm", (T(any_shape(pick), kind), *args), kwargs)


def placing(pick: Pick) -> Call:
    """Sampling by grids, padding, antialiasing, random choices, all pairs of rows."""
    functions = (_sampled, _affine, _padded, _interpolated, _gumbel, _distances, _response)
    return pick(functions)(pick, dtype(pick))


#: Functions of layers that `torch` has too, some of them with arguments of their own.
_NATIVE = (
    "group_norm layer_norm rms_norm bilinear prelu pdist max_pool1d max_pool2d max_pool3d "
    "relu_ celu_ selu_ threshold_"
).split()


def native(pick: Pick) -> Call:
    """The functions of layers that `torch` has too."""
    call = pick((normalising, weighted, placing, layer_function))(pick)
    name, args, kwargs = call.name, call.args, call.kwargs
    for unknown in ("return_indices", "max_norm"):
        kwargs.pop(unknown, None)
    if name in _NATIVE:
        return call
    if name == "embedding":
        return Call(name, (args[1], args[0]), kwargs)
    if name in ("batch_norm", "instance_norm"):
        x, mean, var = args
        way = "training" if name == "batch_norm" else "use_input_stats"
        rest = (kwargs.get(way, True), kwargs.get("momentum", 0.1), kwargs.get("eps", 1e-5))
        cudnn = often(pick, (True, False), (1, None))
        return Call(name, (x, kwargs.get("weight"), kwargs.get("bias"), mean, var, *rest, cudnn))
    if pick((True, False)):
        size = often(pick, (1, 2, [3]), (0, -1, True, (1, 2), None))
        return Call("adaptive_max_pool1d", (T(near(pick, 2, 3, 5), dtype(pick)), size))
    dropped = pick(((0.5, True), (0, True), (1, False), (0.5, 1), (1.5, True), (True, False)))
    name = pick(("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout"))
    return Call(name, (T(any_shape(pick), dtype(pick)), *dropped))


def _in_functional(family: Callable[[Pick], Call]) -> Callable[[Pick], Call]:
    def functional(pick: Pick) -> Call:
        call = family(pick)
        return replace(call, name=f"nn.functional.{call.name}")

    return functional


LAYER_FAMILIES: dict[str, Callable[[Pick], Call]] = {
    family.__name__: _in_functional(family)
    for family in (layer_function, convolution, normalising, weighted, placing)
} | {"native": native}
