"""Options of the command line as the arguments of Python's functions."""

from __future__ import annotations

import re

_NAMES = {"in": "input", "set": "constants"}
_FLAGS = ("no-input", "train", "all", "weights", "memory")
_INPUTS = re.compile(r"--in (\S+)((?: --in \S+)+)")
_LAYER = re.compile(r"convshape layer '(.*?)' --in (\S+)")
#: Those that are arguments in Python: a text may quote options of the user's own.
_ARGUMENTS = (
    "all allow-network allow-run allow-write batch ceil-mode columns depth device dilation dtype "
    "engine expect family fits format in kernel-size max max-macs max-params memory near no-input "
    "out output-padding padding per-axis seed set stride train weights"
).split()
_OPTION = re.compile(
    rf"--({'|'.join(_ARGUMENTS)})(?![\w-])(?:[ =]('[^']*'|[^\s'](?:[^\s]*[^\s,;:.)])?))?"
)
#: What follows an option if it is its value, and not the next word of the sentence.
_VALUE = re.compile(r"'.*'|.*[\dA-Z=].*|torch|same|valid|[a-z]+(,[a-z]+)+")


def in_python(text: str) -> str:
    """Return a text with options as the arguments of Python's functions.

    >>> in_python("add --in 3x32x32 or --batch 4")
    'add input="3x32x32" or batch=4'
    """
    text = _LAYER.sub(r'cs.trace(cs.nn.\1, input="\2")', text)
    text = _INPUTS.sub(lambda options: f"input={_listed(options[0].split('--in ')[1:])}", text)
    sentence, shell, command = text.partition("convshape ")
    return _OPTION.sub(_argument, sentence) + shell + command


def _argument(option: re.Match[str]) -> str:
    name, value = option[1], option[2] or ""
    keyword = _NAMES.get(name, name.replace("-", "_"))
    if name in _FLAGS:
        return f"{keyword}=True{option[0].partition(name)[2]}"
    if name.startswith("allow-"):
        return f'allow=["{name[6:]}"]{option[0].partition(name)[2]}'
    if not _VALUE.fullmatch(value):
        return keyword + option[0].partition(name)[2]
    if name == "set":
        constant, _, number = value.partition("=")
        return f'constants={{"{constant}": "{number}"}}'
    if name == "columns":
        return f"columns={_listed(value.split(','))}"
    value = value.strip("'")
    return f"{keyword}={value}" if value.isdecimal() and name != "in" else f'{keyword}="{value}"'


def _listed(texts: list[str]) -> str:
    quoted = (f'"{text.strip()}"' for text in texts)
    return f"[{', '.join(quoted)}]"
