"""Texts for people are in plain English: CONTRIBUTING.md has the style, this is what it refuses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import ROOT

SRC = ROOT / "src" / "convshape"

#: What is refused, and what to write instead.
REFUSED = {
    r"\bstand(s|ing)?\b(?!-in)": "is, are, appears",
    r"\btell(s|ing)?\b|\btold\b": "shows, reports, says",
    r"\balike\b": "the same, identical",
    r"\bwhat comes out\b|\bcomes? out of\b": "the output, the result",
    r"(?<![Tt]here )\bis no (?!longer\b|need\b)\w+": "is not a",
    r"\bwhich is none\b|\bis none of\b": "is not one of",
    r"\bas nearly always\b|\bso many bits\b|\bnone of these\b": "(rephrase)",
    r"\bin torch's words\b": "in PyTorch syntax",
    r"\bthere is no (key|column|value)\b": "unknown key",
    r"\b(error|errors|layers|modules|functions|arguments) of torch's\b": "torch errors, torch "
    "layers",
    r"\bExit status\b": "exit code",
    r"\bmends?\b|\bmended\b|\bmending\b": "fix",
    r"\bworked out\b|\bworks out\b": "computed, computes",
    r"\bmeanwhile\b|\bwhatsoever\b|\bwhoever\b": "(rephrase)",
    r"\blook(s|ed)? at by\b|\bnever looked at\b": "used",
    r"\bone behind the other\b|\bbehind it\b": "contiguous, after it",
}


def prose(text: str) -> str:
    """Return Markdown without its code, line for line."""
    text = re.sub(r"^```.*?^```", lambda code: "\n" * code[0].count("\n"), text, flags=re.M | re.S)
    text = re.sub(r"^    .*", "", text, flags=re.M)
    return re.sub(r"`+[^`]*`+", lambda code: "code" + "\n" * code[0].count("\n"), text)


def messages(path: Path) -> Iterator[str]:
    """Yield the texts of a source file that can be messages: strings of several words."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value if " " in node.value else ""


def help_text(path: Path) -> str:
    """Return the docstring of a command, which is its help."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.stem if path.stem != "sizes" else "conv"
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return "\n".join(
        ast.get_docstring(f) or "" for f in functions if f.name in {name, "pool", "deconv"}
    )


def faults(text: str) -> list[str]:
    return [
        f"{found[0]!r} in {text[max(0, found.start() - 30) : found.end() + 30]!r}: write {better}"
        for pattern, better in REFUSED.items()
        for found in re.finditer(pattern, text)
    ]


PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md")),
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if "node_modules" not in page.parts),
]
SOURCES = sorted(path for path in SRC.rglob("*.py") if "generators" not in path.parts)
TABLES = [SRC / "reference" / "terms.txt", *sorted((SRC / "torch_errors" / "known").glob("*.txt"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages(page: Path) -> None:
    assert faults(prose(page.read_text(encoding="utf-8"))) == []


def test_messages() -> None:
    assert [
        f"{path}: {fault}" for path in SOURCES for text in messages(path) for fault in faults(text)
    ] == []


def test_docstrings() -> None:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    assert [
        f"{path}: {fault}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kinds)
        for fault in faults(ast.get_docstring(node) or "")
    ] == []


def test_explanations() -> None:
    lines = [
        line
        for path in TABLES
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith(("means:", "layer:", "write", "about:"))
    ]
    assert len(lines) > 500
    assert [fault for line in lines for fault in faults(re.sub(r"write if \w+:", "", line))] == []


def test_help() -> None:
    texts = [help_text(path) for path in (SRC / "cli").glob("*.py")]
    assert sum(map(bool, texts)) >= 12
    assert [fault for text in texts for fault in faults(text)] == []


@pytest.mark.parametrize("text", ["what stands there", "it is no file", "rows that are alike"])
def test_bad_style_is_found(text: str) -> None:
    assert faults(text)


def test_code_is_not_prose() -> None:
    assert prose("a\n```\nit tells\n```\n`stands` b\n    alike\n").split() == ["a", "code", "b"]
