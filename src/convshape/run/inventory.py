"""A network without an input: its modules in the order in which they are registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .record import Row, Run
from .runner import place_of

if TYPE_CHECKING:
    from ..shapetorch.nn.modules.module import Module
    from .program import Program


def inventory(program: Program, module: Module) -> Run:
    """Return a run in which nothing ran: a row for each module, without shapes.

    Args:
        program: where the network comes from.
        module: the network, as a module of `shapetorch`.
    """
    run = Run(module, [], name=program.name)
    run.note, run.wanted = program.note, list(program.refused)

    def visit(part: Module, path: str) -> None:
        row = Row(run, path, part, (), {}, place_of(path, program.where))
        for name, child in part._modules.items():
            if child is not None:
                visit(child, f"{path}.{name}" if path else name)
        row.finish(None)

    visit(module, "")
    return run
