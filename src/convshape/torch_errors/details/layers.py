"""Of convolutions, linear layers, pooling and padding."""

from __future__ import annotations

import re
from math import isqrt

from ...shapetorch.arguments import shape
from ...shapetorch.nn.functional.common import AXES
from .common import Fields, one_or_all, refused, times


def conv_channels(fields: Fields) -> Fields:
    filters, channels, *kernel = fields["weight"]
    groups = fields["groups"]
    end = f", groups={groups}" if groups != 1 else ""
    layer = f"Conv{len(kernel)}d({channels * groups}, {filters}, {one_or_all(tuple(kernel))}{end})"
    exchanged = f"Conv{len(kernel)}d({filters}, {channels}, {one_or_all(tuple(kernel))})"
    return _channels(layer, channels * groups, fields["input"], exchanged * (groups == 1))


def conv_transpose_channels(fields: Fields) -> Fields:
    channels, filters, *kernel = fields["weight"]
    numbers = f"{channels}, {filters}"
    layer, exchanged = (
        f"ConvTranspose{len(kernel)}d({counts}, {one_or_all(tuple(kernel))})"
        for counts in (numbers, f"{filters}, {channels}")
    )
    return _channels(layer, channels, fields["input"], exchanged)


def _channels(layer: str, expected: int, shape_in: tuple[int, ...], exchanged: str) -> Fields:
    last = len(shape_in) - 1
    channels_last = shape_in[-1] == expected
    lone = shape_in[0] == 1 == expected and not channels_last
    values = refused(layer, shape_in)
    return values | {
        "expected": expected,
        "exchanged": exchanged
        if shape_in[1] in (1, 3) and f"d({shape_in[1]}, " in exchanged
        else None,
        "frames": len(shape_in) == 5 and shape_in[2] == expected and not channels_last,
        "permuted": _permuted(shape_in, expected),
        "order": _order(last),
        "samples": shape_in[1] if lone else None,
        "turned": shape_in[0] == expected and not channels_last and not lone,
        "mode": _mode(expected, shape_in[1], last),
        "only": not values["fix"] and not channels_last,
    }


def conv_input(fields: Fields) -> Fields:
    shape_in, axis, expected = fields["input"], fields["axis"], fields["expected"]
    return {
        "axes": len(shape_in) - 2,
        "given": shape_in[axis],
        "permuted": _permuted(shape_in, expected),
        "order": _order(len(shape_in) - 1),
        "mode": _mode(expected, shape_in[axis], len(shape_in) - 1),
    }


def _order(last: int) -> str:
    return "as images from NumPy and PIL have them" if last == 3 else "behind the steps of a series"


def _permuted(shape_in: tuple[int, ...], expected: int) -> str | None:
    """Return the order of dimensions that brings the last to the channels, if they are there."""
    last = len(shape_in) - 1
    return ", ".join(map(str, (0, last, *range(1, last)))) if shape_in[-1] == expected else None


def conv_count(fields: Fields) -> Fields:
    return {"mode": _mode(fields["expected"], fields["given"], 3)}


def _mode(expected: int, received: int, last: int) -> str | None:
    """Return the image mode with the expected number of channels, or None if there is none."""
    image = last == 3 and (received, expected) in ((1, 3), (4, 3), (3, 1))
    return ("L" if expected == 1 else "RGB") if image else None


def old_conv_too_small(fields: Fields) -> Fields:
    shape_in, shape_out = fields["input"], fields["output"]
    of_convolution = re.search(r"Convolution", fields["message"]) or shape_in[0] != shape_out[0]
    if not of_convolution:
        raise ValueError("a pooling keeps the channels")
    return {"size": shape(shape_in[1:]), "axes": len(shape_in) - 1, "channels": shape_out[0]}


def old_conv_dimensions(fields: Fields) -> Fields:
    shape_in, weight = fields["input"], fields["weight"]
    fields = fields | {"axes": fields["more"] - 2}
    plain = weight if len(weight) == fields["more"] else ()
    likely = (
        f"Conv{len(plain) - 2}d({plain[1]}, {plain[0]}, {one_or_all(plain[2:])})" if plain else ""
    )
    channels = plain[1] if plain else None
    lacks_one = len(shape_in) == fields["more"] - 1
    without = lacks_one and channels == 1 != shape_in[0]
    return conv_dimensions(fields) | {
        "axes": fields["axes"],
        "likely": likely or f"a Conv{fields['axes']}d",
        "missing": lacks_one and not without,
        "no_channels": without,
        "batch": shape_in[0],
    }


def old_rank(fields: Fields) -> Fields:
    axes, right = fields["more"] - 2, fields["dims"] - 2
    return {
        "axes": axes,
        "names": AXES.get(axes, ""),
        "missing": fields["dims"] == fields["more"] - 1,
        "right": right if right in AXES else None,
        "right_names": AXES.get(right),
    }


def kernel_too_large(fields: Fields) -> Fields:
    padded, kernel = fields["padded"], fields["kernel"]
    axes = len(kernel)
    layer = f"Conv{axes}d(1, 1, {one_or_all(kernel)})"
    values = refused(layer, (1, *padded))
    padding = re.search(r"padding=(\d+|\([\d, ]+\))", values["fix"])
    return {
        "axes": axes,
        "refusal": values["refusal"].removeprefix(f"{layer} "),
        "size": one_or_all(kernel),
        "fitting": one_or_all(tuple(map(min, padded, kernel))),
        "padding": padding and padding[1],
    }


def conv_dimensions(fields: Fields) -> Fields:
    axes, shape_in = fields["axes"], fields["input"]
    extra = len(shape_in) - axes - 2
    side = isqrt(shape_in[-1]) if axes == len(shape_in) == 2 else 0
    right = len(shape_in) - 2
    return {
        "names": AXES.get(axes, ""),
        "more": axes + 2,
        "less": axes + 1,
        "dims": len(shape_in),
        "flat": extra == -2,
        "behind": ", ".join(["None"] * axes) if len(shape_in) == 2 else None,
        "side": side if side > 1 and side**2 == shape_in[-1] else None,
        "one": shape_in.index(1) if extra == 1 and 1 in shape_in else None,
        "frames": extra == 1 and axes == 2,
        "right": right if right in AXES and extra not in (0, -2) else None,
        "right_names": AXES.get(right),
    }


def conv_arguments(fields: Fields) -> Fields:
    return {"axes": len(fields["given"])}


def transpose_too_small(fields: Fields) -> Fields:
    return {"axes": len(fields["input"]), "cut": max(-((n - 1) // 2) for n in fields["output"])}


def linear_features(fields: Fields) -> Fields:
    (rows, features), (expected, out) = fields["given"], fields["weight"]
    is_plain = not fields["library"]  # it may be a product that the user wrote
    samples = times(rows * features, expected) if features < expected else None
    return refused(f"Linear({expected}, {out})", fields["given"]) | {
        "expected": expected,
        "out": out,
        "mixed": rows == 1 and _MIXED.search(fields["line"]) is not None,
        "samples": samples,
        "when": "if the input is right" if samples or features == out else "",
        "plain": not samples and features != out,
        "other": bool(samples) or features == out,
        "turned": features == out != expected,
        "second_turned": is_plain and features == out,
        "first_turned": is_plain and rows == expected,
    }


#: What makes one row of a batch.
_MIXED = re.compile(r"\.flatten\((\w+)?\)|view\(1, -1\)")


def linear_symbols(fields: Fields) -> Fields:
    expected, out = fields["weight"]
    return {"expected": expected, "out": out, "features": fields["given"].rpartition(", ")[2]}


def linear_vector(fields: Fields) -> Fields:
    out, expected = fields["matrix"]
    return refused(f"Linear({expected}, {out})", (fields["vector"],))


def pool_too_small(fields: Fields) -> Fields:
    size, out = fields["input"][1:], fields["output"][1:]
    if len(size) == 2 and size[0] == out[0] == 1:  # how torch pools along one axis
        size = size[1:]
    return {"axes": len(size), "size": shape(size), **_smaller(size)}


def avg_pool3d_too_small(fields: Fields) -> Fields:
    size = fields["t"], fields["h"], fields["w"]
    kernel = fields["kt"], fields["kh"], fields["kw"]
    refusal = refused(f"AvgPool3d({one_or_all(kernel)})", (1, *size))
    return refusal | _smaller(tuple(map(min, size, kernel)))


def _smaller(size: tuple[int, ...]) -> Fields:
    if min(size, default=0) < 1:
        return {"fitting": None}
    return {"fitting": one_or_all(size) + (" or less" if max(size) > 1 else "")}


def pool_padding(fields: Fields) -> Fields:
    return {"most": fields["kernel"] // 2, "kernel_for": 2 * fields["pad"]}


def pool_dimensions(fields: Fields) -> Fields:
    axes = fields["least"] - 1
    return {"axes": axes, "names": AXES.get(axes, ""), "most": axes + 2}


def pad_reflect(fields: Fields) -> Fields:
    size, axes = fields["input"][fields["dim"]], len(fields["input"]) - 2
    known = axes in AXES
    return {
        "size": size,
        "axes": axes,
        "most": size - 1,
        "padding": max(fields["pad"]),
        "reflection": known and size > 1,
        "replication": known,
    }
