"""Compute tensor shapes for PyTorch networks, without PyTorch.

    import convshape as cs
    cs.conv_size(32, kernel_size=5)
    cs.trace("lenet.yaml")
    cs.trace(cs.nn.Conv2d(3, 6, 5), (3, 32, 32))

Nothing is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors as _errors

__version__ = "0.2.0"

if TYPE_CHECKING:
    from .annotating import Annotated, annotate
    from .api import trace
    from .checking import check, diff
    from .errors import ShapeError, SpecError, UnknownOperation
    from .fitting import Fit, fit
    from .reference import Explanation, Term, explain
    from .result import Trace
    from .shapetorch import Tensor, nn
    from .sizes import (
        conv_size,
        conv_transpose_size,
        effective_kernel,
        pool_size,
        same_padding,
        unfold_blocks,
        unpool_size,
        upsample_size,
    )
    from .sizes import conv_transpose_size as deconv_size
    from .solving.python import solve_conv, solve_conv_transpose, solve_pool
    from .symbolic.dim import Dim

__all__ = [
    "Annotated",
    "Dim",
    "Explanation",
    "Fit",
    "ShapeError",
    "SpecError",
    "Tensor",
    "Term",
    "Trace",
    "UnknownOperation",
    "annotate",
    "check",
    "conv_size",
    "conv_transpose_size",
    "deconv_size",
    "diff",
    "effective_kernel",
    "explain",
    "fit",
    "nn",
    "pool_size",
    "same_padding",
    "solve_conv",
    "solve_conv_transpose",
    "solve_pool",
    "trace",
    "unfold_blocks",
    "unpool_size",
    "upsample_size",
]

_HOMES = {
    "Dim": "symbolic.dim",
    **dict.fromkeys(("Fit", "fit"), "fitting"),
    "trace": "api",
    **dict.fromkeys(("check", "diff"), "checking"),
    "Trace": "result",
    **dict.fromkeys(("Annotated", "annotate"), "annotating"),
    **dict.fromkeys(("Explanation", "Term", "explain"), "reference"),
    **dict.fromkeys(("ShapeError", "SpecError", "UnknownOperation"), "errors"),
    **dict.fromkeys(("Tensor", "nn"), "shapetorch"),
    **dict.fromkeys(("solve_conv", "solve_conv_transpose", "solve_pool"), "solving.python"),
}


def _in_notebooks(error: _errors.Error) -> list[str]:
    from .render.notebook import lines

    return lines(error)


_errors.in_notebooks = _in_notebooks


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES.get(name, 'equations')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
