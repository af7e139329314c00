"""Random calls of the other layers: linear ones, activations, padding, resampling."""

from __future__ import annotations

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
    mostly,
    often,
    parameters,
    per_axis,
    spatial_input,
)
from .data import Case, T
from .normalization import batch_norm, instance_norm
from .windows import conv, conv_transpose


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
            pick_one = mostly((1, 2, 0.5, 1.15), (0, -1, "x", True))
            factor = tuple(pick_one(pick) for _ in range(length))
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


def lazy(pick: Pick) -> Case:
    """The layers that take the size of their first input, at their first call."""
    case = pick((conv, conv_transpose, linear, batch_norm, instance_norm))(pick)
    return replace(case, layer=f"Lazy{case.layer}", args=case.args[1:])
