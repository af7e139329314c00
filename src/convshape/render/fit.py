"""The sizes that fit as text for people, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shapetorch.arguments import shape
from ..symbolic.words import sizes_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from ..analysis.fit import Fit

#: How many combinations of sizes (of axes that depend on each other) and near sizes are shown.
_SHOWN, _NEAR = 12, 4


def lines(fit: Fit, near: Mapping[str, int] | None = None) -> list[str]:
    """Return the sizes that fit, the smallest, and those near to some."""
    result = [*_sizes(fit)]
    if fit.smallest is not None:
        result.append(f"smallest  {shape(tuple(fit.smallest.values()))}")
    if len(fit.symbols) > 1 and fit.region:
        alone = "each axis on its own" if fit.independent else "the axes depend on each other"
        result[-1] += f"; {alone}"
    if near is not None:
        result += _near(fit, near)
    if fit.why:
        result.append(f"not all was explored: {fit.why}")
    return result


def _sizes(fit: Fit) -> Iterator[str]:
    boxes = fit.boxes
    if not boxes:
        yield f"no size up to {fit.limit} fits" + (f": {fit.refusal}" if fit.refusal else "")
        return
    if fit.independent:
        texts: dict[str, list[str]] = {}
        for name, sizes in zip(fit.symbols, boxes[0], strict=True):
            texts.setdefault(sizes_text(sizes, fit.limit), []).append(name)
        for text, names in texts.items():
            yield f"{', '.join(names)}  {text}"
        return
    for box in boxes[:_SHOWN]:
        pairs = zip(fit.symbols, box, strict=True)
        yield " with ".join(f"{name} {sizes_text(sizes, fit.limit)}" for name, sizes in pairs)
    if len(boxes) > _SHOWN:
        yield f"and {len(boxes) - _SHOWN} more, which --json has"


def _near(fit: Fit, near: Mapping[str, int]) -> Iterator[str]:
    wanted = shape(tuple(near.values()))
    if near in fit:
        yield f"near {wanted}  fits as it is"
        return
    found = fit.near(near)
    if not found:
        yield f"near {wanted}  nothing"
    for sizes in found[:_NEAR]:
        changes = ", ".join(
            f"{'pad' if n > near[name] else 'crop'} {name} by {abs(n - near[name])}"
            for name, n in sizes.items()
            if n != near[name]
        )
        yield f"near {wanted}  {shape(tuple(sizes.values()))}: {changes}"


def fit_dict(fit: Fit, near: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return the sizes that fit as JSON has them, schema 1."""
    result = fit.to_dict()
    if near is not None:
        result["near"] = [
            {"sizes": sizes, "change": {name: n - near[name] for name, n in sizes.items()}}
            for sizes in fit.near(near)[:_NEAR]
        ]
    return result
