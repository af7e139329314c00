"""Weights computed from other tensors, as in torch: the same names, shapes, prints, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import convshape as cs
from convshape import nn, shapetorch
from convshape.shapetorch.nn.utils import parametrizations, parametrize

LAYERS: dict[str, Callable[[Any], Any]] = {
    "Conv2d": lambda nn: nn.Conv2d(3, 6, 5),
    "Conv1d": lambda nn: nn.Conv1d(2, 4, 3).double(),
    "ConvTranspose2d": lambda nn: nn.ConvTranspose2d(3, 6, 2),
    "square": lambda nn: nn.Linear(4, 4),
    "wide": lambda nn: nn.Linear(5, 3, bias=False),
    "half": lambda nn: nn.Linear(3, 4).half(),
    "LSTM": lambda nn: nn.LSTM(3, 4),
    "LayerNorm": lambda nn: nn.LayerNorm(4),
}
REFUSED = (ValueError, RuntimeError, IndexError, AttributeError)
WAYS: list[Callable[[Any, Any, str], Any]] = [
    lambda p, m, name: p.weight_norm(m, name),
    lambda p, m, name: p.weight_norm(m, name, dim=None),
    lambda p, m, name: p.weight_norm(m, name, dim=1),
    lambda p, m, name: p.spectral_norm(m, name),
    lambda p, m, name: p.spectral_norm(m, name, dim=-1),
    lambda p, m, name: p.spectral_norm(m, name, n_power_iterations=0),
    lambda p, m, name: p.orthogonal(m, name),
    lambda p, m, name: p.orthogonal(m, name, "cayley"),
    lambda p, m, name: p.orthogonal(m, name, "householder", use_trivialization=False),
    lambda p, m, name: p.orthogonal(m, name, "matrix_exp", use_trivialization=False),
    lambda p, m, name: p.orthogonal(m, name, "sideways"),
    lambda p, m, name: p.orthogonal(p.spectral_norm(m, name), name),
]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("name", ["weight", "weight_hh_l0", "bias"])
def test_the_state_is_torchs(layer: str, name: str) -> None:
    def facts(lib: Any, way: Callable[..., Any]) -> Any:
        refused = REFUSED if lib is torch else (cs.ShapeError,)
        try:
            made = way(lib.nn.utils.parametrizations, LAYERS[layer](lib.nn), name)
            state = {key: (tuple(t.shape), str(t.dtype)) for key, t in made.state_dict().items()}
            return (
                state,
                [key for key, _ in made.named_parameters()],
                repr(made),
                type(made).__name__,
            )
        except refused:
            return "refused"

    for way in WAYS:
        assert facts(shapetorch, way) == facts(torch, way)


def test_the_originals_lie_in_memory_as_they_are_given() -> None:
    def strides(lib: Any) -> list[tuple[int, ...]]:
        class Turned(lib.nn.Module):  # type: ignore[misc, name-defined]
            def forward(self, x: Any) -> Any:
                return x.t()

            right_inverse = forward

        class Thinned(lib.nn.Module):  # type: ignore[misc, name-defined]
            def forward(self, x: Any) -> Any:
                return x[:, ::2]

        ways, found = lib.nn.utils.parametrize, []
        turned, thinned = lib.nn.Linear(5, 3), lib.nn.Linear(6, 3)
        ways.register_parametrization(turned, "weight", Turned())
        ways.register_parametrization(thinned, "weight", Thinned(), unsafe=True)
        for _ in range(2):
            found += [turned.parametrizations.weight.original.stride(), turned.weight.stride()]
            turned.weight = lib.zeros(3, 5)
        for each in (turned, thinned):
            ways.remove_parametrizations(each, "weight")
            found.append(each.weight.stride())
        return found

    assert strides(shapetorch) == strides(torch)


class Scaled(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 2

    def right_inverse(self, x: Any) -> Any:
        return x / 2


def of(lib: Any) -> Any:
    """Return modules that compute weights: from one tensor, from two, and into another shape."""

    class Symmetric(lib.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: Any) -> Any:
            return x.triu() + x.triu(1).mT

    class Low(lib.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, left: Any, right: Any) -> Any:
            return left @ right

        def right_inverse(self, x: Any) -> Any:
            return x[:, :2], x[:2]

    class Longer(lib.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: Any) -> Any:
            return lib.cat([x, x])

    return Symmetric(), Low(), Longer()


@pytest.mark.parametrize("lib", [shapetorch, torch], ids=["convshape", "torch"])
def test_modules_of_ones_own(lib: Any) -> None:
    p = lib.nn.utils.parametrize
    symmetric, low, longer = of(lib)
    layer = lib.nn.Linear(4, 4)
    p.register_parametrization(layer, "weight", symmetric)
    p.register_parametrization(layer, "bias", longer, unsafe=True)
    assert p.is_parametrized(layer)
    assert p.is_parametrized(layer, "bias")
    assert p.type_before_parametrizations(layer) is lib.nn.Linear
    assert tuple(layer.bias.shape) == (8,)
    with p.cached():
        assert layer.weight is layer.weight
    assert layer.weight is not layer.weight
    p.remove_parametrizations(layer, "bias", leave_parametrized=False)
    assert tuple(layer.bias.shape) == (4,)
    p.remove_parametrizations(layer, "weight")
    assert not p.is_parametrized(layer)
    assert type(layer) is lib.nn.Linear
    assert list(layer.state_dict()) == ["bias", "weight"]

    layer = lib.nn.Linear(4, 4)
    p.register_parametrization(layer, "weight", low)
    assert [(k, tuple(t.shape)) for k, t in layer.state_dict().items()][1:] == [
        ("parametrizations.weight.original0", (4, 2)), ("parametrizations.weight.original1", (2, 4))
    ]  # fmt: skip
    layer.weight = layer.weight * 2
    with pytest.raises(ValueError, match=r"tensors, and none|sequence of tensors"):
        p.remove_parametrizations(layer, "weight", leave_parametrized=False)
    with pytest.raises(ValueError, match=r"no parametrization of|does not have a parametrization"):
        p.remove_parametrizations(layer, "bias")
    assert layer(lib.zeros(2, 4)).shape == (2, 4)


def test_refusals() -> None:
    with pytest.raises(cs.ShapeError, match="makes 8 float32 of 4 float32") as refusal:
        parametrize.register_parametrization(nn.Linear(4, 4), "bias", of(shapetorch)[2])
    assert refusal.value.fix == "unsafe=True"
    with pytest.raises(
        cs.ShapeError, match="Linear has no parameter or buffer 'wait' to parametrize"
    ):
        parametrizations.orthogonal(nn.Linear(4, 4), "wait")
    with pytest.raises(
        cs.ShapeError, match="'sideways', which is not one of 'matrix_exp', 'cayley' and 'house"
    ):
        parametrizations.orthogonal(nn.Linear(4, 4), orthogonal_map="sideways")


def test_a_trace_shows_the_layer() -> None:
    net = nn.Sequential(parametrizations.weight_norm(nn.Conv2d(3, 8, 3)), nn.ReLU())
    trace = cs.trace(net, (3, 9, 9))
    plain = cs.trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 9, 9))
    assert [row.path for row in trace.rows] == [row.path for row in plain.rows] == ["", "0", "1"]
    assert trace.rows[1].params == 3 * 8 * 9 + 8 + 8
    assert (trace.macs, trace.rows[1].field) == (plain.macs, plain.rows[1].field)
    assert net[0](cs.Tensor((1, 3, 5, 5))).shape == (1, 8, 3, 3)
    error = cs.trace(net, (4, 9, 9)).error
    assert error is not None
    assert error.message == "0: Conv2d(3, 8, 3) expects 3 channels, but receives 4: 1×4×9×9"
    assert error.fix == "Conv2d(4, 8, 3), or an input of 3×9×9"
