"""Printed models: torch's own prints are read back, and what a print does not show is refused."""

from __future__ import annotations

import json
import random
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import torch
from terminal import run as run_command
from torch import nn

import convshape as cs
from convshape.api import traced
from convshape.readers import printed
from convshape.readers.expressions.vocabulary import LAYERS
from convshape.reference.examples import EXAMPLES
from convshape.run.program import Program
from convshape.verify.generators import FAMILIES
from convshape.verify.generators.data import Case, T, flat, in_convshape
from convshape.verify.generators.judging import by_torch

#: Layers whose print leaves out what they compute, alone or in the layers that they hold.
UNSAID = re.compile(
    "FractionalMaxPool|CosineSimilarity|PairwiseDistance|MultiheadAttention|Transformer|.*Loss"
)
#: What the generators make to be odd, and torch prints so that nothing can read it.
ODD = re.compile(r"=(x|yes|gelu)\b|9223372036854775808|-inf")


def read(text: str, shape: str = "3x32x32") -> Any:
    return printed.read(text, "model.txt", input=shape)


def trace(model: str | nn.Module, shape: str = "3x32x32") -> cs.Trace:
    text = model if isinstance(model, str) else repr(model)
    network = read(textwrap.dedent(text).strip(), shape)
    return traced(Program(network.module, network.inputs, name=network.name, where=network.where))


def refusal(model: str | nn.Module, shape: str = "3x32x32") -> cs.SpecError | cs.ShapeError:
    try:
        error = trace(model, shape).error
    except (cs.SpecError, cs.ShapeError) as refused:
        error = refused
    assert error is not None
    return error


# Each layer


@pytest.mark.parametrize("family", FAMILIES)
def test_a_layer_survives_its_print(family: str, device: str) -> None:
    """What torch prints of a layer is read as one with the same text and results, or refused."""
    rng = random.Random(family)
    survived = 0
    for _ in range(200):
        case = FAMILIES[family](rng.choice)
        theirs = by_torch(case, device)
        if theirs.called and "dtype" not in case.kwargs and not ODD.search(theirs.printed):
            survived += survives(case, theirs.printed, theirs.state, theirs.shapes, theirs.dtypes)
    assert survived > 15


def survives(case: Case, text: str, state: Any, shapes: Any, dtypes: Any) -> bool:
    module = read(text).module.train(case.training)
    assert repr(module) == text, case
    args, kwargs = in_convshape(((T(case.input, case.dtype), *case.others), case.call))
    if UNSAID.match(case.layer):
        with pytest.raises(cs.SpecError, match=r"does not show|not simply"):
            module(args[0])
        return True
    assert [(name, tuple(t.shape)) for name, t in module.state_dict().items()] == list(state), case
    try:
        results = flat(module(*args, **kwargs))
    except (
        cs.SpecError
    ) as error:  # it asks for the one argument that is not printed and changes a shape
        untold = error.what.partition(" does not show ")[2].partition(":")[0]
        module = read(f"{text[:-1]}, {untold}={case.kwargs.get(untold, False)})").module
        results = flat(module(*args, **kwargs))
    ours = [(t.shape, str(t.dtype)) for t in results if t is not None]
    wanted = [(s, d) for s, d in zip((s for s in shapes if s is not None), dtypes, strict=True)]
    assert ours == (wanted[:1] if case.kwargs.get("return_indices") else wanted), case
    return True


@pytest.mark.filterwarnings("ignore:.NLLLoss2d. has been deprecated")
@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() & LAYERS.keys()))
def test_every_layer_of_the_vocabulary_is_read(name: str) -> None:
    """Any layer in the vocabulary is read as torch prints it, or refused with a reason."""
    layer = eval(EXAMPLES[name][0], vars(nn) | {"inf": float("inf")})
    network = read(repr(layer), EXAMPLES[name][1].split()[0])
    assert repr(network.module) == repr(layer)
    if shapes(network.module) != shapes(layer):
        assert "does not show" in str(traced(Program(network.module, network.inputs)).error)


def shapes(module: Any) -> list[tuple[str, tuple[int, ...]]]:
    state = module.state_dict()
    return [(name, () if "Lazy" in repr(module) else tuple(t.shape)) for name, t in state.items()]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1))", "Conv2d(3, 6, 5)"),
        (
            "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=same, bias=False, "
            "padding_mode=reflect)",
            "Conv2d(3, 8, 3, padding='same', bias=False, padding_mode='reflect')",
        ),
        (
            "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=True)",
            "MaxPool2d(2, ceil_mode=True)",
        ),
        (
            "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
            "BatchNorm2d(3)",
        ),
        (
            "LPPool2d(norm_type=inf, kernel_size=2, stride=None, ceil_mode=False)",
            "LPPool2d(inf, 2)",
        ),
        ("Upsample(scale_factor=2.0, mode='nearest')", "Upsample(scale_factor=2.0)"),
        (
            "UpsamplingNearest2d(scale_factor=2.0, mode='nearest')",
            "UpsamplingNearest2d(scale_factor=2.0)",
        ),
        ("GELU(approximate='none')", "GELU()"),
    ],
)
def test_a_layer_alone_and_prints_of_older_versions(text: str, call: str) -> None:
    result = trace(text)
    assert result.error is None
    assert [(row.path, row.layer) for row in result.rows] == [("", call)]


# Models


class Block(nn.Module):
    """A residual block, whose children run one after the other but for the short cut."""

    def __init__(self, cin: int, cout: int, stride: int = 1, *, short_cut: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        if short_cut:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride), nn.BatchNorm2d(cout))


class Net(nn.Module):
    """A class of the user's own: its children have the names of the keywords."""

    def __init__(self, **children: nn.Module | None) -> None:
        super().__init__()
        for name, child in children.items():
            self.register_module(name, child)


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ReLU()

    def extra_repr(self) -> str:
        return "scale=(1, 2),\n(of one's own)"


def certain() -> nn.Sequential:
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.Sequential()),
        nn.MaxPool2d(3, 2, 1),
        nn.Flatten(),
        nn.Linear(512, 10),
    )


MODELS: list[tuple[nn.Module, str]] = [
    (certain(), "3x32x32"),
    (
        Net(
            stem=nn.Conv2d(3, 8, 3),
            layer1=nn.Sequential(Block(8, 8), Block(8, 8)),
            head=nn.Conv2d(8, 2, 1),
        ),
        "3x9x9",
    ),
    (Net(layers=nn.ModuleList([nn.Linear(4, 4) for _ in range(12)]), out=nn.Linear(4, 2)), "4"),
    (Net(layers=nn.ModuleList([Block(3, 3), Block(3, 3), nn.ReLU()])), "3x8x8"),
    (nn.DataParallel(certain()), "3x32x32"),
    (Net(conv=nn.Conv2d(3, 4, 3), bn=None, act=Scaled()), "3x8x8"),
    (
        nn.Sequential(Net(conv=nn.Conv2d(3, 4, 3), act=nn.Sigmoid()), nn.Conv2d(4, 2, 1)),
        "3x8x8",
    ),
    (
        Net(embedding=nn.Embedding(10, 4, padding_idx=0), lstm=nn.LSTM(4, 8, 2, batch_first=True)),
        "int64:7",
    ),
]


@pytest.mark.parametrize(("model", "shape"), MODELS, ids=[str(i) for i in range(len(MODELS))])
def test_a_model_is_read_back(model: nn.Module, shape: str) -> None:
    """The same text, names, state; and what comes out where the children do run in order."""
    result = trace(model, shape)
    assert result.error is None
    module = read(repr(model), shape).module
    assert repr(module) == repr(model)
    assert shapes(module) == shapes(model)
    called = {row.path for row in result.rows}
    assert called == {name for name, child in model.named_modules() if child is not None}


def test_a_sequential_is_certain_and_equals_torch() -> None:
    result = trace(certain())
    assert result.rows[-1].outputs == [tuple(certain()(torch.zeros(1, 3, 32, 32)).shape)]
    wrong = trace(certain(), "3x36x36").error
    assert isinstance(wrong, cs.ShapeError)
    assert wrong.message == "3: Linear(512, 10) expects 512 features, but receives 648"
    assert wrong.where == "model.txt:10:8"
    assert "an input of 31..34 × 31..34" in wrong.fix


def test_the_input_of_the_first_layer_is_certain_too() -> None:
    error = refusal(Net(block=Block(8, 8), conv=nn.Conv2d(8, 1, 1)))
    assert isinstance(error, cs.ShapeError)
    assert error.message.startswith(
        "block.conv1: Conv2d(8, 8, 3, padding=1, bias=False) expects 8 channels"
    )


def lenet(pools: bool = True) -> Net:
    pool = {"pool1": nn.MaxPool2d(2)} if pools else {}
    return Net(
        conv1=nn.Conv2d(3, 6, 5), **pool, conv2=nn.Conv2d(6, 16, 5),
        **{"pool2": nn.MaxPool2d(2)} if pools else {}, fc1=nn.Linear(400, 120),
        fc2=nn.Linear(120, 10),
    )  # fmt: skip


class Gate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc1, self.fc2, self.act = nn.Conv2d(3, 1, 1), nn.Conv2d(1, 3, 1), nn.Sigmoid()


IN_ORDER = "the children of Net do not simply run one after the other: "
ADVICE = "trace the model's source, which has forward, or write a network file"
NOT_TOLD = [
    (lenet(pools=False), "3x32x32",
     IN_ORDER + "fc1: Linear(400, 120) expects 400 features, but receives 24", ADVICE),
    (
        Net(conv=nn.Conv2d(3, 8, 3), fc=nn.Linear(8, 2)), "3x32x32",
        IN_ORDER + "fc: Linear(8, 2) expects 8 features, but receives 30",
        "if forward takes the mean of each channel, add the lines (mean): AdaptiveAvgPool2d(1) and "
        "(flatten): Flatten() before (fc)",
    ),
    (
        Net(block=Block(3, 6, 2, short_cut=True)), "3x32x32",
        IN_ORDER.replace("Net",
            "Block") + "block.downsample.0: Conv2d(3, 6, 1, stride=2) expects 3 channels, "
        "but receives 6: 1×6×16×16", ADVICE,
    ),
    (
        Net(block=Block(3, 3, 2, short_cut=True)), "3x32x32",
        "block.downsample: it can run after the others in Block, or in parallel as a residual "
        "block's short cut, and the shapes differ",
        f"write Sequential( for Block( if its children simply run one after the other; else "
        f"{ADVICE}",
    ),
    (
        nn.Sequential(Gate(), nn.Conv2d(3, 8, 3, padding=1)), "3x8x8",
        "0: Gate ends in Sigmoid(), as a gate does that forward multiplies with the input",
        f"write Sequential( for Gate( if its children simply run one after the other; else "
        f"{ADVICE}",
    ),
    (
        Net(conv=nn.Conv2d(3, 6, 3), fc=nn.Linear(6, 2)), "3x8x8",
        "fc: Linear(6, 2) fits the channels of its input as well as its last axis",
        f"write Sequential( for Net( if its children simply run one after the other; else {ADVICE}",
    ),
    (
        nn.Sequential(Block(3, 3), nn.Conv2d(8, 8, 3)), "3x8x8",
        IN_ORDER.replace("Net",
            "Sequential") + "1: Conv2d(8, 8, 3) expects 8 channels, but receives 3: 1×3×8×8",
            ADVICE,
    ),
    (
        Net(lstm=nn.LSTM(4, 4), fc=nn.Linear(4, 2)), "7x4",
        IN_ORDER + "fc: Linear(4, 2) takes one tensor, but lstm gives several", ADVICE,
    ),
    (
        nn.Sequential(Net(conv=nn.Conv2d(3, 4, 3)), nn.Linear(144, 2)), "3x8x8",
        IN_ORDER.replace("Net",
            "Sequential") + "1: Linear(144, 2) expects 144 features, but receives 6",
        "if forward flattens 4 × 6 × 6 = 144, add a line (flatten): Flatten() before (1)",
    ),
    (Net(parts=nn.ModuleDict({"a": nn.ReLU()})), "3",
     "parts: a ModuleDict is picked from by forward", ADVICE),
    (
        Net(attention=nn.MultiheadAttention(4, 2)), "7x4",
        "attention: a printed MultiheadAttention does not show the number of heads, batch_first "
        "and other arguments",
        ADVICE,
    ),
    (nn.Sequential(nn.MaxUnpool2d(2)), "3x4x4",
     "0: MaxUnpool2d(2) takes 2 inputs (input, indices), but 1 is given", ADVICE),
    (Net(drop=Net()), "3", "drop: unknown layer 'Net'", ADVICE),
    (
        nn.Sequential(nn.AvgPool2d(2)), "3x5x5",
        "0: a printed AvgPool2d does not show ceil_mode: with False it gives 1×3×2×2, with True "
        "1×3×3×3",
        "write ceil_mode=False or ceil_mode=True into its brackets, as the model has it",
    ),
    (
        "LayerNorm((4,), eps=1e-05, elementwise_affine=True)", "4",
        "a printed LayerNorm does not show bias: with False it gives 1×4 and 4 parameters, with "
        "True 1×4 and 8 parameters",
        "write bias=False or bias=True into its brackets, as the model has it",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "shape", "message", "fix"), NOT_TOLD, ids=[str(i) for i in range(len(NOT_TOLD))]
)
def test_what_a_print_does_not_tell_is_refused(
    model: Any, shape: str, message: str, fix: str
) -> None:
    error = refusal(model, shape)
    assert isinstance(error, cs.SpecError)
    assert (error.message, error.fix) == (message, fix)
    assert re.fullmatch(r"model\.txt:\d+:\d+", error.where)


def test_the_advice_can_be_followed() -> None:
    text = repr(lenet()).replace("  (fc1)", "  (flatten): Flatten()\n  (fc1)")
    assert trace(text).rows[-1].outputs == [(1, 10)]
    block = repr(Block(3, 3, 2, short_cut=True)).replace("Block(", "Sequential(", 1)
    assert trace(block).rows[0].outputs == [(1, 3, 8, 8)]
    assert trace("AvgPool2d(kernel_size=2, stride=2, padding=0, ceil_mode=True)", "3x5x5").rows[
        0
    ].outputs == [(1, 3, 3, 3)]


def test_what_was_certain_stays_in_the_trace() -> None:
    result = trace(lenet(pools=False))
    assert [row.path for row in result.rows] == ["conv1", "conv2"]
    assert result.params == sum(p.numel() for p in lenet(pools=False).parameters())


def test_a_linear_that_takes_all_of_an_image_tells_that_forward_flattens() -> None:
    result = trace(lenet())
    assert result.error is None
    assert "flatten" in [row.path for row in result.rows]
    assert result.params == sum(p.numel() for p in lenet().parameters())
    assert "taken to flatten before fc1" in read(repr(lenet())).note


# Text


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("", "", "the text is empty"),
        ("\n)", ":2:1", "')' is not a printed module"),
        ("Net(", ":1:1", "Net( is never closed"),
        ("Net(\n  (a): ReLU()", ":1:1", "Net( is never closed"),
        ("Net(\n  (a): Sequential(\n    (0): ReLU()\n)", ":1:1", "Net( is never closed"),
        ("Net(\n  (a): ReLU(\n", ":2:8", "ReLU( is never closed"),
        ("ReLU()\nReLU()", ":2:1", "unexpected text after the printed model: 'ReLU()'"),
        ("ReLU(\n)\n)", ":3:1", "unexpected text after the printed model: ')'"),
        ("Net(\n  (a): Linear(3\n)", ":2:8", "Linear( is not closed in its line"),
        ("Net(\n  (a): what\n)", ":2:8", "'what' is not a printed module"),
        ("Net(\n  (a): ReLU()\n  ...\n)", ":3:3", "the print leaves out layers: '...'"),
        ("Sequential(\n  what\n)", ":2:3", "'what' is not a printed module"),
        ("Net(\n  (a): ReLU()\n  (a): ReLU()\n)", ":3:8", "there are two (a) in Net"),
        ("Net(\n  (a.b): ReLU()\n)", ":2:3", "(a.b) has a dot in its name"),
        ("L(\n  (0-2): 2 x ReLU()\n)", ":2:3", "(0-2) does not number the 2 that follow"),
        ("L(\n  (a): 2 x ReLU()\n)", ":2:3", "(a) does not number the 2 that follow"),
        ("L(\n  (0): 0 x ReLU()\n)", ":2:3", "(0) does not number the 0 that follow"),
        ("L(\n  (0-1): 2 x ReLU()\n  (1): ReLU()\n)", ":3:8", "there are two (1) in L"),
        ("Linear(in_features=3)", ":1:1", "Linear lacks the argument 'out_features'"),
        ("Linear(3, 4, width=5)", ":1:14", "Linear has no argument 'width'"),
        ("Linear(3, open('x'))", ":1:11", "unknown layer, function or name 'open'"),
        ("Linear(3, 4).weight", ":1:1", "Linear( is not closed in its line"),
        ("ReLU() == (1)", ":1:1", "') == (1' are not arguments of ReLU"),
        ("Linear(3, (4)", ":1:7", "cannot read 'Linear(3, (4)': '(' was never closed"),
        (
            "L(\n  (0-999999): 1000000 x ReLU()\n)", ":2:25",
            "this makes more than 20,000 modules, which is more than convshape reads",
        ),
        (
            "L(\n  (0-999): 1000 x L(\n    (0-999): 1000 x ReLU()\n  )\n)", ":2:19",
            "this makes more than 20,000 modules, which is more than convshape reads",
        ),
    ],
)  # fmt: skip
def test_a_text_that_is_no_print(text: str, where: str, message: str) -> None:
    with pytest.raises(cs.SpecError) as error:
        read(text)
    assert (error.value.message, error.value.where) == (message, f"model.txt{where}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A(\n(a): " * 1_000_000, "this is nested too deep"),
        ("A(\n" + "(a): ReLU()\n" * 800_000, "more than 20,000 modules"),
        ("A(\n  (a): GLU(GLU() * 784 * 4 * 784)\n)", "more than 20,000 layers"),
        (
            "A(\n" + "".join(f"  ({i}): GLU(GLU() * 9999)\n" for i in range(100)) + ")",
            "more than 20,000 layers",
        ),
        ("A(\n" + "x\n" * 5_000_000, "'x' is not a printed module"),
        ("A(" + "(" * 10_000_000 + ")", "unknown layer 'A'"),
        ("ReLU(" + "(" * 10_000_000 + ")", "is too long"),
        ("ReLU(" + "(" * 9_000 + ")", "cannot read"),
    ],
    ids=[
        "nested",
        "many",
        "many in one",
        "many in some",
        "lines",
        "brackets",
        "arguments",
        "deep arguments",
    ],
)
def test_a_text_of_10_mb_has_a_clear_error(text: str, message: str) -> None:
    assert message in refusal(text).message


def test_a_model_as_deep_and_as_large_as_it_may_be() -> None:
    deep = "A(\n(a): " * 79 + "ReLU()" + "\n)" * 79
    result = trace(deep, "3")
    assert (result.error, len(result.rows)) == (None, 80)
    assert repr(read(deep, "3").module).count("ReLU") == 1
    large = f"L(\n  (0-19997): 19998 x {nn.Linear(3, 3)}\n)"
    assert len(list(read(large, "3").module.modules())) == 19_999


def test_lines_may_end_and_be_indented_as_they_like() -> None:
    text = repr(certain())
    traces = [
        trace(t) for t in (text, text.replace("\n", "\r\n"), text.replace("  ", "\t") + "\n\n")
    ]
    lines = [[row.where.split(":")[1] for row in each] for each in traces]
    assert lines[0] == lines[1] == lines[2]  # tabs move the columns, nothing else
    assert len({re.sub(r'"where": "[^"]*"', "", each.to_json()) for each in traces}) == 1


# The command line


def test_a_printed_model_is_told_from_a_network_file() -> None:
    text = repr(certain())
    status, shown, _ = run_command("trace", "-", "--in", "3x32x32", input=text)
    assert status == 0
    assert "Conv2d(3, 8, 3, stride=2)" in shown
    status, shown, _ = run_command("trace", "-", "--in", "3x32x32", input=f"\n{nn.ReLU()}\n")
    assert (status, "ReLU()" in shown) == (0, True)


def test_a_reading_is_called_one() -> None:
    model = repr(Net(stem=nn.Conv2d(3, 8, 3), blocks=nn.ModuleList([Block(8, 8)])))
    status, _, said = run_command("trace", "-", "--in", "3x9x9", input=model)
    note = (
        "print(model) does not show forward: the children of Net, ModuleList and Block run in "
        "order here"
    )
    assert (status, said) == (0, f"note: {note}\n")
    status, out, said = run_command("trace", "-", "--in", "3x9x9", "--json", input=model)
    assert (status, json.loads(out)["note"], said) == (0, note, "")
    assert run_command("trace", "-", "--in", "3x32x32", input=repr(certain()))[2] == ""


def test_several_inputs_are_refused() -> None:
    with pytest.raises(cs.SpecError, match="a printed model is read with one input"):
        printed.read("ReLU()", "model.txt", input=["3", "4"])


def test_what_is_asked_for() -> None:
    text = repr(lenet())
    status, shown, said = run_command("trace", "-", "--batch", "2", input=text)
    assert (status, "input 3×32×32, from " in said) == (0, True)
    assert "2x16x5x5" in shown
    status, _, said = run_command("trace", "-", input="ReLU()")
    assert status == 2
    assert (
        "a printed model does not show its input\n  --> <stdin>:1:1\n   fix: add --in 3x32x32"
        in said
    )
    status, _, said = run_command("trace", "-", "--in", "3x32x32", "--set", "a=1", input=text)
    assert (status, "a printed model has no constants" in said) == (2, True)
    status, shown, said = run_command("trace", "-", "--in", "3x32x32", input=text)
    assert status == 0
    assert "1x16x5x5" in shown
    assert "taken to flatten before fc1" in said


def test_a_class_in_place_of_a_number_is_refused() -> None:
    assert isinstance(trace("AvgPool3d(Sequential)", "3x4x4x4").error, cs.ShapeError)
    assert isinstance(refusal("Conv3d(3, Sequential, Sequential)", "3x4x4x4"), cs.ShapeError)


def test_weights_that_are_worked_out() -> None:
    layer = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 6, 3))
    with pytest.raises(
        cs.SpecError, match="a printed ParametrizedConv2d does not show how its weights"
    ) as error:
        trace(nn.Sequential(layer), "3x8x8")
    assert error.value.where == "model.txt:2:8"


OLD = """\
CNN (
  (conv1): Sequential (
    (0): Conv2d(1, 16, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    (1): LeakyReLU (0.1, inplace)
    (2): MaxPool2d (size=(2, 2), stride=(2, 2), dilation=(1, 1))
    (3): Dropout (p = 0.5)
    (4): Upsample(scale_factor=2, mode=nearest)
  )
  (out): Linear (12544 -> 10)
)
"""


@pytest.mark.parametrize(
    "before", ["", ">>> net = CNN()\n>>> print(net)\n", "In [3]: net\nOut[3]: ", "print(net)\n\n"]
)
def test_prints_of_torch_0_2(before: str) -> None:
    printed = trace(before + OLD, "1x28x28")
    assert printed.error is None
    assert printed.params == 416 + 125450
    assert printed.rows[-1].outputs == [(1, 10)]
    assert "does not print the bias" in read(before + OLD, "1x28x28").note


WRAPPED = """\
DistributedDataParallel(
  (module): Sequential(
    (0): Linear(in_features=3, out_features=4, bias=True)
  )
)
"""


@pytest.mark.parametrize(
    "before",
    ["", "Using device: cuda\n", "2024-03-01 12:00:00,123 [train] INFO model: ",
     "lr: 0.1 || epochs: 3 (of 9)\nNet:\n"],
)  # fmt: skip
@pytest.mark.parametrize("after", ["", "Total params: 16 (0.00 M)\nEpoch 1/10 loss=2.3\n"])
def test_a_print_in_a_log(before: str, after: str, tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    log.write_text(before + WRAPPED + after)
    printed = cs.trace(str(log))
    assert (printed.name, printed.params) == ("DistributedDataParallel", 16)
    assert printed.rows[-1].where.endswith(f"train.log:{before.count(chr(10)) + 3}:10")
    assert printed.note == "input 3, from module.0; input to choose"


@pytest.mark.parametrize(
    "prefix",
    ["INFO:root:", "2024-03-01 12:00:0{},123 - INFO - ", "[03/01 12:00:0{}] [INFO] ", "[rank0]: ",
     "> ", "{}: "],
)  # fmt: skip
def test_a_print_in_a_log_that_marks_each_line(prefix: str, tmp_path: Path) -> None:
    lines = ["Using device cuda", *WRAPPED.splitlines(), "Epoch 1/10"]
    log = tmp_path / "train.log"
    log.write_text("".join(f"{prefix.format(n)}{line}\n" for n, line in enumerate(lines)))
    printed = cs.trace(str(log))
    assert (printed.name, printed.params) == ("DistributedDataParallel", 16)
    assert printed.rows[-1].where.endswith(f"train.log:4:{len(prefix.format(0)) + 10}")


@pytest.mark.parametrize(
    "text",
    [
        f"\x1b[32m{WRAPPED}\x1b[0m\n",
        f"model = {WRAPPED}",
        f"{WRAPPED}\n\n\ndef forward(self, input):\n    return self.module(input)\n",
    ],
)
def test_a_print_with_other_text(text: str, tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text(text)
    assert cs.trace(str(tmp_path / "net.txt")).params == 16


def test_losses_of_a_printed_model_are_left_out() -> None:
    """A Lightning module holds its loss, which `forward` does not call."""
    net = "  (net): Sequential(\n    (0): Linear(in_features=4, out_features=1, bias=True)\n"
    losses = "  (losses): ModuleList(\n    (0): BCELoss()\n    (1): MSELoss()\n  )\n)"
    text = f"Net(\n{net}    (1): Sigmoid()\n  )\n  (loss): L1Loss()\n{losses}"
    printed = trace(text, "4")
    assert printed.error is None
    assert [row.path for row in printed.rows] == ["", "net", "net.0", "net.1"]
    assert read(text, "4").note.endswith("; loss, losses left out, as a loss takes a target too")
    assert "does not show its reduction" in refusal("Net(\n  (loss): L1Loss()\n)", "4").what


def test_two_prints_in_a_log(tmp_path: Path) -> None:
    (tmp_path / "gan.log").write_text(f"G: {WRAPPED}D:\n{WRAPPED}")
    with pytest.raises(cs.SpecError, match="a second printed model: DistributedDataParallel"):
        cs.trace(str(tmp_path / "gan.log"))


@pytest.mark.parametrize(
    "table",
    [
        "        Layer (type)               Output Shape         Param #\n====\n",
        "===\nLayer (type:depth-idx)      Output Shape      Param #\n===\n",
        "Layer (type (var_name))    Input Shape   Output Shape    Param #\n",
        "  | Name  | Type       | Params | Mode\n---\n0 | model | Sequential | 456 | train\n",
        "┃ Layer (type)    ┃ Output Shape      ┃     Param # ┃\n",
        "┃   ┃ Name  ┃ Type       ┃ Params ┃\n",
        "   CNN Summary   \n┃ path   ┃ module ┃ inputs  ┃ outputs ┃ params  ┃\n",
        "| module  | #parameters or shape   | #flops    |\n",
        "Net (Input shape: 64 x 3 x 8 x 8)\n===\nLayer (type)     Output Shape      Param #\n",
    ],
)
def test_a_table_is_no_print(table: str, tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text(table)
    with pytest.raises(cs.SpecError, match="a summary table does not show the arguments"):
        cs.trace(str(tmp_path / "net.txt"))


def test_a_print_in_comments() -> None:
    commented = "".join(f"# {line}\n" for line in OLD.splitlines())
    assert trace(commented, "1x28x28").params == 125866


def test_an_older_pool_does_not_tell_ceil_mode() -> None:
    assert "does not show ceil_mode" in refusal(OLD, "1x29x29").what


def test_inplace_without_a_value() -> None:
    for layer in (
        "ReLU(inplace)",
        "LeakyReLU(negative_slope=0.2, inplace)",
        "Dropout(p=0.5, inplace)",
    ):
        assert trace(layer, "3").rows[-1].outputs == [(1, 3)]
