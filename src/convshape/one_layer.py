"""The spatial size that results from one layer: what ``conv``, ``pool`` and ``deconv`` answer.

Apart from `api`, which knows networks and expressions: these answers are the ones that must be
instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import ShapeError, SpecError
from .readers.shape import sizes
from .shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from .shapetorch.nn import Module


class Sizes:
    """The answer of `size_of`: the layer, its input and output sizes, and how it was read."""

    def __init__(
        self,
        module: Module,
        inputs: tuple[int, ...],
        outputs: tuple[int, ...],
        note: str = "",
    ) -> None:
        self.module = module
        self.inputs = inputs
        self.outputs = outputs
        self.note = note


def size_of(command: str, size: str, arguments: dict[str, str | bool | None]) -> Sizes:
    """Compute the spatial size that results from one layer.

    Args:
        command: ``conv``, ``pool`` or ``deconv``.
        size: the spatial sizes; one number is for as many axes as the arguments have.
        arguments: the layer's, as text; None for torch's default.

    Raises:
        SpecError: a size cannot be read, or the numbers of axes differ.
        ShapeError: torch would refuse it.
    """
    inputs = sizes(size, what="--in", example="32, 32x48, 16x112x112 or H", symbols=True)
    values = _values(command, arguments)
    for name, numbers in {"in": inputs, **values}.items():
        if name in ("in", "kernel_size") and min(numbers) < 0:
            raise ShapeError(
                f"{_option(name)} {_plain(numbers)} has a negative size", fix="a size of at least 1"
            )
    counts = {name: len(value) for name, value in values.items() if isinstance(value, tuple)}
    inputs, note = _without_channels(command, inputs, max(counts.values(), default=1))
    axes = _axes(command, inputs, counts)
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
    return Sizes(module, inputs, out.shape[2:], note)


def _values(command: str, arguments: dict[str, str | bool | None]) -> dict[str, Any]:
    """Return the arguments that are given, sizes as tuples.

    Raises:
        SpecError: a size cannot be read.
    """
    values: dict[str, Any] = {}
    for name, text in arguments.items():
        words = _WORDS if command == "conv" and name == "padding" else ()
        if isinstance(text, str) and text not in words:
            example = " or ".join(("3", "3x5", *words))
            values[name] = sizes(text, what=_option(name), example=example)
        elif text is not None:
            values[name] = text
    return values


def _axes(command: str, inputs: tuple[int, ...], counts: dict[str, int]) -> int:
    """Return the number of spatial axes.

    Args:
        command: what is asked.
        inputs: the sizes of the input.
        counts: how many sizes each argument has.

    Raises:
        SpecError: the numbers of axes differ, or there are more than three.
    """
    axes = max(len(inputs), *counts.values())
    if axes > 3:
        raise SpecError(
            f"{command} takes 1 to 3 spatial dimensions, got {axes}",
            fix="leave the batch and the channels out of --in",
        )
    for name, count in {"in": len(inputs), **counts}.items():
        if count not in (1, axes):
            most = max(counts, key=counts.__getitem__) if name == "in" else "in"
            spatial = f"--in {'x'.join(map(str, inputs[-count:]))}: spatial sizes only"
            raise SpecError(
                f"{_option(name)} has {count} sizes, but {_option(most)} has {axes}",
                fix=spatial if most == "in" else "",
            )
    return axes


def layer_of(command: str, axes: int, arguments: dict[str, Any]) -> Module:
    """Return the layer of a command, with one channel.

    Raises:
        ShapeError: torch would refuse it.
    """
    from .shapetorch.nn import modules

    prefix, lead = _LAYERS[command]
    layer: Module = getattr(modules, f"{prefix}{axes}d")(*lead, **arguments)
    return layer


def _without_channels(
    command: str, inputs: tuple[int, ...], axes: int
) -> tuple[tuple[int, ...], str]:
    """Return the spatial sizes of an input that looks like an image with channels, and a note."""
    channels, *sizes = inputs
    is_image = len(inputs) == 3 and axes == 1 and channels in (1, 3) and len({*sizes}) == 1
    if not is_image or sizes[0] < 8:
        return inputs, ""
    size = "x".join(map(str, sizes))
    note = (
        f"{command} takes sizes without channels: --in {size}; "
        f"for a volume of {channels}x{size} give --k three sizes"
    )
    return tuple(sizes), note


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
