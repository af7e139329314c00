"""`convshape layers`: every name has its entry, and every example is torch's."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch
from terminal import run as run_here

import convshape as cs
from convshape.api import trace_expression
from convshape.readers.expressions.vocabulary import LAYERS, MODULES, SPACES
from convshape.readers.shape import sample
from convshape.reference.examples import EXAMPLES
from convshape.reference.vocabulary import describe, families, matching
from convshape.shapetorch.ops.spaces import METHODS


def test_every_layer_has_an_example() -> None:
    assert LAYERS.keys() - EXAMPLES.keys() == {"Sequential"}
    assert EXAMPLES.keys() - LAYERS.keys() == set()


@pytest.mark.filterwarnings("ignore:.NLLLoss2d. has been deprecated")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_torchs(name: str) -> None:
    text, samples = EXAMPLES[name]
    ours = trace_expression(text, *samples.split())
    assert ours.error is None
    inputs = [sample(each) for each in samples.split()]
    dtypes = [getattr(torch, each.dtype.name) for each in inputs]
    # Lengths and classes must be at least 1 somewhere, and indices at most the smallest table: ones
    # are both.
    tensors = [
        torch.ones(each.shape, dtype=kind) for each, kind in zip(inputs, dtypes, strict=True)
    ]
    with torch.no_grad():
        module = eval(text, vars(torch.nn)).eval()
        result = module(*tensors)
    shapes: list[tuple[int, ...]] = []

    def collect(value: object) -> None:
        if isinstance(value, torch.Tensor):
            shapes.append(tuple(value.shape))
        elif isinstance(value, (tuple, list)):
            for each in value:
                collect(each)

    collect(result)
    assert ours.rows[0].outputs == shapes
    assert ours.params == sum(p.numel() for p in module.parameters())


def test_every_name_has_an_entry() -> None:
    names = [*LAYERS, *(f"F.{n}" for n in SPACES["F"]), *(f"Tensor.{n}" for n in METHODS)]
    for home in ("torch", *MODULES):
        names += [f"{home}.{n}" for n, value in SPACES[home].items() if callable(value)]
    for name in names:
        entry = describe(name)
        assert entry.usage.startswith(name.rpartition(".")[2] + "("), name
        assert entry.about, name
        assert "torch refuses" not in entry.refuses, name


def test_every_name_is_listed_once() -> None:
    listed = [
        name for family, names in families().items() for name in names if family.startswith("nn")
    ]
    assert sorted(listed) == sorted(LAYERS)
    assert "cholesky" in families()["linalg: Linear algebra"]
    assert max(map(len, families())) < 80
    assert "getitem" not in [name for names in families().values() for name in names]


def test_an_unknown_name_has_a_neighbour() -> None:
    with pytest.raises(cs.UnknownOperation) as error:
        describe("Maxpool2d")
    assert error.value.fix == "did you mean MaxPool2d?"
    with pytest.raises(cs.UnknownOperation) as error:
        describe("svdvals")
    assert error.value.fix == "did you mean linalg.svdvals?"
    assert describe("torch.linalg.svdvals").usage == "svdvals(A, driver=None)"


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("linalg.qr", "qr(A, mode='reduced')"),
        ("fft.fft", "fft(input, n=None, dim=-1, norm=None)"),
        ("transpose_copy", "transpose_copy(input, dim0, dim1)"),
    ],
)
def test_usage_is_that_of_the_function_however_it_is_wrapped(name: str, usage: str) -> None:
    assert describe(name).usage == usage


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "convshape", "layers", *arguments], capture_output=True, text=True
    )


def test_the_command() -> None:
    text = run("MaxPool2d").stdout
    assert text.startswith(
        "MaxPool2d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False,"
    )
    assert "⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1" in text
    assert "MaxPool2d(3, stride=2, padding=1): 1×64×112×112 → 1×64×56×56" in text
    assert "⌊(112 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 56" in text
    headings = [line.partition(":")[0] for line in run().stdout.split("\n") if line[:1].isupper()]
    assert headings[:3] == ["Convolution and transposed convolution", "Pooling", "Linear layers"]
    assert json.loads(run("Linear", "--json").stdout)["usage"].startswith("Linear(in_features")
    assert (
        "Conv2d"
        in json.loads(run("--json").stdout)["families"][
            "nn: Convolution and transposed convolution"
        ]
    )
    wrong = run("Nothing42")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("error: unknown layer, function or method 'Nothing42'")


def test_layers_are_listed_alone_unless_all_are_wanted() -> None:
    few, every = (run_here("layers", *more)[1] for more in ([], ["--all"]))
    assert len(few.splitlines()) <= 64
    assert "MaxPool2d" in few
    assert "cholesky" not in few
    assert "--all" in few
    assert "cholesky" in every
    assert json.loads(run_here("layers", "--json")[1])["families"] == families()


@pytest.mark.parametrize(
    ("word", "found", "others"),
    [
        ("pool", ["MaxPool2d", "max_pool2d"], ["Conv2d"]),
        ("convolution", ["Conv2d", "LazyConvTranspose3d"], ["MaxPool2d"]),
        ("Transp", ["ConvTranspose2d", "transpose_"], ["ReLU"]),
    ],
)
def test_a_word_is_searched(word: str, found: list[str], others: list[str]) -> None:
    names = [name for family in matching(word).values() for name in family]
    assert set(found) <= set(names)
    assert not set(others) & set(names)
    status, out, _ = run_here("layers", word)
    assert status == 0
    assert found[0] in out.split()
    assert json.loads(run_here("layers", word, "--json")[1])["families"] == matching(word)


def test_another_case_or_no_match_is_an_error() -> None:
    assert matching("conv2D") == matching("nothing_like_it") == {}
    assert run_here("layers", "conv2D")[0] == 2
