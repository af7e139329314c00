"""What figures of networks share: the colors of layer kinds, the legend and the page."""

from __future__ import annotations

from collections.abc import Iterable

from . import svg
from .network import KINDS, Figure, Layer, titled
from .svg import element, text

#: Tints that differ in hue for those who are color-blind, and in lightness in grey; on a light page
#: and on a dark one.
COLORS = {
    "conv": ("#8cc5ef", "#1f5f8b"),
    "pool": ("#e0843c", "#94501a"),
    "linear": ("#4da37c", "#22694b"),
    "norm": ("#d5d5d5", "#484f58"),
    "act": ("#fbeb9a", "#6b5d12"),
    "sequence": ("#c98acc", "#6d4670"),
    "join": ("#ffffff", "#0d1117"),
    "shape": ("#f1f1f1", "#21262d"),
    "module": ("#dfe9f5", "#2b3a4f"),
    "other": ("#cfc4b4", "#4a4030"),
    "frame": ("#6a6a6a", "#8b949e"),
    "edge": ("#333333", "#c9d1d9"),
    "bad": ("#c0392b", "#ff7b72"),
    "wrong": ("#fbdad5", "#5a1e1b"),
}
#: What each kind looks like; a module and a change of shape have lines of their own besides.
RULES = (
    "\n".join(
        [
            ".title{font-size:16px;font-weight:bold}",
            *(
                f".{kind} .face,.key-{kind}{{fill:{{{kind}}};stroke:{{edge}};stroke-width:1}}"
                for kind in KINDS
            ),
            ".input .face{fill:{paper};stroke:{edge};stroke-width:1}",
            ".shape .face,.key-shape{stroke-dasharray:3 2}",
            ".module .face,.key-module{stroke-width:2}",
            ".face{stroke-linejoin:round}",
            ".failed .face,.key-failed{fill:{wrong};stroke:{bad};stroke-width:2.5}",
            ".failed text{fill:{bad};font-weight:bold}",
            ".out{font-size:11px;fill:{soft}}",
            ".call{font-size:11px;fill-opacity:.8}",
            ".halo{paint-order:stroke;stroke:{paper};stroke-width:4px;stroke-linejoin:round}",
            ".arrow{fill:none;stroke:{edge};stroke-width:1.3}",
            ".head{fill:{edge}}",
            ".repeat{fill:none;stroke:{frame};stroke-width:1.2;stroke-dasharray:6 3}",
            ".repeat-label{font-size:12px;font-weight:bold;fill:{soft}}",
        ]
    )
    + "\n"
)


def group(layer: Layer, content: str) -> str:
    """Return a layer as a group that programs can read, with its call for who points at it."""
    tip = element("title", svg.content(f"{layer.label}: {layer.call} → {layer.out}"))
    return element(
        "g",
        tip + content,
        class_="layer",
        data_path=layer.path,
        data_out=layer.out,
        data_kind=layer.kind,
    )


def inner(layer: Layer, content: str) -> str:
    """Return what a layer looks like in the colors of its kind."""
    return element("g", content, class_=f"{layer.kind} failed" if layer.failed else layer.kind)


def head(x: float, y: float, right: bool = False) -> str:
    """Return the head of an arrow that ends at a point, going down or to the right."""
    path = "l-7 -3.5v7z" if right else "l-3.5 -7h7z"
    return element("path", class_="head", d=f"M{svg.number(x)} {svg.number(y)}{path}")


def page(
    figure: Figure,
    parts: Iterable[str],
    right: float,
    below: float,
    margin: float,
    rules: str,
    static: bool,
) -> str:
    """Return the picture of a figure: its title, the parts, and below them what the colors mean.

    Args:
        figure: what is drawn.
        parts: the elements that are drawn of it.
        right: where they end at the right, without the margin.
        below: where they end below.
        margin: at the left and at the right.
        rules: the style sheet.
        static: see `svg.document`.
    """
    failed = [layer.failed for layer in figure.layers]
    present = {layer.kind for layer in figure.layers if not layer.failed}
    entries = [(kind, words) for kind, (words, _) in KINDS.items() if kind in present]
    entries += [("failed", "it stops here")] * any(failed)
    keys, _, bottom = svg.legend(entries, margin, below, right - margin)
    title = text(margin, 30, figure.title, class_="title")
    about = " ".join(titled(figure))
    body = [title, *parts, *keys]
    return svg.document(
        right + margin, bottom + 20, figure.title, about, body, rules, COLORS, static=static
    )
