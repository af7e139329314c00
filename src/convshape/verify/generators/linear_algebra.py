"""Random calls of determinants, decompositions and norms, and of what is solved with them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from .choices import KINDS, Pick, any_shape, flagged, mostly, often, some_of
from .data import Call, T
from .tensors import Way, broadcast, dim, form, kind, one_of, some, takes


class _System:
    """A batch of matrices of ones, and what is solved with them.

    Matrices of more than one row are singular; where that must not be, `regular` have one.
    """

    def __init__(self, pick: Pick, regular: bool = False) -> None:
        self._pick = pick
        n, m, self._width = (often(pick, (1, 2, 3), (0, 4)) for _ in range(3))
        if regular:
            n, m = min(n, 1), min(m, 1)
        self.lead = pick(((), (), (2,), (2, 1), (0,)))
        self._dtype = often(pick, ("float32", "float64", "complex64"), KINDS)
        self.rows, self.columns = pick(((n, n), (n, n), (n, m), (m, n)))
        if regular and pick(range(8)):
            self.columns = self.rows
        self.matrix = self.tensor((*self.lead, self.rows, self.columns))
        if pick(range(16)) == 0 and not regular:
            self.matrix = self.tensor(any_shape(pick))

    def tensor(self, shape: tuple[int, ...]) -> T:
        return T(shape, self._dtype, 1)

    def like(self, shape: tuple[int, ...]) -> T:
        """Return a tensor of the same dtype, nearly always."""
        return T(shape, often(self._pick, (self._dtype,), KINDS), 1)

    def right(self) -> T:
        """Pick a right side."""
        pick, lead, rows, width = self._pick, self.lead, self.rows, self._width
        others = pick((lead, lead, lead[1:], (), (1, *lead), (3,)))
        usual = (*lead, rows, width)
        shapes = ((*others, rows, width), usual, usual, (*others, width, self.columns), (rows,))
        return self.like(often(pick, shapes, (any_shape(pick),)))

    def pivots(self, lead: tuple[int, ...], count: int) -> T:
        dtype = often(self._pick, ("int32",), ("int64", "float32"))
        return T((*lead, count), dtype, 1)

    def some_pivots(self) -> T:
        """Pick pivots, which rarely are too many, or of another batch."""
        count = often(self._pick, (self.rows,), (self.rows + 1,))
        return self.pivots(often(self._pick, (self.lead,), ((),)), count)

    def reflectors(self) -> T:
        """Pick the factors of Householder reflections."""
        few = min(self.rows, self.columns)
        count = often(self._pick, (few,), (self.columns, 1, self.columns + 1))
        return self.like(often(self._pick, ((*self.lead, count),), ((count,), ())))


def _regular(pick: Pick) -> _System:
    return _System(pick, regular=True)


def _flags(pick: Pick, names: str) -> dict[str, Any]:
    return some_of(pick, **dict.fromkeys(names.split(), flagged))


def _flagged(names: str = "") -> Way[_System]:
    """Return what calls a function of the matrix with some of these flags."""
    return lambda pick, name, system: form(pick, name, system.matrix, **_flags(pick, names))


def _with(**options: Any) -> Way[_System]:
    """Return what calls a function of the matrix with some of these options."""
    return lambda pick, name, system: takes(**options)(pick, name, system.matrix)


def _solved(names: str, matrix_first: bool = True) -> Way[_System]:
    """Return what calls a function of the matrix and a right side, with some of these flags."""

    def way(pick: Pick, name: str, system: _System) -> Call:
        pair = (system.matrix, system.right())
        return form(pick, name, *(pair if matrix_first else pair[::-1]), **_flags(pick, names))

    return way


def _power(pick: Pick, name: str, system: _System) -> Call:
    x = system.matrix
    if max(x.shape[-2:], default=0) > 1:  # a larger matrix of one number has no inverse
        return Call(name, (T(x.shape, x.dtype), pick((0, 1, 2, 3))))
    return Call(name, (x, pick((0, 1, 2, 3, -1))))


def _vandermonde(pick: Pick, name: str, system: _System) -> Call:
    if name == "vander":
        x = T(pick(((3,), (0,), (), (2, 2))), kind(pick))
        return Call(name, (x, *pick(((), (2,), (0,), (-1,)))))
    return Call(name, (some(pick),), some_of(pick, N=(1, 2, 3, 0, -1, True, None)))


def _cross(pick: Pick, name: str, system: _System) -> Call:
    sizes = tuple(pick((3, 3, 2, 1)) for _ in range(pick((1, 2, 3))))
    others = tuple(often(pick, (n, n, 1), (4,)) for n in sizes)
    return Call(name, (T(sizes, kind(pick)), system.like(others)), some_of(pick, dim=dim))


def _of_vectors(pick: Pick, name: str, system: _System) -> Call:
    x = some(pick)
    return Call(name, (x, T(broadcast(pick, x.shape), x.dtype)), some_of(pick, dim=dim))


def _chain(pick: Pick, name: str, system: _System) -> Call:
    rows = [pick((1, 2, 3)) for _ in range(4)]
    tensors = [system.tensor((a, often(pick, (b,), (b + 1,)))) for a, b in pairwise(rows)]
    tensors = tensors[: pick((1, 2, 3))]
    if pick(range(4)) == 0:
        tensors[0] = system.tensor(tensors[0].shape[1:])
    return Call(name, tuple(tensors) if name == "chain_matmul" else (tensors,))


_LINEAR_ALGEBRA: dict[str, Way[_System]] = {
    **dict.fromkeys(
        (
            "linalg.det linalg.slogdet linalg.svdvals linalg.eig linalg.eigvals linalg.diagonal "
            "linalg.matrix_rank linalg.pinv det logdet slogdet qr matrix_exp pinverse"
        ).split(),
        _flagged(),
    ),
    "linalg.svd": _with(full_matrices=flagged), "svd": _with(some=flagged, compute_uv=flagged),
    "linalg.qr": _with(mode=("reduced", "complete", "r", "x")),
    **dict.fromkeys(("linalg.eigh", "linalg.eigvalsh"), _with(UPLO=("L", "U", "x"))),
    **dict.fromkeys(("linalg.matrix_power", "matrix_power"), _power), "vander": _vandermonde,
    **dict.fromkeys(("linalg.cross", "cross"), _cross), "linalg.vecdot": _of_vectors,
    **dict.fromkeys(("linalg.multi_dot", "chain_matmul"), _chain),
}  # fmt: skip
#: Those that take regular matrices only.
_INVERSES: dict[str, Way[_System]] = {
    **dict.fromkeys(("linalg.inv", "inverse", "linalg.cholesky", "cholesky"), _flagged()),
    "linalg.solve": _solved("left"),
}


def linear_algebra(pick: Pick) -> Call:
    """Determinants, decompositions, inverses."""
    if pick(range(6)) == 0:
        return one_of(pick, _INVERSES, _regular)
    return one_of(pick, _LINEAR_ALGEBRA, _System)


def _condition(pick: Pick, name: str, system: _System) -> Call:
    ways = (None, 2, -2, 1, -1, float("inf"), "fro", "nuc")
    return Call(name, (system.matrix, *pick(((), (often(pick, ways, (3, "x")),)))))


def _least_squares(pick: Pick, name: str, system: _System) -> Call:
    x = system.matrix
    drivers = (None, "gelsy", "gels") if min(x.shape[-2:], default=1) == 1 else (None, "gelsy")
    return Call(name, (x, system.right()), some_of(pick, driver=mostly(drivers, ("x",))))


def _reflected(pick: Pick, name: str, system: _System) -> Call:
    return form(pick, name, system.matrix, system.reflectors())


def _multiplied(pick: Pick, name: str, system: _System) -> Call:
    x, tau, other = system.matrix, system.reflectors(), system.right()
    return form(pick, name, x, tau, other, **_flags(pick, "left transpose"))


def _triangular(pick: Pick, name: str, system: _System) -> Call:
    named = {"upper": flagged(pick)} | _flags(pick, "left unitriangular")
    return Call(name, (system.matrix, system.right()), named)


def _ldl_solve(pick: Pick, name: str, system: _System) -> Call:
    x = system.matrix  # torch reads past the end where the batches differ
    other = T((*x.shape[:-2], system.rows, pick((1, 2, 3))), often(pick, (x.dtype,), KINDS), 1)
    return Call(name, (x, system.some_pivots(), other), _flags(pick, "hermitian"))


def _lu_solve(pick: Pick, name: str, system: _System) -> Call:
    x, pivots, right = system.matrix, system.some_pivots(), system.right()
    if name == "lu_solve":
        return form(pick, name, right, x, pivots)
    return Call(name, (x, pivots, right), _flags(pick, "left adjoint"))


def _lu_unpack(pick: Pick, name: str, system: _System) -> Call:
    x = system.matrix  # torch reads past the end of what is no pivots
    pivots = system.pivots(x.shape[:-2], min(x.shape[-2:], default=0))
    return Call(name, (x, pivots), _flags(pick, "unpack_data unpack_pivots"))


def _of_tensors(pick: Pick, name: str, system: _System) -> Call:
    """Inverses of one element, or of none: others have none."""
    single, odd = ((1, 1, 1), (1, 1), (1,), (1, 1, 1, 1)), ((2, 1), (), (0, 0), (0, 1, 1, 0))
    sizes = often(pick, single, odd)
    x = system.tensor(sizes)
    if name == "linalg.tensorinv":
        return Call(name, (x,), some_of(pick, ind=(1, 2, 3, 0, -1, True)))
    other = system.like(pick((sizes[: len(sizes) // 2], sizes[:1], (1, 1), ())))
    return Call(name, (x, other), some_of(pick, dims=((0,), (0, 1), [1], (-1,), (3,), ())))


_DECOMPOSITIONS: dict[str, Way[_System]] = {
    "linalg.cond": _condition, "linalg.lstsq": _least_squares,
    **dict.fromkeys(("linalg.householder_product", "orgqr"), _reflected), "ormqr": _multiplied,
    "linalg.lu": _flagged("pivot"), "linalg.lu_factor_ex": _flagged("pivot"),
    "linalg.cholesky_ex": _flagged("upper"), "linalg.ldl_factor_ex": _flagged("hermitian"),
    **dict.fromkeys(("linalg.inv_ex", "geqrf"), _flagged()), "linalg.vander": _vandermonde,
    "triangular_solve": _solved("upper transpose unitriangular", matrix_first=False),
    "linalg.solve_triangular": _triangular, "linalg.solve_ex": _solved("left"),
    "cholesky_solve": _solved("upper", matrix_first=False), "linalg.ldl_solve": _ldl_solve,
    **dict.fromkeys(("linalg.lu_solve", "lu_solve"), _lu_solve), "lu_unpack": _lu_unpack,
    **dict.fromkeys(("linalg.tensorinv", "linalg.tensorsolve"), _of_tensors),
}  # fmt: skip
_REGULAR_DECOMPOSITIONS: dict[str, Way[_System]] = {
    "linalg.lu_factor": _flagged("pivot"), "linalg.ldl_factor": _flagged("hermitian"),
    "cholesky_inverse": _flagged("upper"),
}  # fmt: skip


def decomposition(pick: Pick) -> Call:
    """Decompositions and what is solved with their parts."""
    if pick(range(8)) == 0:
        return one_of(pick, _REGULAR_DECOMPOSITIONS, _regular)
    return one_of(pick, _DECOMPOSITIONS, _System)


def norms(pick: Pick) -> Call:
    """Norms of vectors and matrices."""
    name = pick(("linalg.norm", "linalg.vector_norm", "linalg.matrix_norm"))
    named = some_of(
        pick,
        ord=(1, 2, -1, -2, 0, 3, float("inf"), -float("inf"), "fro", "nuc", "x"),
        dim=(0, 1, -1, (0, 1), (-2, -1), (0,), [1], (0, 0), (0, 1, 2), 7),
        keepdim=flagged,
    )
    return Call(name, (some(pick, often(pick, ("float32",), KINDS)),), named)
