"""What is measured inside a process, one workload a call; prints its figures as JSON.

python benchmarks/workloads.py chain convshape 1000000
python benchmarks/workloads.py chain meta 10000          # or fake: torch's FakeTensorMode
python benchmarks/workloads.py memory convshape 100000
python benchmarks/workloads.py file convshape 100000
python benchmarks/workloads.py arrays convshape 10000000 # against the bare NumPy expression
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

#: Input of a chain: one sample, whose size its layers keep.
SAMPLE = (8, 32, 32)


def layers(nn: Any, count: int) -> list[Any]:
    """Return `count` layers: convolution, pooling and ReLU in turn."""
    kinds: list[Callable[[], Any]] = [
        lambda: nn.Conv2d(8, 8, 3, padding=1),
        lambda: nn.MaxPool2d(3, 1, 1),
        lambda: nn.ReLU(),
    ]
    return [kinds[i % 3]() for i in range(count)]


def chain(engine: str, count: int) -> dict[str, float]:
    """Make a chain and run it: seconds of each. torch runs bare, convshape records every row."""
    if engine == "convshape":
        import convshape as cs

        cs.trace(
            cs.nn.Sequential(*layers(cs.nn, 3)), SAMPLE
        )  # as below: imports are not part of a layer
        start = time.perf_counter()
        net = cs.nn.Sequential(*layers(cs.nn, count))
        made = time.perf_counter()
        assert len(cs.trace(net, SAMPLE).rows) == count + 1
        return {"make": made - start, "run": time.perf_counter() - made}
    import torch

    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        if engine == "fake":
            from torch._subclasses import FakeTensorMode

            stack.enter_context(FakeTensorMode())
        else:
            stack.enter_context(torch.device("meta"))
        # What torch does at its first call only is not part of a layer.
        torch.nn.Sequential(*layers(torch.nn, 3)).eval()(torch.empty(1, *SAMPLE))
        start = time.perf_counter()
        net = torch.nn.Sequential(*layers(torch.nn, count)).eval()
        made = time.perf_counter()
        assert net(torch.empty(1, *SAMPLE)).shape == (1, *SAMPLE)
        return {"make": made - start, "run": time.perf_counter() - made}


def memory(engine: str, count: int) -> dict[str, float]:
    """Return the bytes a layer that a chain takes, and those that its trace takes beside it."""
    import convshape as cs

    cs.trace(cs.nn.Sequential(*layers(cs.nn, 3)), SAMPLE)
    tracemalloc.start()
    net = cs.nn.Sequential(*layers(cs.nn, count))
    made, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    trace = cs.trace(net, SAMPLE)
    _, peak = tracemalloc.get_traced_memory()
    assert len(trace.rows) == count + 1
    return {"layer": made / count, "trace": (peak - made) / count}


def file(engine: str, count: int) -> dict[str, float]:
    """Read a network file and trace it: seconds."""
    import convshape as cs

    calls = ("Conv2d(8, 8, 3, padding=1)", "MaxPool2d(3, 1, 1)", "ReLU()")
    lines = [f"  layer{i}: {calls[i % 3]}\n" for i in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.yaml"
        path.write_text("input: 8x32x32\nlayers:\n" + "".join(lines))
        start = time.perf_counter()
        assert len(cs.trace(str(path)).rows) == count + 1
        return {"run": time.perf_counter() - start}


def arrays(engine: str, count: int) -> dict[str, float]:
    """Apply an equation to an array of sizes: seconds, the least of seven."""
    import numpy as np

    import convshape as cs

    sizes = np.arange(32, 32 + count)

    def bare(size: Any) -> Any:
        return (size + 2 * 3 - 1 * (7 - 1) - 1) // 2 + 1

    def ours(size: Any) -> Any:
        return cs.conv_size(size, 7, stride=2, padding=3)

    assert (bare(sizes) == ours(sizes)).all()
    seconds: dict[str, list[float]] = {"numpy": [], "convshape": []}
    for _ in range(7):
        for name, function in (("numpy", bare), ("convshape", ours)):
            start = time.perf_counter()
            function(sizes)
            seconds[name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in seconds.items()}


WORKLOADS = {function.__name__: function for function in (chain, memory, file, arrays)}

if __name__ == "__main__":
    name, engine, count = sys.argv[1:]
    print(json.dumps(WORKLOADS[name](engine, int(count))))
