from __future__ import annotations

import os

import pytest
import torch
from hypothesis import HealthCheck, settings

settings.register_profile(
    "convshape",
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow],
    # CI judges a change, not the luck of a draw: there the examples are the same at every run. At a desk, and in
    # `convshape verify --sweep`, they are always new.
    derandomize="CI" in os.environ,
)
settings.load_profile("convshape")
torch.set_num_threads(1)  # the tests themselves run in parallel


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
        there = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
        marks = {"cuda": pytest.mark.cuda}
        names = metafunc.config.getoption("device") or there
        metafunc.parametrize(
            "device", [pytest.param(name, marks=marks.get(name, ())) for name in names]
        )
