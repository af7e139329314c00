"""Random calls of layers that normalize."""

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
    dtype,
    mostly,
    often,
    parameters,
    spatial_input,
)
from .data import Case


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
