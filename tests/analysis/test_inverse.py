"""The equations the other way round: intervals that hold all candidates, and hardly any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import pytest

from convshape.analysis.inverse import Arguments, Axis, Conv, ConvTranspose, Pool
from convshape.analysis.values import Values

#: A layer, and its values of `Arguments.extra`.
LAYERS = {
    "conv": (Conv(), [0]),
    "floor pool": (Pool(), [0]),
    "ceil pool": (Pool(), [1]),
    "deconv": (ConvTranspose(), [0, 1, 2]),
}
#: No size beyond this gives one of those wanted.
END = 40


def windows(name: str) -> Iterator[tuple[Conv, Arguments, range]]:
    """Yield small windows, and sizes that are wanted of them."""
    layer, extras = LAYERS[name]
    for kernel, stride, padding, dilation, extra in product(
        (1, 2, 3, 5), (1, 2, 3), (0, 1, 2), (1, 2), extras
    ):
        legal = padding <= layer.most_padding(kernel) and extra <= layer.most_extra(
            stride, dilation
        )
        for out in (range(1, 2), range(2, 5)) if legal else ():
            yield layer, Arguments(kernel, stride, padding, dilation, extra), out


def slack(interval: tuple[int, int], candidates: list[int]) -> tuple[int, int]:
    """Return how many numbers an interval has below and above all candidates."""
    return candidates[0] - interval[0], interval[1] - candidates[-1]


def slacks_of_inputs(name: str) -> Iterator[tuple[int, int]]:
    for layer, a, out in windows(name):
        sizes = [n for n in range(1, END) if layer.out(n, a) in out]
        if sizes and sizes[0] > 1:  # an interval may begin below 1
            yield slack(layer.inputs(out, a), sizes)


def slacks_of_paddings(name: str) -> Iterator[tuple[int, int]]:
    for layer, a, out in windows(name):
        legal = range(min(layer.most_padding(a.kernel_size), END) + 1)
        for size in range(1, 12):
            giving = [p for p in legal if layer.out(size, a._replace(padding=p)) in out]
            if giving and giving[0] > 0 and giving[-1] < legal[-1]:
                yield slack(layer.paddings(size, out, a), giving)


@pytest.mark.parametrize("slacks", [slacks_of_inputs, slacks_of_paddings])
@pytest.mark.parametrize(
    ("name", "most"),
    [("conv", (0, 0)), ("floor pool", (0, 0)), ("ceil pool", (2, 2)), ("deconv", (1, 0))],
)
def test_an_interval_holds_all_candidates_and_hardly_any_other(
    slacks: Callable[[str], Iterator[tuple[int, int]]], name: str, most: tuple[int, int]
) -> None:
    below, above = zip(*slacks(name), strict=True)
    assert (min(below), min(above)) == (0, 0)
    assert max(below) <= most[0]
    assert max(above) <= most[1]


@pytest.mark.parametrize(
    ("name", "most_padding", "most_extra"),
    [("conv", 2**60, 0), ("floor pool", 2, 1), ("deconv", 2**60, 3)],
)
def test_what_a_layer_takes(name: str, most_padding: int, most_extra: int) -> None:
    layer, _ = LAYERS[name]
    assert (layer.most_padding(5), layer.most_extra(2, 4)) == (most_padding, most_extra)


@pytest.mark.parametrize(
    ("name", "inputs", "most_kernel"),
    [("conv", 10, 16), ("floor pool", 10, 16), ("ceil pool", 10, 2**60), ("deconv", 10, 2**60)],
)
def test_the_largest_kernel(name: str, inputs: int, most_kernel: int) -> None:
    layer, (*_, extra) = LAYERS[name]
    one = Values(range(1, 2))
    axis = Axis(Values(range(2, inputs + 1)), one, one, one, Values(range(4)), one, one)
    axis = axis._replace(extra=Values(range(extra + 1)))
    assert layer.largest_kernel(axis) == most_kernel
    assert layer.largest_kernel(axis._replace(inputs=None)) == 2**60
