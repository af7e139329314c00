"""``explain``: what a torch error means, or a word of convshape's."""

from __future__ import annotations

import os
import sys

from ..errors import SpecError
from ..files import reason, standard_input
from .options import JSON
from .output import json_error, reported, write, write_json
from .parameters import argument

_END = 2**20


def explain(
    words: list[str] = argument(
        complete="terms",
        default=[],
        metavar="[ERROR|FILE|WORD]...",
        help="An error message or a whole traceback; a file that contains it; - for standard "
        "input; or a term, such as padding or macs.",
        many=True,
    ),
    json: bool = JSON,
) -> None:
    """Explain a PyTorch shape error, or a term such as padding.

    Examples: convshape explain 'mat1 and mat2 shapes cannot be multiplied (2x8 and 4x3)'; convshape
    explain padding; python train.py 2>&1 | convshape explain
    """
    text = " ".join(words)
    with reported(json_error if json else None):
        from ..reference import Explanation
        from ..reference import explain as explained
        from ..reference.terms import term

        answer = explained(text if term(text) else _text(text))
    if json:
        write_json({"schema": 1, **answer.to_dict(), "error": None})
        return
    from ..render.explanation import explanation_text

    write(explanation_text(answer) if isinstance(answer, Explanation) else str(answer))


def _text(word: str) -> str:
    """Return what is to be explained: an error, or what a file or standard input holds."""
    if word in ("", "-"):
        return _pasted()
    if len(word) < 1000 and os.path.isfile(word):
        return _errors_in(word)
    if os.path.isdir(word):
        raise SpecError(f"cannot read {word}: it is a folder", fix="a file, or the error itself")
    is_name = len(word) < 80 or os.path.splitext(word)[1] in _ENDINGS
    if is_name and word.isprintable() and (not any(map(str.isspace, word)) or _is_layer(word)):
        raise _no_error(word)
    return word


def _is_layer(text: str) -> bool:
    """Return whether a few words describe a kind of layer: ``transposed convolution``."""
    from ..reference.vocabulary import matching

    return text.count(" ") < 3 and bool(matching(text))


def _no_error(word: str) -> SpecError:
    """Return that a word is neither an error nor a file, and what it may be."""
    if os.path.splitext(word)[1] in _ENDINGS:
        what = f"file not found: {word}"
        return SpecError(what, fix="convshape explain < FILE, or the error itself")
    from ..errors import nearest
    from ..readers.expressions.vocabulary import SPACES
    from ..reference.terms import names

    if word.rpartition(".")[2] in SPACES[""]:
        what = f"{word} is a layer or a function, not an error"
        return SpecError(what, fix=f"convshape layers {word}")
    near = nearest(word, names())
    fix = f"did you mean {near}?" if near else f"an error in quotes, or one of {', '.join(names())}"
    fix = f"convshape layers {word}" if _is_layer(word) else fix
    return SpecError(f"{word} is not an error or a term that convshape can explain", fix=fix)


_ENDINGS = (".txt", ".log", ".out", ".err", ".py", ".ipynb", ".md")


def _errors_in(path: str) -> str:
    """Return the text about errors in a file: a notebook's outputs, nothing of a network."""
    text = _read(path)
    ending = os.path.splitext(path)[1]
    if ending == ".ipynb":
        text = _outputs(text)
    if ending in _NETWORKS and "Error" not in text:
        raise SpecError(f"no torch error found in {path}", fix=f"convshape trace {path}")
    return text


_NETWORKS = (".py", ".yaml", ".yml", ".json", ".ipynb", ".onnx")


def _outputs(notebook: str) -> str:
    """Return the tracebacks in the outputs of a notebook's cells."""
    from json import loads

    try:
        cells = loads(notebook)["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        return "\n".join(line for output in outputs for line in output.get("traceback", ()))
    except (ValueError, LookupError, TypeError, AttributeError):
        return notebook


def _read(path: str) -> str:
    """Return the end of a file, which may be the log of a night."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - _END))
            return _decoded(file.read())
    except OSError as error:
        raise SpecError(f"cannot read {path}: {reason(error)}") from None


def _pasted() -> str:
    """Return the end of standard input."""
    if sys.stdin.isatty():
        print("paste the error, then end the input: Ctrl-D", file=sys.stderr)
    end = b""
    while chunk := standard_input(_END):
        end = (end + chunk)[-_END:]
    return _decoded(end)


def _decoded(data: bytes) -> str:
    """Read UTF-8, or the UTF-16 that PowerShell writes."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[1:8:2] == b"\0\0\0\0"
    return data.decode("utf-16" if wide else "utf-8", "replace").lstrip("\ufeff")
