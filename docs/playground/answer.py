"""What the playground asks of convshape: a text and a few fields in, a page's worth of facts out.

It runs in Pyodide, in the browser, and knows nothing of the page but the names of the parts.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from convshape.errors import Error, ShapeError, SpecError
from convshape.python_syntax import expression
from convshape.render.text import visible

if TYPE_CHECKING:
    from typing import Any

    from convshape.result import Trace

#: The longest text, in characters: more than anybody types, and read within seconds.
LONGEST = 400_000
#: The longest text that is looked at as one layer, in characters.
LONGEST_EXPRESSION = 4_000
#: The most cells of a picture of one layer's window; for more the layer is drawn as a network is.
MOST_CELLS = 700
#: The most lines of a table that a browser lays out at once.
MOST_LINES = 2_000
_SOURCE = r"(?m)^\s*(import |from [\w.]+ import |class \w+.*:|def \w+\()"
_TORCH_ERROR = r"(?m)^(Traceback \(most recent call last\)|(\w+\.)*\w*Error: |mat1 and mat2 )"
_SLIDING = r"(Conv|MaxPool|ConvTranspose)[12]d"


def answer_json(request: str) -> str:
    """Answer a request in JSON, in JSON: see `answer`.

    It says too whether it `ran` code, and whether that has `changed` Python.
    """
    values = json.loads(request)
    found = answer(**values)
    ran = re.search(_SOURCE, values["text"]) is not None
    return json.dumps(found | {"ran": ran, "changed": _functions() != _before})


_before: dict[tuple[str, str], int] = {}


def warm_up() -> None:
    """Import what answers need, and note the functions that what is run later could replace."""
    from convshape import shapetorch

    answer("from torch import nn\nnet = nn.Conv2d(1, 1, 1)", "1x2x2")
    for module in (shapetorch, shapetorch.nn, shapetorch.nn.functional):
        module.__all__  # noqa: B018 - for which the files that load on demand are all loaded
    _before.update(_functions())


def _functions() -> dict[tuple[str, str], int]:
    """Return the identities of Python's built-in functions and of the layers' and tensors' own."""
    homes = {"builtins": vars(builtins)}
    for name, module in list(sys.modules.items()):
        if name.startswith("convshape.shapetorch."):
            homes |= {
                f"{name}.{key}": vars(value)
                for key, value in list(vars(module).items())
                if isinstance(value, type) and value.__module__ == name
            }
    found = {
        (home, name): id(value)
        for home, names in homes.items()
        for name, value in list(names.items())
        if callable(value) or (home, name) in _before
    }
    return {key: found.get(key, 0) for key in _before} if _before else found


def answer(
    text: str, input: str = "", batch: str = "", network: str = "", constants: str = ""
) -> dict[str, Any]:
    """Return what the page shows of a layer, a network or an error of torch's.

    Args:
        text: a layer, a network file, a printed model, PyTorch source, or torch's error.
        input: shapes of one sample of each input, separated by spaces or semicolons.
        batch: the samples in a batch; 1 if empty.
        network: for PyTorch source, which network: ``LeNet`` or ``LeNet(classes=2)``.
        constants: for a network file, ``width=32 classes=10`` in place of its own.

    Returns:
        The `error`, if there is one, as `Error.to_dict` has it with ``reads`` (whether the text
        could be read); the table's `title`, `columns`, `lines`, `total` and `summary`; `out`, the
        shape that comes out; `equations`; `picture`, as SVG; `note`; `explanation`.
    """
    if not text.strip():
        return {"note": "Type a layer, or choose an example."}
    if len(text) > LONGEST:
        found = f"the text has {len(text):,} characters; the playground takes {LONGEST:,}"
        return _refused(SpecError(found, fix="pip install convshape, which takes 64 MB"))
    if re.search(_TORCH_ERROR, text) and not re.search(_SOURCE, text):
        return _explained(text)
    try:
        return _shown(_traced(text, input, batch, network, constants))
    except Error as error:
        return _refused(error)


def _refused(error: Error) -> dict[str, Any]:
    return {"error": error.to_dict() | {"reads": isinstance(error, ShapeError)}}


def _explained(text: str) -> dict[str, Any]:
    from convshape.render.explanation import explanation_text
    from convshape.torch_errors import explain

    try:
        return {"explanation": explanation_text(explain(text))}
    except Error as error:
        return _refused(error)


def _traced(text: str, input: str, batch: str, network: str, constants: str) -> Trace:
    from convshape.api import trace, trace_expression

    count = _count(batch)
    inputs = [each for each in re.split(r"[;\s]+(?![^\[{(]*[\]})])", input.strip()) if each]
    if _is_expression(text):
        return trace_expression(text.strip(), *inputs, batch=count or 1)
    is_source = re.search(_SOURCE, text) is not None
    file = Path("network.py" if is_source else "network.yaml")
    file.write_text(text, encoding="utf-8")
    target = f"{file}:{network}" if network.strip() and is_source else str(file)
    return trace(target, input=inputs, batch=count, constants=_constants(constants))


def _count(batch: str) -> int | None:
    if not batch.strip():
        return None
    if not re.fullmatch(r"\s*[0-9]{1,18}\s*", batch):
        raise SpecError(f"batch {batch.strip()!r} is not a whole number", fix="1")
    return int(batch)


def _constants(text: str) -> dict[str, str]:
    pairs = [each.partition("=") for each in re.split(r"[,;\s]+", text.strip()) if each]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise SpecError(f"constant {name!r} has no value", fix="width=32 classes=10")
    return {name: value for name, _, value in pairs}


def _is_expression(text: str) -> bool:
    """Return whether a text is one call, ``Conv2d(3, 6, 5)``, and no printed model."""
    if len(text) > LONGEST_EXPRESSION:  # Python's own parser may run out of the browser's stack
        return False
    try:
        tree = expression(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # What is mistyped, "Conv2d(3, 6", is a layer too: one line, and no colon of YAML in it.
        return re.fullmatch(r"\s*(\w+\.)*[A-Za-z]\w*\([^:\n]*\s*", text) is not None
    return isinstance(tree, ast.Call)


def _shown(trace: Trace) -> dict[str, Any]:
    from convshape.render.numbers import shapes_text
    from convshape.render.view import View

    view = View(trace.analysis)
    columns = list(view.columns)
    lines = [_line(line, view) for line in islice(view.lines(headings=True), MOST_LINES)]
    out: dict[str, Any] = {
        "title": f"{view.title}  {shapes_text(view.run.input_shapes)}",
        "columns": columns,
        "lines": lines,
        "total": [_total(name, view) for name in columns],
        "summary": view.summary(),
        "note": trace.note or "",
        "more": len(lines) == MOST_LINES,
    }
    if trace.error is not None:
        out |= _refused(trace.error)
    elif trace.rows:
        out["out"] = shapes_text(trace.rows[0].outputs if len(trace.rows) == 1 else _last(trace))
        out["equations"] = _equations(trace)
    return out | _picture(trace)


def _last(trace: Trace) -> Any:
    """Return what comes out of the network: of its own call, if it has a row, else of the last."""
    root = [row for row in trace.rows if not row.path]
    return (root or trace.rows[-1:])[0].outputs


def _line(line: Any, view: Any) -> dict[str, Any]:
    from convshape.render.columns import COLUMNS

    cells = [
        visible(line.label) if name == "layer" else COLUMNS[name].cell(line, view)
        for name in view.columns
    ]
    return {"cells": cells, "depth": line.depth, "failed": line.failed, "leaf": line.leaf}


def _total(name: str, view: Any) -> str:
    from convshape.render.columns import COLUMNS

    total = None if name == "layer" else view.total(name)
    return "total" if name == "layer" else "" if total is None else COLUMNS[name].text(total)


def _equations(trace: Trace) -> list[str]:
    """Return the equation of a single layer with the numbers filled in."""
    from convshape.render.equation import lines

    row = trace.rows[0]
    if len(trace.rows) > 1 or not row.inputs:
        return []
    return [visible(each) for each in lines(row.call, row.inputs[0])]


def _picture(trace: Trace) -> dict[str, str]:
    """Return the picture: of one layer its window, of a network a figure; none if it is too big."""
    try:
        return {"picture": _window(trace) or trace.draw()}
    except Error as error:
        return {"no_picture": error.message}


def _window(trace: Trace) -> str:
    from convshape.analysis.sliding import sliding
    from convshape.render.picture.layer import LayerPicture
    from convshape.render.picture.layer_svg import LayerSvg

    row = trace.rows[0] if len(trace.rows) == 1 and trace.error is None else None
    kind = re.fullmatch(_SLIDING, type(row.call).__name__) if row else None
    if row is None or kind is None or row.outputs is None:
        return ""
    axes = int(kind[0][-2])
    inputs, outputs = row.inputs[0][-axes:], row.outputs[0][-axes:]
    if not all(type(size) is int and size for size in (*inputs, *outputs)):
        return ""
    windows = sliding(row.call, inputs, outputs)
    if windows.cell_count > MOST_CELLS:
        return ""
    return LayerSvg(LayerPicture(row.call, inputs, windows)).document()
