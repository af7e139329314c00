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
    # tests/sweep.py, they are always new.
    derandomize="CI" in os.environ,
)
settings.load_profile("convshape")
torch.set_num_threads(1)  # the tests themselves run in parallel


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-screens", action="store_true", help="store in tests/cli/screens what is shown now"
    )


@pytest.fixture(params=["cpu", *(["cuda"] if torch.cuda.is_available() else [])])
def device(request: pytest.FixtureRequest) -> str:
    """Where torch works: on the CPU always, on CUDA too where there is one."""
    return request.param
