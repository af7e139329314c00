"""Who is watching: the recorder of the run that is going on, if any, and what else a run has set.

Modules and operations ask here whether somebody wants a record of their call; at most one does.
Each thread has hooks of its own, so that traces in several do not see each other.
"""

from __future__ import annotations

import sys
from _thread import _local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from ..errors import Error, ShapeError
    from .nn.modules.module import Module

    class Recorder(Protocol):
        """What a trace offers to the calls that it watches."""

        #: An operation is at work: those that it calls are its own business.
        inside_operation: bool
        #: What the operations that follow are called in their module; empty for their own names.
        entry: str

        def call_module(self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            """Run the module and record the call."""

        def call_function(
            self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> Any:
            """Run the operation and record the call."""

        def note(self, statement: tuple[Any, ...], is_part: bool, value: Any) -> None:
            """Note what a statement of a source gives."""

    class Named(Protocol):
        """What keeps the names of a network file's entries, on whichever torch it runs."""

        entry: str


class _Hooks(_local):
    """What replaces this module, in each thread with its own values."""

    __name__, __spec__ = __name__, __spec__

    recorder: Recorder | None = None
    #: What the run of a network file on torch itself names its operations by.
    entries: Named | None = None
    #: Inputs are tried, of which most are refused: nobody reads why, or what would mend it.
    searching = False
    #: What `vmap` says of random numbers while it maps: "error", "different" or "same".
    randomness = ""
    #: While a source file runs: tells the line of it that is at work, as ``file:line``.
    line: Callable[[], str] | None = None
    #: In a search for fixes: the lines of a source file that led to each module, innermost first.
    trails: dict[Module, list[str]] | None = None
    #: While a source file runs: tells all lines of it that are at work.
    trail: Callable[[], list[str]] | None = None
    #: While a source file runs: makes of what its code raises an error that shows the user's lines.
    explain: Callable[[BaseException], Error] | None = None
    #: While a source file runs: is told of each step of training, and ends what takes too many.
    train: Callable[[], None] | None = None

    @staticmethod
    def diagnose_layer(error: ShapeError) -> ShapeError:
        """Return the refusal of a layer that is called outside of any run, with its fix."""
        from .nn.modules.fitting import diagnose_layer  # only a mistake pays for it

        return diagnose_layer(error)

    @staticmethod
    def unknown_result(arguments: tuple[Any, ...]) -> Any:
        """Return a placeholder for the result of an operation that fails on unknown arguments."""
        from .placeholder import unknown_result  # only a failure pays for it

        return unknown_result(arguments)


if TYPE_CHECKING:
    recorder: Recorder | None
    entries: Named | None
    searching: bool
    randomness: str
    line: Callable[[], str] | None
    trails: dict[Module, list[str]] | None
    trail: Callable[[], list[str]]
    explain: Callable[[BaseException], Error] | None
    train: Callable[[], None] | None
    diagnose_layer: Callable[[ShapeError], ShapeError]
    unknown_result: Callable[[tuple[Any, ...]], Any]
else:
    sys.modules[__name__] = _Hooks()
