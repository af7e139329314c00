"""``trace --fix``: a fix is applied to the file itself."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Error, SpecError
from ..fixes import Fix
from .output import write, write_error


def mend(number: int, file: str, options: Mapping[str, Any]) -> None:
    """Apply a fix to the files of a network that does not run, and say so; else do nothing.

    Args:
        number: that of the fix, as the error shows it.
        file: what is traced.
        options: the arguments of `convshape.trace`.

    Raises:
        SpecError: there is no such fix, it does not fix the network, or the file cannot be edited.
    """
    from .. import apply_fix

    error = _error(file, options)
    if error is None:
        write("nothing to fix: the network runs", sys.stderr)
        return
    write_error(error)
    if file == "-":
        raise SpecError("standard input cannot be edited", fix="save it as a file")
    fix = apply_fix.fix_of(error, number)
    if fix.tried:
        fixes, changes = [fix], apply_fix.texts(fix.edits)
    else:  # it has been read, but not run
        read = {name: options[name] for name in ("input", "batch", "constants")}
        fixes, changes = apply_fix.corrected(file, error, **read)
    if not _wanted(fixes):
        raise SpecError("nothing is changed")
    apply_fix.write(changes)
    for applied in fixes:
        is_question = applied.text.startswith("did you mean ")
        done = applied.edits[0].text if is_question else applied.text
        write(f"fixed {applied.where}: {done.removesuffix(f' in {applied.where}')}", sys.stderr)


def _error(file: str, options: Mapping[str, Any]) -> Error | None:
    """Return why a network does not run, or cannot be read."""
    from ..api import trace

    try:
        return trace(file, **options).error
    except Error as error:
        return error


def _wanted(fixes: Sequence[Fix]) -> bool:
    """Ask whether to apply fixes, where there is a terminal to ask at."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    what = fixes[0].text if len(fixes) == 1 else f"{len(fixes)} corrections"
    sys.stderr.write(f"apply to {fixes[0].where}: {what}? [Y/n] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("", "y", "yes")
