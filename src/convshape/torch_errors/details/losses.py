"""Of losses."""

from __future__ import annotations

from math import prod

from ...shapetorch.arguments import shape
from .common import Found, times


def loss_batch(found: Found) -> Found:
    given, target = found["input"], found["target"]
    too_many = times(given, target)
    too_few = times(target, given)
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


def loss_elements(found: Found) -> Found:
    return {"classes": times(found["input"], found["target"])}
