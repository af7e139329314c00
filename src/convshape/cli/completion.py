"""What shells complete besides options: the names that an argument can have."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO

#: Words with what they are.
Words = list[tuple[str, str]]


def completer(kind: str) -> Callable[..., Words]:
    """Return what yields the words of a kind that begin as what is typed."""
    known = _KINDS[kind]

    def words(incomplete: str) -> Words:
        return [
            (word, spoken(about))
            for word, about in known(incomplete)
            if word.startswith(incomplete)
        ]

    words.__annotations__ = {}  # which Typer would look up
    return words


def spoken(text: str) -> str:
    """Return a text with apostrophes that zsh does not take for quotes."""
    return text.replace("'", "’")


def _networks(incomplete: str) -> Iterator[tuple[str, str]]:
    from ..templates import networks

    yield from networks().items()


def _layers(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield layers, and functions once their prefix is typed: ``F.``."""
    from ..readers.expressions.vocabulary import LAYERS, SPACES

    prefix, dot, _ = incomplete.rpartition(".")
    for name in SPACES.get(prefix, {}) if dot else LAYERS:
        yield f"{prefix}{dot}{name}", ""


def _columns(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield columns for the last place of a list."""
    from ..reference.terms import term
    from ..render.columns import COLUMNS

    before, comma, _ = incomplete.rpartition(",")
    for name in COLUMNS if comma else ("all", *COLUMNS):
        entry = None if name == "all" else term(name)
        yield f"{before}{comma}{name}", entry.about.partition(".")[0] if entry else ""


def _terms(incomplete: str) -> Iterator[tuple[str, str]]:
    from ..reference.terms import names

    yield from ((name, "") for name in names())


def _classes(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the classes of a source, which is read and not run: ``net.py:Net``."""
    import ast

    from ..python_syntax import parsed

    file, colon, _ = incomplete.partition(":")
    if not (colon and file.endswith(".py")):
        return
    try:
        with open(file, "rb") as source:
            body = parsed(source.read()).body
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    classes = [node for node in body if isinstance(node, ast.ClassDef) and node.bases]
    modules = [
        node for node in classes if "forward" in (getattr(part, "name", "") for part in node.body)
    ]
    for node in modules or classes:
        yield f"{file}:{node.name}", ""


_KINDS: Mapping[str, Callable[[str], Iterator[tuple[str, str]]]] = {
    "networks": _networks,
    "layers": _layers,
    "columns": _columns,
    "terms": _terms,
    "classes": _classes,
}


def complete(answer: Callable[[], object]) -> None:
    """Let Typer answer a shell; of a word that bash takes apart write the last part.

    For ``net.py:Le`` bash has the words ``net.py``, ``:`` and ``Le``, and puts what is completed in
    the place of the last.
    """
    known = _join_bash_words() if os.environ["_CONVSHAPE_COMPLETE"] == "complete_bash" else 0
    out = StringIO()
    try:
        with redirect_stdout(out):
            answer()
    finally:
        sys.stdout.writelines(f"{line[known:]}\n" for line in out.getvalue().splitlines())


def _join_bash_words() -> int:
    """Join the words that bash takes apart at a colon, and return what it keeps of the last one."""
    words, count = re.subn(r"\n?:\n?(?=.*\Z)", ":", os.environ.get("COMP_WORDS", ""), count=1)
    if not count:
        return 0
    os.environ["COMP_WORDS"] = words
    os.environ["COMP_CWORD"] = str(words.count("\n"))
    return words.rfind(":") - words.rfind("\n")


def prepare_script(shell: str) -> None:
    """Let Typer write the script of a shell, or of the shell at work if no name is given.

    zsh loads the script at the first Tab. Typer's would define a function then, and not call it.
    """
    from typer import _completion_shared

    scripts = getattr(_completion_shared, "_completion_scripts", {})
    call = '[[ $zsh_eval_context[-1] != loadautofunc ]] || %(complete_func)s "$@"\n'
    if call not in scripts.get("zsh", call):
        scripts["zsh"] += call
    if shell:
        os.environ["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"
