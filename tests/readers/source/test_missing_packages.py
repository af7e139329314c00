"""Files that use packages that are not installed, or values that only a command line gives."""

from __future__ import annotations

import copy
import os
import re
import sys
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import numpy
import pytest
import torch

import convshape as cs
from convshape.errors import SpecError, UnknownOperation
from convshape.readers.source.missing_packages import Missing
from convshape.readers.source.plain_einops import NAMES
from convshape.shapetorch.placeholder import Placeholder
from convshape.shapetorch.torch_module import namespace

PACKAGES = (
    "numpy",
    "einops",
    "timm",
    "yacs",
    "labml",
    "pytorch_lightning",
    "matplotlib",
    "packaging",
)


@pytest.fixture(autouse=True)
def without_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def find_spec(self, name: str, *args: Any) -> None:
            if name.partition(".")[0] in PACKAGES:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])

    for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Nothing(), *sys.meta_path])
    monkeypatch.chdir(tmp_path)


def traced(code: str, *inputs: str, target: str = "net.py") -> cs.Trace:
    Path("net.py").write_text(dedent(code))
    return cs.trace(target, *inputs)


HEAD = "import torch\nfrom torch import nn\n"
ENCODING = """\
import numpy as np
import torch
from torch import nn


def encoding(n, d):
    def angles(p):
        return [p / np.power(10000, 2 * (i // 2) / d) for i in range(d)]
    table = np.array([angles(p) for p in range(n)])
    table[:, 0::2] = np.sin(table[:, 0::2])
    table[:, 1::2] = np.cos(table[:, 1::2])
    return torch.FloatTensor(table).unsqueeze(0)


def grid(d, n):
    axes = np.meshgrid(np.arange(n, dtype=np.float32), np.arange(n, dtype=np.float32))
    places = np.stack(axes, axis=0).reshape([2, 1, n, n])
    omega = 1.0 / 10000 ** (np.arange(d // 4, dtype=float) / (d / 4.0))
    parts = [np.einsum("m,d->md", part.reshape(-1), omega) for part in places]
    rows = np.concatenate([f(part) for part in parts for f in (np.sin, np.cos)], axis=1)
    return np.concatenate([np.zeros([1, d]), rows], axis=0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", encoding(16, 8))
        self.grid = nn.Parameter(torch.from_numpy(grid(8, 4)).float())
        self.rates = [float(x) for x in np.linspace(0, 0.1, 3)]
        self.layers = nn.ModuleList(nn.Linear(8, 8) for rate in self.rates)

    def forward(self, x):
        mask = torch.from_numpy(np.triu(np.ones((8, 8)), k=1).astype("uint8")) == 0
        eye = torch.from_numpy(np.eye(3).flatten().astype(np.float32)).view(1, 9).repeat(len(x), 1)
        x = x + self.table[:, : x.size(1)]
        for layer in self.layers:
            x = layer(x)
        return x, mask, eye, self.grid
"""


def test_arrays_of_numpy() -> None:
    trace = traced(ENCODING, "8x8")
    assert trace.error is None
    result = trace.analysis.run.calls[0].result
    assert [tuple(each.shape) for each in result] == [(1, 8, 8), (8, 8), (1, 9), (17, 8)]
    assert [each.dtype.name for each in result] == ["float32", "bool", "float32", "float32"]
    assert trace.params == 3 * 72 + 17 * 8


def test_what_numpy_does_otherwise_is_not_known() -> None:
    code = HEAD + "import numpy as np\nnet = nn.Linear(int(np.linalg.norm(np.ones(4))), 2)\n"
    with pytest.raises(UnknownOperation, match=r"numpy\.linalg"):
        traced(code, "2", target="net.py:net")


#: What is of NumPy's shape or value without NumPy, and what is not known.
NUMPY = """\
np.zeros((2, 3)).shape
np.ones((2, 3)).ndim
np.eye(3).size
np.ones((2, 3)).T
float(np.full((), 2.5))
int(np.array([3, 4])[0])
np.mean([1, 2, 3])
np.ceil(2.5).item()
np.max(np.arange(6).reshape(2, 3), axis=1)
np.min(np.ones((2, 3)))
np.stack([np.zeros(3, dtype="float32"), np.ones(3)])
np.atleast_1d(3)
np.atleast_1d((3, 5)) - 1
tuple(int(n) for n in (np.atleast_1d((3, 5)) - 1) / 2 * np.atleast_1d(2))
np.any((np.atleast_1d((3, 5)) - 1) % 2 == 1)
np.min((np.atleast_1d((3, 5)) - 1) / 2) < 0
np.swapaxes(np.vstack((np.arange(1.5, 8, 2), np.arange(4))), 0, 1)
np.concatenate([np.expand_dims(np.ones((4, 2)), axis=1)] * 3, axis=1).reshape([-1, 2])
np.array([np.zeros(3), np.ones(3)])
np.zeros(3, dtype=None)
copy.deepcopy(np.ones((2, 3)))
""".splitlines()
UNKNOWN = """\
np.sqrt(-1)
np.ones((2, 3)) @ np.ones((2, 3))
np.ones(3).strides
np.ones(3) * np.random.rand(3)
""".splitlines()


@pytest.mark.parametrize("expression", [*NUMPY, *UNKNOWN])
def test_numpy_without_numpy(expression: str) -> None:
    plain = Missing("numpy", "pip install numpy", [], for_torch=True)
    ours = eval(expression, {"np": plain, "copy": copy})
    if expression in UNKNOWN:
        assert type(ours) is Placeholder
    else:
        theirs = eval(expression, {"np": numpy, "copy": copy})
        assert getattr(ours, "shape", ours) == (getattr(theirs, "shape", 0) or theirs)


#: A call of einops, and what torch does for it; None where einops refuses.
EINOPS = [
    (
        "rearrange(x, 'b (h p) w c -> b h w (p c)', p=4)",
        lambda x: x.view(2, 3, 4, 16, 3).permute(0, 1, 3, 2, 4).reshape(2, 3, 16, 12),
    ),
    ("rearrange(x, 'b h w c -> b c h w')", lambda x: x.permute(0, 3, 1, 2)),
    ("rearrange(x, 'b ... -> b (...)')", lambda x: x.flatten(1)),
    ("rearrange(x, 'b ... c -> c b ...')", lambda x: x.permute(3, 0, 1, 2)),
    ("rearrange([x, x], 'l b h w c -> b l h w c')", lambda x: torch.stack([x, x], 1)),
    ("rearrange(x, 'b h w c -> b 1 h (w c) ()')", lambda x: x.reshape(2, 1, 12, 48, 1)),
    (
        "reduce(x, 'b (h 2) (w 2) c -> b h w c', 'max')",
        lambda x: x.view(2, 6, 2, 8, 2, 3).amax((2, 4)),
    ),
    ("reduce(x, 'b h w c -> b 1 1 c', 'mean')", lambda x: x.mean((1, 2), keepdim=True)),
    ("repeat(x, 'b h w c -> b h w n c', n=5)", lambda x: x.unsqueeze(3).expand(-1, -1, -1, 5, -1)),
    (
        "repeat(x, 'b h w c -> b (h 2) (w 2) c')",
        lambda x: x.repeat_interleave(2, 1).repeat_interleave(2, 2),
    ),
    (
        "einsum(x, x, 'b h w c, b h v c -> b h w v')",
        lambda x: torch.einsum("bhwc,bhvc->bhwv", x, x),
    ),
    ("unpack(pack([x, x[:, 0]], 'b * c')[0], [(12, 16), (16,)], 'b * c')[1]", lambda x: x[:, 0]),
    ("reduce(x, 'b h w c -> b c', lambda x, axes: x.amax(axes))", lambda x: x.amax((1, 2))),
    (
        "rearrange(x, 'b h w c -> b (h w) c', **parse_shape(x, 'b h w _'))",
        lambda x: x.flatten(1, 2),
    ),
    ("rearrange(x, 'b h) w c -> b h w c')", None),
    ("rearrange(x, 'b h w c')", None),
    ("rearrange(x, 'b (h p) w c -> b h w (p c)', p=5)", None),
    ("rearrange(x, 'b (h p) w c -> b h w (p c)')", None),
    ("rearrange(x, 'b h w c -> b h w')", None),
    ("rearrange(x, 'b h w -> b h w')", None),
    ("rearrange(x, 'b h h c -> b h c')", None),
    ("rearrange(x, 'b (h w c')", None),
    ("repeat(x, 'b h w c -> b n h w c')", None),
    ("reduce(x, 'b h w c -> b c', 'norm')", None),
]


@pytest.mark.parametrize(("call", "in_torch"), EINOPS)
def test_einops(call: str, in_torch: Any) -> None:
    x = cs.Tensor((2, 12, 16, 3))
    if in_torch is None:
        with pytest.raises(RuntimeError):
            eval(call, {**NAMES["einops"], "x": x})
    else:
        theirs = in_torch(torch.zeros(2, 12, 16, 3))
        assert tuple(eval(call, {**NAMES["einops"], "x": x}).shape) == tuple(theirs.shape)


def test_layers_of_einops_and_timm(capsys: pytest.CaptureFixture[str]) -> None:
    trace = traced(
        HEAD
        + """\
from einops import rearrange
from einops.layers.torch import Rearrange, Reduce
from timm.models.layers import DropPath
from timm.models.layers.helpers import to_2tuple
from timm.layers.weight_init import trunc_normal_


class Net(nn.Module):
    def __init__(self, size=16, patch=4):
        super().__init__()
        h, w = to_2tuple(size)
        p, _ = to_2tuple(patch)
        self.patches = nn.Sequential(
            Rearrange("b c (h p) (w q) -> b (h w) (p q c)", p=p, q=p), nn.Linear(3 * p * p, 8))
        self.pos = nn.Parameter(torch.zeros(1, (h // p) * (w // p), 8))
        trunc_normal_(self.pos, std=0.02)
        self.drop = DropPath(0.1)
        self.pool = Reduce("b n d -> b d", "mean")
        print(self)

    def forward(self, x):
        x = self.drop(self.patches(x) + self.pos)
        return self.pool(x), rearrange(x, "b (h w) d -> b d h w", h=4)
""",
        "3x16x16",
    )
    assert trace.error is None
    assert [tuple(t.shape) for t in trace.analysis.run.calls[0].result] == [(1, 8), (1, 8, 4, 4)]
    assert trace.params == 49 * 8 + 16 * 8
    assert "DropPath(drop_prob=0.100)" in capsys.readouterr().err


def test_parts_of_vision_transformers() -> None:
    """Shapes and parameters are those of timm 1.0.22."""
    trace = traced(
        HEAD
        + """from timm.models.vision_transformer import Attention, Mlp, PatchEmbed


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = PatchEmbed(32, (4, 8), 3, 16, nn.LayerNorm)
        self.pos = nn.Parameter(torch.zeros(1, self.patches.num_patches, 16))
        self.attn = Attention(16, 2, qkv_bias=True, qk_norm=True, norm_layer=nn.LayerNorm)
        self.mlp = Mlp(16, 64, 10, drop=0.1)

    def forward(self, x):
        x = self.patches(x) + self.pos
        return self.mlp(x + self.attn(x))
""",
        "3x32x32",
    )
    assert trace.rows[-1].outputs == [(1, 32, 10)]
    assert trace.params == (96 + 1) * 16 + 32 + 32 * 16 + 17 * 48 + 32 + 17 * 16 + 17 * 64 + 65 * 10
    error = cs.trace("net.py", "3x31x32").error
    assert "input is 31, but PatchEmbed is for 32" in str(error)


def test_a_base_class_that_is_not_installed_has_whatever_is_asked_of_it() -> None:
    trace = traced(
        HEAD
        + """\
import pytorch_lightning as pl
from labml.configs import BaseConfigs, option


class Lit(pl.LightningModule):
    def __init__(self, n=2):
        super().__init__()
        self.save_hyperparameters()
        self.register_buffer("shift", torch.zeros(3))
        self.add_module("fc", nn.Linear(3, n))

    def forward(self, x):
        return self.fc(x + self.shift)


class Configs(BaseConfigs):
    activation: nn.Module


@option(Configs.activation, "ReLU")
def relu(c: Configs):
    return nn.ReLU()
""",
        "3",
        target="net.py:Lit",
    )
    assert trace.params == 8


@pytest.mark.parametrize("engine", ["shape", "torch"])
@pytest.mark.parametrize("target", ["thing", "made", "mixed"])
def test_what_is_of_a_package_that_is_missing_is_no_network(target: str, engine: str) -> None:
    code = "import labml\nthing = labml.thing()\nmade = labml.make\n"
    code += "class Mixed(labml.PushMixin): pass\ndef mixed(): return Mixed()\n"
    Path("net.py").write_text(HEAD + code)
    with pytest.raises(UnknownOperation, match="labml"):
        cs.trace(f"net.py:{target}", "3", engine=engine)


def test_names_that_everybody_uses_may_come_from_a_package_that_is_missing() -> None:
    code = "import torch\nfrom labml import *\nnet = nn.Linear(3, 4)\n"
    assert traced(code, "3").params == 16


def test_versions_are_compared_without_their_package() -> None:
    code = "import packaging\nparse = packaging.version.parse\n"
    code += "width = 4 if parse(torch.__version__) > parse('1.5') else 5\n"
    assert traced(HEAD + code + "net = nn.Linear(3, width)\n", "3").params == 16


@pytest.mark.parametrize("engine", ["shape", "torch"])
@pytest.mark.parametrize("module", ["utils", "parts.two"])
def test_a_file_beside_the_source_that_is_not_there_is_no_package(module: str, engine: str) -> None:
    Path("parts").mkdir()
    Path("parts/one.py").write_text("x = 1\n")
    code = f"import {module}\nclass Net(nn.Module):\n    def forward(self, x):\n"
    Path("net.py").write_text(HEAD + code + f"        return {module}.scaled(x)\n")
    error = cs.trace("net.py:Net", "3", engine=engine).error
    assert error is not None
    assert error.fix == f"{module.replace('.', os.sep)}.py beside the file that imports it"


def test_a_file_is_run_once(capsys: pytest.CaptureFixture[str]) -> None:
    first = "print('begins')\nimport numpy\nimport einops\n"
    last = "print('goes on')\nimport matplotlib.pyplot as plt\n"
    traced(first + last + HEAD + "net = nn.Linear(3, 4)\n", "3")
    assert capsys.readouterr().err.split("\n")[:2] == ["begins", "goes on"]


COMMAND_LINE = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("data", type=int)
parser.add_argument("--width", required=True, type=int)
parser.add_argument("--depth", default=4, type=int)
args = parser.parse_args()
class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, args.depth)
    def forward(self, x):
        return self.fc(x)
class Wide(Deep):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, args.width)
"""


def test_what_the_command_line_requires_is_not_known() -> None:
    assert traced(HEAD + COMMAND_LINE, "3", target="net.py:Deep").params == 16
    with pytest.raises(UnknownOperation, match="--width is not known") as refusal:
        cs.trace("net.py:Wide", "3")
    assert "net.py:8 requires it" in refusal.value.why


BLOCK = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(n_words, width)
    def forward(self, x):
        return self.words(x)[:, :last]

def trained(x):
    return undefined

if __name__ == "__main__":
    width = 8
    text = "the cat saw the dog"
    words = {}
    for word in text.split():
        words.setdefault(word, len(words))
    n_words, last = len(words), 2
    raise RuntimeError("trained")
"""


def test_sizes_below_the_main_block() -> None:
    trace = traced(HEAD + BLOCK, "5")
    assert trace.rows[-1].outputs == [(1, 2, 8)]
    assert trace.params == 32
    assert 'last, n_words, width from below if __name__ == "__main__"' in trace.note
    with pytest.raises(SpecError, match="name 'n_words' is not defined"):
        traced((HEAD + BLOCK).replace("n_words, last", "words_n, last"), "5")


@pytest.mark.parametrize(
    ("block", "width"),
    [
        (
            "    import math as m\n    def half(n):\n        return n // 2\n"
            "    class Sizes:\n        width = half(m.floor(16.5))\n    width = Sizes.width\n",
            8,
        ),
        ("    width = int('x')\n", None),
        ("    trained(1)\n", None),
    ],
)
def test_what_sizes_below_the_main_block_are_made_of(block: str, width: int | None) -> None:
    network = "net = lambda: None\nclass Net(nn.Module):\n    def forward(self, x):\n"
    network += "        return x.view(-1, width)\n"
    trace = traced(f'{HEAD}{network}\nif __name__ == "__main__":\n{block}', "16")
    if width is None:
        assert "name 'width' is not defined" in trace.error.message
    else:
        assert trace.rows[-1].outputs == [(2, width)]


def test_a_main_block_that_is_only_mentioned() -> None:
    code = HEAD + "# if __name__ == '__main__':\nclass Net(nn.Module):\n"
    code += "    def forward(self, x):\n        return x.view(-1, width)\n"
    assert "name 'width' is not defined" in traced(code, "16").error.message


def test_the_network_that_a_file_makes_itself() -> None:
    code = HEAD + COMMAND_LINE.partition("class Deep")[0].replace("required=True", "default=5")
    code += """\
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(3, width)
    def forward(self, x):
        return self.fc(x)
model = Net(args.width)
for batch in torch.utils.data.DataLoader([1, 2]):
    model = model.train()
"""
    assert traced(code, "3").params == 20
    with pytest.raises(SpecError, match=r"Net\(width\) needs width"):
        traced(code.replace("for batch", "other = Net(7)\nfor batch"), "3")


FC = """\
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(3, width)
    def forward(self, x):
        return self.fc(x)
"""


def test_networks_of_a_file_that_are_alike_are_one() -> None:
    code = HEAD + FC + "net = Net(4)\nother = Net(4)\nloss = nn.CrossEntropyLoss()\n"
    assert traced(code, "3").params == 16
    with pytest.raises(SpecError, match=r"Net\(width\) needs width"):
        traced(code + "third = Net(5)\n", "3")


@pytest.mark.parametrize(
    ("code", "message", "fix"),
    [
        (
            "from torchvision import models\nmodel = models.vgg11()\nloss = nn.MSELoss()",
            r"torchvision\.models\.vgg11\(\) is needed here",
            "pip install torchvision",
        ),
        (
            f"import sklearn\n{FC}net = Net(sklearn.load().shape[1])",
            r"sklearn\.load\(\)\.shape\[\.\.\.\] is needed",
            "pip install scikit-learn, or 'net.py:Net(...)'",
        ),
        (
            "class Agent(nn.Module):\n    def act(self, x):\n        return x",
            "Agent in net.py has no forward method",
            "a part of it: 'net.py:Agent(...).part'",
        ),
    ],
)
def test_files_without_a_network_of_their_own(code: str, message: str, fix: str) -> None:
    with pytest.raises(SpecError, match=message) as refusal:
        traced(HEAD + code, "3")
    assert refusal.value.fix == fix


DATA = """\
import gym
import torch
import torch.nn.functional as F
from torchvision.datasets import MNIST

data = MNIST("mnist", train=False)
images = torch.unsqueeze(data.data, dim=1).type(torch.FloatTensor)[:2000] / 255.0
both = torch.cat([torch.ones(3), images])
labels = F.one_hot(data.targets, 10) + torch.ones(10)
images = (images - images.mean()) / images.std()


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 2)
        self.optimizer = torch.optim.Adam(list(self.parameters()), lr=0.001)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.optimizer, 10)

    def forward(self, x):
        return self.layer(x){more}
"""


def test_operations_on_data_that_is_not_there_let_the_file_go_on(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(DATA.format(more=""))
    trace = cs.trace(f"{tmp_path / 'net.py'}:Net", "4")
    assert (trace.output, trace.params, trace.note) == ((1, 2), 10, "")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (" + images", "torchvision"),
        (" * self.optimizer.param_groups[0]['lr']", "torch.optim.Adam.param_groups is not known"),
    ],
)
def test_what_a_network_needs_of_it_is_named(tmp_path: Path, more: str, message: str) -> None:
    (tmp_path / "net.py").write_text(DATA.format(more=more))
    trace = cs.trace(f"{tmp_path / 'net.py'}:Net", "4")
    assert isinstance(trace.error, cs.SpecError)
    assert message in str(trace.error)


def test_a_tensor_of_a_size_has_that_shape() -> None:
    for library in (torch, namespace("torch")):
        size = library.zeros(2, 20).size()
        made = [library.Tensor(size), library.FloatTensor(size), library.LongTensor(size[:1])]
        assert [tuple(each.shape) for each in made] == [(2, 20), (2, 20), (2,)]
        assert tuple(library.Tensor((2, 20)).shape) == (2,)


def test_a_missing_package_that_stops_the_file_above_a_class_is_noted(tmp_path: Path) -> None:
    network = DATA.format(more="").partition("class")[2]
    top = "import torch\nfrom matplotlib.figure import Figure\nname = Figure.__name__\n"
    (tmp_path / "net.py").write_text(f"{top}class{network}")
    trace = cs.trace(f"{tmp_path / 'net.py'}:Net", "4")
    assert trace.output == (1, 2)
    assert trace.note.endswith(
        "net.py:3: matplotlib.figure.Figure is needed here, and its package is not installed"
    )


def test_a_name_of_a_loop_over_missing_data_does_not_stop_the_file(tmp_path: Path) -> None:
    loop = "from torchvision.datasets import MNIST\nfor image, label in MNIST('.'):\n    break\n"
    network = DATA.format(more="").partition("class")[2]
    (tmp_path / "net.py").write_text(f"import torch\n{loop}print(image.shape)\nclass{network}")
    trace = cs.trace(f"{tmp_path / 'net.py'}:Net", "4")
    assert trace.output == (1, 2)
    assert "name 'image' is not defined" in trace.note


INFORMER = """\
import numpy as np
import torch


class Net(torch.nn.Module):
    def __init__(self, length=96):
        super().__init__()
        few = 5 * np.ceil(np.log(length)).astype("int").item()
        more = np.floor(np.sqrt(length)).astype(np.int64)
        table = torch.zeros(length, 8).float()
        table.require_grad = False
        self.register_buffer("table", table.unsqueeze(0))
        self.layer = torch.nn.Linear(8, few + more)
        self.layer.weight.no_decay = True

    def forward(self, x):
        return self.layer(x + self.table)
"""


def test_numbers_of_numpy_and_attributes_of_tensors() -> None:
    trace = traced(INFORMER, "96x8")
    assert trace["layer"].layer == "Linear(8, 34)"
    assert (trace.output, trace.params) == ((1, 96, 34), 306)


CONFIG = """\
from torch import nn
from yacs.config import CfgNode


class Node(CfgNode):
    def merge_from_file(self, name):
        super().merge_from_file("settings/" + name)


base = CfgNode({"MODEL": {"WIDTH": 8, "KERNELS": (3, 5), "NORM": None}, "SEED": 1})
base.DATA = CfgNode(new_allowed=True)
cfg = Node(base)
"""
NETWORK = """
net = nn.Linear(4, cfg.MODEL.WIDTH)
"""


@pytest.mark.parametrize(
    ("change", "width"),
    [
        ("cfg.merge_from_list(['MODEL.WIDTH', 16, 'MODEL.NORM', 'batch'])", 16),
        ("cfg.merge_from_list(['MODEL.WIDTH', '16'])", 16),
        ("cfg.merge_from_other_cfg(CfgNode({'MODEL': {'WIDTH': 12, 'KERNELS': [7]}}))", 12),
        ("cfg.merge_from_file('small.yaml')", 2),
        ("cfg.merge_from_other_cfg(CfgNode.load_cfg('MODEL: {WIDTH: 3}'))", 3),
        ("cfg.clone().MODEL.WIDTH = 16", 8),
        ("cfg.freeze()\ncfg.defrost()\ncfg.MODEL.WIDTH = cfg.get('SEED', 7)", 1),
        ("cfg.MODEL.WIDTH *= len(cfg.MODEL.KERNELS)", 16),
        ("cfg.merge_from_list(['MODEL.KERNELS', [1]])\ncfg.MODEL.WIDTH = cfg.MODEL.KERNELS[0]", 1),
        (
            "base.DATA.merge_from_other_cfg(CfgNode({'N': 5}))\ncfg.MODEL.WIDTH = base.DATA.N",
            5,
        ),
        ("cfg = CfgNode.load_cfg(cfg.dump())", 8),
    ],
)
def test_configurations_of_yacs(change: str, width: int) -> None:
    Path("settings").mkdir()
    Path("settings/small.yaml").write_text("MODEL:\n  WIDTH: 2\n")
    assert traced(CONFIG + change + NETWORK, "4").output == (1, width)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("cfg.merge_from_list(['MODEL.WIDE', 16])", "Non-existent key: MODEL.WIDE"),
        ("cfg.merge_from_list(['MODEL.WIDTH'])", "Override list has odd length"),
        ("cfg.merge_from_list(['MODEL.WIDTH', 2.5])", "Type mismatch"),
        ("cfg.merge_from_other_cfg(CfgNode({'X': 1}))", "Non-existent config key: X"),
        ("cfg.freeze()\ncfg.MODEL.WIDTH = 2", "CfgNode is immutable"),
        ("cfg.MODEL.WIDE", "WIDE"),
    ],
)
def test_what_configurations_of_yacs_refuse(change: str, message: str) -> None:
    network = (
        CONFIG
        + "\n\ndef network():\n"
        + indent(change, "    ")
        + NETWORK.replace("net =", "    return")
    )
    with pytest.raises(SpecError, match=message):
        traced(network, "4", target="net.py:network()")


@pytest.mark.parametrize(
    ("change", "width"),
    [
        ("cfg.width = 3", 3),
        ("cfg['width'] = 3", 3),
        ("cfg.update({'width': 4})", 4),
        ("cfg.update(width=5)", 5),
        ("cfg.width = cfg.blocks[1].width + cfg.data.size", 9),
        ("cfg.new = {'width': 6}\ncfg.width = cfg.new.width", 6),
        ("cfg.width = cfg.get('width', 1) + len(cfg) + hasattr(cfg, 'none')", 11),
        ("del cfg.data\ncfg.width = len(cfg)", 2),
    ],
)
def test_dictionaries_of_easydict(change: str, width: int) -> None:
    code = "from torch import nn\nfrom easydict import EasyDict as edict\n"
    code += "cfg = edict({'data': {'size': 2}, 'blocks': [{'width': 6}, {'width': 7}]})\n"
    code += f"cfg.width = 8\n{change}\nnet = nn.Linear(4, cfg.width)\n"
    assert traced(code, "4").output == (1, width)


@pytest.mark.parametrize(
    "line",
    [
        "net = accelerator.prepare(net)",
        "net, optimizer = accelerator.prepare(net, object())",
        "net, optimizer = apex.amp.initialize(net, object(), opt_level='O1')",
        "net = apex.parallel.DistributedDataParallel(net, delay_allreduce=True)",
    ],
)
def test_what_packages_for_training_are_given_they_give_back(line: str) -> None:
    code = f"{HEAD}import apex\nfrom accelerate import Accelerator\naccelerator = Accelerator()\n"
    assert traced(f"{code}net = nn.Linear(4, 5)\n{line}\n", "4").params == 25


OMEGA = """\
from dataclasses import dataclass, field
from omegaconf import OmegaConf
from torch import nn
cfg = OmegaConf.create({"model": {"width": 8, "sizes": [2, 3]}, "out": "${model.width}"})
"""


@pytest.mark.parametrize(
    ("change", "width"),
    [
        ("width = cfg.out", 8),
        ("cfg.model.width = 5\nwidth = cfg['out']", 5),
        ("width = OmegaConf.merge(cfg, {'model': {'width': 6}}).out", 6),
        ("width = sum(cfg.model.sizes + [4])", 9),
        ("width = cfg.get('depth', 7)", 7),
        ("width = OmegaConf.select(cfg, 'model.width') + len(cfg)", 10),
        ("width = OmegaConf.create('a: {b: 3}\\nc: ${a.b}').c", 3),
        ("width = OmegaConf.create({'a': 4, 'b': ['${a}', {'c': '${a}'}]}).b[1].c", 4),
        ("width = OmegaConf.to_container(cfg, resolve=True)['out']", 8),
        ("width = 1 + isinstance(cfg, dict) + isinstance(cfg.model.sizes, list)", 1),
        ("width = 1 + hasattr(cfg, 'depth')", 1),
        ("@dataclass\nclass C:\n    w: int = 5\n    l: list = field(default_factory=list)\n"
         "width = OmegaConf.structured(C).w + len(OmegaConf.create(C(4)).l)", 5),
        ("from omegaconf import MISSING\n@dataclass\nclass C:\n    w: int = MISSING\n"
         "width = OmegaConf.structured(C(6)).w", 6),
        ("import pathlib\npathlib.Path('c.yaml').write_text('a: 3')\n"
         "width = OmegaConf.load('c.yaml').a", 3),
    ],
)  # fmt: skip
def test_settings_of_omegaconf(change: str, width: int) -> None:
    assert traced(f"{OMEGA}{change}\nnet = nn.Linear(4, width)\n", "4").output == (1, width)


@pytest.mark.parametrize("value", ["???", "${oc.env:WIDTH}", "${model.depth}"])
def test_a_setting_that_is_looked_up_elsewhere_is_not_known(value: str) -> None:
    code = f"{OMEGA}cfg.model.width = {value!r}\nnet = nn.Linear(4, cfg.out)\n"
    with pytest.raises(SpecError, match=re.escape(f"{value} is not known")):
        traced(code, "4")


def test_a_package_is_looked_for_six_folders_above_a_file(tmp_path: Path) -> None:
    code = f"{HEAD}from mine.parts import Part\nclass Net(Part): pass\n"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "parts.py").write_text(f"{HEAD}class Part(nn.Identity): pass\n")
    near, far = (tmp_path.joinpath(*("deep",) * depth) for depth in (5, 6))
    far.mkdir(parents=True)
    (near / "net.py").write_text(code)
    assert cs.trace(str(near / "net.py"), "3").ok
    (far / "net.py").write_text(code)
    with pytest.raises(SpecError, match="has no forward method"):  # a part of what is missing
        cs.trace(str(far / "net.py"), "3")


@pytest.mark.parametrize(
    ("files", "is_package"),
    [
        (["mine/parts.py"], True),
        (["mine/inner/parts.py"], True),
        (["mine/inner/deeper/parts.py"], False),
        (["mine/notes.txt", "mine/inner/notes.txt"], False),
        (["mine/setup.py", "mine/mine/parts.py"], False),
        (["mine/__init__.py", "mine/mine/parts.py"], True),
        (["mine"], False),
    ],
)
def test_a_folder_with_python_is_a_package(
    files: list[str], is_package: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "net.py").write_text(
        f"{HEAD}import mine\nprint(list(mine.__path__))\nclass Net(nn.Identity): pass\n"
    )
    cs.trace("work/net.py", "3")
    assert (str(tmp_path) in capsys.readouterr().err) is is_package


def test_a_folder_of_another_project_is_another_package(tmp_path: Path) -> None:
    """A package without `__init__.py` stayed, and the next project got it."""
    for width in (4, 5):
        (tmp_path / str(width) / "mine").mkdir(parents=True)
        (tmp_path / str(width) / "mine" / "parts.py").write_text(f"WIDTH = {width}\n")
        net = tmp_path / str(width) / "net.py"
        net.write_text(f"{HEAD}from mine.parts import WIDTH\nnet = nn.Linear(3, WIDTH)\n")
        assert cs.trace(f"{net}:net", "3").output == (1, width)
        assert not {"mine", "mine.parts"} & {*sys.modules}


def test_a_folder_without_init_in_a_package_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "mine" / "inner").mkdir(parents=True)
    (tmp_path / "mine" / "__init__.py").write_text("")
    (tmp_path / "mine" / "inner" / "parts.py").write_text("WIDTH = 4\n")
    net = tmp_path / "net.py"
    net.write_text(f"{HEAD}from mine.inner.parts import WIDTH\nnet = nn.Linear(3, WIDTH)\n")
    assert cs.trace(f"{net}:net", "3").output == (1, 4)
    assert not any(name.startswith("mine") for name in sys.modules)


def test_a_folder_without_init_in_a_package_that_fails(tmp_path: Path) -> None:
    """Python takes away the package that fails, and leaves the folder in it."""
    (tmp_path / "mine" / "inner").mkdir(parents=True)
    (tmp_path / "mine" / "__init__.py").write_text("import mine.inner.parts\nfrom . import _C\n")
    (tmp_path / "mine" / "inner" / "parts.py").write_text("WIDTH = 4\n")
    net = tmp_path / "net.py"
    net.write_text(f"{HEAD}from mine.inner.parts import WIDTH\nnet = nn.Linear(3, WIDTH)\n")
    assert cs.trace(f"{net}:net", "3").output == (1, 4)


@pytest.mark.parametrize(
    "files",
    [
        {  # the file beside it hides the package of the same name, which is further up
            "root/utils/masks.py": "WIDTH = 4\n",
            "root/layers/utils.py": "",
            "root/layers/net.py": "from utils.masks import WIDTH\n",
        },
        {  # folders without __init__.py above one that has it
            "root/lib/parts.py": "WIDTH = 4\n",
            "root/lib/layers/__init__.py": "",
            "root/lib/layers/net.py": "from ..parts import WIDTH\n",
        },
        {
            "root/parts.py": "WIDTH = 4\n",
            "root/lib/layers/net.py": "from ...parts import WIDTH\n",
        },
    ],
)
def test_a_project_is_imported_as_from_its_root(files: dict[str, str], tmp_path: Path) -> None:
    *others, (file, code) = files.items()
    for name, text in (*others, (file, f"{HEAD}{code}net = nn.Linear(3, WIDTH)\n")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert cs.trace(f"{tmp_path / file}:net", "3").output == (1, 4)


@pytest.mark.parametrize("engine", ["shape", "torch"])
@pytest.mark.parametrize("asked", ["mmcv>=[1, 3, 0], <=[1, 7, 2]", "mmcv>=1.3.0, <2.0"])
def test_an_assertion_on_a_version_has_the_least_that_it_takes(
    asked: str, engine: str, tmp_path: Path
) -> None:
    """`mmsegmentation` has such a line above all of its networks."""
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import mmcv\n"
        "version = [int(x) for x in mmcv.__version__.split('.')]\n"
        f"assert [1, 3, 0] <= version < [2, 0], f'MMCV=={{mmcv.__version__}}; please {asked}.'\n"
    )
    (package / "net.py").write_text(f"{HEAD}net = nn.Linear(3, 4)\n")
    assert cs.trace(f"{package / 'net.py'}:net", "3", engine=engine).params == 16


def test_modules_of_python_that_torch_loads_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """`multiprocessing.connection` is an attribute once torch is imported."""
    import multiprocessing
    import multiprocessing.connection

    monkeypatch.delattr(multiprocessing, "connection")
    monkeypatch.delitem(sys.modules, "multiprocessing.connection")
    code = "import multiprocessing as mp\ndef send(to: mp.connection.Connection): pass\n"
    assert traced(f"{HEAD}{code}net = nn.Linear(3, 4)\n", "3").ok


def test_a_loss_is_not_the_network_of_a_file() -> None:
    code = "class NetLoss(nn.Module):\n    def forward(self, x, y): return x - y\n"
    code += "class Net(nn.Linear):\n    def __init__(self, n, act=nn.ReLU):\n"
    code += "        super().__init__(n, 4)\n    def forward(self, x): return x\n"
    Path("net.py").write_text(HEAD + code)
    with pytest.raises(SpecError, match=r"^Net\(n, act=ReLU\) needs n"):
        cs.trace("net.py", "3")


@pytest.mark.parametrize("error", ["ImportError", "ImportError('pip install labml')"])
def test_a_file_that_asks_for_a_package_is_read_without_it(error: str) -> None:
    code = f"try:\n    import labml\nexcept ImportError:\n    raise {error}\n"
    assert traced(f"{HEAD}{code}net = nn.Linear(3, 4)\n", "3").params == 16
