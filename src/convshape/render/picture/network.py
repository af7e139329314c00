"""What a figure of a network shows, apart from how: its layers, and which feeds which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ...analysis import Analysis
from ...run.record import Call, Row, tensors
from ...shapetorch.arguments import shape
from ..columns import output_text
from ..text import visible
from ..view import Line, View

Shape = tuple[int, ...]

#: The kinds of layers in legends, and the files of the vocabulary that hold them.
KINDS = {
    "conv": ("convolution", "conv"),
    "pool": ("pooling", "pooling adaptive"),
    "linear": ("linear", "linear matrices linalg"),
    "norm": ("normalization", "batchnorm normalization instancenorm"),
    "act": ("activation", "activation"),
    "sequence": ("attention, recurrence", "attention transformer rnn"),
    "join": ("join", "joining pointwise inplace"),
    "shape": (
        "change of shape",
        "flatten views indexing padding fold pixelshuffle upsampling resampling channelshuffle "
        "vision",
    ),
    "module": ("module", ""),
    "other": ("other", ""),
}
#: The kinds that are drawn as wide as their channels, and do not share boxes with each other.
LARGE = frozenset(("conv", "pool", "linear", "sequence", "module"))
_PARTING = ("chunk", "split", "tensor_split", "unbind", "unsafe_chunk", "unsafe_split")
_KIND_OF = {file: kind for kind, (_, files) in KINDS.items() for file in files.split()}


class Layer:
    """A layer of a figure: a call, or several identical ones that follow each other.

    Attributes:
        path: its name in the network, as the table has it.
        call: the call as text; of modules that are drawn for what is in them their class alone.
        kind: one of `KINDS`.
        shapes: the output.
        out: that as text; where it refuses, that it does.
        inputs: the shapes that come in.
        failed: whether it is the call that refused.
        times: how often it follows itself.
        repeats: the repeated parts of the network that it is in, outermost first.
    """

    __slots__ = ("call", "failed", "inputs", "kind", "out", "path", "repeats", "shapes", "times")

    def __init__(self, line: Line, view: View, repeats: Sequence[Repeat]) -> None:
        row = line.row
        self.path = line.path
        self.call = visible(row.name if row.is_container else row.layer)
        self.kind = _kind(row)
        self.shapes = row.outputs or []
        self.out = output_text(row, view.run)
        self.inputs = row.inputs
        self.failed = line.failed
        self.times = line.times
        self.repeats = tuple(repeats)

    @property
    def label(self) -> str:
        """Its path, of the network itself its class, and how many there are."""
        return self._times(self.path or self.call.partition("(")[0])

    @property
    def name(self) -> str:
        """Its name in the repeated part that it is in, and how many there are."""
        inside = f"{self.repeats[-1].path}." if self.repeats else ""
        return self._times(self.path.removeprefix(inside)) if inside else self.label

    def _times(self, name: str) -> str:
        return f"{name} ×{self.times}" if self.times > 1 else name


def _kind(row: Row) -> str:
    if row.name in _PARTING:
        return "shape"
    if row.is_container and row.end > row.index + 1:
        return "module"
    if isinstance(row.call, str):  # where a module's own code stops
        return "other"
    home = type(row.call).__module__ if row.kind == "module" else row.call.__module__
    return _KIND_OF.get(home.rpartition(".")[2], "other")


class Repeat:
    """Modules that are the same and follow each other, of which one is drawn.

    Attributes:
        label: their path, how many there are, and what they are: ``layers.0-5 ×6``.
        first: the index of the first call of the first.
        last: the index of the first call of the last, which is drawn.
        path: the name of that.
        end: the index behind the last call.
    """

    __slots__ = ("end", "first", "label", "last", "path")

    def __init__(self, line: Line) -> None:
        self.label = f"{line.path} ×{line.times}"
        self.path = visible(line.row.path)
        self.first = line.first.index
        self.last = line.row.index
        self.end = line.row.end

    def drawn(self, index: int) -> int:
        """Return the call that is drawn for a call of any of them."""
        length = self.end - self.last
        if not self.first <= index < self.last:
            return index
        return self.last + (index - self.first) % length

    def again(self, index: int) -> bool:
        """Return whether a call is one of the second, the third and so on."""
        return self.first + self.end - self.last <= index < self.end


class Edge(NamedTuple):
    """A tensor that goes from one layer to another.

    Attributes:
        source: the place of the layer in `Figure.layers`; of an input −1, −2 and so on.
        target: the place of the layer.
        shape: the tensor's.
    """

    source: int
    target: int
    shape: Shape


class Figure:
    """The layers of a run as a graph.

    Args:
        analysis: the run.
        depth: how many modules below the root are shown; all unless given.

    Attributes:
        layers: in the order of the calls.
        edges: in the order in which they are consumed; those that leave the network are in
            `results`.
        inputs: the shapes of the inputs.
        results: the layers that give the output of the network, and the shapes.
    """

    def __init__(self, analysis: Analysis, depth: int | None = None) -> None:
        self.run = analysis.run
        self.view = View(analysis, ["layer"], depth=depth, joins=True)
        self.title = self.view.title or "network"
        self.inputs = self.run.input_shapes
        self.layers: list[Layer] = []
        self._repeats: list[Repeat] = []
        #: The layer that each call is drawn as or in.
        self._owner: dict[int, int] = {}
        self._read_lines()
        self.edges: list[Edge] = []
        self.results: list[tuple[int, Shape]] = []
        self._connect()

    @property
    def is_chain(self) -> bool:
        """Whether each layer feeds the next alone, and nothing branches."""
        pairs = {(edge.source, edge.target) for edge in self.edges}
        expected = {(i - 1, i) for i in range(len(self.layers))}
        return len(self.inputs) == 1 and pairs <= expected

    def input_name(self, source: int) -> str:
        """Return what an input is called."""
        return "input" if len(self.inputs) == 1 else f"input {-source}"

    def to_dict(self) -> dict[str, Any]:
        """Return the graph as JSON has it; in edges inputs are −1, −2 and so on."""
        return {
            "layers": [
                {
                    "path": layer.path,
                    "call": layer.call,
                    "kind": layer.kind,
                    "out": layer.shapes or None,
                    "times": layer.times,
                    "repeats": [repeat.label for repeat in layer.repeats],
                }
                for layer in self.layers
            ],
            "edges": [[edge.source, edge.target, edge.shape] for edge in self.edges],
            "results": self.results,
        }

    def _read_lines(self) -> None:
        lines = list(self.view.lines(headings=True))
        open_repeats: list[tuple[int, Repeat]] = []
        for line, after in zip(lines, [*lines[1:], None], strict=True):
            while open_repeats and open_repeats[-1][0] >= line.depth:
                open_repeats.pop()
            if line.heading:
                continue
            has_parts = after is not None and after.depth > line.depth
            if line.times > 1:
                self._repeats.append(Repeat(line))
                if has_parts:
                    open_repeats.append((line.depth, self._repeats[-1]))
            if has_parts:
                continue
            place = len(self.layers)
            self.layers.append(Layer(line, self.view, [repeat for _, repeat in open_repeats]))
            for index in range(line.row.index, line.row.end):
                self._owner[index] = place

    def _connect(self) -> None:
        sources: dict[int, tuple[int, ...]] = {
            id(tensor): (-i,) for i, tensor in enumerate(self.run.inputs, 1)
        }
        seen = set()
        for index, call in enumerate(self.run.calls):
            incoming = [
                (source, tensor.shape)
                for tensor in tensors((call.args, call.kwargs))
                for source in sources.get(id(tensor), ())
            ]
            owner = self._owner.get(self._drawn(index))
            if owner is None:
                if not _has_parts(call):
                    several = tuple(dict.fromkeys(source for source, _ in incoming))
                    sources.update((id(tensor), several) for tensor in tensors(call.result))
                continue
            for source, size in incoming if not self._again(index) else ():
                if source != owner and (source, owner, size) not in seen and source < owner:
                    seen.add((source, owner, size))
                    self.edges.append(Edge(source, owner, size))
            sources.update((id(tensor), (owner,)) for tensor in tensors(call.result))
        if self.run.calls and self.run.error is None:
            self.results = list(
                dict.fromkeys(
                    (source, tensor.shape)
                    for tensor in tensors(self.run.calls[0].result)
                    for source in sources.get(id(tensor), ())
                )
            )

    def _drawn(self, index: int) -> int:
        for repeat in self._repeats:  # outer ones come before those in them
            index = repeat.drawn(index)
        return index

    def _again(self, index: int) -> bool:
        for repeat in self._repeats:
            if repeat.again(index):
                return True
            index = repeat.drawn(index)
        return False


def _has_parts(call: Call) -> bool:
    """Return whether a call is one of a module whose parts are drawn."""
    return isinstance(call, Row) and call.end > call.index + 1


def shapes_of(edges: Iterable[Edge]) -> str:
    """Write the shapes of edges, each once."""
    return ", ".join(dict.fromkeys(shape(edge.shape) for edge in edges))


def titled(figure: Figure) -> Iterator[str]:
    """Yield the sentences that describe a figure."""
    incoming = ", ".join(map(shape, figure.inputs))
    yield f"{figure.title}: {len(figure.layers)} layers, input {incoming}."
    if figure.results:
        yield f"Output {', '.join(dict.fromkeys(shape(size) for _, size in figure.results))}."
    for layer in figure.layers:
        if layer.failed:
            yield f"It stops at {layer.path}: {layer.call}."
