from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from traceback import extract_tb

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "convshape",
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
    # CI judges a change, not the luck of a draw: there the examples are the same at every run. At a
    # desk, and in `convshape verify --sweep`, they are always new.
    derandomize="CI" in os.environ,
)
settings.load_profile("convshape")

HAS_TORCH = find_spec("torch") is not None
if HAS_TORCH:
    import torch

    torch.set_num_threads(1)  # the tests themselves run in parallel


#: What asks torch: the files of tests that do, and the part of convshape that does.
ASKS_TORCH = re.compile(r"[/\\](tests|verify)[/\\]")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Without torch, leave out the files that import it, or a file that does."""
    if HAS_TORCH or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return bool(re.search(r"^(import|from) (torch|torch_\w+|fit_networks)\b", text, re.M)) or None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Without torch, skip the tests that ask it while they run."""
    try:
        return (yield)
    except ModuleNotFoundError as error:
        place = extract_tb(error.__traceback__)[-1].filename
        if HAS_TORCH or error.name != "torch" or not ASKS_TORCH.search(place):
            raise
        pytest.skip("torch is not installed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device", action="append", help="where torch works, in place of all devices: cpu, cuda"
    )
    parser.addoption(
        "--update-screens", action="store_true", help="store in tests/cli/screens what is shown now"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let torch work on the CPU, on CUDA too where there is one, or where ``--device`` says."""
    if "device" in metafunc.fixturenames:
        there = ["cpu", *(["cuda"] if HAS_TORCH and torch.cuda.is_available() else [])]
        marks = {"cuda": pytest.mark.cuda}
        names = metafunc.config.getoption("device") or there
        metafunc.parametrize(
            "device", [pytest.param(name, marks=marks.get(name, ())) for name in names]
        )
