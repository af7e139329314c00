"""Errors: facts are added on the way out, and nobody writes over them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

import convshape as cs
import convshape.shapetorch as torch
from convshape.errors import Error, ShapeError, SpecError, UnknownOperation
from convshape.fixes import Fix


def refusal() -> ShapeError:
    return ShapeError("expects 3 channels", change={"in_channels": 4}, or_change={"groups": 2})


@pytest.mark.parametrize("name", [name for name in Error.__annotations__ if name != "what"])
def test_a_fact_cannot_be_assigned(name: str) -> None:
    error = refusal()
    before = error.to_dict()
    with pytest.raises(AttributeError, match=f"the {name} of an error stays"):
        setattr(error, name, "other")
    with pytest.raises(AttributeError):
        error.what = "other"
    assert error.to_dict() == before


X = cs.Tensor((2, 3, 8, 8))


@pytest.mark.parametrize(
    ("call", "argument", "wanted", "received"),
    [
        (lambda: X.view(2, 100), "size", (2, 192), None),
        (lambda: torch.cat(X), "", list, None),
        (lambda: cs.nn.Embedding(9, 3)(X), "", torch.int64, None),
        (lambda: X.gather(1, X), "index", torch.int64, torch.float32),
        (lambda: cs.nn.PixelShuffle(2)(X), "channels", 4, 3),
        (lambda: cs.nn.GRU(8, 5)(X[0], X), "hx", (1, 8, 5), (2, 3, 8, 8)),
        (
            lambda: cs.nn.MultiheadAttention(8, 2)(X[0], X[0], X[0], attn_mask=X[0, 0, :5, :5]),
            "attn_mask",
            (3, 3),
            (5, 5),
        ),
        (lambda: cs.nn.Conv2d(3, 4, 9)(X), "kernel_size", None, None),
    ],
)
def test_a_refusal_carries_the_facts_that_fixes_need(
    call: Callable[[], object], argument: str, wanted: object, received: object
) -> None:
    with pytest.raises(ShapeError) as refused:
        call()
    error = refused.value
    assert (error.argument, error.wanted, error.received) == (argument, wanted, received)


def test_the_innermost_place_is_kept() -> None:
    error = refusal()
    error.note(where="net.yaml:4:5", operation="conv2d")
    error.note(where="net.yaml:1:1", operation="forward", path="", layer="Conv2d(3, 6, 5)")
    error.note(path="block")
    assert (error.where, error.path) == ("net.yaml:4:5", "")
    assert error.message == "Conv2d(3, 6, 5) expects 3 channels"  # the layer before its function


@pytest.mark.parametrize("kind", [ShapeError, SpecError, UnknownOperation])
def test_a_changed_error_leaves_the_first_as_it_was(kind: type[Error]) -> None:
    error = kind("does not fit", path="conv", why="the input is 9×9")
    other = error.changed(path="pool").mended(Fix("Conv2d(4, 6, 5)", change={"in_channels": 4}))
    assert isinstance(other, kind)
    assert type(other) is type(error)
    assert str(other) == "pool: does not fit (fix: Conv2d(4, 6, 5))"
    assert other.why == error.why
    assert other.tried
    assert other.change == {"in_channels": 4}
    assert str(error) == "conv: does not fit"


def test_a_changed_error_points_at_the_same_lines() -> None:
    with pytest.raises(ShapeError) as caught:
        cs.nn.Conv2d(3, 6, 5)(cs.Tensor((1, 4, 9, 9)))
    assert caught.value.fix == "Conv2d(4, 6, 5)"
    frames = [entry.name for entry in caught.traceback]
    assert frames[0] == "test_a_changed_error_points_at_the_same_lines"
    assert "forward" in frames


@pytest.mark.parametrize("copied", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_a_copy_says_the_same(copied: object) -> None:
    error = refusal().changed(where="net.yaml:4:5", fix="Conv2d(4, 6, 5)")
    other = copied(error)  # type: ignore[operator]
    assert other.to_dict() == error.to_dict()
    assert other.changes == error.changes


def test_a_layer_in_a_network_called_without_a_trace_is_diagnosed_once() -> None:
    network = cs.nn.Sequential(cs.nn.Conv2d(3, 6, 5), cs.nn.Conv2d(7, 6, 5))
    with pytest.raises(ShapeError) as caught:
        network(cs.Tensor((1, 3, 9, 9)))
    error = caught.value
    assert (error.subject, error.fix) == ("Conv2d(7, 6, 5)", "Conv2d(6, 6, 5)")
    assert error.path is None


def test_a_run_leaves_the_refusal_as_it_was_raised() -> None:
    """The final error is another: that a network catches its layer's refusal changes nothing."""
    caught: list[Error] = []

    class Net(cs.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = cs.nn.Conv2d(4, 6, 5)

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            try:
                return self.conv(x)
            except ShapeError as error:
                caught.append(error)
                raise

    final = cs.trace(Net(), (3, 9, 9)).error
    assert final is not None
    assert final is not caught[0]
    assert final.fix == "Conv2d(3, 6, 5), or an input of 4×9×9"
    assert caught[0].fix == ""


def test_a_network_is_diagnosed_as_it_was_run_in_evaluation_mode() -> None:
    nn = cs.nn
    network = nn.Sequential(nn.Flatten(), nn.Linear(36, 4), nn.BatchNorm1d(4))
    # In training the normalization would refuse a batch of one, whatever its size is.
    error = cs.trace(network, (1, 5, 5)).error
    assert error is not None
    assert error.fix == "Linear(25, 4), or an input of 6 × 6"
    assert all(module.training for module in network.modules())
