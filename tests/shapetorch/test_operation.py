"""Every operation declares all that is known of it, and every kind that it names exists."""

from __future__ import annotations

from typing import Any

import pytest

from convshape import shapetorch
from convshape.analysis import macs as _macs  # noqa: F401 - so that its module is loaded
from convshape.analysis import receptive_field
from convshape.shapetorch import aten, fft, linalg, nn, special
from convshape.shapetorch.nn.utils import rnn
from convshape.shapetorch.operation import BOTH, LINALG, Facts, Unknown, facts_of
from convshape.shapetorch.ops import spaces

MACS = __import__("sys").modules["convshape.analysis.macs"].KINDS
SPACES = (
    spaces.FUNCTIONS,
    spaces.METHODS,
    {name: getattr(nn.functional, name) for name in nn.functional.__all__},
    aten.FUNCTIONS,
    vars(linalg),
    vars(fft),
    vars(special),
    vars(rnn),
)
OPERATIONS: dict[str, Any] = {
    f"{value.__module__.rpartition('.')[2]}.{name}": value
    for space in SPACES
    for name, value in space.items()
    if hasattr(value, "__wrapped__")
}
LAYERS = {
    name: getattr(nn, name) for name in nn.__all__ if issubclass(getattr(nn, name), nn.Module)
}


def facts(name: str) -> Facts:
    known = facts_of(OPERATIONS[name])
    assert known is not None, f"{name} declares nothing"
    return known


def test_there_are_all_of_torchs() -> None:
    assert len(OPERATIONS) > 800
    assert {"conv.conv2d", "pooling.max_pool2d", "pointwise.add"} <= OPERATIONS.keys()
    assert shapetorch.max_pool2d is aten.FUNCTIONS["max_pool2d"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_declares_its_facts(name: str) -> None:
    known = facts(name)
    for kind, kinds in ((known.macs, MACS), (known.field, receptive_field.KINDS)):
        if isinstance(kind, Unknown):
            assert len(kind.why) > 5
        else:
            assert kind is None or kind in kinds
    assert known.field is not None
    assert known.layout is None or known.layout is False or callable(known.layout)
    assert set(known.spaces.split()) <= {*BOTH.split(), LINALG}
    if known.spatial:
        assert str(known.spatial) in name


def test_no_kind_is_idle() -> None:
    """A kind that nobody declares is a rule that nobody needs."""
    declared = {known.field for name in OPERATIONS if isinstance((known := facts(name)).field, str)}
    declared |= {layer._field for layer in LAYERS.values()}
    assert receptive_field.KINDS.keys() <= declared
    counted = {known.macs for name in OPERATIONS if isinstance((known := facts(name)).macs, str)}
    counted |= {layer._macs for layer in LAYERS.values()}
    assert MACS.keys() <= counted


def test_a_fact_that_is_left_out_is_an_error() -> None:
    with pytest.raises(TypeError, match="macs"):
        shapetorch.operation.operation(layout=None, field="pointwise")  # type: ignore[attr-defined]
