"""The equations of `convshape.sizes` for users, with torch's refusals: ``convshape.conv_size``, ...

This is checked where all arguments are plain numbers. An array of sizes is not checked and keeps
the equation's results: one below 1 means that the kernel does not fit.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from . import sizes
from .errors import ShapeError

#: The least that torch takes.
LEAST = {"size": 1, "kernel_size": 1, "stride": 1, "dilation": 1, "padding": 0, "output_padding": 0}


def _equation(equation: Any, least: dict[str, int] = LEAST, least_result: int = 1) -> Any:
    """Return an equation for users, who may write ``kernel=`` and give a tuple a size per axis."""
    names = equation.__code__.co_varnames[: equation.__code__.co_argcount]

    def of_axis(values: dict[str, Any]) -> Any:
        padding = values.get("padding")
        if isinstance(padding, str):
            return _of_named_padding(call, padding, values)
        if not all(isinstance(value, (int, float, type(None))) for value in values.values()):
            return equation(**values)
        _check(equation.__name__, values, least)
        result = equation(**values)
        if isinstance(result, int) and result < least_result:
            listed = ", ".join(f"{name}={value}" for name, value in values.items())
            raise ShapeError(
                f"{equation.__name__}: {listed} gives an empty output: the size would be {result}"
            )
        return result

    @wraps(equation)
    def call(*args: Any, **kwargs: Any) -> Any:
        if "kernel" in kwargs and "kernel_size" not in kwargs:
            kwargs["kernel_size"] = kwargs.pop("kernel")
        if len(args) > len(names) or kwargs.keys() - set(names):
            return equation(*args, **kwargs)  # which refuses them
        values = dict(zip(names, args, strict=False)) | kwargs
        axes = {len(value) for value in values.values() if isinstance(value, (tuple, list))}
        if not axes:
            return of_axis(values)
        if len(axes) > 1:
            counts = " and ".join(map(str, sorted(axes)))
            raise ShapeError(f"{equation.__name__}: the arguments have {counts} axes")
        return tuple(
            of_axis({n: v[i] if isinstance(v, (tuple, list)) else v for n, v in values.items()})
            for i in range(axes.pop())
        )

    return call


def _of_named_padding(equation: Any, padding: str, values: dict[str, Any]) -> Any:
    """Return the size for ``padding='same'`` or ``'valid'``, which only a convolution has."""
    name = equation.__name__
    if name != "conv_size" or padding not in ("same", "valid"):
        raise ShapeError(f"{name}: padding is {padding!r}", fix="a number")
    if padding == "same" and values.get("stride", 1) != 1:
        raise ShapeError(f"{name}: padding='same' keeps the size only at stride 1")
    if padding == "valid":
        return equation(**values | {"padding": 0})
    _check(name, values | {"padding": 0}, LEAST)
    return values["size"]


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
#: By the command's name.
deconv_size = conv_transpose_size
effective_kernel = _equation(sizes.effective_kernel)
pool_size = _equation(sizes.pool_size)
same_padding = _equation(sizes.same_padding)
unfold_blocks = _equation(sizes.unfold_blocks)
#: Of its window torch checks nothing, and nothing may come out.
unpool_size = _equation(sizes.unpool_size, {"size": 1}, 0)
upsample_size = _equation(sizes.upsample_size)
