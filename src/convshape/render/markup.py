"""Tables and equations in Markdown and in LaTeX, of text that is escaped for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from .text import inline

_MATH = {
    "×": r"\times", "·": r"\cdot", "−": "-", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil",
    "⌉": r"\rceil", "≥": r"\geq", "≤": r"\leq", "≠": r"\neq", "→": r"\to", "…": r"\ldots",
    "✗": r"\times", "⋮": r"\vdots",
}  # fmt: skip
_ESCAPES = {mark: f"\\{mark}" for mark in "#$%&_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_LATEX = str.maketrans(_ESCAPES | {mark: f"${command}$" for mark, command in _MATH.items()})
_LABELS = re.compile(r"(n = \d+: )?(?:([A-Z](?:, [A-Z])*): )?")
_NAME = re.compile(r"[a-z_]{2,}")
#: What an equation says in words: of padding='same', and of the window that ceil_mode drops.
_WORDS = re.compile(r"(?::|,) (?=padding=|less )(.*)$")


def markdown_text(text: str) -> str:
    """Return a text with Markdown's marks escaped."""
    return re.sub(r"([\\|*_`<>[&~!])", r"\\\1", text)


def markdown_code(text: str) -> str:
    """Return a text as code in a cell of a Markdown table."""
    if not text:
        return ""
    fence = "`" * (1 + longest_run(text))
    gap = " " * (text[0] == "`" or text[-1] == "`")
    return f"{fence}{gap}{text}{gap}{fence}".replace("|", "\\|")


def longest_run(text: str) -> int:
    """Return the largest number of backticks in a row in a text."""
    return max(map(len, re.findall("`+", text)), default=0)


def markdown_row(cells: Iterable[str]) -> str:
    """Return the cells of a row of a Markdown table as its line."""
    return f"| {' | '.join(cells)} |"


def markdown_table(
    names: Sequence[str], rows: Iterable[Iterable[str]], right: Sequence[bool]
) -> list[str]:
    """Return the lines of a table in GitHub's Markdown; its cells are Markdown."""
    head = [map(markdown_text, names), ["--:" if is_number else "---" for is_number in right]]
    return [markdown_row(cells) for cells in (*head, *rows)]


def latex_text(text: str) -> str:
    """Return a text with LaTeX's characters escaped, and its signs as mathematics."""
    return inline(text).translate(_LATEX)


def latex_code(text: str) -> str:
    """Return a text as code in LaTeX."""
    return f"\\texttt{{{latex_text(text)}}}" if text else ""


def latex_table(
    names: Sequence[str],
    rows: Iterable[Iterable[str]],
    right: Sequence[bool],
    foot: Iterable[str] = (),
) -> list[str]:
    r"""Return the lines of a ``tabular`` with the rules of booktabs; its cells are LaTeX."""
    body = [_latex_row(cells) for cells in rows]
    total = list(foot)
    return [
        f"\\begin{{tabular}}{{{''.join('r' if is_number else 'l' for is_number in right)}}}",
        "\\toprule",
        _latex_row(map(latex_text, names)),
        "\\midrule",
        *body,
        *(["\\midrule", _latex_row(total)] if total else []),
        "\\bottomrule",
        "\\end{tabular}",
    ]


def _latex_row(cells: Iterable[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def latex_math(equation: str) -> str:
    r"""Return an equation with its numbers as mathematics in LaTeX.

    >>> latex_math("⌊(32 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 28")
    '\\left\\lfloor \\frac{32 + 2 \\cdot 0 - 1 \\cdot (5 - 1) - 1}{1} \\right\\rfloor + 1 = 28'
    """
    labels = _LABELS.match(equation)
    assert labels  # which may be empty
    axes, example = labels[2], f"{labels[1].rstrip()} \\quad " if labels[1] else ""
    formula = equation[labels.end() :]
    words = _WORDS.search(formula)
    formula = formula[: words.start()] if words else formula
    named = _NAME.sub(lambda name: f"\\text{{{latex_text(name[0])}}}", formula)
    math = _signs(_fractions(named))
    left = f"{axes}_{{\\text{{out}}}} = " if axes else ""
    note = f" \\quad\\text{{({latex_text(words[1])})}}" if words else ""
    return f"{example}{left}{math}{note}"


def equations(lines: Iterable[str], format: str) -> list[str]:
    """Return equations as displayed mathematics, in LaTeX or in Markdown."""
    left, right = ("$$", "$$") if format == "markdown" else ("\\[", "\\]")
    return [f"{left} {latex_math(line)} {right}" for line in lines]


#: What writes a call, and a text, in each format.
CODE: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "table": (str, str),
    "markdown": (markdown_code, markdown_text),
    "latex": (latex_code, latex_text),
}


def table(
    names: Sequence[str], rows: Iterable[Iterable[str]], format: str, right: bool = True
) -> list[str]:
    """Return the lines of a table of plain texts in Markdown or LaTeX."""
    text = CODE[format][1]
    make = latex_table if format == "latex" else markdown_table
    return make(names, ([text(cell) for cell in row] for row in rows), [right] * len(names))


def _fractions(text: str) -> str:
    """Write as fractions what a floor or a ceiling has in it: ``⌊(H − 3)/2⌋``."""
    start = max(text.rfind("⌊("), text.rfind("⌈("))
    while start >= 0:
        end = _closing(text, start + 1)
        divided = re.match(r" ?/ ?([^\s()⌊⌋⌈⌉]+)(?=[⌋⌉])", text[end + 1 :])
        if divided:
            fraction = f"\\frac{{{text[start + 2 : end]}}}{{{divided[1]}}}"
            text = text[: start + 1] + fraction + text[end + 1 + divided.end() :]
        start = max(text.rfind("⌊(", 0, start), text.rfind("⌈(", 0, start))
    return text


def _closing(text: str, start: int) -> int:
    """Return where the parenthesis closes that opens at a place."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)


def _signs(text: str) -> str:
    sized = {
        "⌊": r"\left\lfloor ", "⌋": r" \right\rfloor",
        "⌈": r"\left\lceil ", "⌉": r" \right\rceil",
    }  # fmt: skip
    signs = {mark: f" {command} " for mark, command in _MATH.items()} | sized
    return " ".join("".join(signs.get(mark, mark) for mark in text).split())
