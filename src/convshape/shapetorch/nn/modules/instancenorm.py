"""Instance normalisation: it keeps the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import shape
from ...ops.views import squeeze, unsqueeze
from .. import functional as F
from .batchnorm import _LazyNormBase, _NormBase

if TYPE_CHECKING:
    from ... import dtypes
    from ...tensor import Tensor


class _InstanceNorm(_NormBase):
    """Mean 0 and variance 1 for each channel of each sample of ``(N, C, *size)`` or ``(C, *size)``.

    ``weight``, ``bias`` and the buffers ``running_mean`` and ``running_var`` are ``(num_features,)``.

    Args:
        num_features: channels of the input.
        eps: added to the variance.
        momentum: weight of the newest batch in the running statistics.
        affine: whether a learnable weight is applied (and a bias, unless ``bias=False``).
        track_running_stats: whether the statistics are kept for evaluation.
        device: taken and ignored; nothing is stored.
        dtype: of the parameters and the statistics.
        bias: whether a learnable bias is added.

    Raises:
        ShapeError: when called: the input has other dimensions or channels, or a single element a channel.
    """

    _axes: int

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: object = None,
        dtype: dtypes.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self._build(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, *size)`` or ``(C, *size)``."""
        F.spatial(input, self._axes)
        channels = input.shape[-self._axes - 1]
        if self.affine and channels != self.num_features:
            raise ShapeError(
                f"expects {self.num_features} channels, but receives {channels}: {shape(input.shape)}",
                change={"num_features": channels},
            )
        batched = input if input.ndim == self._axes + 2 else unsqueeze(input, 0)
        result = F.instance_norm(
            batched,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return result if batched is input else squeeze(result, 0)


class InstanceNorm1d(_InstanceNorm):
    __doc__ = _InstanceNorm.__doc__
    _axes = 1


class InstanceNorm2d(_InstanceNorm):
    __doc__ = _InstanceNorm.__doc__
    _axes = 2


class InstanceNorm3d(_InstanceNorm):
    __doc__ = _InstanceNorm.__doc__
    _axes = 3


class LazyInstanceNorm1d(_LazyNormBase, InstanceNorm1d):
    __doc__ = _LazyNormBase.__doc__
    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNormBase, InstanceNorm2d):
    __doc__ = _LazyNormBase.__doc__
    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNormBase, InstanceNorm3d):
    __doc__ = _LazyNormBase.__doc__
    cls_to_become = InstanceNorm3d
