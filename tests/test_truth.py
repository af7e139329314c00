"""More facts about the examples than shapes, against torch: MACs and receptive fields."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torch_networks import TORCH

import convshape as cs
from convshape.readers.network_file.reader import read
from convshape.verify.generators.data import flat

FILES = sorted((Path(__file__).parent.parent / "examples").glob("*.yaml"))
#: The counter sees no multiplications in torch's fused kernel for LSTM.
FUSED = {"lstm_classifier"}
#: Images are this wide where the network lets one choose: what is seen along H is the same, and
#: sooner measured.
NARROW = 33


def in_torch(path: Path, *options: Any) -> Any:
    """Return the network of a file, made of torch's layers."""
    return read(path.read_text(encoding="utf-8"), path.name, vocabulary=TORCH).module.eval()


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.stem not in FUSED], ids=lambda path: path.stem
)
def test_multiply_accumulates(path: Path) -> None:
    result = cs.trace(path, batch=2)
    counter = FlopCounterMode(display=False)
    with torch.device("meta"), counter, torch.no_grad():
        kinds = [
            torch.int64 if len(shape) < 3 and "lstm" in path.stem else torch.float32
            for shape in result.inputs
        ]
        in_torch(path)(
            *(
                torch.empty(shape, dtype=kind)
                for shape, kind in zip(result.inputs, kinds, strict=True)
            )
        )
    assert result.macs == counter.get_total_flops() / 2


def spread_of(network: Any, shape: tuple[int, ...], row: int) -> dict[str, torch.Tensor]:
    """Return the output rows of each module that change with one row of the input.

    Not a number stays one through every operation, so that what it reaches is what sees it.
    """
    seen: dict[str, torch.Tensor] = {}

    def keep(path: str) -> Callable[..., None]:
        def hook(module: Any, args: Any, output: Any) -> None:
            (first, *_) = flat(output)
            if isinstance(first, torch.Tensor) and first.ndim > 2 and path not in seen:
                seen[path] = first.isnan().transpose(0, 2).flatten(1).any(1)

        return hook

    hooks = [
        each.register_forward_hook(keep(path)) for path, each in network.named_modules() if path
    ]
    image = torch.ones(shape)
    image[:, :, row] = float("nan")
    with torch.no_grad(), suppress(RuntimeError), warnings.catch_warnings():
        # A convolution by other means would mix what it does not join.
        warnings.simplefilter("ignore")  # mkldnn's, about graphics cards that it could use
        with torch.backends.mkldnn.flags(enabled=False):
            network(image)  # up to a classifier that wants the whole width
    for hook in hooks:
        hook.remove()
    return seen


IMAGES = (
    "alexnet conv1d_audio densenet121 fcn8s googlenet mobilenetv2 resnet18 resnet50 "
    "squeezenet unet vgg16 wavenet"
)


@pytest.mark.parametrize("name", IMAGES.split())
def test_receptive_fields(name: str) -> None:
    path = next(p for p in FILES if p.stem == name)
    _, channels, height, *width = cs.trace(path).inputs[0]
    sample = "x".join(map(str, (channels, height, *(min(n, NARROW) for n in width))))
    sample = {"unet": "1x220x188", "fcn8s": "3x300x8"}.get(name, sample)
    trace = cs.trace(path, input=sample)
    network = in_torch(path)
    compared = 0
    for pixel in (0, trace.inputs[0][2] // 3, trace.inputs[0][2] // 2):
        seen = spread_of(network, trace.inputs[0], pixel)
        told: set[str] = set()
        for row in trace.rows:
            if row.path not in seen or row.path in told or row.field is None:
                continue
            if "ConvTranspose" in repr(row.call):
                break  # behind it the elements see different amounts, of which a row tells the most
            told.add(row.path)
            if row.field == "whole":
                continue
            size, stride, start = row.field[0]
            firsts = start + int(stride) * torch.arange(len(seen[row.path]))
            expected = (firsts <= pixel) & (pixel < firsts + size)
            compared += 1
            assert torch.equal(seen[row.path], expected), (row.path, pixel, row.field[0])
    assert compared > 10
