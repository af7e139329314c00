"""`convshape draw FILE --field LAYER`: what one element of a layer sees, on the input."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from figures import labels_overlap, named, words
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal import LENET, ROOT, run

import convshape as cs
from convshape import nn
from convshape.pictures import field_picture


def drawn(folder: Path, *arguments: str, status: int = 0) -> ElementTree.Element:
    file = folder / "field.svg"
    code, out, err = run("draw", *arguments, "-o", str(file))
    assert (code, out) == (status, ""), err
    picture = ElementTree.parse(file).getroot()
    assert not labels_overlap(picture)
    return picture


def area(picture: ElementTree.Element, kind: str) -> tuple[str, str]:
    (rectangle,) = named(picture, kind)
    return rectangle.get("data-from", ""), rectangle.get("data-to", "")


def test_the_field_and_the_padding(tmp_path: Path) -> None:
    picture = drawn(tmp_path, str(ROOT / "examples" / "resnet18.yaml"), "--field", "maxpool")
    assert area(picture, "input") == ("0,0", "223,223")
    assert area(picture, "corner") == ("-5,-5", "5,5")
    assert area(picture, "window") == ("107,107", "117,117")
    assert area(picture, "padding") == ("-5,-5", "225,225")
    assert "H: 107 to 117 (11); all elements: −5 to 225 (231), 7 of them padding" in words(picture)


def test_it_is_drawn_to_scale(tmp_path: Path) -> None:
    picture = drawn(tmp_path, LENET, "--field", "pool2")
    (whole,), (window,) = named(picture, "input"), named(picture, "window")
    assert float(window.get("width", "")) / float(whole.get("width", "")) == pytest.approx(16 / 32)
    assert float(window.get("x", "")) > float(whole.get("x", ""))


def test_a_layer_that_sees_everything(tmp_path: Path) -> None:
    picture = drawn(tmp_path, LENET, "--field", "fc1")
    assert area(picture, "window") == area(picture, "input") == ("0,0", "31,31")
    assert not named(picture, "corner")
    assert any(each.startswith("Every element of 1×120") for each in words(picture))


def test_one_axis_and_three(tmp_path: Path) -> None:
    audio = drawn(tmp_path, str(ROOT / "examples" / "conv1d_audio.yaml"), "--field", "conv1")
    assert area(audio, "corner") == ("0", "79")
    video = drawn(tmp_path, str(ROOT / "examples" / "c3d.yaml"), "--field", "conv3a")
    assert any(each.startswith("D: ") for each in words(video))


def test_a_network_that_stops_later(tmp_path: Path) -> None:
    picture = drawn(tmp_path, LENET, "--in", "3x36x36", "--field", "pool2", status=1)
    assert area(picture, "input") == ("0,0", "35,35")


@pytest.mark.parametrize(
    ("arguments", "message", "fix"),
    [
        (["--field", "pol2", "-o", "f.svg"], "no layer 'pol2'", "did you mean pool2?"),
        (["--field", "zzz", "-o", "f.svg"], "no layer 'zzz'", "conv1, relu1"),
        (["--field", "pool2", "-o", "f.dot"], "--field is not for .dot", "-o f.svg"),
        (["--field", "pool2", "--style", "graph", "-o", "f.svg"], "neither --style", "leave them"),
        (["--field", "pool2"], "drawn to a file", "-o lenet.svg"),
    ],
)
def test_what_is_wrong_is_said_with_its_fix(arguments: list[str], message: str, fix: str) -> None:
    code, out, err = run("draw", LENET, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert fix in err


@pytest.mark.parametrize(
    ("layers", "options", "message"),
    [
        ("b: fft.fft2(a)", [], "error: the receptive field of b is not known\n"),
        ("b: a.size(2)\n  c: a.flip(2)", [], "error: no layer 'b' with an output\n"),
        ("b: a", ["--batch", "0"], "error: the receptive field of a is not known\n"),
    ],
)
def test_a_field_that_is_not_known(
    layers: str, options: list[str], message: str, tmp_path: Path
) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(f"input: 4x8x8\nlayers:\n  a: Conv2d(4, 4, 3)\n  {layers}\n")
    layer = "a" if options else "b"
    code, out, err = run("draw", str(file), "--field", layer, *options, "-o", f"{tmp_path}/f.svg")
    assert (code, out) == (2, "")
    assert err.startswith(message)


def test_a_layer_that_returns_no_tensor_has_no_field() -> None:
    class Size(nn.Module):
        def forward(self, x: cs.Tensor) -> int:
            return x.size(2)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.size = Size()

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return x[: self.size(x)]

    with pytest.raises(cs.SpecError, match="the receptive field of size is not known"):
        field_picture(cs.trace(Net(), (3, 8, 8)), "size")


layer = st.tuples(
    st.sampled_from(["Conv1d", "ConvTranspose1d"]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2),
)


@settings(max_examples=60)
@given(st.lists(layer, min_size=1, max_size=3), st.integers(8, 20), st.sampled_from([0, 0.5, 1]))
def test_an_element_sees_what_its_gradient_reaches(
    layers: list[tuple[str, int, int, int]], size: int, share: float
) -> None:
    arguments = [
        (name, (1, 1, kernel, stride, padding)) for name, kernel, stride, padding in layers
    ]
    trace = cs.trace(
        nn.Sequential(*(getattr(nn, name)(*args) for name, args in arguments)), (1, size)
    )
    if trace.error is not None:
        return
    seen = trace.analysis.seen_by(trace.record.begun()[-1])
    if seen is None:
        return
    net = torch.nn.Sequential(*(getattr(torch.nn, name)(*args) for name, args in arguments))
    for parameter in net.parameters():
        torch.nn.init.ones_(parameter)
    x = torch.ones(1, 1, size, requires_grad=True)
    out = net(x)
    (place,) = seen.place(share)
    out[0, 0, place].backward()
    reached = x.grad[0, 0].nonzero().flatten().tolist()  # type: ignore[index]
    (ends,) = seen.at(share)
    inside = [i for i in range(size) if ends and ends[0] <= i <= ends[1]]
    assert set(reached) <= set(inside)
    if all(name == "Conv1d" and not padding for name, _, _, padding in layers):
        assert (reached[0], reached[-1]) == ends
