"""The equations of `convshape.sizes` as ``convshape.conv_size`` and so on: what torch refuses is refused.

That is looked at where all arguments are plain numbers. An array of sizes is not looked at, and keeps what
the equation gives: a result below 1 says that the kernel does not fit.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from . import sizes
from .errors import ShapeError

if TYPE_CHECKING:
    from typing import Any

#: The least that torch takes.
LEAST = {
    "size": 1,
    "kernel_size": 1,
    "stride": 1,
    "dilation": 1,
    "padding": 0,
    "output_padding": 0,
}


def _equation(equation: Any, least: dict[str, int] = LEAST, least_result: int = 1) -> Any:
    """Let ``kernel=`` stand for torch's ``kernel_size=``, as ``--k`` does on the command line, and check."""
    names = equation.__code__.co_varnames[: equation.__code__.co_argcount]

    @wraps(equation)
    def call(*args: Any, **kwargs: Any) -> Any:
        if "kernel" in kwargs and "kernel_size" not in kwargs:
            kwargs["kernel_size"] = kwargs.pop("kernel")
        values = dict(zip(names, args, strict=False)) | kwargs
        if not all(isinstance(each, (int, float, type(None))) for each in values.values()):
            return equation(*args, **kwargs)
        _check(equation.__name__, values, least)
        result = equation(*args, **kwargs)
        if isinstance(result, int) and result < least_result:
            listed = ", ".join(f"{name}={value}" for name, value in values.items())
            raise ShapeError(
                f"{equation.__name__}: nothing comes out of {listed}: the size would be {result}"
            )
        return result

    return call


def _check(equation: str, values: dict[str, Any], least: dict[str, int]) -> None:
    """Refuse the arguments that torch refuses, whatever would come out."""
    for name, low in least.items():
        if values.get(name) is not None and values[name] < low:
            raise ShapeError(f"{equation}: {name} is {values[name]}, and must be at least {low}")
    padding, half = values.get("padding", 0), sizes.most_pool_padding(values.get("kernel_size", 0))
    if equation == "pool_size" and padding > half:
        raise ShapeError(
            f"{equation}: padding is {padding}, more than half of the kernel", fix=f"padding={half}"
        )
    if values.get("output_padding") and values["output_padding"] > sizes.most_output_padding(
        values.get("stride", 1), values.get("dilation", 1)
    ):
        raise ShapeError(
            f"{equation}: output_padding must be smaller than the stride or the dilation"
        )


conv_size = _equation(sizes.conv_size)
conv_transpose_size = _equation(sizes.conv_transpose_size)
effective_kernel = _equation(sizes.effective_kernel)
pool_size = _equation(sizes.pool_size)
same_padding = _equation(sizes.same_padding)
unfold_blocks = _equation(sizes.unfold_blocks)
#: Of its window torch checks nothing, and nothing may come out.
unpool_size = _equation(sizes.unpool_size, {"size": 1}, 0)
upsample_size = _equation(sizes.upsample_size)
