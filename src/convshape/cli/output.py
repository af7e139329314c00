"""How commands answer: text or JSON on stdout, errors in words on stderr, and the exit status."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import Error, ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ..tracing import Trace


def traced(work: Callable[[], Trace], json: bool, show: bool = False) -> Trace:
    """Do the work and report what fails: as a trace in JSON, or in words below the rows that succeeded."""

    def empty(error: Error) -> None:
        from ..tracing import Trace

        write(Trace("", [], [], 0, error).to_json())

    with reported(empty if json else None):
        result = work()
    if json:
        write(result.to_json())
    elif show and result.rows:
        write_table(result)
        if result.note and result.error is None:
            write_note(result.note)
    if result.error is not None:
        if not json:
            write_error(result.error)
        sys.exit(_status(result.error))
    return result


@contextmanager
def reported(to_json: Callable[[Error], None] | None) -> Iterator[None]:
    """Print an error, in words to stderr unless it is told how in JSON, and end with its exit status."""
    try:
        yield
    except Error as error:
        if to_json is not None:
            to_json(error)
        else:
            write_error(error)
        sys.exit(_status(error))


def _status(error: Error) -> int:
    return 1 if isinstance(error, ShapeError) else 2


def json_error(error: Error) -> None:
    """Write an error as JSON."""
    write_json({"schema": 1, "error": error.to_dict()})


def write_json(value: dict[str, Any]) -> None:
    """Write `value` in one line."""
    from json import dumps

    write(dumps(value, ensure_ascii=False))


def write_error(error: Error) -> None:
    """Write an error in words to stderr."""
    from ..render.text import error_text

    sys.stdout.flush()
    write(error_text(error), sys.stderr)


def write_note(note: str) -> None:
    """Write to stderr what someone should know who reads the answer."""
    sys.stdout.flush()
    write(f"note: {note}", sys.stderr)


def write_table(trace: Trace) -> None:
    """Write a trace as a table, as wide as the terminal."""
    from ..render.table import table

    write_rich(table(trace))


def write_rich(renderable: Any) -> None:
    """Write what Rich can print, as wide as the terminal."""
    from rich.console import Console

    # A pipe has no width to respect; a line of the table stays a line.
    console = Console(width=None if sys.stdout.isatty() else 500)
    with console.capture() as capture:
        console.print(renderable)
    write("\n".join(line.rstrip() for line in capture.get().rstrip().splitlines()))


def write(text: str, stream: Any = None) -> None:
    """Write a line, in what the stream's encoding can show."""
    from ..render.text import printable

    stream = stream or sys.stdout
    stream.write(printable(text, stream.encoding) + "\n")


def shape_text(sizes: tuple[int, ...]) -> str:
    """Write a shape: with × on a terminal, and with x in a pipe, where a program reads it."""
    from ..shapetorch.arguments import shape

    text = shape(sizes)
    return text if sys.stdout.isatty() else text.replace("×", "x")


def wants_equation(explain: bool, quiet: bool) -> bool:
    """Tell whether the equation is shown: on a terminal, or where it is asked for."""
    return not quiet and (explain or sys.stdout.isatty())
