"""Batch normalisation: it keeps the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import shape
from ...tensor import Tensor, tensor
from .. import functional as F
from ..parameter import UninitializedBuffer
from .lazy import LazyModuleMixin
from .module import Module
from .utils import parameter

if TYPE_CHECKING:
    from typing import Any, ClassVar


class _NormBase(Module):
    """What batch and instance normalisation share: weights and statistics for each channel.

    ``weight``, ``bias`` and the buffers ``running_mean`` and ``running_var`` are ``(num_features,)``.
    """

    def _build(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        dtype: dtypes.dtype | None,
        bias: bool,
    ) -> None:
        self.__dict__.update(
            num_features=num_features,
            eps=eps,
            momentum=momentum,
            affine=affine,
            track_running_stats=track_running_stats,
        )
        size: Any = num_features if isinstance(num_features, (tuple, list)) else (num_features,)
        self.__dict__["_parameters"] = {
            "weight": parameter(*size, dtype=dtype) if affine else None,
            "bias": parameter(*size, dtype=dtype) if affine and bias else None,
        }
        track, kept = track_running_stats, dtype or dtypes.float32
        self.__dict__["_buffers"] = {
            "running_mean": Tensor(size, kept) if track else None,
            "running_var": Tensor(size, kept) if track else None,
            "num_batches_tracked": Tensor((), dtypes.int64) if track else None,
        }
        self.reset_parameters()

    reset_parameters = reset_running_stats = Module._nothing

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_NormBase):
    """Mean 0 and variance 1 for each channel of ``(N, C, *size)``; the shape stays.

    ``weight``, ``bias`` and the buffers ``running_mean`` and ``running_var`` are ``(num_features,)``.

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
        ShapeError: when called: the input has other dimensions or channels, or while training a channel has
            a single value.
    """

    _ranks: ClassVar[tuple[int, ...]]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: object = None,
        dtype: dtypes.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self._build(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, *size)``."""
        self._check_input_dim(tensor("input", input))
        use_input = self.training or self.running_mean is None
        mean, var = (
            (None, None)
            if self.training and not self.track_running_stats
            else (self.running_mean, self.running_var)
        )
        momentum = 0.0 if self.momentum is None else self.momentum
        return F.batch_norm(input, mean, var, self.weight, self.bias, use_input, momentum, self.eps)

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim not in self._ranks:
            expected = " or ".join(map(str, self._ranks))
            raise ShapeError(
                f"expects {expected} dimensions, batch included, "
                f"but receives {input.ndim}: {shape(input.shape)}"
            )


class BatchNorm1d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__
    _ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__
    _ranks = (4,)


class BatchNorm3d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__
    _ranks = (5,)


class SyncBatchNorm(_BatchNorm):
    """`BatchNorm2d` and its kin in one, for ``(N, C, *)``; machines that train together share statistics.

    ``weight``, ``bias`` and the buffers ``running_mean`` and ``running_var`` are ``(num_features,)``.

    Raises:
        ShapeError: when called: the input has fewer than 2 dimensions or other channels.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: object = None,
        device: object = None,
        dtype: dtypes.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )
        self.process_group = process_group

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim < 2 or not input.shape[1]:
            raise ShapeError(
                f"expects at least 2 dimensions (N, C), but receives {shape(input.shape)}"
            )

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: object = None) -> Module:
        """Put a `SyncBatchNorm` in the place of every batch normalisation in a network, and return that."""
        result = module
        if isinstance(module, _BatchNorm):
            result = SyncBatchNorm(
                module.num_features,
                module.eps,
                module.momentum,
                module.affine,
                module.track_running_stats,
                process_group,
                bias=module.bias is not None,
            )
            for name in ("weight", "bias")[: 2 * bool(module.affine)]:
                setattr(result, name, getattr(module, name))
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                setattr(result, name, getattr(module, name))
            result.training = module.training
        for name, child in module.named_children():
            result.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return result


class _LazyNormBase(LazyModuleMixin, _NormBase):
    """A normalisation that takes its `num_features` from its first input, and is an ordinary one after that.

    Raises:
        ShapeError: as the ordinary one, when called.
    """

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: object = None,
        dtype: dtypes.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(0, eps, momentum, False, False, dtype=dtype, bias=False)
        self.affine = affine
        self.track_running_stats = track_running_stats
        if affine:
            self._defer(bias, dtype)
        if track_running_stats:
            self.running_mean = UninitializedBuffer(dtype=dtype)
            self.running_var = UninitializedBuffer(dtype=dtype)
            self.num_batches_tracked = Tensor((), dtypes.int64)

    def initialize_parameters(self, input: Tensor) -> None:
        """Make weights and statistics for the channels of `input`, which torch takes to have a batch."""
        if not self.has_uninitialized_params():
            return
        if tensor("input", input).ndim < 2:
            raise ShapeError(
                f"expects at least 2 dimensions (N, C), but receives {shape(input.shape)}"
            )
        self.num_features = input.shape[1]
        for member in (self.weight, self.bias, self.running_mean, self.running_var):
            if member is not None:
                member.materialize((self.num_features,))


class LazyBatchNorm1d(_LazyNormBase, BatchNorm1d):
    __doc__ = _LazyNormBase.__doc__
    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNormBase, BatchNorm2d):
    __doc__ = _LazyNormBase.__doc__
    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNormBase, BatchNorm3d):
    __doc__ = _LazyNormBase.__doc__
    cls_to_become = BatchNorm3d
