"""Random calls of the functions of losses."""

from __future__ import annotations

from calls import Call
from cases import Pick, T, often
from cases_attention import changed
from cases_losses import LOSSES, linear_cross_entropy


def loss_function(pick: Pick) -> Call:
    """Every loss, called as a function."""
    made = pick((*LOSSES, linear_cross_entropy))(pick)
    options = made.options
    first = made.tensors[0]
    if made.function in ("l1_loss", "mse_loss", "huber_loss") and pick((True, False)):
        own = often(pick, (first.shape,), (changed(pick, first.shape),))
        options = options | {"weight": T(own, often(pick, (first.dtype,), ("float64", "int64")))}
    return Call(f"nn.functional.{made.function}", made.tensors, options)
