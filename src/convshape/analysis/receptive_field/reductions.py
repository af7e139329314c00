"""How what is summed, and what goes along a dimension, reads the dimensions of its tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...run.record import Call, tensors
from ...shapetorch.arguments import NOT_GIVEN
from .dependence import EVERY, GROW, Dependence, Dependences, elementwise, first_of, keep, mix, same


def _linear(known: Dependences, row: Call) -> Dependence:
    arguments = row.arguments()
    input, weight = arguments["input"], arguments["weight"]
    lead = [str(d) for d in range(input.ndim - 1)]
    return known.contract(
        (input, weight),
        ([*lead, "in"], ["out", "in"][2 - weight.ndim :]),
        row,
        [*lead, "out"][: row.result.ndim],
    )


def _matmul(known: Dependences, row: Call) -> Dependence:
    *added, a, b = tensors(list(row.arguments().values()))
    kept = [f".{d}" for d in range(max(a.ndim, b.ndim) - 2, 0, -1)]
    left = [f".{d}" for d in range(a.ndim - 2, 0, -1)] + ["n", "k"][-a.ndim :]
    right = [f".{d}" for d in range(b.ndim - 2, 0, -1)] + ["k", "m"][: b.ndim]
    kept += ["n"] * (a.ndim > 1) + ["m"] * (b.ndim > 1)
    product = known.contract((a, b), (left, right), row, kept)
    return known.union((product, known.broadcast(added, row.result.shape)))


def _einsum(known: Dependences, row: Call) -> Dependence | None:
    from ...shapetorch.ops.einsum import Einsum  # few networks have one

    _, operands, terms, kept = Einsum.parse(row.args)
    if any(len(set(term)) != len(term) for term in terms):
        return None  # a diagonal
    return known.contract(operands, terms, row, kept)


def _reduced_dims(row: Call) -> list[int]:
    dims = first_of(row).ndim
    dim = row.arguments().get("dim", None)
    if dim is None or dim is NOT_GIVEN or isinstance(dim, bool):
        return list(range(dims))
    wanted = dim if isinstance(dim, (tuple, list)) else (dim,)
    if not wanted and row.name not in ("any", "all"):  # for these none means none
        return list(range(dims))
    return [d % dims for d in wanted]


def _reduction(known: Dependences, row: Call) -> Dependence | None:
    if len(tensors((row.args, row.kwargs))) > 1:  # max and min of two tensors
        return elementwise(known, row)
    input, out = first_of(row), tensors(row.result)[0]
    gone = _reduced_dims(row) if input.ndim else []
    left = [d for d in range(input.ndim) if d not in gone]
    where = {d: d if out.ndim == input.ndim else i for i, d in enumerate(left)}
    return known.through(row, [EVERY if d in gone else keep(where[d]) for d in range(input.ndim)])


def _along(what: Callable[[int], Any]) -> Callable[[Dependences, Call], Dependence]:
    """Make the rule of what does something along dimension `dim` and keeps the shape."""

    def rule(known: Dependences, row: Call) -> Dependence:
        arguments = row.arguments()
        input, dim = first_of(row), arguments["dim"]
        if not input.ndim:
            return same(known, row)
        if dim is None:  # of a softmax
            dim = 0 if input.ndim in (1, 3) else 1  # as torch has always chosen it
        dim %= input.ndim
        return known.through(row, [what(d) if d == dim else keep(d) for d in range(input.ndim)])

    return rule


#: The rules of functions by their names.
KINDS: dict[str, Any] = {
    "linear": _linear,
    "matmul": _matmul,
    "einsum": _einsum,
    "reduction": _reduction,
    "softmax": _along(lambda d: EVERY),
    "running": _along(lambda d: (GROW, (d,), None)),
    "glu": _along(mix),
}
