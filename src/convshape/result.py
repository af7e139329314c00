"""The public face of a run: `Trace`, with its rows, its totals and its formats.

(The file is not called ``trace`` because ``convshape.trace`` is the function.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .analysis import Analysis
from .errors import Error, SpecError, nearest
from .gc_pause import paused
from .run.record import FOLDED, SHOWN
from .wording import spelled

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .analysis.memory import Memory
    from .analysis.receptive_field import ReceptiveField
    from .analysis.unused import Unused
    from .render.view import ViewOptions
    from .run import record
    from .shapetorch.dtypes import dtype
    from .shapetorch.nn import Module

    Shape = tuple[int, ...]


class Row:
    """One call of a module, or of a function or tensor operation, that a reader may want to see."""

    __slots__ = ("_analysis", "_row")

    def __init__(self, analysis: Analysis, row: record.Row) -> None:
        self._analysis = analysis
        self._row = row

    def __repr__(self) -> str:
        return repr(self._row)

    @property
    def path(self) -> str:
        """The module's name in `named_modules()`, ``""`` for the root.

        Below it, for a function, its own name or that of the entry of a network file.
        """
        return self._row.path

    @property
    def call(self) -> Module | Callable[..., Any] | str:
        """The module or the function; as text, a module's own code that stops between calls."""
        return self._row.call

    @property
    def kind(self) -> str:
        """``"module"`` or ``"function"``."""
        return self._row.kind

    @property
    def layer(self) -> str:
        """The call as text: ``Conv2d(3, 6, 5)``."""
        return self._row.layer

    @property
    def is_container(self) -> bool:
        """Whether it is a module with modules below it, which have rows of their own."""
        return self._row.is_container

    @property
    def inputs(self) -> list[Shape]:
        """The shapes of the tensors that came in, batch included."""
        return self._row.inputs

    @property
    def outputs(self) -> list[Shape] | None:
        """The shapes of the tensors that came out; None where the call refused."""
        return self._row.outputs

    @property
    def where(self) -> str:
        """The line of the file that makes the call, or the layer; empty where there is no file."""
        return self._row.where

    @property
    def params(self) -> int:
        """The number of parameters of the module and all below it, each counted once."""
        return self._analysis.params_of(self._row)

    @property
    def macs(self) -> int:
        """The multiply-accumulates of the matrix products and convolutions in this call."""
        return self._analysis.macs_of(self._row)

    @property
    def field(self) -> ReceptiveField:
        """What an element of the first output sees of the network's first input.

        ``(size, stride, start)`` of each spatial axis, ``"whole"`` for all of it, None where it is
        not known or not defined.
        """
        return self._analysis.field_of(self._row)

    @property
    def unused(self) -> list[Unused] | None:
        """How many input elements a convolution or pooling leaves unused along each spatial axis.

        ``(total, last)`` for each axis: all of them, and those after the last window. None for
        other calls, and where padding repeats elements of the input.
        """
        return self._analysis.unused_of(self._row)

    def bytes(self, dtype: dtype | None = None) -> int:
        """Count the bytes of the outputs, with floating-point numbers in `dtype` if it is given."""
        return self._analysis.bytes_of(self._row, dtype)

    def __getattr__(self, name: str) -> Any:
        """Return what the run recorded of the call: `args`, `kwargs`, `result`, `name`, `level`."""
        if name.startswith("_"):
            raise AttributeError(f"'Row' object has no attribute {name!r}")
        return getattr(self._row, name)

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON has it."""
        from .render.json import row_dict

        return row_dict(self._row, self._analysis)


class Trace:
    """What came of running a network: its rows in the order of the calls, parents first.

    Attributes:
        analysis: the run, and all that can be computed from it.
    """

    def __init__(self, run: record.Run) -> None:
        self.analysis = Analysis(run)
        self._run = run
        self._seen: dict[int, Row] = {}

    @cached_property
    def rows(self) -> list[Row]:
        """The calls that succeeded: of modules, and of operations that change a shape."""
        return self._rows(self._run.rows(SHOWN))

    def _rows(self, rows: Iterable[record.Row]) -> list[Row]:
        """Return the public rows, for each call always the same."""
        seen, analysis = self._seen, self.analysis
        return [
            seen.get(row.index) or seen.setdefault(row.index, Row(analysis, row)) for row in rows
        ]

    @property
    def record(self) -> record.Run:
        """All calls, as the run has noted them."""
        return self._run

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return True  # also without rows; `ok` says whether it fits

    def __getitem__(self, path: str | int) -> Row:
        """Return the first row of this path, ``trace["features.0"]``, or the row of this number.

        Raises:
            KeyError: there is no such path.
        """
        if isinstance(path, int):
            return self.rows[path]
        result = next((row for row in self.begun(all=True) if row.path == path), None)
        if result is None:
            near = nearest(path, [row.path for row in self.rows])
            raise KeyError(f"{path!r}; did you mean {near!r}?" if near else path)
        return result

    def __repr__(self) -> str:
        from .render.text import digits_text, inline

        stopped = f", {inline(self.error.message)}" if self.error is not None else ""
        rows = f"{len(self.rows)} row{'s' * (len(self.rows) != 1)}"
        return (
            f"<Trace {inline(self.name)}: {rows}, {digits_text(self.params)} parameters{stopped}>"
        )

    def __str__(self) -> str:
        return self.to("plain")

    @property
    def name(self) -> str:
        """The network's name."""
        return self._run.name

    @name.setter
    def name(self, name: str) -> None:
        self._run.name = name

    @property
    def note(self) -> str:
        """What the file left open, how it was read, and what was refused to it."""
        return spelled("; ".join(filter(None, (self._run.note, *self._run.wanted))))

    @property
    def inputs(self) -> list[Shape]:
        """The shapes of the inputs, batch included."""
        return self._run.input_shapes

    @property
    def error(self) -> Error | None:
        """Why it stopped, or None where everything fits."""
        return self._run.error

    @property
    def ok(self) -> bool:
        """Whether everything fits."""
        return self.error is None

    def raise_for_error(self) -> Trace:
        """Return the trace if everything fits.

        Raises:
            Error: why it stopped: a `ShapeError` where it does not fit.
        """
        if self.error is not None:
            raise self.error
        return self

    @property
    def output(self) -> Any:
        """The shape of the output, a list of shapes if there are several; None where it stopped."""
        if self.error is not None or not self.rows:
            return None
        shapes = self.rows[0].outputs or []
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def failed(self) -> Row | None:
        """The call that refused, which is not one of the rows, or None."""
        stopped = self._run.failed if self.error is not None else None
        return None if stopped is None else self._rows([stopped])[0]

    @property
    def params(self) -> int:
        """The number of parameters, each counted once."""
        return self.analysis.params

    @property
    def trainable(self) -> int:
        """The number of parameters that training changes, each counted once."""
        return self.analysis.trainable

    @property
    def macs(self) -> int:
        """The multiply-accumulates of all that ran."""
        return self.analysis.macs

    @property
    def field(self) -> ReceptiveField:
        """The largest field of any row, as `Row.field`; ``"whole"`` if all are.

        None where a field on the way is not known, since it could be larger.
        """
        return self.analysis.field

    def param_bytes(self, dtype: dtype | None = None) -> int:
        """Count the bytes of the parameters, in `dtype` if one is given."""
        return self.analysis.param_bytes(dtype)

    def activation_bytes(self, dtype: dtype | None = None) -> int:
        """Count the bytes of all that was computed, views left out, in `dtype` if one is given."""
        return self.analysis.activation_bytes(dtype)

    def memory(self, dtype: dtype | None = None) -> Memory:
        """Estimate the memory of a pass and of training, in bytes, in `dtype` if one is given."""
        return self.analysis.memory(dtype)

    def calls(self) -> list[Row]:
        """Return the rows and, between them, the operations that keep the shape."""
        return self._rows(self._run.rows(SHOWN, FOLDED))

    def begun(self, all: bool = False) -> list[Row]:
        """Return the rows, with `all` the `calls`, and the calls that did not end.

        These are the one that refused, which is the last, and those that it is in.
        """
        return self._rows(self._run.begun(all))

    def to_dict(self, dtype: dtype | None = None) -> dict[str, Any]:
        """Return the trace as JSON has it, schema 1; bytes are those in `dtype` if one is given."""
        from .render.json import trace_dict

        return trace_dict(self.analysis, dtype)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as JSON has them."""
        return [row.to_dict() for row in self.rows]

    def to_pandas(self) -> Any:
        """Return the rows as a ``pandas.DataFrame``, which has the columns of `to_dicts`.

        Raises:
            SpecError: pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError:
            raise SpecError("pandas is not installed", fix="pip install pandas") from None
        return DataFrame(self.to_dicts())

    def to_json(self) -> str:
        """Return `to_dict` as text, a line for each row."""
        return self.to("json")

    def to_csv(self, **options: Unpack[ViewOptions]) -> str:
        """Return the rows as comma-separated values; for the options see `to`."""
        return self.to("csv", **options)

    def to_markdown(self, **options: Unpack[ViewOptions]) -> str:
        """Return a table in GitHub's Markdown; for the options see `to`."""
        return self.to("markdown", **options)

    @paused()
    def to(self, format: str, **options: Unpack[ViewOptions]) -> str:
        """Return the trace in one of the formats of `convshape.render.FORMATS`.

        Args:
            format: ``plain``, ``json``, ``csv``, ``markdown``, ``html``, ``svg`` or ``latex``.
            options: those of `convshape.render.view.View`: ``columns``, ``depth``, ``all``,
                ``dtype``, ``weights``, ``memory``.

        Raises:
            SpecError: the format or a column is not known.
        """
        from .render import render

        return render(self.analysis, format, **options)

    def draw(self, format: str = "svg", style: str | None = None, depth: int | None = None) -> str:
        """Return the network as a figure, up to where it stops.

        Args:
            format: ``svg``, ``dot`` (Graphviz) or ``mmd`` (Mermaid).
            style: ``blocks`` (volumes in a row) or ``graph``; by default blocks for a chain, and a
                graph for a network with branches.
            depth: how many modules below the root are shown; all unless given.

        Raises:
            SpecError: the format or the style is not known, or there is nothing to draw.
        """
        from .pictures import network_picture

        return network_picture(self, format, style, depth)

    def plot(
        self,
        format: str = "text",
        *,
        width: int = 100,
        depth: int | None = None,
        dtype: dtype | None = None,
    ) -> str:
        """Return bars of the parameters, MACs and activation bytes of each layer.

        Args:
            format: ``text``, or ``svg`` for a picture.
            width: characters in a line of the text.
            depth: how many modules below the root are shown; all unless given.
            dtype: what floating-point numbers are kept in; their own dtype unless given.

        Raises:
            SpecError: nothing ran, the sizes are symbols, or there is no such format.
        """
        from .errors import SpecError
        from .render.plot import Plot, text
        from .render.view import View

        plot = Plot(View(self.analysis, depth=depth, dtype=dtype, operations=True))
        if format == "svg":
            from .render.picture.bars import render

            return render(plot)
        if format != "text":
            raise SpecError(f"there is no plot in {format!r}", fix="text, svg")
        return text(plot.lines(width))

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from rich.text import Text

        from .render.table import rich_table
        from .render.text import error_text
        from .render.view import View

        yield rich_table(View(self.analysis), options.max_width)
        if self.error is not None:
            yield Text(error_text(self.error, options.max_width))

    def _repr_html_(self) -> str:
        from .render.html import fragment
        from .render.view import View

        return fragment(View(self.analysis))
