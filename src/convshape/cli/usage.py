"""What is wrong with a command line, in the words and the form of all errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import SpecError
from . import COMMANDS

if TYPE_CHECKING:
    from typing import Any

#: Arguments of a layer on which its spatial size does not depend.
_CHANNELS = ("channels", "filters", "groups", "features", "bias", "units", "in-ch", "out-ch")
#: The commands that compute a size, each with a whole layer of its kind.
_LAYERS = {
    "conv": "Conv2d(3, 16, 3)",
    "pool": "MaxPool2d(2)",
    "deconv": "ConvTranspose2d(3, 16, 3)",
}

#: What versions of typer word differently (from 0.29 on pydantic speaks), in words of our own.
_WORDINGS = {
    r"\S+ is not in the range x>=(\S+)$": r"it must be at least \1",
    r"Input should be greater than or equal to (\S+)$": r"it must be at least \1",
    r"'[^']*' is not a valid integer( range)?$": "it must be an integer",
    r"Input should be a valid integer\b.*$": "it must be an integer",
    r"(?<=: )Value error, ": "",
    r"^(missing argument '[^']*)\.\.\.'": r"\1'",
}


def usage_error(refusal: Any) -> SpecError:
    """Return the error for what the parser refuses."""
    context = getattr(refusal, "ctx", None)
    command = context.info_name if context is not None and context.parent is not None else ""
    text = " ".join(refusal.format_message().split()).rstrip(".")
    what = text[:1].lower() + text[1:]
    for pattern, words in _WORDINGS.items():
        what = re.sub(pattern, words, what)
    option = getattr(refusal, "option_name", "") or ""
    if command in _LAYERS and any(word in option for word in _CHANNELS):
        return SpecError(
            f"{command} computes spatial sizes, which do not depend on {option}",
            fix=f"leave it out, or convshape layer '{_LAYERS[command]}' --in 3x32x32",
        )
    near = re.search(
        r" ?(?:\('|)\(Possible options: (.*?)(?:,.*)?\)|\. Did you mean '(.*)'\?", what
    )
    if near:
        what = what[: near.start()]
    return SpecError(what, fix=_fix(command, what, near and (near[1] or near[2])))


def _fix(command: str, what: str, near: str | None) -> str:
    if near:
        return f"did you mean {near}?"
    if what.startswith("missing"):
        return f"convshape {command} {_EXAMPLES.get(command, '...')}"
    if "unexpected extra argument" in what and command in _LAYERS:
        return f"name the options after the kernel size: convshape {command} 112 3 --s 2 --p 1"
    if "unexpected extra argument" in what:
        return f"put arguments with spaces in quotes; convshape {command} --help"
    if "no such command" in what:
        return f"one of {', '.join(COMMANDS)}, or a file: convshape trace net.yaml"
    return f"convshape {command} --help".replace("  ", " ")


#: A right command line of each command that needs something.
_EXAMPLES = {
    "conv": "--in 32 --k 5",
    "pool": "--in 112 --k 3 --s 2",
    "deconv": "--in 7 --k 4 --s 2 --p 1",
    "layer": "'Conv2d(3, 6, 5)' --in 3x32x32",
    "trace": "net.yaml, or 'net.py:Net(10)' --in 3x32x32",
    "draw": "conv --in 5 --k 3, or net.yaml -o net.svg",
    "solve": "conv --in 224 --out 112",
    "fit": "net.yaml",
    "diff": "before.yaml after.yaml",
    "check": "net.yaml --expect out=10",
    "annotate": "net.py:Net --in 3x32x32",
    "verify": "net.yaml",
}
