"""What is to be run: a network and its inputs, as a reader makes them of a text. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..shapetorch.tensor import Tensor
    from .record import Run

    class Engine(Protocol):
        """Something other than `runner` that runs programs, such as torch itself."""

        def run(self, program: Program) -> Run:
            """Run the program and return what happened, also where it stopped."""


class Program:
    """A network, what it is run on, and where it comes from.

    Attributes:
        module: the network.
        inputs: its arguments, each ``(N, C, *size)`` or whatever it takes.
        named: its arguments by name.
        undeclared: input tensors without a declared dtype: it becomes the dtype that is needed.
        names: those of the inputs, where `forward` does not show them.
        train: whether it runs in training mode.
        name: the network's, its class unless given.
        where: ``file:line:column`` of modules, by path.
        note: what the file left open, and how it was read.
        refused: what its source wanted beside, and was refused: notes, which grow while it runs.
        left_open: the paths of layers of which the file leaves a size open: ``Linear(?, 10)``.
        batch: samples in a batch, where the first axis of every input counts them; else None.
        inferred: for an input that was found as none was given: the layers that it is ``from``, and
            the ``sizes`` that fit along its spatial axes, as progressions, if they are known.
        session: gives the context that holds while the network is run and diagnosed, such as the
            one in which ``torch`` means `shapetorch`.
        engine: what runs it; None for `runner`.
        source: gives the text of a file by the name that places have for it, or nothing.
        places: gives the places of the text that led to a module, the innermost first.
        reread: reads the same network with other texts for some of its files, by these names; None
            where there is no text.
    """

    def __init__(
        self,
        module: Any,
        inputs: Sequence[Any] = (),
        *,
        named: Mapping[str, Any] | None = None,
        undeclared: Sequence[Tensor] = (),
        names: Sequence[str] = (),
        train: bool = False,
        name: str = "",
        where: Mapping[str, str] | None = None,
        note: str = "",
        refused: Sequence[str] = (),
        left_open: Sequence[str] = (),
        batch: int | None = None,
        session: Callable[[], AbstractContextManager[Any]] = nullcontext,
        engine: Engine | None = None,
        source: Callable[[str], str] = lambda file: "",
        places: Callable[[Any], list[str]] = lambda module: [],
        reread: Callable[[Mapping[str, str]], Program] | None = None,
    ) -> None:
        self.module = module
        self.inputs = list(inputs)
        self.named = dict(named or {})
        self.undeclared = list(undeclared)
        self.names = list(names)
        self.train = train
        self.name = name or type(module).__name__
        self.where = where or {}
        self.note = note
        self.refused = refused
        self.left_open = left_open
        self.batch = batch
        self.session = session
        self.engine = engine
        self.inferred: dict[str, Any] | None = None
        self.source = source
        self.places = places
        self.reread = reread
