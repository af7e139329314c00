from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path

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


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Without torch, leave out the files that import it."""
    if HAS_TORCH or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return bool(re.search(r"^(import|from) torch\b", text, re.MULTILINE)) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without torch, skip the tests that are marked as asking it."""
    for item in items:
        if not HAS_TORCH and item.get_closest_marker("torch"):
            item.add_marker(pytest.mark.skip(reason="torch is not installed"))


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
