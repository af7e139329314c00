"""ONNX files: the graph as a network, without running it and without its weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import SpecError, suggestion
from ...run.program import Program
from ...shapetorch.arguments import shape as shape_text
from ...shapetorch.tensor import Tensor
from ...symbolic.dim import Dim
from ..inputs import listed, named_part
from ..shape import sample
from .graph import Context, Graph
from .model_file import DTYPES, dtype_of, model_of
from .protobuf import Message

#: What exporters call the first axis where it counts samples.
_BATCH = r"(?i)(batch|bs$|b$|n$|unk)"
#: The oldest operators that are known, of 2017; those before broadcast in another way.
_OLDEST = 7


def read(
    path: str,
    *,
    input: Any = (),
    named: Mapping[str, Any] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
) -> Program:
    """Read an ONNX model; nothing is computed, and weights are not loaded.

    Args:
        path: the file.
        input: shapes of one sample of each input, in place of the file's; by name ``ids=int64:77``.
            Sizes that neither says are symbols.
        named: those by name.
        batch: samples in a batch, where the file leaves it open; 1 unless given.
        constants: none, since an ONNX file has none.

    Raises:
        SpecError: it is not an ONNX model, or has another kind of input than tensors.
    """
    if constants:
        raise SpecError("--set is for network files: an ONNX model has no constants by name")
    model = model_of(path)
    functions = {(f.domain, f.name): f for f in model.functions}
    context = Context(model, functions, {})
    version = context.opsets.get("", _OLDEST)
    if version < _OLDEST:
        what = f"{path} uses opset {version}; convshape supports opset {_OLDEST} and newer"
        fix = f"onnx.version_converter.convert_version(model, {_OLDEST})"
        raise SpecError(what, fix=fix)
    try:
        network = Graph(model.graph, context, {})
    except RecursionError:
        raise SpecError("functions call each other without end", where=path) from None
    inputs = [i for i in model.graph.inputs if i.name in network.inputs]
    shapes = _given(inputs, [*listed(input)], dict(named or {}), 1 if batch is None else batch)
    tensors = [_input(item, shapes.get(item.name), batch) for item in inputs]
    whole = {tensor.shape[:1] for tensor in tensors}
    return Program(
        network,
        tensors,
        name=model.graph.name or "graph",
        where={"": path},
        note=_note(inputs, tensors),
        batch=next(iter(whole))[0] if len(whole) == 1 and () not in whole else None,
    )


def _given(
    inputs: list[Message], items: list[Any], named: dict[str, Any], batch: int
) -> dict[str, Tensor]:
    """Return the tensors that are given in place of the file's inputs, by name."""
    names = [item.name for item in inputs]
    result: dict[str, Tensor] = {}
    for place, item in enumerate(items):
        name, value = named_part(item) if isinstance(item, str) else ("", item)
        if not name and place >= len(names):
            counted = f"{len(names)} input{'s' * (len(names) != 1)} ({', '.join(names)})"
            raise SpecError(f"the model has {counted}, but {len(items)} are given")
        named[name or names[place]] = value
    dtypes = {
        i.name: DTYPES.get(i.type.tensor.elem_type) for i in inputs if i.type and i.type.tensor
    }
    for name, value in named.items():
        if name not in names:
            fix = suggestion(name, names, f"its inputs are {', '.join(names)}")
            raise SpecError(f"the model has no input {name!r}", fix=fix)
        tensor = value if isinstance(value, Tensor) else _sample(value, batch)
        if not isinstance(value, Tensor) and not (isinstance(value, str) and ":" in value):
            tensor.dtype = dtypes.get(name) or tensor.dtype
        result[name] = tensor
    return result


def _sample(value: Any, batch: int) -> Tensor:
    return sample(value, batch) if isinstance(value, str) else Tensor((batch, *value))


def _input(item: Message, other: Tensor | None, batch: int | None) -> Tensor:
    """Return an input: the one that is given, or of the sizes that the file declares."""
    if other is not None:
        return other
    kind = item.type.tensor if item.type is not None else None
    if kind is None:
        raise SpecError(f"the input {item.name!r} is not a tensor; convshape supports only tensors")
    if kind.shape is None:
        what = f"the file does not say the shape of its input {item.name!r}"
        raise SpecError(what, fix="--in 3x224x224")
    dims = kind.shape.dims
    first, *others = [dim.symbol or "" for dim in dims] or [""]
    is_batch = [re.match(_BATCH, first), *(re.match("(?i)batch", name) for name in others)]
    at = next((place for place, named in enumerate(is_batch) if named), 0)
    shape = [_size(dim, place, place == at, item.name) for place, dim in enumerate(dims)]
    if shape and batch is not None:
        shape[at] = batch
    return Tensor(tuple(shape), dtype_of(kind.elem_type, f"the input {item.name!r}"))


def _size(dim: Message, place: int, is_batch: bool, name: str) -> int:
    """Return a size: that of the file, 1 for a batch that it leaves open, else a symbol."""
    if dim.size is not None:
        return int(dim.size)
    if is_batch and (not dim.symbol or re.match(_BATCH, dim.symbol)):
        return 1
    word = re.sub(r"\W+", "_", dim.symbol or f"{name}_{place}", flags=re.ASCII)
    return Dim(word if word.isidentifier() else f"D{word}")


def _note(inputs: list[Message], tensors: list[Tensor]) -> str:
    """Say where an input has other sizes than the file declares."""
    notes = []
    for item, tensor in zip(inputs, tensors, strict=True):
        kind = item.type.tensor if item.type is not None else None
        sizes = [d.size for d in kind.shape.dims] if kind is not None and kind.shape else None
        if sizes is None:
            continue
        pairs = zip(sizes, tensor.shape, strict=False)
        if len(sizes) != tensor.ndim or any(size not in (None, other) for size, other in pairs):
            declared = shape_text(tuple(sizes)) if None not in sizes else "other sizes"
            notes.append(f"{item.name}: the file declares {declared}")
    return "; ".join(notes)
