"""Traces: which calls are rows, what they are called, and what is said where they stop."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from typing import Any

import pytest
from rich.console import Console

import convshape as cs
from convshape import nn
from convshape.analysis.totals import activations
from convshape.api import traced
from convshape.readers.network_file.reader import read
from convshape.run.program import Program
from convshape.shapetorch.nn import functional as F


class Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: cs.Tensor) -> cs.Tensor:
        return self.relu(self.conv(x)) + x


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.blocks = nn.Sequential(Block(8), Block(8))
        self.shared = Block(8)
        self.fc = nn.Linear(8 * 4 * 4, 10)

    def forward(self, x: cs.Tensor) -> cs.Tensor:
        x = F.max_pool2d(F.relu(self.stem(x)), 2)
        x = self.shared(self.blocks(self.shared(x)))
        return self.fc(x.view(x.size(0), -1))


def lazy() -> nn.Module:
    layers = (
        nn.LazyConv2d(6, 5),
        nn.MaxPool2d(2),
        nn.LazyConv2d(16, 5),
        nn.Flatten(),
        nn.LazyLinear(10),
    )
    return nn.Sequential(*layers)


def test_lazy_layers_are_counted_once_they_are_known() -> None:
    trace = cs.trace(lazy(), (3, 32, 32))
    assert [row.layer for row in trace.rows if row.params][1:] == [
        "Conv2d(3, 6, 5)",
        "Conv2d(6, 16, 5)",
        "Linear(1600, 10)",
    ]
    assert trace.params == 456 + 2416 + 16010


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("fc.t_()", (8, 1)),
        ("fc.unsqueeze_(0)", (1, 1, 8)),
        ("input.resize_(2, 3)", (2, 3)),
        ("fc.resize_(2)", (2,)),
    ],
)
def test_a_tensor_that_takes_another_shape_in_place_leaves_what_was_before(
    call: str, shape: tuple[int, ...]
) -> None:
    network = read(f"input: 4\nlayers:\n  fc: Linear(4, 8)\n  turned: {call}\n", "net.yaml")
    trace = traced(Program(network.module, network.inputs))
    assert [(row.path, row.outputs, row.macs) for row in trace.rows[1:]] == [
        ("fc", [(1, 8)], 32),
        ("turned", [shape], 0),
    ]
    assert trace.inputs == [(1, 4)]
    assert sum(map(len, activations(trace.analysis.run))) == 1


def test_lazy_layers_do_not_bind_the_search_for_an_input() -> None:
    trace = cs.trace(lazy(), (3, 8, 8))
    assert trace.params == 456 + 2416  # the linear layer was never reached
    assert trace.error is not None
    assert trace.error.fix == "Conv2d(6, 16, 5, padding=2), or an input of at least 14 × 14"


def test_rows_are_module_calls_and_operations_that_change_a_shape() -> None:
    result = cs.trace(Net(), (3, 8, 8), batch=2)
    shared = [("shared", "module"), ("shared.conv", "module"), ("shared.relu", "module")]
    assert [(row.path, row.kind) for row in result] == [
        ("", "module"),
        ("stem", "module"),
        ("max_pool2d", "function"),  # relu and + keep the shape
        *shared,
        ("blocks", "module"),
        ("blocks.0", "module"),
        ("blocks.0.conv", "module"),
        ("blocks.0.relu", "module"),
        ("blocks.1", "module"),
        ("blocks.1.conv", "module"),
        ("blocks.1.relu", "module"),
        *shared,  # called twice, so it stands here twice
        ("view", "function"),
        ("fc", "module"),
    ]
    rows = {row.path: row.to_dict() for row in result}
    assert rows["max_pool2d"] == {
        "path": "max_pool2d",
        "kind": "function",
        "layer": "max_pool2d(2)",
        "in": [[2, 8, 8, 8]],
        "out": [[2, 8, 4, 4]],
        "params": 0,
        "macs": 0,
        "field": {"size": [4, 4], "stride": [2, 2], "start": [-1, -1]},
        "where": "",
    }
    assert rows["view"]["layer"] == "view(2, -1)"
    assert rows[""]["layer"] == "Net"
    assert rows["blocks"]["layer"] == "Sequential"
    assert rows["blocks.0"]["params"] == rows["shared"]["params"] == 8 * 8 * 9 + 8
    # every parameter counts once, however often its module is called
    assert (
        result.params
        == rows[""]["params"]
        == (3 * 8 * 9 + 8) + 3 * (8 * 8 * 9 + 8) + (128 * 10 + 10)
    )


def test_a_broadcast_that_changes_the_shape_is_a_row() -> None:
    class Outer(nn.Module):
        def forward(self, x: cs.Tensor, y: cs.Tensor) -> cs.Tensor:
            return x * y

    result = cs.trace(Outer(), cs.Tensor((4, 1)), cs.Tensor((1, 5)))
    assert [(row.path, row.inputs, row.outputs) for row in result] == [
        ("", [(4, 1), (1, 5)], [(4, 5)]),
        ("mul", [(4, 1), (1, 5)], [(4, 5)]),
    ]


def test_a_module_made_while_the_network_runs_has_a_path() -> None:
    class Maker(nn.Module):
        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return nn.Conv2d(3, 4, 3)(x)

    outer = nn.Sequential(Maker())
    assert [row.path for row in cs.trace(outer, (3, 8, 8))] == ["", "0", "0.Conv2d"]


def test_a_trace_leaves_the_module_as_it_was() -> None:
    net = Net()
    net.blocks.eval()
    before = [m.training for m in net.modules()]
    cs.trace(net, (3, 8, 8))
    cs.trace(net, (4, 8, 8))
    assert [m.training for m in net.modules()] == before

    class Broken(nn.Module):
        def forward(self, x: cs.Tensor) -> cs.Tensor:
            raise KeyError("mine")

    broken = Broken()
    with pytest.raises(KeyError):
        cs.trace(broken, (3,))
    assert broken.training
    assert cs.trace(nn.ReLU(), (3,)).error is None  # nobody is watching any more


def test_batch_normalisation_runs_in_evaluation_mode() -> None:
    assert cs.trace(nn.BatchNorm1d(4), (4,)).error is None


def test_what_a_module_does_when_it_is_put_in_evaluation_mode_is_done() -> None:
    class Biased(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.biases = nn.Parameter(cs.Tensor((3, 4)))

        def train(self, mode: bool = True) -> Any:
            if not mode:
                self.cached = self.biases[:, :2]
            return super().train(mode)

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return x @ self.cached

    net = nn.Sequential(Biased(), nn.Dropout())
    assert cs.trace(net, (3,)).output == (1, 2)
    assert net.training
    assert net[1].training


def test_a_type_as_text_is_seen_by_no_receptive_field() -> None:
    class Cast(nn.Module):
        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return F.avg_pool2d(x, 2).type(x.type())

    trace = cs.trace(Cast(), (3, 8, 8))
    assert trace.output == (1, 3, 4, 4)
    assert "avg_pool2d" in str(trace)


def test_where_it_stops() -> None:
    result = cs.trace(Net(), (3, 10, 10))
    assert result.error is not None
    assert [fix.inputs for fix in result.error.fixes][:2] == [(), ("3x9x9", "3x8x8")]
    assert result.error.to_dict() | {"fixes": []} == {
        "message": "fc: Linear(128, 10) expects 128 features, but receives 200",
        "where": "",
        "snippet": "",
        "why": "view gave 8 × 5 × 5 = 200, because the input is 10 × 10",
        "fix": "Linear(200, 10), or an input of 8..9 × 8..9",
        "fixes": [],
        "others": [],
    }
    assert [row.path for row in result][
        -1
    ] == "view"  # the rows that succeeded, without the unfinished root
    result = cs.trace(Net(), (4, 8, 8))
    assert result.error is not None
    assert (
        result.error.message
        == "stem: Conv2d(3, 8, 3, padding=1) expects 3 channels, but receives 4: 1×4×8×8"
    )
    assert result.error.fix == "Conv2d(4, 8, 3, padding=1), or an input of 3×8×8"
    assert result.rows == []


def test_a_function_that_refuses_is_named() -> None:
    class Pools(nn.Module):
        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return F.max_pool2d(x, 9)

    result = cs.trace(nn.Sequential(Pools()), (3, 8, 8))
    assert result.error is not None
    assert (
        result.error.message
        == "0: max_pool2d has a kernel of 9×9, larger than its padded input 8×8"
    )


def test_channels_are_explained_by_the_layer_that_made_them() -> None:
    net = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(8))
    error = cs.trace(net, (3, 16, 16)).error
    assert error is not None
    assert (error.why, error.fix) == ("0: Conv2d(3, 6, 3) gave 6 channels", "BatchNorm2d(6)")


def test_operations_that_keep_the_shape_hide_no_cause() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 6, 3), nn.Conv2d(8, 6, 3)

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return self.second(F.relu(self.first(x)))

    error = cs.trace(Plain(), (3, 16, 16)).error
    assert error is not None
    assert error.why == "first: Conv2d(3, 6, 3) gave 6 channels"


def test_sizes_that_fit_only_together_are_not_offered_apart() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, (3, 5)), nn.Flatten(), nn.Linear(4 * 8 * 6, 2))
    error = cs.trace(net, (3, 11, 11)).error
    assert error is not None
    assert error.fix == "Linear(252, 2), or an input of 10 × 10"
    wide = cs.trace(net, (3, 12, 9)).error
    assert wide is not None
    assert wide.fix == "Linear(200, 2), or an input of 10 × 10 or 14 × 8"
    import torch

    with torch.no_grad():
        own = torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, (3, 5)), torch.nn.Flatten(), torch.nn.Linear(4 * 8 * 6, 2)
        )
        assert own(torch.zeros(1, 3, 14, 8)).shape == (1, 2)


class UNet(nn.Module):
    """Halve the size so many times and double it again, with a shortcut at each."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(3, 3, 3, padding=1) for _ in range(depth)])
        self.up = nn.ModuleList([nn.ConvTranspose2d(3, 3, 2, stride=2) for _ in range(depth)])

    def forward(self, x: cs.Tensor) -> cs.Tensor:
        skips = []
        for down in self.down:
            skips.append(down(x))
            x = F.max_pool2d(skips[-1], 2)
        for up in self.up:
            x = up(x) + skips.pop()
        return x


@pytest.mark.parametrize(
    ("sizes", "fix"),
    [
        ((222, 222), "an input of 224 × 224 or 208 × 208 (multiples of 16)"),
        ((540, 760), "an input of 544 × 768 or 512 × 736 (multiples of 32)"),
        ((540, 960), "an input of 544 × 960 or 512 × 960 (multiples of 32)"),
        ((544, 750), "an input of 544 × 752 or 544 × 736 (multiples of 16)"),
    ],
)
def test_no_layer_is_offered_where_the_network_still_stops(
    sizes: tuple[int, int], fix: str
) -> None:
    error = cs.trace(UNet(5 if sizes[0] == 540 else 4), (3, *sizes)).error
    assert error is not None
    assert error.fix == fix


def test_a_trace_shows_what_it_is() -> None:
    result = cs.trace(nn.Sequential(nn.Conv2d(3, 6, 5), nn.Conv2d(3, 6, 5)), (3, 8, 8))
    assert repr(result).startswith(
        "<Trace Sequential: 1 row, 912 parameters, 1: Conv2d(3, 6, 5) expects 3"
    )
    assert repr(result.rows[0]) == "<Row 0: Conv2d(3, 6, 5) → 1×6×4×4>"
    assert str(result) == result.to("plain")
    console = Console(file=io.StringIO(), width=60)
    console.print(result)
    assert "error: 1: Conv2d(3, 6, 5) expects 3" in console.file.getvalue()  # type: ignore[attr-defined]
    assert {"trace", "conv_size", "nn"} <= {*dir(cs)}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: cs.trace(nn.Conv2d, (3, 8, 8)),
            "Conv2d is a class, and trace takes a file or a module",
        ),
        (lambda: cs.trace(3), "3 is not a file, and trace takes a file or a module"),
        (lambda: cs.trace({"w": 1}), "dict is not a module, and trace takes a"),
        (lambda: cs.trace(nn.ReLU(), (3,)).to("pdf"), "unknown format 'pdf'"),
        (lambda: cs.trace(nn.ReLU(), "3", batch=-1), "a batch of -1 has a negative size"),
    ],
)
def test_what_cannot_be_traced_or_written_is_said(call: Any, message: str) -> None:
    with pytest.raises(cs.SpecError) as refusal:
        call()
    assert refusal.value.message.startswith(message)


def test_the_wrong_number_of_inputs() -> None:
    with pytest.raises(cs.SpecError) as refusal:
        cs.trace(nn.ReLU(), (3,), (4,))
    assert refusal.value.message == "ReLU() takes 1 input, but 2 are given"
    with pytest.raises(cs.SpecError) as refusal:
        cs.trace(nn.ReLU(), 3, 32, 32)
    assert refusal.value.fix == 'input="3x32x32"'


def test_forms_of_a_trace() -> None:
    result = cs.trace(Net(), "3x8x8")
    assert json.loads(result.to_json()) == result.to_dict()
    assert list(result.to_dict()) == ["schema", "name", "inputs", "rows", "total", "note", "error"]
    assert (result.name, result.inputs) == ("Net", [(1, 3, 8, 8)])

    class Text(HTMLParser):
        text = ""

        def handle_data(self, data: str) -> None:
            self.text += data

    page = Text()
    page.feed(result._repr_html_())
    assert "max_pool2d(2)" in page.text
    failed = cs.trace(Net(), "3x10x10")._repr_html_()
    assert "expects 128 features" in failed


def test_a_file_has_its_own_input(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x8x8\nlayers: [ReLU()]\n")
    assert cs.trace(file, batch=4).inputs == [(4, 3, 8, 8)]
    assert cs.trace(str(file), input="2x2").inputs == [(1, 2, 2)]
    with pytest.raises(cs.SpecError):
        cs.trace(file, (3, 8, 8))


def test_the_cause_is_the_layer_that_gave_the_input_not_the_one_that_ran_last() -> None:
    class Branches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left = nn.Conv2d(3, 8, 3)
            self.right = nn.Conv2d(3, 16, 3)
            self.relu = nn.ReLU()
            self.top = nn.Conv2d(5, 1, 1)

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            left = self.relu(self.left(x))
            self.right(x)
            return self.top(left)

    error = cs.trace(Branches(), (3, 32, 32)).error
    assert error is not None
    assert error.why == "left: Conv2d(3, 8, 3) gave 8 channels"
