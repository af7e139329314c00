"""``annotate``: a source with the shapes that its lines give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SpecError
from . import output
from .options import JSON, NETWORK, Network
from .output import exit_with, json_error, reported, write_json, write_notes
from .parameters import argument, flag

if TYPE_CHECKING:
    from ..annotating import Annotated


def annotate(
    file: str = argument(
        complete="classes",
        metavar="FILE",
        help="PyTorch source, which is run: net.py:Net, 'net.py:Net(2)'; or a network file.",
    ),
    network: Network = NETWORK,
    write: bool = flag(
        "--write", help="Add the shapes to the file as comments, and update those added before."
    ),
    check: bool = flag(
        "--check", help="Exit with 1 if a comment is missing or out of date; write nothing."
    ),
    json: bool = JSON,
) -> None:
    """Show a source file with the shapes beside its lines.

    Examples: convshape annotate net.py:Net --in 3x32x32; convshape annotate net.py:Net --write
    """
    with reported(json_error if json else None):
        if write and check:
            raise SpecError(
                "--write and --check cannot be combined", fix="--check where nothing is written"
            )
        from ..annotating import annotate as annotated

        result = annotated(file, **network.options())
        error = result.trace.error
        changed = result.write() if write and error is None else 0
        if check and error is None:
            error = result.check()
    if json:
        write_json(result.to_dict() | {"changed": changed, "error": error and error.to_dict()})
    elif not check or result.trace.error is not None:
        _show(result, write, changed)
    exit_with(error, json)


def _show(result: Annotated, is_written: bool, changed: int) -> None:
    error = result.trace.error
    if is_written and error is None:
        comments = f"{changed} comment{'s' * (changed != 1)}"
        output.write(
            f"{result.file}: {comments} written" if changed else f"{result.file} is up to date"
        )
    else:
        output.write_long(str(result))
    write_notes(result.trace)
