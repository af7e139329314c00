"""Linear algebra: `torch.linalg`, which is `ops.linalg` under other names, and what stands there alone."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING

from ..errors import ShapeError, UnknownOperation
from . import dtypes
from .arguments import axes, flag, integer, number, shape
from .layout import packing, unknowable
from .operation import operation
from .ops import linalg as _all
from .ops.linalg import _matrices, _with_pivots
from .ops.matrices import matmul, one_dtype
from .ops.reductions import sum_dtype
from .tensor import Tensor, broadcast_shapes, new, several, tensor

if TYPE_CHECKING:
    from typing import Any

LinAlgError = RuntimeError  # which a decomposition raises that does not exist, and here none
cholesky = _all.linalg_cholesky
cross = _all.linalg_cross
det = _all.det
diagonal = _all.linalg_diagonal
eig = _all.eig
eigh = _all.eigh
eigvals = _all.eigvals
eigvalsh = _all.eigvalsh
inv = _all.inv
inv_ex = _all.inv_ex
matrix_exp = _all.matrix_exp
matrix_norm = _all.matrix_norm
matrix_power = _all.matrix_power
matrix_rank = _all.matrix_rank
multi_dot = _all.multi_dot
norm = _all.linalg_norm
pinv = _all.pinv
qr = _all.linalg_qr
slogdet = _all.slogdet
solve = _all.solve
svd = _all.linalg_svd
svdvals = _all.svdvals
vecdot = _all.vecdot
vector_norm = _all.vector_norm
householder_product = _all.householder_product

_cholesky_ex = several("_cholesky_ex", "L", "info")
_ldl_factor = several("_ldl_factor", "LD", "pivots")
_ldl_factor_ex = several("_ldl_factor_ex", "LD", "pivots", "info")
_lstsq = several("_lstsq", "solution", "residuals", "rank", "singular_values")
_lu = several("_lu", "P", "L", "U")
_lu_factor = several("_lu_factor", "LU", "pivots")
_lu_factor_ex = several("_lu_factor_ex", "LU", "pivots", "info")
_solve_ex = several("_solve_ex", "result", "info")


def _info(lead: tuple[int, ...]) -> Tensor:
    return new(lead, dtypes.int32)


@operation
def cholesky_ex(input: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """As `cholesky`, and whether each matrix has such a triangle."""
    flag("check_errors", check_errors)
    return _cholesky_ex(cholesky(input, upper=upper), _info(input.shape[:-2]))


@operation
@packing
def cond(input: Tensor, p: Any = None) -> Tensor:
    """Find the condition numbers of matrices ``(*, m, n)``; but for `p` of 2 and -2 they are square.

    Raises:
        ShapeError: they are no such matrices, or `p` is unknown.
    """
    if p not in (None, "fro", "nuc", inf, -inf, 1, -1, 2, -2):
        raise ShapeError(
            f"has p={p!r}, which is none of 'fro', 'nuc', inf, 1, 2 and their negatives"
        )
    square = isinstance(p, str) or (p not in (None, 2, -2) and tensor("input", input).numel() > 0)
    lead = _matrices(input, square, dtypes.BOOL)[0]
    return new(lead, dtypes.to_real(input.dtype))


@operation
@unknowable
def ldl_factor(input: Tensor, *, hermitian: bool = False) -> Any:
    """Take symmetric matrices apart into triangles and blocks, ``(*, n, n)``, with the pivots ``(*, n)``."""
    lead, n, _ = _matrices(input, True, dtypes.FLOATING)
    flag("hermitian", hermitian)
    return _ldl_factor(new(input.shape, input.dtype), _info((*lead, n)))


@operation
@unknowable
def ldl_factor_ex(input: Tensor, *, hermitian: bool = False, check_errors: bool = False) -> Any:
    """As `ldl_factor`, and whether each matrix can be taken apart."""
    flag("check_errors", check_errors)
    data, pivots = ldl_factor(input, hermitian=hermitian)
    return _ldl_factor_ex(data, pivots, _info(input.shape[:-2]))


@operation
@unknowable
def ldl_solve(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False) -> Tensor:  # noqa: N803
    """Solve ``A X = B`` for X, ``(*, n, k)``, with what `ldl_factor` gave for A.

    Raises:
        ShapeError: B is no matrix, or it or the pivots do not fit.
    """
    flag("hermitian", hermitian)
    _matrices(LD, True, dtypes.FLOATING)
    return _with_pivots(LD, pivots, B, kinds=(dtypes.int32, dtypes.int64))


@operation
@unknowable
def lstsq(A: Tensor, B: Tensor, rcond: Any = None, *, driver: str | None = None) -> Any:  # noqa: N803
    """Solve ``A X = B`` as well as possible: of ``(*, m, n)`` and ``(*, m, k)`` or ``(*, m)``, ``(*, n, k)``.

    Raises:
        ShapeError: the rows differ, or the driver is unknown.
        UnknownOperation: whether there are residuals depends on data: with the drivers `gelss` and `gelsd`.
    """
    lead, rows, columns = _matrices(A)
    if tensor("B", B).dtype is not A.dtype:
        raise ShapeError(f"needs one dtype, but receives {A.dtype.name} and {B.dtype.name}")
    if rcond is not None:
        number("rcond", rcond)
    driver = "gelsy" if driver is None else driver
    if driver not in ("gels", "gelsy", "gelsd", "gelss"):
        raise ShapeError(
            f"has driver={driver!r}, which is none of 'gels', 'gelsy', 'gelsd' and 'gelss'"
        )
    fewer = A.ndim - tensor("B", B).ndim
    vector = B.ndim == 1 or B.shape == A.shape[:-1]
    if fewer not in (0, 1) or B.shape[-1 if vector else -2] != rows:
        raise ShapeError(f"cannot solve for {shape(B.shape)} with {shape(A.shape)}")
    if rows > columns and driver in ("gelsd", "gelss"):
        raise UnknownOperation(
            "lstsq: whether there are residuals depends on data", fix="driver='gelsy'"
        )
    # Where B has one dimension less and is no vector, torch still takes it for vectors here.
    batch = broadcast_shapes(lead, B.shape[:-1] if fewer else B.shape[:-2])
    whole = (*batch, rows, B.shape[-1])
    if fewer and not vector and broadcast_shapes(whole, B.shape) != whole:
        raise ShapeError(f"cannot solve for {shape(B.shape)} with {shape(A.shape)}")
    solution = (*batch, columns) if vector else (*batch, columns, B.shape[-1])
    real = dtypes.to_real(A.dtype)
    left_over = (*batch, 1 if vector else B.shape[-1])
    return _lstsq(
        new(solution, A.dtype),
        new(left_over if rows > columns and driver == "gels" else (0,), real),
        new((0,) if driver == "gels" else lead, dtypes.int64),
        new((*lead, min(rows, columns)) if driver in ("gelsd", "gelss") else (0,), real),
    )


def _pivots_on(A: Tensor, pivot: Any) -> bool:  # noqa: N803 - torch's name
    """Return `pivot`; without it there is nothing that torch takes apart on the CPU."""
    if not flag("pivot", pivot) and A.numel():
        raise ShapeError("has pivot=False, which torch does not have on the CPU", fix="pivot=True")
    return bool(pivot)


@operation
def lu(A: Tensor, *, pivot: bool = True) -> Any:  # noqa: N803 - torch's name
    """Take ``(*, m, n)`` apart into a permutation, a lower and an upper triangle."""
    lead, rows, columns = _matrices(A, nothing=dtypes.BOOL)
    few = min(rows, columns)
    permutation = (*lead, rows, rows) if _pivots_on(A, pivot) else (0,)
    parts = (permutation, (*lead, rows, few), (*lead, few, columns))
    return _lu(*(new(part, A.dtype) for part in parts))


@operation
@unknowable
def lu_factor(A: Tensor, *, pivot: bool = True) -> Any:  # noqa: N803 - torch's name
    """Take ``(*, m, n)`` apart into triangles, in one matrix, with the pivots ``(*, min(m, n))``."""
    lead, rows, columns = _matrices(A, nothing=dtypes.BOOL)
    _pivots_on(A, pivot)
    return _lu_factor(new(A.shape, A.dtype), _info((*lead, min(rows, columns))))


@operation
@unknowable
def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Any:  # noqa: N803
    """As `lu_factor`, and whether each matrix can be taken apart."""
    flag("check_errors", check_errors)
    data, pivots = lu_factor(A, pivot=pivot)
    return _lu_factor_ex(data, pivots, _info(A.shape[:-2]))


@operation
@unknowable
def lu_solve(
    LU: Tensor,  # noqa: N803 - torch's names
    pivots: Tensor,
    B: Tensor,  # noqa: N803
    *,
    left: bool = True,
    adjoint: bool = False,
) -> Tensor:
    """Solve ``A X = B`` for X, or ``X A = B``, with what `lu_factor` gave for A.

    Raises:
        ShapeError: B is no matrix, or it or the pivots do not fit.
    """
    flag("adjoint", adjoint)
    return _with_pivots(LU, pivots, B, flag("left", left))


@operation
def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:  # noqa: N803
    """As `solve`, and whether each matrix can be solved with."""
    flag("check_errors", check_errors)
    return _solve_ex(solve(A, B, left=left), _info(A.shape[:-2]))


@operation
@unknowable
def solve_triangular(
    A: Tensor,  # noqa: N803 - torch's names
    B: Tensor,  # noqa: N803
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
) -> Tensor:
    """Solve ``A X = B`` for X, or ``X A = B``, where A is a triangle.

    Raises:
        ShapeError: A is not square, or the rows of B are not those of A.
    """
    flag("upper", upper)
    flag("unitriangular", unitriangular)
    return _all._solved(A, B, flag("left", left), converts=True)


@operation
@unknowable
def tensorinv(A: Tensor, ind: int = 2) -> Tensor:  # noqa: N803 - torch's name
    """Find the inverse for `tensordot`: the dimensions from `ind` on come first.

    Raises:
        ShapeError: the dimensions before `ind` and from there on do not hold the same number of elements.
    """
    s = tensor("A", A).shape
    if not 0 < integer("ind", ind) <= len(s):
        raise ShapeError(f"has ind={ind}, which must be from 1 to {len(s)}")
    if prod(s[:ind]) != prod(s[ind:]):
        raise ShapeError(
            f"needs as many elements before dimension {ind} of {shape(s)} as from there on"
        )
    side = prod(s[ind:])
    _matrices(new((side, side), A.dtype))
    return new((*s[ind:], *s[:ind]), A.dtype)


@operation
@packing
def tensorsolve(A: Tensor, B: Tensor, dims: Any = None) -> Tensor:  # noqa: N803 - torch's names
    """Solve ``tensordot(A, X, X.ndim) = B`` for X.

    Raises:
        ShapeError: A does not have as many elements for X as for B.
    """
    s = list(tensor("A", A).shape)
    if tensor("B", B).ndim > len(s):
        raise ShapeError(f"cannot solve for {shape(B.shape)} with {shape(A.shape)}")
    if dims is not None:
        last = axes("dims", dims, len(s))
        s = [n for i, n in enumerate(s) if i not in last] + [s[i] for i in last if s]
    rest = tuple(s[B.ndim :])
    if prod(rest) != B.numel() or A.numel() != prod(rest) ** 2:
        raise ShapeError(f"cannot solve for {shape(B.shape)} with {shape(A.shape)}")
    side = prod(rest)
    _matrices(new((side, side), one_dtype(A, B)))
    return new(rest, A.dtype)


@operation
@packing
def vander(x: Tensor, *, N: int | None = None) -> Tensor:  # noqa: N803 - torch's name
    """Make the matrices of the powers of vectors' elements: ``(*, n)`` to ``(*, n, N)``."""
    s = tensor("x", x).shape
    columns = (s[-1] if s else 1) if N is None else integer("N", N)
    if columns < 2:
        raise ShapeError(f"makes {columns} powers, which must be at least 2", fix="N=2")
    if x.dtype is dtypes.bool or (x.dtype.kind == dtypes.FLOATING and x.dtype.itemsize == 2):
        raise ShapeError(f"is not defined for {x.dtype.name}", fix="a tensor of float32")
    return new((*(s or (1,)), columns), sum_dtype(x.dtype))


__all__ = [
    "cholesky",
    "cholesky_ex",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "householder_product",
    "inv",
    "inv_ex",
    "ldl_factor",
    "ldl_factor_ex",
    "ldl_solve",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_ex",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
    "vander",
    "vecdot",
    "vector_norm",
]
