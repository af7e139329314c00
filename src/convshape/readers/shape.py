"""Shapes as people write them: ``3x32x32``, ``3×32×32``, ``3,32,32``."""

from __future__ import annotations

import re

from ..errors import Error, SpecError
from ..shapetorch import dtypes
from ..shapetorch.arguments import INT64_END
from ..shapetorch.tensor import Tensor

_EXAMPLE = "3x32x32, or 3xHxW with capital letters for sizes"
_CLOSING = {"(": ")", "[": "]"}
#: Words in a shape that are neither sizes nor a batch.
_WORDS = r"(?!torch|Size|shape|None|batch|x|X|N|B)(?<![\w.])[A-Za-z]\w*|\dx[A-Za-z]"
_SYMBOL = r"(?!None\b|True\b|False\b)([A-Z]\w*)\s*(?:=\s*(\d{1,9}))?"
_SIZE = r"([+-]?\d+|[A-WYZ]\w*(?:=\d+)?)"


def sizes(text: str, *, what: str, example: str, symbols: bool = False) -> tuple[int, ...]:
    """Read one or more whole numbers.

    Args:
        text: the numbers, with x, × or a comma between them.
        what: what is read, for the error.
        example: how it should look, for the error.
        symbols: whether letters may mean sizes.

    Raises:
        SpecError: something else is there.
    """
    read = _symbol_or_size if symbols else _size
    return tuple(read(part, text, what, example) for part in _parts(text))


def sample(text: str, batch: int = 1) -> Tensor:
    """Read the shape of one sample and add the batch axis: in front, or where an N is.

    A dtype other than float32 comes before it: ``int64:77``. After an ``@`` comes the whole shape,
    to which no batch axis is added: ``bool:@7x7``; ``()`` is a tensor without axes. After a dtype,
    numbers in square brackets are the values: ``int64:[30, 28]``, two of them.

    Raises:
        SpecError: something else is there, or a size is negative.
        ShapeError: torch could not count its bytes in 64 bits.
    """
    kind, colon, rest = text.rpartition(":")
    dtype = getattr(dtypes, kind.strip().removeprefix("torch."), None) if colon else dtypes.float32
    if not isinstance(dtype, dtypes.dtype):
        raise SpecError(
            f"cannot read the shape {text[:60]!r}: unknown dtype {kind[:40]!r}", fix="int64:77"
        )
    rest = rest.strip()
    if colon and rest.startswith("["):
        return _values(rest, dtype, text)
    whole = rest.startswith("@")
    if rest.lstrip("@").replace(" ", "") == "()":
        return Tensor((), dtype)
    parts = _parts(rest[whole:])
    if "N" not in parts and not whole:
        parts = ["N", *parts]
    if parts.count("N") > 1:
        raise SpecError(f"the shape {text!r} names the batch axis N twice")
    if batch < 0:
        raise SpecError(f"a batch of {batch} has a negative size")
    shape = tuple(
        batch if part == "N" else _symbol_or_size(part, text, "shape", _EXAMPLE) for part in parts
    )
    if any(n < 0 for n in shape):
        fix = "N for the batch axis, or leave it out"
        raise SpecError(f"the shape {text!r} has a negative size", fix=fix)
    return Tensor(shape, dtype)


def _symbol_or_size(part: str, text: str, what: str, example: str) -> int:
    """Read a size, or a symbol, perhaps with the value that it has: ``H``, ``H=224``."""
    symbol = None if part.isdigit() else re.fullmatch(_SYMBOL, part, re.ASCII)
    if symbol is None:
        return _size(part, text, what, example)
    from ..symbolic.dim import Dim

    try:
        return Dim(symbol[1], int(symbol[2]) if symbol[2] else None)
    except ValueError as error:
        raise SpecError(f"cannot read the {what} {text[:60]!r}: {error}") from None


def plain_sizes(text: str) -> str:
    """Return the shape of one sample that a text means, ``3x32x32``, or nothing.

    What means the batch is left out, and channels that come last come first: nobody has an
    image of one, three or four columns.
    """
    sizes = re.findall(r"-?\d+|\bNone\b|\b[NB]\b|\b(?:batch|batch_size)\b", text)
    if (sizes and not sizes[0].isdigit()) or (len(sizes) == 4 and sizes[0] == "1"):
        del sizes[0]
    if not sizes or not all(size.isdigit() for size in sizes):
        return ""
    if len(sizes) == 3 and sizes[-1] in ("1", "3", "4") and int(sizes[0]) > 4:
        sizes = [sizes[-1], *sizes[:-1]]
    return "x".join(sizes)


def lists_sizes(text: str) -> bool:
    """Return whether brackets hold the sizes of one shape: ``(3, 32, 32)``, ``[N, 5]``, ``()``."""
    inner = text[1:-1].strip()
    if text[-1:] != _CLOSING[text[0]] or (text[0] == "[" and not inner):
        return False
    separators = ("x", "×", r"\*", ",") if text[0] == "(" else (",",)
    alike = (rf"({_SIZE}\s*{separator}\s*)*{_SIZE}" for separator in separators)
    return not inner or any(re.fullmatch(pattern, inner) for pattern in alike)


def _values(text: str, dtype: dtypes.dtype, whole: str) -> Tensor:
    """Return the tensor of these values, as ``torch.tensor`` makes it."""
    from ast import literal_eval

    from ..python_syntax import expression
    from ..shapetorch.ops.spaces import FUNCTIONS

    try:
        tensor: Tensor = FUNCTIONS["tensor"](literal_eval(expression(text)), dtype=dtype)
    except (Error, SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        what = f"cannot read the values of {whole[:60]!r}"
        raise SpecError(what, fix="int64:[30, 28], or a shape: int64:2") from None
    return tensor


def _parts(text: str) -> list[str]:
    text = text.strip()
    if text[:1] in _CLOSING and text[-1:] == _CLOSING[text[0]]:
        text = text[1:-1]
    if "," in text and re.search(r"\d\s*[×Xx*]", text):
        fix = "x".join(re.split(r"[\s×Xx*,]+", text))
        what = f"{text[:60]!r} has commas as well as x between its sizes"
        raise SpecError(what, fix=f"{fix}; of several inputs, each has a shape of its own")
    for separator in "×X*,":
        text = text.replace(separator, "x")
    return [part.strip() for part in text.split("x")]


def _size(part: str, text: str, what: str, example: str) -> int:
    digits = part[1:] if part.startswith(("+", "-")) else part
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 30):
        missing = "a size is missing" if not part else f"{part[:40]!r} is not a whole number"
        known = plain_sizes(text) if what == "shape" and re.search(_WORDS, text) is None else ""
        raise SpecError(
            f"cannot read the {what} {text[:60]!r}: {missing}",
            fix="3xHxW, with a letter for any size"
            if part == "?"
            else f"write it as {known or example}",
        )
    value = int(part)
    if abs(value) >= INT64_END:
        raise SpecError(f"the {what} {text[:60]!r} is larger than torch can count in 64 bits")
    return value
