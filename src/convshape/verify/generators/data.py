"""Random calls as data, and made into tensors and layers of convshape or of torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from ... import shapetorch


@dataclass(frozen=True)
class Layout:
    """How a tensor is made a view of another, so that its elements are not one behind the other.

    `order` are its dimensions as they lie in memory,
    outermost first; along each there is a gap after each element
    where `steps` says 2,
    and there is one element only where it says 0. With `later` the first elements are cut off.
    """

    order: tuple[int, ...]
    steps: tuple[int, ...]
    later: bool = False

    def __repr__(self) -> str:
        return f"{self.order}{self.steps}{'+' * self.later}"

    def of(self, shape: tuple[int, ...], make: Callable[[tuple[int, ...]], Any]) -> Any:
        """Make a tensor of this shape that lies so, of what makes one of a shape."""
        sizes = [n * step if step else 1 for n, step in zip(shape, self.steps, strict=True)]
        whole = [sizes[i] for i in self.order]
        if self.later:
            whole[0] += 1
        base = make(tuple(whole))
        if self.later:
            base = base[1:]
        turned = base.permute(tuple(self.order.index(i) for i in range(len(shape))))
        return turned[tuple(slice(None, None, step or 1) for step in self.steps)].expand(shape)


@dataclass(frozen=True)
class T:
    """A tensor of one value, or of several along its last dimension, as data."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    value: int | tuple[int, ...] = 0
    layout: Layout | None = None

    def __repr__(self) -> str:
        return f"{self.dtype}{list(self.shape)}" + (f" in {self.layout}" if self.layout else "")


def each_inside(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change each item of a tuple, list, dictionary or slice; anything else stays."""
    if isinstance(value, (tuple, list)):
        return (tuple if isinstance(value, tuple) else list)(map(change, value))
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    if isinstance(value, slice):
        return slice(change(value.start), change(value.stop), change(value.step))
    return value


@dataclass(frozen=True)
class D:
    """A dtype or a memory format, as data."""

    name: str

    def __repr__(self) -> str:
        return f"torch.{self.name}"


@dataclass(frozen=True)
class Member:
    """What `nn` has under a name, as data: a function, or with `args` the layer that they make."""

    name: str
    args: tuple[Any, ...] | None = None
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        if self.args is None:
            return f"nn.{self.name}"
        return f"nn.{self.name}({', '.join(_written(self.args, self.kwargs))})"


#: Among the arguments of a call: the first tensor once more, the very same.
INPUT = object()


@dataclass(frozen=True)
class Case:
    """One layer made and called, as data; `others` are the call's arguments after the first."""

    layer: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    input: tuple[int, ...]
    dtype: str = "float32"
    training: bool = False
    call: dict[str, Any] = field(default_factory=dict)
    others: tuple[Any, ...] = ()
    value: int = 0
    layout: Layout | None = None

    @property
    def call_arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of the call, as data."""
        first = T(self.input, self.dtype, self.value, self.layout)
        return (first, *(first if v is INPUT else v for v in self.others)), self.call

    @property
    def name(self) -> str:
        return self.layer

    def __str__(self) -> str:
        mode = ".train()" if self.training else ""
        others = ("input" if v is INPUT else repr(v) for v in self.others)
        call = "".join(f", {argument}" for argument in (*others, *_written((), self.call)))
        arguments = ", ".join(_written(self.args, self.kwargs))
        memory = f" in {self.layout}" if self.layout else ""
        return f"nn.{self.layer}({arguments}){mode}({self.input} {self.dtype}{memory}{call})"

    def made(self, library: Any, make: Callable[[Any], Any]) -> Any:
        """Make the layer, of torch or of what stands for it."""
        args, kwargs = make((self.args, self.kwargs))
        return getattr(library.nn, self.layer)(*args, **kwargs).train(self.training)

    def result(self, layer: Any, library: Any, make: Callable[[Any], Any]) -> Any:
        """Call it."""
        args, kwargs = make(self.call_arguments)
        return layer(*args, **kwargs)


@dataclass(frozen=True)
class Call:
    """One function of `torch`, or method of its first argument, called."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    method: bool = False

    def __str__(self) -> str:
        arguments = ", ".join(_written(self.args, self.kwargs))
        return f"{'Tensor' if self.method else 'torch'}.{self.name}({arguments})"

    def made(self, library: Any, make: Callable[[Any], Any]) -> None:
        """There is no layer to be made."""

    def result(self, layer: None, library: Any, make: Callable[[Any], Any]) -> Any:
        """Call it."""
        args, kwargs = make((self.args, self.kwargs))
        if self.name == "__setitem__":
            args[0][args[1]] = args[2]
            return args[0]
        if self.method:
            return getattr(args[0], self.name)(*args[1:], **kwargs)
        return attrgetter(self.name)(library)(*args, **kwargs)


def _written(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    return [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]


def _real(value: Any, tensor: Callable[[T], Any], library: Any) -> Any:
    """Make the tensors, dtypes and members in `value`, however deep; a `T` is always one tensor."""
    done: dict[int, Any] = {}

    def make(value: Any) -> Any:
        if isinstance(value, T):
            if id(value) not in done:
                done[id(value)] = tensor(value)
            return done[id(value)]
        if isinstance(value, D):
            return getattr(library, value.name)
        if isinstance(value, Member):
            member = attrgetter(value.name)(library.nn)
            return member if value.args is None else member(*make(value.args), **make(value.kwargs))
        return each_inside(value, make)

    return make(value)


def in_convshape(value: Any) -> Any:
    """Make the tensors, dtypes and members in `value` convshape's."""

    def tensor(t: T) -> Any:
        def made(shape: tuple[int, ...]) -> Any:
            return shapetorch.Tensor(shape, getattr(shapetorch, t.dtype))

        return made(t.shape) if t.layout is None else t.layout.of(t.shape, made)

    return _real(value, tensor, shapetorch)


def in_torch(value: Any, device: str) -> Any:
    """Make the tensors, dtypes and members in `value` torch's."""
    import torch

    def tensor(t: T) -> Any:
        one = torch.tensor(t.value, dtype=getattr(torch, t.dtype), device=device)

        def made(shape: tuple[int, ...]) -> Any:
            return one.expand(shape).clone(memory_format=torch.contiguous_format)  # also of nothing

        return made(t.shape) if t.layout is None else t.layout.of(t.shape, made)

    return _real(value, tensor, torch)


def flat(result: Any) -> list[Any]:
    """Return what a call gave, tensors and others, without the tuples and lists around them."""
    return (
        [tensor for item in result for tensor in flat(item)]
        if isinstance(result, (tuple, list))
        else [result]
    )
