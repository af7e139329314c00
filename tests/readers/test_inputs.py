"""A network's inputs: all that a `forward` takes, from the command line and from Python."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import convshape as cs
from convshape.cli import main
from convshape.errors import ShapeError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

NETS = """
import torch
from torch import nn


class Dict(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 8), nn.Conv2d(3, 8, 3)

    def forward(self, batch):
        return self.a(batch["tab"]) + self.b(batch["img"]).mean((2, 3))


class Inside(nn.Module):
    def forward(self, batch):
        return (lambda: batch["tab"] + batch["img"])()


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Dict()

    def forward(self, sample, double=False):
        result = self.inner(sample)
        return torch.cat([result, result]) if double else result


class Spread(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Two()

    def forward(self, batch):
        return self.inner(**batch)


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.meta = nn.Conv2d(3, 8, 3), nn.Linear(5, 8)

    def forward(self, img, meta):
        return self.conv(img).mean((2, 3)) + self.meta(meta)


class Opt(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x, mask=None, scale: float = 2.0, mode="eval", flag=False, times: int = 1):
        y = self.conv(x)
        assert isinstance(scale, float) and type(times) is int and type(flag) is bool
        if mask is not None:
            y = y * mask
        if mode == "train":
            y = y.flatten(1)
        return torch.cat([y * scale] * times) if flag else y * scale


class Many(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, images):
        assert type(images) in (list, tuple)
        first = images.pop() if type(images) is list else images[0]
        return self.conv(first), [self.conv(image) for image in images]


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.conv = nn.Embedding(10, 8), nn.Conv2d(3, 8, 3)

    def forward(self, image, ids):
        return self.conv(image).mean((2, 3)) + self.table(ids).mean(1)


class Cut(nn.Module):
    def forward(self, x, lengths, step):
        assert step.dim() == 0 and lengths.dtype == torch.int64
        return [x[i, :n] for i, n in enumerate(lengths.tolist())]


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.main, self.aux = nn.BatchNorm1d(4), nn.Linear(4, 2), nn.Linear(4, 3)

    def forward(self, x):
        x = self.norm(x)
        return (self.main(x), self.aux(x)) if self.training else self.main(x)


class Lists(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()) for _ in range(2))
        self.norm = nn.ModuleList(nn.BatchNorm2d(3) for _ in range(2))
        self.heads = nn.ModuleDict({"a": nn.Conv2d(3, 4, 1), "b": nn.Conv2d(3, 5, 1)})

    def forward(self, x):
        for down, norm in zip(self.down, self.norm):
            x = norm(down(x)).mean((2, 3), keepdim=True)
        return [head(x) for head in self.heads.values()]
"""


@pytest.fixture(autouse=True, scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("inputs"))
    Path("nets.py").write_text(NETS, encoding="utf-8")
    try:
        yield
    finally:
        os.chdir(before)


def outputs(name: str, *texts: str, engine: str | None = None, **options: Any) -> list[Any]:
    """Return the shapes that a network gives, of inputs as the command line has them."""
    trace = cs.trace(f"nets.py:{name}", input=texts, engine=engine, **options)
    assert trace.error is None, trace.error
    root = next(row for row in trace.begun() if row.path == "")
    return list(root.outputs or [])


RUNS = [
    ("Dict", ["tab=4", "img=3x8x8"], [(1, 8)]),
    ("Dict", ["img=3x8x8", "tab=4"], [(1, 8)]),
    ("Dict", ["batch={img: 3x8x8, tab: 4}"], [(1, 8)]),
    ("Dict", ["{'img': 3x8x8, \"tab\": float32:4}"], [(1, 8)]),
    ("Dict", ["{img: (3, 8, 8), tab: [4], other: [3x8x8, {deep: None}]}"], [(1, 8)]),
    ("Inside", ["img=3", "tab=3"], [(1, 3)]),
    ("Outer", ["img=3x8x8", "tab=4"], [(1, 8)]),
    ("Outer", ["img=3x8x8", "tab=4", "double=True"], [(2, 8)]),
    ("Spread", ["img=3x8x8", "meta=5"], [(1, 8)]),
    ("Two", ["meta=5", "img=3x8x8"], [(1, 8)]),
    ("Two", ["3x8x8", "meta=5"], [(1, 8)]),
    ("Opt", ["3x8x8", "mask=None", "scale=0.5"], [(1, 8, 6, 6)]),
    ("Opt", ["3x8x8", "None", "3"], [(1, 8, 6, 6)]),
    ("Opt", ["3x8x8", "mask=@6x6", "scale=1e-3"], [(1, 8, 6, 6)]),
    ("Opt", ["3x8x8", "mask=bool:@6x6"], [(1, 8, 6, 6)]),
    ("Opt", ["3x8x8", "mask=()"], [(1, 8, 6, 6)]),
    ("Opt", ["3x8x8", "mode=train"], [(1, 288)]),
    ("Opt", ["3x8x8", 'mode="train"'], [(1, 288)]),
    ("Opt", ["3x8x8", "flag=true", "times=3"], [(3, 8, 6, 6)]),
    ("Opt", ["3x8x8", "flag=True", "times=int(2)"], [(2, 8, 6, 6)]),
    ("Many", ["[3x8x8, 3x9x9]"], [(1, 8, 7, 7), (1, 8, 6, 6)]),
    ("Many", ["(3x8x8, 3x9x9)"], [(1, 8, 6, 6), (1, 8, 6, 6), (1, 8, 7, 7)]),
    ("Many", ["images=[[3, 8, 8]]"], [(1, 8, 6, 6)]),
    ("Words", ["3x8x8", "int64:7"], [(1, 8)]),
    ("Cut", ["9x4", "int64:[3, 5]", "int64:()"], [(3, 4), (5, 4)]),
]


@pytest.mark.parametrize("engine", [None, "torch"])
@pytest.mark.parametrize(("name", "texts", "shapes"), RUNS, ids=lambda value: str(value)[:40])
def test_inputs_are_all_that_a_forward_takes(
    name: str, texts: list[str], shapes: list[Any], engine: str | None
) -> None:
    if engine:
        pytest.importorskip("torch")
    batch = 2 if name == "Cut" else None
    assert outputs(name, *texts, engine=engine, batch=batch) == shapes


def test_python_takes_the_same() -> None:
    def ran(name: str, *inputs: Any, **named: Any) -> Any:
        trace = cs.trace(f"nets.py:{name}", *inputs, **named)
        assert trace.error is None, trace.error
        return next(row for row in trace.begun() if row.path == "").outputs

    assert ran("Dict", {"img": (3, 8, 8), "tab": (4,)}) == [(1, 8)]
    assert ran("Dict", img=(3, 8, 8), tab="4") == [(1, 8)]
    assert ran("Dict", batch={"img": (3, 8, 8), "tab": (4,)}) == [(1, 8)]
    assert ran("Two", (3, 8, 8), meta=(5,), batch=4) == [(4, 8)]
    assert ran("Opt", (3, 8, 8), None, scale=0.5, mode="train", train=False) == [(1, 288)]
    assert ran("Opt", (3, 8, 8), mask=cs.Tensor((6, 6)), flag=True, times=2) == [(2, 8, 6, 6)]
    assert ran("Many", [(3, 8, 8), "3x9x9"]) == [(1, 8, 7, 7), (1, 8, 6, 6)]

    class Sum(cs.nn.Module):
        def forward(self, pair: Any, *, scale: float) -> Any:
            return (pair["a"] + pair["b"]) * scale

    trace = cs.trace(Sum(), {"a": (3,), "b": (3,)}, scale=2.0)
    assert trace.inputs == [(1, 3), (1, 3)]
    assert trace.error is None
    assert cs.trace(Sum(), a=(3,), b=(3,), scale=1.0).error is None


def test_a_network_file_takes_inputs_by_name() -> None:
    text = "inputs: {a: 3x8x8, b: 3x8x8}\nlayers: {sum: a + b}\n"
    Path("two.yaml").write_text(text, encoding="utf-8")
    assert cs.trace("two.yaml", input=["b=3x1x1"]).inputs == [(1, 3, 8, 8), (1, 3, 1, 1)]
    assert cs.trace("two.yaml", input=["b=@8", "3x4x8"]).inputs == [(1, 3, 4, 8), (8,)]
    with pytest.raises(SpecError, match="no input 'c'") as raised:
        cs.trace("two.yaml", input=["c=3"])
    assert raised.value.fix == "its inputs are a, b"
    with pytest.raises(SpecError, match=r"takes 2 inputs \(a, b\), but 1 shape is") as raised:
        cs.trace("two.yaml", input="3x4x8")
    assert raised.value.fix == 'input=["a=3x4x8", "b=..."]'
    with pytest.raises(SpecError, match="is a tensor"):
        cs.trace("two.yaml", input=["a=0.5"])


def test_indices_are_of_their_dtype_unless_one_is_said() -> None:
    trace = cs.trace("nets.py:Words", input=["3x8x8", "ids=7"])
    assert trace.error is None
    assert trace.note == "ids: int64, since the network takes indices there"


def test_inputs_beside_indices_stay_as_they_are() -> None:
    Path("net.yaml").write_text(
        "inputs: {ids: 7, scale: 7x4}\nlayers: {a: 'Embedding(9, 4)(ids)', b: a * scale}"
    )
    trace = cs.trace("net.yaml")
    assert trace.note == "ids: int64, since the network takes indices there"
    assert trace.rows[-1].result.dtype.name == "float32"


INDICES = (
    "inputs: {ids: 16, image: 3x8x8}\n"
    "layers: {a: 'Embedding(9, 4)(ids)', b: 'Conv2d(3, 4, 3)(image)'}"
)


def test_inputs_of_a_network_file_that_are_indices() -> None:
    Path("net.yaml").write_text(INDICES)
    for named in ([], ["ids=16"]):
        trace = cs.trace("net.yaml", input=named)
        assert trace.error is None
        assert trace.note == "ids: int64, since the network takes indices there"
    Path("net.yaml").write_text(INDICES.replace("16", "float32:16"))
    assert "receives float32" in str(cs.trace("net.yaml").error)


def test_an_input_of_another_name_beside_any_others() -> None:
    Path("any.py").write_text(
        "from torch import nn\nclass Net(nn.Module):\n"
        "    def forward(self, ids, **rest): return ids\n"
    )
    with pytest.raises(SpecError, match=r"takes 1 input \(ids\), but 0 are given") as refusal:
        cs.trace("any.py", input="idz=3")
    assert refusal.value.fix == "did you mean ids, not idz?"
    assert cs.trace("nets.py:Words", (3, 8, 8), (7,)).error is None
    for said in ("float32:7", cs.Tensor((1, 7))):
        error = cs.trace("nets.py:Words", (3, 8, 8), said).error
        assert isinstance(error, ShapeError)
        assert "indices of int64" in error.message


@pytest.mark.parametrize("engine", [None, "torch"])
def test_training_mode(engine: str | None) -> None:
    if engine:
        pytest.importorskip("torch")
    assert outputs("Heads", "4", engine=engine) == [(1, 2)]
    assert outputs("Heads", "4", engine=engine, batch=3, train=True) == [(3, 2), (3, 3)]
    error = cs.trace("nets.py:Heads", "4", engine=engine, train=True).error
    assert isinstance(error, ShapeError)
    assert "more than" in error.message.lower()


def test_training_mode_leaves_a_module_as_it_was() -> None:
    net = cs.nn.Sequential(cs.nn.BatchNorm1d(4), cs.nn.Dropout())
    net[1].eval()
    assert cs.trace(net, (4,), train=True, batch=2).error is None
    assert cs.trace(net, (4,), train=True).error is not None
    assert [module.training for module in net.modules()] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "texts", "what", "fix"),
    [
        ("Two", [], "takes 2 inputs (img, meta), but 0", "--in img=3x32x32 --in meta=..."),
        ("Two", ["3x8x8"], "(img, meta), but 1 is", "--in img=3x8x8 --in meta=..."),
        ("Two", ["meta=5"], "but 1 is given", "--in img=... --in meta=5"),
        ("Two", ["3x8x8", "metta=5"], "no input 'metta'", "did you mean meta?"),
        ("Two", ["3x8x8", "img=3"], "'img' twice", "leave one of them out"),
        ("Two", ["img=3", "img=4"], "'img' is given twice", ""),
        ("Opt", ["3", "q=3"], "no input 'q'", "its inputs are x, mask, scale, mode, flag, times"),
        ("Dict", [], "batch, a dictionary of tab, img", "--in tab=... --in img=3x32x32"),
        ("Dict", ["4", "3x8x8"], "a dictionary of tab, img", "--in tab=... --in img=..."),
        ("Dict", ["tab=4", "imgg=3x8x8"], "no 'imgg'", "did you mean img?"),
        ("Many", ["3x8x8", "3x9x9"], "1 input", "a list of them: --in '[3x8x8, 3x9x9]'"),
        ("Opt", ["abc"], "cannot read the input 'abc'", "3x32x32, int64:77"),
        ("Opt", ["[3x8x8, 4"], "] is missing", "3x32x32, int64:77"),
        ("Opt", ["{a: 3} 4"], "comes after its end", "3x32x32"),
        ("Opt", ["{3x8x8}"], "has no name", "{img: 3x8x8, tab: 4}"),
        ("Opt", ["{a: 3, a: 4}"], "'a' twice", "3x32x32"),
        ("Opt", ["[" * 30 + "3x3" + "]" * 30], "nested too deep", "3x32x32"),
        ("Opt", ["3x8x8", "scale=abc"], "no text 'abc'", "a number: 0.5"),
        ("Opt", ["3x8x8", "flag=abc"], "no text 'abc'", "True or False"),
        ("Opt", ["int63:7"], "unknown dtype 'int63'", "int64:77"),
        ("Opt", ["int64:[a]"], "cannot read the values", "int64:[30, 28]"),
        ("Opt", ["int64:[[1, 2], [3]]"], "cannot read the values", "int64:[30, 28]"),
        ("Opt", ["x="], "a size is missing", "3x32x32"),
        ("Opt", ["@3xx3"], "a size is missing", "3x32x32"),
        ("Opt", ["3x8x8]"], "not a whole number", "3x8x8"),
    ],
)
def test_what_a_forward_does_not_take_is_refused_with_what_it_takes(
    name: str,
    texts: list[str],
    what: str,
    fix: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = [word for text in texts for word in ("--in", text)]
    with pytest.raises(SystemExit) as stopped:
        main(["trace", f"nets.py:{name}", *options])
    told = capsys.readouterr().err
    assert stopped.value.code == 2
    assert what in told
    assert fix in told


def test_a_dictionary_that_lacks_a_name() -> None:
    error = cs.trace("nets.py:Dict", input=["tab=4"]).error
    assert error is not None
    assert error.fix == 'input=["tab=4", "img=..."]'
    error = cs.trace("nets.py:Dict", input="3x8x8").error
    assert error is not None
    assert error.fix == 'input=["tab=...", "img=3x32x32"]'


def test_parts_of_lists_keep_their_path_below_a_heading() -> None:
    trace = cs.trace("nets.py:Lists", "3x8x8")
    paths = [row.path for row in trace]
    assert paths[1:5] == ["down.0", "down.0.0", "down.0.1", "norm.0"]
    names = re.findall(r'(?:<summary>|em">)([^<]+)<', trace.to("html"))
    assert names[:5] == ["down", "down.0", "0", "1", "norm.0"]
    assert names[-3:] == ["heads", "heads.a", "heads.b"]


def test_the_command_line_trains(capsys: pytest.CaptureFixture[str]) -> None:
    main(["trace", "nets.py:Heads", "--in", "4", "--batch", "2", "--train"])
    assert "aux" in capsys.readouterr().out
    main(
        ["check", "nets.py:Heads", "--in", "4", "--batch", "2", "--train", "--expect", "aux.out=3"]
    )
    with pytest.raises(SystemExit) as stopped:
        main(["check", "nets.py:Heads", "--in", "4", "--train"])
    assert stopped.value.code == 1


class Point(NamedTuple):
    x: Any
    y: Any


def test_named_tuples_stay_what_they_are() -> None:
    class Net(cs.nn.Module):
        def forward(self, point: Point) -> Point:
            return Point(point.y, point.x)

    assert cs.trace(Net(), Point((3,), (4,))).rows[0].outputs == [(1, 4), (1, 3)]
