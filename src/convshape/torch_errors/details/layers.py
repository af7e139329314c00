"""Of convolutions, linear layers, pooling and padding."""

from __future__ import annotations

import re
from math import isqrt

from ...shapetorch.arguments import shape
from ...shapetorch.nn.functional.common import AXES
from .common import Found, one_or_all, refused, times


def conv_channels(found: Found) -> Found:
    filters, channels, *kernel = found["weight"]
    groups = found["groups"]
    end = f", groups={groups}" if groups != 1 else ""
    layer = f"Conv{len(kernel)}d({channels * groups}, {filters}, {one_or_all(tuple(kernel))}{end})"
    exchanged = f"Conv{len(kernel)}d({filters}, {channels}, {one_or_all(tuple(kernel))})"
    return _channels(layer, channels * groups, found["input"], exchanged * (groups == 1))


def conv_transpose_channels(found: Found) -> Found:
    channels, filters, *kernel = found["weight"]
    numbers = f"{channels}, {filters}"
    layer, exchanged = (
        f"ConvTranspose{len(kernel)}d({each}, {one_or_all(tuple(kernel))})"
        for each in (numbers, f"{filters}, {channels}")
    )
    return _channels(layer, channels, found["input"], exchanged)


def _channels(layer: str, expected: int, given: tuple[int, ...], exchanged: str) -> Found:
    last = len(given) - 1
    channels_last = given[-1] == expected
    lone = given[0] == 1 == expected and not channels_last
    values = refused(layer, given)
    return values | {
        "expected": expected,
        "exchanged": exchanged if given[1] in (1, 3) and f"d({given[1]}, " in exchanged else None,
        "frames": len(given) == 5 and given[2] == expected and not channels_last,
        "permuted": _permuted(given, expected),
        "samples": given[1] if lone else None,
        "turned": given[0] == expected and not channels_last and not lone,
        "mode": _mode(expected, given[1], last),
        "only": not values["fix"] and not channels_last,
    }


def conv_input(found: Found) -> Found:
    given, axis, expected = found["input"], found["axis"], found["expected"]
    return {
        "axes": len(given) - 2,
        "given": given[axis],
        "permuted": _permuted(given, expected),
        "mode": _mode(expected, given[axis], len(given) - 1),
    }


def _permuted(given: tuple[int, ...], expected: int) -> str | None:
    """Return the order of dimensions that brings the last to the channels, if they are there."""
    last = len(given) - 1
    return ", ".join(map(str, (0, last, *range(1, last)))) if given[-1] == expected else None


def conv_count(found: Found) -> Found:
    return {"mode": _mode(found["expected"], found["given"], 3)}


def _mode(expected: int, given: int, last: int) -> str | None:
    """Return the image mode with the expected number of channels, or None if there is none."""
    image = last == 3 and (given, expected) in ((1, 3), (4, 3), (3, 1))
    return ("L" if expected == 1 else "RGB") if image else None


def old_conv_too_small(found: Found) -> Found:
    given, made = found["input"], found["output"]
    of_convolution = re.search(r"Convolution", found["message"]) or given[0] != made[0]
    if not of_convolution:
        raise ValueError("a pooling keeps the channels")
    return {"size": shape(given[1:]), "axes": len(given) - 1, "channels": made[0]}


def old_conv_dimensions(found: Found) -> Found:
    given, weight = found["input"], found["weight"]
    found = found | {"axes": found["more"] - 2}
    plain = weight if len(weight) == found["more"] else ()
    likely = (
        f"Conv{len(plain) - 2}d({plain[1]}, {plain[0]}, {one_or_all(plain[2:])})" if plain else ""
    )
    channels = plain[1] if plain else None
    lacks_one = len(given) == found["more"] - 1
    without = lacks_one and channels == 1 != given[0]
    return conv_dimensions(found) | {
        "axes": found["axes"],
        "likely": likely or f"a Conv{found['axes']}d",
        "missing": lacks_one and not without,
        "no_channels": without,
        "batch": given[0],
    }


def old_rank(found: Found) -> Found:
    axes, right = found["more"] - 2, found["dims"] - 2
    return {
        "axes": axes,
        "names": AXES.get(axes, ""),
        "missing": found["dims"] == found["more"] - 1,
        "right": right if right in AXES else None,
        "right_names": AXES.get(right),
    }


def kernel_too_large(found: Found) -> Found:
    padded, kernel = found["padded"], found["kernel"]
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


def conv_dimensions(found: Found) -> Found:
    axes, given = found["axes"], found["input"]
    extra = len(given) - axes - 2
    side = isqrt(given[-1]) if axes == len(given) == 2 else 0
    right = len(given) - 2
    return {
        "names": AXES.get(axes, ""),
        "more": axes + 2,
        "less": axes + 1,
        "dims": len(given),
        "flat": extra == -2,
        "behind": ", ".join(["None"] * axes) if len(given) == 2 else None,
        "side": side if side > 1 and side**2 == given[-1] else None,
        "one": given.index(1) if extra == 1 and 1 in given else None,
        "frames": extra == 1 and axes == 2,
        "right": right if right in AXES and extra not in (0, -2) else None,
        "right_names": AXES.get(right),
    }


def conv_arguments(found: Found) -> Found:
    return {"axes": len(found["given"])}


def transpose_too_small(found: Found) -> Found:
    return {"axes": len(found["input"]), "cut": max(-((n - 1) // 2) for n in found["output"])}


def linear_features(found: Found) -> Found:
    (rows, features), (expected, out) = found["given"], found["weight"]
    own = not found["library"]  # it may be a product that the user wrote
    samples = times(rows * features, expected) if features < expected else None
    return refused(f"Linear({expected}, {out})", found["given"]) | {
        "expected": expected,
        "out": out,
        "mixed": rows == 1 and _MIXED.search(found["line"]) is not None,
        "samples": samples,
        "when": "if the input is right" if samples or features == out else "",
        "plain": not samples and features != out,
        "other": bool(samples) or features == out,
        "turned": features == out != expected,
        "second_turned": own and features == out,
        "first_turned": own and rows == expected,
    }


#: What makes one row of a batch.
_MIXED = re.compile(r"\.flatten\((\w+)?\)|view\(1, -1\)")


def linear_symbols(found: Found) -> Found:
    expected, out = found["weight"]
    return {"expected": expected, "out": out, "features": found["given"].rpartition(", ")[2]}


def linear_vector(found: Found) -> Found:
    out, expected = found["matrix"]
    return refused(f"Linear({expected}, {out})", (found["vector"],))


def pool_too_small(found: Found) -> Found:
    size, out = found["input"][1:], found["output"][1:]
    if len(size) == 2 and size[0] == out[0] == 1:  # how torch pools along one axis
        size = size[1:]
    return {"axes": len(size), "size": shape(size), **_smaller(size)}


def avg_pool3d_too_small(found: Found) -> Found:
    size = found["t"], found["h"], found["w"]
    kernel = found["kt"], found["kh"], found["kw"]
    refusal = refused(f"AvgPool3d({one_or_all(kernel)})", (1, *size))
    return refusal | _smaller(tuple(map(min, size, kernel)))


def _smaller(size: tuple[int, ...]) -> Found:
    if min(size, default=0) < 1:
        return {"fitting": None}
    return {"fitting": one_or_all(size) + (" or less" if max(size) > 1 else "")}


def pool_padding(found: Found) -> Found:
    return {"most": found["kernel"] // 2, "kernel_for": 2 * found["pad"]}


def pool_dimensions(found: Found) -> Found:
    axes = found["least"] - 1
    return {"axes": axes, "names": AXES.get(axes, ""), "most": axes + 2}


def pad_reflect(found: Found) -> Found:
    size, axes = found["input"][found["dim"]], len(found["input"]) - 2
    known = axes in AXES
    return {
        "size": size,
        "axes": axes,
        "most": size - 1,
        "padding": max(found["pad"]),
        "reflection": known and size > 1,
        "replication": known,
    }
