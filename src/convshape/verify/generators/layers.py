"""Random calls of every layer, legal and illegal, biased to the edges."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from .choices import (
    AXES,
    NOT_POSITIVE,
    Choice,
    Pick,
    any_shape,
    arguments,
    chosen,
    dtype,
    for_axes,
    mostly,
    often,
    parameters,
    per_axis,
    some_of,
    spatial_input,
)
from .data import Case, D, T


def _channels(pick: Pick) -> tuple[Any, int, Any]:
    """Pick groups, of what the numbers of channels are multiples, and the channels of the input."""
    groups = often(pick, (1, 1, 1, 2, 3), NOT_POSITIVE)
    step = groups if type(groups) is int and groups > 0 else 1
    return groups, step, often(pick, (step, 2 * step, 6), NOT_POSITIVE)


def conv(pick: Pick) -> Case:
    """Conv1d, 2d and 3d."""
    axes = pick(AXES)
    groups, step, channels = _channels(pick)
    padding = for_axes(axes, (0, 1, 2), (3, 7, *NOT_POSITIVE))
    choices: dict[str, Choice] = {
        "in_channels": (channels,),
        "out_channels": mostly((step, 2 * step, 6), (*NOT_POSITIVE, 5)),
        "kernel_size": for_axes(axes, (1, 2, 3, 3, 5), (7, 14, 15, *NOT_POSITIVE)),
        "stride": for_axes(axes, (1, 1, 2, 3), (9, 2**31, 2**62, 2**63, *NOT_POSITIVE)),
        "padding": lambda pick: pick((padding(pick),) * 6 + ("same", "same", "valid", "full")),
        # 2**31 is left out: with padding='same' torch makes the padding, terabytes of it.
        "dilation": for_axes(axes, (1, 1, 2, 3), (9, 2**63, *NOT_POSITIVE[3:])),
        "groups": (groups,),
        "bias": (True, False, None, 1),
        "padding_mode": mostly(("zeros", "reflect", "replicate", "circular"), ("mirror", None)),
    }
    args, kwargs = arguments(pick, choices, 3)
    if groups != 1:
        kwargs["groups"] = groups
    named, kind = parameters(pick)
    return Case(f"Conv{axes}d", args, kwargs | named, spatial_input(pick, axes, channels), kind)


def conv_transpose(pick: Pick) -> Case:
    """ConvTranspose1d, 2d and 3d, with and without `output_size`."""
    axes = pick(AXES)
    groups, step, channels = _channels(pick)
    padding = for_axes(axes, (0, 1, 2), (3, 7, *NOT_POSITIVE))
    choices: dict[str, Choice] = {
        "in_channels": (channels,),
        "out_channels": mostly((step, 2 * step, 6), (*NOT_POSITIVE, 5)),
        "kernel_size": for_axes(axes, (1, 2, 3, 4), (7, *NOT_POSITIVE)),
        "stride": for_axes(axes, (1, 2, 2, 3), (5, 2**63, *NOT_POSITIVE)),
        "padding": lambda pick: pick((padding(pick),) * 7 + ("same",)),
        "output_padding": for_axes(axes, (0, 1), (2, 3, *NOT_POSITIVE)),
        "groups": (groups,),
        "bias": (True, False, None, 1),
        "dilation": for_axes(axes, (1, 1, 2, 3), NOT_POSITIVE[3:]),
        "padding_mode": mostly(("zeros",), ("reflect", "circular")),
    }
    args, kwargs = arguments(pick, choices, 3)
    if groups != 1:
        kwargs["groups"] = groups
    call = {}
    if pick((False, False, False, True)):
        wanted = [pick(range(30)) for _ in range(pick((axes, axes, axes + 2, axes + 1, 0)))]
        call = {"output_size": wanted}
    named, kind = parameters(pick)
    shape = spatial_input(pick, axes, channels)
    return Case(f"ConvTranspose{axes}d", args, kwargs | named, shape, kind, call=call)


def max_pool(pick: Pick) -> Case:
    """MaxPool1d, 2d and 3d."""
    axes = pick(AXES)
    choices: dict[str, Choice] = {
        "kernel_size": for_axes(axes, (1, 2, 3, 3, 4), (7, 14, 2**63, *NOT_POSITIVE)),
        "stride": for_axes(axes, (1, 2, 2, 3), (5, 2**31, 2**63, *NOT_POSITIVE)),
        "padding": for_axes(axes, (0, 0, 1, 1, 2), (3, 2**31, *NOT_POSITIVE)),
        # No larger numbers, but for one that torch refuses at once: its own sums and products
        # overflow, and it then makes gigabytes of nothing.
        "dilation": for_axes(axes, (1, 1, 2, 3), (2**63, *NOT_POSITIVE)),
        "return_indices": (True, True, False, 1, None),
        "ceil_mode": mostly((True, False), (1, None, "yes")),
    }
    args, kwargs = arguments(pick, choices, 1)
    return Case(f"MaxPool{axes}d", args, kwargs, spatial_input(pick, axes, 3), dtype(pick))


def avg_pool(pick: Pick) -> Case:
    """AvgPool1d, 2d and 3d."""
    axes = pick(AXES)
    choices: dict[str, Choice] = {
        "kernel_size": for_axes(axes, (1, 2, 3, 3, 4), (7, 14, 2**31, 2**63, *NOT_POSITIVE)),
        "stride": for_axes(axes, (1, 2, 2, 3), (5, 2**31, 2**62, 2**63, *NOT_POSITIVE)),
        "padding": for_axes(axes, (0, 0, 1, 1, 2), (3, 2**31, *NOT_POSITIVE)),
        "ceil_mode": mostly((True, False), (1, None, "yes")),
        "count_include_pad": mostly((True, False), (1, None)),
    }
    if axes > 1:
        choices["divisor_override"] = (1, 2, 0, -1, None, True, 1.5)
    args, kwargs = arguments(pick, choices, 1)
    return Case(f"AvgPool{axes}d", args, kwargs, spatial_input(pick, axes, 3), dtype(pick))


def linear(pick: Pick) -> Case:
    """Linear."""
    features = often(pick, (1, 2, 3, 8), NOT_POSITIVE)
    choices: dict[str, Choice] = {
        "in_features": (features,),
        "out_features": mostly((1, 2, 3, 8), NOT_POSITIVE),
        "bias": (True, False, None, 0, "no"),
    }
    args, kwargs = arguments(pick, choices, 2)
    last = features if type(features) is int and features >= 0 else None
    named, kind = parameters(pick)
    return Case("Linear", args, kwargs | named, any_shape(pick, last), kind)


def flatten(pick: Pick) -> Case:
    """Flatten."""
    dims = (0, 1, 2, 3, -1, -2, -3)
    choices: dict[str, Choice] = {
        "start_dim": mostly(dims, (5, -6, True, 1.0, None, 2**63)),
        "end_dim": mostly(dims, (5, -6, True, 1.0, None)),
    }
    args, kwargs = arguments(pick, choices, 0)
    return Case("Flatten", args, kwargs, any_shape(pick), dtype(pick))


def batch_norm(pick: Pick) -> Case:
    """BatchNorm1d, 2d and 3d, in evaluation and in training."""
    axes = pick(AXES)
    features = often(pick, (1, 2, 3, 4), (*NOT_POSITIVE, (3,)))
    choices: dict[str, Choice] = {
        "num_features": (features,),
        "eps": (1e-5, 0, 0.1, -1, "x", None, True),
        "momentum": (0.1, None, 1, "x", True),
        "affine": (True, False, 0),
        "track_running_stats": (True, False, 1),
        "bias": (True, False),
    }
    args, kwargs = arguments(pick, choices, 1)
    shape = spatial_input(pick, axes, features)
    if axes == 1 and pick((True, False)):
        shape = shape[:2]
    named, kind = parameters(pick)
    return Case(
        f"BatchNorm{axes}d", args, kwargs | named, shape, kind, training=pick((False, False, True))
    )


def dropout(pick: Pick) -> Case:
    """The dropouts, in evaluation."""
    layer = pick(
        ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
    )
    choices: dict[str, Choice] = {
        "p": mostly((0, 0.5, 1), (-0.1, 1.1, True, None, "x")),
        "inplace": (True, False, None, 1),
    }
    args, kwargs = arguments(pick, choices, 0)
    return Case(layer, args, kwargs, any_shape(pick), dtype(pick))


#: Activations, with the choices for each of their arguments.
_SLOPES = (0, 0.01, 1, -1.5, True, "x", None)
_INPLACE = (True, False, None, "x")
_DIMS = (0, 1, 2, -1, -2, None, 7, -7, True, 1.0)
ACTIVATIONS: dict[str, dict[str, Choice]] = {
    **{
        key: {"inplace": _INPLACE}
        for key in "ReLU ReLU6 SELU SiLU Mish Hardswish Hardsigmoid".split()
    },
    **{key: {} for key in "Sigmoid Tanh LogSigmoid Softsign Tanhshrink Identity".split()},
    "LeakyReLU": {"negative_slope": _SLOPES, "inplace": (True, False)},
    **{key: {"alpha": _SLOPES, "inplace": (True, False)} for key in ("ELU", "CELU")},
    "GELU": {"approximate": ("none", "tanh", "erf", None)},
    "Softplus": {"beta": _SLOPES, "threshold": _SLOPES},
    **{key: {"lambd": _SLOPES} for key in ("Softshrink", "Hardshrink")},
    "Hardtanh": {
        "min_val": (-1, 0, 1.5, True),
        "max_val": (-1, 0, 2, 1.5),
        "inplace": (True, False),
    },
    "Threshold": {"threshold": _SLOPES, "value": _SLOPES},
    "RReLU": {"lower": (0.1, 0, 1, "x"), "upper": (0.3, 0, 1, None)},
    "PReLU": {"num_parameters": (1, 1, 2, 3, 0, -1, True, 2.0, None)},
    **{key: {"dim": _DIMS} for key in ("Softmax", "Softmin", "LogSoftmax")},
}


def activation(pick: Pick) -> Case:
    """The activations, in evaluation."""
    layer = pick(tuple(ACTIVATIONS))
    args, kwargs = arguments(pick, ACTIVATIONS[layer], 2 if layer == "Threshold" else 0)
    others = "float32 float64 float16 int64 uint8 bool complex64".split()
    kind = pick((dtype(pick), *others))
    return Case(layer, args, kwargs, any_shape(pick), kind)


def adaptive_pool(pick: Pick) -> Case:
    """AdaptiveAvgPool and AdaptiveMaxPool in 1 to 3 dimensions."""
    axes = pick(AXES)
    sizes = per_axis(pick, axes, (1, 2, 3, 7), (14, *NOT_POSITIVE))
    if axes > 1 and isinstance(sizes, (tuple, list)) and pick((True, False)):
        sizes = tuple(pick((n, None)) for n in sizes)
    name = pick(("AdaptiveAvgPool", "AdaptiveMaxPool"))
    kwargs = some_of(pick, return_indices=(True, False, 1)) if name.endswith("MaxPool") else {}
    return Case(f"{name}{axes}d", (sizes,), kwargs, spatial_input(pick, axes, 3), dtype(pick))


def max_unpool(pick: Pick) -> Case:
    """MaxUnpool1d, 2d and 3d, with and without `output_size`."""
    axes = pick(AXES)
    choices: dict[str, Choice] = {
        "kernel_size": for_axes(axes, (2, 2, 3), (1, 0, -1, True, 2.0, "2", None)),
        "stride": for_axes(axes, (1, 2, 3), (0, -1, True, 2.0, "2")),
        "padding": for_axes(axes, (0, 0, 1), (2, 3, -1, True, 2.0, None)),
    }
    args, kwargs = arguments(pick, choices, 1)
    shape = spatial_input(pick, axes, 3)
    call = {}
    if pick((True, False)):
        # Near what comes out by default, where it is legal, and elsewhere.
        kernel = args[0] if type(args[0]) is int else 2
        near = [(n - 1) * kernel + kernel + pick((-2, -1, 0, 0, 1, 2)) for n in shape[-axes:]]
        odd: tuple[Any, ...] = ([], [4], [True] * axes, [4.0] * axes, 4, [0] * axes)
        call = {"output_size": often(pick, (near, [1, 3, *near]), odd)}
    like = often(pick, (shape,), ((*shape, 1), shape[1:]))
    indices = T(like, often(pick, ("int64",), ("int32", "float32")))
    return Case(f"MaxUnpool{axes}d", args, kwargs, shape, dtype(pick), call=call, others=(indices,))


def lp_pool(pick: Pick) -> Case:
    """LPPool1d, 2d and 3d."""
    axes = pick(AXES)
    choices: dict[str, Choice] = {
        "norm_type": mostly((1, 2, 1.5), (float("inf"), -float("inf"), 0, "x", None, True)),
        "kernel_size": for_axes(axes, (1, 2, 3), (7, 14, *NOT_POSITIVE)),
        "stride": for_axes(axes, (1, 2, 3), (5, *NOT_POSITIVE)),
        "ceil_mode": mostly((True, False), (1, None)),
    }
    args, kwargs = arguments(pick, choices, 2)
    return Case(f"LPPool{axes}d", args, kwargs, spatial_input(pick, axes, 3), dtype(pick))


def padding(pick: Pick) -> Case:
    """The padding layers in 1 to 3 dimensions, negative amounts included."""
    axes = pick(AXES)
    name = pick(("ConstantPad", "ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad"))
    amounts = (0, 1, 2, 3, -1, -2)
    rare = (-9, 5, 8, 14, True, False, 1.0, "1", None)
    if pick((True, False)):
        amount: Any = often(pick, amounts, rare)
    else:
        count = often(pick, (2 * axes,), (0, 1, 2, 3, 4, 6, 8))
        amount = pick((tuple, list))(often(pick, amounts, rare) for _ in range(count))
    if name == "CircularPad" and isinstance(amount, (tuple, list)):
        # Not padded on one side and cut on the other: there torch's copies overlap, and whether it
        # then refuses depends on how the tensor lies in memory.
        sign = pick((1, -1))
        amount = type(amount)(abs(n) * sign if type(n) is int else n for n in amount)
    args = (
        (amount, often(pick, (0, 1.5, -1), (None, "x", True)))
        if name == "ConstantPad"
        else (amount,)
    )
    return Case(f"{name}{axes}d", args, {}, spatial_input(pick, axes, 3), dtype(pick))


def shuffle(pick: Pick) -> Case:
    """PixelShuffle, PixelUnshuffle, ChannelShuffle."""
    layer = pick(("PixelShuffle", "PixelUnshuffle", "ChannelShuffle"))
    factor = often(pick, (1, 2, 2, 3), (4, *NOT_POSITIVE))
    shape = tuple(
        often(pick, (4, 9, 8, 6, 12), (0, 1, 5, 16)) for _ in range(pick((3, 3, 4, 4, 5, 2, 1, 0)))
    )
    return Case(layer, (factor,), {}, shape, dtype(pick))


def fold(pick: Pick) -> Case:
    """Unfold and Fold."""
    choices: dict[str, Choice] = {
        "kernel_size": for_axes(2, (1, 2, 2, 3), (5, 14, *NOT_POSITIVE)),
        "dilation": for_axes(2, (1, 1, 2), NOT_POSITIVE),
        "padding": for_axes(2, (0, 1, 2), NOT_POSITIVE),
        "stride": for_axes(2, (1, 2, 3), NOT_POSITIVE),
    }
    args, kwargs = arguments(pick, choices, 1)
    if pick((True, False)):
        return Case("Unfold", args, kwargs, spatial_input(pick, 2, 3), dtype(pick))
    output = per_axis(pick, 2, (3, 4, 5, 6), (0, 1, 14, *NOT_POSITIVE))
    columns = pick((1, 2, 3)) * pick((1, 4, 4, 9, 6))
    # Often the columns that an input of this size really has, by torch's own Unfold.
    import torch

    try:
        image = torch.zeros(1, 1, *torch.nn.modules.utils._pair(output))
        columns, count = torch.nn.Unfold(*args, **kwargs)(image).shape[1:]
    except Exception:
        count = pick(range(30))
    shape = (columns * pick((1, 2)), often(pick, (count,), (0, 4, count + 1)))
    shape = often(pick, ((pick((1, 2)), *shape), shape), ((0, *shape), (2, 0, count), (4,)))
    return Case("Fold", (output, *args), kwargs, shape, dtype(pick))


def normalisation(pick: Pick) -> Case:
    """GroupNorm, LayerNorm, RMSNorm, LocalResponseNorm."""
    layer = pick(("GroupNorm", "LayerNorm", "RMSNorm", "LocalResponseNorm"))
    eps = mostly((1e-5, 0.1, 0, 1), ("x", None, True))
    if layer == "LocalResponseNorm":
        size = often(pick, (1, 2, 3, 5), (20, *NOT_POSITIVE))
        return Case(layer, (size,), {}, any_shape(pick), dtype(pick))
    flag = (True, False)
    choices: dict[str, Choice]
    if layer == "GroupNorm":
        groups = often(pick, (1, 2, 3), NOT_POSITIVE)
        channels = often(pick, (2, 4, 6), (0, *NOT_POSITIVE))
        choices = {"num_groups": (groups,), "num_channels": (channels,), "eps": eps,
        "affine": flag, "bias": flag}  # fmt: skip
        args, kwargs = arguments(pick, choices, 2)
        named, kind = parameters(pick)
        shape = spatial_input(pick, pick((0, 1, 2, 3)), channels)
        return Case(layer, args, kwargs | named, shape, kind)
    shape = any_shape(pick)
    ends: Any = shape[-pick((1, 1, 2, 3)) :]
    if pick(range(8)) == 0:
        ends = any_shape(pick)
    if len(ends) == 1 and pick((True, False)):
        ends = often(pick, (ends[0],), NOT_POSITIVE)
    choices = {"normalized_shape": (ends,), "eps": eps, "elementwise_affine": flag}
    if layer == "LayerNorm":
        choices["bias"] = flag
    args, kwargs = arguments(pick, choices, 1)
    named, kind = parameters(pick)
    return Case(layer, args, kwargs | named, shape, kind)


def instance_norm(pick: Pick) -> Case:
    """InstanceNorm1d, 2d and 3d, in evaluation and in training."""
    axes = pick(AXES)
    features = often(pick, (1, 2, 3, 4), NOT_POSITIVE)
    choices: dict[str, Choice] = {
        "num_features": (features,),
        "eps": (1e-5, 0.1, "x", None, True),
        "momentum": (0.1, None, 1, "x"),
        **dict.fromkeys(("affine", "track_running_stats", "bias"), (True, False)),
    }
    args, kwargs = arguments(pick, choices, 1)
    shape = spatial_input(pick, axes, features)
    named, kind = parameters(pick)
    mode = pick((False, False, True))
    return Case(f"InstanceNorm{axes}d", args, kwargs | named, shape, kind, training=mode)


_UNFLATTENED = (
    (2, -1), (-1,), (2, 2), (3, 2), (-1, 2), (2, 3, -1), (4, 3), (6,), (-1, -1), (), (0, -1), 4,
    (2, 1.0), (2, True),
    (True, 2), (-2, -2),
)  # fmt: skip


def reshaping(pick: Pick) -> Case:
    """Unflatten, GLU, Softmax2d."""
    layer = pick(("Unflatten", "Unflatten", "GLU", "Softmax2d"))
    if layer == "Softmax2d":
        return Case(layer, (), {}, spatial_input(pick, 2, 3), dtype(pick))
    shape = tuple(often(pick, (2, 4, 6, 12), (0, 1, 3)) for _ in range(pick(range(5))))
    dim = often(pick, (0, 1, -1), (2, -2, 5, True, 1.0, None))
    if layer == "GLU":
        return Case(layer, (dim,), {}, shape, dtype(pick))
    sizes = pick(_UNFLATTENED)
    if isinstance(sizes, tuple):
        sizes = pick((tuple, list))(sizes)
    return Case(layer, (dim, sizes), {}, shape, dtype(pick))


def resampling(pick: Pick) -> Case:
    """Upsample and its two-dimensional kin, in every mode."""
    layer = pick(("Upsample",) * 6 + ("UpsamplingNearest2d", "UpsamplingBilinear2d"))
    axes = pick(AXES)
    choices: dict[str, Choice] = {}
    if pick((True, False)):
        choices["size"] = (per_axis(pick, axes, (1, 2, 4, 7), (14, *NOT_POSITIVE)),)
    else:
        factor: Any = often(pick, (1, 2, 0.5, 1.3, 0.3, 3.7), (0.1, 0, -1, True, "x", None, 1e300))
        if pick((True, False)):
            length = often(pick, (axes,), (0, 1, 2, 3, 4))
            each = mostly((1, 2, 0.5, 1.15), (0, -1, "x", True))
            factor = tuple(each(pick) for _ in range(length))
            factor = often(pick, (factor,), (list(factor),))
        choices["scale_factor"] = (factor,)
    if pick(range(16)) == 0:
        choices["scale_factor"] = (2,)
    if layer == "Upsample":
        fitting = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}[axes]
        odd = ("linear", "bilinear", "trilinear", "lanczos", "best", None)
        choices["mode"] = mostly(("nearest", "nearest-exact", "area", *fitting), odd)
        if pick(range(4)) == 0:
            choices["align_corners"] = mostly((True, False, None), (1, "x"))
        if pick(range(4)) == 0:
            choices["recompute_scale_factor"] = (True, False, None)
    kwargs = {name: chosen(pick, choice) for name, choice in choices.items()}
    # uint8 is left out: torch resamples it in some modes on some processors only.
    others = "float64 float16 bfloat16 int64 bool complex64".split()
    kind = pick(("float32",) * 12 + (*others,))
    return Case(layer, (), kwargs, spatial_input(pick, axes, 3), kind)


def embedding(pick: Pick) -> Case:
    """Embedding."""
    choices: dict[str, Choice] = {
        "num_embeddings": mostly((1, 2, 5), (0, -1, True, 2.0, None)),
        "embedding_dim": mostly((1, 3, 8), (0, -1, True, 2.0, None)),
        "padding_idx": (None, 0, 1, -1, 2, -2, 5, -6),
        "max_norm": (None, 1.0),
        "norm_type": (2.0, 1.0, 2),
        **dict.fromkeys(("scale_grad_by_freq", "sparse"), (True, False)),
    }
    args, kwargs = arguments(pick, choices, 2)
    shape = any_shape(pick)
    kind = often(pick, ("int64", "int32"), ("float32", "bool", "uint8"))
    return Case("Embedding", args, kwargs, shape, kind)


def recurrent(pick: Pick) -> Case:
    """RNN, LSTM and GRU, with and without initial states."""
    layer = pick(("RNN", "LSTM", "GRU"))
    features = often(pick, (1, 2, 3), NOT_POSITIVE)
    hidden = often(pick, (2, 3, 4), (1, *NOT_POSITIVE))
    layers = often(pick, (1, 2), (3, 0, -1, True))
    both, first = often(pick, (True, False), (1, None)), often(pick, (True, False), (1, None))
    choices: dict[str, Choice] = {
        "input_size": (features,),
        "hidden_size": (hidden,),
        "num_layers": (layers,),
    }
    if layer == "RNN":
        choices["nonlinearity"] = mostly(("tanh", "relu"), ("gelu", None))
    choices |= {
        "bias": mostly((True, False), (None, 1)),
        "batch_first": (first,),
        "dropout": mostly((0, 0.5, 1), (-0.1, 1.1, True)),
        "bidirectional": (both,),
    }
    projected = layer == "LSTM" and pick((True, False))
    width = often(pick, (0, 1, 2), (-1, 4))
    args, kwargs = arguments(pick, choices, 2)
    if projected:
        kwargs["proj_size"] = width
    last = features if type(features) is int else 2
    batched = pick((True, True, False))
    n, length = often(pick, (1, 2), (0,)), often(pick, (1, 3), (0,))
    size = ((n, length) if kwargs.get("batch_first") else (length, n)) if batched else (length,)
    shape = (*size, often(pick, (max(last, 0),), (1, 4)))
    if pick(range(20)) == 0:
        shape = any_shape(pick)
    named, kind = parameters(pick)
    kwargs |= named
    if pick((True, False)) or type(hidden) is not int or hidden < 0:
        return Case(layer, args, kwargs, shape, kind)
    # With half precision it depends on the processor what else may be a state.
    others = (
        (kind,) if kind in ("float16", "bfloat16") else ("float64", "float32", "int64", "complex64")
    )
    count = kwargs.get("num_layers", 1) * (2 if kwargs.get("bidirectional") else 1)

    def state(wide: int) -> T:
        sizes = (max(count, 0), n, wide) if batched else (max(count, 0), wide)
        sizes = tuple(often(pick, (each,) * 3, (each + 1, 1)) for each in sizes)
        return T(often(pick, (sizes,), (sizes[1:], (1, *sizes))), often(pick, (kind,), others))

    out = width if projected and width > 0 else hidden
    hx: Any = (state(out), state(hidden)) if layer == "LSTM" else state(out)
    if layer == "LSTM":
        hx = often(pick, (hx,), (hx[0], hx[:1], [*hx]))
    return Case(layer, args, kwargs, shape, kind, others=(hx,))


def recurrent_cell(pick: Pick) -> Case:
    """RNNCell, LSTMCell and GRUCell."""
    layer = pick(("RNNCell", "LSTMCell", "GRUCell"))
    features, hidden = often(pick, (1, 2, 3), NOT_POSITIVE), often(pick, (1, 2, 3), NOT_POSITIVE)
    choices: dict[str, Choice] = {
        "input_size": (features,),
        "hidden_size": (hidden,),
        "bias": mostly((True, False), (None, 1)),
    }
    if layer == "RNNCell":
        choices["nonlinearity"] = mostly(("tanh", "relu"), ("gelu", None))
    args, kwargs = arguments(pick, choices, 2)
    lead = often(pick, ((), (1,), (2,)), ((0,), (1, 2)))
    last = max(features, 0) if type(features) is int else 2
    shape = (*lead, often(pick, (last,), (1, 4)))
    named, kind = parameters(pick)
    kwargs |= named
    wide = max(hidden, 0) if type(hidden) is int else 2

    def state() -> T:
        sizes = (*lead, often(pick, (wide,), (1, 4)))
        return T(
            often(pick, (sizes,), (sizes[1:], (1, *sizes), (3, wide))),
            often(pick, (kind,), ("float64",)),
        )

    if pick((True, False)):
        return Case(layer, args, kwargs, shape, kind)
    states = [state(), state()]
    # torch crashes on a state of more dimensions than the input, or broadcasts it; convshape
    # refuses it.
    states = [each if len(each.shape) <= len(shape) else T((*lead, wide), kind) for each in states]
    hx: Any = tuple(states) if layer == "LSTMCell" else states[0]
    return Case(layer, args, kwargs, shape, kind, others=(hx,))


def fractional_max_pool(pick: Pick) -> Case:
    """FractionalMaxPool2d and 3d."""
    axes = pick((2, 3))
    kernel = per_axis(pick, axes, (1, 2, 2, 3), (7, *NOT_POSITIVE))
    named: dict[str, Any] = {}
    if pick((True, False)):
        named["output_size"] = per_axis(pick, axes, (1, 2, 3), (7, 14, *NOT_POSITIVE))
    if not named or pick(range(16)) == 0:
        named["output_ratio"] = per_axis(
            pick, axes, (0.5, 0.3, 0.9), (0, 1, 1.5, -0.5, True, "x", None, float("nan"))
        )
    if pick((True, False)):
        named["return_indices"] = pick((True, False, 1, None))
    shape = spatial_input(pick, axes, 3)
    kind = dtype(pick)
    if len(shape) > axes and pick(range(4)) == 0:
        n, c = (shape[0] if len(shape) == axes + 2 else 1), shape[-axes - 1]
        samples = often(
            pick, ((n, c, axes), (n + 1, c, axes)), ((n, c), (n, c + 1, axes), (n, c, 1))
        )
        named["_random_samples"] = T(samples, often(pick, (kind,), ("float64",)))
    return Case(f"FractionalMaxPool{axes}d", (kernel,), named, shape, kind)


def other_norms(pick: Pick) -> Case:
    """SyncBatchNorm and CrossMapLRN2d."""
    if pick((True, False)):
        choices: dict[str, Choice] = {
            "size": mostly((1, 2, 3, 5), (2.5, *NOT_POSITIVE, -2, -3, -4, 20)),
            "alpha": mostly((1e-4, 1), ("x", None, True, 0)),
            "beta": mostly((0.75, 1), ("x", None, True, 0)),
            "k": mostly((1, 2.0), ("x", None, True, 0)),
        }
        args, kwargs = arguments(pick, choices, 1)
        shape = often(pick, (any_shape(pick)[:3], (2, 3, 4)), ((), (0, 1, 2)))
        lead = often(pick, ((1,), (2,)), ((), (0,), (1, 2)))
        return Case("CrossMapLRN2d", args, kwargs, (*lead, *shape), dtype(pick))
    case = batch_norm(pick)
    rank = pick((0, 1, 2, 3))
    features = case.args[0] if type(case.args[0]) is int and case.args[0] >= 0 else 3
    shape = spatial_input(pick, rank, features) if rank else (pick((1, 2, 0)), features)
    return replace(case, layer="SyncBatchNorm", input=shape)


def pairs(pick: Pick) -> Case:
    """Layers of two tensors: Bilinear, CosineSimilarity, PairwiseDistance."""
    layer = pick(("Bilinear", "CosineSimilarity", "PairwiseDistance"))
    choices: dict[str, Choice]
    if layer == "Bilinear":
        one, two = (often(pick, (1, 2, 3), NOT_POSITIVE) for _ in range(2))
        choices = {
            "in1_features": (one,),
            "in2_features": (two,),
            "out_features": mostly((1, 2, 3), NOT_POSITIVE),
            "bias": (True, False, None),
        }
        args, kwargs = arguments(pick, choices, 3)
        named, kind = parameters(pick)
        lead = any_shape(pick)[:3]
        ends = [often(pick, (n,), (1, 4)) if type(n) is int and n >= 0 else 2 for n in (one, two)]
        second = T(
            (*often(pick, (lead,), (lead[1:], (1, *lead))), ends[1]),
            often(pick, (kind,), ("float64",)),
        )
        first = often(pick, ((*lead, ends[0]),), ((),))
        return Case(layer, args, kwargs | named, first, kind, others=(second,))
    if layer == "CosineSimilarity":
        choices = {"dim": _DIMS, "eps": (1e-8, 0, "x", None, True)}
    else:
        choices = {
            "p": (1, 2, 2.0, 0, -1, float("inf"), "x", None, True),
            "eps": (1e-6, 0, "x", True),
            "keepdim": mostly((True, False), (1, None)),
        }
    args, kwargs = arguments(pick, choices, 0)
    shape = any_shape(pick)
    kinds = ("float32", "float32", "float64", "int64", "bool", "complex64", "float16", "bfloat16")
    other = tuple(often(pick, (n, n, 1), (n + 1,)) for n in shape)[pick((0, 0, 0, 1)) :]
    return Case(layer, args, kwargs, shape, pick(kinds), others=(T(other, pick(kinds)),))


def embedding_bag(pick: Pick) -> Case:
    """EmbeddingBag, of rows and of offsets."""
    rows = often(pick, (1, 2, 5), (0, -1, True, 2.0, None))
    choices: dict[str, Choice] = {
        "num_embeddings": (rows,),
        "embedding_dim": mostly((1, 3, 8), (-1, True, 2.0, None)),
        "max_norm": (None, 1.0),
        "norm_type": (2.0, 1.0, 2),
        "scale_grad_by_freq": mostly((False, True), (1, None)),
        "mode": mostly(("sum", "mean", "max"), ("min", None)),
        "sparse": mostly((False, True), (1, None)),
        "include_last_offset": mostly((False, True), (1, None)),
        "padding_idx": (None, 0, 1, -1, 2, -2, 5, -6),
    }
    args, kwargs = arguments(pick, choices, 2)
    named, _ = parameters(pick)
    kind = often(pick, ("int64", "int32"), ("float32", "bool", "uint8"))
    n, length = often(pick, (1, 2, 3), (0,)), often(pick, (1, 3), (0,))
    shape = often(pick, ((n, length), (length,)), ((), (n, length, 1)))
    call: dict[str, Any] = {}
    if (len(shape) == 1) != (pick(range(12)) == 0):
        counts = often(pick, ((1,), (2,), (3,)), ((0,), (), (1, 1)))
        offsets: Any = 0
        if math.prod(shape) and (kwargs.get("include_last_offset") or counts == (0,)):
            # torch believes that there are bags and that the last offset is the number of indices.
            # Where it is not so, it writes beyond its memory.
            counts, offsets = (2,), (0, math.prod(shape))
        call["offsets"] = T(counts, often(pick, ("int64", "int32"), ("float32",)), offsets)
    if pick(range(4)) == 0:
        own = named.get("dtype", D("float32")).name
        weights = T(
            often(pick, (shape,), (shape[1:], (*shape, 1))), often(pick, (own,), ("float64",))
        )
        call["per_sample_weights"] = weights
    return Case("EmbeddingBag", args, kwargs | named, shape, kind, call=call)


def lazy(pick: Pick) -> Case:
    """The layers that take the size of their first input, at their first call."""
    case = pick((conv, conv_transpose, linear, batch_norm, instance_norm))(pick)
    return replace(case, layer=f"Lazy{case.layer}", args=case.args[1:])
