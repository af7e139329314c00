"""The inputs of a network without any: channels from its first layers, sizes from the fit."""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING

from .. import clock
from ..run.fit import fit
from ..run.input_check import forward_of
from ..run.trial import with_batch
from ..run.varying import Varying, fitting, with_sizes
from ..shapetorch import dtypes
from ..shapetorch.arguments import shape
from ..shapetorch.nn.modules.constructor import REQUIRED, signature
from ..shapetorch.nn.modules.module import is_layer
from ..shapetorch.tensor import Tensor
from ..symbolic.dim import Dim
from ..symbolic.progressions import progressions
from ..symbolic.region import least
from ..symbolic.words import sizes_text
from ..thread_output import muted
from .symbols import USUAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..run.program import Program
    from ..run.trial import Outcome
    from ..shapetorch.nn import Module
    from ..symbolic.region import Box

#: How long sizes are explored, in seconds, and the largest of an image and of a series.
_SECONDS, _LARGEST, _LONGEST = 1.8, 1024, 2**14
#: How many layers are looked at for the one that is the first.
_LAYERS = 4
#: The frames of a video, and the steps of a sequence.
_STEPS = 16


def infer_input(program: Program) -> None:
    """Give a program without inputs some that its network takes, if any are found, and say so.

    Several get the same shape, as those of an attention mostly have; a network's may be anything.
    """
    arguments = list(signature(forward_of(program.module)).items())[1:]
    names = [name for name, default in arguments if default is REQUIRED]
    if program.inputs or program.named or not names:
        return
    if len(names) > 1 and not is_layer(program.module):
        return
    with muted():
        guess = _best_guess(program, len(names))
    if guess is not None and (guess.fits or len(names) == 1):
        program.inputs, program.batch = guess.inputs, guess.shape[0]
        program.inferred = {"from": guess.origin, "sizes": None}
        if guess.sizes and guess.complete:
            program.inferred["sizes"] = progressions(guess.sizes)
        what = "input" if len(names) == 1 else f"inputs {', '.join(names)}: each"
        origin = " and ".join(filter(None, guess.origin))
        source = f", from {origin}" if origin else ""
        said = f"{what} {shape(guess.shape[1:])}{source}{guess.words()}; --in to choose"
        program.note = "; ".join(filter(None, (program.note, said)))


def _best_guess(program: Program, count: int) -> _Guess | None:
    """Return the first inputs that a network takes, else those with which it comes furthest."""
    deadline = clock.seconds() + _SECONDS
    modules = program.module.named_modules()
    layers = [(path, m) for path, m in modules if not m._modules or _is_attention(m)]
    best = None
    for path, layer in layers[:_LAYERS]:
        for tensor in _inputs(layer):
            guess = _Guess(program, path, tensor, count, deadline - clock.seconds())
            if guess.fits or guess.is_last:
                return guess
            if guess.reached > (best.reached if best else 0):
                best = guess
            if clock.seconds() > deadline:
                return best
    return best


class _Guess:
    """Inputs that a network may take.

    Attributes:
        inputs: so many tensors of one shape.
        shape: that shape.
        origin: the paths of the layers that ask for it.
        fits: whether the network takes them.
        is_last: whether no other inputs help: a function has other arguments.
        reached: how many calls came to their end.
        sizes: those that fit along the axes of unknown size, as bits up to `limit`; all of them if
            `complete`.
    """

    def __init__(
        self, program: Program, path: str, tensor: Tensor, count: int, seconds: float
    ) -> None:
        program = copy(program)
        program.batch = program.batch or 1
        program.inputs = [with_batch(tensor, program.batch) for _ in range(count)]
        varying = Varying(program)
        outcome, _ = varying.outcome(varying.symbols)
        self.origin, self.reached = [path], outcome.reached
        self.fits, self.is_last = fitting(outcome), _is_miscounted(outcome)
        self.sizes, self.limit, self.complete = 0, 0, False
        sizes = varying.symbols
        if any(isinstance(n, Dim) for n in tensor.shape) and not self.is_last:
            self.limit = _LONGEST if tensor.ndim == 3 else _LARGEST
            answer = fit(varying, self.limit, seconds)
            self.sizes, self.complete = _bits(answer.region), not answer.why
            size = _usual(varying, self.sizes, _bits(answer.unknown))
            self.fits = size > 0
            sizes = (
                dict.fromkeys(sizes, size) if self.fits else {**sizes, **(answer.furthest or {})}
            )
        self.inputs = with_sizes(varying.inputs, sizes, plain=True)
        self.shape = self.inputs[0].shape
        if self.fits and tensor.ndim > 2:
            larger, _ = varying.outcome({name: 2 * n for name, n in sizes.items()})
            self.origin += [larger.path] * (larger.path not in ("", path))

    def words(self) -> str:
        """Say which sizes fit, unless they are all from some size on."""
        parts = progressions(self.sizes)
        from_some_size_on = len(parts) == 1 and parts[0][1:] == (self.limit, 1)
        if not self.sizes or not self.complete or from_some_size_on:
            return ""
        verb = "alone fits" if self.sizes.bit_count() == 1 else "fit"
        return f" ({sizes_text(self.sizes, self.limit)} {verb})"


def _bits(region: list[Box]) -> int:
    """Return the sizes of a region of one symbol."""
    return sum(sizes for (sizes,) in region)


def _usual(varying: Varying, sizes: int, unknown: int) -> int:
    """Return a usual size that fits, the least one otherwise; 0 if none does."""
    (name,) = varying.symbols
    for size in (28, 32, *USUAL) if varying.inputs[0].shape[1] == 1 else USUAL:
        if sizes >> size & 1 or (unknown >> size & 1 and varying.fits({name: size})):
            return size
    return least(sizes) if sizes else 0


def _is_miscounted(outcome: Outcome) -> bool:
    """Return whether a function was called with arguments that it does not have, or too few."""
    error = outcome.error
    return isinstance(error, TypeError) and re.search(r"\bargument", str(error)) is not None


def _is_attention(module: Module) -> bool:
    return is_layer(module) and hasattr(module, "embed_dim")


def _inputs(layer: Module) -> Iterator[Tensor]:
    """Yield the inputs that a first layer may take, with `Dim` for unknown sizes."""
    axes, channels = getattr(layer, "_axes", 0), getattr(layer, "in_channels", None)
    if axes and channels is not None:
        size = Dim("H")
        yield Tensor((1, channels or 3, *[_STEPS] * (axes == 3), *[size] * min(axes, 2)))
    elif hasattr(layer, "in_features"):
        features = layer.in_features
        yield Tensor((1, features))
        for depth in (1, 3):
            side = round((features / depth) ** 0.5)
            if depth * side * side == features:
                yield Tensor((1, depth, side, side))
    elif hasattr(layer, "num_embeddings"):
        yield Tensor((1, _STEPS), dtypes.int64)
    elif hasattr(layer, "input_size"):
        yield Tensor((1, _STEPS, layer.input_size))
        yield Tensor((1, layer.input_size))  # of a cell
    elif _is_attention(layer):
        yield Tensor((1, _STEPS, layer.embed_dim))
