"""PyTorch source, traced without torch; and, where torch has a say, as torch does."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import torch

import convshape as cs
from convshape.errors import Error, ShapeError, SpecError, UnknownOperation
from convshape.readers.source import finder

LENET = """\
import torch.nn as nn
import torch.nn.functional as F


class LeNet(nn.Module):
    def __init__(self, classes):
        super(LeNet, self).__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16*5*5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)
    def forward(self, x):
        out = F.relu(self.conv1(x))
        out = F.max_pool2d(out, 2)
        out = F.relu(self.conv2(out))
        out = F.max_pool2d(out, 2)
        out = out.view(out.size(0), -1)
        out = F.relu(self.fc1(out))
        out = F.relu(self.fc2(out))
        out = self.fc3(out)
        return out
"""
LENET_ROWS = [
    ("conv1", "Conv2d(3, 6, 5)", (1, 6, 28, 28), 456, 14),
    ("max_pool2d", "max_pool2d(2)", (1, 6, 14, 14), 0, 15),
    ("conv2", "Conv2d(6, 16, 5)", (1, 16, 10, 10), 2416, 16),
    ("max_pool2d", "max_pool2d(2)", (1, 16, 5, 5), 0, 17),
    ("view", "view(1, -1)", (1, 400), 0, 18),
    ("fc1", "Linear(400, 120)", (1, 120), 48120, 19),
    ("fc2", "Linear(120, 84)", (1, 84), 10164, 20),
    ("fc3", "Linear(84, 2)", (1, 2), 170, 21),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str, name: str = "net.py") -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))


def net(body: str, before: str = "") -> None:
    """Write net.py with a class Net; `body` is the inside of the class."""
    head = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n\n"
    Path("net.py").write_text(
        head + dedent(before) + "class Net(nn.Module):\n" + indent(dedent(body), "    ")
    )


def rows(trace: cs.Trace) -> list[Any]:
    assert trace.error is None, trace.error
    return [
        (row.path, row.layer, *(row.outputs or ()), row.params, row.where)
        for row in trace
        if row.path
    ]


@pytest.mark.parametrize("engine", ["shape", "torch"])
def test_lenet(engine: str) -> None:
    write(LENET, "lenet.py")
    trace = cs.trace("lenet.py:LeNet(2)", "3x32x32", engine=engine)
    assert rows(trace) == [(*row[:4], f"lenet.py:{row[4]}") for row in LENET_ROWS]
    assert (trace.name, trace.params) == ("LeNet", 61326)
    with pytest.raises(SpecError, match="unknown engine 'jax'"):
        cs.trace("lenet.py:LeNet(2)", "3x32x32", engine="jax")
    assert cs.trace("lenet.py:LeNet(classes=10)", (3, 32, 32), batch=4).rows[-1].outputs == [
        (4, 10)
    ]


def test_lenet_that_does_not_fit() -> None:
    write(LENET, "lenet.py")
    trace = cs.trace("lenet.py:LeNet(2)", input="3x36x36")
    assert isinstance(trace.error, ShapeError)
    knows_columns = sys.version_info >= (3, 11)
    carets = f"{'^' * 13:>34}" if knows_columns else f"{'^' * 27:>35}"
    assert trace.error.to_dict() | {"fixes": []} == {
        "message": "fc1: Linear(400, 120) expects 400 features, but receives 576",
        "where": "lenet.py:19",
        "snippet": f"{'out = F.relu(self.fc1(out))':>35}\n{carets}",
        "why": "view gave 16 × 6 × 6 = 576, because the input is 36 × 36",
        "fix": "Linear(576, 120) in lenet.py:10, or an input of 32..35 × 32..35",
        "fixes": [],
        "others": [],
    }
    write(LENET.replace("16*5*5", "576"), "lenet.py")
    assert cs.trace("lenet.py:LeNet(2)", "3x36x36").error is None


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("m.py", "Net"),  # Block is part of it
        ("m.py:Block", "Block"),
        ("m.py:(Block)", "Block"),
        ("m.py:make", "Net"),
        ("m.py:make(wide=True)", "Net"),
        ("m.py:maker", "Net"),
        ("m.py:ready", "Sequential"),
        ("m.py:Holder.inner", "ReLU"),
        ("m.py:Holder.made(3)", "Net"),
        ("m.py:Net(4).block", "Block"),
        ("m.py:pair(2)[1].block", "Block"),
        ("m:Net(width=4)", "Net"),
        ("m:make", "Net"),
        ("./m.py:Net(4)", "Net"),
    ],
)
def test_what_a_target_names(target: str, wanted: str) -> None:
    write(
        """
        from torch import nn
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
            def forward(self, x):
                return x
        class Net(nn.Module):
            def __init__(self, width=8):
                super().__init__()
                self.block = Block()
            def forward(self, x):
                return self.block(x)
        class Holder:
            inner = nn.ReLU()
            @classmethod
            def made(cls, width):
                return Net(width)
        def make(wide=False):
            return Net(64 if wide else 8)
        def pair(width):
            return 'a name', Net(width)
        class Maker(list):  # which has no hash
            __call__ = staticmethod(make)
        maker = Maker()
        ready = nn.Sequential(nn.ReLU())
        """,
        "m.py",
    )
    assert cs.trace(target, "3x8x8").name == wanted


@pytest.mark.parametrize(
    ("target", "what", "fix"),
    [
        ("lenet.py", "LeNet(classes) needs classes", "'lenet.py:LeNet(classes=...)'"),
        ("lenet.py:LeNet", "LeNet(classes) needs classes", "'lenet.py:LeNet(classes=...)'"),
        (
            "lenet.py:LeNet(clases=2)",
            "LeNet(classes) has no argument 'clases'",
            "did you mean classes?",
        ),
        ("lenet.py:LeNet(2, 3)", "LeNet(classes) takes 1 argument, but 2 are given", ""),
        ("lenet.py:Lenet(2)", "lenet.py has no 'Lenet'", "did you mean lenet.py:LeNet?"),
        ("lenet.py:LeNet(open('x'))", "cannot read \"LeNet(open('x'))\"", "a name, with arguments"),
        ("lenet.py:LeNet(", "cannot read 'LeNet('", "a name, with arguments"),
        ("lenet.py:LeNet(n)", "cannot read 'LeNet(n)': name 'n' is not defined", "a name, with"),
        ("lenet.py:LeNet(2).conv3", "lenet.py:LeNet(2) has no '.conv3'", "did you mean conv"),
        ("lenet.py:LeNet(2).head", "lenet.py:LeNet(2) has no '.head'", ".conv1, .conv2, .fc1"),
        ("lenet.py:LeNet(2)[0]", "lenet.py:LeNet(2) has no '[0]': 'LeNet' object is not", ""),
        ("lenet.py:LeNet(2).conv1.bias", "lenet.py:LeNet(2).conv1.bias makes Parameter", ""),
        ("lenet.py:LeNet(2)(3)", "cannot read 'LeNet(2)(3)'", "a name, with arguments"),
        ("lenet.py:__name__", "lenet.py:__name__ is str, not a network", ""),
        ("lent.py", "file not found: lent.py", "did you mean lenet.py?"),
        ("resnet18", "file not found: resnet18", "convshape init resnet18, then convshape trace"),
        ("several.py", "several.py defines several networks", "one of several.py:A, several.py:B"),
        ("none.py", "no nn.Module found in none.py", "a function: none.py:make"),
        ("none.py:make", "none.py:make makes int, not a network", ""),
        ("wrong.py", "this is not Python: invalid syntax", ""),
        ("binary.py", "this is not UTF-8 text", ""),
        ("no.such:Net", "ModuleNotFoundError: No module named 'no'", "the file instead"),
        (
            "exits.py",
            "the script exits before it defines a network",
            'under if __name__ == "__main__":',
        ),
    ],
)
def test_targets_that_name_no_network(target: str, what: str, fix: str) -> None:
    write(LENET, "lenet.py")
    one = "    def forward(self, x):\n        return x\n"
    write(
        f"from torch import nn\nclass A(nn.Module):\n{one}class B(nn.Module):\n{one}", "several.py"
    )
    write("def make():\n    return 3\n", "none.py")
    write("import torch\nx = = 3\n", "wrong.py")
    write("import sys\nsys.exit(3)\n", "exits.py")
    Path("binary.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError) as caught:
        cs.trace(target, "3x32x32")
    assert caught.value.message.startswith(what)
    assert fix in caught.value.fix
    where = {"wrong.py": "wrong.py:2:5", "exits.py": "exits.py:2"}.get(target, "")
    assert caught.value.where.endswith(where)


def test_inputs_of_any_kind_and_name() -> None:
    net(
        """
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(10, 8)
        def forward(self, ids, image, *, mask=None):
            return self.embed(ids), image.mean(1), mask
        """
    )
    trace = cs.trace("net.py", "int64:7", "3x4x4", "mask=bool:7x7")
    assert trace.error is None
    assert trace.rows[0].outputs == [(1, 7, 8), (1, 4, 4), (1, 7, 7)]
    assert trace.inputs == [(1, 7), (1, 3, 4, 4), (1, 7, 7)]
    for inputs, fix in (
        ([], 'input=["ids=...", "image=3x32x32"]'),
        (["int64:7", "3x4x4", "musk=7"], "did you mean mask?"),
    ):
        with pytest.raises(SpecError) as caught:
            cs.trace("net.py", *inputs)
        assert caught.value.fix == fix


#: Whatever people lean on: (body of forward, or of the class; shape that comes out).
BODIES = [
    ("return x.view(x.size(0), -1)", (2, 192)),
    ("n, c, h, w = x.shape\nreturn x.reshape(n, c, h * w)", (2, 3, 64)),
    ("return x.view(*x.shape[:2], -1)", (2, 3, 64)),
    ("b, c, *size = x.size()\nreturn x.new_zeros(b, *size)", (2, 8, 8)),
    ("with torch.no_grad():\n    return x.flatten(1)", (2, 192)),
    ("with torch.cuda.amp.autocast(enabled=False):\n    return x.float()", (2, 3, 8, 8)),
    ("assert isinstance(x, torch.Tensor) and torch.is_tensor(x)\nreturn x", (2, 3, 8, 8)),
    ("assert not isinstance(x, torch.LongTensor)\nreturn x.to('cuda').cpu()", (2, 3, 8, 8)),
    ("if x.is_cuda if hasattr(x, 'is_cuda') else False:\n    return None\nreturn x", (2, 3, 8, 8)),
    ("return x if hasattr(torch, 'musa') and torch.musa.is_available() else x[0]", (3, 8, 8)),
    ("return x if getattr(torch, 'rfft', None) or hasattr(nn, 'Silu') else x[0]", (3, 8, 8)),
    ("return x[0] if hasattr(torch, 'lobpcg') and hasattr(nn, 'SiLU') else x", (3, 8, 8)),
    ("return x if torch.cuda.is_available() or torch.jit.is_scripting() else x[0]", (3, 8, 8)),
    ("return x[0] if torch.accelerator.current_accelerator() is None else x", (3, 8, 8)),
    (
        "from torch.utils.checkpoint import checkpoint\n"
        "return checkpoint(torch.flatten, x, 1, use_reentrant=False)",
        (2, 192),
    ),
    ("return torch.utils.checkpoint.checkpoint(lambda y: y[:, :1], x)", (2, 1, 8, 8)),
    ("return torch.zeros(int(torch.tensor([1.5, 2.5]).sum().item() if False else 4))", (4,)),
    ("return x[:, : sum(int(v) for v in torch.arange(3))]", (2, 3, 8, 8)),
    ("return torch.zeros([v.item() for v in torch.linspace(1, 3, 3).int()])", (1, 2, 3)),
    ("return torch.zeros((torch.tensor(x.shape[-2:]) // 2).tolist())", (4, 4)),
    ("return x.expand(2, -1, -1, -1) * torch.ones(3, 1, 1)", (2, 3, 8, 8)),
    ("return x.masked_fill(x > 0, -torch.finfo(x.dtype).max)", (2, 3, 8, 8)),
    ("return x.type(torch.float16)", (2, 3, 8, 8)),
    *(
        (f"y = x.int().type({kind})\nassert y.dtype is torch.float64\nreturn y[0]", (3, 8, 8))
        for kind in (
            "torch.DoubleTensor",
            "dtype=torch.DoubleTensor",
            "torch.cuda.DoubleTensor",
            "'torch.DoubleTensor'",
            "'torch.cuda.DoubleTensor'",
            "torch.double",
            "x.double().type()",
        )
    ),
    ("assert x.int().type(torch.Tensor).type() == 'torch.FloatTensor'\nreturn x", (2, 3, 8, 8)),
    (
        "assert x.type(torch.HalfTensor, True).dtype == torch.HalfTensor.dtype\nreturn x",
        (2, 3, 8, 8),
    ),
    ("assert not isinstance(x, torch.cuda.FloatTensor)\nreturn x", (2, 3, 8, 8)),
    ("return nn.Linear(8, 2).type(torch.DoubleTensor)(x.type('torch.DoubleTensor'))", (2, 3, 8, 2)),
    ("return torch.cuda.LongTensor([[1, 2]])", (1, 2)),
    ("return torch.as_tensor([[1, 2]]).to(x)", (1, 2)),
    ("return torch.FloatTensor(2, 5)", (2, 5)),
    ("return torch.Tensor([[1.0, 2.0]])", (1, 2)),
    ("torch._assert(x.dim() == 4, 'wrong')\nreturn x", (2, 3, 8, 8)),
    ("return Double.apply(x)", (4, 3, 8, 8)),
    ("return compiled(scripted(x))", (2, 192)),
    ("return torch.zeros(torch.Size((2, 3)).numel())", (6,)),
    ("assert not torch._C._is_tracing()\nreturn x", (2, 3, 8, 8)),
    ("return -np.log(10.0) * x.flatten(1) / np.sqrt(64)", (2, 192)),
    ("return np.float32(2) * x + np.int64(1)", (2, 3, 8, 8)),
    ("return nn.Conv2d(np.prod([1, 3]), np.int64(4), np.int32(3))(x)", (2, 4, 6, 6)),
    ("return nn.LayerNorm(np.int64(8))(nn.Dropout(np.float32(0.5))(x))", (2, 3, 8, 8)),
    ("return F.interpolate(x, scale_factor=np.float32(2))", (2, 3, 16, 16)),
    ("return torch.arange(np.int64(4)).clamp(max=np.float32(2))", (4,)),
    ("return x[:, np.array([2, 0])][np.array([True, False])]", (1, 2, 8, 8)),
    ("return np.exp(torch.arange(3)) * torch.ones(3)", (3,)),
    ("self.register_buffer('h', torch.zeros(3, 3).to_sparse(), False); return x", (2, 3, 8, 8)),
    ("m = x > 0; y = torch.zeros_like(x); y[m] = x[m]; return y", (2, 3, 8, 8)),
    ("m = x[:, :, 0, 0] > 0; y = x.clone(); y[m] = x[m]; return y", (2, 3, 8, 8)),
    ("y = x.clone(); y[:, x[0, :, 0, 0] > 0, 2:] = 1; return y", (2, 3, 8, 8)),
]


@pytest.mark.parametrize(("body", "wanted"), BODIES)
@pytest.mark.filterwarnings("ignore")
def test_what_networks_lean_on(body: str, wanted: tuple[int, ...]) -> None:
    before = """
    import numpy as np
    from functools import partial
    from typing import Optional
    from torch import Tensor
    from torch.autograd import Function
    from torch.nn.modules.utils import _pair
    from torch.jit.annotations import BroadcastingList2
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(0)
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    assert device.type == "cpu" and torch.__version__ >= "1.10" and _pair(3) == (3, 3)
    def hint(x: Optional[Tensor], y: BroadcastingList2[int] = 3) -> "Tensor | None": ...
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.cat([x, x])
    @torch.jit.ignore
    def scripted(x: Tensor):
        return x
    @torch.fx.wrap
    @torch.no_grad()
    def wrapped(x):
        return x
    @torch.compile
    def compiled(x):
        return wrapped(x).flatten(1)
    """
    net("def forward(self, x):\n" + indent(body, "    "), before)
    trace = cs.trace("net.py", "3x8x8", batch=2)
    assert trace.error is None, trace.error
    assert trace.rows[0].outputs == [wanted]
    theirs = cs.trace("net.py", "3x8x8", batch=2, engine="torch")
    assert theirs.error is not None or theirs.rows[0].outputs == [wanted]


@pytest.mark.parametrize(
    "line",
    [
        "state = model_zoo.load_url('http://a/b.pth'); del state['fc.weight']",
        "state = torch.hub.load_state_dict_from_url('http://a/b')['model']; state.pop('fc.bias')",
        "state = {k[7:]: v for k, v in torch.load('b.pth')['state_dict'].items()}",
        "state = self.state_dict(); state.update(torch.load('b.pth')); torch.save(state, 'c.pth')",
    ],
)
def test_no_weights_are_read(line: str) -> None:
    head = "from torch.utils import model_zoo\n"
    body = f"def __init__(self):\n    super().__init__()\n    self.fc = nn.Linear(8, 2)\n    {line}"
    net(
        f"{body}\n    self.load_state_dict(state)\ndef forward(self, x):\n    return self.fc(x)",
        head,
    )
    assert cs.trace("net.py", "8").params == 18


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("return x.sum().item()", "item: a value depends on data"),
        ("if x.sum() > 0:\n        return x", "whether a tensor is true depends on its data"),
        ("return torch.zeros(int(x.sum()))", "a value depends on data"),
        ("return x[x > 0]", "how many elements a mask picks depends on data"),
        ("return torch.cat([x[x > 0]])", "how many elements a mask picks depends on data"),
        ("x[x > 0] = x[x > 1]\n    return x", "how many elements a mask picks depends on data"),
        ("return x[x > 0].shape[0]", "how many elements a mask picks depends on data"),
        ("return [float(v) for v in x.flatten()]", "a value depends on data"),
        (
            "y = torch.zeros(3)\n    y.fill_(x.sum()) if hasattr(y, 'fill_') else y.foo_()\n"
            "    return y.tolist()",
            "",
        ),
        ("return torch.lobpcg(x)", "torch.lobpcg is not known to convshape"),
        ("return x.no_such_method()", "Tensor.no_such_method is not known to convshape"),
        ("return self.layer(x)", "torch.nn.NoSuchLayer is not known to convshape"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(line: str, message: str) -> None:
    net(f"layer = nn.NoSuchLayer(3)\ndef forward(self, x):\n    {line}")
    trace = cs.trace("net.py", "3x8x8")
    assert isinstance(trace.error, UnknownOperation)
    assert message in trace.error.message
    assert trace.error.where.startswith("net.py:")
    assert 'engine="torch"' in trace.error.fix or "data" in trace.error.what


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("return x[:, : int(x.sum().item()) + 2]", (1, 2, 8, 8)),
        ("if x.sum() > 0:\n        return x\n    return x.flatten(1)", (1, 192)),
        ("return x[x > 0]", (0,)),
    ],
)
def test_torch_runs_with_data_what_needs_values(line: str, shape: tuple[int, ...]) -> None:
    net(f"def forward(self, x):\n    {line}")
    assert cs.trace("net.py", "3x8x8").error is not None
    trace = cs.trace("net.py", "3x8x8", engine="torch")
    assert trace.error is None
    assert trace.rows[0].outputs == [shape]


def test_unknown_names_are_harmless_while_they_are_imported() -> None:
    net(
        "def forward(self, x):\n    return x",
        """
        import torch.utils.data as data, torch.distributed.rpc
        import torchvision_of_nowhere.transforms as T
        from torch.optim import SGD
        from torch.utils.data import Dataset, DataLoader
        from torch.nn import NoSuchLayer
        class Mine(Dataset[int]):
            def __getitem__(self, i): return i
        class Theirs(NoSuchLayer): pass
        class Loose(T.Compose, data.Sampler): pass
        @torch.library.custom_op("a::b", mutates_args=())
        def op(x): return x
        optimizer = SGD([], lr=0.1)
        for batch in DataLoader(Mine()): pass
        with torch.profiler.profile() as p: pass
        torch.foo.bar = 3
        transform = T.Compose([T.ToTensor()])
        """,
    )
    assert cs.trace("net.py", "3").error is None
    net(
        "def forward(self, x):\n    return T.normalize(x)",
        "import torchvision_of_nowhere.transforms as T\n",
    )
    error = cs.trace("net.py", "3").error
    assert isinstance(error, UnknownOperation)
    assert error.message.startswith("torchvision_of_nowhere.transforms.normalize")
    assert error.fix == "pip install torchvision_of_nowhere"
    write(
        "from torch import nn\nclass N(nn.NoSuchLayer):\n    def forward(self, x): return x\n",
        "n.py",
    )
    with pytest.raises(UnknownOperation, match="NoSuchLayer"):
        cs.trace("n.py:N", "3")


def test_errors_of_the_users_code_show_their_lines_only() -> None:
    net(
        """
        def __init__(self, kind="x"):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 1)
        def forward(self, x):
            return self.inner(self.conv(x))
        def inner(self, x):
            raise KeyError("oh")
        """
    )
    trace = cs.trace("net.py", "3x8x8")
    assert [row.path for row in trace] == ["conv"]
    assert isinstance(trace.error, SpecError)
    assert trace.error.to_dict() | {"fixes": []} == {
        "message": "KeyError: 'oh'",
        "where": "net.py:14",
        "snippet": f"{'raise KeyError(':>23}{chr(34)}oh{chr(34)})\n{'^' * 20:>28}",
        "why": "called from net.py:12 in forward",
        "fix": "",
        "fixes": [],
        "others": [],
    }
    net("def __init__(self):\n    super().__init__()\n    self.conv = nn.Conv2d(3, 4, 1, groups=2)")
    with pytest.raises(ShapeError) as caught:
        cs.trace("net.py:Net", "3x8x8")
    assert caught.value.where == "net.py:9"


@pytest.mark.parametrize(
    ("made", "called", "message", "fix"),
    [
        ("nn.Conv2d(3, 4, kernel=3)", "conv(x)", "Conv2d has no argument 'kernel'",
         "nn.Conv2d(3, 4, kernel_size=3) in net.py:10"),
        ("nn.Conv2D(3, 4, 3)", "conv(x)", "torch.nn.Conv2D is not known to convshape",
         "did you mean torch.nn.Conv2d?"),
        ("nn.Conv2d(3, 4, 3)", "cnov(x)", "AttributeError: 'Net' object has no attribute 'cnov'",
         "self.conv(x)"),
    ],
)  # fmt: skip
def test_a_slip_in_the_users_code_is_mended(made: str, called: str, message: str, fix: str) -> None:
    net(
        f"""
        def __init__(self):
            super().__init__()
            self.conv = {made}
        def forward(self, x):
            return self.{called}
        """
    )
    try:
        error = cs.trace("net.py:Net", "3x8x8").error
    except SpecError as refusal:
        error = refusal
    assert error is not None
    assert (error.message, error.fix) == (message, fix)


def test_a_module_without_super_is_mended() -> None:
    net("def __init__(self):\n    self.conv = nn.Conv2d(3, 4, 1)")
    with pytest.raises(SpecError) as refusal:
        cs.trace("net.py:Net", "3x8x8")
    assert refusal.value.fix == "super().__init__() before it"


def test_a_file_in_a_package_is_part_of_it() -> None:
    write("value = 4\nfrom .sub import deep\n", "pkg/__init__.py")
    write("", "pkg/sub/__init__.py")
    write(
        "from ..parts import Part\nfrom .. import value\nfrom . import deep as same\n" + LENET,
        "pkg/sub/deep.py",
    )
    write(
        "import torch\nclass Part(torch.nn.Module):\n    def forward(self, x): return x\n",
        "pkg/parts.py",
    )
    trace = cs.trace("pkg/sub/deep.py:LeNet(5)", "3x32x32")
    assert trace.rows[-1].outputs == [(1, 5)]
    assert trace.rows[1].where == "pkg/sub/deep.py:17".replace("/", os.sep)
    assert cs.trace("pkg.sub.deep:LeNet(5)", "3x32x32").error is None
    assert cs.trace("pkg.parts:Part", "3").error is None


def test_nothing_is_left_behind(capsys: pytest.CaptureFixture[str]) -> None:
    write("import torch\nclass Other(torch.nn.Module): pass\n", "helper_of_mine.py")
    text = """
    import sys, warnings, torch, helper_of_mine
    warnings.simplefilter("error")
    sys.path.append("nowhere")
    print("hello")
    if __name__ == "__main__":
        raise SystemExit
    class Net(torch.nn.Module):
        def forward(self, x):
            print("forward")
            {}
            return x
    """
    before = (
        dict(sys.modules),
        list(sys.path),
        list(sys.meta_path),
        list(sys.argv),
        list(warnings.filters),
    )
    for line in ("pass", "1 / 0", "torch.cat([x, x[:, 1:]], 0)"):
        write(dedent(text).format(line))
        trace = cs.trace("net.py", "3")
        assert (trace.error is None) == (line == "pass")
    write("import torch\n1 / 0\n")
    with pytest.raises(SpecError, match="ZeroDivisionError"):
        cs.trace("net.py", "3")
    after = (
        dict(sys.modules),
        list(sys.path),
        list(sys.meta_path),
        list(sys.argv),
        list(warnings.filters),
    )
    assert {k: v for k, v in after[0].items() if k in before[0]} == before[0]
    assert sys.modules["torch"] is torch
    assert not {"net", "helper_of_mine"} & after[0].keys()
    assert after[1:] == before[1:]
    out, err = capsys.readouterr()
    assert out == ""
    assert err.split() == ["hello", "forward"] * 3


def test_a_module_that_is_called_twice_stands_twice_and_counts_once() -> None:
    net(
        """
        def __init__(self):
            super().__init__()
            self.shared = nn.Sequential(nn.Conv2d(3, 3, 1))
        def forward(self, x):
            return self.shared(self.shared(x))
        """
    )
    trace = cs.trace("net.py", "3x8x8")
    assert [row.path for row in trace] == ["", *["shared", "shared.0"] * 2]
    assert trace.params == 12
    assert [row["where"] for row in trace.to_dict()["rows"]] == ["", *["net.py:12"] * 4]


VALUES = [
    "[x.item() for x in torch.linspace(0, 0.1, 12)]",
    "torch.arange(2, 12, 3).tolist()",
    "(torch.arange(6).view(2, 3) + torch.tensor([10, 20, 30])).tolist()",
    "torch.tensor([[1, 2], [3, 4]])[1].tolist()",
    "torch.cumsum(torch.tensor([3, 4, 5]), 0)[1:].tolist()",
    "torch.cat([torch.zeros(2), torch.ones(1)]).tolist()",
    "torch.full((2,), 7).sum().item()",
    "torch.diff(torch.tensor([3, 4, 9])).tolist()",
    "int(torch.tensor(7) // 2)",
    "float(torch.tensor(0.5) * 3)",
    "bool(torch.tensor(3) > 2)",
    "list(range(10))[torch.tensor(4)]",
    "torch.round(torch.log(torch.arange(1, 9) / 2.0) / 0.7).int().tolist()",
    "(2 ** torch.arange(5)).flip(0).max().item()",
    "-torch.tensor(3).unsqueeze(0)[0].item()",
    "torch.linspace(0, 1, 5).long().tolist()",
    "torch.tensor(np.array([[1, 2], [3, 4]])).tolist()",
    "[part.tolist() for part in torch.linspace(0, 0.1, 6).split([3, 3])]",
    "[part.tolist() for part in torch.arange(6).view(2, 3).t().split(1, 1)]",
    "[part.tolist() for part in torch.split(torch.arange(12).view(3, 4), 2, dim=1)]",
    "[part.tolist() for part in torch.chunk(input=torch.arange(4), chunks=3)]",
    "[part.tolist() for part in torch.split(tensor=torch.arange(4), split_size_or_sections=2)]",
    "[part.tolist() for part in torch.arange(12).view(3, 4)[1:].chunk(2, 1)]",
    "[row.sum().item() for row in torch.arange(6).view(2, 3).unbind(1)]",
    "[part.tolist() for part in torch.tensor_split(torch.arange(6), (2, 4))]",
    "torch.arange(6).view(2, 3).t().flatten().tolist()",
    "torch.arange(24).view(2, 3, 4).permute(2, 0, 1)[1].narrow(1, 1, 2).tolist()",
    "torch.arange(3).expand(2, 3).diagonal().tolist()",
    "torch.arange(6).unfold(0, 3, 2).select(1, 1).tolist()",
    "torch.unique(torch.tensor([[3, 1], [2, 3]])).tolist()",
    "torch.tensor([1.5, 0.5, 1.5]).unique().tolist()",
    "torch.tensor([True, False, True]).unique().tolist()",
    "torch.tensor([8, 6, 8]).unique(return_inverse=True)[1].tolist()",
    "torch.unique(torch.tensor([8, 6, 8]), True, False, True)[1].tolist()",
    "list(torch.tensor([[8, 6], [8, 6]]).unique(sorted=False, return_counts=True)[1].shape)",
    "torch.ones(0).unique().tolist()",
]


@pytest.mark.parametrize("expression", VALUES)
def test_values_of_constants_are_torchs(expression: str) -> None:
    import numpy as np

    body = "def forward(self, x):\n    raise KeyError(*seen)\n"
    net(body, f"import numpy as np\nseen = [{expression}]\n")
    error = cs.trace("net.py", "3").error
    assert error is not None
    found = eval(error.what.removeprefix("KeyError: "))
    assert np.array(found) == pytest.approx(
        np.array(eval(expression, {"torch": torch, "np": np})), rel=1e-6
    )


@pytest.mark.parametrize(
    "write_",
    [
        "b[0] = x.sum()",
        "b += x.sum()",
        "b.split(1)[0].fill_(x.sum())",
        "b.unbind(1)[0].cauchy_()",
        "nn.init.normal_(b)",
    ],
)
def test_values_are_forgotten_where_something_may_be_written(write_: str) -> None:
    net(
        f"def forward(self, x):\n    a = torch.zeros(3, 3)\n    b = a[1:]\n    {write_}\n"
        f"    return a.tolist()"
    )
    error = cs.trace("net.py", "3").error
    assert isinstance(error, Error)


WITHOUT_TORCH = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "numpy"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
from convshape.cli import main
main(["trace", "lenet.py:LeNet(2)", "--in", "3x36x36"])
"""


def test_without_torch() -> None:
    write(LENET, "lenet.py")
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "fc1: Linear(400, 120) expects 400 features, but receives 576" in run.stderr
    assert "Linear(576, 120) in lenet.py:10" in run.stderr
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH.replace('36"', '32", "--engine", "torch"')],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2


def test_what_the_code_writes_into_files_that_it_leaves_open_is_written() -> None:
    net(
        """
        log = open("shapes.txt", "w")
        def __init__(self):
            super().__init__()
            self.raw = open("raw.bin", "wb")
            self.gone = open("gone.txt", "w")
            self.fc = nn.Linear(3, 4)
        def forward(self, x):
            print(tuple(x.shape), file=self.log)
            self.raw.write(b"1")
            self.gone.close()
            return self.fc(x)
        """
    )
    subprocess.run([sys.executable, "-m", "convshape", "trace", "net.py", "--in", "3"], check=True)
    assert (Path("shapes.txt").read_text(), Path("raw.bin").read_text()) == ("(1, 3)\n", "1")


def test_an_endless_loop_can_be_stopped() -> None:
    write(
        """
        import os, signal
        signal.signal(signal.SIGINT, signal.default_int_handler)  # not set in the background
        os.kill(os.getpid(), signal.SIGINT)
        while True: pass
        """
    )
    command = [sys.executable, "-m", "convshape", "trace", "net.py", "--in", "3"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


def test_status_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from convshape.cli import main

    write(LENET, "lenet.py")
    main(["trace", "lenet.py:LeNet(2)", "--in", "3x32x32", "--json"])
    parts = json.loads(capsys.readouterr().out)
    assert [r["where"] for r in parts["rows"]][-1] == "lenet.py:21"
    net("def forward(self, x, y):\n    return torch.no_such(x)")
    with pytest.raises(SystemExit) as ended:
        main(["trace", "net.py", "--in", "3", "--in", "y=4"])
    assert ended.value.code == 2
    assert "net.py:8" in capsys.readouterr().err


ENGINES = """
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(n, n, 3, padding=1, bias=False), nn.BatchNorm2d(n), nn.ReLU())
    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)
class Net(nn.Module):
    def __init__(self, rate=0.2):
        super().__init__()
        rates = [x.item() for x in torch.linspace(0, rate, 3)]
        self.stem = nn.Conv2d(3, 8, 7, 2, 3)
        self.blocks = nn.ModuleList(Block(8 * 2**i) for i, _ in enumerate(rates))
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.head = nn.Linear(64, 10)
        self.scale = nn.Parameter(torch.ones(64, 1, 1))
        self.tied = nn.Linear(64, 10)
        self.tied.weight = self.head.weight
    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(torch.flatten(self.pool(x * self.scale), 1))
"""


def test_the_engines_make_the_same_rows() -> None:
    write(ENGINES)
    ours, theirs = (
        cs.trace("net.py", "3x32x32", engine=engine).to_dict() for engine in ("shape", "torch")
    )
    functions = [r["layer"] for r in ours["rows"] if r["kind"] == "function"]
    assert functions == [r["layer"] for r in theirs["rows"] if r["kind"] == "function"]
    assert ours == theirs


@pytest.mark.parametrize("engine", ["shape", "torch"])
def test_what_is_asked_of_torch_itself(engine: str) -> None:
    net(
        """
        def __init__(self):
            super().__init__()
            source = torch.Generator().manual_seed(1)
            self.weight = nn.Parameter(torch.rand(3, 4, generator=source))
            assert torch.get_float32_matmul_precision() == "highest"
            assert torch.get_default_device() == torch.device("cpu")
            assert torch.get_autocast_dtype("cpu") is torch.bfloat16
            assert torch.get_num_threads() >= 1

        def forward(self, x):
            assert not torch.is_inference(x) and not x.is_shared()
            assert torch.get_device(x) == -1 or x.is_meta
            n = torch.sym_max(x.size(0), 2) + torch.sym_int(1.5)
            return (x.new(n, 4) + self.weight[:1]).sum(1)
        """
    )
    trace = cs.trace("net.py", "4", engine=engine)
    assert trace.error is None, trace.error
    assert trace.rows[-1].outputs == [(3,)]


@pytest.mark.parametrize("engine", ["shape", "torch"])
def test_modules_of_torch(engine: str) -> None:
    net(
        """
        def forward(self, x):
            values = torch.linspace(0, 1, 3)
            torch.linalg.diagonal(values.expand(3, 3)).mul_(0)  # which nobody follows
            spectrum = torch.fft.rfft(x)
            length = vector_norm(spectrum, dim=-1)
            try:
                p, l, u = torch.linalg.lu(x)
            except torch.linalg.LinAlgError:
                u = x
            with sdpa_kernel(SDPBackend.MATH):
                F.scaled_dot_product_attention(x, x, x)
            return length, torch.linalg.solve_triangular(
                u, expit(x) + torch.special.i1e(x), upper=True)
        """,
        "import torch.fft\nfrom torch.linalg import vector_norm\nfrom torch.special import expit\n"
        "from torch.nn.attention import SDPBackend, sdpa_kernel\n",
    )
    trace = cs.trace("net.py", "4x4", engine=engine)
    assert trace.error is None, trace.error
    names = [
        row.layer.partition("(")[0].removeprefix("fft_").removeprefix("linalg_") for row in trace
    ]
    assert ("rfft" in names, "vector_norm" in names) == (True, True)
    assert trace.rows[-1].outputs in ([(1, 4)], [(1, 4), (1, 4, 4)])


@pytest.mark.parametrize("engine", ["shape", "torch"])
def test_what_wraps_layers(engine: str) -> None:
    """Weights that are worked out, several machines, and sequences of different lengths."""
    net(
        """
        def __init__(self):
            super().__init__()
            self.conv = nn.DataParallel(parametrizations.spectral_norm(nn.Conv2d(3, 8, 3)))
            self.fc = nn.utils.parametrizations.weight_norm(nn.Linear(4, 5))

        def forward(self, x):
            x = self.conv(x)
            return self.fc(pad_sequence([x[0, 0], x[0, 1, 1:]], batch_first=True))
        """,
        "from torch.nn.utils import parametrizations\n"
        "from torch.nn.utils.rnn import pad_sequence\n",
    )
    trace = cs.trace("net.py", "3x6x6", engine=engine)
    assert trace.error is None
    assert next(row for row in trace if row.path == "fc").outputs == [(2, 4, 5)]
    assert trace.params == 3 * 8 * 9 + 8 + 4 * 5 + 5 + 5


def test_packages_have_versions() -> None:
    before = """
    from importlib.metadata import version
    import absent, packaging.version
    from absent import __version__ as text
    numbers = tuple(int(part) for part in absent.__version__.split("."))
    assert numbers > (50, 0) and absent.__version__ > "9.1"
    assert packaging.version.parse(text) >= packaging.version.parse("2026.12")
    assert version("absent") == text
    assert version("Other_Absent") == version("other-absent") == text
    assert version("torch") == torch.__version__ == "2.13.0"
    assert version("pytest") != text
    """
    net("def forward(self, x):\n    return x.flatten()", before)
    trace = cs.trace("net.py", "3")
    assert trace.error is None, trace.error
    with pytest.raises(PackageNotFoundError):
        version("absent")


ENDS = """\
import sys
import torch


class Stop(BaseException):
    pass


class Mute(ValueError):
    def __str__(self):
        raise SystemExit


class Net(torch.nn.Module):
    def forward(self, x):
        {forward}
        return x


{top}
"""


@pytest.mark.parametrize("engine", ["shape", "torch"])
@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("sys.exit()", "exits|ends the program"),
        ("sys.exit(0)", "exits|ends the program"),
        ("raise Stop", "Stop"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("raise Mute", "Mute"),
    ],
)
def test_code_that_ends_before_the_network_has_run_fails(code: str, what: str, engine: str) -> None:
    Path("runs.py").write_text(ENDS.format(forward=code, top=""))
    error = cs.trace("runs.py:Net", "3", engine=engine).error
    assert isinstance(error, SpecError)
    assert re.search(what.split("()")[0], error.message)
    assert error.where == "runs.py:16"
    above = ENDS.format(forward="", top="").replace("class Net", f"{code}\n\n\nclass Net")
    Path("loads.py").write_text(above)
    with pytest.raises(SpecError, match=what) as raised:
        cs.trace("loads.py:Net", "3", engine=engine)
    assert raised.value.where == "loads.py:14"
    Path("loads.py").write_text(ENDS.format(forward="", top=code))
    note = cs.trace("loads.py:Net", "3", engine=engine).note
    assert note.startswith("the file stopped at loads.py:20: ")
    assert re.search(what, note)


def test_an_end_of_the_program_does_not_pass_check() -> None:
    Path("runs.py").write_text(ENDS.format(forward="sys.exit()", top=""))
    for command in ("check", "trace"):
        ended = subprocess.run(
            [sys.executable, "-m", "convshape", command, "runs.py:Net", "--in", "3"],
            capture_output=True,
        )
        assert ended.returncode == 2
        assert b"the network exits" in ended.stderr


@pytest.mark.parametrize("engine", [None, "torch"])
def test_an_interrupt_is_the_users(engine: str | None) -> None:
    Path("runs.py").write_text(ENDS.format(forward="raise KeyboardInterrupt", top=""))
    with pytest.raises(KeyboardInterrupt):
        cs.trace("runs.py:Net", "3", engine=engine)
    Path("runs.txt").write_text(ENDS.format(forward="return x", top="raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        cs.trace("runs.txt", input="3")


LATE = """\
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(1, width, 3)

    def forward(self, x):
        return F.relu(self.conv(x))


"""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("open('nothing.csv')", "FileNotFoundError"),
        ("import sys; sys.argv[1]", "IndexError"),
        ("assert torch.cuda.is_available(), 'a GPU'", "AssertionError: a GPU"),
        ("torch.randn(3).sum().item()", "data"),
        ("Net()(torch.randn(4, 3, 8, 8))", "channel"),
        ("raise SystemExit(0)", "it ends the program"),
        ("nett = Nett()", "NameError: name 'Nett' is not defined"),
        ("import nowhere; 1 / len(nowhere.data())", "ZeroDivisionError"),
        ("raise ModuleNotFoundError('a package')", "ModuleNotFoundError: a package"),
        ("raise ImportError('its version')", "ImportError: its version"),
    ],
)
@pytest.mark.parametrize("target", ["net.py", "net.py:Net", "net.py:Net(4)"])
def test_a_file_that_stops_below_its_network_is_traced(line: str, why: str, target: str) -> None:
    write(LATE + line)
    trace = cs.trace(target, "1x8x8")
    assert trace.error is None
    assert trace.note.startswith("the file stopped at net.py:15: ")
    assert why in trace.note


def test_training_on_import_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder._Patience, "seconds", 0.05)
    write(
        """
        import torch
        net = torch.nn.Linear(3, 2)
        while True:
            net(torch.randn(4, 3)).sum().backward()
        class Net(torch.nn.Linear):
            def __init__(self):
                super().__init__(3, 5)
        """,
        "net.py",
    )
    trace = cs.trace("net.py:Net", "3")
    assert trace.rows[-1].outputs == [(1, 5)]
    assert "net.py:5: no shape depends on its training" in trace.note


def test_a_mistake_above_the_network_is_refused() -> None:
    write(LATE.replace("\n\n\nclass", "\nx = ndoe\n\nclass"))
    with pytest.raises(SpecError) as refusal:
        cs.trace("net.py:Net", "1x8x8")
    assert refusal.value.message.startswith("NameError: name 'ndoe' is not defined")
    assert refusal.value.where == "net.py:4"
    assert "Error" not in refusal.value.why
    assert "if __name__" not in refusal.value.fix


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("open('nothing.csv')", "FileNotFoundError"),
        ("assert torch.cuda.is_available()", "AssertionError"),
    ],
)
def test_a_file_that_stops_above_its_network_is_read_on(line: str, why: str) -> None:
    write(LATE.replace("\n\n\nclass", f"\n{line}\n\nclass"))
    trace = cs.trace("net.py:Net", "1x8x8")
    assert trace.error is None
    assert trace.note.startswith(f"the file stopped at net.py:4: {why}")


@pytest.mark.parametrize(
    "line",
    [
        "a, (b, c) = nowhere.subplots(2)",
        "images, labels = next(iter(nowhere.Loader()))",
        "with nowhere.mode() as m: print(len(m), int(m), float(m), m + 1, -m, m[3] < 2)",
        "for x in nowhere.tqdm(range(3)): raise KeyError",
        "x = torch.from_numpy(nowhere.zeros(3)) * 2; torch.tensor(nowhere.x()); f'{x:.2f}'",
        "@nowhere.register(3)\ndef f(): return 3\nassert f() == 3",
        "@nowhere.register\nclass C: x = 3\nassert C.x == 3",
        "try:\n    pass\nexcept nowhere.errors.HTTPError: pass",
        "import copy; assert copy.deepcopy({'a': nowhere.x})",
        "class E(nowhere.SomeError): pass\ntry: raise E\nexcept E: pass",
    ],
)
def test_what_is_missing_is_mentioned(line: str) -> None:
    write(LATE.replace("\n\n\nclass", f"\nimport nowhere\n{line}\n\nclass"))
    trace = cs.trace("net.py:Net", "1x8x8")
    assert (trace.error, trace.note) == (None, "")


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("N = len(nowhere.data().classes)", "net.py:Net(N)"),
        ("N = int(nowhere.data())\nM = N + 1", "net.py:Net(M)"),
        ("N = nowhere.config().width", "net.py:Net(N)"),
        ("N = [1]\nfor x in nowhere.data(): N[0] = 2\nM = N[0]", "net.py:Net(M)"),
        ("if nowhere.config().wide: N = 3\nelse: N = 4", "net.py:Net(N)"),
    ],
)
def test_what_hangs_on_what_is_missing_is_refused(line: str, target: str) -> None:
    write(LATE.replace("\n\n\nclass", f"\nimport nowhere\n{line}\n\nclass") + f"net = {target[7:]}")
    for wanted in (target, "net.py:net"):
        with pytest.raises(UnknownOperation, match="nowhere") as refusal:
            cs.trace(wanted, "1x8x8")
        assert refusal.value.fix == "pip install nowhere"
        assert "Placeholder" not in str(refusal.value)


BASES = """\
import pytorch_lightning as pl
from mmcv.runner import BaseModule
from torch import nn
from transformers import Hub, PreTrainedModel, PyTorchHubMixin, Resnet


class Lit(pl.LightningModule):
    def __init__(self, n=2, *, kind="x", **rest):
        super().__init__()
        self.save_hyperparameters(ignore=["kind"])
        assert set(self.hparams) == {"n", *rest}
        self.layer = nn.Linear(10, self.hparams.n)

    def forward(self, x):
        self.log("mean", x.to(self.device, self.dtype).mean())
        pl.log({"x": x}, x)
        return self.layer(x)


class Mm(BaseModule):
    def __init__(self):
        super().__init__(init_cfg=None)
        self.layer = nn.Linear(10, 2)

    def forward(self, x):
        return self.layer(x)


class Pre(PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.layer = nn.Linear(10, self.config["n"])
        self.post_init()

    def forward(self, x):
        return self.layer(x)


class Both(nn.Module, Hub, repo="x"):
    def forward(self, x):
        return x[:, :2]


class HubMixin(PyTorchHubMixin):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls, *args, **kwargs)


class Mixed(nn.Module, HubMixin):
    def __init__(self, n):
        super().__init__()
        self.layer = nn.Linear(10, n)

    def forward(self, x):
        return self.layer(x)


class Encoder(Resnet, HubMixin):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.out = nn.Linear(self.features, 3)

    def forward(self, x):
        return self.out(x)


class Slip(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(10, 2)

    def forward(self, x):
        return self.lyaer(x)
"""


@pytest.mark.parametrize(
    "target", ["Lit", "Lit(2, lr=3)", "Mm", "Pre({'n': 2})", "Both", "Mixed(2)"]
)
def test_base_classes_that_are_missing_are_modules(target: str) -> None:
    write(BASES)
    assert rows(cs.trace(f"net.py:{target}", "10"))[-1][2] == (1, 2)


@pytest.mark.parametrize("target", ["Encoder", "Encoder(block=3)"])
def test_a_base_class_that_is_needed_is_named(target: str) -> None:
    write(BASES)
    with pytest.raises(UnknownOperation, match=r"transformers\.Resnet is needed here") as refusal:
        cs.trace(f"net.py:{target}", "10")
    assert refusal.value.fix == "pip install transformers"


def test_a_slip_in_such_a_class_is_named() -> None:
    write(BASES)
    error = cs.trace("net.py:Slip", "10").error
    assert isinstance(error, UnknownOperation)
    assert "Slip has no 'lyaer'" in error.message
    assert error.fix.startswith("did you mean layer?")


@pytest.mark.parametrize(
    ("forward", "what"),
    [
        ("nowhere.f(x)", "nowhere.f is called"),
        ("x + nowhere.f(3)", "nowhere.f() is needed here"),
        ("nowhere.f(3)", "nowhere.f() is needed here"),
        ("x if nowhere.f(3) else x", "nowhere.f() is needed here"),
        ("nn.functional.pad(x, (nowhere.f(3), 2))", "nowhere.f() is needed here"),
    ],
)
def test_what_a_network_needs_is_named(forward: str, what: str) -> None:
    net(f"def forward(self, x):\n    return {forward}", "import nowhere\n")
    error = cs.trace("net.py", "3x8x8").error
    assert isinstance(error, UnknownOperation)
    assert what.split("()")[0] in error.message
    assert error.fix == "pip install nowhere"


def test_every_name_of_torch_that_is_no_function() -> None:
    names = [n for n in dir(torch) if isinstance(getattr(torch, n), torch.dtype)]
    write(
        f"""
        import torch, typing, warnings
        from torch import nn
        for name in {names}:
            dtype = getattr(torch, name)
            assert isinstance(dtype, torch.dtype), name
            assert dtype.itemsize
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        class Net(nn.Module):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return x.to(torch.float8_e4m3fn).to(torch.float32)
        class Sum(nn.Module):
            def forward(self, x):
                return x.to(torch.float8_e4m3fn) + 1
        for each in (Net, nn.Conv2d, torch.Tensor, Net.forward):
            typing.get_type_hints(each)
        """
    )
    assert cs.trace("net.py:Net", "3").error is None
    error = cs.trace("net.py:Sum", "3").error
    assert isinstance(error, UnknownOperation)
    assert "float8_e4m3fn" in error.message


def test_code_without_imports() -> None:
    write(LATE.partition("nn\n")[2])
    assert cs.trace("net.py", "1x8x8").params == 80
    write("nn.Sequential(\n    nn.Conv2d(1, 8, 3),\n)\n", "net.txt")
    trace = cs.trace("net.txt", input="1x8x8")
    assert (trace.params, trace.name) == (80, "Sequential")
    write("if True:\n    import nowhere\n" + LATE, "net.txt")
    assert cs.trace("net.txt", input="1x8x8").params == 80
    assert cs.trace("nn.Conv2d(1, 8, 3)", input="1x8x8").params == 80
    write("import torch\n" + LATE.partition("nn\n")[2])
    with pytest.raises(SpecError, match="name 'nn' is not defined"):
        cs.trace("net.py", "1x8x8")


@pytest.mark.parametrize("text", [LATE, "net = nn.Sequential(nn.Conv2d(1, 8, 3))\nnet"])
def test_code_on_standard_input(text: str) -> None:
    trace = [sys.executable, "-m", "convshape", "trace", "-", "--in", "1x8x8"]
    shown = subprocess.run(trace, input=text, capture_output=True, text=True, check=True).stdout
    assert "1x8x6x6" in shown


def test_several_networks_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    text = LATE + LATE.partition("nn\n")[2].replace("Net", "Other")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    with pytest.raises(SpecError, match="defines several networks") as refusal:
        cs.trace("-", input="1x8x8")
    assert refusal.value.fix == "save it as net.py, then name one of them: net.py:Other"


@pytest.mark.parametrize(
    "target",
    [
        "net.Net",
        "net.Net(4)",
        "folder.net",
        "net.py Net",
        "net.py::Net",
        "net.py:Net(SIZES[0])",
        "net.py:Net(A.n)",
    ],
)
def test_other_spellings_of_a_target(target: str) -> None:
    write(LATE + "SIZES = [3]\nclass A:\n    n = 3\n")
    write(LATE, "folder/net.py")
    assert cs.trace(target, "1x8x8").name == "Net"


def test_no_package_is_to_be_installed_that_only_the_command_line_names() -> None:
    with pytest.raises(SpecError, match="No module named 'tinn'") as refusal:
        cs.trace("tinn.create_model('resnet50')", "3x8x8")
    assert refusal.value.fix == "the file instead, as in folder/net.py:Net"


def test_the_folder_that_imports_start_from_is_found() -> None:
    write(LATE, "top/tcn.py")
    write("from top.tcn import Net as Made\nclass Net(Made): pass\n", "top/words/model.py")
    assert cs.trace("top/words/model.py:Net", "1x8x8").params == 80
    write("from .tcn import Net as Made\nclass Net(Made): pass\n", "top/beside.py")
    assert cs.trace("top/beside.py:Net", "1x8x8").params == 80
    write("from thing.net import Net\n", "tools/run.py")
    write(LATE, "src/thing/net.py")
    write("", "pyproject.toml")
    assert cs.trace("tools/run.py:Net", "1x8x8").params == 80


LIMITS = [
    *(
        f"torch.finfo(torch.float8_{name}).{limit}"
        for name in ("e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", "e8m0fnu")
        for limit in ("bits", "max", "min", "eps", "tiny", "smallest_normal", "resolution")
    ),
    *(f"torch.iinfo(torch.uint{n}).{limit}" for n in (16, 32, 64) for limit in ("max", "min")),
]


def test_limits_of_dtypes_that_are_not_known_else() -> None:
    lines = [f"assert {text} == {eval(text)!r}, '{text}'\n" for text in LIMITS]
    write("import torch\n" + "".join(lines) + LATE)
    assert cs.trace("net.py:Net", "1x8x8").note == ""


STARRED = """\
from fastai.vision.all import *
dls = ImageDataLoaders.from_folder(untar_data(URLs.MNIST))
@patch
def show(self: Learner): pass
"""


def test_names_that_come_from_a_package_that_is_missing() -> None:
    write(STARRED + LATE[LATE.index("class") :])
    trace = cs.trace("net.py:Net", "1x8x8")
    assert (trace.params, trace.note) == (80, "")
    write("from nowhere import *\n" + LATE.replace("nn.Conv2d(1", "nn.Conv2d(SIZE"))
    with pytest.raises(UnknownOperation, match=r"nowhere\.SIZE is needed here"):
        cs.trace("net.py:Net", "1x8x8")


@pytest.mark.parametrize("text", ["```python\n{}```\n", "\n```\n{}\n```\nand ```x```\n"])
def test_code_between_fences(text: str) -> None:
    code = "import torch.nn as nn\nnet = nn.Sequential(nn.Linear(10, 2))\n"
    write(text.format(code), "net.txt")
    assert cs.trace("net.txt", input="10").params == 22


def test_code_behind_prompts() -> None:
    lines = (
        ">>> from torch import nn",
        ">>> net = nn.Sequential(",
        "...     nn.Linear(10, 2))",
        ">>> 3",
        "3",
    )
    write("\n".join(lines), "net.txt")
    assert cs.trace("net.txt", input="10").params == 22


def test_a_folder_of_repositories_is_no_package() -> None:
    write("", "code/other/other/models.py")
    write("from other.models import Thing\n" + LATE, "code/mine/mine/net.py")
    assert cs.trace("code/mine/mine/net.py:Net", "1x8x8").params == 80


NEEDED_LATE = """\
import importlib
from torch import nn


def make(lazily):
    if lazily:
        try:
            importlib.import_module("nowhere.models")
        except ImportError as error:
            raise RuntimeError("cannot import models") from error
    from nothing import init
    layer = nn.Linear(10, 2)
    init(layer)
    return layer
"""


@pytest.mark.parametrize("target", ["make(False)", "make(True)"])
def test_what_is_imported_where_the_network_is_made(target: str) -> None:
    write(NEEDED_LATE)
    assert cs.trace(f"net.py:{target}", "10").params == 22


VERSIONS = """\
import importlib.metadata
import torch
from packaging import version
from packaging.version import parse
assert parse(torch.__version__) >= version.parse("1.10") and parse("2.6") == parse("2.6.0")
assert version.parse("2.6.0") < parse(torch.__version__) and not isinstance(parse("1"), str)
assert parse("1.13.0a0+cu117") > parse("1.12.1") and parse("1.13.2").release == (1, 13, 2)
assert (parse("1.13").major, parse("1.13").minor, parse("1.13").micro) == (1, 13, 0)
assert parse(torch.__version__).base_version == "2.13.0"


def require(name, least, below):
    found = importlib.metadata.version(name)
    if not parse(least) <= parse(found) < parse(below):
        raise ImportError(f"{name}>={least},<{below} is required, but found {name}=={found}")


try:
    require("hub-of-models", "1.31.0", "3.0")
except importlib.metadata.PackageNotFoundError:
    text = "The 'hub-of-models>=1.31.0' distribution was not found"
    raise importlib.metadata.PackageNotFoundError(text)
"""


def test_versions_of_packages_that_are_missing_are_those_that_are_asked_for() -> None:
    write(VERSIONS + LATE)
    trace = cs.trace("net.py:Net", "1x8x8")
    assert (trace.params, trace.note) == (80, "")


ARRAYS = """\
import numpy as np
from torch import nn
shape = (1, 28, 28)
net = nn.Linear(
    int(np.prod(shape)), int(np.sqrt(16)) + int(np.ceil(np.log2(5))) + int(np.floor(1.5)))
other = nn.Linear(np.max([3, 4]), int(np.pi))
def wrong(): return nn.Linear(int(np.fft.fft([1])), 2)
"""


def test_numpy_of_plain_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoNumpy:
        def find_spec(self, name: str, *args: Any) -> None:
            if name.partition(".")[0] == "numpy":
                raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    for name in [name for name in sys.modules if name.partition(".")[0] == "numpy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoNumpy(), *sys.meta_path])
    write(ARRAYS)
    assert cs.trace("net.py:net", "784").params == 785 * 8
    assert cs.trace("net.py:other", "4").params == 15
    with pytest.raises(UnknownOperation, match=r"numpy\.fft\.fft\(\) is needed here"):
        cs.trace("net.py:wrong", "1")


def test_compiled_modules_that_cannot_be_loaded_are_missing() -> None:
    write("", "pkg/__init__.py")
    write("garbage", "pkg/_built.so")
    head = "from . import _C\nfrom pkg._ext import ops\nfrom pkg import _built\n"
    write(head + LATE, "pkg/net.py")
    assert cs.trace("pkg/net.py:Net", "1x8x8").params == 80
    write("import pkg.nothing\n" + LATE, "other.py")
    with pytest.raises(SpecError, match=r"No module named 'pkg\.nothing'") as refusal:
        cs.trace("other.py:Net", "1x8x8")
    assert refusal.value.fix == ""


def test_what_is_loaded_may_be_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pyodide keeps the browser's own objects among the modules, which have no names to look at."""
    monkeypatch.setitem(sys.modules, "js", object())  # type: ignore[arg-type]
    file = tmp_path / "net.py"
    file.write_text(
        "import sys\nfrom torch import nn\nimport js\n"
        "sys.modules['js.later'] = object()\nnet = nn.Linear(4, 2)\n"
    )
    try:
        assert cs.trace(str(file), (4,)).rows[-1].outputs == [(1, 2)]
    finally:
        sys.modules.pop("js.later", None)


def test_no_input_is_inferred_where_none_fits() -> None:
    write(LENET.replace("16*5*5", "700").replace("out.size(0), -1", "-1, 400"))
    trace = cs.trace("net.py:LeNet(2)")
    assert not trace.ok
    assert "fit" not in trace.note
    assert cs.fit("net.py:LeNet(2)").sizes == []


def test_a_lazy_convolution_is_taken_to_read_an_image_of_three_channels() -> None:
    write("from torch import nn\nnet = nn.Sequential(nn.LazyConv2d(8, 3), nn.LazyLinear(5))\n")
    trace = cs.trace("net.py:net")
    assert (trace.inputs, trace.output) == ([(1, 3, 224, 224)], (1, 8, 222, 5))


def test_python_3_13_reads_lines_with_a_module_that_it_imports_then(tmp_path: Path) -> None:
    """An import of the source asked for its line, whose import asked for a line."""
    (tmp_path / "net.py").write_text("import torch, colorsys\nclass Net(torch.nn.Identity): pass\n")
    code = f"""
import linecache
import convshape

def updatecache(*args, before=linecache.updatecache):
    import colorsys  # as tokenize is by Python 3.13
    return before(*args)

linecache.updatecache = updatecache
convshape.trace({str(tmp_path / "net.py")!r}, "3").raise_for_error()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_file_beside_the_source_is_found_when_the_source_is_read_again() -> None:
    """For a network that needs values torch's engine reads its file once more."""
    Path("parts.py").write_text("WIDTH = 4\n")
    code = "import torch\nfrom torch import nn\nfrom parts import WIDTH\n"
    code += "class Net(nn.Linear):\n    def forward(self, x):\n"
    code += "        return super().forward(x)[: int(x.sum()) + 1]\n"
    Path("net.py").write_text(f"{code}net = Net(3, WIDTH)\n")
    assert cs.trace("net.py:net", "3", engine="torch").output == (1, 4)
