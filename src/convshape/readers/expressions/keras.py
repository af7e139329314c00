"""Layers as Keras writes them, in PyTorch syntax."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...python_syntax import expression

_CONV = "filters kernel_size strides padding data_format dilation_rate groups activation use_bias"
_TRANSPOSED = "filters kernel_size strides padding output_padding data_format dilation_rate"
_POOL = "pool_size strides padding data_format"


class _Layer(NamedTuple):
    """A layer of torch's, what comes before its arguments, and Keras's arguments in their order."""

    torch: str
    arguments: Sequence[str]
    #: What it needs as its first argument: the size of what arrives.
    is_open: bool = False
    behind: str = ""


def _of_each_rank() -> dict[str, _Layer]:
    layers = {}
    for n in "123":
        layers[f"Conv{n}D"] = _Layer(f"Conv{n}d", _CONV.split(), True)
        transposed = _Layer(f"ConvTranspose{n}d", _TRANSPOSED.split(), True)
        layers[f"Conv{n}DTranspose"] = transposed
        for kind, torch in (("Max", "Max"), ("Average", "Avg")):
            layers[f"{kind}Pooling{n}D"] = _Layer(f"{torch}Pool{n}d", _POOL.split())
            whole = _Layer(f"Adaptive{torch}Pool{n}d", ["output_size"], behind="Flatten()")
            layers[f"Global{kind}Pooling{n}D"] = whole
        layers[f"ZeroPadding{n}D"] = _Layer(f"ZeroPad{n}d", ["padding"])
        layers[f"SpatialDropout{n}D"] = _Layer(f"Dropout{n}d", ["rate"])
        layers[f"UpSampling{n}D"] = _Layer("Upsample", ["size", "interpolation"])
    layers["UpSampling2D"] = _Layer("Upsample", ["size", "data_format", "interpolation"])
    return layers


LAYERS: dict[str, _Layer] = {
    **_of_each_rank(),
    "Dense": _Layer("Linear", ["units", "activation", "use_bias"], True),
    "Embedding": _Layer("Embedding", ["input_dim", "output_dim"]),
    "Flatten": _Layer("Flatten", []),
    "Dropout": _Layer("Dropout", ["rate"]),
    "BatchNormalization": _Layer("BatchNorm2d", [], True),
    "LeakyReLU": _Layer("LeakyReLU", ["negative_slope"]),
    "Activation": _Layer("", ["activation"]),
}
#: The layers of torch's that may be written with Keras's arguments.
_TORCH = {layer.torch: name for name, layer in LAYERS.items() if layer.torch}
#: Arguments that only Keras has: of a layer of torch's, they tell whose order the others have.
ONLY_KERAS = frozenset(
    "filters strides units activation input_shape input_length input_dim pool_size dilation_rate "
    "use_bias rate data_format kernel_initializer bias_initializer kernel_regularizer alpha".split()
)
_RENAMED = {
    "alpha": "negative_slope",
    "out_channels": "filters",
    "out_features": "units",
    "stride": "strides",
    "dilation": "dilation_rate",
    "bias": "use_bias",
}
_INTO_TORCH = {
    "strides": "stride",
    "dilation_rate": "dilation",
    "use_bias": "bias",
    "size": "scale_factor",
    "interpolation": "mode",
}
#: Arguments that torch gives by place.
_BY_PLACE = frozenset(
    "filters units kernel_size pool_size rate padding_sizes negative_slope input_dim output_dim "
    "output_size".split()
)
#: Arguments that do not change a shape.
_DROPPED = frozenset(
    "name dtype trainable data_format input_shape batch_input_shape input_length mask_zero "
    "kernel_initializer bias_initializer kernel_regularizer bias_regularizer momentum epsilon "
    "activity_regularizer kernel_constraint bias_constraint axis center scale".split()
)
_ACTIVATIONS = {
    "relu": "ReLU()", "relu6": "ReLU6()", "sigmoid": "Sigmoid()", "tanh": "Tanh()",
    "softmax": "Softmax(dim=1)", "elu": "ELU()", "selu": "SELU()", "gelu": "GELU()",
    "silu": "SiLU()", "swish": "SiLU()", "mish": "Mish()", "softplus": "Softplus()",
    "leaky_relu": "LeakyReLU(0.2)", "hard_sigmoid": "Hardsigmoid()", "softsign": "Softsign()",
    "linear": "", "None": "",
}  # fmt: skip


def translated(name: str, args: Sequence[str], kwargs: Mapping[str, str]) -> str | None:
    """Return what a call of Keras's is in PyTorch syntax; nothing where it is none, or too much so.

    None of one with a padding that no layer of torch's has.

    Args:
        name: what is called, without what is before it.
        args: the texts of the arguments that are given by place.
        kwargs: those that are given by name.
    """
    only = ONLY_KERAS & kwargs.keys()
    if name in _TORCH and (only or name not in LAYERS):
        if not only:
            return ""
        name, args, kwargs = _with_torchs_order(name, args, kwargs)
    elif name in LAYERS and not only and len(args) > 2 and "filters" in LAYERS[name].arguments:
        return ""  # a slip of the pen: these are torch's arguments
    layer = LAYERS.get(name)
    if layer is None or len(args) > len(layer.arguments):
        return ""
    arguments = dict(zip(layer.arguments, args, strict=False))
    arguments |= {_RENAMED.get(word, word): text for word, text in kwargs.items()}
    channels = (
        arguments.pop("in_channels", "") or arguments.pop("in_features", "") or _channels(arguments)
    )
    arguments = {word: text for word, text in arguments.items() if word not in _DROPPED}
    if name != "Embedding":
        arguments.pop("input_dim", None)
    activation = arguments.pop("activation", "None").strip("'\"")
    if activation not in _ACTIVATIONS or not arguments.keys() <= {*layer.arguments}:
        return ""
    padded = _with_padding(layer, arguments)
    if padded is None:
        return None
    parts = [_call(layer, channels, padded) if layer.torch else "", layer.behind]
    parts = [part for part in (*parts, _ACTIVATIONS[activation]) if part]
    return parts[0] if len(parts) == 1 else f"Sequential({', '.join(parts)})"


def _with_torchs_order(
    name: str, args: Sequence[str], kwargs: Mapping[str, str]
) -> tuple[str, Sequence[str], Mapping[str, str]]:
    """Return a layer of torch's with Keras's arguments as one of Keras's: it may have its input."""
    keras = _TORCH[name]
    needed = {"Linear": {"units"}}.get(name, {"filters", "kernel_size"})
    is_whole = LAYERS[keras].is_open and len(args) + len(needed & kwargs.keys()) > len(needed)
    if is_whole:
        return keras, args[1:], {"in_channels": args[0], **kwargs}
    return keras, args, kwargs


def _channels(arguments: Mapping[str, str]) -> str:
    """Return how many channels or features arrive, which Keras has as the last of the axes."""
    shape = arguments.get("input_shape") or arguments.get("batch_input_shape", "")
    last = shape.strip("()[] ").rstrip(", ").rpartition(",")[2].strip()
    return last or ("" if "output_dim" in arguments else arguments.get("input_dim", ""))


def _call(layer: _Layer, channels: str, arguments: dict[str, str]) -> str:
    if layer.torch.startswith("Adaptive"):
        arguments = {"output_size": "1"}
    elif "Pool" in layer.torch:
        arguments = {"pool_size": "2", **arguments}
    places = [channels or "?"] if layer.is_open else []
    places += [
        arguments[word] for word in layer.arguments if word in arguments and word in _BY_PLACE
    ]
    if layer.torch.startswith("ZeroPad"):
        places, arguments = [_around(arguments.get("padding", "1"), layer.torch)], {}
    words = [word for word in arguments if word not in _BY_PLACE]
    named = [f"{_INTO_TORCH.get(word, word)}={arguments[word]}" for word in words]
    return f"{layer.torch}({', '.join([*places, *named])})"


def _with_padding(layer: _Layer, arguments: dict[str, str]) -> dict[str, str] | None:
    """Return arguments with a padding that torch takes: ``same`` needs a stride of 1.

    None where it has none that gives the same sizes.
    """
    padding = arguments.get("padding", "").strip("'\"").lower()
    if padding == "valid":
        return {word: text for word, text in arguments.items() if word != "padding"}
    if padding != "same":
        return arguments
    is_pool, is_transposed = "Pool" in layer.torch, "Transpose" in layer.torch
    kernels = _sizes(arguments.get("kernel_size") or arguments.get("pool_size") or "2" * is_pool)
    kernel = _common(kernels)
    stride = _common(_sizes(arguments.get("strides", ""))) or (kernel if is_pool else 1)
    dilation = _common(_sizes(arguments.get("dilation_rate", ""))) or 1
    rest = {word: text for word, text in arguments.items() if word != "padding"}
    if stride == 1 and not is_pool and not is_transposed:
        return {**rest, "padding": "'same'"}
    if not kernels or (not kernel and (is_pool or is_transposed)):
        return None
    if is_transposed:
        more = (kernel - stride) % 2 if kernel >= stride else stride - kernel
        if more >= stride:
            return None
        paddings = {"padding": (kernel - stride + more) // 2, "output_padding": more}
        return rest | {word: str(size) for word, size in paddings.items() if size}
    if is_pool and kernel % 2 == 0:
        return {**rest, "ceil_mode": "True"} if kernel == stride else None
    sides = [str(dilation * (k - 1) // 2) for k in kernels]
    return {**rest, "padding": sides[0] if kernel else f"({', '.join(sides)})"}


def _around(padding: str, torch: str) -> str:
    """Return a padding of zeros as torch has it: two numbers for each axis, the last axis first."""
    value = _value(padding)
    if torch == "ZeroPad1d" or not isinstance(value, (tuple, list)):
        return padding
    pairs = (n if isinstance(n, (tuple, list)) else (n, n) for n in reversed(value))
    return f"({', '.join(str(n) for pair in pairs for n in pair)})"


def _sizes(text: str) -> list[int]:
    """Return a size, or one for each axis; nothing for anything else."""
    value = _value(text)
    sizes = value if isinstance(value, (tuple, list)) else [value]
    return [*sizes] if all(type(n) is int for n in sizes) else []


def _common(sizes: Sequence[int]) -> int:
    """Return the size of all axes if they are the same, or else 0."""
    return sizes[0] if len(set(sizes)) == 1 else 0


def _value(text: str) -> Any:
    """Return a number, or numbers in brackets; None for anything else."""
    try:
        return ast.literal_eval(expression(text))
    except (ValueError, SyntaxError):
        return None
