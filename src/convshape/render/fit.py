"""The sizes that fit as text for people, as a table in a document, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ..run.fit import Fit
from ..shapetorch.arguments import shape
from ..symbolic.sizes import Sizes
from ..symbolic.words import sizes_text
from .markup import CODE, table

#: How many combinations of sizes (of axes that depend on each other) and near sizes are shown.
_SHOWN, _NEAR = 12, 4


def lines(fit: Fit, near: Mapping[str, int] | None = None) -> list[str]:
    """Return the sizes that fit, the smallest, those that lose nothing, and those near to some."""
    return [*_sizes(fit, fit.limit), *_remarks(fit, near)]


def summary(fit: Fit) -> str:
    """Return the sizes that fit in one line."""
    return "; ".join([*_sizes(fit, fit.limit), *_remarks(fit)[:1]])


def document(fit: Fit, format: str, near: Mapping[str, int] | None = None) -> str:
    """Return the sizes that fit as a table in Markdown or LaTeX, a column for each axis."""
    parts = table(fit.symbols, _cells(fit), format, right=False) if fit.region else []
    for line in _remarks(fit, near):
        text = CODE[format][1](line.strip())
        parts += [f"- {text}"] if line[0] == " " and format == "markdown" else ["", text]
    return "\n".join(parts).lstrip()


def html(fit: Fit) -> str:
    """Return the sizes that fit as a table for a notebook, a column for each axis."""
    head, *rows = (
        "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
        for tag, cells in [("th", fit.symbols), *(("td", cells) for cells in _cells(fit))]
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    remarks = "<br>".join(escape(text) for text in _remarks(fit))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{remarks}</p>"


def _cells(fit: Fit) -> list[list[str]]:
    return [[sizes_text(bits, fit.limit) for bits in box] for box in fit.boxes]


def _remarks(fit: Fit, near: Mapping[str, int] | None = None) -> list[str]:
    result: list[str] = []
    if not fit.region:
        none = "no size that fits was found" if fit.unknown else f"no size up to {fit.limit} fits"
        result = [none + (f": {fit.refusal}" if fit.refusal else "")]
    if fit.smallest is not None:
        smallest = "smallest found" if fit.unknown else "smallest"
        result.append(f"{smallest}  {shape(tuple(fit.smallest.values()))}")
    if len(fit.symbols) > 1 and fit.region:
        alone = "each axis on its own" if fit.independent else "the axes depend on each other"
        result[-1] += f"; {alone}"
    result += _lossless(fit)
    if near is not None:
        result += _near(fit, near)
    if fit.why:
        result.append(f"not all was explored: {fit.why}")
    return result


def _lossless(fit: Fit) -> Iterator[str]:
    """Yield at which of the sizes that fit no stride leaves out elements, if there are others."""
    whole = fit.lossless
    if whole is None or whole.region == fit.region:
        return
    yield "every element is used at" if whole.region else "some elements are unused at every size"
    yield from (f"  {line}" for line in _sizes(whole, fit.limit))


def _sizes(sizes: Sizes, limit: int) -> Iterator[str]:
    boxes = sizes.boxes
    if sizes.independent and boxes:
        texts: dict[str, list[str]] = {}
        for name, bits in zip(sizes.symbols, boxes[0], strict=True):
            texts.setdefault(sizes_text(bits, limit), []).append(name)
        for text, names in texts.items():
            yield f"{', '.join(names)}  {text}"
        return
    for box in boxes[:_SHOWN]:
        pairs = zip(sizes.symbols, box, strict=True)
        yield " with ".join(f"{name} {sizes_text(bits, limit)}" for name, bits in pairs)
    if len(boxes) > _SHOWN:
        yield f"and {len(boxes) - _SHOWN} more"


def _near(fit: Fit, near: Mapping[str, int]) -> Iterator[str]:
    wanted = shape(tuple(near.values()))
    if near in fit:
        yield f"near {wanted}  fits as it is{_mark(fit, near)}"
        return
    nearest = fit.near(near)
    if not nearest:
        yield f"near {wanted}  nothing"
    for sizes in nearest[:_NEAR]:
        changes = ", ".join(
            f"{'pad' if n > near[name] else 'crop'} {name} by {abs(n - near[name])}"
            for name, n in sizes.items()
            if n != near[name]
        )
        yield f"near {wanted}  {shape(tuple(sizes.values()))}: {changes}{_mark(fit, sizes)}"


def _mark(fit: Fit, sizes: Mapping[str, int]) -> str:
    is_whole = fit.lossless is None or sizes in fit.lossless
    return "" if is_whole else "; some elements are unused"


def fit_dict(fit: Fit, near: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return the sizes that fit as JSON has them, schema 1."""
    result = fit.to_dict()
    if near is not None:
        result["near"] = [
            {
                "sizes": sizes,
                "change": {name: n - near[name] for name, n in sizes.items()},
                "lossless": fit.lossless and sizes in fit.lossless,
            }
            for sizes in fit.near(near)[:_NEAR]
        ]
    return result
