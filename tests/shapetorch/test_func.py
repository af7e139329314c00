"""`torch.func`: what is mapped, differentiated and called with other parameters, against torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convshape.errors import ShapeError
from convshape.shapetorch.torch_module import namespace

TEXTS = [
    "vmap(lambda a: a.sum())(x).shape",
    "func.vmap(lambda a, b: a @ b, in_dims=(0, None))(zeros(4, 3, 2), zeros(2, 5)).shape",
    "vmap(dot)(x, x).shape",
    "vmap(vmap(dot))(zeros(2, 3, 4), zeros(2, 3, 4)).shape",
    "vmap(lambda a: (a, a.mean()), in_dims=1, out_dims=(1, 0))(x)[0].shape",
    "vmap(lambda d: d['a'] + 1, in_dims=({'a': 0},))({'a': x}).shape",
    "vmap(lambda a: [a, {'b': a.sum()}])(x)[1]['b'].shape",
    "vmap(lambda a: a * 2, in_dims=-1, out_dims=-1)(x).shape",
    "vmap(lambda a: a, out_dims=(1,))(x).shape",
    "vmap(lambda a: randn_like(a), randomness='different')(x).shape",
    "vmap(lambda a: dropout(a, 0.5, True), randomness='same')(x).shape",
    "vmap(lambda a: dropout(a, 0.5, False))(x).shape",
    "vmap(lambda a: a * 2, chunk_size=2)(x).dtype",
    "vmap(lambda a, b: a + b, in_dims=(0, 1))(x, x.t()).shape",
    "func.functional_call(nn.Linear(4, 2), {}, (x,)).shape",
    "func.functional_call(nn.Linear(4, 2), {'weight': zeros(7, 4), 'bias': zeros(7)}, x).shape",
    "func.functional_call(nn.Linear(4, 2), ({'weight': zeros(7, 4)}, {'bias': zeros(7)}), x).shape",
    "func.functional_call(nn.Linear(4, 2), {'w': zeros(7, 4)}, x).shape",
    "func.stack_module_state([nn.Linear(4, 2)] * 5)[0]['weight'].shape",
    "func.grad(lambda a: a.sum())(x).shape",
    "func.grad(lambda a: (a.sum(), a), has_aux=True)(x)[1].shape",
    "func.jacrev(lambda a: a.sum(0))(x).shape",
    "func.jacfwd(lambda a: a.sum(0))(x + 1).shape",
    "vmap(func.grad(lambda w, a: (w * a).sum()), in_dims=(None, 0))(zeros(4), x).shape",
]
REFUSED = [
    "vmap(lambda a: rand(4))(x)",
    "vmap(lambda a: a + randn_like(a))(x)",
    "vmap(lambda a: a.clone().normal_())(x)",
    "vmap(lambda a: bernoulli(a))(x)",
    "vmap(lambda a: randperm(4))(x)",
    "vmap(lambda a: dropout(a, 0.5, True))(x)",
    "vmap(vmap(lambda a: a + rand(1)), randomness='different')(x)",
    "vmap(lambda a: a, in_dims=(0, 0))(x)",
    "vmap(lambda a, b: a + b)(x, x.t())",
    "vmap(lambda a, b: a + b)(x, 3)",
    "vmap(lambda a: 3)(x)",
    "vmap(lambda a: a, in_dims=2)(x)",
    "vmap(lambda a: a, in_dims=None)(x)",
    "vmap(lambda a: a, in_dims=[0])(x)",
    "vmap(lambda a: a, out_dims=3)(x)",
    "vmap(lambda a: a, randomness='any')(x)",
    "vmap(lambda a: a, chunk_size=0)(x)",
    "vmap(lambda a: a.view(5))(x)",
    "func.grad(lambda a: a)(x)",
    "func.functional_call(nn.Linear(4, 2), {'w': zeros(7, 4)}, x, strict=True)",
    "func.stack_module_state([])",
]


def _evaluated(text: str, library: Any, **more: Any) -> Any:
    return eval(text, {**vars(library), "func": library.func, "x": library.zeros(3, 4), **more})


@pytest.fixture(scope="module")
def ours() -> Any:
    library: Any = namespace("torch")
    library.func, library.nn = namespace("torch.func"), namespace("torch.nn")
    return library


@pytest.mark.filterwarnings("ignore:`torch.jit.script`:DeprecationWarning")  # within jacfwd
@pytest.mark.parametrize("text", TEXTS)
def test_what_torch_gives(text: str, ours: Any) -> None:
    found = [_evaluated(text, library) for library in (ours, torch)]
    if text.endswith("dtype"):
        found = [str(dtype).removeprefix("torch.") for dtype in found]
    assert found[0] == found[1]


@pytest.mark.parametrize("text", REFUSED)
def test_what_torch_refuses(text: str, ours: Any) -> None:
    with pytest.raises((ValueError, RuntimeError, IndexError)):
        _evaluated(text, torch)
    with pytest.raises(ShapeError):
        _evaluated(text, ours)


@settings(max_examples=200)
@given(
    sizes=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    in_dim=st.integers(-5, 4),
    out_dim=st.integers(-5, 4),
    function=st.sampled_from(
        [lambda a: a, lambda a: a.sum(), lambda a: a[None], lambda a: a.flatten()]
    ),
)
def test_the_dimension_that_is_mapped_over(
    sizes: list[int], in_dim: int, out_dim: int, function: Callable[..., Any]
) -> None:
    shapes: list[Any] = []
    for library in (namespace("torch"), torch):
        assert library is not None
        try:
            result = library.vmap(function, in_dim, out_dim)(library.zeros(*sizes))
            shapes.append(tuple(result.shape))
        except (ValueError, RuntimeError, IndexError):
            shapes.append("refused")
    assert shapes[0] == shapes[1]
