"""Instance normalization: it keeps the shape."""

from __future__ import annotations

from ....errors import ShapeError
from ...arguments import shape
from ...ops.views import squeeze, unsqueeze
from ...tensor import Tensor
from .. import functional as F
from .batchnorm import _LazyNorm, _NormBase


class _InstanceNorm(_NormBase):
    """Mean 0 and variance 1 for each channel of each sample of ``(N, C, *size)`` or ``(C, *size)``.

    ``weight``, ``bias`` and the buffers ``running_mean`` and ``running_var`` are
    ``(num_features,)``.

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
        ShapeError: when called: the input has other dimensions or channels, or a single element a
            channel.
    """

    _axes: int
    affine = track_running_stats = False

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, *size)`` or ``(C, *size)``."""
        F.spatial(input, self._axes)
        channels = input.shape[-self._axes - 1]
        if self.affine and channels != self.num_features:
            raise ShapeError(
                f"expects {self.num_features} channels, but receives {channels}: "
                f"{shape(input.shape)}",
                kind=ValueError,
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
    _axes, _example = 1, ("InstanceNorm1d(16)", "16x8")


class InstanceNorm2d(_InstanceNorm):
    _axes, _example = 2, ("InstanceNorm2d(16, affine=True)", "16x5x5")


class InstanceNorm3d(_InstanceNorm):
    _axes, _example = 3, ("InstanceNorm3d(16)", "16x4x4x4")


class _LazyInstanceNorm(_LazyNorm, _InstanceNorm):
    affine = track_running_stats = True


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):
    cls_to_become = InstanceNorm1d
    _example = ("LazyInstanceNorm1d()", "16x31")


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):
    cls_to_become = InstanceNorm2d
    _example = ("LazyInstanceNorm2d()", "16x31x32")


class LazyInstanceNorm3d(_LazyInstanceNorm, InstanceNorm3d):
    cls_to_become = InstanceNorm3d
    _example = ("LazyInstanceNorm3d()", "16x8x9x10")
