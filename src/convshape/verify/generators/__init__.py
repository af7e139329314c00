"""Random calls of the whole vocabulary, family by family, judged by convshape and by torch alike.

A family is a function that builds one call from choices. Where the choices come from is the
caller's: Hypothesis, which shrinks them, or a seeded generator, which is quick.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from . import (
    attention,
    chains,
    creation,
    fourier,
    layers,
    linear_algebra,
    losses,
    matrices,
    normalization,
    other_functions,
    pointwise,
    sequences,
    views,
    windows,
)
from .choices import Pick
from .data import Call, Case
from .judging import Outcome, by_convshape, by_torch
from .layer_functions import LAYER_FAMILIES


def _families(*homes: tuple[ModuleType, str]) -> dict[str, Callable[[Pick], Case | Call]]:
    return {name: getattr(home, name) for home, names in homes for name in names.split()}


#: The layers, made and called.
FAMILIES = _families(
    (
        windows,
        "conv conv_transpose max_pool avg_pool adaptive_pool lp_pool max_unpool "
        "fractional_max_pool fold",
    ),
    (normalization, "batch_norm instance_norm normalisation other_norms"),
    (sequences, "embedding embedding_bag recurrent recurrent_cell"),
    (layers, "padding shuffle resampling linear flatten reshaping dropout activation pairs lazy"),
    (attention, "multihead_attention transformer"),
    (losses, "loss loss_with_layers"),
)


#: The functions and the methods of tensors, and the functions of layers.
CALLS = {
    **_families(
        (pointwise, "unary binary operator other_pointwise reduction along"),
        (views, "view joining splitting subscript indexing"),
        (matrices, "matrix"),
        (creation, "creation inplace assignment sampling conversion"),
        (linear_algebra, "linear_algebra norms"),
        (fourier, "fourier"),
        (other_functions, "other_functions"),
        (pointwise, "special"),
        (linear_algebra, "decomposition"),
        (other_functions, "namesake misfits"),
        (attention, "dot_product_attention multi_head_attention"),
        (losses, "loss_function"),
        (chains, "chain letters product"),
    ),
    **LAYER_FAMILIES,
}


__all__ = ["CALLS", "FAMILIES", "by_convshape", "by_torch", "judge"]


def judge(case: Case | Call, device: str = "cpu") -> tuple[Outcome, Outcome]:
    """Return what convshape and torch make of a case."""
    return by_convshape(case), by_torch(case, device)
