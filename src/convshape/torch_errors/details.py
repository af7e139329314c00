"""What ``catalogue.txt`` needs beyond the numbers in an error: a function adds values to those found.

Where the numbers tell the layer, it is made here and refuses by itself, so that what fits is decided where it
always is. A value of None or False says that what depends on it does not apply.
"""

from __future__ import annotations

import re
from math import gcd, isqrt, prod
from typing import TYPE_CHECKING

from ..errors import ShapeError, SpecError, nearest
from ..readers.calls import usage
from ..readers.evaluate import evaluate
from ..readers.vocabulary import LAYERS
from ..shapetorch.arguments import divisor_near, shape
from ..shapetorch.nn.modules.module import signature
from ..shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from typing import Any

    Found = dict[str, Any]

_AXES = {1: "N, C, L", 2: "N, C, H, W", 3: "N, C, D, H, W"}


def _refused(layer: str, *inputs: tuple[int, ...]) -> Found:
    """Return what a layer has to say against inputs of these shapes, and the change that it has tried."""
    try:
        evaluate(layer, {}, lambda *_: ("", ""))(*map(Tensor, inputs))
    except ShapeError as error:
        return {"layer": layer, "refusal": error.message, "fix": error.fix}
    raise SpecError(
        f"these numbers fit: {layer} takes {', '.join(map(shape, inputs))}",
        fix="paste the whole error",
    )


def _one_or_all(sizes: tuple[int, ...]) -> str:
    """Write a kernel as people do: one number where all are alike."""
    return str(sizes[0]) if len(set(sizes)) == 1 else str(tuple(sizes))


def _times(larger: int, smaller: int) -> int | None:
    """Return how many times `smaller` makes `larger`, if it does."""
    return larger // smaller if smaller > 0 and larger > 0 and larger % smaller == 0 else None


# Convolution


def conv_channels(found: Found) -> Found:
    filters, channels, *kernel = found["weight"]
    groups = found["groups"]
    end = f", groups={groups}" if groups != 1 else ""
    layer = f"Conv{len(kernel)}d({channels * groups}, {filters}, {_one_or_all(tuple(kernel))}{end})"
    return _channels(layer, channels * groups, found["input"])


def conv_transpose_channels(found: Found) -> Found:
    channels, filters, *kernel = found["weight"]
    layer = f"ConvTranspose{len(kernel)}d({channels}, {filters}, {_one_or_all(tuple(kernel))})"
    return _channels(layer, channels, found["input"])


def _channels(layer: str, expected: int, given: tuple[int, ...]) -> Found:
    last = len(given) - 1
    channels_last = given[-1] == expected
    lone = given[0] == 1 == expected and not channels_last
    image = last == 3 and (given[1], expected) in ((1, 3), (4, 3), (3, 1))
    refused = _refused(layer, given)
    return refused | {
        "expected": expected,
        "permuted": ", ".join(map(str, (0, last, *range(1, last)))) if channels_last else None,
        "samples": given[1] if lone else None,
        "turned": given[0] == expected and not channels_last and not lone,
        "mode": ("L" if expected == 1 else "RGB") if image else None,
        "only": not refused["fix"] and not channels_last,
    }


def kernel_too_large(found: Found) -> Found:
    padded, kernel = found["padded"], found["kernel"]
    axes = len(kernel)
    layer = f"Conv{axes}d(1, 1, {_one_or_all(kernel)})"
    refused = _refused(layer, (1, *padded))
    padding = re.search(r"padding=(\d+|\([\d, ]+\))", refused["fix"])
    return {
        "axes": axes,
        "refusal": refused["refusal"].removeprefix(f"{layer} "),
        "size": _one_or_all(kernel),
        "fitting": _one_or_all(tuple(map(min, padded, kernel))),
        "padding": padding and padding[1],
    }


def conv_dimensions(found: Found) -> Found:
    axes, given = found["axes"], found["input"]
    extra = len(given) - axes - 2
    side = isqrt(given[-1]) if axes == len(given) == 2 else 0
    right = len(given) - 2
    return {
        "names": _AXES.get(axes, ""),
        "more": axes + 2,
        "less": axes + 1,
        "dims": len(given),
        "flat": extra == -2,
        "side": side if side > 1 and side**2 == given[-1] else None,
        "one": given.index(1) if extra == 1 and 1 in given else None,
        "frames": extra == 1,
        "right": right if right in _AXES and extra not in (0, -2) else None,
        "right_names": _AXES.get(right),
    }


def conv_arguments(found: Found) -> Found:
    return {"axes": len(found["given"])}


def transpose_too_small(found: Found) -> Found:
    return {"axes": len(found["input"]), "cut": max(-((n - 1) // 2) for n in found["output"])}


# Linear


def linear_features(found: Found) -> Found:
    (rows, features), (expected, out) = found["given"], found["weight"]
    own = not found["library"]  # it may be a product that the user wrote
    samples = _times(rows * features, expected) if features < expected else None
    return _refused(f"Linear({expected}, {out})", found["given"]) | {
        "expected": expected,
        "out": out,
        "samples": samples,
        "when": "if the input is right" if samples or features == out else "",
        "plain": not samples and features != out,
        "other": bool(samples) or features == out,
        "turned": features == out != expected,
        "second_turned": own and features == out,
        "first_turned": own and rows == expected,
    }


# Pooling and padding


def pool_too_small(found: Found) -> Found:
    size, out = found["input"][1:], found["output"][1:]
    if len(size) == 2 and size[0] == out[0] == 1:  # how torch pools along one axis
        size = size[1:]
    return {"axes": len(size), "size": shape(size), **_smaller(size)}


def avg_pool3d_too_small(found: Found) -> Found:
    size, kernel = (
        tuple(found[n] for n in ("t", "h", "w")),
        tuple(found[n] for n in ("kt", "kh", "kw")),
    )
    return _refused(f"AvgPool3d({_one_or_all(kernel)})", (1, *size)) | _smaller(
        tuple(map(min, size, kernel))
    )


def _smaller(size: tuple[int, ...]) -> Found:
    if min(size, default=0) < 1:
        return {"fitting": None}
    return {"fitting": _one_or_all(size) + (" or less" if max(size) > 1 else "")}


def pool_padding(found: Found) -> Found:
    return {"most": found["kernel"] // 2, "kernel_for": 2 * found["pad"]}


def pool_dimensions(found: Found) -> Found:
    axes = found["least"] - 1
    return {"axes": axes, "names": _AXES.get(axes, ""), "most": axes + 2}


def pad_reflect(found: Found) -> Found:
    size, axes = found["input"][found["dim"]], len(found["input"]) - 2
    known = axes in _AXES
    return {
        "size": size,
        "axes": axes,
        "most": size - 1,
        "padding": max(found["pad"]),
        "reflection": known and size > 1,
        "replication": known,
    }


# Normalisation


def batchnorm_channels(found: Found) -> Found:
    instance = (
        found["library"] == "instancenorm.py"
    )  # of which torch makes one long batch normalisation
    return {
        "batch": not instance,
        "instance": instance
        or (not found["library"] and gcd(found["given"], found["expected"]) > 1),
        "counted": "batch × channels" if instance else "channels",
    }


def norm_dimensions(found: Found) -> Found:
    wanted = found["wanted"]
    axes = {"2D or 3D": 1, "4D": 2, "5D": 3, "3D or 4D": 2, "4D or 5D": 3}.get(wanted, 1)
    instance = found["library"] == "instancenorm.py" or wanted in ("3D or 4D", "4D or 5D")
    given = found["given"]
    right = {2: 1, 3: 1, 4: 2, 5: 3}.get(given)
    return {
        "norm": "InstanceNorm" if instance else "BatchNorm",
        "axes": axes,
        "right": right if right != axes else None,
        "missing": given == axes + 1,
        "flat": given <= 2 and axes > 1,
    }


def layernorm_shape(found: Found) -> Found:
    wanted, given = found["wanted"], found["input"]
    name = "LayerNorm" if found["star"].startswith(",") else "RMSNorm"
    last = len(given) - 1
    holds = [axis for axis in range(last) if given[axis : axis + 1] == wanted]
    layer = f"{name}({wanted[0] if len(wanted) == 1 else tuple(wanted)})"
    return _refused(layer, given) | {"place": holds[0] if holds else None, "last": last}


def groupnorm_groups(found: Found) -> Found:
    near = divisor_near(found["channels"], found["groups"])
    return _refused(f"GroupNorm({found['groups']}, {found['channels']})") | {"near": near}


def groupnorm_input(found: Found) -> Found:
    channels = found["input"][1]
    return {"channels": channels, "near": divisor_near(channels, found["groups"])}


def groupnorm_channels(found: Found) -> Found:
    return {"expected": found["weight"][0], "channels": found["input"][1]}


def prelu_channels(found: Found) -> Found:
    return _refused(f"PReLU({found['parameters']})", (1, found["channels"]))


# Recurrent layers and attention


def rnn(found: Found) -> Found:
    name = re.search(r"\b(LSTM|GRU|RNN)\b", found["line"])
    values: Found = {"rnn": name[1] if name else "LSTM, GRU or RNN"}
    wanted, given = found.get("wanted", ()), found.get("given")
    if (
        wanted
        and isinstance(given, tuple)
        and len(wanted) == len(given) == 3
        and wanted[1] != given[1]
    ):
        values |= {"batch": given[1], "other": wanted[1]}
    else:
        values |= {"batch": None, "other": None}
    return values


def rnn_dimensions(found: Found) -> Found:
    return {"many": found["given"] > 3, "few": found["given"] < 2}


def attention_heads(found: Found) -> Found:
    call = re.search(
        r"(MultiheadAttention|Transformer\w+)\(\D{0,12}(\d{1,9}), *\D{0,12}(\d{1,9})", found["line"]
    )
    if call is None or int(call[3]) < 1:
        return {
            "name": None,
            "features": None,
            "heads": None,
            "near": None,
            "more": None,
            "unknown": True,
        }
    features, heads = int(call[2]), int(call[3])
    return {
        "name": call[1],
        "features": features,
        "heads": heads,
        "near": divisor_near(features, heads),
        "more": -(-features // heads) * heads,
        "unknown": False,
    }


# Losses


def loss_batch(found: Found) -> Found:
    given, target = found["input"], found["target"]
    too_many = _times(given, target)
    too_few = _times(target, given)
    return {"too_many": too_many, "too_few": too_few, "neither": not too_many and not too_few}


def loss_size(found: Found) -> Found:
    return {"size": shape(found["input"][2:]), "wanted": tuple(found["target"][1:])}


def loss_class(found: Found) -> Found:
    negative = found["target"] < 0
    return {
        "ignored": found["target"] if negative else None,
        "classes": None if negative else found["target"] + 1,
    }


def loss_target_size(found: Found) -> Found:
    given, target = found["input"], found["target"]
    longer = len(given) == len(target) + 1 and given[-1] == 1
    shorter = len(target) == len(given) + 1 and target[-1] == 1
    alike = not longer and not shorter and prod(given) == prod(target)
    other = not (longer or shorter or alike)
    return {
        "longer": longer,
        "shorter": shorter,
        "alike": alike,
        "other": other,
        "features": target[-1] if other and target else None,
    }


# Tensors


def view_size(found: Found) -> Found:
    wanted, count = found["wanted"], found["count"]
    first, rest = wanted[0] if wanted else 0, prod(wanted[1:])
    several = len(wanted) > 1
    smaller = _times(count, rest) if several and first > 0 else None
    return {
        "takes": "takes a multiple of" if -1 in wanted else "takes",
        "known": prod(n for n in wanted if n != -1),
        "free": several and first == -1,
        "smaller": smaller if smaller and smaller < first else None,
        "rest": ", ".join(map(str, wanted[1:])),
        "first": first,
        "features": _times(count, first) if several else None,
        "flat": count if not several else None,
    }


def unpack(found: Found) -> Found:
    shown = re.search(r"\.shape|\.size\(\)", found["line"])
    return {
        "dims": ", as many as the tensor has dimensions" if shown else "",
        "missing": found["wanted"] == found["given"] + 1,
    }


def cat_sizes(found: Found) -> Found:
    return {"odd": abs(found["first"] - found["other"]) == 1, "batch": found["dim"] == 0}


def stack_sizes(found: Found) -> Found:
    loader = found["library"] == "collate.py" or not found["line"]
    image = loader and len(found["first"]) == 3
    return {
        "size": tuple(found["first"][1:]) if image else None,
        "loader": ", as in a batch" if loader else "",
    }


def broadcast(found: Found) -> Found:
    loss, dim = found["library"] == "loss.py", found["dim"]
    return {"loss": loss, "batch": dim == 0, "channels": dim == 1 and not loss, "size": dim > 1}


def bmm_sizes(found: Found) -> Found:
    (batch, columns), (other, rows) = found["wanted"], found["given"]
    meet = (
        f"{batch} matrices meet {other}"
        if batch != other
        else f"{columns} columns meet {rows} rows"
    )
    return {"meet": meet, "batches": batch != other, "turned": batch == other}


def matrix_vector(found: Found) -> Found:
    rows, columns = found["matrix"]
    return {"columns": columns, "turned": rows == found["vector"]}


def interpolate_dimensions(found: Found) -> Found:
    given = found["given"]
    right = {3: "linear", 4: "bilinear", 5: "trilinear"}.get(given)
    return {"right": right, "missing": given == found["wanted"] - 1}


def pixel_shuffle(found: Found) -> Found:
    layer = f"PixelShuffle({isqrt(max(found['square'], 0))})"
    return _refused(layer, (1, found["channels"], 1, 1)) | {
        "wanted": found["channels"] * found["square"]
    }


def channel_shuffle(found: Found) -> Found:
    near = divisor_near(found["channels"], found["groups"])
    return _refused(f"ChannelShuffle({found['groups']})", (1, found["channels"], 1, 1)) | {
        "near": near
    }


def fold_channels(found: Found) -> Found:
    return {"product": prod(found["kernel"]), "size": _one_or_all(found["kernel"])}


def unfold_blocks(found: Found) -> Found:
    named = (("dilation", 1), ("padding", 0))
    more = [
        f", {name}={_one_or_all(found[name])}"
        for name, usual in named
        if set(found[name]) != {usual}
    ]
    return _refused(
        f"Unfold({_one_or_all(found['kernel'])}{''.join(more)})", (1, 1, *found["size"])
    )


def state_dict(found: Found) -> Found:
    path, _, parameter = found["key"].rpartition(".")
    saved, called = found["saved"], None
    if parameter == "weight" and len(saved) == 2:
        called = f"Linear({saved[1]}, {saved[0]})"
    elif parameter == "weight" and len(saved) > 2:
        called = f"Conv{len(saved) - 2}d({saved[1]}, {saved[0]}, {_one_or_all(saved[2:])})"
    return {"called": called, "path": path or "the model itself"}


# Arguments


def padding_text(found: Found) -> Found:
    lower = found["given"].lower()
    return {"near": lower if lower in ("same", "valid") else None}


def called_layer(found: Found) -> Found:
    layer = found["called"].split()[-1]
    if layer not in LAYERS:
        raise ValueError("a class of the user's own")
    return {"layer": layer, "usage": usage(layer, LAYERS[layer])}


def unknown_argument(found: Found) -> Found:
    known = called_layer(found)
    return known | {"near": nearest(found["name"], signature(LAYERS[known["layer"]]))}
