"""torch.distributions: shapes of distributions and of their samples, as in torch."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
import torch

import convshape as cs
from convshape.errors import Error
from convshape.shapetorch import distributions as ours
from convshape.shapetorch.tensor import new

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

SHAPES = [(), (3,), (2, 3), (1, 3), (2, 1), (4, 2, 3)]
KINDS: dict[str, list[tuple[str, ...]]] = {
    **{name: [("loc", "scale")] for name in ("Normal", "LogNormal", "Laplace", "Cauchy", "Gumbel")},
    **{name: [("rate",)] for name in ("Exponential", "Poisson")},
    **{name: [("scale",)] for name in ("HalfNormal", "HalfCauchy")},
    "Uniform": [("low", "high")],
    "Beta": [("concentration1", "concentration0")],
    "Gamma": [("concentration", "rate")],
    "Dirichlet": [("concentration",)],
    **{
        name: [("probs",), ("logits",)]
        for name in (
            "Bernoulli", "Geometric", "Categorical", "OneHotCategorical",
            "OneHotCategoricalStraightThrough",
        )
    },
}  # fmt: skip


def attempt(function: Any) -> Any:
    """Return the shape of what a function gives, or None if it refuses."""
    try:
        result = function()
    except (Error, ValueError, RuntimeError, NotImplementedError, TypeError):
        return None
    return tuple(result.shape)


def agree(theirs: Any, mine: Any) -> None:
    assert (tuple(theirs.batch_shape), tuple(theirs.event_shape)) == (
        tuple(mine.batch_shape),
        tuple(mine.event_shape),
    )
    drawn = theirs.sample((5,))
    value = new(tuple(drawn.shape), getattr(cs.shapetorch, str(drawn.dtype)[6:]))
    assert mine.sample((5,)).shape == tuple(drawn.shape)
    assert mine.sample().dtype.name == str(drawn.dtype)[6:]
    assert attempt(lambda: mine.rsample((2, 1))) == attempt(lambda: theirs.rsample((2, 1)))
    assert attempt(lambda: mine.log_prob(value)) == attempt(lambda: theirs.log_prob(drawn))
    for name in ("entropy",):
        their_answer = attempt(getattr(theirs, name))
        assert their_answer in (None, attempt(getattr(mine, name)))
    assert mine.mean.shape == tuple(theirs.mean.shape) or isinstance(mine, ours.Categorical)
    their_answer = attempt(lambda: torch.distributions.kl_divergence(theirs, theirs))
    assert their_answer in (None, attempt(lambda: ours.kl_divergence(mine, mine)))


@pytest.mark.parametrize("name", KINDS)
def test_shapes_are_torchs(name: str) -> None:
    for names, first, second in product(KINDS[name], SHAPES, SHAPES):
        sizes = dict(zip(names, (first, second), strict=False))
        simplex = names == ("probs",) and "Categorical" in name
        values = {key: torch.full(shape, 1 / 3 if simplex else 0.5) for key, shape in sizes.items()}
        if name == "Uniform":
            values["high"] += 1
        try:
            theirs = getattr(torch.distributions, name)(**values)
        except (ValueError, RuntimeError):
            with pytest.raises(Error):
                getattr(ours, name)(**{k: new(s, cs.shapetorch.float32) for k, s in sizes.items()})
            continue
        mine = getattr(ours, name)(**{k: new(s, cs.shapetorch.float32) for k, s in sizes.items()})
        agree(theirs, mine)


def test_of_vectors_and_of_batches_as_events() -> None:
    float32 = cs.shapetorch.float32
    agree(
        torch.distributions.MultivariateNormal(torch.zeros(2, 3), torch.eye(3)),
        ours.MultivariateNormal(new((2, 3), float32), new((3, 3), float32)),
    )
    agree(
        torch.distributions.Independent(torch.distributions.Normal(torch.zeros(2, 3), 1.0), 1),
        ours.Independent(ours.Normal(new((2, 3), float32), 1.0), 1),
    )
    with pytest.raises(Error):
        ours.Bernoulli()


VAE = """
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
from torch.distributions.categorical import Categorical
class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.m, self.s = nn.Linear(8, 4), nn.Linear(8, 4)
    def forward(self, x):
        q = Normal(self.m(x), self.s(x).exp())
        z = q.rsample()
        kl = kl_divergence(q, Normal(torch.zeros_like(q.mean), torch.ones_like(q.stddev)))
        return {"z": z, "q": q, "kl": kl.sum(-1), "action": Categorical(logits=z).sample()}
"""


def test_a_network_gives_distributions(tmp_path: Path) -> None:
    (tmp_path / "vae.py").write_text(VAE)
    trace = cs.trace(str(tmp_path / "vae.py"), "8", batch=3)
    assert trace.error is None, trace.error
    assert trace.rows[0].outputs == [(3, 4), (3, 4), (3, 4), (3,), (3,)]
