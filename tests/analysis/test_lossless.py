"""At lossless sizes no layer of a trace leaves out the last elements, at others one does."""

from __future__ import annotations

import fit_networks
import pytest
from terminal import ROOT

import convshape as cs
from convshape.analysis.unused import windows_in
from convshape.sizes import effective_kernel


def uses_all(trace: cs.Trace) -> bool:
    """Return whether all layers whose windows overlap or touch use the last elements."""
    for row in trace.rows:
        axes = zip(row.unused or (), windows_in(trace.record, row), strict=False)
        for left, (_, _, window) in axes:
            touches = window.stride <= effective_kernel(window.kernel_size, window.dilation)
            if touches and left.last:
                return False
    return True


@pytest.mark.parametrize(
    ("target", "channels", "limit"),
    [
        (f"{fit_networks.__file__}:LeNet()", 1, 40),
        (f"{fit_networks.__file__}:ResNet18()", 3, 40),
        (f"{fit_networks.__file__}:UNet(padding=0, depth=2)", 1, 60),
        (f"{fit_networks.__file__}:SegNet()", 3, 40),
        (str(ROOT / "examples" / "vgg16.yaml"), 3, 260),
        (str(ROOT / "examples" / "alexnet.yaml"), 3, 260),
    ],
)
def test_no_layer_leaves_out_the_last_elements(target: str, channels: int, limit: int) -> None:
    found = cs.fit(target, input=f"{channels}xHxW", max=limit)
    assert found.lossless is not None
    least = found.smallest
    assert least is not None
    for n in range(least["H"], limit + 1, max(1, limit // 40)):
        sizes = {"H": n, "W": least["W"]}
        if sizes in found:
            trace = cs.trace(target, input=f"{channels}x{n}x{least['W']}")
            assert (sizes in found.lossless) is uses_all(trace), sizes
