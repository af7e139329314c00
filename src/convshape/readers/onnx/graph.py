"""An ONNX graph as a module: each node is a module in it, whose `forward` is its operator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import Error, ShapeError, SpecError, UnknownOperation, suggestion
from ...shapetorch import dtypes
from ...shapetorch.known_values import values_of
from ...shapetorch.nn.modules.module import Module
from ...shapetorch.nn.parameter import Parameter
from ...shapetorch.tensor import Tensor
from ...wording import visible
from .model_file import attributes_of, constant, sparse_tensor, tensor_of
from .protobuf import Message

#: What the names of a graph stand for while it runs.
Values = dict[str, Any]

#: Domains of the standard operators.
STANDARD = ("", "ai.onnx")
#: What says how an operator works, and is no weight, though floating-point.
_ARGUMENTS = frozenset(
    "Clip Dropout OneHot Pad Pow Range Resize Upsample QuantizeLinear Where Slice Expand Tile "
    "Equal Less LessOrEqual Greater GreaterOrEqual".split()
)
#: How rules fail at a node that lacks an input or attribute, or has one of another type.
_MALFORMED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
#: What is written of a node only where it differs from these.
_DEFAULTS = {
    "group": 1, "auto_pad": "NOTSET", "ceil_mode": 0, "alpha": 1.0, "beta": 1.0, "allowzero": 0,
    "transA": 0, "transB": 0, "keepdims": 1, "count_include_pad": 0, "noop_with_empty_axes": 0,
}  # fmt: skip
_USUAL_LISTS = {"dilations": 1, "strides": 1, "pads": 0, "output_padding": 0}
#: What changes no shape, and is left out.
_UNSAID = frozenset(
    "cubic_coeff_a epsilon momentum storage_order coordinate_transformation_mode "
    "nearest_mode".split()
)


class Context:
    """What the graphs of a model, or of one of its functions, share.

    Attributes:
        opsets: the versions of its operator sets.
        functions: those of the model.
        attributes: those of a function, which those of its nodes may refer to.
    """

    def __init__(self, owner: Message, functions: Any, attributes: Mapping[str, Any]) -> None:
        self.opsets = {"" if o.domain in STANDARD else o.domain: o.version for o in owner.opsets}
        self.functions = functions
        self.attributes = attributes


class Node(Module):
    """A node of a graph; its class has the name of its operator.

    Attributes:
        op_type: the operator.
        domain: the set of operators that it is of.
        opset: the version of that.
        attributes: by their names.
        outputs: the names of its results, empty for those that nobody wants.
        path: its name among the modules of the model.
        scope: while it runs, what the names of the graphs around it mean.
    """

    def __init__(
        self, message: Message, path: str, context: Context, weights: dict[str, Tensor]
    ) -> None:
        super().__init__()
        self.op_type = message.op_type
        self.domain = "" if message.domain in STANDARD else message.domain
        self.opset = context.opsets.get(self.domain, 1)
        self.path = path
        self.attributes = attributes_of(message, context.attributes)
        self.inputs = tuple(message.inputs)
        self.outputs = tuple(message.outputs)
        self.scope: Values = {}
        self.constants: dict[int, Tensor] = {}
        for index, name in enumerate(self.inputs):
            if name in weights:
                self.constants[index] = self._kept(index, name, weights)
        function = context.functions.get((message.domain, message.op_type))
        if function is not None:
            attributes = attributes_of(function) | self.attributes
            inner = Context(function, context.functions, attributes)
            self._modules["function"] = Graph(function, inner, {}, path)
        for name, value in self.attributes.items():
            if hasattr(value, "nodes"):
                self._modules[name] = Graph(value, context, weights, f"{path}.{name}")
        self._written = _text(self)

    def _kept(self, index: int, name: str, weights: dict[str, Tensor]) -> Tensor:
        """Keep a tensor of the file: as a parameter, if it is a weight, or else as a buffer."""
        tensor = weights[name]
        label = re.split(r"[./:]", name)[-1] or f"input{index}"
        label = label if label not in self._parameters else f"{label}{index}"
        statistics = self.op_type == "BatchNormalization" and index > 2
        if is_weight(tensor) and not statistics and self.op_type not in _ARGUMENTS:
            if not isinstance(tensor, Parameter):
                floating = tensor.dtype.kind >= dtypes.FLOATING
                tensor = weights[name] = Parameter(tensor, floating)
            self._parameters[label] = tensor
        else:
            self._buffers[label] = tensor
        return tensor

    @property
    def batch_first(self) -> bool:
        """Whether the first axis of a recurrent layer's input is the batch."""
        return bool(self.attribute("layout", 0))

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute, or what it is where the node has none."""
        return self.attributes.get(name, default)

    def forward(self, *inputs: Tensor) -> Any:
        """Return the result, or a tuple of them.

        Raises:
            UnknownOperation: the operator is not known, or its shape depends on the data.
            ShapeError: the operator refuses its inputs.
        """
        flowing = iter(inputs)
        everything = [
            self.constants[i] if i in self.constants else next(flowing) if name else None
            for i, name in enumerate(self.inputs)
        ]
        try:
            result = self._result(everything)
        except Error as error:
            if error.module is not None or any(True for _ in self._modules):
                raise
            facts = {"operation": "", "layer": self._written, "path": self.path, "changes": ()}
            raise error.changed(**facts) from None
        parts = result if isinstance(result, tuple) else (result,)
        known = all(values_of(p) is not None for p in parts if p is not None)
        vars(self)["_folded"] = known and all(p is None or p.ndim < 2 for p in parts)
        return result

    def _result(self, inputs: list[Any]) -> Any:
        from .operators import OPERATORS

        function = self._modules.get("function")
        if function is not None:
            return function(*inputs)
        rule = None if self.domain else OPERATORS.get(self.op_type)
        if rule is None:
            of = f" of {self.domain}" if self.domain else ""
            fix = "" if self.domain else suggestion(self.op_type, OPERATORS)
            raise UnknownOperation(f"is an operator{of} that convshape does not know", fix=fix)
        while inputs and inputs[-1] is None:
            inputs.pop()
        try:
            return rule(self, *inputs)
        except Error:
            raise
        except _MALFORMED as error:
            if isinstance(error, TypeError) and "positional argument" in str(error):
                raise ShapeError(f"does not take {len(inputs)} inputs") from None
            raise UnknownOperation("has inputs or attributes that convshape cannot read") from None


def is_weight(tensor: Tensor) -> bool:
    """Return whether a tensor may be a weight: floating-point or quantized, and not a scalar."""
    return tensor.ndim > 0 and (tensor.dtype.kind >= dtypes.FLOATING or tensor.itemsize == 1)


def _kind(op_type: str, kinds: dict[str, type[Node]] = {}) -> type[Node]:  # noqa: B006 - a cache
    """Return the class of the nodes of an operator."""
    if op_type not in kinds:
        kinds[op_type] = type(visible(op_type), (Node,), {"__module__": __name__})
        kinds[op_type]._is_layer = op_type not in ("If", "Loop", "Scan")  # which have rows
    return kinds[op_type]


def _text(node: Node) -> str:
    """Return a node as a call with the attributes that say something of shapes."""
    parts = [
        f"{name}={_shown(value)}"
        for name, value in sorted(node.attributes.items())
        if name not in _UNSAID
        and not isinstance(value, Module)
        and not hasattr(value, "nodes")
        and not hasattr(value, "dims")
        and _DEFAULTS.get(name) != value
        and not (
            name in _USUAL_LISTS and isinstance(value, list) and {*value} <= {_USUAL_LISTS[name]}
        )
    ]
    return f"{node.op_type}({', '.join(parts)})"


def _shown(value: Any) -> str:
    if isinstance(value, list) and len(value) > 8:
        return "[...]"
    return f"{value:g}" if isinstance(value, float) else repr(value)


class Graph(Module):
    """A graph, or the body of a function; its nodes are its modules.

    Args:
        message: the graph as the file has it.
        context: what all graphs of the model share.
        outer: the tensors of the file that the graphs around it know.
        path: its name among the modules of the model.
    """

    def __init__(
        self, message: Message, context: Context, outer: Mapping[str, Tensor], path: str = ""
    ) -> None:
        super().__init__()
        stored = {t.name: tensor_of(t) for t in getattr(message, "initializers", ())}
        for sparse in getattr(message, "sparse_initializers", ()):
            stored[getattr(sparse.values, "name", "")] = sparse_tensor(sparse)
        self.stored = {**outer, **stored}
        names = [getattr(value, "name", value) for value in message.inputs]
        self.inputs = [name for name in names if name not in stored]
        self.outputs = [getattr(value, "name", value) for value in message.outputs]
        self.scope: Values = {}
        for index, item in enumerate(message.nodes):
            if self._is_stored(item, context):
                continue
            name = self._name(item, index)
            kind = _kind(item.op_type)
            self._modules[name] = kind(item, f"{path}.{name}".lstrip("."), context, self.stored)

    def _is_stored(self, node: Message, context: Context) -> bool:
        """Return whether a node only names a tensor of the file, which then has that name."""
        if node.domain not in STANDARD:
            return False
        if node.op_type == "Identity" and node.inputs and node.inputs[0] in self.stored:
            tensor = self.stored[node.inputs[0]]
        elif node.op_type == "Constant":
            tensor = constant(attributes_of(node, context.attributes))
        else:
            return False
        self.stored.update(dict.fromkeys(node.outputs, tensor))
        return True

    def _name(self, node: Message, index: int) -> str:
        path = path_of(node) or f"{node.op_type}_{index}"
        return path if path not in self._modules else f"{path}_{index}"

    def forward(self, *inputs: Any) -> Any:
        """Run the nodes in their order, which is that of the file; return the outputs."""
        values: Values = {
            **self.scope,
            **self.stored,
            **dict(zip(self.inputs, inputs, strict=False)),
        }
        for node in self._modules.values():
            _run(node, values)  # type: ignore[arg-type]
        results = tuple(_value(name, values, None) for name in self.outputs)
        return results[0] if len(results) == 1 else results


def _run(node: Node, values: Values) -> None:
    """Run a node, and give its results their names."""
    names = [n for i, n in enumerate(node.inputs) if n and i not in node.constants]
    arguments = [_value(name, values, node) for name in names]
    node.scope = values
    try:
        result = node(*arguments)
    finally:
        node.scope = {}
    parts = result if isinstance(result, tuple) else (result,)
    if len(parts) < len([n for n in node.outputs if n]):
        what = f"has more outputs than the {len(parts)} that convshape supports"
        raise UnknownOperation(what, layer=node._written, path=node.path)
    values.update((n, part) for n, part in zip(node.outputs, parts, strict=False) if n)


def _value(name: str, values: Values, node: Node | None) -> Any:
    """Return what a name means, which a node needs, or the graph as its output."""
    if name not in values:
        what = f"needs {name!r}, which no earlier node outputs"
        layer, path = (node._written, node.path) if node else ("the graph", None)
        raise SpecError(what, layer=layer, path=path, fix="export the model again")
    return values[name]


def path_of(node: Message) -> str:
    """Return the name of a node as a path: torch's exporters write the modules that it was in.

    ``/layer1/layer1.0/conv1/Conv`` is ``layer1.0.conv1.Conv``.
    """
    scopes = next((p.value for p in node.metadata if p.key == "pkg.torch.onnx.name_scopes"), "")
    quoted = re.findall(r"'([^']*)'", scopes)
    if len(quoted) > 1:
        return ".".join(filter(None, (quoted[-2], node.op_type)))
    if not node.name.startswith("/"):
        return str(node.name)
    parts: list[str] = []
    for part in filter(None, node.name.split("/")):
        if parts and part.startswith(f"{parts[-1]}."):
            parts.pop()
        parts.append(part)
    return ".".join(parts)
