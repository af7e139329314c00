"""The command line: arguments in, renderers out, no shape logic.

A file holds a command, or a few that share their options, and imports what is heavy when the
command runs. What a command takes is declared once, in the defaults of its function (`parameters`).
A command line that is plainly right is read from these declarations at once; Typer, whose import
takes longer than most answers, is built from the same declarations for the rest: help, completion,
and what is wrong.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Sequence
from io import FileIO
from typing import Any

from ..wording import speak_command_line

#: Where each command lives, in the order of the help: in a file of its name, unless it shares one.
COMMANDS = dict.fromkeys(("conv", "pool", "deconv"), "sizes") | {
    name: name
    for name in (
        "solve layer trace fit draw annotate layers init schema diff check verify explain"
    ).split()
}


def command(name: str) -> Callable[..., None]:
    """Return the function of a command."""
    from importlib import import_module

    function: Callable[..., None] = getattr(import_module(f".{COMMANDS[name]}", __name__), name)
    return function


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line `argv`, that of the process unless given.

    Raises:
        SystemExit: with status 1 where it does not fit, 2 where it cannot be read, or where the
            answer cannot be written.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    gc.disable()  # nearly all that so short a process makes is kept to its end
    atexit.register(_leave, _next_file())
    try:
        if None in (sys.stdin, sys.stdout, sys.stderr):
            from .streams import open_closed

            open_closed()
        if isinstance(getattr(sys.stdout, "buffer", None), FileIO):
            from .streams import buffer

            buffer()
        before = speak_command_line(True)
        try:
            _run(argv)
        finally:
            speak_command_line(before)
            sys.stdout.flush()
            sys.stderr.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        from .streams import lost

        sys.exit(lost(error))


def _leave(next_file: int) -> None:
    """Spare the end of the process its searches for garbage, which take as long as an answer.

    They close files too that a source has left open, too late for the text in them: it is written
    before.
    """
    if _next_file() != next_file:
        from contextlib import suppress
        from io import BufferedRandom, BufferedWriter, TextIOWrapper

        for stream in gc.get_objects():
            if issubclass(type(stream), (TextIOWrapper, BufferedWriter, BufferedRandom)):
                with suppress(OSError, ValueError):  # the device is full, the file is closed
                    stream.flush()
    gc.freeze()


def _next_file() -> int:
    """Return the number that the next file gets: another one if files have been left open."""
    try:
        number = os.open(os.devnull, os.O_RDONLY)
    except OSError:  # a machine that has none
        return -1
    os.close(number)
    return number


def _with_number(argv: list[str]) -> list[str]:
    """Return a command line in which ``--fix`` has its number, 1 unless one follows."""
    place = argv.index("--fix")
    number = next(iter(argv[place + 1 : place + 2]), "")
    is_number = number.isdigit() and not os.path.exists(number)
    return [*argv[:place], f"--fix={number if is_number else 1}", *argv[place + 1 + is_number :]]


def _with_colors(argv: list[str]) -> list[str]:
    """Return a command line without ``--color``, which all commands take, and do as it says."""
    argv = ["--color=never" if word == "--no-color" else word for word in argv]
    place = next(i for i, word in enumerate(argv) if word.partition("=")[0] == "--color")
    _, equals, when = argv[place].partition("=")
    end = place + (1 if equals else 2)
    when = when if equals else "".join(argv[place + 1 : end])
    variables = {"always": "FORCE_COLOR", "never": "NO_COLOR", "auto": ""}
    if when not in variables:
        from ..errors import SpecError
        from .output import reported

        with reported(None):
            raise SpecError(f"--color {when}: not a choice", fix="--color always, never or auto")
    if when != "auto":
        os.environ.pop("NO_COLOR", None)
        os.environ[variables[when]] = when
    return [*argv[:place], *argv[end:]]


def _run(argv: list[str]) -> None:
    if any(word.partition("=")[0] in ("--color", "--no-color") for word in argv):
        argv = _with_colors(argv)
    # The traceback of a notebook begins with a line of dashes, and is not an option.
    argv = [word.lstrip("-") if word[:3] == "---" and "\n" in word else word for word in argv]
    if argv[:1] == ["trace"] and "--fix" in argv:
        argv = _with_number(argv)
    if "_CONVSHAPE_COMPLETE" in os.environ:
        from .completion import complete
        from .typer_app import read

        complete(lambda: read(argv))
        return
    if _run_if_plain(argv):
        return
    from .first_tries import meant

    typed, argv = argv, meant(argv, COMMANDS)
    if argv != typed and _run_if_plain(argv):
        return
    from .parameters import call
    from .typer_app import read

    # What is named of standard input looks like an option to it.
    argv = [f"<stdin>{word[1:]}" if word.startswith("-:") else word for word in argv]
    call(*read(argv))


def _run_if_plain(argv: list[str]) -> bool:
    """Run a command line that is plainly right, and return whether it was."""
    if not argv or argv[0] not in COMMANDS:
        return False
    from .parameters import call, parse

    function = command(argv[0])
    values: dict[str, Any] | None = parse(function, argv[1:])
    if values is None:
        return False
    call(function, values)
    return True
