"""Of functions of tensors."""

from __future__ import annotations

import re
from math import isqrt, prod

from ...shapetorch.arguments import divisor_near
from .common import Fields, one_or_all, refused, times


def view_size(fields: Fields) -> Fields:
    wanted, count = fields["wanted"], fields["count"]
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


def unpack(fields: Fields) -> Fields:
    shown = re.search(r"\.shape|\.size\(\)", fields["line"])
    pooled = not shown and re.search(r"(?i)pool", fields["line"]) is not None
    return {
        "dims": ", as many as the tensor has dimensions" if shown else "",
        "pooled": pooled,
        "missing": not pooled and fields["wanted"] == fields["given"] + 1,
    }


def cat_sizes(fields: Fields) -> Fields:
    first, other = fields["first"], fields["other"]
    lone = fields["dim"] != 0 and 1 in (first, other)
    return {
        "odd": abs(first - other) == 1,
        "batch": fields["dim"] == 0,
        "lone": lone,
        "maps": not lone,
        "padding": 1 if abs(first - other) == 2 else None,
    }


def cat_axis(fields: Fields) -> Fields:
    loader = fields["library"] == "collate.py"
    return cat_sizes(fields) | {
        "batch": fields["dim"] == 0 and not loader,
        "images": loader,
        "maps": not loader and fields["axis"] > 1,
        "lone": not loader and fields["axis"] == 0 and 1 in (fields["first"], fields["other"]),
        "odd": not loader and abs(fields["first"] - fields["other"]) == 1,
        "joins": "the DataLoader, which makes a batch of samples" if loader else "cat",
    }


def stack_sizes(fields: Fields) -> Fields:
    loader = fields["library"] == "collate.py" or not fields["line"]
    image = loader and len(fields["first"]) == 3
    colours = image and fields["first"][1:] == fields["other"][1:]
    return {
        "colours": colours,
        "size": tuple(fields["first"][1:]) if image and not colours else None,
        "loader": ", as in a batch" if loader else "",
    }


def broadcast(fields: Fields) -> Fields:
    loss, dim, line = fields["library"] == "loss.py", fields["dim"], fields["line"]
    less, more = sorted((fields["a"], fields["b"]))
    positions = dim == 1 and re.search(r"\bpos|\.pos|_pos|\bpe\b", line) is not None
    longer = dim == 1 and fields["b"] > fields["a"] + 1 and (positions or more > _LONGER * less)
    most = _positions(fields["a"], fields["b"]) if dim == 1 else None
    reduced = _REDUCED.search(line) is not None
    residual = dim > 1 and _RESIDUAL.search(line) is not None
    factor = more // less if less and more % less == 0 and more // less in (2, 3, 4) else None
    return {
        "most": most,
        "loss": loss,
        "reduced": reduced,
        "longer": longer,
        "positions": positions and not longer,
        "residual": residual,
        "factor": factor,
        "padding": (more - less) // 2 if (more - less) % 2 == 0 and not factor else None,
        "unclear": dim > 1 and not residual,
        "batch": dim == 0,
        "channels": dim == 1 and not (most or loss or longer or positions or reduced),
        "size": dim > 1,
    }


def expanded(fields: Fields) -> Fields:
    return {"most": _positions(fields["wanted"], fields["given"])}


def _positions(length: int, positions: int) -> int | None:
    """Return how many tokens a language model takes, if a text has more; no layer is that wide."""
    return 512 if positions in (512, 514) and length > positions and length % 8 else None


#: How many times longer than a sequence the table of its positions may be, unlike channels.
_LONGER = 64
#: A sum or mean over one axis, which is gone then; and where the branches of a block meet.
_REDUCED = re.compile(r"\.(mean|sum|amax|amin|norm|std|var)\(\s*-?\d+\s*\)")
_RESIDUAL = re.compile(r"\+=|shortcut|identity|resid|downsample")


def broadcast_shapes(fields: Fields) -> Fields:
    first, dim = fields["first"], fields["dim"]
    axis = len(first) + dim
    return {
        "a": first[dim],
        "batch": axis == 0,
        "channels": axis == 1 and len(first) > 2,
        "features": axis == 1 and len(first) == 2,
        "size": axis > 1,
    }


def next_row(fields: Fields) -> Fields:
    return {"least": fields["index"] + 1}


def bmm_sizes(fields: Fields) -> Fields:
    (batch, columns), (other, rows) = fields["wanted"], fields["given"]
    meet = (
        f"{batch} matrices meet {other}"
        if batch != other
        else f"{columns} columns meet {rows} rows"
    )
    return {"meet": meet, "batches": batch != other, "turned": batch == other}


def matrix_vector(fields: Fields) -> Fields:
    if fields["library"] == "linear.py":
        raise ValueError("a Linear, and one sample")
    rows, columns = fields["matrix"]
    return {"columns": columns, "turned": rows == fields["vector"]}


def interpolate_dimensions(fields: Fields) -> Fields:
    dims = fields["given"]
    right = {3: "linear", 4: "bilinear", 5: "trilinear"}.get(dims)
    return {"right": right, "missing": dims == fields["wanted"] - 1}


def cat_dimensions(fields: Fields) -> Fields:
    features = 2 in (fields["first"], fields["other"])
    return {"features": features, "others": not features}


def pixel_shuffle(fields: Fields) -> Fields:
    layer = f"PixelShuffle({isqrt(max(fields['square'], 0))})"
    return refused(layer, (1, fields["channels"], 1, 1)) | {
        "wanted": fields["channels"] * fields["square"]
    }


def channel_shuffle(fields: Fields) -> Fields:
    near = divisor_near(fields["channels"], fields["groups"])
    return refused(f"ChannelShuffle({fields['groups']})", (1, fields["channels"], 1, 1)) | {
        "near": near
    }


def fold_channels(fields: Fields) -> Fields:
    return {"product": prod(fields["kernel"]), "size": one_or_all(fields["kernel"])}


def unfold_blocks(fields: Fields) -> Fields:
    named = (("dilation", 1), ("padding", 0))
    more = [
        f", {name}={one_or_all(fields[name])}"
        for name, usual in named
        if set(fields[name]) != {usual}
    ]
    return refused(
        f"Unfold({one_or_all(fields['kernel'])}{''.join(more)})", (1, 1, *fields["size"])
    )


def permute_count(fields: Fields) -> Fields:
    dims, received = fields["dims"], fields["given"]
    return {"short": received == dims + 1, "image": dims == 4, "sequence": dims == 3}
