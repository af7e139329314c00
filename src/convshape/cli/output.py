"""How commands answer: text or JSON on stdout, errors in words on stderr, and the exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import Error, ShapeError, SpecError

if TYPE_CHECKING:
    from ..render.view import View
    from ..result import Trace


def write_stopped(error: Error) -> None:
    """Write as JSON that there is no trace, and why."""
    from ..result import Trace
    from ..run.record import Run

    write(Trace(Run(error=error)).to_json())


def exit_with(error: Error | None, json: bool) -> None:
    """End with the status of what stopped a trace, if anything did; say it unless in JSON."""
    if error is not None:
        if not json:
            write_error(error)
        sys.exit(_status(error))


@contextmanager
def reported(to_json: Callable[[Error], None] | None) -> Iterator[None]:
    """Write an error, in words to stderr or by `to_json`, and end with its exit status."""
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
    write(json_text(value))


def json_text(value: dict[str, Any]) -> str:
    """Return `value` as JSON, in one line."""
    from json import dumps

    if "convshape.symbolic.dim" in sys.modules:
        from ..symbolic.words import closed

        value = closed(value)
    return dumps(value, ensure_ascii=False)


def write_error(error: Error) -> None:
    """Write an error in words to stderr."""
    from ..render.text import columns, error_text, wants_colors

    sys.stdout.flush()
    colors = wants_colors(sys.stderr)
    width = columns() if sys.stderr.isatty() else 0
    write(error_text(error, width, colors), sys.stderr, styled=colors)


def write_note(note: str) -> None:
    """Write to stderr what someone should know who reads the answer."""
    sys.stdout.flush()
    write(f"note: {note}", sys.stderr)


def write_trace(trace: Trace, format: str, file: str, **options: Any) -> None:
    """Write a trace in one of `render.FORMATS`, to a file if one is named.

    For the options see `render.view.View`.
    """
    from ..render.view import View

    if file:
        text = trace.to("plain" if format == "table" else format, **options)
        write_file(file, text + "\n")
    elif format != "table":
        write(trace.to(format, **options))
    elif trace.begun():
        write_table(View(trace.analysis, **options))


def write_file(file: str, content: str | bytes, *, new: bool = False) -> None:
    """Write what ``-o`` names, as `write_atomically` does.

    Raises:
        FileExistsError: there is such a file, and it is to be `new`.
        SpecError: it cannot be written.
    """
    from ..files import write_atomically

    try:
        write_atomically(file, content, new=new)
    except SpecError as error:
        raise error.changed(fix="-o with a path that can be written") from None


def write_notes(trace: Trace) -> None:
    """Write to stderr what is to be known beside a trace; of one that stopped, what was refused."""
    for note in [trace.note] if trace.error is None else trace.record.wanted:
        if note:
            write_note(note)


def write_table(view: View) -> None:
    """Write a table: with colors, and as wide as the terminal, but in a pipe without either."""
    if sys.stdout.isatty():
        from ..render.table import rich_table

        write_rich(lambda width: rich_table(view, width))
    else:
        from ..render.plain import rows

        write(rows(view))


def write_rich(render: Callable[[int], Any]) -> None:
    """Write what Rich can print, made for the width of the terminal."""
    write_long(rich_text(render), styled=True)


def rich_text(render: Callable[[int], Any], width: int | None = None) -> str:
    """Return what Rich can print: in colours for the terminal, or plainly for a width."""
    from io import StringIO

    from rich.console import Console

    # A pipe has no width to respect; a line of the table stays a line.
    console = Console(
        width=width or (None if sys.stdout.isatty() else 500), file=StringIO() if width else None
    )
    with console.capture() as capture:
        console.print(render(console.width))
    return "\n".join(line.rstrip() for line in capture.get().rstrip().split("\n"))


def write(text: str, stream: Any = None, styled: bool = False) -> None:
    """Write a line as the stream can show it; control characters only where it is `styled`."""
    from ..render.text import printable

    stream = stream or sys.stdout
    stream.write(printable(text, stream.encoding, styled) + "\n")


def write_painted(text: str, part: str) -> None:
    """Write a line to stdout in the colour of its part, if colours are shown."""
    from ..render.text import painter, visible, wants_colors

    write(painter(wants_colors(sys.stdout, answer=True))(visible(text), part), styled=True)


def write_long(text: str, styled: bool = False) -> None:
    """Write a text to stdout, on a terminal through the pager if it is long."""
    from ..render.text import printable

    if sys.stdout.isatty():
        from .paging import paged

        if paged(printable(text, sys.stdout.encoding, styled)):
            return
    write(text, styled=styled)


def can_show(characters: str) -> bool:
    """Return whether stdout can show some characters."""
    try:
        characters.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def shape_text(sizes: tuple[int, ...]) -> str:
    """Write a shape: with × on a terminal, and with x in a pipe, where a program reads it."""
    from ..shapetorch.arguments import shape

    text = shape(sizes)
    return text if sys.stdout.isatty() else text.replace("×", "x")
