"""The command lines that people try first, and what they mean: ``convshape lenet.yaml``."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Names of other programs for what a command does, and of options.
_COMMANDS = {"summary": "trace", "run": "trace", "shape": "trace", "version": "--version"}
_OPTIONS = {
    "-V": "--version",
    "--input": "--in",
    "--input-size": "--in",
    "--input-shape": "--in",
    "--input_size": "--in",
    "--size": "--in",
    "--kernel": "--kernel-size",
    "--kernel_size": "--kernel-size",
    "--ceil_mode": "--ceil-mode",
    "--output_padding": "--output-padding",
    "--batch-size": "--batch",
    "--batch_size": "--batch",
}
#: A layer or a function, in place of a command: ``Conv2d(3, 6, 5)``, ``nn.Linear(400, 120)``.
_EXPRESSION = re.compile(r"(torch\.)?(nn\.|F\.)?[A-Za-z_]\w*\(.*\)\s*", re.DOTALL)
_SIZE = re.compile(r"[\dA-Z][\dA-Zx×=]*")


def meant(argv: Sequence[str], commands: Mapping[str, str]) -> list[str]:
    """Return the command line that is meant, which may be the same.

    Args:
        argv: what was typed.
        commands: the commands that there are, each with the file that has it.
    """
    words = [_option(word) for word in argv]
    if not words:
        return words
    first, rest = words[0], words[1:]
    if first == "help":
        return [*rest[:1], "--help"]
    if first in _COMMANDS and first not in commands:
        return [_COMMANDS[first], *rest]
    if commands.get(first) == "sizes":  # a size and a kernel may stand without their options
        return [first, *_with_options(rest)]
    if first.startswith("-") or first in commands:
        return words
    if _EXPRESSION.fullmatch(first) and not os.path.exists(first):
        return ["layer", *words]
    return ["trace", *words] if _is_file(first) else words


def _option(word: str) -> str:
    name, equals, value = word.partition("=")
    return f"{_OPTIONS.get(name, name)}{equals}{value}"


def _with_options(words: list[str]) -> list[str]:
    """Return a layer's arguments, with ``--in`` and ``--kernel-size`` put before bare sizes."""
    given = {word.partition("=")[0] for word in words}
    names = [["--in"], ["--kernel-size", "--k", "-k"]]
    missing = [spellings[0] for spellings in names if given.isdisjoint(spellings)]
    result: list[str] = []
    for i, word in enumerate(words):
        is_value = i > 0 and words[i - 1].startswith("-") and "=" not in words[i - 1]
        if missing and not is_value and _SIZE.fullmatch(word):
            result.append(missing.pop(0))
        result.append(word)
    return result


def _is_file(word: str) -> bool:
    """Tell whether a word is a file, or names what is in one: ``net.py:Net``."""
    return os.path.isfile(word) or bool(
        re.match(r"(?s)[^:]+\.(py|ipynb|ya?ml|json|onnx|txt)(:.*)?\Z", word)
    )
