"""Random calls of layers that slide a window: convolutions, poolings, folds."""

from __future__ import annotations

from typing import Any

from .choices import (
    AXES,
    NOT_POSITIVE,
    Choice,
    Pick,
    arguments,
    dtype,
    for_axes,
    mostly,
    often,
    parameters,
    per_axis,
    some_of,
    spatial_input,
)
from .data import Case, T


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
