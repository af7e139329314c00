"""Tensors that belong to a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ...errors import ShapeError
from .. import dtypes
from ..arguments import flag
from ..tensor import Tensor, new


class Parameter(Tensor):
    """A tensor that a module registers as its parameter when it is assigned to it.

    Args:
        data: the tensor whose shape and dtype it has; one of no elements unless given.
        requires_grad: whether training changes it.

    Raises:
        ShapeError: training could not change it, because it has integers.
    """

    __slots__ = ()

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        data = Tensor((0,)) if data is None else data
        if flag("requires_grad", requires_grad):
            _check_trainable(data.dtype)
        self.shape = data.shape  # as assigning `data` does: networks make many
        self.dtype = data.dtype
        self.memory = data.memory
        self.contents = None  # training changes it, and what it shares its memory with
        if data.contents is not None:
            data.contents.numbers = None
        self.requires_grad = requires_grad


def new_parameter(shape: tuple[int, ...], dtype: dtypes.dtype | None = None) -> Parameter:
    """Return a parameter of its own memory, whose sizes are known to be ints from 0.

    Raises:
        ShapeError: training could not change it, because it has integers.
    """
    result: Any = new(shape, dtype or dtypes.float32, Parameter)
    _check_trainable(result.dtype)
    result.requires_grad = True
    return result  # type: ignore[no-any-return]


def _check_trainable(dtype: dtypes.dtype) -> None:
    if dtype.kind < dtypes.FLOATING:
        what = f"a parameter of {dtype.name} cannot be trained"
        raise ShapeError(what, fix="requires_grad=False")


class Buffer(Tensor):
    """A tensor that a module registers as its buffer when it is assigned to it.

    Args:
        data: the tensor whose shape and dtype it has; one of no elements unless given.
        persistent: whether `Module.state_dict` has it.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Tensor | None = None, *, persistent: bool = True) -> None:
        self.data = Tensor((0,)) if data is None else data
        self.requires_grad = data is not None and data.requires_grad
        self.persistent = persistent


class UninitializedTensorMixin:
    """A tensor that gets its shape later, and its class with it."""

    __slots__ = ()

    cls_to_become: ClassVar[type[Tensor]]

    def materialize(
        self, shape: tuple[int, ...], device: object = None, dtype: dtypes.dtype | None = None
    ) -> None:
        """Become a tensor of `shape`.

        Raises:
            ShapeError: a size is negative or no int.
        """
        data = Tensor(shape, dtype or self.dtype)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        self.data = data  # type: ignore[misc]

    if TYPE_CHECKING:
        dtype: dtypes.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """There is none yet."""
        raise ShapeError(
            "a lazy layer's parameter has no shape before the first call", fix="call the layer"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (getattr(self, "requires_grad", False), None, self.dtype)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(UninitializedTensorMixin, Parameter):  # type: ignore[misc]
    """A parameter whose shape is not known yet; `materialize` makes it a `Parameter`."""

    __slots__ = ()

    cls_to_become = Parameter

    def __init__(
        self, requires_grad: bool = True, device: object = None, dtype: dtypes.dtype | None = None
    ) -> None:
        self.dtype = Parameter(Tensor((0,), dtype or dtypes.float32), requires_grad).dtype
        self.memory = self.contents = None
        self.requires_grad = requires_grad


class UninitializedBuffer(UninitializedTensorMixin, Tensor):  # type: ignore[misc]
    """A buffer whose shape is not known yet; `materialize` makes it a `Tensor`."""

    __slots__ = ()

    cls_to_become = Tensor

    def __init__(
        self, requires_grad: bool = False, device: object = None, dtype: dtypes.dtype | None = None
    ) -> None:
        self.dtype = dtype or dtypes.float32
        self.memory = self.contents = None
        self.requires_grad = requires_grad


def is_lazy(param: object) -> bool:
    """Return whether a parameter or buffer has no shape yet."""
    return isinstance(param, UninitializedTensorMixin)
