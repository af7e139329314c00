"""Of losses."""

from __future__ import annotations

from math import prod

from ...shapetorch.arguments import shape
from .common import Fields, times


def loss_batch(fields: Fields) -> Fields:
    input, target = fields["input"], fields["target"]
    too_many = times(input, target)
    too_few = times(target, input)
    return {"too_many": too_many, "too_few": too_few, "neither": not too_many and not too_few}


def loss_size(fields: Fields) -> Fields:
    return {"size": shape(fields["input"][2:]), "wanted": tuple(fields["target"][1:])}


def loss_class(fields: Fields) -> Fields:
    negative = fields["target"] < 0
    return {
        "ignored": fields["target"] if negative else None,
        "classes": None if negative else fields["target"] + 1,
    }


def loss_target_size(fields: Fields) -> Fields:
    input, target = fields["input"], fields["target"]
    longer = len(input) == len(target) + 1 and input[-1] == 1
    shorter = len(target) == len(input) + 1 and target[-1] == 1
    alike = not longer and not shorter and prod(input) == prod(target)
    other = not (longer or shorter or alike)
    return {
        "longer": longer,
        "shorter": shorter,
        "alike": alike,
        "other": other,
        "features": target[-1] if other and target else None,
    }


def loss_elements(fields: Fields) -> Fields:
    return {"classes": times(fields["input"], fields["target"])}
