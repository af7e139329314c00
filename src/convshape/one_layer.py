"""The spatial size that comes out of one layer: what ``conv``, ``pool`` and ``deconv`` answer.

Apart from `api`, which knows networks and expressions: these answers are the ones that must be
instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ShapeError, SpecError
from .readers.shape import sizes
from .shapetorch import nn
from .shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from typing import Any

    from .shapetorch.nn import Module


class Sizes:
    """The answer of `size_of`: the layer, its spatial sizes and those that come out."""

    def __init__(self, module: Module, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> None:
        self.module = module
        self.inputs = inputs
        self.outputs = outputs


def size_of(command: str, size: str, arguments: dict[str, str | bool | None]) -> Sizes:
    """Work out the spatial size that comes out of one layer.

    Args:
        command: ``conv``, ``pool`` or ``deconv``.
        size: the spatial sizes; one number stands for as many axes as the arguments have.
        arguments: the layer's, as text; None for torch's default.

    Raises:
        SpecError: a size cannot be read, or the numbers of axes differ.
        ShapeError: torch would refuse it.
    """
    inputs = sizes(size, what="--in", example="32, 32x48 or 16x112x112")
    values: dict[str, Any] = {}
    for name, text in arguments.items():
        words = _WORDS if command == "conv" and name == "padding" else ()
        if isinstance(text, str) and text not in words:
            example = " or ".join(("3", "3x5", *words))
            values[name] = sizes(text, what=_option(name), example=example)
        elif text is not None:
            values[name] = text
    for name, each in {"in": inputs, **values}.items():
        if name in ("in", "kernel_size") and min(each) < 0:
            raise ShapeError(
                f"{_option(name)} {_plain(each)} has a negative size", fix="a size of at least 1"
            )
    counts = {name: len(value) for name, value in values.items() if isinstance(value, tuple)}
    axes = max(len(inputs), *counts.values())
    if axes > 3:
        raise SpecError(
            f"{command} takes 1 to 3 spatial dimensions, got {axes}",
            fix="leave the batch and the channels out of --in",
        )
    for name, count in {"in": len(inputs), **counts}.items():
        if count not in (1, axes):
            most = max(counts, key=counts.__getitem__) if name == "in" else "in"
            raise SpecError(
                f"{_option(name)} has {count} sizes, but {_option(most)} has {axes}",
                fix=f"--in {'x'.join(map(str, inputs[-count:]))}: spatial sizes only"
                if most == "in"
                else "",
            )
    inputs *= axes if len(inputs) == 1 else 1
    values |= {name: values[name][0] for name, count in counts.items() if count == 1}
    try:
        module = layer_of(command, axes, values)
        out = module(Tensor((1, 1, *inputs)))
    except ShapeError as error:
        change = error.change if error.fix else {}  # which has been tried
        options = (f"{_option(name)} {_plain(value)}" for name, value in change.items())
        raise error.changed(
            layer=command if error.subject else "", fix=" ".join(options) or error.fix
        ) from None
    return Sizes(module, inputs, out.shape[2:])


def layer_of(command: str, axes: int, arguments: dict[str, Any]) -> Module:
    """Return the layer of a command, with one channel.

    Raises:
        ShapeError: torch would refuse it.
    """
    prefix, lead = _LAYERS[command]
    layer: Module = getattr(nn, f"{prefix}{axes}d")(*lead, **arguments)
    return layer


#: What the padding of a convolution may be besides numbers.
_WORDS = ("same", "valid")
_LAYERS: dict[str, tuple[str, tuple[int, ...]]] = {
    "conv": ("Conv", (1, 1)),
    "pool": ("MaxPool", ()),
    "deconv": ("ConvTranspose", (1, 1)),
}


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _plain(value: Any) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return "x".join(map(str, values if len(set(values)) > 1 else values[:1]))
