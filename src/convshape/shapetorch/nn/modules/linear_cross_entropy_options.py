"""How the loss of a linear layer is computed in pieces, where there are many classes."""

from __future__ import annotations

from collections import namedtuple

from ....errors import ShapeError
from ... import dtypes
from ...arguments import one_of

_POLICIES = ("auto", "accurate", "balanced", "compact")
_HALVES = (dtypes.float16, dtypes.bfloat16)
_DTYPES = (*_HALVES, dtypes.float32, dtypes.float64)


_Options = namedtuple(
    "_Options",
    ("allow_retain_graph", "batch_chunk_size", "chunking_method", "acc_policy", "acc_dtype"),
    defaults=(False, None, "auto", "auto", None),
)


class LinearCrossEntropyOptions(_Options):
    """How `LinearCrossEntropyLoss` divides its batch, so that not all scores are in memory at once.

    Args:
        allow_retain_graph: whether gradients may be asked for twice.
        batch_chunk_size: samples in a piece; all unless given.
        chunking_method: how to find that number instead: ``'auto'``, ``'aspect_ratio'``, or
            ``'aspect_ratio:2'`` for half of it, and so on; None for `batch_chunk_size`.
        acc_policy: what is kept in `acc_dtype`: ``'auto'``, ``'accurate'``, ``'balanced'`` or
            ``'compact'``.
        acc_dtype: in what is added up; None for torch's choice.

    Raises:
        ShapeError: an argument is not one of these.
    """

    __slots__ = ()

    def __init__(
        self,
        allow_retain_graph: bool = False,
        batch_chunk_size: int | None = None,
        chunking_method: str | None = "auto",
        acc_policy: str = "auto",
        acc_dtype: dtypes.dtype | None = None,
    ) -> None:
        one_of("acc_policy", acc_policy, _POLICIES)
        if chunking_method not in (None, "auto"):
            name, colon, factor = str(chunking_method).partition(":")
            if name != "aspect_ratio" or (colon and not (factor.isdigit() and int(factor) > 0)):
                raise ShapeError(
                    f"chunking_method={chunking_method!r} is not one of "
                    "'auto', 'aspect_ratio', 'aspect_ratio:2' and so on, and None"
                )
        size = batch_chunk_size
        if size is not None and not (isinstance(size, int) and size > 0):
            raise ShapeError(f"batch_chunk_size={size!r} is not a positive number")
        one_of("acc_dtype", acc_dtype, (*_DTYPES, None))

    def accumulates(self, dtype: dtypes.dtype) -> dtypes.dtype:
        """Return the dtype in which a loss of `dtype` is added up.

        Raises:
            ShapeError: torch adds up numbers of `dtype` in no such dtype.
        """
        if dtype not in _DTYPES:
            raise ShapeError(f"is not defined for {dtype.name}", fix="an input of float32")
        if self.acc_dtype is None:
            return dtypes.float32 if self.acc_policy == "auto" and dtype in _HALVES else dtype
        if self.acc_dtype is not dtype and not (
            dtype in _HALVES and self.acc_dtype is dtypes.float32
        ):
            raise ShapeError(
                f"has acc_dtype={self.acc_dtype!r} for {dtype.name}", fix="acc_dtype=None"
            )
        return self.acc_dtype

    def casts_weights(self, dtype: dtypes.dtype) -> bool:
        """Return whether the weights are converted before a loss of `dtype` is computed."""
        if self.accumulates(dtype) is dtype:
            return False
        policy = "accurate" if self.acc_policy == "auto" else self.acc_policy
        return dtype is dtypes.bfloat16 or policy == "accurate"

    def check_pieces(self, samples: int, features: int, classes: int) -> None:
        """Refuse another number of samples in a piece than `chunking_method` chooses.

        Raises:
            ShapeError: there are two numbers, or none can be found for no features or no classes.
        """
        method = self.chunking_method
        if method == "auto":
            method = None if self.batch_chunk_size is not None else "aspect_ratio"
        if method is None:
            return
        if not features or not classes:
            raise ShapeError(
                f"cannot divide a batch by its {features} features and {classes} classes",
                fix="chunking_method=None",
            )
        least = -(-samples // -(-classes // features))
        power = 1 << (least - 1).bit_length()
        size = min(power // int(method.partition(":")[2] or 1), samples)
        if self.batch_chunk_size not in (None, size):
            raise ShapeError(
                f"has batch_chunk_size={self.batch_chunk_size}, "
                f"but chunking_method={method!r} gives {size}",
                fix="chunking_method=None",
            )
