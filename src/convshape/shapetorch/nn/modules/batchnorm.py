"""Batch normalization: it keeps the shape."""

from __future__ import annotations

from typing import Any, ClassVar

from ....errors import ShapeError
from ... import dtypes
from ...arguments import shape
from ...tensor import Tensor, tensor
from .. import functional as F
from ..parameter import UninitializedBuffer
from .layer import Layer
from .lazy import LazyLayer
from .module import Module
from .utils import parameter

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


class _NormBase(Layer):
    """What batch and instance normalisation share: weights and statistics for each channel.

    ``weight``, ``bias`` and the buffers ``running_mean`` and ``running_var`` are
    ``(num_features,)``.
    """

    _shown = (
        "{num_features}, eps={eps}, momentum={momentum}, affine={affine}, bias={bias}, "
        "track_running_stats={track_running_stats}"
    )
    _keyword_only = 1
    num_features: int
    eps: float = 1e-5
    momentum: float | None = 0.1
    affine: bool = True
    track_running_stats: bool = True
    device: object = None
    dtype: dtypes.dtype | None = None
    bias: Any = True

    def _assemble(self, device: object, dtype: dtypes.dtype | None, bias: bool) -> None:
        count: Any = self.num_features
        size: Any = count if isinstance(count, (tuple, list)) else (count,)
        self.__dict__["_parameters"] = {
            "weight": parameter(*size, dtype=dtype) if self.affine else None,
            "bias": parameter(*size, dtype=dtype) if self.affine and bias else None,
        }
        self.__dict__["_buffers"] = dict.fromkeys(_STATISTICS)
        if self.track_running_stats:
            mean, variance = (Tensor(size, dtype or dtypes.float32) for _ in range(2))
            statistics = (mean, variance, Tensor((), dtypes.int64))
            self.__dict__["_buffers"] = dict(zip(_STATISTICS, statistics, strict=True))
        self.reset_parameters()

    reset_parameters = reset_running_stats = Module._nothing


class _BatchNorm(_NormBase):
    """Mean 0 and variance 1 for each channel of ``(N, C, *size)``; the shape stays.

    ``weight``, ``bias`` and the buffers ``running_mean`` and ``running_var`` are
    ``(num_features,)``.

    Args:
        num_features: channels of the input.
        eps: added to the variance.
        momentum: weight of the newest batch in the running statistics; None for their plain mean.
        affine: whether a learnable weight is applied (and a bias, unless ``bias=False``).
        track_running_stats: whether the statistics are kept for evaluation.
        device: taken and ignored; nothing is stored.
        dtype: of the parameters and the statistics.
        bias: whether a learnable bias is added.

    Raises:
        ShapeError: when called: the input has other dimensions or channels, or while training a
            channel has a single value.
    """

    _ranks: ClassVar[tuple[int, ...]]

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, *size)``."""
        self._check_input_dim(tensor("input", input))
        use_input = self.training or self.running_mean is None
        mean, var = self.running_mean, self.running_var
        if self.training and not self.track_running_stats:
            mean = var = None
        momentum = 0.0 if self.momentum is None else self.momentum
        return F.batch_norm(input, mean, var, self.weight, self.bias, use_input, momentum, self.eps)

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim not in self._ranks:
            expected = " or ".join(map(str, self._ranks))
            raise ShapeError(
                f"expects {expected} dimensions, batch included, "
                f"but receives {input.ndim}: {shape(input.shape)}",
                kind=ValueError,
            )


class BatchNorm1d(_BatchNorm):
    _ranks, _example = (2, 3), ("BatchNorm1d(64)", "64x100")


class BatchNorm2d(_BatchNorm):
    _axes, _ranks, _example = 2, (4,), ("BatchNorm2d(16)", "16x5x5")


class BatchNorm3d(_BatchNorm):
    _axes, _ranks, _example = 3, (5,), ("BatchNorm3d(8)", "8x4x4x4")


class SyncBatchNorm(_BatchNorm):
    """`BatchNorm2d` and its kin in one, for ``(N, C, *)``, with statistics of many machines.

    ``weight``, ``bias`` and the buffers ``running_mean`` and ``running_var`` are
    ``(num_features,)``.

    Raises:
        ShapeError: when called: the input has fewer than 2 dimensions or other channels.
    """

    _example = ("SyncBatchNorm(16)", "16x5x5")
    _fields = (*_NormBase._fields[:5], "process_group", *_NormBase._fields[5:])
    process_group: object = None

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim < 2 or not input.shape[1]:
            raise ShapeError(
                f"expects at least 2 dimensions (N, C), but receives {shape(input.shape)}",
                kind=ValueError,
            )

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: object = None) -> Module:
        """Return a network with a `SyncBatchNorm` in place of every batch normalisation."""
        result = module
        if isinstance(module, _BatchNorm):
            settings = {name: getattr(module, name) for name in _NormBase._fields[:5]}
            bias = module.bias is not None
            result = SyncBatchNorm(**settings, process_group=process_group, bias=bias)
            weights = ("weight", "bias") if module.affine else ()
            for name in (*weights, *_STATISTICS):
                setattr(result, name, getattr(module, name))
            result.training = module.training
        for name, child in module.named_children():
            result.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return result


class _LazyNorm(LazyLayer):
    """A normalisation that takes its `num_features` from its first input, then an ordinary one.

    Raises:
        ShapeError: as the ordinary one, when called.
    """

    _blank: ClassVar[dict[str, Any]] = {
        "num_features": 0,
        "affine": False,
        "track_running_stats": False,
        "bias": False,
    }

    def _keep(self, arguments: dict[str, Any]) -> None:
        dtype = arguments["dtype"]
        super()._keep(arguments)
        if self.track_running_stats:
            self.running_mean = UninitializedBuffer(dtype=dtype)
            self.running_var = UninitializedBuffer(dtype=dtype)
            self.num_batches_tracked = Tensor((), dtypes.int64)

    def _weights(self, arguments: dict[str, Any]) -> tuple[str, ...]:
        return super()._weights(arguments) if arguments["affine"] else ()

    def initialize_parameters(self, input: Tensor) -> None:
        """Make weights and statistics for the channels of `input`, taken to have a batch."""
        if not self.has_uninitialized_params():
            return
        if tensor("input", input).ndim < 2:
            raise ShapeError(
                f"expects at least 2 dimensions (N, C), but receives {shape(input.shape)}",
                kind=ValueError,
            )
        self.num_features = input.shape[1]
        for member in (self.weight, self.bias, self.running_mean, self.running_var):
            if member is not None:
                member.materialize((self.num_features,))


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    cls_to_become = BatchNorm1d
    _example = ("LazyBatchNorm1d()", "16x31")


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    cls_to_become = BatchNorm2d
    _example = ("LazyBatchNorm2d()", "16x31x32")


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    cls_to_become = BatchNorm3d
    _example = ("LazyBatchNorm3d()", "16x8x9x10")
