"""The network that a target means: arguments that are namespaces, and what makes none."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

import convshape as cs
from convshape.errors import SpecError, UnknownOperation

NET = """\
from torch import nn


class Net(nn.Module):
    def __init__(self, opt, classes, depth=2):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(opt.width, opt.width) for _ in range(depth)])
        self.head = nn.Linear(opt.width, classes + len(opt.names))

    def forward(self, x):
        return self.head(self.layers(x))


def resnet():
    from zoo_of_networks import resnet18

    return resnet18()
"""


@pytest.fixture(autouse=True)
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.py").write_text(dedent(NET))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", ["Namespace", "SimpleNamespace"])
def test_an_argument_may_be_a_namespace(kind: str) -> None:
    trace = cs.trace(f"net.py:Net({kind}(width=4, names=['a', 'b']), classes=3)", "4")
    assert (trace.output, trace.params) == ((1, 5), 65)


def test_the_attributes_of_a_missing_argument_are_named() -> None:
    with pytest.raises(SpecError, match="needs opt, classes") as caught:
        cs.trace("net.py", "4")
    call = "'net.py:Net(opt=Namespace(width=..., names=...), classes=...)'"
    assert caught.value.fix.startswith(call)


def test_a_network_of_a_missing_package_is_refused_with_its_name() -> None:
    with pytest.raises(UnknownOperation, match=r"zoo_of_networks\.resnet18\(\) is needed here"):
        cs.trace("net.py:resnet()", "3x32x32")


WRAPPED = """\
import torch
class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = torch.nn.Linear(3, width)
    def forward(self, x):
        return self.layer(x)
class Trained(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
    def forward(self, x):
        return self.model(x)
net = Net(5)
"""


@pytest.mark.parametrize(
    ("last", "name"),
    [
        ("trained = Trained(net)", "Trained"),
        ("head = net.layer", "Net"),
        ("wrapped = torch.nn.DataParallel(net)", "DataParallel"),
    ],
)
def test_of_networks_of_which_one_is_a_part_the_whole_is_traced(last: str, name: str) -> None:
    Path("net.py").write_text(f"{WRAPPED}{last}\n")
    trace = cs.trace("net.py")
    assert (trace.name, trace.params, trace.output) == (name, 20, (1, 5))
    assert cs.trace("net.py", x="3").output == (1, 5)
