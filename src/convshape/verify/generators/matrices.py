"""Random calls of products of matrices."""

from __future__ import annotations

from typing import Any

from .choices import KINDS, Pick, any_shape, often, some_of
from .data import Call, T
from .tensors import Way, broadcast, form, kind, one_of, some

#: Products: the shapes of their operands in the letters of the sizes, and of what they are added
#: to.
_PRODUCTS = {
    "mm": "nk km",
    "bmm": "bnk bkm",
    "mv": "nk k",
    "dot": "k k",
    "vdot": "k k",
    "outer": "n m",
}
_ADDED_PRODUCTS = {
    "addmm": "nm nk km", "addmv": "n nk k", "baddbmm": "bnm bnk bkm", "addbmm": "nm bnk bkm",
    "addr": "nm n m",
}  # fmt: skip
_EINSUMS = (
    ("ij,jk->ik", "nk km"), ("bij,bjk->bik", "bnk bkm"), ("ij->ji", "nk"), ("ii->i", "nn"),
    ("ij,jk", "nk km"), ("...ij,...jk->...ik", "bnk km"), ("nhqd,nhkd->nhqk", "bhnk bhmk"),
    ("i,j->ij", "n m"), ("ij->", "nk"), ("ij,kj->q", "nk mk"), ("...->...", "nk"), ("ba", "nk"),
    ("i j -> j i", "nk"), ("ij,jk->ii", "nk km"), ("b...,b->b...", "bnk b"), ("1j->j", "nk"),
    ("...a->a...", "bnk"), ("ij,ij->ij", "nk nk"), ("Aij->iA", "bnk"), ("ij,", "nk "),
)  # fmt: skip
_TENSORDOTS = (
    1, 2, 0, 3, -1, ([0], [0]), ((1, 0), (0, 1)), ([-1], [0]), ([0, 0], [0, 1]), ([0],), True,
)  # fmt: skip


class _Operands:
    """Tensors whose sizes are letters: the same letter is the same size, nearly always."""

    def __init__(self, pick: Pick) -> None:
        self._pick = pick
        self.dtype = kind(pick)
        self._sizes = {letter: often(pick, (1, 2, 3), (0, 4)) for letter in "bhnkm"}

    def shape(self, letters: str) -> tuple[int, ...]:
        return tuple(self._sizes[letter] for letter in letters)

    def tensor(self, letters: str, lead: tuple[int, ...] = ()) -> T:
        pick = self._pick
        sizes = tuple(often(pick, (n,), (n + 1, 1)) for n in (*lead, *self.shape(letters)))
        if pick(range(24)) == 0:
            sizes = any_shape(pick)
        return T(sizes, often(pick, (self.dtype,), (self.dtype, *KINDS)))

    def tensors(self, letters: str) -> list[T]:
        return [self.tensor(term) for term in letters.split(" ")]


def _product(pick: Pick, name: str, operands: _Operands) -> Call:
    return form(pick, name, *operands.tensors(_PRODUCTS[name]))


def _added_product(pick: Pick, name: str, operands: _Operands) -> Call:
    extra: dict[str, Any] = {}
    if pick((True, False)):
        extra = some_of(pick, beta=(1, 0, 2, True, 1.5), alpha=(1, 2))
    added, _, pair = _ADDED_PRODUCTS[name].partition(" ")
    first = T(broadcast(pick, operands.shape(added)), operands.dtype)
    if "beta" in extra and pick((True, False)):  # by place, as torch once took them
        return Call(name, (first, *extra.values(), *operands.tensors(pair)), method=True)
    return form(pick, name, first, *operands.tensors(pair), **extra)


def _batched(pick: Pick, name: str, operands: _Operands) -> Call:
    lead = tuple(often(pick, (1, 2), (0, 3)) for _ in range(pick((0, 0, 1, 2))))
    left, right = pick(("nk", "nk", "k")), pick(("km", "km", "k"))
    if name == "cdist":
        right = "mk"
    others = lead[pick(range(len(lead) + 1)) :]
    first = operands.tensor(left, () if left == "k" else lead)
    return form(pick, name, first, operands.tensor(right, () if right == "k" else others))


def _inner(pick: Pick, name: str, operands: _Operands) -> Call:
    return form(pick, name, *(operands.tensor("k", any_shape(pick)[:2]) for _ in range(2)))


def _tensordot(pick: Pick, name: str, operands: _Operands) -> Call:
    if operands.dtype == "bool":  # which torch multiplies on some of its ways only
        operands.dtype = "int64"
    other = operands.tensor(pick(("km", "nk", "kn")))
    return Call(name, (operands.tensor("nk"), other), {"dims": pick(_TENSORDOTS)})


def _einsum(pick: Pick, name: str, operands: _Operands) -> Call:
    equation, letters = pick(_EINSUMS)
    return Call(name, (equation, *operands.tensors(letters)))


def _trace(pick: Pick, name: str, operands: _Operands) -> Call:
    return form(pick, name, operands.tensor("nm"))


def _of_any_two(pick: Pick, name: str, operands: _Operands) -> Call:
    return form(pick, name, some(pick), some(pick))


_MATRIX: dict[str, Way[_Operands]] = {
    **dict.fromkeys(_PRODUCTS, _product), **dict.fromkeys(_ADDED_PRODUCTS, _added_product),
    "matmul": _batched, "cdist": _batched, "inner": _inner, "tensordot": _tensordot,
    "einsum": _einsum, "trace": _trace, "kron": _of_any_two,
}  # fmt: skip


def matrix(pick: Pick) -> Call:
    """Products of matrices."""
    return one_of(pick, _MATRIX, _Operands)
