"""Of normalisations."""

from __future__ import annotations

from math import gcd

from ...shapetorch.arguments import divisor_near
from .common import Found, refused


def batchnorm_channels(found: Found) -> Found:
    # torch makes one long batch normalisation of it.
    instance = found["library"] == "instancenorm.py"
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
    return refused(layer, given) | {"place": holds[0] if holds else None, "last": last}


def groupnorm_groups(found: Found) -> Found:
    near = divisor_near(found["channels"], found["groups"])
    return refused(f"GroupNorm({found['groups']}, {found['channels']})") | {"near": near}


def groupnorm_input(found: Found) -> Found:
    channels = found["input"][1]
    return {"channels": channels, "near": divisor_near(channels, found["groups"])}


def groupnorm_channels(found: Found) -> Found:
    return {"expected": found["weight"][0], "channels": found["input"][1]}


def prelu_channels(found: Found) -> Found:
    values = refused(f"PReLU({found['parameters']})", (1, found["channels"]))
    return values | {"refusal": values["refusal"].partition(":")[0]}  # the shape is not known
