"""The command line as Typer has it: the help, the completion, and the words for what is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from inspect import Parameter, Signature, cleandoc
from typing import Annotated, Any, Literal, NoReturn

import typer

from .. import __version__
from ..docstrings import docstring
from . import COMMANDS, command, parameters
from .completion import completer, prepare_script, spoken
from .output import write, write_error
from .parameters import REQUIRED, declared
from .streams import painted_help, watched

#: The function of a command, and its arguments by name.
Call = tuple[Callable[..., None], dict[str, Any]]


def read(argv: Sequence[str]) -> Call:
    """Read a command line, and return the function of the command and its arguments.

    It is called when Typer has done its part: what fails in it is not Typer's to judge.

    Raises:
        SystemExit: help, completion or what is wrong has been shown.
    """
    calls: list[Call] = []
    if argv[:1] in (["--show-completion"], ["--install-completion"]):
        prepare_script("".join(argv[1:2]))
    try:
        with watched():
            status = _app(calls)(argv, prog_name="convshape", standalone_mode=False)
    except Exception as refusal:
        if not hasattr(refusal, "format_message"):  # Typer's own copy of click has no public name
            raise
        _refuse(refusal, argv)
    if not calls:
        sys.exit(status if isinstance(status, int) else 0)
    return calls[0]


def _refuse(refusal: Any, argv: Sequence[str]) -> NoReturn:
    """Show an error in the command line as all errors are shown; without one, show the help."""
    if type(refusal).__name__ == "NoArgsIsHelpError":
        write(painted_help(refusal.format_message(), sys.stdout), styled=True)
        sys.exit(2 if argv else 0)
    from .usage import usage_error

    write_error(usage_error(refusal, argv))
    sys.exit(2)


def _app(calls: list[Call]) -> typer.Typer:
    """Return the application with all its commands, which note how they are called."""
    result = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain help costs no import of rich
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Compute tensor shapes for PyTorch networks, without PyTorch.",
        epilog="Exit codes: 0 shapes fit, 1 they don't, 2 invalid input.",
    )
    result.callback()(_options)
    for name in COMMANDS:
        about, *rest = cleandoc(docstring(command(name))).split("\n\n")
        epilog = "\n\n".join(map(_examples, rest))
        result.command(name, help=_said(about), epilog=epilog)(_typed(command(name), calls))
    return result


def _examples(text: str) -> str:
    """Return a paragraph of the help, with a line for each example."""
    heading, colon, commands = " ".join(text.split()).partition(": ")
    if not colon or not heading.startswith("Example"):
        return text
    return "\n  ".join([f"\b\n{heading}:", *commands.split("; ")])


def _said(text: str) -> str:
    """Return a text of the help, as shells take it if they complete."""
    return spoken(text) if "_CONVSHAPE_COMPLETE" in os.environ else text


def _version(wanted: bool) -> None:
    if wanted:
        write(f"convshape {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
    color: Annotated[
        str, typer.Option("--color", metavar="WHEN", help="Colors: always, never or auto.")
    ] = "auto",
) -> None:
    pass


def _typed(function: Callable[..., None], calls: list[Call]) -> Callable[..., None]:
    """Return a command whose signature shows Typer what `parameters` declares."""

    def run(**values: Any) -> None:
        calls.append((function, values))

    arguments = {name: _annotation(parameter) for name, parameter in declared(function).items()}
    run.__annotations__ = {name: annotation for name, (annotation, _) in arguments.items()}
    run.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, (annotation, default) in arguments.items()
        ]
    )
    return run


def _annotation(declared: parameters.Parameter) -> tuple[Any, Any]:
    kind: Any = Literal[declared.choices] if declared.choices else declared.type
    default = Parameter.empty if declared.default is REQUIRED else declared.default
    if declared.many:
        kind = list[kind]
    elif default is None:
        kind = kind | None
    metavar = declared.metavar
    if metavar and not declared.names and _marks_arguments():
        metavar = metavar.strip("[].")
    details: dict[str, Any] = {"help": _said(declared.help), "metavar": metavar}
    if declared.complete:
        details["autocompletion"] = completer(declared.complete)
    if declared.names:
        return Annotated[
            kind, typer.Option(*declared.names, min=declared.least, **details)
        ], default
    return Annotated[kind, typer.Argument(**details)], default


def _marks_arguments() -> bool:
    """Return whether Typer marks optional and repeated arguments itself, as from 0.29 on."""
    return tuple(map(int, typer.__version__.split(".")[:2])) >= (0, 29)
