"""The bars of a plot as SVG: a panel for each quantity, a row for each layer."""

from __future__ import annotations

from ..plot import QUANTITIES, Bar, Plot
from . import svg
from .svg import element, tail, text

#: Colors of the bars, which differ in lightness too, on a light page and on a dark one.
_COLORS = {
    "params": ("#5aa886", "#3f8f6c"),
    "macs": ("#e59a55", "#b86a2a"),
    "bytes": ("#7fb8e6", "#2f77ab"),
    "row": ("#f4f4f4", "#161b22"),
}
_RULES = (
    ".title{font-size:16px;font-weight:bold}\n.head{font-weight:bold}\n.stripe{fill:{row}}\n"
    ".number,.label{font-size:11px}\n.axis{stroke:{line};stroke-width:1}\n"
    + "".join(f".{name}{{fill:{{{name}}}}}\n" for name in QUANTITIES)
)
_MARGIN, _TOP, _ROW, _BAR = 16, 70, 18, 12
#: How long the longest bar is, and the room for the number behind it.
_LONGEST, _NUMBER, _BETWEEN = 150, 62, 18
#: How many characters of a label are drawn.
_LABEL = 44


def render(plot: Plot) -> str:
    """Return a plot as a picture."""
    shown = [name for name in QUANTITIES if plot.totals[name]]
    labels = [tail(bar.label, _LABEL) for bar in plot.bars]
    left = _MARGIN + max(svg.text_width(label, 11) for label in [*labels, "total"]) + 10
    panel = _LONGEST + _NUMBER + _BETWEEN
    starts = {name: left + i * panel for i, name in enumerate(shown)}
    width = left + len(shown) * panel - _BETWEEN + _MARGIN
    width = max(width, 2 * _MARGIN + svg.text_width(plot.title, 16))
    height = _TOP + len(plot.bars) * _ROW + _MARGIN
    body = [text(_MARGIN, 28, plot.title, class_="title")]
    for name in shown:
        words, write = QUANTITIES[name]
        total = write(plot.totals[name])
        body.append(text(starts[name], 56, f"{words}: {total}", class_="head"))
    for i, (bar, label) in enumerate(zip(plot.bars, labels, strict=True)):
        body.append(_row(plot, bar, label, starts, _TOP + i * _ROW, width, i % 2 == 0))
    for x in starts.values():
        bottom = _TOP + len(plot.bars) * _ROW
        body.append(element("line", class_="axis", x1=x, y1=_TOP - 2, x2=x, y2=bottom))
    return svg.document(
        width,
        height,
        f"Costs of {plot.title}",
        _description(plot, shown),
        body,
        _RULES,
        _COLORS,
    )


def _row(
    plot: Plot,
    bar: Bar,
    label: str,
    starts: dict[str, float],
    y: float,
    width: float,
    is_even: bool,
) -> str:
    parts = []
    if is_even:
        parts.append(
            element("rect", class_="stripe", x=_MARGIN / 2, y=y, width=width - _MARGIN, height=_ROW)
        )
    parts.append(text(_MARGIN, y + 13, label, class_="label"))
    for name, x in starts.items():
        count = bar.counts[name]
        if not count:
            continue
        long = max(1, _LONGEST * plot.share(bar, name))
        top = y + (_ROW - _BAR) / 2
        parts.append(element("rect", class_=name, x=x, y=top, width=long, height=_BAR))
        number = QUANTITIES[name][1](count)
        parts.append(text(x + long + 5, y + 13, number, class_="number soft"))
    data = {f"data_{name}": str(count) for name, count in bar.counts.items()}
    return element("g", "".join(parts), class_="layer", data_path=bar.path, **data)


def _description(plot: Plot, shown: list[str]) -> str:
    """Say in words which layers cost most."""
    words = []
    for name in shown:
        most = max(plot.bars, key=lambda bar: bar.counts[name])
        what, write = QUANTITIES[name]
        words.append(
            f"{what}: {write(plot.totals[name])}, most in {most.label} ({write(most.counts[name])})"
        )
    return f"Bars for {len(plot.bars)} layers. {'; '.join(words)}."
