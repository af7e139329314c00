"""`torch.nn.utils.prune`: what a pruned module has, and which amounts are refused, as in torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.utils.prune as torch_prune

from convshape.shapetorch import nn
from convshape.shapetorch.nn.utils import prune

STEPS = [
    "prune.l1_unstructured(c, 'weight', 0.3)",
    "prune.random_unstructured(c, 'bias', amount=2)",
    "prune.random_structured(c, 'weight', 0.5, dim=0)",
    "prune.ln_structured(c, 'weight', 2, n=2, dim=1)",
    "prune.global_unstructured([(c, 'weight'), (c, 'bias')], prune.L1Unstructured, amount=0.2)",
    "prune.l1_unstructured(c, 'weight', 0.3), prune.l1_unstructured(c, 'weight', 1)",
    "prune.l1_unstructured(c, 'weight', 0.3), prune.remove(c, 'weight')",
    "prune.identity(c, 'weight')",
    "prune.l1_unstructured(c, 'weight', 2.0)",
    "prune.l1_unstructured(c, 'weight', -1)",
    "prune.l1_unstructured(c, 'weight', 1000)",
    "prune.l1_unstructured(c, 'nothing', 0.1)",
    "prune.remove(c, 'weight')",
    "prune.ln_structured(c, 'weight', 0.5, n=2, dim=7)",
    "prune.random_structured(c, 'bias', 0.5, dim=0)",
    "prune.custom_from_mask(c, 'weight', c.bias)",
]


def outcome(step: str, words: Any, layers: Any) -> Any:
    conv = layers.Conv2d(3, 4, 3)
    try:
        eval(step, {"prune": words, "c": conv})
    except (ValueError, AttributeError, IndexError, AssertionError) as error:
        kinds = (AssertionError, IndexError, AttributeError, ValueError)
        return "refused", next(kind for kind in kinds if isinstance(error, kind))
    return {name: tuple(value.shape) for name, value in conv.state_dict().items()}, tuple(
        name for name, _ in conv.named_parameters()
    )


@pytest.mark.parametrize("step", STEPS)
def test_it_is_as_in_torch(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "L1Unstructured", None, raising=False)
    assert outcome(step, prune, nn) == outcome(step, torch_prune, torch.nn)


def test_whether_a_module_is_pruned() -> None:
    network = nn.Sequential(nn.Linear(3, 4))
    assert not prune.is_pruned(network)
    prune.l1_unstructured(network[0], "weight", 0.5)
    assert prune.is_pruned(network)
