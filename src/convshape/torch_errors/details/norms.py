"""Of normalisations."""

from __future__ import annotations

from math import gcd

from ...shapetorch.arguments import divisor_near
from .common import Fields, refused


def batchnorm_channels(fields: Fields) -> Fields:
    # torch makes one long batch normalisation of it.
    instance = fields["library"] == "instancenorm.py"
    return {
        "batch": not instance,
        "instance": instance
        or (not fields["library"] and gcd(fields["given"], fields["expected"]) > 1),
        "counted": "batch × channels" if instance else "channels",
    }


def norm_dimensions(fields: Fields) -> Fields:
    wanted = fields["wanted"]
    axes = {"2D or 3D": 1, "4D": 2, "5D": 3, "3D or 4D": 2, "4D or 5D": 3}.get(wanted, 1)
    instance = fields["library"] == "instancenorm.py" or wanted in ("3D or 4D", "4D or 5D")
    dims = fields["given"]
    right = {2: 1, 3: 1, 4: 2, 5: 3}.get(dims)
    return {
        "norm": "InstanceNorm" if instance else "BatchNorm",
        "axes": axes,
        "right": right if right != axes else None,
        "missing": dims == axes + 1,
        "flat": dims <= 2 and axes > 1,
    }


def layernorm_shape(fields: Fields) -> Fields:
    wanted, input = fields["wanted"], fields["input"]
    name = "LayerNorm" if fields["star"].startswith(",") else "RMSNorm"
    last = len(input) - 1
    holds = [axis for axis in range(last) if input[axis : axis + 1] == wanted]
    layer = f"{name}({wanted[0] if len(wanted) == 1 else tuple(wanted)})"
    return refused(layer, input) | {"place": holds[0] if holds else None, "last": last}


def groupnorm_groups(fields: Fields) -> Fields:
    near = divisor_near(fields["channels"], fields["groups"])
    return refused(f"GroupNorm({fields['groups']}, {fields['channels']})") | {"near": near}


def groupnorm_input(fields: Fields) -> Fields:
    channels = fields["input"][1]
    return {"channels": channels, "near": divisor_near(channels, fields["groups"])}


def groupnorm_channels(fields: Fields) -> Fields:
    return {"expected": fields["weight"][0], "channels": fields["input"][1]}


def prelu_channels(fields: Fields) -> Fields:
    values = refused(f"PReLU({fields['parameters']})", (1, fields["channels"]))
    return values | {"refusal": values["refusal"].partition(":")[0]}  # the shape is not known
