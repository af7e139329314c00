"""Where windows stand: each reads exactly what torch's output element depends on."""

from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from convshape.analysis.sliding import SlidingAxis, sliding
from convshape.errors import ShapeError
from convshape.one_layer import size_of


def axis_of(command: str, size: int, **arguments: int | str | bool | None) -> SlidingAxis:
    texts = {n: str(v) if type(v) is int else v for n, v in arguments.items()}
    answer = size_of(command, str(size), texts)
    return sliding(answer.module, answer.inputs, answer.outputs).axes[0]


def reads(axis: SlidingAxis) -> list[list[int]]:
    """Return the elements of the input that each window reads."""
    return [
        [axis.inputs.index(start + tap) for tap in axis.taps if start + tap in axis.inputs]
        for start in axis.starts
    ]


def depends(layer: torch.nn.Module, size: int) -> list[list[int]]:
    """Return the elements of the input of which each output element of torch's layer is made."""
    eye = torch.eye(size).reshape(size, 1, size)
    with torch.no_grad():
        out = layer(eye) != 0
    return [out[:, 0, i].nonzero().flatten().tolist() for i in range(out.shape[-1])]


sizes = st.integers(1, 12)
small = st.integers(0, 4)


@given(sizes, st.integers(1, 5), st.integers(1, 4), small, st.integers(1, 3))
def test_a_convolution_reads_what_torch_reads(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    assume(size + 2 * padding >= dilation * (kernel - 1) + 1)
    axis = axis_of(
        "conv", size, kernel_size=kernel, stride=stride, padding=padding, dilation=dilation
    )
    layer = torch.nn.Conv1d(1, 1, kernel, stride, padding, dilation, bias=False)
    torch.nn.init.ones_(layer.weight)
    assert reads(axis) == depends(layer, size)
    assert axis.cells == range(-padding, size + padding)


@given(sizes, st.integers(1, 5), st.integers(1, 4), small, small, st.integers(1, 3))
def test_a_transposed_convolution_reads_what_torch_reads(
    size: int, kernel: int, stride: int, padding: int, output_padding: int, dilation: int
) -> None:
    arguments = {
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
    }
    try:
        axis = axis_of("deconv", size, **arguments)
    except ShapeError:
        assume(False)
    layer = torch.nn.ConvTranspose1d(1, 1, bias=False, **arguments)
    torch.nn.init.ones_(layer.weight)
    assert reads(axis) == depends(layer, size)


@given(sizes, st.integers(1, 5), st.integers(1, 4), st.integers(0, 2), st.booleans())
def test_a_pooling_reads_what_torch_reads(
    size: int, kernel: int, stride: int, padding: int, ceil_mode: bool
) -> None:
    assume(padding <= kernel // 2 and size + 2 * padding >= kernel)
    axis = axis_of(
        "pool", size, kernel_size=kernel, stride=stride, padding=padding, ceil_mode=ceil_mode
    )
    layer = torch.nn.MaxPool1d(kernel, stride, padding, ceil_mode=ceil_mode)
    assert reads(axis) == depends(layer, size)
    last = axis.starts[-1] if axis.dropped is None else axis.dropped
    if ceil_mode:  # the windows, that which is dropped among them, cover all
        assert max(axis.extent) >= size + padding - 1 or last + stride > size + padding - 1


@pytest.mark.parametrize(
    ("command", "size", "arguments", "kinds"),
    [
        ("conv", 3, {"kernel_size": 3, "padding": 1}, "piiip"),
        ("conv", 4, {"kernel_size": 4, "padding": "same"}, "piiiipp"),
        ("deconv", 2, {"kernel_size": 3, "stride": 2}, "ppizipp"),
        ("deconv", 3, {"kernel_size": 1, "padding": 1}, "iii"),
        ("deconv", 2, {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, "pizipp"),
    ],
)
def test_what_the_cells_are(
    command: str, size: int, arguments: dict[str, int | str], kinds: str
) -> None:
    words = {"i": "input", "p": "padding", "z": "inserted"}
    assert axis_of(command, size, **arguments).kinds() == [words[each] for each in kinds]


def test_the_window_that_ceil_mode_drops() -> None:
    dropping = axis_of("pool", 5, kernel_size=2, padding=1, ceil_mode=True)
    assert (list(dropping.starts), dropping.dropped) == ([-1, 1, 3], 5)
    assert axis_of("pool", 5, kernel_size=2, ceil_mode=True).dropped is None
