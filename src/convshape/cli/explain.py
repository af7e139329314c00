"""``explain``: what an error of torch's means."""

from __future__ import annotations

import sys

from .output import json_error, reported, write, write_json
from .parameters import JSON, argument


def explain(
    text: str = argument(
        default="-",
        metavar="[ERROR]",
        help="The error, or - for standard input: a whole traceback will do.",
    ),
    json: bool = JSON,
) -> None:
    """What an error of torch's means, which layer it was, and what to write instead.

    Example: convshape explain 'mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)'
    """
    with reported(json_error if json else None):
        from ..torch_errors import explain as explained

        answer = explained(_pasted() if text == "-" else text)
    if json:
        write_json({"schema": 1, **answer.to_dict(), "error": None})
        return
    from ..render.explanation import explanation_text

    write(explanation_text(answer))


def _pasted() -> str:
    """Return the end of standard input, which may be the log of a night."""
    from ..files import standard_input

    if sys.stdin.isatty():
        print("paste the error, then end the input: Ctrl-D", file=sys.stderr)
    end = b""
    while chunk := standard_input(_END):
        end = (end + chunk)[-_END:]
    return end.decode("utf-8", "replace")


_END = 2**20
