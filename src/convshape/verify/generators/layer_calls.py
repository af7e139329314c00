"""Random calls of the functions of layers, with tensors in place of a layer's parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...shapetorch.nn import functional as F
from . import cases
from .cases import (
    AXES,
    NOT_POSITIVE,
    Case,
    Pick,
    T,
    any_shape,
    arguments,
    dtype,
    often,
    per_axis,
    spatial_input,
)

#: A function by its name in `torch`, and its arguments.
Made = tuple[str, tuple[Any, ...], dict[str, Any]]

#: The functions by their names without underscores, the names of the layers of the same kind.
_FUNCTIONS = {name.replace("_", ""): name for name in F.__all__ if not name.endswith("_")}
_WITH_INDICES = [
    name.removesuffix("_with_indices") for name in F.__all__ if name.endswith("_with_indices")
]


def _function(case: Case) -> Made:
    """Return the call of the function that a layer without parameters is made of."""
    given = (T(case.input, case.dtype), *case.others, *case.args)
    return _FUNCTIONS[case.layer.lower()], given, {**case.kwargs, **case.call}


def layer_function(pick: Pick) -> Made:
    """The functions of the layers that have no parameters."""
    family = pick(
        (
            cases.max_pool,
            cases.avg_pool,
            cases.adaptive_pool,
            cases.lp_pool,
            cases.max_unpool,
            cases.fractional_max_pool,
            cases.fold,
            cases.shuffle,
            cases.resampling,
            cases.dropout,
            cases.activation,
            cases.activation,
        )
    )
    case = family(pick)
    while case.layer.lower() not in _FUNCTIONS or case.layer == "PReLU":
        case = cases.max_pool(pick)
    name, args, kwargs = _function(case)
    if name in _WITH_INDICES and pick((True, False, False)):
        name += "_with_indices"
    if f"{name}_" in F.__all__ and pick((True, False, False)):
        name += "_"
        kwargs.pop("inplace", None)
    return name, args, kwargs


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


def convolution(pick: Pick) -> Made:
    """Convolutions with weights of their own."""
    axes = pick(AXES)
    transposed = pick((True, False))
    groups = often(pick, (1, 1, 2), NOT_POSITIVE)
    step = groups if type(groups) is int and groups > 0 else 1
    inputs, outputs = step * pick((1, 2)), step * pick((1, 2))
    kernel = [often(pick, (1, 2, 3), (0, 5)) for _ in range(axes)]
    kind = dtype(pick)
    channels = (inputs, outputs // step) if transposed else (outputs, inputs // step)
    choices: dict[str, Callable[[], Any]] = {
        "stride": lambda: per_axis(pick, axes, (1, 1, 2, 3), (2**63, *NOT_POSITIVE)),
        "padding": lambda: per_axis(pick, axes, (0, 1, 2), (7, *NOT_POSITIVE)),
        "dilation": lambda: per_axis(pick, axes, (1, 1, 2), NOT_POSITIVE[3:]),
    }
    if transposed:
        choices["output_padding"] = lambda: per_axis(pick, axes, (0, 1), (2, *NOT_POSITIVE))
    elif pick(range(6)) == 0:
        choices["padding"] = lambda: pick(("same", "valid", "full"))
    _, kwargs = arguments(pick, choices, 0)
    if groups != 1:
        kwargs["groups"] = groups
    weight = T(near(pick, *channels, *kernel), like(pick, kind))
    x = T(spatial_input(pick, axes, inputs), kind)
    # Which other dtypes a bias can have depends on torch's backends, unless there is no batch.
    mixed = (not transposed and type(kwargs.get("padding")) is not str) or 0 in x.shape[:1]
    bias = maybe(pick, T(near(pick, outputs), like(pick, kind) if mixed else kind))
    name = f"conv_transpose{axes}d" if transposed else f"conv{axes}d"
    return name, (x, weight, bias), kwargs


def normalising(pick: Pick) -> Made:
    """Normalizations with weights and statistics of their own."""
    name = pick(
        ("batch_norm", "instance_norm", "group_norm", "layer_norm", "rms_norm", "normalize")
    )
    kind = dtype(pick)
    channels = often(pick, (1, 2, 4), (0, 3))
    x = T(spatial_input(pick, pick((0, 1, 2, 3)), channels), kind)
    eps = often(pick, (1e-5, 0.1, 1), (0, -1, "x", None, True))

    own = like(pick, kind)

    def member() -> T | None:
        # Statistics of another dtype than the weights torch takes now and then.
        return maybe(
            pick, T(sizes(pick, channels), own if name == "instance_norm" else like(pick, kind))
        )

    if name in ("batch_norm", "instance_norm"):
        flag = "training" if name == "batch_norm" else "use_input_stats"
        choices: dict[str, Callable[[], Any]] = {
            "running_mean": member,
            "running_var": member,
            "weight": member,
            "bias": member,
            flag: lambda: often(pick, (True, False), (1, None)),
            "momentum": lambda: often(pick, (0.1, 1), ("x", None, True)),
            "eps": lambda: eps,
        }
        (mean, var), kwargs = arguments(pick, choices, 2)
        if name == "instance_norm" and 0 in x.shape and (mean is None) != (var is None):
            mean = var = (
                None  # one of them alone torch takes now and then, where the input is empty
            )
        return name, (x, mean, var), kwargs
    if name == "normalize":
        choices = {
            "p": lambda: pick((1, 2.0, 0, float("inf"), -1, "fro", "x", None, True)),
            "dim": lambda: pick((0, 1, -1, 2, (0, 1), None, 7, True)),
            "eps": lambda: eps,
        }
        return name, (x,), arguments(pick, choices, 0)[1]
    if name == "group_norm":
        groups = often(pick, (1, 2), NOT_POSITIVE)
        choices = {
            "num_groups": lambda: groups,
            "weight": member,
            "bias": member,
            "eps": lambda: eps,
        }
        args, kwargs = arguments(pick, choices, 1)
        return name, (x, *args), kwargs
    shape = any_shape(pick)
    ends = shape[-pick((1, 1, 2)) :]
    wanted = often(pick, (ends, [*ends]), ((), 2, (True,), any_shape(pick), None))

    def weights() -> T | None:
        return maybe(pick, T(near(pick, *ends), like(pick, kind)))

    choices = {"normalized_shape": lambda: wanted, "weight": weights, "eps": lambda: eps}
    if name == "layer_norm":
        choices["bias"] = weights
    args, kwargs = arguments(pick, choices, 1)
    return name, (T(shape, kind), *args), kwargs


def weighted(pick: Pick) -> Made:
    """Linear functions, embeddings and slopes, with weights of their own; one-hot vectors."""
    name = pick(("linear", "bilinear", "embedding", "embedding_bag", "one_hot", "prelu"))
    kind = often(pick, ("float32",), ("float64", "float16", "int64", "bool", "complex64"))
    n, m, k = (often(pick, (1, 2, 3), (0,)) for _ in range(3))
    lead = any_shape(pick)[:3]
    if name == "linear":
        weight = T(pick(((m, n), (m, n), (n,), near(pick, m, n))), like(pick, kind))
        own = like(pick, kind) if len(weight.shape) == 2 else kind
        bias = maybe(pick, T(sizes(pick, *weight.shape[:-1]), own))
        return name, (T((*lead, n), kind), weight, bias), {}
    if name == "bilinear":
        second = T((*often(pick, (lead,), (lead[1:],)), m), like(pick, kind))
        weight = T(sizes(pick, k, n, m), like(pick, kind))
        bias = maybe(pick, T(near(pick, k), like(pick, kind)))
        return name, (T((*lead, n), kind), second, weight, bias), {}
    if name == "prelu":
        x = T(any_shape(pick), kind)
        channels = x.shape[1] if len(x.shape) > 1 else 1
        weight = T(often(pick, ((channels,), (1,)), ((), (channels, 1), (5,))), like(pick, kind))
        return name, (x, weight), {}
    index = often(pick, ("int64", "int32"), ("uint8", "float32", "bool"))
    if name == "one_hot":
        index = often(pick, ("int64",), (index,))
        return name, (T(any_shape(pick), index), pick((1, 2, 5, 1, 0, -2, True, 2.0))), {}
    table = T(near(pick, n or 1, m or 1), often(pick, ("float32", "float64"), (kind,)))
    choices: dict[str, Callable[[], Any]] = {
        "max_norm": lambda: pick((None, 1.0)),
        "scale_grad_by_freq": lambda: pick((True, False)),
        "sparse": lambda: pick((True, False)),
        "padding_idx": lambda: pick((None, 0, 1, -1, 5, -6)),
    }
    if name == "embedding":
        return name, (T(any_shape(pick), index), table), arguments(pick, choices, 0)[1]
    choices["mode"] = lambda: often(pick, ("sum", "mean", "max"), ("min",))
    if pick((True, False)):
        return name, (T((m, k), index), table), arguments(pick, choices, 0)[1]
    offsets = T(
        often(pick, ((1,), (3,)), ((1, 1), ())), often(pick, ("int64", "int32"), ("float32",))
    )
    return name, (T((k,), index), table, offsets), arguments(pick, choices, 0)[1]


def placing(pick: Pick) -> Made:
    """Sampling by grids, padding, antialiasing, random choices, all pairs of rows."""
    name = pick(
        (
            "grid_sample",
            "affine_grid",
            "pad",
            "interpolate",
            "gumbel_softmax",
            "pdist",
            "local_response_norm",
        )
    )
    kind = dtype(pick)
    axes = pick((2, 3))
    n = often(pick, (1, 2), (0, 3))
    align = ("align_corners", lambda: often(pick, (True, False, None), (1, "x")))
    if name == "grid_sample":
        x = T(
            often(
                pick,
                ((n, 2, *(pick((1, 3, 5)) for _ in range(axes))),),
                (any_shape(pick), (n, 2, 0, 3)),
            ),
            kind,
        )
        grid = T(
            near(pick, n, *(often(pick, (1, 4), (0,)) for _ in range(axes)), axes), like(pick, kind)
        )
        choices: dict[str, Callable[[], Any]] = {
            "mode": lambda: often(pick, ("bilinear", "nearest", "bicubic"), ("linear", None)),
            "padding_mode": lambda: often(
                pick, ("zeros", "border", "reflection"), ("mirror", None)
            ),
            align[0]: align[1],
        }
        return name, (x, grid), arguments(pick, choices, 0)[1]
    if name == "affine_grid":
        size: Any = [
            n,
            *(often(pick, (1, 3, 4), (0, -1, True, 2.0, None)) for _ in range(axes + 1)),
        ]
        size = often(pick, (tuple(size), size), (size[1:], 3, None))
        return (
            name,
            (T(near(pick, n, axes, axes + 1), kind), size),
            arguments(pick, dict([align]), 0)[1],
        )
    if name == "pad":
        x = T(any_shape(pick), kind)
        count = often(pick, (2, 4), (0, 1, 3, 6, 8))
        amounts = tuple(often(pick, (0, 1, 2), (-1, -2, 5, True, 1.0, None)) for _ in range(count))
        if (
            min((a for a in amounts if isinstance(a, int)), default=0)
            < 0
            < max(a or 0 for a in amounts)
        ):
            amounts = tuple(abs(a) if type(a) is int else a for a in amounts)
        choices = {
            "mode": lambda: often(
                pick, ("constant", "reflect", "replicate", "circular"), ("mirror", None)
            ),
            "value": lambda: pick((None, 0, 1.5, -1, -1e9, 300, "x")),
        }
        return (
            name,
            (x, often(pick, (amounts, [*amounts]), (1, None))),
            arguments(pick, choices, 0)[1],
        )
    if name == "interpolate":
        axes = pick(AXES)
        x = T(spatial_input(pick, axes, 3), kind if kind != "uint8" else "float32")
        modes: Sequence[str] = (
            ("bilinear", "bicubic", "lanczos") if axes == 2 else ("linear", "trilinear", "nearest")
        )
        named: dict[str, Any] = {
            "mode": pick(modes),
            "size": per_axis(pick, axes, (1, 2, 5), NOT_POSITIVE),
        }
        if pick((True, True, False)):
            named["antialias"] = often(pick, (True, False), (1, None))
        if pick(range(3)) == 0:
            named[align[0]] = align[1]()
        return name, (x,), named
    if name == "gumbel_softmax":
        choices = {
            "tau": lambda: pick((1, 0.5, 2, 0, "x", None, True)),
            "hard": lambda: pick((True, False, 1)),
            "eps": lambda: pick((1e-10, 0.1)),
            "dim": lambda: pick((-1, 0, 1, -2, 5, True, None)),
        }
        return name, (T(any_shape(pick), kind),), arguments(pick, choices, 0)[1]
    if name == "pdist":
        args = often(pick, ((), (2,), (1.5,)), ((-1,), ("x",), (True,), (float("inf"),)))
        return name, (T(near(pick, pick((0, 1, 2, 4)), pick((0, 1, 3))), kind), *args), {}
    choices = {
        "size": lambda: often(pick, (1, 2, 3), NOT_POSITIVE),
        "alpha": lambda: often(pick, (1e-4,), ("x", None, True)),
        "k": lambda: often(pick, (1.0,), ("x", None, True)),
    }
    args, kwargs = arguments(pick, choices, 1)
    return name, (T(any_shape(pick), kind), *args), kwargs


#: Functions of layers that `torch` has too, some of them with arguments of their own.
_NATIVE = (
    "group_norm layer_norm rms_norm bilinear prelu pdist max_pool1d max_pool2d max_pool3d relu_ "
    "celu_ selu_ threshold_"
).split()


def native(pick: Pick) -> Made:
    """The functions of layers that `torch` has too."""
    name, args, kwargs = pick((normalising, weighted, placing, layer_function))(pick)
    kwargs = {
        key: value for key, value in kwargs.items() if key not in ("return_indices", "max_norm")
    }
    if name in _NATIVE:
        return name, args, kwargs
    if name == "embedding":
        return name, (args[1], args[0]), kwargs
    if name in ("batch_norm", "instance_norm"):
        x, mean, var = args
        way = "training" if name == "batch_norm" else "use_input_stats"
        rest = (kwargs.get(way, True), kwargs.get("momentum", 0.1), kwargs.get("eps", 1e-5))
        cudnn = often(pick, (True, False), (1, None))
        return name, (x, kwargs.get("weight"), kwargs.get("bias"), mean, var, *rest, cudnn), {}
    if pick((True, False)):
        size = often(pick, (1, 2, [3]), (0, -1, True, (1, 2), None))
        return "adaptive_max_pool1d", (T(near(pick, 2, 3, 5), dtype(pick)), size), {}
    dropped = pick(((0.5, True), (0, True), (1, False), (0.5, 1), (1.5, True), (True, False)))
    name = pick(("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout"))
    return name, (T(any_shape(pick), dtype(pick)), *dropped), {}


def _in_functional(family: Callable[[Pick], Made]) -> Callable[[Pick], Made]:
    def calls(pick: Pick) -> Made:
        name, args, kwargs = family(pick)
        return f"nn.functional.{name}", args, kwargs

    return calls


LAYER_FAMILIES: dict[str, Callable[[Pick], Made]] = {
    family.__name__: _in_functional(family)
    for family in (layer_function, convolution, normalising, weighted, placing)
} | {"native": native}
