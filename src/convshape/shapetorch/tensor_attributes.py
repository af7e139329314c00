"""What is read of a tensor besides its dtype: its size, its device, its layout."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, SupportsIndex, overload

from ..errors import ShapeError


class Size(tuple[int, ...]):
    """A shape: a tuple that knows its `numel`, and whose slices do."""

    __slots__ = ()

    def __new__(cls, sizes: Iterable[int] = ()) -> Size:
        """Make a shape of ints."""
        result = tuple.__new__(cls, sizes)
        for n in result:
            if not isinstance(n, int):
                raise ShapeError(f"torch.Size is made of ints, but receives {n!r}")
        return result

    def numel(self) -> int:
        """Return the number of elements of a tensor of this shape."""
        return prod(self)

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Size: ...
    def __getitem__(self, index: SupportsIndex | slice) -> int | Size:
        part: Any = tuple.__getitem__(self, index)
        return tuple.__new__(Size, part) if isinstance(part, tuple) else part

    def __add__(self, other: Any) -> Any:
        return tuple.__new__(Size, tuple.__add__(self, other))

    def __radd__(self, other: tuple[Any, ...]) -> Size:
        return tuple.__new__(Size, other + tuple(self))

    def __mul__(self, other: Any) -> Size:
        return tuple.__new__(Size, tuple.__mul__(self, other))

    __rmul__ = __mul__


_DEVICES = (
    "cpu cuda fpga hip hpu ideep ipu lazy maia meta mkldnn mps mtia opencl opengl privateuseone "
    "ve vulkan xla xpu"
).split()


class device:  # noqa: N801 - torch's name
    """Where torch would put a tensor. Here it is a name: all tensors say that they are on the CPU.

    Raises:
        ShapeError: there is no such kind of device, or its index is not an int from 0.
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        if isinstance(type, int) and not isinstance(type, bool) and index is None:
            type, index = "cuda", type
        if not isinstance(type, str):
            raise ShapeError(f"needs a device such as 'cpu' or 'cuda:0', but receives {type!r}")
        kind, colon, number = type.partition(":")
        if kind not in _DEVICES:
            raise ShapeError(f"knows no device {type!r}: there are {', '.join(_DEVICES)}")
        if colon:
            if index is not None or not number.isdecimal() or str(int(number)) != number:
                raise ShapeError(f"cannot read the device {type!r}: it is written 'cuda:0'")
            index = int(number)
        if index is not None and index < 0:
            raise ShapeError(f"has a device of index {index}, which must be at least 0")
        self.type = kind
        self.index = index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"


class _Named:
    """A constant of torch, which prints as it is written."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class layout(_Named):  # noqa: N801 - torch's name
    """How the elements are stored."""

    __slots__ = ()


class memory_format(_Named):  # noqa: N801 - torch's name
    """In which order the elements lie in memory."""

    __slots__ = ()


CPU = device("cpu")
strided = layout("strided")
contiguous_format, preserve_format, channels_last, channels_last_3d = map(
    memory_format, ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d")
)
#: How many dimensions a tensor has whose channels can come last.
RANKS = {channels_last: 4, channels_last_3d: 5}


def check_memory_format(dims: int, value: Any) -> None:
    """Refuse a memory format that a tensor of `dims` dimensions cannot have."""
    if not isinstance(value, memory_format):
        raise ShapeError(
            f"needs a memory_format such as torch.channels_last, but receives {value!r}"
        )
    rank = RANKS.get(value)
    if rank not in (None, dims):
        raise ShapeError(f"needs {rank} dimensions for {value!r}, but receives {dims}")
