"""The collector rests during a trace, and collects what traces leave."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest
from terminal import LENET

from convshape.gc_pause import paused


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_pause_leaves_the_collector_as_it_was(is_enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if is_enabled else gc.disable)()
    try:
        with paused():
            assert not gc.isenabled()
            with paused():
                assert not gc.isenabled()
            assert not gc.isenabled()
        assert gc.isenabled() is is_enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_the_memory_of_a_process_does_not_grow_with_every_trace() -> None:
    code = f"""
import gc
import convshape as cs
for _ in range(300):
    cs.trace({LENET!r})
print(sum(isinstance(layer, cs.nn.Module) for layer in gc.get_objects()))
"""
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert int(process.stdout) < 1000  # 300 networks have 3,900
