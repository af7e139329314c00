"""While a source runs, the rest of the process goes on as if it did not."""

from __future__ import annotations

import gc
import importlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from terminal import LENET, ROOT

import convshape as cs

SLOW = """
import sys, time
import torch
import helper
print("printed by the source")
{first}
end = time.monotonic() + 0.4
while time.monotonic() < end:
    time.sleep(0.001)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(3, 4)

    def forward(self, x):
        assert type(torch).__name__ != "module"
        from torch.nn import functional as F
        return F.relu(self.fc(x))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "helper.py").write_text("import torch\nfrom torch import nn\n")
    (tmp_path / "net.py").write_text(SLOW.format(first=""))
    return tmp_path


def beside(attempt: Callable[[], Any], least: int = 5) -> list[Any]:
    """Return what another thread gets by an attempt, again and again, while a source is traced."""
    results: list[Any] = []
    ended = threading.Event()

    def repeat() -> None:
        while not ended.is_set():
            try:
                results.append(attempt())
            except BaseException as error:
                results.append(error)
            ended.wait(0.002)

    thread = threading.Thread(target=repeat)
    thread.start()
    trace = cs.trace("net.py", "3")
    ended.set()
    thread.join()
    assert trace.error is None
    assert len(results) > least
    return results


def plain() -> Any:
    import torch

    return torch


def of_members() -> Any:
    from torch import nn

    return nn


def of_a_part() -> Any:
    import torch.nn.functional

    return torch.nn.functional


@pytest.mark.parametrize(
    ("attempt", "real"),
    [
        (plain, torch),
        (of_members, torch.nn),
        (of_a_part, torch.nn.functional),
        (lambda: importlib.import_module("torch"), torch),
        (lambda: importlib.import_module("torch.nn.functional"), torch.nn.functional),
        (lambda: __import__("torch"), torch),
    ],
)
def test_other_threads_import_the_real_torch(attempt: Callable[[], Any], real: Any) -> None:
    assert all(each is real for each in beside(attempt))


def test_other_threads_do_not_import_what_is_the_sources() -> None:
    results = beside(lambda: importlib.import_module("helper"), least=0)  # it waits
    assert {type(each) for each in results} <= {ModuleNotFoundError, type(os)}
    assert not any(hasattr(each, "nn") and each.nn is not torch.nn for each in results)


def test_what_another_thread_has_not_found_goes_with_the_source(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, sought = threading.Event(), threading.Event()
    meeting = SimpleNamespace(asked=asked, sought=sought)
    monkeypatch.setitem(sys.modules, "meeting", meeting)
    (folder / "later").mkdir()
    (folder / "later" / "found_later.py").write_text("import torch\n")
    first = "import meeting; meeting.asked.set(); meeting.sought.wait()\n"
    first += "sys.path.append('later')\nimport found_later"
    (folder / "net.py").write_text(SLOW.format(first=first))

    def attempt() -> None:
        if asked.is_set() and not sought.is_set():
            with pytest.raises(ModuleNotFoundError):
                importlib.import_module("found_later")
            sought.set()

    beside(attempt)
    assert "found_later" not in sys.modules


def test_a_module_that_gets_torch_after_a_trace_is_imported_anew(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path_factory.mktemp("theirs")
    (packages / "theirs.py").write_text("Layer = None\n")
    monkeypatch.syspath_prepend(packages)
    theirs = importlib.import_module("theirs")
    monkeypatch.delitem(sys.modules, "theirs", raising=False)
    monkeypatch.setitem(sys.modules, "theirs", theirs)
    code = "import theirs, torch\nnet = (theirs.Layer or torch.nn.Linear)(3, 4)\n"
    (folder / "net.py").write_text(code)
    assert cs.trace("net.py:net", "3").output == (1, 4)
    (packages / "theirs.py").write_text("from torch import nn\nLayer = nn.Linear\n")
    vars(theirs).update(nn=torch.nn, Layer=torch.nn.Linear)
    assert cs.trace("net.py:net", "3").output == (1, 4)
    assert sys.modules["theirs"] is theirs


def test_where_torch_is_not_installed_others_are_told_so(folder: Path) -> None:
    (folder / "convshape").symlink_to(Path(cs.__file__).parent)
    code = f"""
import sys, threading
sys.path[:] = [{str(folder)!r}, *(p for p in sys.path if "site-packages" not in p)]
import convshape as cs
results = []
def repeat():
    while not ended.is_set():
        try:
            import torch
        except ModuleNotFoundError as error:
            results.append(error.name)
        else:
            results.append(torch)
        ended.wait(0.002)
ended = threading.Event()
thread = threading.Thread(target=repeat)
thread.start()
assert cs.trace({str(folder / "net.py")!r}, "3").error is None
ended.set()
thread.join()
assert len(results) > 50
assert set(results) == {{"torch"}}, set(results)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_module_that_another_thread_loads_meanwhile_has_the_real_torch(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    theirs = tmp_path_factory.mktemp("theirs")
    (theirs / "later_loaded.py").write_text("import torch\n")
    sys.path.append(str(theirs))
    try:
        modules = beside(lambda: importlib.import_module("later_loaded"))
        assert {repr(getattr(each, "torch", each)) for each in modules} == {repr(torch)}
        assert len(set(map(id, modules))) == 1
        assert sys.modules["later_loaded"] is modules[0]
    finally:
        sys.path.remove(str(theirs))
        sys.modules.pop("later_loaded", None)


def test_what_other_threads_print_goes_where_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    count = len(beside(lambda: print("theirs")))
    out, err = capsys.readouterr()
    assert out == "theirs\n" * count
    assert err == "printed by the source\n"


def test_what_threads_of_the_source_print_is_the_sources(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (
        "import threading; t = threading.Thread(target=print, args=['from a thread']); "
        "t.start(); t.join()"
    )
    (folder / "net.py").write_text(SLOW.format(first=first))
    cs.trace("net.py", "3")
    assert capsys.readouterr() == ("", "printed by the source\nfrom a thread\n")


@pytest.mark.parametrize(
    "first",
    [
        "import os; os.chdir('/')",
        "import os; os.environ['MINE'] = '1'; os.environ.pop('PATH')",
        "sys.stderr = sys.stdout = sys.stdin = open('/dev/null')",
        "sys.stdout.close()",
        "import random; random.seed(0)",
        "sys.path.clear()",
        "sys.argv[:] = ['x']",
        "import warnings; warnings.simplefilter('ignore')",
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_process_is_left_as_it_was(first: str, folder: Path) -> None:
    import warnings

    def state() -> tuple[Any, ...]:
        return (
            os.getcwd(), dict(os.environ), sys.stdin, sys.stdout, sys.stderr, random.getstate(),
            list(sys.path), list(sys.argv), list(warnings.filters), list(sys.meta_path),
            __builtins__["__import__"], sys.modules["torch"], "helper" in sys.modules,
            "net" in sys.modules, os.system,
        )  # fmt: skip

    (folder / "net.py").write_text(SLOW.format(first=first))
    before = state()
    cs.trace("net.py", "3")
    assert state() == before
    gc.collect()  # the files that the source has left open


def test_a_hundred_traces_in_threads_are_what_they_are_alone(folder: Path) -> None:
    """Two sources import modules of one name, each its own."""
    quick = SLOW.format(first="").replace("0.4", "0.001")
    for width in (5, 6):
        (folder / f"of_{width}").mkdir()
        (folder / f"of_{width}" / "helper.py").write_text(f"WIDTH = {width}\n")
        (folder / f"of_{width}" / "net.py").write_text(quick.replace("3, 4", "3, helper.WIDTH"))
    (folder / "net.py").write_text(quick)
    targets = [
        ("net.py", "3"),
        ("of_5/net.py", "3"),
        ("of_6/net.py", "3"),
        (LENET,),
        (str(ROOT / "examples" / "vae.yaml"),),
    ]
    alone = [cs.trace(*target).to_json() for target in targets]
    assert len(set(alone)) == len(targets)
    results: list[tuple[int, str]] = []

    def trace(index: int) -> None:
        results.append((index, cs.trace(*targets[index]).to_json()))

    threads = [threading.Thread(target=trace, args=(i % len(targets),)) for i in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 100
    assert all(text == alone[index] for index, text in results)


def test_layers_that_other_threads_call_are_in_no_trace() -> None:
    layer = cs.nn.Conv2d(3, 6, 5)
    ended = threading.Event()

    def call() -> None:
        while not ended.is_set():
            layer(cs.Tensor((1, 3, 32, 32)))

    alone = cs.trace(LENET).to_json()
    thread = threading.Thread(target=call)
    thread.start()
    try:
        assert all(cs.trace(LENET).to_json() == alone for _ in range(20))
    finally:
        ended.set()
        thread.join()
