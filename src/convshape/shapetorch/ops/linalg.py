"""Linear algebra: determinants, inverses, decompositions, norms."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import axes, axis, flag, integer, number, shape
from ..layout import itself, packing, unknowable
from ..operation import operation
from ..tensor import (
    UNKNOWN,
    Tensor,
    broadcast_shapes,
    new,
    number_dtype,
    result_type,
    several,
    tensor,
    tensor_list,
)
from .matrices import matmul
from .pointwise import exp  # type: ignore[attr-defined]
from .views import diagonal as _diagonal
from .views import view

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _floating(input: Any) -> Tensor:
    if tensor("input", input).dtype.kind < dtypes.FLOATING:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="a tensor of float32")
    checked: Tensor = input
    return checked


def _matrices(
    input: Any, square: bool = False, nothing: int | None = None
) -> tuple[tuple[int, ...], int, int]:
    """Return what leads, the rows and the columns of matrices of float32, float64 or their complex numbers.

    Where torch looks at dtypes only when there are elements, `nothing` is the least kind for none.
    """
    sizes = _sizes(input, square)
    _check_kind(input.dtype, nothing if 0 in input.shape else None)
    return sizes


def _sizes(input: Any, square: bool) -> tuple[tuple[int, ...], int, int]:
    s = tensor("input", input).shape
    if len(s) < 2:
        raise ShapeError(f"expects matrices, but receives {shape(s)}")
    if square and s[-2] != s[-1]:
        raise ShapeError(f"expects square matrices, but receives {shape(s)}")
    return s[:-2], s[-2], s[-1]


def _check_kind(kind: dtypes.dtype, least: int | None) -> None:
    whole = kind.kind >= dtypes.FLOATING and kind.itemsize > 2 and kind is not dtypes.complex32
    if not whole and (least is None or kind.kind < least):
        raise ShapeError(f"is not defined for {kind.name}", fix="a tensor of float32")


#: Of the functions of square matrices those whose results are laid out anew.
_PACKED = ("det", "logdet", "slogdet")


def _square(name: str, result: Callable[[Tensor, tuple[int, ...]], Any]) -> Callable[..., Any]:
    nothing = dtypes.FLOATING if name == "det" else None

    def call(input: Tensor) -> Any:
        """Work on square matrices.

        Raises:
            ShapeError: they are not square, or not of float32, float64 or complex numbers of these.
        """
        return result(input, _matrices(input, True, nothing)[0])

    call.__name__ = call.__qualname__ = name
    return operation((packing if name in _PACKED else unknowable)(call))


def _number(input: Tensor, lead: tuple[int, ...]) -> Tensor:
    return new(lead, input.dtype)


def _same(input: Tensor, lead: tuple[int, ...]) -> Tensor:
    result = new(input.shape, input.dtype)
    if not result.numel():
        result.memory = UNKNOWN
    return result


_slogdet = several("_slogdet", "sign", "logabsdet")
_inv_ex = several("_inv_ex", "inverse", "info")
_eig = several("_eig", "eigenvalues", "eigenvectors")


def _sign_and_logarithm(input: Tensor, lead: tuple[int, ...]) -> Any:
    return _slogdet(new(lead, input.dtype), new(lead, dtypes.to_real(input.dtype)))


def _eigenvalues(input: Tensor, lead: tuple[int, ...]) -> Tensor:
    return new((*lead, input.shape[-1]), _complex(input.dtype))


def _complex(dtype: dtypes.dtype) -> dtypes.dtype:
    return dtype if dtype.is_complex else dtypes.to_complex(dtype)


det, logdet = _square("det", _number), _square("logdet", _number)
slogdet = _square("slogdet", _sign_and_logarithm)
inv, inverse = _square("inv", _same), _square("inverse", _same)
inv_ex = _square("inv_ex", lambda x, lead: _inv_ex(_same(x, lead), new(lead, dtypes.int32)))
eigvals = _square("eigvals", _eigenvalues)
eig = _square("eig", lambda x, lead: _eig(_eigenvalues(x, lead), new(x.shape, _complex(x.dtype))))


def _triangle(UPLO: Any) -> None:  # noqa: N803 - torch's name
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise ShapeError(f"has UPLO={UPLO!r}, which is neither 'L' nor 'U'")


@operation
@unknowable
def eigh(input: Tensor, UPLO: str = "L") -> Any:  # noqa: N803
    """Find the eigenvalues ``(*, n)`` and eigenvectors ``(*, n, n)`` of symmetric matrices."""
    lead, n, _ = _matrices(input, True, dtypes.BOOL)
    _triangle(UPLO)
    return _eig(new((*lead, n), dtypes.to_real(input.dtype)), new(input.shape, input.dtype))


@operation
@packing
def eigvalsh(input: Tensor, UPLO: str = "L") -> Tensor:  # noqa: N803
    """Find the eigenvalues ``(*, n)`` of symmetric matrices."""
    lead, n, _ = _matrices(input, True, dtypes.BOOL)
    _triangle(UPLO)
    return new((*lead, n), dtypes.to_real(input.dtype))


@operation
@unknowable
def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """Find the triangle whose product with itself is a positive-definite matrix."""
    _matrices(input, tensor("input", input).numel() > 0, dtypes.BOOL)
    flag("upper", upper)
    return new(input.shape, input.dtype)


@operation
@unknowable
def linalg_cholesky(input: Tensor, *, upper: bool = False) -> Tensor:
    """As `cholesky`, of matrices that are square also where there are no elements."""
    _matrices(input, True, dtypes.FLOATING)
    return cholesky(input, upper)


def _tolerances(square: bool, *given: Any) -> None:
    for each in given:
        if isinstance(each, Tensor):
            raise UnknownOperation(
                "tolerances in tensors are not known to convshape", fix="a number"
            )
        if each is not None:
            number("a tolerance", each)
    flag("hermitian", square)


@operation
@packing
def pinv(
    input: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """Find the pseudo-inverse of matrices: ``(*, m, n)`` to ``(*, n, m)``."""
    _tolerances(hermitian, rcond, atol, rtol)
    lead, rows, columns = _matrices(input, hermitian)
    return new((*lead, columns, rows), input.dtype)


_svd = several("_svd", "U", "S", "V")
_linalg_svd = several("_linalg_svd", "U", "S", "Vh")


@operation
@unknowable
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """Find U, S and V of a singular value decomposition, V not transposed."""
    lead, rows, columns = _matrices(input, nothing=dtypes.FLOATING)
    few = min(rows, columns)
    given = (flag("some", some), flag("compute_uv", compute_uv))
    reduced = all(given)
    values = new((*lead, few), dtypes.to_real(input.dtype))
    left, right = (few, few) if reduced else (rows, columns)
    return _svd(
        new((*lead, rows, left), input.dtype), values, new((*lead, columns, right), input.dtype)
    )


@operation
@unknowable
def linalg_svd(input: Tensor, full_matrices: bool = True, *, driver: Any = None) -> Any:
    """Find U, S and Vh of a singular value decomposition."""
    lead, rows, columns = _matrices(input, nothing=dtypes.FLOATING)
    few = min(rows, columns)
    left, right = (rows, columns) if flag("full_matrices", full_matrices) else (few, few)
    return _linalg_svd(
        new((*lead, rows, left), input.dtype),
        new((*lead, few), dtypes.to_real(input.dtype)),
        new((*lead, right, columns), input.dtype),
    )


@operation
@packing
def svdvals(input: Tensor, *, driver: Any = None) -> Tensor:
    """Find the singular values of matrices."""
    lead, rows, columns = _matrices(input, nothing=dtypes.FLOATING)
    return new((*lead, min(rows, columns)), dtypes.to_real(input.dtype))


_qr = several("_qr", "Q", "R")


def _factors(input: Tensor, mode: str) -> Any:
    lead, rows, columns = _matrices(input)
    inner = rows if mode == "complete" else min(rows, columns)
    q = (0,) if mode == "r" else (*lead, rows, inner)
    return _qr(new(q, input.dtype), new((*lead, inner, columns), input.dtype))


@operation
@unknowable
def qr(input: Tensor, some: bool = True) -> Any:
    """Find an orthogonal and a triangular matrix whose product is the input."""
    return _factors(input, "reduced" if flag("some", some) else "complete")


@operation
@unknowable
def linalg_qr(input: Tensor, mode: str = "reduced") -> Any:
    """Find an orthogonal and a triangular matrix whose product is the input."""
    if mode not in ("reduced", "complete", "r"):
        raise ShapeError(f"has mode={mode!r}, which is neither 'reduced', 'complete' nor 'r'")
    return _factors(input, mode)


@operation
@packing
def matrix_rank(
    A: Tensor,  # noqa: N803 - torch's name
    tol: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
) -> Tensor:
    """Find the rank of matrices."""
    _tolerances(hermitian, tol, atol, rtol)
    return new(_matrices(A, hermitian)[0], dtypes.int64)


def _solved(
    A: Tensor,  # noqa: N803 - torch's names
    B: Tensor,  # noqa: N803
    left: bool,
    converts: bool = False,
    nothing: int | None = None,
) -> Tensor:
    """Return X of ``A X = B``, or of ``X A = B``, for matrices ``(*, n, k)``; `nothing` as in `_matrices`."""
    if tensor("B", B).dtype is not A.dtype and not converts:
        raise ShapeError(f"needs one dtype, but receives {A.dtype.name} and {B.dtype.name}")
    lead, n, _ = _sizes(A, True)
    _check_kind(A.dtype, nothing if 0 in (*A.shape, *B.shape) else None)
    if B.ndim < 2:
        raise ShapeError(f"expects matrices as B, but receives {shape(B.shape)}")
    rows = B.shape[-2] if left else B.shape[-1]
    if rows != n:
        raise ShapeError(
            f"cannot solve for {shape(B.shape)} with {shape(A.shape)}: {rows} is not {n}"
        )
    return new((*broadcast_shapes(lead, B.shape[:-2]), *B.shape[-2:]), A.dtype)


def _with_pivots(
    A: Tensor,  # noqa: N803 - torch's names
    pivots: Any,
    B: Tensor,  # noqa: N803
    left: bool = True,
    kinds: Any = (dtypes.int32,),
) -> Tensor:
    """As `_solved`, with a decomposition and its pivots."""
    result = _solved(A, B, left, nothing=dtypes.FLOATING)
    _pivots(pivots, A.shape[:-1], kinds)
    if pivots.memory is not None and pivots.numel():
        raise UnknownOperation(
            "pivots that do not lie one behind the other in memory are not known to convshape: torch reads "
            "on past their end",
            fix="`.contiguous()` of them",
        )
    return result


def _pivots(pivots: Any, wanted: tuple[int, ...], kinds: Any = (dtypes.int32,)) -> None:
    """Refuse what are not the pivots of a decomposition."""
    if tensor("pivots", pivots).dtype not in kinds:
        raise ShapeError(f"needs pivots of int32, but receives {pivots.dtype.name}")
    if pivots.shape != wanted:
        raise ShapeError(f"needs pivots of {shape(wanted)}, but receives {shape(pivots.shape)}")


@operation
@unknowable
def cholesky_inverse(input: Tensor, upper: bool = False) -> Tensor:
    """Find the inverse of matrices whose triangles `cholesky` gave."""
    _matrices(input, square=True)
    flag("upper", upper)
    return new(input.shape, input.dtype)


@operation
@unknowable
def cholesky_solve(input: Tensor, L: Tensor, upper: bool = False) -> Tensor:  # noqa: N803 - torch's name
    """Solve ``A X = input`` for X, ``(*, n, k)``, with the triangle that `cholesky` gave for A."""
    flag("upper", upper)
    return _solved(L, input, left=True)


_geqrf = several("_geqrf", "a", "tau")


@operation
@unknowable
def geqrf(input: Tensor) -> Any:
    """Take ``(*, m, n)`` apart into reflections: ``(*, m, n)`` and their scales ``(*, min(m, n))``."""
    lead, rows, columns = _matrices(input)
    return _geqrf(new(input.shape, input.dtype), new((*lead, min(rows, columns)), input.dtype))


def _reflections(input: Tensor, tau: Any) -> None:
    lead, _, columns = _matrices(input)
    if tensor("tau", tau).dtype is not input.dtype:
        raise ShapeError(f"needs one dtype, but receives {input.dtype.name} and {tau.dtype.name}")
    if tau.shape[:-1] != lead or len(tau.shape) != len(lead) + 1 or tau.shape[-1] > columns:
        raise ShapeError(
            f"has scales of {shape(tau.shape)} for reflections of {shape(input.shape)}"
        )


@operation
@unknowable
def householder_product(input: Tensor, tau: Tensor) -> Tensor:
    """Multiply reflections ``(*, m, n)`` of scales ``(*, k)``, as `geqrf` gives them, to ``(*, m, n)``.

    Raises:
        ShapeError: there are more columns than rows, or more scales than columns.
    """
    _reflections(input, tau)
    if input.shape[-2] < input.shape[-1]:
        raise ShapeError(
            f"needs at least as many rows as columns, but receives {shape(input.shape)}"
        )
    return new(input.shape, input.dtype)


@operation
@unknowable
def ormqr(
    input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False
) -> Tensor:
    """Multiply matrices by the orthogonal ones that `geqrf` gave as reflections."""
    _reflections(input, tau)
    flag("transpose", transpose)
    if tensor("other", other).dtype is not input.dtype:
        raise ShapeError(f"needs one dtype, but receives {input.dtype.name} and {other.dtype.name}")
    side = -2 if flag("left", left) else -1
    if other.ndim != input.ndim or other.shape[:-2] != input.shape[:-2]:
        raise ShapeError(
            f"cannot multiply {shape(other.shape)} by reflections of {shape(input.shape)}"
        )
    if other.shape[side] != input.shape[-2] or tau.shape[-1] != min(input.shape[-2:]):
        raise ShapeError(
            f"cannot multiply {shape(other.shape)} by reflections of {shape(input.shape)}"
        )
    return new(other.shape, other.dtype)


@operation
@unknowable
def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:  # noqa: N803 - torch's names
    """Solve ``A X = b`` for X, ``(*, n, k)``, with what `torch.linalg.lu_factor` gave for A."""
    return _with_pivots(LU_data, LU_pivots, b)


_lu_unpack = several("_lu_unpack", "P", "L", "U")


@operation
def lu_unpack(
    LU_data: Tensor,  # noqa: N803 - torch's names
    LU_pivots: Tensor,  # noqa: N803
    unpack_data: bool = True,
    unpack_pivots: bool = True,
) -> Any:
    """Take what `torch.linalg.lu_factor` gave apart into a permutation, a lower and an upper triangle."""
    s = tensor("LU_data", LU_data).shape
    if len(s) < 2:
        raise ShapeError(f"expects matrices, but receives {shape(s)}")
    few = min(s[-2:])
    if flag("unpack_pivots", unpack_pivots):
        _pivots(LU_pivots, (*s[:-2], few))
    parts = (
        ((s[-2], s[-2]), unpack_pivots),
        ((s[-2], few), flag("unpack_data", unpack_data)),
        ((few, s[-1]), unpack_data),
    )
    return _lu_unpack(
        *(new((*s[:-2], *part) if wanted else (0,), LU_data.dtype) for part, wanted in parts)
    )


def _low_rank(input: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    lead, rows, columns = _matrices(input)
    values = new((*lead, count), dtypes.to_real(input.dtype))
    return new((*lead, rows, count), input.dtype), values, new((*lead, columns, count), input.dtype)


@operation
def svd_lowrank(
    A: Tensor,  # noqa: N803 - torch's names
    q: int | None = 6,
    niter: int | None = 2,
    M: Tensor | None = None,  # noqa: N803
) -> tuple[Tensor, Tensor, Tensor]:
    """Find `q` singular values of ``(*, m, n)``, and their vectors ``(*, m, q)`` and ``(*, n, q)``."""
    if M is not None:
        raise UnknownOperation("svd_lowrank: M= is not known to convshape")
    count = 6 if q is None else integer("q", q)
    if count < 0:
        raise ShapeError(f"has q={q}, which must be at least 0")
    return _low_rank(A, min(count, *_matrices(A)[1:]))


@operation
def pca_lowrank(
    A: Tensor,  # noqa: N803 - torch's name
    q: int | None = None,
    center: bool = True,
    niter: int = 2,
) -> tuple[Tensor, Tensor, Tensor]:
    """Find `q` principal components of ``(*, m, n)``, as `svd_lowrank`."""
    few = min(_matrices(A)[1:])
    count = min(6, few) if q is None else integer("q", q)
    if not 0 <= count <= few:
        raise ShapeError(f"has q={q}, which must be from 0 to {few}: {shape(A.shape)}")
    return _low_rank(A, count)


_triangular = several("_triangular", "solution", "cloned_coefficient")


@operation
@unknowable
def triangular_solve(
    b: Tensor,
    A: Tensor,  # noqa: N803 - torch's name
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> Any:
    """Solve ``A X = b`` for X, ``(*, n, k)``, where A is a triangle; with it A, expanded as X is."""
    for name, value in (
        ("upper", upper),
        ("transpose", transpose),
        ("unitriangular", unitriangular),
    ):
        flag(name, value)
    solution = _solved(A, b, left=True)
    return _triangular(solution, new((*solution.shape[:-2], *A.shape[-2:]), A.dtype))


@operation
@unknowable
def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:  # noqa: N803 - torch's names
    """Solve ``A X = B`` for X, or ``X A = B``, where B is a vector or matrix for each matrix of A.

    Raises:
        ShapeError: A is not square, or the rows of B are not those of A.
    """
    lead, n, _ = _matrices(A, True, dtypes.FLOATING)
    if tensor("B", B).dtype is not A.dtype:
        raise ShapeError(f"needs one dtype, but receives {A.dtype.name} and {B.dtype.name}")
    vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    own: tuple[int, ...] = (*B.shape, 1) if vector else B.shape
    if len(own) < 2:
        raise ShapeError("needs a vector or matrices as B, but receives a scalar")
    if vector and not flag("left", left):
        raise ShapeError("solves X A = B for matrices only, but B is a vector")
    rows = own[-2] if flag("left", left) else own[-1]
    if rows != n:
        raise ShapeError(
            f"cannot solve for {shape(B.shape)} with {shape(A.shape)}: {rows} is not {n}"
        )
    result = (*broadcast_shapes(lead, own[:-2]), *own[-2:])
    return new(result[:-1] if vector else result, A.dtype)


def _cross(input: Tensor, other: Tensor, along: int) -> Tensor:
    sizes = broadcast_shapes(input.shape, other.shape)
    if input.dtype is not other.dtype or input.dtype is dtypes.bool:
        raise ShapeError(f"is not defined for {input.dtype.name} and {other.dtype.name}")
    if input.shape[along] != 3 or other.shape[along] != 3:
        raise ShapeError(
            f"needs 3 elements along a dimension, but receives {shape(input.shape)} and {shape(other.shape)}"
        )
    return new(sizes, input.dtype)


def _same_rank(input: Any, other: Any) -> None:
    if tensor("input", input).ndim != tensor("other", other).ndim or not input.shape:
        raise ShapeError(
            f"needs as many dimensions, but receives {shape(input.shape)} and {shape(other.shape)}"
        )


@operation
@packing
def cross(input: Tensor, other: Tensor, dim: Any = None) -> Tensor:
    """Multiply vectors of 3 elements along `dim`, or along the first dimension of that size."""
    _same_rank(input, other)
    if dim is None and 3 not in input.shape:
        raise ShapeError(f"needs a dimension of size 3, but receives {shape(input.shape)}")
    return _cross(
        input, other, input.shape.index(3) if dim is None else axis("dim", dim, input.ndim)
    )


@operation
@packing
def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """Multiply vectors of 3 elements along `dim`."""
    _same_rank(input, other)
    return _cross(input, other, axis("dim", dim, input.ndim))


@operation
@packing
def matrix_exp(input: Tensor) -> Tensor:
    """Find the exponentials of square matrices.

    Raises:
        ShapeError: they are not square, or not of floating-point or complex numbers.
    """
    s = _floating(input).shape
    if len(s) < 2 or s[-1] != s[-2]:
        raise ShapeError(f"expects square matrices, but receives {shape(s)}")
    if input.dtype is dtypes.complex32 and 0 not in s:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="a tensor of complex64")
    if s[-1] == 1:  # of elements
        exponentials: Tensor = exp(input)
        return exponentials
    if len(s) > 3:
        view(input, (prod(s[:-2]), *s[-2:]))
    return _same(input, s)


@operation
@packing
def matrix_power(input: Tensor, n: int) -> Tensor:
    """Multiply square matrices `n` times with themselves; a negative power is that of the inverse."""
    power = integer("n", n)
    if tensor("input", input).ndim < 2 or input.shape[-1] != input.shape[-2]:
        raise ShapeError(f"expects square matrices, but receives {shape(input.shape)}")
    if power < 0:
        _matrices(input)
    if input.dtype is dtypes.bool and power not in (0, 1) and input.numel():
        raise ShapeError("is not defined for bool")
    result = new(input.shape, input.dtype)
    if power < 0:
        result.memory = UNKNOWN
    return result


@operation
@itself
def multi_dot(tensors: Any) -> Tensor:
    """Multiply matrices, of which the first and the last may be vectors."""
    given = tensor_list("tensors", tensors)
    if len(given) < 2:
        raise ShapeError(f"needs at least 2 tensors, but receives {len(given)}")
    for place, each in enumerate(given):
        if each.ndim != 2 and not (each.ndim == 1 and place in (0, len(given) - 1)):
            raise ShapeError(f"expects matrices, but receives {shape(each.shape)}")
    result = given[0]
    for each in given[1:]:
        result = matmul(result, each)
    return result


@operation
@itself
def chain_matmul(*matrices: Any) -> Tensor:
    """Multiply matrices."""
    given = tensor_list(
        "matrices", matrices[0] if isinstance(matrices[0], (tuple, list)) else matrices
    )
    for each in given:
        if each.ndim != 2:
            raise ShapeError(f"expects matrices, but receives {shape(each.shape)}")
    return given[0].clone() if len(given) == 1 else multi_dot(given)


@operation
@packing
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Multiply and sum along `dim`, both expanded to each other."""
    sizes = broadcast_shapes(_floating(x).shape, _floating(y).shape)
    vectors = (
        x.ndim == y.ndim == 1
    )  # which have one dimension, whatever `dim` says, and are not expanded
    if vectors and (x.shape != y.shape or x.dtype is not y.dtype):
        raise ShapeError(f"needs vectors of one size and dtype, but receives {x!r} and {y!r}")
    along = axis("dim", dim if not vectors else integer("dim", dim) * 0, len(sizes))
    return new(tuple(n for i, n in enumerate(sizes) if i != along), result_type(x, y))


@operation
@itself
def linalg_diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:  # noqa: N803
    """Take the diagonals of the matrices in two dimensions as the last dimension."""
    return _diagonal(A, offset, dim1, dim2)


def _reduced(input: Tensor, gone: tuple[int, ...], keepdim: Any) -> tuple[int, ...]:
    if flag("keepdim", keepdim):
        return tuple(1 if i in gone else n for i, n in enumerate(input.shape))
    return tuple(n for i, n in enumerate(input.shape) if i not in gone)


def _norm_dtype(input: Tensor, dtype: Any) -> dtypes.dtype:
    own = _floating(input).dtype
    if dtype is None:
        return dtypes.to_real(own)
    wanted = dtypes.as_dtype(dtype)
    if wanted.kind != own.kind or wanted.itemsize < own.itemsize:
        raise ShapeError(f"cannot take the norm of {own.name} in {wanted.name}")
    return dtypes.to_real(wanted)


def _vector_norm(input: Tensor, ord: Any, dim: Any, keepdim: Any, dtype: Any) -> Tensor:
    kind = _norm_dtype(input, dtype)
    if number_dtype(ord).kind > dtypes.FLOATING:
        raise ShapeError(f"has ord={ord!r}, which is no real number")
    everything = dim is None or (isinstance(dim, (tuple, list)) and not dim)
    gone = tuple(range(input.ndim)) if everything else axes("dim", dim, input.ndim)
    if (ord < 0 or ord == inf) and input.shape and 0 in (input.shape[i] for i in gone):
        raise ShapeError(f"cannot take the norm {ord} of no elements: {shape(input.shape)}")
    return new(_reduced(input, gone, keepdim), kind)


@operation
@packing
def vector_norm(
    x: Tensor, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Measure the length of the vectors that the dimensions `dim` hold, or of all elements.

    Raises:
        ShapeError: a dimension does not exist, or the dtype is not floating-point.
    """
    return _vector_norm(x, ord, dim, keepdim, dtype)


def _matrix_norm(input: Tensor, ord: Any, dim: Any, keepdim: Any, dtype: Any) -> Tensor:
    kind = _norm_dtype(input, dtype)
    if input.ndim < 2:
        raise ShapeError(f"expects matrices, but receives {shape(input.shape)}")
    if ord not in ("fro", "nuc") if isinstance(ord, str) else abs(ord) not in (1, 2, inf):
        raise ShapeError(
            f"has ord={ord!r}, which is none of 'fro', 'nuc', 1, 2, inf and their negatives"
        )
    plane = axes("dim", dim, input.ndim)
    if len(plane) != 2:
        raise ShapeError(f"needs two dimensions, but has dim={dim!r}")
    rows, columns = (input.shape[i] for i in plane)
    if ord in ("nuc", 2, -2) and input.dtype.itemsize == 2:
        raise ShapeError(f"is not defined for {input.dtype.name} with ord={ord!r}")
    least = {
        -1: columns,
        -2: min(rows, columns),
        -inf: rows,
    }  # of these sums, which must be of something
    if not least.get(ord, 1):
        raise ShapeError(f"cannot take the norm {ord} of no elements: {shape(input.shape)}")
    result = new(_reduced(input, plane, keepdim), kind)
    if keepdim and ord in (
        "nuc",
        2,
        -2,
    ):  # which singular values make, of dimensions in another order
        result.memory = UNKNOWN
    return result


@operation
@packing
def matrix_norm(
    A: Tensor,  # noqa: N803 - torch's name
    ord: Any = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """Measure the matrices that two dimensions hold.

    Raises:
        ShapeError: there are not two such dimensions, `ord` is unknown, or the dtype is not floating-point.
    """
    return _matrix_norm(A, ord, dim, keepdim, dtype)


@operation
@packing
def linalg_norm(
    A: Tensor,  # noqa: N803 - torch's name
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """Measure the vectors or matrices that one or two dimensions hold, or all elements.

    Raises:
        ShapeError: there are not one or two such dimensions, or `ord` is unknown.
    """
    count = (
        tensor("A", A).ndim if dim is None else len(dim) if isinstance(dim, (tuple, list)) else 1
    )
    if (dim is not None or ord is not None) and count not in (1, 2):
        raise ShapeError(f"takes the norm along 1 or 2 dimensions, but receives {count}")
    if ord is not None and (count == 2 or isinstance(ord, str)):
        return _matrix_norm(
            A, ord, (-2, -1) if dim is None and A.ndim == 2 else dim or 0, keepdim, dtype
        )
    return _vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype)
