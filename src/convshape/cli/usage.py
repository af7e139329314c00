"""What is wrong with a command line, in the words and the form of all errors."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from ..errors import SpecError
from . import COMMANDS

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


def usage_error(refusal: Any, argv: Sequence[str] = ()) -> SpecError:
    """Return the error for what the parser refuses in a command line."""
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
        r" ?(?:\('|)\(Possible options: (.*?)(?:,.*)?\)|\. Did you mean '([^']*)'.*\?", what
    )
    if near:
        what = what[: near.start()]
    meant = f"did you mean {near[1] or near[2]}?" if near else ""
    fix = _hint(command, option, argv) or meant or _of_arguments(command, argv)
    return SpecError(what, fix=fix or _fix(command, what))


def _hint(command: str, option: str, argv: Sequence[str]) -> str:
    """Return what people mean by a name that other programs have, or nothing."""
    name, rest = argv[0] if argv else "", argv[1:]
    if not command and name:
        return _command(name, rest)
    files = [word for word in rest if word.endswith((".yaml", ".yml", ".py", ".onnx"))]
    if not option and command == "trace" and len(files) > 1:
        return f"one file at a time; two side by side: convshape diff {' '.join(files[:2])}"
    return _HINTS.get(f"{command} {option}") or _HINTS.get(option) or _column(command, option)


def _command(name: str, rest: Sequence[str]) -> str:
    """Return the command line that is meant by an unknown command, or nothing."""
    if name.startswith("-"):
        place = next((i for i, word in enumerate(rest) if word in COMMANDS), None)
        if place is None:
            return ""
        words = [*rest[place:], name, *rest[:place]]
        return f"options follow the command: convshape {' '.join(words)}"
    if "://" in name:
        return "download the file, then convshape trace FILE"
    module, colon, what = name.partition(":")
    if colon:
        return f"the file itself: convshape trace {module}.py:{what}"
    return _layer(name, rest) or _network(name)


def _of_arguments(command: str, argv: Sequence[str]) -> str:
    """Return the command line for the files or sizes that follow an unknown command."""
    if command:
        return ""
    file = next((word for word in argv if os.path.isfile(word.partition(":")[0])), "")
    sizes = [word for word in argv if re.fullmatch(r"\d+(x\d+)*", word)]
    if file:
        return f"convshape trace {file}"
    return f"convshape conv {' '.join(sizes[:2])}, or pool or deconv" if len(sizes) > 1 else ""


def _column(command: str, option: str) -> str:
    """Return the option that shows the column which an unknown option names, or nothing."""
    from ..reference.terms import term
    from ..render.columns import COLUMNS

    column = term(option) if command == "trace" and option.startswith("--") else None
    return f"--columns layer,output,{column.name}" if column and column.name in COLUMNS else ""


def _layer(name: str, rest: Sequence[str]) -> str:
    """Return the command line for a layer that is named without parentheses: ``Linear 400 120``."""
    from ..reference.examples import EXAMPLES

    layer = next((known for known in EXAMPLES if known.lower() == name.lower()), "")
    numbers = list(takewhile(str.isdigit, rest))
    if not layer:
        return ""
    if not rest:
        return f"convshape layers {layer}"
    text, shape = EXAMPLES[layer]
    if numbers:
        text, shape = f"{layer}({', '.join(numbers)})", ""
    shape = next((word for word in rest if re.fullmatch(r"\d+(x\d+)+", word)), shape)
    return f"convshape layer '{text}'" + "".join(f" --in {sizes}" for sizes in shape.split())


def _network(name: str) -> str:
    from ..templates import networks

    name = name.rpartition(".")[2]  # torchvision.models.resnet18
    return f"convshape init {name}, then convshape trace {name}.yaml" if name in networks() else ""


def _fix(command: str, what: str) -> str:
    if what.startswith("missing"):
        return f"convshape {command} {_EXAMPLES.get(command, '...')}"
    if "unexpected extra argument" in what and command in _LAYERS:
        return f"name the options after the kernel size: convshape {command} 112 3 --s 2 --p 1"
    if "unexpected extra argument" in what:
        return f"put arguments with spaces in quotes; convshape {command} --help"
    if "no such command" in what:
        return f"one of {', '.join(COMMANDS)}, or a file: convshape trace net.yaml"
    return f"convshape {command} --help".replace("  ", " ")


_QUIET = "redirect the output; convshape check FILE is silent if everything fits"
#: What people mean by options that there are not.
_HINTS = {
    "--verbose": "--explain shows equations; convshape trace FILE --all shows every operation",
    "--device": "leave it out, or convshape verify FILE --device cuda to run torch",
    "--out": "-o net.md to write a file; convshape check FILE --expect out=10 to compare; "
    "convshape fit FILE --out 7x7 to find inputs",
    **dict.fromkeys(
        ("--model", "--class", "--network"), "name the class after the file: net.py:Net"
    ),
    **dict.fromkeys(("--fp16", "--half"), "--dtype float16"),
    **dict.fromkeys(("--gif", "--png", "--pdf"), "convshape draw ... -o net.png"),
    **dict.fromkeys(
        ("--layer", "--only", "--query"),
        "--json has every layer; in Python: convshape.trace(FILE)['conv1'].outputs",
    ),
    "-d": "--depth 1",
    "-n": "--batch 8",
    "--dry-run": "leave out --fix: fixes are listed, and nothing is written",
    "--eval": "leave it out: networks run in evaluation mode; --train for training mode",
    "--no-header": "--json, or --csv | tail -n +2",
    "fit --min": "--max 64; every smaller size that fits is listed",
    "check -e": "--expect out=10",
    "--quiet": _QUIET,
    "-q": _QUIET,
    "-o": "redirect the output: --json > out.json",
    "--output": "redirect the output: --json > out.json",
}
#: A right command line of each command that needs something.
_EXAMPLES = {
    "conv": "--in 32 --k 5",
    "pool": "--in 112 --k 3 --s 2",
    "deconv": "--in 7 --k 4 --s 2 --p 1",
    "layer": "'Conv2d(3, 6, 5)' --in 3x32x32",
    "trace": "net.yaml, or 'net.py:Net(10)' --in 3x32x32, or - for standard input",
    "draw": "conv --in 5 --k 3, or net.yaml -o net.svg",
    "solve": "conv --in 224 --out 112",
    "fit": "net.yaml",
    "diff": "before.yaml after.yaml",
    "check": "net.yaml --expect out=10",
    "annotate": "net.py:Net --in 3x32x32",
    "verify": "net.yaml",
}
