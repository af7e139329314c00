"""Padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import functional as F
from .module import Module
from .utils import ntuple

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor


class _Pad(Module):
    """Padding of the spatial axes of ``(N, C, *size)`` or ``(C, *size)``.

    Args:
        padding: elements added on every side, or (left, right) of the last axis, then of the one before it,
            and so on; negative amounts cut off.

    Raises:
        ShapeError: when called: an axis would be cut below nothing, or is too short to reflect or to wrap.
    """

    _axes: int
    _mode: str

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = ntuple(padding, 2 * self._axes)

    def forward(self, input: Tensor) -> Tensor:
        """Pad ``(N, C, *size)`` or ``(C, *size)``."""
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    __doc__ = _Pad.__doc__
    _mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Pad ``(N, C, *size)`` or ``(C, *size)``."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    __doc__ = _Pad.__doc__

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ReflectionPad(_Pad):
    __doc__ = _Pad.__doc__
    _mode = "reflect"


class _ReplicationPad(_Pad):
    __doc__ = _Pad.__doc__
    _mode = "replicate"


class _CircularPad(_Pad):
    __doc__ = _Pad.__doc__
    _mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        """Pad ``(N, C, *size)`` or ``(C, *size)``."""
        F.spatial(input, self._axes)
        return super().forward(input)


class ConstantPad1d(_ConstantPad):
    __doc__ = _Pad.__doc__
    _axes = 1


class ConstantPad2d(_ConstantPad):
    __doc__ = _Pad.__doc__
    _axes = 2


class ConstantPad3d(_ConstantPad):
    __doc__ = _Pad.__doc__
    _axes = 3


class ZeroPad1d(_ZeroPad):
    __doc__ = _Pad.__doc__
    _axes = 1


class ZeroPad2d(_ZeroPad):
    __doc__ = _Pad.__doc__
    _axes = 2


class ZeroPad3d(_ZeroPad):
    __doc__ = _Pad.__doc__
    _axes = 3


class ReflectionPad1d(_ReflectionPad):
    __doc__ = _Pad.__doc__
    _axes = 1


class ReflectionPad2d(_ReflectionPad):
    __doc__ = _Pad.__doc__
    _axes = 2


class ReflectionPad3d(_ReflectionPad):
    __doc__ = _Pad.__doc__
    _axes = 3


class ReplicationPad1d(_ReplicationPad):
    __doc__ = _Pad.__doc__
    _axes = 1


class ReplicationPad2d(_ReplicationPad):
    __doc__ = _Pad.__doc__
    _axes = 2


class ReplicationPad3d(_ReplicationPad):
    __doc__ = _Pad.__doc__
    _axes = 3


class CircularPad1d(_CircularPad):
    __doc__ = _Pad.__doc__
    _axes = 1


class CircularPad2d(_CircularPad):
    __doc__ = _Pad.__doc__
    _axes = 2


class CircularPad3d(_CircularPad):
    __doc__ = _Pad.__doc__
    _axes = 3
