"""A network as text that others draw: Graphviz (DOT), and Mermaid, which GitHub draws."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from ...shapetorch.arguments import shape
from ..text import visible
from .figure_style import COLORS
from .network import Edge, Figure, Layer, Repeat, shapes_of


def _light(name: str) -> str:
    """Return a color on a light page."""
    return COLORS[name][0]


def dot(figure: Figure) -> str:
    """Return a network in the language of Graphviz."""
    lines = [
        f"digraph {_quoted(figure.title)} {{",
        '  graph [rankdir=TB, fontname="Helvetica"];',
        '  node [shape=box, style=filled, fontname="Helvetica", fontsize=11];',
        '  edge [fontname="Helvetica", fontsize=10];',
        *(
            f'  {name} [label={_quoted(words)}, shape=plain, style=""];'
            for name, words in _ends(figure)
        ),
        *_nested(figure, _dot_layer, _dot_repeat),
        *(
            f"  {source} -> {target} [label={_quoted(label)}];"
            for source, target, label in _arrows(figure)
        ),
        "}",
    ]
    return "\n".join(lines) + "\n"


def mermaid(figure: Figure) -> str:
    """Return a network as a flowchart of Mermaid."""
    lines = [
        f"---\ntitle: {_yaml(figure.title)}\n---\nflowchart TD",
        *(f"  {name}([{_marked(words)}])" for name, words in _ends(figure)),
        *_nested(figure, _mermaid_layer, _mermaid_repeat),
        *(
            f"  {source} -->|{_marked(label)}| {target}" if label else f"  {source} --> {target}"
            for source, target, label in _arrows(figure)
        ),
    ]
    for kind in dict.fromkeys(layer.kind for layer in figure.layers if not layer.failed):
        lines.append(f"  classDef {kind} fill:{_light(kind)},stroke:#333,color:#111")
    if any(layer.failed for layer in figure.layers):
        lines.append(f"  classDef failed fill:{_light('wrong')},stroke:{_light('bad')},color:#111")
    return "\n".join(lines) + "\n"


def _ends(figure: Figure) -> Iterator[tuple[str, str]]:
    """Yield the nodes of inputs and outputs, and what they are called."""
    for i in range(1, len(figure.inputs) + 1):
        yield f"in{i}", figure.input_name(-i)
    for i in range(1, len(figure.results) + 1):
        yield f"out{i}", "output"


def _node(place: int) -> str:
    return f"in{-place}" if place < 0 else f"n{place}"


def _arrows(figure: Figure) -> Iterator[tuple[str, str, str]]:
    pairs: dict[tuple[int, int], list[Edge]] = {}
    for edge in figure.edges:
        pairs.setdefault((edge.source, edge.target), []).append(edge)
    for (source, target), edges in pairs.items():
        yield _node(source), _node(target), shapes_of(edges)
    for i, (source, size) in enumerate(figure.results, 1):
        yield _node(source), f"out{i}", shape(size)


def _nested(
    figure: Figure, write: Callable[[int, Layer], str], opening: Callable[[int, Repeat], str]
) -> Iterator[str]:
    """Yield the layers, those of repeated parts in a part of their own."""
    above: list[Repeat] = []
    count = 0
    close = "end" if write is _mermaid_layer else "}"
    for place, layer in enumerate(figure.layers):
        while above and above[-1] not in layer.repeats:
            above.pop()
            yield f"{'  ' * (len(above) + 1)}{close}"
        for repeat in layer.repeats[len(above) :]:
            yield f"{'  ' * (len(above) + 1)}{opening(count, repeat)}"
            above.append(repeat)
            count += 1
        yield f"{'  ' * (len(above) + 1)}{write(place, layer)}"
    while above:
        above.pop()
        yield f"{'  ' * (len(above) + 1)}{close}"


def _lines(layer: Layer) -> list[str]:
    words = [layer.name, layer.call]
    return [*words, layer.out] if layer.failed else words


def _dot_layer(place: int, layer: Layer) -> str:
    label = _quoted("\n".join(_lines(layer)))
    color = _light("wrong" if layer.failed else layer.kind)
    mark = f', color="{_light("bad")}", penwidth=2' if layer.failed else ""
    return f'n{place} [label={label}, fillcolor="{color}"{mark}];'


def _dot_repeat(count: int, repeat: Repeat) -> str:
    return f"subgraph cluster_{count} {{ label={_quoted(repeat.label)}; style=dashed;"


def _mermaid_layer(place: int, layer: Layer) -> str:
    kind = "failed" if layer.failed else layer.kind
    return f"n{place}[{_marked(chr(10).join(_lines(layer)))}]:::{kind}"


def _mermaid_repeat(count: int, repeat: Repeat) -> str:
    return f"subgraph repeat{count} [{_marked(repeat.label)}]"


def _quoted(words: str) -> str:
    r"""Return words as a string of DOT, newlines as ``\n``."""
    words = visible(words).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + words.replace("\n", "\\n") + '"'


def _yaml(words: str) -> str:
    """Return words as one line of YAML, in which no other setting of Mermaid's can be."""
    return json.dumps(visible(words), ensure_ascii=False).replace("<", "\\u003c")


def _entities(words: str) -> str:
    """Return words without what Mermaid reads as its own."""
    for mark, entity in (
        ("#", "#35;"),
        ('"', "#quot;"),
        ("<", "#lt;"),
        (">", "#gt;"),
        ("`", "#96;"),
    ):
        words = words.replace(mark, entity)
    return visible(words)


def _marked(words: str) -> str:
    return '"' + _entities(words).replace("\n", "<br/>") + '"'
