"""Vector and matrix products."""

from __future__ import annotations

from math import prod
from typing import Any

from ...errors import ShapeError
from .. import dtypes
from ..arguments import axes, integers, one_of, shape
from ..layout import OWN, PACKED, is_packed, lay, strides
from ..operation import FUNCTION, Unknown, declaring, rule_of
from ..tensor import UNKNOWN, Tensor, broadcast_shapes, new, number_dtype, result_type
from .pointwise import mul  # type: ignore[attr-defined]
from .reductions import sum_dtype
from .views import permute, view

#: Declare products of matrices, such products added to a tensor, and what multiplies otherwise.
product = declaring(layout=PACKED, macs="product", field="matmul")
SCALES = ("beta", "alpha")
added_product = declaring(layout=PACKED, macs="added_product", field="matmul", older=SCALES)
combining = declaring(layout=PACKED, macs=None, field=Unknown("it combines all of two tensors"))


def one_dtype(*tensors: Tensor) -> dtypes.dtype:
    """Return the dtype of all tensors; refuse two."""
    first = tensors[0].dtype
    for other in tensors:
        if other.dtype is not first:
            raise ShapeError(f"needs one dtype, but receives {first.name} and {other.dtype.name}")
    return first


def _product_dtype(a: Tensor, b: Tensor, result: tuple[int, ...]) -> dtypes.dtype:
    """Return the dtype of both; torch multiplies bools only where there is nothing to multiply."""
    dtype = one_dtype(a, b)
    if dtype is dtypes.bool and (not result or prod(a.shape) * prod(b.shape)):
        raise ShapeError("is not defined for bool")
    return dtype


def _check_inner(a: Tensor, b: Tensor, columns: int, rows: int) -> None:
    if columns != rows:
        raise ShapeError(
            f"cannot multiply {shape(a.shape)} and {shape(b.shape)}: "
            f"{columns} columns meet {rows} rows"
        )


def _multiply(a: Tensor, left: str, b: Tensor, right: str) -> Tensor:
    """Multiply, summing over k, operands whose dimensions are named by letters."""
    for operand, names in ((a, left), (b, right)):
        if operand.ndim != len(names):
            raise ShapeError(
                f"expects {len(names)} dimensions, but receives {operand.ndim}: "
                f"{shape(operand.shape)}"
            )
    _check_inner(a, b, a.shape[left.index("k")], b.shape[right.index("k")])
    batched = "b" in left
    if batched and a.shape[0] != b.shape[0]:
        raise ShapeError(f"has batches of {a.shape[0]} and {b.shape[0]}")
    sizes = dict(zip(left + right, a.shape + b.shape, strict=True))
    result = tuple(n for c, n in sizes.items() if c != "k")
    if batched and not prod(sizes.values()):  # torch does not look closer at nothing
        return new(result, b.dtype)
    return new(result, _product_dtype(a, b, result))


@product()
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """Multiply ``(n, k)`` by ``(k, m)``."""
    return _multiply(input, "nk", mat2, "km")


@product(spaces="sparse")
def sparse_mm(mat1: Tensor, mat2: Tensor) -> Tensor:
    """As `mm`; torch makes the result column by column."""
    result: Tensor = rule_of(mm)(mat1, mat2)
    lay(result, (1, result.shape[0] or 1))
    return result


@product()
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Multiply ``(b, n, k)`` by ``(b, k, m)``."""
    return _multiply(input, "bnk", mat2, "bkm")


@product()
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """Multiply ``(n, k)`` by ``(k)``."""
    return _multiply(input, "nk", vec, "k")


@product()
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """Multiply ``(k)`` by ``(k)``, and sum."""
    return _multiply(input, "k", tensor, "k")


@product()
def vdot(input: Tensor, other: Tensor) -> Tensor:
    """Multiply ``(k)``, conjugated, by ``(k)``, and sum."""
    return _multiply(input, "k", other, "k")


@product()
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """Multiply vectors or (batches of) matrices: ``(*, n, k)`` by ``(*, k, m)`` to ``(*, n, m)``.

    Raises:
        ShapeError: the columns are not the rows of the other, or the batches do not broadcast.
    """
    a, b = input.shape, other.shape
    if not a or not b:
        raise ShapeError(
            f"expects at least 1 dimension in each, but receives {shape(a)} and {shape(b)}"
        )
    _check_inner(input, other, a[-1], b[-2] if len(b) > 1 else b[0])
    lead = broadcast_shapes(a[:-2], b[:-2])
    result = (*lead, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))
    if not prod(result) * a[-1] and _in_batches(input, other):
        return new(result, other.dtype)  # as `bmm`, which does not look closer at nothing
    return new(result, _product_dtype(input, other, result))


def _in_batches(a: Tensor, b: Tensor) -> bool:
    """Return whether torch multiplies matrix by matrix, not all rows of one as one matrix."""
    larger, smaller = (a, b) if a.ndim >= b.ndim else (b if b.ndim < 2 else b.mT, a)
    if larger.ndim < 3 or smaller.ndim > 2:
        return smaller.ndim > 2
    if smaller.requires_grad or a.ndim == 2:
        return not smaller.requires_grad
    sizes, steps = larger.shape, strides(larger)
    apart = any(steps[i] != steps[i + 1] * sizes[i + 1] for i in range(larger.ndim - 2))
    return apart and 0 not in sizes


def _contract(a: Tensor, b: Tensor, left: tuple[int, ...], right: tuple[int, ...]) -> Tensor:
    """Return the product that is summed over these dimensions of both."""
    rows, columns = (
        [i for i in range(t.ndim) if i not in gone] for t, gone in ((a, left), (b, right))
    )
    sizes = (*(a.shape[i] for i in rows), *(b.shape[i] for i in columns))
    dtype = one_dtype(a, b)
    if dtype is dtypes.bool:
        for i, j in zip(left, right, strict=True):  # torch sums over what meets a size of 1
            a, b = (
                (_summed(a, i) if b.shape[j] == 1 else a),
                (_summed(b, j) if a.shape[i] == 1 != b.shape[j] else b),
            )
        factors = permute(a, (*rows, *left)), permute(b, (*right, *columns))
        # Vectors torch takes as such if they are in memory, too, and else element by element.
        if (
            all(is_packed(t.shape, strides(t)) for t in factors)
            if prod(sizes) == 1 and left
            else a.numel() * b.numel()
        ):
            raise ShapeError("is not defined for bool")
    return new(sizes, dtype)


def _summed(input: Tensor, dim: int) -> Tensor:
    return new((*input.shape[:dim], 1, *input.shape[dim + 1 :]), input.dtype)


@combining(layout=OWN, macs="product")
def inner(input: Tensor, other: Tensor) -> Tensor:
    """Multiply and sum over the last dimensions of both."""
    a, b = input.shape, other.shape
    if not a or not b:
        scaled: Tensor = mul(input, other)
        return scaled
    _check_inner(input, other, a[-1], b[-1])
    return _contract(input, other, (len(a) - 1,), (len(b) - 1,))


@combining(layout=OWN)
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Multiply each element of one vector with each of another."""
    for vector in (input, vec2):
        if vector.ndim != 1:
            raise ShapeError(f"expects vectors, but receives {shape(vector.shape)}")
    result: Tensor = mul(input.reshape(input.numel(), 1), vec2)
    return result


def _check_sum(input: Tensor, sizes: tuple[int, ...], *factors: Any) -> None:
    """Refuse factors that are no numbers, and what does not expand to its product."""
    for factor in factors:
        number_dtype(factor)
    if broadcast_shapes(input.shape, sizes) != sizes:
        raise ShapeError(f"cannot add {shape(input.shape)} to a product of {shape(sizes)}")


def _check_scale(beta: Any, dtype: dtypes.dtype) -> None:
    """Refuse a factor by which a tensor to which nothing is added cannot be multiplied in place."""
    if beta and not dtypes.can_cast(number_dtype(beta), dtype):
        raise ShapeError(f"has beta={beta!r} for {dtype.name}")


@added_product()
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta·input + alpha·(mat1 @ mat2)``: ``(n, k)`` by ``(k, m)``."""
    return _add(input, rule_of(mm)(mat1, mat2), mat1, beta, alpha)


@added_product()
def baddbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    """``beta·input + alpha·(batch1 @ batch2)``: ``(b, n, k)`` by ``(b, k, m)``."""
    return _add(input, rule_of(bmm)(batch1, batch2), batch1, beta, alpha)


def _add(input: Tensor, result: Tensor, factor: Tensor, beta: Any, alpha: Any) -> Tensor:
    """Return `result`, a product of `factor` to which `input` is added.

    Raises:
        ShapeError: the input does not expand to the product, or is of another dtype.
    """
    _check_sum(input, result.shape, beta, alpha)
    one_dtype(input, factor)
    if not factor.shape[-1] and 0 not in result.shape:
        _check_scale(beta, result.dtype)
    return result


@added_product(field=Unknown("it sums over the batch"))
def addbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    """``beta·input + alpha·Σ(batch1 @ batch2)``: ``(b, n, k)`` by ``(b, k, m)``, summed over b."""
    products = rule_of(bmm)(batch1, batch2)
    sizes = products.shape[1:]
    _check_sum(input, sizes, beta, alpha)
    if not batch1.shape[0]:  # torch does not look closer at no products
        _check_scale(beta, input.dtype)
        return new(sizes, input.dtype)
    dtype = one_dtype(input, batch1, products)
    if not batch1.shape[-1] and 0 not in sizes:
        _check_scale(beta, dtype)
        if batch1.shape[0] > 1:  # to the first batch it adds the others, once each
            _check_scale(1, dtype)
    return new(sizes, dtype)


@added_product()
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta·input + alpha·(mat @ vec)``: ``(n, k)`` by ``(k)``."""
    result: Tensor = rule_of(mv)(mat, vec)
    _check_sum(input, result.shape, beta, alpha)
    dtype = one_dtype(input, mat)
    return new(input.shape, dtype) if beta and not mat.numel() else result  # the input as it is


@combining(older=SCALES)
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta·input + alpha·(vec1 ⊗ vec2)``: ``(n)`` and ``(m)``."""
    sizes = rule_of(outer)(vec1, vec2).shape
    dtype = dtypes.promote_types(input.dtype, result_type(vec1, vec2))
    for value in (beta, alpha):
        kind = number_dtype(value).kind
        of_bool = kind == dtypes.BOOL != dtype.kind
        if of_bool or kind > max(dtype.kind, dtypes.INTEGER):
            raise ShapeError(f"has the factor {value!r} for {dtype.name}")
    _check_sum(input, sizes)
    result = new(sizes, dtype)
    if input.memory is not None or 0 in sizes:
        result.memory = UNKNOWN
    return result


@combining(macs="tensordot", spaces=FUNCTION, takes_numpy=False)
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Multiply and sum over `dims`: the last of `a` and the first of `b`, or a list for each.

    Raises:
        ShapeError: the sizes summed over differ, or `dims` does not fit.
    """
    left, right = _dims_of_both(a, b, dims)
    for operand, chosen in ((a, left), (b, right)):
        if chosen and not operand.shape:
            raise ShapeError("has no dimension to sum over: it is a scalar")
    left, right = axes("dims", left, a.ndim), axes("dims", right, b.ndim)
    if len(left) != len(right):
        raise ShapeError(f"has {len(left)} and {len(right)} dimensions to sum over")
    for i, j in zip(left, right, strict=True):
        if a.shape[i] != b.shape[j] and 1 not in (a.shape[i], b.shape[j]):
            raise ShapeError(
                f"sums over dimension {i} of {shape(a.shape)} and {j} of {shape(b.shape)}: "
                f"{a.shape[i]} is not {b.shape[j]}"
            )
    return _contract(a, b, left, right)


def _dims_of_both(a: Tensor, b: Tensor, dims: Any) -> Any:
    if isinstance(dims, Tensor):
        dims = dims.tolist() if dims.numel() > 1 else int(dims)
    if isinstance(dims, (tuple, list)) and len(dims) == 2:
        return [integers("dims", d) for d in dims]
    if not isinstance(dims, int):
        raise ShapeError(f"needs dims as an int or two lists, but receives {dims!r}")
    count = int(dims)
    if not 0 <= count <= min(a.ndim, b.ndim):
        raise ShapeError(
            f"cannot sum over {count} dimensions of {shape(a.shape)} and {shape(b.shape)}"
        )
    return tuple(range(a.ndim - count, a.ndim)), tuple(range(count))


@combining(layout=OWN, macs="einsum", field="einsum", spaces=FUNCTION)
def einsum(*args: Any) -> Tensor:
    """Multiply and sum by letters, one for each dimension: ``einsum("bij,bjk->bik", x, y)``.

    In place of letters, ints may be after each operand:
    ``einsum(x, [0, 1, 2], y, [0, 2, 3], [0, 1, 3])``.

    Raises:
        ShapeError: an operand has other dimensions than letters, or a letter has two sizes.
    """
    from .einsum import result_of  # few networks have one

    return result_of(args)


_WAYS_TO_COMPUTE = tuple(
    f"{use}use_mm_for_euclid_dist{rest}"
    for use, rest in (("", "_if_necessary"), ("", ""), ("donot_", ""))
)


@combining(spaces=FUNCTION)
def cdist(
    x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str = _WAYS_TO_COMPUTE[0]
) -> Tensor:
    """Distances of all pairs of rows: ``(*, n, k)`` and ``(*, m, k)`` to ``(*, n, m)``."""
    for rows in (x1, x2):
        if rows.ndim < 2 or rows.dtype.kind != dtypes.FLOATING:
            raise ShapeError(f"expects matrices of floating-point numbers, but receives {rows!r}")
    _check_inner(x1, x2, x1.shape[-1], x2.shape[-1])
    if p < 0:
        raise ShapeError(f"has p={p!r}, which must be at least 0")
    one_of("compute_mode", compute_mode, _WAYS_TO_COMPUTE)
    result = (*broadcast_shapes(x1.shape[:-2], x2.shape[:-2]), x1.shape[-2], x2.shape[-2])
    if prod(result) * x1.shape[-1] and one_dtype(x1, x2).itemsize == 2:
        raise ShapeError(f"is not defined for {x1.dtype.name}")
    return new(result, x1.dtype)


@combining()
def trace(input: Tensor) -> Tensor:
    """Sum the diagonal of a matrix."""
    if input.ndim != 2:
        raise ShapeError(f"expects a matrix, but receives {shape(input.shape)}")
    if input.dtype is dtypes.bool:
        raise ShapeError("is not defined for bool")
    return new((), sum_dtype(input.dtype))


@combining(layout=OWN)
def kron(input: Tensor, other: Tensor) -> Tensor:
    """Put a copy of `other` in place of each element of `input`."""
    rank = max(input.ndim, other.ndim)
    a, b = ((1,) * (rank - len(s)) + s for s in (input.shape, other.shape))
    blocks = mul(
        view(input, tuple(n for m in a for n in (m, 1))),
        view(other, tuple(n for m in b for n in (1, m))),
    )
    return view(blocks, tuple(m * n for m, n in zip(a, b, strict=True)))


@combining(spaces=FUNCTION)
def vander(x: Tensor, N: int | None = None, increasing: Any = False) -> Tensor:
    """Make the matrix of the powers of a vector's elements, `N` of them in each row."""
    if x.ndim != 1:
        raise ShapeError(f"expects a vector, but receives {shape(x.shape)}")
    columns = x.shape[0] if N is None else N
    if columns < 0:
        raise ShapeError(f"cannot make {columns} powers")
    return new((x.shape[0], columns), sum_dtype(x.dtype))
