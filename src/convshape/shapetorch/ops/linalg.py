"""Linear algebra: determinants, inverses, decompositions, norms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from math import prod
from typing import Any

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import axis, number, shape
from ..dtypes import BOOL, FLOATING
from ..layout import NEVER_KNOWN, OWN, PACKED, UNKNOWN_LAYOUT
from ..operation import BOTH, FUNCTION, LINALG, Unknown, declaring, rule_of
from ..operation import named as named_rule
from ..tensor import UNKNOWN, Tensor, broadcast_shapes, new, several, tensor_list
from .matrices import matmul, one_dtype
from .pointwise import exp  # type: ignore[attr-defined]
from .views import view

WHOLE = Unknown("each element depends on a whole matrix")
#: Declares what LAPACK makes of matrices.
lapack = declaring(layout=NEVER_KNOWN, macs=None, field=WHOLE)
#: How many products there are depends on the order in which torch multiplies.
ORDERED = Unknown("torch chooses the order of the products")
#: The dtypes of results, by those of the matrices.
_KINDS: dict[str, Callable[[dtypes.dtype], dtypes.dtype]] = {
    "": lambda dtype: dtype,
    "real": dtypes.to_real,
    "complex": lambda dtype: dtype if dtype.is_complex else dtypes.to_complex(dtype),
    "int32": lambda dtype: dtypes.int32,
    "int64": lambda dtype: dtypes.int64,
}


def parts(name: str, **texts: str) -> Callable[[Tensor], Any]:
    """Return what makes the results of a function of matrices ``(*, m, n)``.

    Each is written as the letters of its shape after ``*``, of which k is the lesser of m and n,
    and its dtype unless it is theirs: ``U="mk", S="k real"``. One of no elements is written ``-``.
    """
    named = several(f"_{name}", *texts)
    split = [text.partition(" ") for text in texts.values()]

    def make(input: Tensor) -> Any:
        *lead, m, n = input.shape
        sizes = {"m": m, "n": n, "k": min(m, n)}
        results = [
            new(
                (0,) if letters == "-" else (*lead, *(sizes[c] for c in letters)),
                _KINDS[kind](input.dtype),
            )
            for letters, _, kind in split
        ]
        return named(*results) if len(results) > 1 else results[0]

    return make


def check_matrices(
    input: Tensor, square: bool = False, nothing: int | None = None, *others: Tensor
) -> Tensor:
    """Return matrices of float32, float64 or their complex numbers.

    Where torch looks at dtypes only when there are elements, in these and `others`, `nothing` is
    the least kind for none.
    """
    s, kind = input.shape, input.dtype
    if len(s) < 2:
        raise ShapeError(f"expects matrices, but receives {shape(s)}")
    if square and s[-2] != s[-1]:
        raise ShapeError(f"expects square matrices, but receives {shape(s)}")
    whole = kind.kind >= FLOATING and kind.itemsize > 2 and kind is not dtypes.complex32
    empty = any(0 in operand.shape for operand in (input, *others))
    if not whole and (nothing is None or not empty or kind.kind < nothing):
        raise ShapeError(f"is not defined for {kind.name}", fix="a tensor of float32")
    return input


def floating(input: Tensor) -> dtypes.dtype:
    """Return the dtype of floating-point or complex numbers."""
    if input.dtype.kind < FLOATING:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="a tensor of float32")
    return input.dtype


def of_matrices(
    name: str,
    square: bool = True,
    nothing: int | None = None,
    spaces: str = BOTH,
    layout: Any = NEVER_KNOWN,
    names: Mapping[str, str] = {},
    **texts: str,
) -> Callable[..., Any]:
    """Declare a function of matrices alone, by the `parts` that it makes."""
    make = parts(name, **texts)

    def call(input: Tensor) -> Any:
        """Work on matrices.

        Raises:
            ShapeError: they are not square, or not of float32, float64 or complex numbers of these.
        """
        return make(check_matrices(input, square, nothing))

    return lapack(layout=layout, spaces=spaces, names=names)(named_rule(name, call))


det = of_matrices("det", nothing=FLOATING, layout=PACKED, det="")
logdet = of_matrices("logdet", layout=PACKED, logdet="")
slogdet = of_matrices("slogdet", layout=PACKED, sign="", logabsdet=" real")
inverse = of_matrices("inverse", inverse="mn")
geqrf = of_matrices("geqrf", square=False, a="mn", tau="k")
_q_r = parts("qr", Q="mk", R="kn"), parts("qr", Q="mm", R="mn")
_u_s_v = parts("svd", U="mk", S="k real", V="nk"), parts("svd", U="mm", S="k real", V="nn")


@lapack()
def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """Find the triangle whose product with itself is a positive-definite matrix."""
    check_matrices(input, input.numel() > 0, BOOL)
    return new(input.shape, input.dtype)


def check_tolerances(*tolerances: Any) -> None:
    """Refuse tolerances that are no numbers."""
    for tolerance in tolerances:
        if isinstance(tolerance, Tensor):
            raise UnknownOperation(
                "tolerances in tensors are not known to convshape", fix="a number"
            )
        if tolerance is not None:
            number("a tolerance", tolerance)


_pinv = parts("pinv", pinv="nm")


@lapack(layout=PACKED, spaces=LINALG)
def pinv(
    input: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """Find the pseudo-inverse of matrices: ``(*, m, n)`` to ``(*, n, m)``."""
    check_tolerances(rcond, atol, rtol)
    result: Tensor = _pinv(check_matrices(input, hermitian))
    return result


@lapack(layout=PACKED)
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """As `pinv`."""
    inverse: Tensor = rule_of(pinv)(input, rcond)
    return inverse


@lapack()
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """Find U, S and V of a singular value decomposition, V not transposed."""
    return _u_s_v[not (some and compute_uv)](check_matrices(input, nothing=FLOATING))


@lapack()
def qr(input: Tensor, some: bool = True) -> Any:
    """Find an orthogonal and a triangular matrix whose product is the input."""
    return _q_r[not some](check_matrices(input))


def solution(A: Tensor, B: Tensor, left: bool = True, nothing: int | None = None) -> Tensor:
    """Return X of ``A X = B``, or of ``X A = B``, ``(*, n, k)``; `nothing` as above."""
    check_matrices(A, True, nothing, B)
    if B.ndim < 2:
        raise ShapeError(f"expects matrices as B, but receives {shape(B.shape)}")
    rows, n = B.shape[-2 if left else -1], A.shape[-1]
    if rows != n:
        raise ShapeError(
            f"cannot solve for {shape(B.shape)} with {shape(A.shape)}: {rows} is not {n}"
        )
    return new((*broadcast_shapes(A.shape[:-2], B.shape[:-2]), *B.shape[-2:]), A.dtype)


def solution_by_pivots(
    A: Tensor,
    pivots: Tensor,
    B: Tensor,
    left: bool = True,
    kinds: tuple[dtypes.dtype, ...] = (dtypes.int32,),
) -> Tensor:
    """As `solution`, with a decomposition and its pivots."""
    one_dtype(A, B)
    result = solution(A, B, left, FLOATING)
    _check_pivots(pivots, A.shape[:-1], kinds)
    if pivots.memory is not None and pivots.numel():
        raise UnknownOperation(
            "pivots that are not contiguous in memory are not known to convshape: "
            "torch reads on past their end",
            fix="`.contiguous()` of them",
        )
    return result


def _check_pivots(
    pivots: Tensor, wanted: tuple[int, ...], kinds: tuple[dtypes.dtype, ...] = (dtypes.int32,)
) -> None:
    if pivots.dtype not in kinds:
        raise ShapeError(f"needs pivots of int32, but receives {pivots.dtype.name}")
    if pivots.shape != wanted:
        raise ShapeError(f"needs pivots of {shape(wanted)}, but receives {shape(pivots.shape)}")


@lapack()
def cholesky_inverse(input: Tensor, upper: bool = False) -> Tensor:
    """Find the inverse of matrices whose triangles `cholesky` gave."""
    return new(check_matrices(input, square=True).shape, input.dtype)


@lapack(names={"input2": "L"})
def cholesky_solve(input: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """Solve ``A X = input`` for X, ``(*, n, k)``, with the triangle that `cholesky` gave for A."""
    one_dtype(L, input)
    return solution(L, input)


@lapack()
def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """Solve ``A X = input`` for X, ``(*, n, k)``, with what `torch.linalg.lu_factor` gave for A."""
    return solution_by_pivots(LU_data, LU_pivots, input)


_triangular = several("_triangular", "solution", "cloned_coefficient")


@lapack(names={"input": "b"})
def triangular_solve(
    b: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """Solve ``A X = b`` for X, ``(*, n, k)``, A a triangle; with it A, expanded as X is."""
    one_dtype(A, b)
    result = solution(A, b)
    return _triangular(result, new((*result.shape[:-2], *A.shape[-2:]), A.dtype))


def _check_reflections(input: Tensor, tau: Tensor) -> None:
    lead, columns = check_matrices(input).shape[:-2], input.shape[-1]
    one_dtype(input, tau)
    if tau.shape[:-1] != lead or tau.ndim != len(lead) + 1 or tau.shape[-1] > columns:
        raise ShapeError(
            f"has scales of {shape(tau.shape)} for reflections of {shape(input.shape)}"
        )


@lapack(spaces=LINALG)
def householder_product(input: Tensor, tau: Tensor) -> Tensor:
    """Multiply the reflections ``(*, m, n)`` and scales ``(*, k)`` of `geqrf`: ``(*, m, n)``.

    Raises:
        ShapeError: there are more columns than rows, or more scales than columns.
    """
    _check_reflections(input, tau)
    if input.shape[-2] < input.shape[-1]:
        raise ShapeError(
            f"needs at least as many rows as columns, but receives {shape(input.shape)}"
        )
    return new(input.shape, input.dtype)


@lapack(names={"input2": "tau"})
def orgqr(input: Tensor, tau: Tensor) -> Tensor:
    """As `householder_product`."""
    product: Tensor = rule_of(householder_product)(input, tau)
    return product


@lapack(names={"input2": "tau", "input3": "other"})
def ormqr(
    input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False
) -> Tensor:
    """Multiply matrices by the orthogonal ones that `geqrf` gave as reflections."""
    _check_reflections(input, tau)
    one_dtype(input, other)
    fits = other.ndim == input.ndim and other.shape[:-2] == input.shape[:-2]
    rows = input.shape[-2]
    if (
        not fits
        or other.shape[-2 if left else -1] != rows
        or tau.shape[-1] != min(input.shape[-2:])
    ):
        raise ShapeError(
            f"cannot multiply {shape(other.shape)} by reflections of {shape(input.shape)}"
        )
    return new(other.shape, other.dtype)


_lu_unpack = several("_lu_unpack", "P", "L", "U")


@lapack(layout=UNKNOWN_LAYOUT, spaces=FUNCTION)
def lu_unpack(
    LU_data: Tensor, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True
) -> Any:
    """Take what `torch.linalg.lu_factor` gave apart: a permutation and two triangles."""
    if LU_data.ndim < 2:
        raise ShapeError(f"expects matrices, but receives {shape(LU_data.shape)}")
    *lead, m, n = LU_data.shape
    few = min(m, n)
    if unpack_pivots:
        _check_pivots(LU_pivots, (*lead, few))
    sizes = (((m, m), unpack_pivots), ((m, few), unpack_data), ((few, n), unpack_data))
    return _lu_unpack(*(new((*lead, *s) if wanted else (0,), LU_data.dtype) for s, wanted in sizes))


def _low_rank(input: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    *lead, rows, columns = input.shape
    kind = input.dtype
    values = new((*lead, count), dtypes.to_real(kind))
    return new((*lead, rows, count), kind), values, new((*lead, columns, count), kind)


@lapack(layout=UNKNOWN_LAYOUT, spaces=FUNCTION)
def svd_lowrank(
    A: Tensor, q: int | None = 6, niter: Any = 2, M: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Find `q` singular values of ``(*, m, n)``, and vectors ``(*, m, q)`` and ``(*, n, q)``."""
    if M is not None:
        raise UnknownOperation("svd_lowrank: M= is not known to convshape")
    count = 6 if q is None else q
    if count < 0:
        raise ShapeError(f"has q={q}, which must be at least 0")
    return _low_rank(A, min(count, *check_matrices(A).shape[-2:]))


@lapack(layout=UNKNOWN_LAYOUT, spaces=FUNCTION)
def pca_lowrank(
    A: Tensor, q: int | None = None, center: Any = True, niter: Any = 2
) -> tuple[Tensor, Tensor, Tensor]:
    """Find `q` principal components of ``(*, m, n)``, as `svd_lowrank`."""
    few = min(check_matrices(A).shape[-2:])
    count = min(6, few) if q is None else q
    if not 0 <= count <= few:
        raise ShapeError(f"has q={q}, which must be from 0 to {few}: {shape(A.shape)}")
    return _low_rank(A, count)


def cross_product(input: Tensor, other: Tensor, dim: int | None) -> Tensor:
    """Return the product of vectors of 3 elements along `dim`, or the first such dimension."""
    s = input.shape
    if len(s) != other.ndim or not s:
        raise ShapeError(
            f"needs as many dimensions, but receives {shape(s)} and {shape(other.shape)}"
        )
    if dim is None and 3 not in s:
        raise ShapeError(f"needs a dimension of size 3, but receives {shape(s)}")
    along = s.index(3) if dim is None else axis("dim", dim, len(s))
    sizes = broadcast_shapes(s, other.shape)
    if input.dtype is not other.dtype or input.dtype is dtypes.bool:
        raise ShapeError(f"is not defined for {input.dtype.name} and {other.dtype.name}")
    if not s[along] == other.shape[along] == 3:
        raise ShapeError(
            f"needs 3 elements along a dimension, but receives {shape(s)} and {shape(other.shape)}"
        )
    return new(sizes, input.dtype)


@lapack(layout=PACKED)
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """Multiply vectors of 3 elements along `dim`, or along the first dimension of that size."""
    return cross_product(input, other, dim)


@lapack(layout=OWN, macs=ORDERED)
def matrix_exp(input: Tensor) -> Tensor:
    """Find the exponentials of square matrices.

    Raises:
        ShapeError: they are not square, or not of floating-point or complex numbers.
    """
    kind, s = floating(input), input.shape
    if len(s) < 2 or s[-1] != s[-2]:
        raise ShapeError(f"expects square matrices, but receives {shape(s)}")
    if kind is dtypes.complex32 and 0 not in s:
        raise ShapeError(f"is not defined for {kind.name}", fix="a tensor of complex64")
    if s[-1] == 1:  # of elements
        exponentials: Tensor = exp(input)
        return exponentials
    if len(s) > 3:
        view(input, (prod(s[:-2]), *s[-2:]))
    result = new(s, kind)
    if 0 in s:
        result.memory = UNKNOWN
    return result


@lapack(layout=OWN, macs=ORDERED)
def matrix_power(input: Tensor, n: int) -> Tensor:
    """Raise square matrices to the power of `n`, below 0 their inverses."""
    s = input.shape
    if len(s) < 2 or s[-1] != s[-2]:
        raise ShapeError(f"expects square matrices, but receives {shape(s)}")
    result = new(s, input.dtype)
    if n < 0:
        check_matrices(input)
        result.memory = UNKNOWN
    elif input.dtype is dtypes.bool and n > 1 and input.numel():
        raise ShapeError("is not defined for bool")
    return result


@lapack(layout=OWN, macs=ORDERED, spaces=LINALG)
def multi_dot(tensors: Any) -> Tensor:
    """Multiply matrices, of which the first and the last may be vectors."""
    factors = tensor_list("tensors", tensors)
    if len(factors) < 2:
        raise ShapeError("needs at least 2 tensors, but receives 1")
    for place, factor in enumerate(factors):
        if factor.ndim != 2 and not (factor.ndim == 1 and place in (0, len(factors) - 1)):
            raise ShapeError(f"expects matrices, but receives {shape(factor.shape)}")
    return reduce(matmul, factors)


@lapack(layout=OWN, macs=ORDERED, spaces=FUNCTION)
def chain_matmul(*matrices: Any) -> Tensor:
    """Multiply matrices."""
    if not matrices:
        raise ShapeError("needs at least one matrix")
    in_list = isinstance(matrices[0], (tuple, list))
    factors = tensor_list("matrices", matrices[0] if in_list else matrices)
    for factor in factors:
        if factor.ndim != 2:
            raise ShapeError(f"expects matrices, but receives {shape(factor.shape)}")
    return factors[0].clone() if len(factors) == 1 else multi_dot(factors)
