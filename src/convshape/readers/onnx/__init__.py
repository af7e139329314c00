"""ONNX files: the graph as a network, without running it and without its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import SpecError, suggestion
from ...run.program import Program
from ...shapetorch.arguments import shape as shape_text
from ...shapetorch.tensor import Tensor
from ..inputs import listed, named_part
from ..shape import sample
from .graph import Context, Graph
from .model_file import DTYPES, model_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .protobuf import Message

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
        named: those by name.
        batch: samples in a batch, where the file leaves it open; 1 unless given.
        constants: none, since an ONNX file has none.

    Raises:
        SpecError: it is no ONNX model, or leaves a size of an input open that `input` does not say.
    """
    if constants:
        raise SpecError("--set is for network files: an ONNX model has no constants by name")
    model = model_of(path)
    context = Context(model)
    version = context.opsets.get("", _OLDEST)
    if version < _OLDEST:
        what = f"{path} uses opset {version}; convshape supports opset {_OLDEST} and newer"
        fix = f"onnx.version_converter.convert_version(model, {_OLDEST})"
        raise SpecError(what, fix=fix)
    network = Graph(model.graph, context, {})
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
    sizes = [] if kind.shape is None else kind.shape.dims
    if kind.shape is None or any(d.size is None for d in sizes[1:]):
        raise _open(item.name, kind)
    shape = [d.size for d in sizes]
    if sizes and batch is not None:
        shape[0] = batch
    elif sizes and sizes[0].size is None:
        shape[0] = 1
    return Tensor(tuple(shape), DTYPES[kind.elem_type])


def _open(name: str, kind: Message) -> SpecError:
    if kind.shape is None:
        return SpecError(
            f"the file does not say the shape of its input {name!r}", fix="--in 3x224x224"
        )
    words = [str(d.size if d.size is not None else d.symbol or "?") for d in kind.shape.dims]
    fix = "x".join(str(d.size or 224) for d in kind.shape.dims[1:])
    what = f"the file leaves sizes of its input {name!r} open: {'×'.join(words)}"
    return SpecError(what, fix=f"--in {fix}")


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
