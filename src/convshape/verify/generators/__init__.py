"""Random calls of the whole vocabulary, by family, compared between convshape and torch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import calls, cases
from .calls import Call, call_convshape, call_torch
from .calls_attention import dot_product_attention, multi_head_attention
from .calls_losses import loss_function
from .calls_memory import chain, letters, product
from .cases import Case, by_convshape, by_torch
from .cases_attention import multihead_attention, transformer
from .cases_losses import loss, loss_with_layers
from .layer_calls import LAYER_FAMILIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cases import Outcome, Pick
    from .layer_calls import Made

#: The layers, made and called.
FAMILIES: dict[str, Callable[[Pick], Case]] = {
    family.__name__: family
    for family in (
        cases.conv,
        cases.conv_transpose,
        cases.max_pool,
        cases.avg_pool,
        cases.adaptive_pool,
        cases.lp_pool,
        cases.max_unpool,
        cases.padding,
        cases.fold,
        cases.shuffle,
        cases.resampling,
        cases.embedding,
        cases.linear,
        cases.flatten,
        cases.reshaping,
        cases.batch_norm,
        cases.instance_norm,
        cases.normalisation,
        cases.dropout,
        cases.activation,
        cases.recurrent,
        cases.recurrent_cell,
        cases.fractional_max_pool,
        cases.other_norms,
        cases.pairs,
        cases.embedding_bag,
        cases.lazy,
        multihead_attention,
        transformer,
        loss,
        loss_with_layers,
    )
}


def _called(family: Callable[[Pick], Made], pick: Pick) -> Call:
    return Call(*family(pick))


_OF_TENSORS: dict[str, Callable[[Pick], Call]] = {
    family.__name__: family
    for family in (
        calls.unary,
        calls.binary,
        calls.operator,
        calls.other_pointwise,
        calls.reduction,
        calls.along,
        calls.view,
        calls.joining,
        calls.splitting,
        calls.subscript,
        calls.indexing,
        calls.matrix,
        calls.creation,
        calls.inplace,
        calls.assignment,
        calls.sampling,
        calls.conversion,
        calls.linear_algebra,
        calls.norms,
        calls.fourier,
        calls.other_functions,
        calls.special,
        calls.decomposition,
        calls.namesake,
        calls.misfits,
        dot_product_attention,
        multi_head_attention,
        loss_function,
        chain,
        letters,
        product,
    )
}
#: The functions and the methods of tensors.
CALLS: dict[str, Callable[[Pick], Call]] = {
    **_OF_TENSORS,
    **{name: partial(_called, family) for name, family in LAYER_FAMILIES.items()},
}


def judge(case: Case | Call, device: str = "cpu") -> tuple[Outcome, Outcome]:
    """Return what convshape and torch make of a case."""
    return judge_here(case), judge_by_torch(case, device)


def judge_here(case: Case | Call) -> Outcome:
    """Return what convshape makes of a case."""
    return call_convshape(case) if isinstance(case, Call) else by_convshape(case)


def judge_by_torch(case: Case | Call, device: str) -> Outcome:
    """Return what torch makes of a case."""
    return call_torch(case, device) if isinstance(case, Call) else by_torch(case, device)
