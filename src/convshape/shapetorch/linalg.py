"""Linear algebra: `torch.linalg`, of which `ops.linalg` has what is in `torch` too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, prod
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ShapeError, UnknownOperation
from . import dtypes
from .arguments import axes, axis, number, one_of, shape
from .dtypes import BOOL, FLOATING
from .layout import OWN, PACKED, UNKNOWN_LAYOUT
from .operation import LINALG, declaring, rule_of
from .operation import named as named_rule
from .ops import rearranging
from .ops.linalg import (
    WHOLE,
    check_matrices,
    check_tolerances,
    cross_product,
    floating,
    lapack,
    of_matrices,
    parts,
    solution,
    solution_by_pivots,
)
from .ops.linalg import householder_product as householder_product
from .ops.linalg import matrix_exp as matrix_exp
from .ops.linalg import matrix_power as matrix_power
from .ops.linalg import multi_dot as multi_dot
from .ops.linalg import pinv as pinv
from .ops.matrices import matmul as matmul
from .ops.matrices import one_dtype
from .ops.reductions import check_elements, norm_dtype, reduced_shape, sum_dtype
from .tensor import UNKNOWN, Tensor, broadcast_shapes, new, several

if TYPE_CHECKING:
    F = TypeVar("F", bound=Callable[..., Any])

LinAlgError = RuntimeError  # which a decomposition raises that does not exist, and here none
#: Those whose results lie one element behind the other.
packing = declaring(layout=PACKED, macs=None, field=WHOLE, spaces=LINALG)


def _prefixed(rule: F) -> F:
    """Name a rule as torch names that of `torch.linalg`, where `torch` has another of its name."""
    return named_rule(f"linalg_{rule.__name__}", rule)


#: Torch's name of the matrices where it is not ``input``.
_A = {"A": "input"}
det = of_matrices("det", nothing=FLOATING, layout=PACKED, spaces=LINALG, names=_A, det="")
slogdet = of_matrices("slogdet", layout=PACKED, spaces=LINALG, names=_A, sign="", logabsdet=" real")
inv = of_matrices("inv", spaces=LINALG, names=_A, inverse="mn")
eigvals = of_matrices("eigvals", spaces=LINALG, eigenvalues="m complex")
eig = of_matrices("eig", spaces=LINALG, eigenvalues="m complex", eigenvectors="mn complex")
_eigh = parts("eigh", eigenvalues="m real", eigenvectors="mn")
_qr = {
    "reduced": parts("qr", Q="mk", R="kn"),
    "complete": parts("qr", Q="mm", R="mn"),
    "r": parts("qr", Q="-", R="kn"),
}
_svd = parts("svd", U="mk", S="k real", Vh="kn"), parts("svd", U="mm", S="k real", Vh="nn")
_lu = parts("lu", P="-", L="mk", U="kn"), parts("lu", P="mm", L="mk", U="kn")
_ldl_factor = parts("ldl_factor", LD="mn", pivots="m int32")
_lu_factor = parts("lu_factor", LU="mn", pivots="k int32")


@lapack(spaces=LINALG)
def eigh(input: Tensor, UPLO: str = "L") -> Any:
    """Find the eigenvalues ``(*, n)`` and eigenvectors ``(*, n, n)`` of symmetric matrices."""
    check_matrices(input, True, BOOL)
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise ShapeError(f"has UPLO={UPLO!r}, which is neither 'L' nor 'U'")
    return _eigh(input)


@packing()
def eigvalsh(input: Tensor, UPLO: str = "L") -> Tensor:
    """Find the eigenvalues ``(*, n)`` of symmetric matrices."""
    eigenvalues: Tensor = rule_of(eigh)(input, UPLO)[0]
    return eigenvalues


@lapack(spaces=LINALG)
@_prefixed
def cholesky(input: Tensor, *, upper: bool = False) -> Tensor:
    """Find the triangle whose product with itself is a positive-definite matrix."""
    return new(check_matrices(input, True, FLOATING).shape, input.dtype)


@lapack(spaces=LINALG)
@_prefixed
def svd(A: Tensor, full_matrices: bool = True, *, driver: Any = None) -> Any:
    """Find U, S and Vh of a singular value decomposition."""
    return _svd[full_matrices](check_matrices(A, nothing=FLOATING))


@packing()
def svdvals(A: Tensor, *, driver: Any = None) -> Tensor:
    """Find the singular values of matrices."""
    values: Tensor = rule_of(svd)(A)[1]
    return values


@lapack(spaces=LINALG)
@_prefixed
def qr(A: Tensor, mode: str = "reduced") -> Any:
    """Find an orthogonal and a triangular matrix whose product is the input."""
    one_of("mode", mode, _qr)
    return _qr[mode](check_matrices(A))


@packing()
def matrix_rank(
    input: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """Find the rank of matrices."""
    check_tolerances(tol, atol, rtol)
    return new(check_matrices(input, hermitian).shape[:-2], dtypes.int64)


@packing()
def cond(input: Tensor, p: Any = None) -> Tensor:
    """Find the condition numbers of matrices; those of another `p` than 2 and -2 are square.

    Raises:
        ShapeError: they are no such matrices, or `p` is unknown.
    """
    if p not in (None, "fro", "nuc", inf, -inf, 1, -1, 2, -2):
        raise ShapeError(
            f"has p={p!r}, which is not one of 'fro', 'nuc', inf, 1, 2 and their negatives"
        )
    square = isinstance(p, str) or (p not in (None, 2, -2) and input.numel() > 0)
    lead = check_matrices(input, square, BOOL).shape[:-2]
    return new(lead, dtypes.to_real(input.dtype))


@lapack(spaces=LINALG)
def ldl_factor(input: Tensor, *, hermitian: bool = False) -> Any:
    """Take symmetric matrices apart: triangles and blocks ``(*, n, n)``, and pivots ``(*, n)``."""
    return _ldl_factor(check_matrices(input, True, FLOATING))


@lapack(spaces=LINALG)
def ldl_solve(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False) -> Tensor:
    """Solve ``A X = B`` for X, ``(*, n, k)``, with what `ldl_factor` gave for A.

    Raises:
        ShapeError: B is not a matrix, or it or the pivots do not fit.
    """
    check_matrices(LD, True, FLOATING)
    return solution_by_pivots(LD, pivots, B, kinds=(dtypes.int32, dtypes.int64))


@lapack(spaces=LINALG)
def lstsq(input: Tensor, b: Tensor, rcond: float | None = None, *, driver: Any = None) -> Any:
    """Solve ``A X = B`` as well as possible, ``(*, m, n)`` and ``(*, m, k)`` to ``(*, n, k)``.

    Raises:
        ShapeError: the rows differ, or the driver is unknown.
        UnknownOperation: whether `gelss` and `gelsd` have residuals depends on data.
    """
    *lead, rows, columns = check_matrices(input).shape
    one_dtype(input, b)
    driver = "gelsy" if driver is None else driver
    one_of("driver", driver, ("gels", "gelsy", "gelsd", "gelss"))
    by_values = driver in ("gelsd", "gelss")
    if rows > columns and by_values:
        raise UnknownOperation(
            "lstsq: whether there are residuals depends on data", fix="driver='gelsy'"
        )
    batch, sides = _right_sides(input, b)
    return _lstsq(
        new((*batch, columns, *sides), input.dtype),
        new(
            (*batch, *(sides or (1,))) if rows > columns and driver == "gels" else (0,),
            dtypes.to_real(input.dtype),
        ),
        new((0,) if driver == "gels" else tuple(lead), dtypes.int64),
        new((*lead, min(rows, columns)) if by_values else (0,), dtypes.to_real(input.dtype)),
    )


_lstsq = several("_lstsq", "solution", "residuals", "rank", "singular_values")


def _right_sides(A: Tensor, b: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return what leads in a solution, and how many right sides there are: none for a vector."""
    rows, fewer = A.shape[-2], A.ndim - b.ndim
    vector = b.ndim == 1 or b.shape == A.shape[:-1]
    problem = ShapeError(f"cannot solve for {shape(b.shape)} with {shape(A.shape)}")
    if fewer not in (0, 1) or b.shape[-1 if vector else -2] != rows:
        raise problem
    # Where b has one dimension less and is no vector, torch still takes it for vectors here.
    batch = broadcast_shapes(A.shape[:-2], b.shape[:-1] if fewer else b.shape[:-2])
    whole = (*batch, rows, b.shape[-1])
    if fewer and not vector and broadcast_shapes(whole, b.shape) != whole:
        raise problem
    return batch, () if vector else b.shape[-1:]


def _check_pivot(A: Tensor, pivot: bool) -> Tensor:
    """Return matrices; without pivots there is nothing that torch takes apart on the CPU."""
    if not pivot and A.numel():
        raise ShapeError("has pivot=False, which torch does not have on the CPU", fix="pivot=True")
    return check_matrices(A, nothing=BOOL)


@lapack(layout=UNKNOWN_LAYOUT, spaces=LINALG)
def lu(A: Tensor, *, pivot: bool = True) -> Any:
    """Take ``(*, m, n)`` apart into a permutation, a lower and an upper triangle."""
    return _lu[pivot](_check_pivot(A, pivot))


@lapack(spaces=LINALG)
def lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """Take ``(*, m, n)`` apart: triangles, in one matrix, and the pivots ``(*, min(m, n))``."""
    return _lu_factor(_check_pivot(A, pivot))


@lapack(spaces=LINALG)
def lu_solve(
    LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False
) -> Tensor:
    """Solve ``A X = B`` for X, or ``X A = B``, with what `lu_factor` gave for A.

    Raises:
        ShapeError: B is not a matrix, or it or the pivots do not fit.
    """
    return solution_by_pivots(LU, pivots, B, left)


@lapack(spaces=LINALG)
def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """Solve ``A X = B`` for X, or ``X A = B``, where B is a vector or matrix for each matrix of A.

    Raises:
        ShapeError: A is not square, or the rows of B are not those of A.
    """
    check_matrices(A, True, FLOATING)
    one_dtype(A, B)
    vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    if vector and not left:
        raise ShapeError("solves X A = B for matrices only, but B is a vector")
    result = solution(A, new((*B.shape, 1), B.dtype) if vector else B, left, FLOATING)
    return new(result.shape[:-1], A.dtype) if vector else result


@lapack(spaces=LINALG)
def solve_triangular(
    input: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """Solve ``A X = B`` for X, or ``X A = B``, where A is a triangle.

    Raises:
        ShapeError: A is not square, or the rows of B are not those of A.
    """
    return solution(input, B, left)


def _with_info(
    name: str, function: Any, *fields: str, names: Mapping[str, str] = {}
) -> Callable[..., Any]:
    """Return the function that also reports for each matrix whether it can be so worked on."""
    named = several(f"_{name}", *fields, "info")

    def call(A: Tensor, *args: Any, check_errors: bool = False, **options: Any) -> Any:
        """As the function without ``_ex``, and whether that is possible for each matrix."""
        results = rule_of(function)(A, *args, **options)
        info = new(A.shape[:-2], dtypes.int32)
        return named(*(results if isinstance(results, tuple) else (results,)), info)

    return lapack(spaces=LINALG, names=names)(named_rule(name, call))


_INPUT = {"input": "A"}
cholesky_ex = _with_info("cholesky_ex", cholesky, "L", names=_INPUT)
inv_ex = _with_info("inv_ex", inv, "inverse")
ldl_factor_ex = _with_info("ldl_factor_ex", ldl_factor, "LD", "pivots", names=_INPUT)
lu_factor_ex = _with_info("lu_factor_ex", lu_factor, "LU", "pivots")
solve_ex = _with_info("solve_ex", solve, "result")


@lapack(spaces=LINALG)
def tensorinv(input: Tensor, ind: int = 2) -> Tensor:
    """Find the inverse for `tensordot`: the dimensions from `ind` on come first.

    Raises:
        ShapeError: the dimensions before `ind` and from there on do not hold as many elements.
    """
    s = input.shape
    if not 0 < ind <= len(s):
        raise ShapeError(f"has ind={ind}, which must be from 1 to {len(s)}")
    side = prod(s[ind:])
    if prod(s[:ind]) != side:
        raise ShapeError(
            f"needs as many elements before dimension {ind} of {shape(s)} as from there on"
        )
    check_matrices(new((side, side), input.dtype))
    return new((*s[ind:], *s[:ind]), input.dtype)


@packing()
def tensorsolve(input: Tensor, other: Tensor, dims: Any = None) -> Tensor:
    """Solve ``tensordot(A, X, X.ndim) = B`` for X.

    Raises:
        ShapeError: A does not have as many elements for X as for B.
    """
    s = list(input.shape)
    if dims is not None:
        last = axes("dims", dims, len(s))
        s = [n for i, n in enumerate(s) if i not in last] + [s[i] for i in last if s]
    rest = tuple(s[other.ndim :])
    side = prod(rest)
    if other.ndim > len(s) or side != other.numel() or input.numel() != side**2:
        raise ShapeError(f"cannot solve for {shape(other.shape)} with {shape(input.shape)}")
    check_matrices(new((side, side), one_dtype(input, other)))
    return new(rest, input.dtype)


@packing()
@_prefixed
def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """Multiply vectors of 3 elements along `dim`."""
    return cross_product(input, other, dim)


@packing()
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Multiply and sum along `dim`, both expanded to each other."""
    floating(x)
    kind = one_dtype(x, y)
    sizes = broadcast_shapes(x.shape, y.shape)
    # Vectors have one dimension, whatever `dim` says, and are not expanded.
    vectors = x.ndim == y.ndim == 1
    if vectors and x.shape != y.shape:
        raise ShapeError(f"needs vectors of one size, but receives {x!r} and {y!r}")
    along = axis("dim", 0 if vectors else dim, len(sizes))
    return new((*sizes[:along], *sizes[along + 1 :]), kind)


@packing(layout=OWN)
@_prefixed
def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Take the diagonals of the matrices in two dimensions as the last dimension."""
    return rearranging.diagonal(A, offset, dim1, dim2)


@packing()
def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """Make the matrices of the powers of vectors' elements: ``(*, n)`` to ``(*, n, N)``."""
    s = x.shape or (1,)
    columns = s[-1] if N is None else N
    if columns < 2:
        raise ShapeError(f"makes {columns} powers, which must be at least 2", fix="N=2")
    if x.dtype is dtypes.bool or (x.dtype.kind == FLOATING and x.dtype.itemsize == 2):
        raise ShapeError(f"is not defined for {x.dtype.name}", fix="a tensor of float32")
    return new((*s, columns), sum_dtype(x.dtype))


@packing()
def vector_norm(
    input: Tensor, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Measure the length of the vectors that the dimensions `dim` hold, or of all elements.

    Raises:
        ShapeError: a dimension does not exist, or the dtype is not floating-point.
    """
    kind = norm_dtype(input, dtype)
    sizes = reduced_shape(input, dim, keepdim)
    if ord < 0 or ord == inf:
        check_elements(input, dim, f"norm {ord}")
    return new(sizes, kind)


@packing()
def matrix_norm(
    input: Tensor,
    ord: Any = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """Measure the matrices that two dimensions hold.

    Raises:
        ShapeError: there are not two such dimensions, `ord` is unknown, or the dtype is not
            floating-point.
    """
    kind = norm_dtype(input, dtype)
    if input.ndim < 2:
        raise ShapeError(f"expects matrices, but receives {shape(input.shape)}")
    order = ord if isinstance(ord, str) else abs(number("ord", ord))
    if order not in ("fro", "nuc", 1, 2, inf):
        raise ShapeError(
            f"has ord={ord!r}, which is not one of 'fro', 'nuc', 1, 2, inf and their negatives"
        )
    plane = axes("dim", dim, input.ndim)
    if len(plane) != 2:
        raise ShapeError(f"needs two dimensions, but has dim={dim!r}")
    rows, columns = (input.shape[i] for i in plane)
    of_values = ord in ("nuc", 2, -2)  # singular ones, of dimensions in another order
    if of_values and input.dtype.itemsize == 2:
        raise ShapeError(f"is not defined for {input.dtype.name} with ord={ord!r}")
    # Of these sums, which must be of something:
    if not {-1: columns, -2: min(rows, columns), -inf: rows}.get(ord, 1):
        raise ShapeError(f"cannot take the norm {ord} of no elements: {shape(input.shape)}")
    result = new(reduced_shape(input, plane, keepdim), kind)
    if keepdim and of_values:
        result.memory = UNKNOWN
    return result


@packing()
@_prefixed
def norm(
    input: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Measure the vectors or matrices that one or two dimensions hold, or all elements.

    Raises:
        ShapeError: there are not one or two such dimensions, or `ord` is unknown.
    """
    count = input.ndim if dim is None else len(dim) if isinstance(dim, (tuple, list)) else 1
    if (dim is not None or ord is not None) and count not in (1, 2):
        raise ShapeError(f"takes the norm along 1 or 2 dimensions, but receives {count}")
    if ord is not None and (count == 2 or isinstance(ord, str)):
        dim = (-2, -1) if dim is None and input.ndim == 2 else dim or 0
        matrices: Tensor = rule_of(matrix_norm)(input, ord, dim, keepdim, dtype=dtype)
        return matrices
    vectors: Tensor = rule_of(vector_norm)(
        input, 2 if ord is None else ord, dim, keepdim, dtype=dtype
    )
    return vectors
