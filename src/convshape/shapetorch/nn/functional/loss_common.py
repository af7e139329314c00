"""What losses have in common: their reduction, and what they check."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, one_of, shape
from ...layout import OWN
from ...operation import Unknown, operation
from ...tensor import Tensor, broadcast_shapes

loss_operation = operation(layout=OWN, macs=None, field=Unknown("a loss sees the target too"))


# Reductions


def reduction_of(size_average: Any, reduce: Any, reduction: str) -> str:
    """Return the reduction, by `size_average` and `reduce` where either is given."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is not None and not reduce:
        return "none"
    return "mean" if size_average is None or size_average else "sum"


def reduced(
    loss: Tensor, reduction: str, size_average: Any = None, reduce: Any = None, strict: bool = False
) -> Tensor:
    """Return a loss of each element, or the sum or mean, which has an old name unless `strict`."""
    reduction = reduction_of(size_average, reduce, reduction)
    if reduction == "elementwise_mean" and not strict:
        reduction = "mean"
    one_of("reduction", reduction, ("none", "mean", "sum"), kind=ValueError)
    result: Tensor = loss if reduction == "none" else getattr(loss, reduction)()
    return result


# What losses need


def common_shape(input: Tensor, target: Tensor) -> Ints:
    """Return the shape that input and target are expanded to."""
    try:
        return broadcast_shapes(input.shape, target.shape)
    except ShapeError:
        raise ShapeError(
            f"has an input of {shape(input.shape)} and a target of {shape(target.shape)}",
            fix="one shape",
        ) from None


def check_same_size(input: Tensor, target: Tensor) -> None:
    """Refuse an input and a target of different shapes."""
    if input.shape != target.shape:
        raise ShapeError(
            f"has an input of {shape(input.shape)} and a target of {shape(target.shape)}, "
            "and needs one shape"
        )


def check_same_rank(**tensors: Tensor) -> None:
    """Refuse tensors, by name, of different numbers of dimensions."""
    if len({tensor.ndim for tensor in tensors.values()}) > 1:
        listed = ", ".join(f"{name} of {shape(tensor.shape)}" for name, tensor in tensors.items())
        raise ShapeError(f"needs as many dimensions in each, but receives {listed}")


def check_dtype(input: Tensor, other: Tensor, name: str) -> None:
    """Refuse another tensor, with its name, that has not the dtype of the input."""
    if other.dtype is not input.dtype:
        raise ShapeError(
            f"has an input of {input.dtype.name}, but receives {name} of {other.dtype.name}"
        )


def of_floats(loss: Tensor) -> Tensor:
    """Return a loss, which must be a floating-point number."""
    if loss.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {loss.dtype.name}", fix="tensors of float32")
    return loss


def dtype_of_32_bits_or_64(input: Tensor, name: str = "an input") -> dtypes.dtype:
    """Return the dtype of an input, which must be float32 or float64."""
    if input.dtype not in (dtypes.float32, dtypes.float64):
        raise ShapeError(f"is not defined for {input.dtype.name}", fix=f"{name} of float32")
    return input.dtype


def check_classes(target: Tensor, *others: dtypes.dtype, fix: str = "") -> None:
    """Refuse a target of classes that is neither int64 nor of another dtype that is taken."""
    if target.dtype not in (dtypes.int64, *others):
        what = f"needs a target of int64, but receives {target.dtype.name}"
        raise ShapeError(what, wanted=dtypes.int64, fix=fix)


def check_weight(input: Tensor, weight: Tensor, classes: int, fits: bool) -> None:
    """Refuse weights that do not fit the classes, or that have not the dtype of the input."""
    if not fits:
        raise ShapeError(
            f"needs weights of {classes}, one for each class, but receives {shape(weight.shape)}"
        )
    check_dtype(input, weight, "weights")
