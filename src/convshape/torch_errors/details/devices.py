"""Of devices and dtypes: what torch calls a tensor in a message, and where and what it is."""

from __future__ import annotations

import re

from .common import Fields

#: How the dtypes have been called, from the C++ names to those of old tensors.
_DTYPES = {
    **dict.fromkeys(("float", "float32"), "float32"),
    **dict.fromkeys(("double", "float64"), "float64"),
    **dict.fromkeys(("half", "float16"), "float16"),
    **dict.fromkeys(("unsigned char", "byte", "uint8"), "uint8"),
    **dict.fromkeys(("signed char", "char"), "int8"),
    **dict.fromkeys(("int", "int32"), "int32"),
    **dict.fromkeys(("long", "long int", "long long", "int64"), "int64"),
    "bfloat16": "bfloat16",
    "short": "int16",
    "bool": "bool",
}
#: What is on which side, by the name of the argument in the message.
_WEIGHTS = ("weight", "bias", "mat2", "other", "running_mean", "hx")


def dtype(text: str) -> str:
    """Return the dtype of a name: ``torch.cuda.HalfTensor`` and ``c10::Half`` are float16."""
    word = re.sub(
        r"(?:c10::|torch\.|struct |Variable\[|CPU|CUDA|cuda\.|mps\.|Tensor|Type|\])", "", text
    )
    return _DTYPES.get(word.strip().lower(), "")


def place(text: str) -> str:
    """Return where a tensor is, ``CPU`` or ``GPU``, or nothing where its name does not say it."""
    if re.search(r"cuda|gpu|mps|xpu|hip", text, re.IGNORECASE):
        return "GPU"
    return "CPU" if re.search(r"cpu|Tensor$|Type$|Tensor\]", text, re.IGNORECASE) else ""


def two_places(fields: Fields) -> Fields:
    """Of an input and weights on two devices."""
    input, weights = place(fields["given"]), place(fields["weights"])
    if not input or not weights or input == weights:
        raise ValueError("they differ in dtype alone")
    return _moves(input == "CPU") | {"where": input, "others": weights}


def one_place(fields: Fields) -> Fields:
    """Of an argument that is elsewhere than expected."""
    input, wanted = place(fields["given"]), place(fields["wanted"])
    if not input or not wanted or input == wanted:
        raise ValueError("they differ in dtype alone")
    argument = str(fields.get("argument") or "")
    weights = argument in _WEIGHTS
    moves = _moves((input == "CPU") != weights) if argument else _moves(None)
    return moves | {"where": input, "others": wanted or ("GPU" if input == "CPU" else "CPU")}


def unknown_place(fields: Fields) -> Fields:
    """Of two devices, where the message does not say what is where."""
    return _moves(None) | _method(fields)


def _moves(input_on_cpu: bool | None) -> Fields:
    return {
        "input_first": input_on_cpu is not False,
        "model_first": input_on_cpu is False,
        "model_last": input_on_cpu is not False,
        "input_last": input_on_cpu is False,
    }


_METHODS = {
    r"addmm|_mm$|addmv|linear": "a Linear, or a product of matrices",
    r"bmm": "a product of matrices",
    r"conv": "a convolution",
    r"embedding|index_select": "an Embedding, or an index",
    r"cat$|stack": "cat or stack",
    r"nll_loss|cross_entropy|binary_cross": "a loss",
    r"layer_norm|batch_norm|group_norm": "a normalisation",
    r"rnn|lstm|gru": "a recurrent layer",
}


def _method(fields: Fields) -> Fields:
    method = str(fields.get("method") or "")
    layer = next((name for form, name in _METHODS.items() if re.search(form, method)), "")
    return {"called": layer or "an operation on two tensors"}


def two_dtypes(fields: Fields) -> Fields:
    """Of two dtypes that meet, by torch's names of them."""
    input, weights = dtype(fields["given"]), dtype(fields["weights"])
    pair = {input, weights}
    wide = pair == {"float32", "float64"}
    low = bool(pair & {"float16", "bfloat16"})
    return {
        "given_is": input or fields["given"],
        "weights_are": weights or fields["weights"],
        "image": input == "uint8",
        "wide": wide,
        "low": low,
    }


def no_kernel(fields: Fields) -> Fields:
    """Of an operation that is not made for integers."""
    operation = fields["operation"].rpartition(" ")[2].strip("\"'")
    input = dtype(fields["given"]) or fields["given"]
    loss = "nll" in operation or "cross_entropy" in operation
    return {
        "given_is": input,
        "short": operation,
        "target": loss,
        "swapped": "softmax" in operation and input == "int64",
        "plain": not loss,
    }


def no_half(fields: Fields) -> Fields:
    """Of an operation that the CPU has not for numbers of half precision."""
    values = no_kernel(fields)
    if values["given_is"] not in ("float16", "bfloat16"):
        raise ValueError("no half precision")
    return values


def cublas(fields: Fields) -> Fields:
    """Of an error of a library of the GPU, which shows its cause only by its name."""
    status = fields["status"]
    return {
        "memory": "ALLOC" in status or "NOT_INITIALIZED" in status or "INTERNAL" in status,
        "shape": "INVALID_VALUE" in status or "BAD_PARAM" in status or "EXECUTION" in status,
    }
