"""The command lines that people try first, and what they mean: ``convshape lenet.yaml``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

from .options import KERNEL, PADDING, STRIDE

#: Names of other programs, and of people, for what commands do.
_COMMANDS = {
    "version": "--version",
    "-v": "--version",
    "completion": "--show-completion",
    "list": "layers",
    "ls": "layers",
    **dict.fromkeys(("examples", "networks", "templates"), "init --list"),
    **dict.fromkeys(("summary", "run", "shape", "shapes", "info", "show", "inspect"), "trace"),
    **dict.fromkeys(("plot", "graph", "visualize", "figure", "picture", "animate"), "draw"),
    **dict.fromkeys(("lint", "validate", "test"), "check"),
    **dict.fromkeys(("new", "create"), "init"),
    "comment": "annotate",
    "compare": "diff",
    "fix": "trace --fix=1",
    "sizes": "fit",
    "watch": "trace --watch",
    **dict.fromkeys(("what", "why"), "explain"),
}
_SIZES = {
    "conv": re.compile(r"conv[123]d"),
    "pool": re.compile(r"(max|avg)[-_]?pool(ing)?([123]d)?|pool([123]d|ing)"),
    "deconv": re.compile(r"(deconv|conv[-_]?transposed?|transposed?[-_]?conv|upconv)([123]d)?"),
}
_OPTIONS = {
    **dict.fromkeys(("-i", "--input", "--size", "--shape"), "--in"),
    **dict.fromkeys(("--input-size", "--input_size", "--input-shape"), "--in"),
    **dict.fromkeys(("-b", "--bs", "--batch-size", "--batch_size"), "--batch"),
    **dict.fromkeys(("--kernel", "--kernel_size"), "--kernel-size"),
    **dict.fromkeys(("--fmt", "--output-format"), "--format"),
    **dict.fromkeys(("--latex", "--tex"), "--format=latex"),
    **{f"--{kind}": f"--format={kind}" for kind in ("csv", "html", "markdown", "md", "svg")},
    "-V": "--version", "-j": "--json", "-D": "--set", "--equation": "--explain",
    "--max-depth": "--depth", "--save": "--output", "--pad": "--padding",
    "--ceil_mode": "--ceil-mode", "--output_padding": "--output-padding",
}  # fmt: skip
_FORMATS = {"tex": "latex", "txt": "plain", "text": "plain"}
#: Flags that may be before the command.
_FLAGS = ("--json", "-q", "--quiet", "-e")
#: The arguments of a layer in torch's order, each with its spellings.
_PLACES = (("--in",), KERNEL, STRIDE, PADDING)
#: A layer or a function, in place of a command: ``Conv2d(3, 6, 5)``, ``nn.Linear(400, 120)``.
_EXPRESSION = re.compile(r"(torch\.)?(nn\.|F\.|x\.|input\.)?[A-Za-z_]\w*\(.*\)\s*", re.DOTALL)
_SIZE = re.compile(r"[\[(]?[\dA-Z][\dA-Zx×=, ]*[\])]?")
#: The name of a file that is written.
_OUTPUT = re.compile(r".*\.(csv|gif|html|md|pdf|png|svg|tex)")
_SHAPE = re.compile(r"([A-Za-z_]\w*=)?(\d+([x×,]\s*[\dA-Z]+)+|[\[(]\d+(,\s*\d+)*,?[\])])")
_EXPECTATION = re.compile(r"[A-Za-z][\w.]*[<>=]=?\S+")
_ARGUMENT = re.compile(
    r"\A(in|input|kernel|kernel_size|stride|padding|dilation|output_padding|[kspd])=(\S+)"
)


def meant(argv: Sequence[str], commands: Mapping[str, str]) -> list[str]:
    """Return the command line that is meant, which may be the same.

    Args:
        argv: what was typed.
        commands: the commands that there are, each with the file that has it.
    """
    words = [_option(word) for word in argv]
    for place, word in enumerate(words[:-1]):
        if word in ("-f", "--format"):
            words[place + 1] = _FORMATS.get(words[place + 1], words[place + 1])
    flags = list(takewhile(_FLAGS.__contains__, words))
    words = [*words[len(flags) :], *flags]
    if not words:
        return words
    words = _command(words, commands)
    first, rest = words[0], words[1:]
    if rest[:1] == ["help"] and first in commands:
        return [first, "--help"]
    if commands.get(first) == "sizes":
        return _of_layer(first, rest)
    if first == "solve":
        return _solved(rest)
    if first == "draw" and commands.get(rest[0] if rest else "") == "sizes":
        return [first, rest[0], *_with_output(_with_options(rest[1:], _PLACES))]
    if first == "layers":
        return [first, *_as_one(rest)]
    if first == "init":
        return [first, *_with_output(rest, re.compile(r".*\.ya?ml"))]
    if first in ("trace", "draw", "annotate", "fit", "verify", "check", "layer"):
        return _of_file(first, rest)
    return words


def _option(word: str) -> str:
    name, equals, value = re.sub(r"\A-i(?=\d)", "-i=", word).partition("=")
    return f"{_OPTIONS.get(name, name)}{equals}{value}"


def _command(words: list[str], commands: Mapping[str, str]) -> list[str]:
    """Return a command line with the command that is meant by its first words."""
    first, rest = words[0], words[1:]
    if first in ("help", "--help", "-h"):
        return [*rest[:1], "--help"]
    if first in commands:
        return words
    if first in _COMMANDS:
        command, *options = _COMMANDS[first].split()
        return [command, *rest, *options]
    if first.startswith("-") and first != "-":
        return words
    for command, names in _SIZES.items():
        if names.fullmatch(first):
            return [command, *rest]
    if _EXPRESSION.fullmatch(first) and not os.path.exists(first):
        return ["layer", *words]
    if _is_file(first):
        return ["trace", *words]
    module, _, name = first.replace(":", ".").rpartition(".")
    file = f"{module.replace('.', os.sep)}.py"
    if name and os.path.isfile(file):  # net:Net, models.net.Net
        return ["trace", f"{file}:{name}", *rest]
    return ["explain", *words] if _is_explained(first, rest) else words


def _is_file(word: str) -> bool:
    """Return whether a word is a file, or names what is in one: ``net.py:Net``."""
    return (
        word == "-"
        or os.path.exists(word)
        or bool(re.match(r"(?s)[^:]+\.(py|ipynb|ya?ml|json|onnx|txt|pth?)(:.*)?\Z", word))
    )


def _is_explained(first: str, rest: Sequence[str]) -> bool:
    """Return whether a command line is an error, or a term."""
    if first.count(" ") > 2 or first.endswith("Error:"):
        return True
    from ..reference.terms import term

    return not rest and term(first) is not None


def _of_layer(command: str, words: list[str]) -> list[str]:
    """Return the command line of one layer's size, or of ``solve`` if the output is given."""
    words = ["table" if word == "plain" else _ARGUMENT.sub(_as_option, word) for word in words]
    if "--out" in words:
        return _solved([command, *words])
    return [command, *_with_options(words, _PLACES)]


def _as_option(argument: re.Match[str]) -> str:
    return _option(f"--{argument[1].replace('_', '-')}={argument[2]}")


def _solved(words: list[str]) -> list[str]:
    """Return the command line of ``solve``, of a convolution unless another layer is named."""
    if words and words[0].startswith("-"):
        return ["solve", *words]
    if words and words[0] not in _SIZES and _is_file(words[0]):
        return _of_file("fit", words)  # which solves for the input of a network
    if words and _SIZE.fullmatch(words[0]):
        words = ["conv", *words]
    return ["solve", *words[:1], *_with_options(words[1:], (("--in",), ("--out",)))]


def _with_options(words: Sequence[str], places: Sequence[Sequence[str]]) -> list[str]:
    """Return arguments with options before the sizes that have none.

    Args:
        words: the arguments.
        places: the options in order, each with its spellings. Those after the second are for a
            command line that has neither of the first two as options.
    """
    written = {word.partition("=")[0] for word in words}
    missing = [spellings[0] for spellings in places[:2] if written.isdisjoint(spellings)]
    if len(missing) == 2:
        missing += [names[0] for names in places[2:] if written.isdisjoint(names)]
    result: list[str] = []
    for i, word in enumerate(words):
        if word.startswith("-") or _OUTPUT.fullmatch(word) or _is_value(words, i):
            result.append(word)
        elif word in ("same", "valid") and places is _PLACES:
            result += ["--padding", word]
        else:
            result += [*([missing.pop(0)] if missing else ()), word]
    return result


def _with_output(words: Sequence[str], written: re.Pattern[str] = _OUTPUT) -> list[str]:
    """Return arguments with ``--output`` before the name of a file that is written."""
    result: list[str] = []
    for i, word in enumerate(words):
        is_output = written.fullmatch(word) and not _is_value(words, i)
        result += [*(["--output"] if is_output else ()), word]
    return result


def _as_one(words: Sequence[str]) -> list[str]:
    """Return arguments with the words of a search in one: ``max pooling``."""
    searched = [word for word in words if not word.startswith("-")]
    if len(searched) < 2 or any(_is_value(words, words.index(word)) for word in searched):
        return list(words)
    return [" ".join(searched), *(word for word in words if word.startswith("-"))]


def _is_value(words: Sequence[str], place: int) -> bool:
    """Return whether a word is the value of the option before it."""
    before = words[place - 1] if place else ""
    return before.startswith("-") and "=" not in before and before not in _FLAGS


def _of_file(command: str, words: Sequence[str]) -> list[str]:
    """Return the command line of a command that reads a file, or a layer."""
    result = [command]
    words = _with_output(words) if command in ("trace", "draw") else words
    for place, word in enumerate(words):
        file = words[0]
        if place and not _is_value(words, place) and not os.path.exists(word):
            if place == 1 and file.endswith((".py", ".ipynb")) and word[:1].isalpha():
                result[-1] = f"{file}:{word}"  # trace net.py Net
                continue
            if command == "check" and _EXPECTATION.fullmatch(word):
                result.append("--expect")
            elif _SHAPE.fullmatch(word) or (command in ("layer", "fit") and word.isdigit()):
                is_size = command == "fit" and len(re.findall(r"\d+", word)) < 3
                result.append("--near" if is_size else "--in")
        result.append(word)
    return result
