"""Padding."""

from __future__ import annotations

from typing import Any

from ...arguments import ntuple
from ...tensor import Tensor
from .. import functional as F
from .layer import Layer


class _Pad(Layer):
    """Padding of the spatial axes of ``(N, C, *size)`` or ``(C, *size)``.

    Args:
        padding: elements added on every side, or (left, right) of the last axis, then of the one
            before it, and so on; negative amounts cut off.

    Raises:
        ShapeError: when called: an axis would be cut below nothing, or is too short to reflect or
            wrap.
    """

    _axes: int
    _mode = "constant"
    _shown = "{padding}"
    padding: Any

    def _assemble(self) -> None:
        self.padding = ntuple(self.padding, 2 * self._axes)

    def forward(self, input: Tensor) -> Tensor:
        """Pad ``(N, C, *size)`` or ``(C, *size)``."""
        return F.pad(input, self.padding, self._mode)


class _ConstantPadNd(_Pad):
    _shown = "padding={padding}, value={value}"
    value: float

    def forward(self, input: Tensor) -> Tensor:
        """Pad ``(N, C, *size)`` or ``(C, *size)``."""
        return F.pad(input, self.padding, self._mode, self.value)


class ConstantPad1d(_ConstantPadNd):
    _axes, _example = 1, ("ConstantPad1d((1, 2), 0.5)", "3x8")


class ConstantPad2d(_ConstantPadNd):
    _axes, _example = 2, ("ConstantPad2d(2, 0.5)", "3x8x8")


class ConstantPad3d(_ConstantPadNd):
    _axes, _example = 3, ("ConstantPad3d(1, 0.5)", "3x4x4x4")


class _ZeroPad(_ConstantPadNd):
    _shown = "{padding}"
    _fields, value = ("padding",), 0.0


class ZeroPad1d(_ZeroPad, ConstantPad1d):
    _axes, _example = 1, ("ZeroPad1d((1, 2))", "3x8")


class ZeroPad2d(_ZeroPad, ConstantPad2d):
    _axes, _example = 2, ("ZeroPad2d((1, 2, 3, 4))", "3x8x8")


class ZeroPad3d(_ZeroPad, ConstantPad3d):
    _axes, _example = 3, ("ZeroPad3d(1)", "3x4x4x4")


class _ReflectionPadNd(_Pad):
    _mode = "reflect"


class ReflectionPad1d(_ReflectionPadNd):
    _axes, _example = 1, ("ReflectionPad1d(3)", "3x8")


class ReflectionPad2d(_ReflectionPadNd):
    _axes, _example = 2, ("ReflectionPad2d(3)", "3x8x8")


class ReflectionPad3d(_ReflectionPadNd):
    _axes, _example = 3, ("ReflectionPad3d(1)", "3x4x4x4")


class _ReplicationPadNd(_Pad):
    _mode = "replicate"


class ReplicationPad1d(_ReplicationPadNd):
    _axes, _example = 1, ("ReplicationPad1d(3)", "3x8")


class ReplicationPad2d(_ReplicationPadNd):
    _axes, _example = 2, ("ReplicationPad2d((1, 2, 3, 4))", "3x8x8")


class ReplicationPad3d(_ReplicationPadNd):
    _axes, _example = 3, ("ReplicationPad3d(1)", "3x4x4x4")


class _CircularPadNd(_Pad):
    _mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        """Pad ``(N, C, *size)`` or ``(C, *size)``."""
        F.spatial(input, self._axes)
        return super().forward(input)


class CircularPad1d(_CircularPadNd):
    _axes, _example = 1, ("CircularPad1d(2)", "3x8")


class CircularPad2d(_CircularPadNd):
    _axes, _example = 2, ("CircularPad2d(2)", "3x8x8")


class CircularPad3d(_CircularPadNd):
    _axes, _example = 3, ("CircularPad3d(1)", "3x4x4x4")
