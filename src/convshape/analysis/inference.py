"""The input of a network without one: channels from its first layers, sizes from the fit."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from ..run.doubts import infer_input as tried_input
from ..shapetorch import dtypes
from ..shapetorch.arguments import shape
from ..shapetorch.tensor import Tensor
from ..symbolic.dim import Dim
from ..symbolic.region import least, progressions
from ..symbolic.words import sizes_text
from .fit import Fit, fit
from .symbols import USUAL

if TYPE_CHECKING:
    from ..run.program import Program

#: How long sizes are explored, in seconds, and the largest of an image and of a series.
_SECONDS, _LARGEST, _LONGEST = 1.0, 1024, 2**14


def infer_input(program: Program) -> None:
    """Give a program without an input one that its network takes, if one is found, and say so."""
    tried_input(program)
    if program.inferred is None:
        return
    (tensor,) = program.inputs
    fits = ""
    if tensor.ndim > 2 and tensor.dtype.kind != dtypes.INTEGER:
        found = _squares(program, tensor)
        sizes = found.region[0][0] if found.region else 0
        if sizes and not sizes >> int(tensor.shape[-1]) & 1:
            size = next((n for n in USUAL if sizes >> n & 1), least(sizes))
            tensor = program.inputs[0] = _square(tensor, size)
        if sizes and not found.why:
            program.inferred["sizes"] = progressions(sizes)
            fits = _fits(sizes, found.limit)
    text = shape(tensor.shape[1:])
    origin = " and ".join(filter(None, program.inferred["from"]))
    program.note = f"input {text}{', from ' * bool(origin)}{origin}{fits}; --in to choose"


def _fits(sizes: int, limit: int) -> str:
    """Say which sizes fit, unless they are all from some size on."""
    parts = progressions(sizes)
    if len(parts) == 1 and parts[0][1:] == (limit, 1):
        return ""
    verb = "alone fits" if sizes.bit_count() == 1 else "fit"
    return f" ({sizes_text(sizes, limit)} {verb})"


def _squares(program: Program, tensor: Tensor) -> Fit:
    """Return the sizes that fit along all axes of the last one's size, which are the same there."""
    varying = copy(program)
    varying.inputs = [_square(tensor, Dim("H", int(tensor.shape[-1])))]
    return fit(varying, _LONGEST if tensor.ndim == 3 else _LARGEST, _SECONDS)


def _square(tensor: Tensor, size: int) -> Tensor:
    lead, sizes = tensor.shape[:2], tensor.shape[2:]
    return Tensor((*lead, *(size if n == sizes[-1] else n for n in sizes)), tensor.dtype)
