"""Of functions of tensors."""

from __future__ import annotations

import re
from math import isqrt, prod

from ...shapetorch.arguments import divisor_near
from .common import Found, one_or_all, refused, times


def view_size(found: Found) -> Found:
    wanted, count = found["wanted"], found["count"]
    first, rest = wanted[0] if wanted else 0, prod(wanted[1:])
    several = len(wanted) > 1
    smaller = times(count, rest) if several and first > 0 else None
    return {
        "takes": "takes a multiple of" if -1 in wanted else "takes",
        "known": prod(n for n in wanted if n != -1),
        "free": several and first == -1,
        "smaller": smaller if smaller and smaller < first else None,
        "rest": ", ".join(map(str, wanted[1:])),
        "first": first,
        "features": times(count, first) if several else None,
        "flat": count if not several else None,
    }


def unpack(found: Found) -> Found:
    shown = re.search(r"\.shape|\.size\(\)", found["line"])
    pooled = not shown and re.search(r"(?i)pool", found["line"]) is not None
    return {
        "dims": ", as many as the tensor has dimensions" if shown else "",
        "pooled": pooled,
        "missing": not pooled and found["wanted"] == found["given"] + 1,
    }


def cat_sizes(found: Found) -> Found:
    first, other = found["first"], found["other"]
    lone = found["dim"] != 0 and 1 in (first, other)
    return {
        "odd": abs(first - other) == 1,
        "batch": found["dim"] == 0,
        "lone": lone,
        "maps": not lone,
        "padding": 1 if abs(first - other) == 2 else None,
    }


def cat_axis(found: Found) -> Found:
    loader = found["library"] == "collate.py"
    return cat_sizes(found) | {
        "batch": found["dim"] == 0 and not loader,
        "images": loader,
        "maps": not loader and found["axis"] > 1,
        "lone": not loader and found["axis"] == 0 and 1 in (found["first"], found["other"]),
        "odd": not loader and abs(found["first"] - found["other"]) == 1,
        "joins": "the DataLoader, which makes a batch of samples" if loader else "cat",
    }


def stack_sizes(found: Found) -> Found:
    loader = found["library"] == "collate.py" or not found["line"]
    image = loader and len(found["first"]) == 3
    colours = image and found["first"][1:] == found["other"][1:]
    return {
        "colours": colours,
        "size": tuple(found["first"][1:]) if image and not colours else None,
        "loader": ", as in a batch" if loader else "",
    }


def broadcast(found: Found) -> Found:
    loss, dim, line = found["library"] == "loss.py", found["dim"], found["line"]
    less, more = sorted((found["a"], found["b"]))
    positions = dim == 1 and re.search(r"\bpos|\.pos|_pos|\bpe\b", line) is not None
    longer = dim == 1 and found["b"] > found["a"] + 1 and (positions or more > _LONGER * less)
    reduced = _REDUCED.search(line) is not None
    residual = dim > 1 and _RESIDUAL.search(line) is not None
    factor = more // less if less and more % less == 0 and more // less in (2, 3, 4) else None
    return {
        "loss": loss,
        "reduced": reduced,
        "longer": longer,
        "positions": positions and not longer,
        "residual": residual,
        "factor": factor,
        "padding": (more - less) // 2 if (more - less) % 2 == 0 and not factor else None,
        "unclear": dim > 1 and not residual,
        "batch": dim == 0,
        "channels": dim == 1 and not (loss or longer or positions or reduced),
        "size": dim > 1,
    }


#: How many times longer than a sequence the table of its positions may be, unlike channels.
_LONGER = 64
#: A sum or mean over one axis, which is gone then; and where the branches of a block meet.
_REDUCED = re.compile(r"\.(mean|sum|amax|amin|norm|std|var)\(\s*-?\d+\s*\)")
_RESIDUAL = re.compile(r"\+=|shortcut|identity|resid|downsample")


def broadcast_shapes(found: Found) -> Found:
    first, dim = found["first"], found["dim"]
    axis = len(first) + dim
    return {
        "a": first[dim],
        "batch": axis == 0,
        "channels": axis == 1 and len(first) > 2,
        "features": axis == 1 and len(first) == 2,
        "size": axis > 1,
    }


def next_row(found: Found) -> Found:
    return {"least": found["index"] + 1}


def bmm_sizes(found: Found) -> Found:
    (batch, columns), (other, rows) = found["wanted"], found["given"]
    meet = (
        f"{batch} matrices meet {other}"
        if batch != other
        else f"{columns} columns meet {rows} rows"
    )
    return {"meet": meet, "batches": batch != other, "turned": batch == other}


def matrix_vector(found: Found) -> Found:
    if found["library"] == "linear.py":
        raise ValueError("a Linear, and one sample")
    rows, columns = found["matrix"]
    return {"columns": columns, "turned": rows == found["vector"]}


def interpolate_dimensions(found: Found) -> Found:
    given = found["given"]
    right = {3: "linear", 4: "bilinear", 5: "trilinear"}.get(given)
    return {"right": right, "missing": given == found["wanted"] - 1}


def cat_dimensions(found: Found) -> Found:
    features = 2 in (found["first"], found["other"])
    return {"features": features, "others": not features}


def pixel_shuffle(found: Found) -> Found:
    layer = f"PixelShuffle({isqrt(max(found['square'], 0))})"
    return refused(layer, (1, found["channels"], 1, 1)) | {
        "wanted": found["channels"] * found["square"]
    }


def channel_shuffle(found: Found) -> Found:
    near = divisor_near(found["channels"], found["groups"])
    return refused(f"ChannelShuffle({found['groups']})", (1, found["channels"], 1, 1)) | {
        "near": near
    }


def fold_channels(found: Found) -> Found:
    return {"product": prod(found["kernel"]), "size": one_or_all(found["kernel"])}


def unfold_blocks(found: Found) -> Found:
    named = (("dilation", 1), ("padding", 0))
    more = [
        f", {name}={one_or_all(found[name])}"
        for name, usual in named
        if set(found[name]) != {usual}
    ]
    return refused(f"Unfold({one_or_all(found['kernel'])}{''.join(more)})", (1, 1, *found["size"]))


def permute_count(found: Found) -> Found:
    dims, given = found["dims"], found["given"]
    return {"short": given == dims + 1, "image": dims == 4, "sequence": dims == 3}
