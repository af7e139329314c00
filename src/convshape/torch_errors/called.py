"""Which layer a line of the user's own calls, by its name."""

from __future__ import annotations

import ast
import re

from ..python_syntax import expression

_CALLED = re.compile(r"(?<![\w.])(self(?:\.\w+|\[\w+\])+|[A-Za-z_]\w*)\(")
#: What people call the layers of a file of torch's.
_USUAL = {
    "conv.py": "conv|stem|down|up",
    "linear.py": "fc|lin|dense|head|classif|proj|out|mlp",
    "batchnorm.py": "bn|norm",
    "instancenorm.py": "in|norm",
    "normalization.py": "ln|gn|norm",
    "pooling.py": "pool",
    "rnn.py": "rnn|lstm|gru|enc|dec",
    "sparse.py": "emb",
    "activation.py": "attn|att|mha|relu|prelu",
}


def called(line: str, part: str) -> str:
    """Return the one layer that is called in `part` of a line, or nothing."""
    if part.strip() != line:
        return _outermost(part.strip(), line)
    layers = [name for name in _CALLED.findall(part) if name.startswith("self.")]
    return str(layers[0]) if len(layers) == 1 else ""


def _outermost(part: str, line: str) -> str:
    """Return what the marked part of a line calls; its arguments have been evaluated by then."""
    if part and f"{part}(" in line:
        return part  # TorchScript marks the name alone
    try:
        call = expression(part)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
    return name if _CALLED.fullmatch(f"{name}(") else ""


def usual(part: str, library: str) -> str:
    """Return the one layer in a line whose name goes with torch's file that refused, or nothing."""
    words = _USUAL.get(library)
    if not words:
        return ""
    names = [n for n in _CALLED.findall(part) if n.startswith("self.")]
    like = [n for n in names if re.search(rf"(?:{words})", n.rpartition(".")[2], re.IGNORECASE)]
    return str(like[0]) if len(like) == 1 else ""
