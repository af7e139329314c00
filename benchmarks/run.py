"""Measure convshape beside what people have today, in one run, and write RESULTS.md and its plot.

    pip install '.[bench]' && python benchmarks/run.py [--rounds 10] [--quick]

Whole processes take turns, so that a machine whose speed drifts is unfair to nobody; figures are
medians and are quoted as ratios. `--quick` leaves out the largest sizes and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
LENET = "examples/lenet.yaml"
PYTHON = sys.executable
CONVSHAPE = [PYTHON, "-m", "convshape"]

LENET_IN_TORCH = """
from torch import nn
net = nn.Sequential(
    nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
    nn.Linear(84, 10),
)
"""
META = f"""import torch
with torch.device("meta"):{LENET_IN_TORCH.replace(chr(10), chr(10) + "    ")}
    x = torch.empty(1, 3, 32, 32)
    for layer in net:
        x = layer(x)
        print(type(layer).__name__, tuple(x.shape), sum(p.numel() for p in layer.parameters()))
"""
TORCHINFO = f"import torchinfo\n{LENET_IN_TORCH}\ntorchinfo.summary(net, (1, 3, 32, 32))"

SOURCE_ON_META = """import torch
from lenet import LeNet
with torch.device("meta"):
    net = LeNet()
    for name, module in net.named_children():
        module.register_forward_hook(
            lambda module, args, out: print(type(module).__name__, tuple(out.shape))
        )
    net(torch.empty(1, 3, 32, 32))
"""

#: Whole processes: a name for the tables, and the command.
PROCESSES = {
    "bare interpreter": [PYTHON, "-I", "-c", "pass"],
    "convshape conv": [*CONVSHAPE, "conv", "--in", "32", "--k", "5"],
    "convshape trace": [*CONVSHAPE, "trace", LENET],
    "convshape trace, PyTorch source": [
        *CONVSHAPE,
        "trace",
        "benchmarks/lenet.py",
        "--in",
        "3x32x32",
    ],
    "torch, meta device": [PYTHON, "-c", META],
    "torch, meta device, PyTorch source": [PYTHON, "-c", SOURCE_ON_META],
    "torchinfo": [PYTHON, "-c", TORCHINFO],
}
#: Layers of the chains, by engine, as many as each can bear.
CHAINS = {
    "convshape": (1_000, 10_000, 100_000, 1_000_000),
    "meta": (1_000, 10_000),
    "fake": (1_000, 10_000),
}
FILES = (100, 1_000, 10_000, 100_000)
NAMES = {"convshape": "convshape", "meta": "torch, meta device", "fake": "torch, FakeTensor"}


def processes(rounds: int) -> dict[str, float]:
    """Return the median seconds of each whole process; one round more is a warm-up."""
    # What is installed is compiled; an editable checkout may not be.
    subprocess.run([PYTHON, "-m", "compileall", "-q", str(ROOT / "src")], check=True)
    seconds: dict[str, list[float]] = {name: [] for name in PROCESSES}
    path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path}
    for _ in range(rounds + 1):
        for name, command in PROCESSES.items():
            start = time.perf_counter()
            subprocess.run(
                command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True
            )
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(each[1:]) for name, each in seconds.items()}


def inside(*arguments: object, rounds: int) -> dict[str, float]:
    """Return the median figures of a workload, each time in a process of its own."""
    command = [PYTHON, str(HERE / "workloads.py"), *map(str, arguments)]
    found = [json.loads(subprocess.check_output(command)) for _ in range(rounds)]
    return {name: statistics.median(each[name] for each in found) for name in found[0]}


def chains(rounds: int, largest: int) -> dict[str, dict[int, float]]:
    """Return the seconds that each engine takes to make and run a chain, by number of layers."""
    seconds: dict[str, dict[int, float]] = {engine: {} for engine in CHAINS}
    for count in CHAINS["convshape"]:
        for engine, counts in CHAINS.items():
            if count in counts and count <= largest:
                seconds[engine][count] = sum(
                    inside(
                        "chain", engine, count, rounds=1 if count >= 1_000_000 else rounds
                    ).values()
                )
    return seconds


def installed_size() -> float:
    """Return the megabytes of convshape and all that it needs, as pip installs them."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [PYTHON, "-m", "pip", "install", "--quiet", "--target", folder]
        subprocess.run([*pip, str(ROOT)], check=True)
        return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Return all figures; the costly ones are medians of fewer rounds."""
    few = max(3, rounds // 3)
    largest = 10_000 if quick else 1_000_000
    return {
        "processes": processes(rounds),
        "chains": chains(few, largest),
        "files": {
            n: inside("file", "convshape", n, rounds=few)["run"] for n in FILES if n <= largest
        },
        "memory": inside("memory", "convshape", 10_000 if quick else 100_000, rounds=1),
        "arrays": inside("arrays", "convshape", 10**7, rounds=few),
        "megabytes": installed_size(),
    }


def targets(found: dict[str, Any]) -> list[tuple[str, str, float, bool]]:
    """Return what was aimed at, the aim, what came out, and whether it was met."""
    seconds, chain, files, arrays = (
        found[key] for key in ("processes", "chains", "files", "arrays")
    )
    bare, meta, info = (
        seconds[name] for name in ("bare interpreter", "torch, meta device", "torchinfo")
    )
    conv, trace = seconds["convshape conv"], seconds["convshape trace"]
    source = (
        seconds["torch, meta device, PyTorch source"] / seconds["convshape trace, PyTorch source"]
    )
    shared, most = max(chain["meta"]), max(files)
    rows = [
        ("`convshape conv` beside a bare interpreter", "<=", 4.5, conv / bare),
        ("torch on meta beside `convshape conv`", ">=", 25, meta / conv),
        ("`convshape trace lenet.yaml` beside a bare interpreter", "<=", 8, trace / bare),
        ("torchinfo beside `convshape trace lenet.yaml`", ">=", 12, info / trace),
        ("torch on meta beside `convshape trace lenet.py`", ">=", 10, source),
        (
            f"torch on meta beside convshape, a chain of {shared:,} layers",
            ">=",
            20,
            chain["meta"][shared] / chain["convshape"][shared],
        ),
        ("bytes a layer of a trace, beyond the layer itself", "<=", 1024, found["memory"]["trace"]),
        (f"layers a second of a network file of {most:,}", ">=", 30_000, most / files[most]),
        (
            "equation over 10^7 sizes beside bare NumPy",
            "<=",
            2,
            arrays["convshape"] / arrays["numpy"],
        ),
        ("megabytes installed", "<=", 20, found["megabytes"]),
    ]
    if 1_000_000 in chain["convshape"]:
        growth = chain["convshape"][1_000_000] / chain["convshape"][100_000]
        rows.append(("1,000,000 layers beside 100,000", "<=", 12, growth))
    return [
        (what, f"{sign} {aim:,}", value, value <= aim if sign == "<=" else value >= aim)
        for what, sign, aim, value in rows
    ]


def report(found: dict[str, Any], rounds: int) -> str:
    """Return the results as Markdown."""
    seconds = found["processes"]
    bare, trace = seconds["bare interpreter"], seconds["convshape trace"]
    memory = found["memory"]
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("torch", "torchinfo", "typer", "rich", "numpy")
    )
    lines = [
        "# Benchmarks",
        "",
        "Written by `python benchmarks/run.py`: whole processes take turns and their medians are "
        "compared",
        "within one run. Ratios travel between machines; seconds do not.",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; "
        f"{versions}; {rounds} rounds.",
        "",
        "## Aims",
        "",
        "| what | aim | measured | |",
        "|---|---:|---:|---|",
        *(
            f"| {what} | {aim} | {value:,.4g} | {'met' if met else '**missed**'} |"
            for what, aim, value, met in targets(found)
        ),
        "",
        "## Whole processes",
        "",
        "| process | bare interpreters | beside `convshape trace` |",
        "|---|---:|---:|",
        *(f"| {name} | {s / bare:.2f} | {s / trace:.2f} |" for name, s in seconds.items()),
        "",
        "## Chains of convolution, pooling and ReLU, made and run",
        "",
        "convshape records a row for each layer; torch runs bare.",
        "",
        "| layers | " + " | ".join(f"{NAMES[e]}, layers/s" for e in CHAINS) + " |",
        "|---:|" + "---:|" * len(CHAINS),
    ]
    for count in found["chains"]["convshape"]:
        cells = [f"{count / s[count]:,.0f}" if count in s else "" for s in found["chains"].values()]
        lines.append(f"| {count:,} | " + " | ".join(cells) + " |")
    lines += [
        "",
        f"Memory: {memory['layer']:,.0f} bytes a layer, and {memory['trace']:,.0f} more for its "
        f"trace.",
        "",
        "![layers a second](RESULTS.svg)",
        "",
        "## Network files, read and traced",
        "",
        "| layers | layers/s |",
        "|---:|---:|",
        *(f"| {n:,} | {n / s:,.0f} |" for n, s in found["files"].items()),
    ]
    return "\n".join(lines) + "\n"


def plot(found: dict[str, Any], path: Path) -> None:
    """Draw layers a second over the number of layers."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "convshape"  # the same figures give the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for engine, seconds in found["chains"].items():
        axes.plot(list(seconds), [n / s for n, s in seconds.items()], "o-", label=NAMES[engine])
    files = found["files"]
    axes.plot(
        list(files), [n / s for n, s in files.items()], "o--", label="convshape, network file"
    )
    axes.set(xscale="log", yscale="log", xlabel="layers", ylabel="layers a second, made and run")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def main() -> int:
    """Measure, print, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10, help="runs of each whole process")
    parser.add_argument("--quick", action="store_true", help="small sizes only; nothing is written")
    options = parser.parse_args()
    found = measure(options.rounds, options.quick)
    text = report(found, options.rounds)
    print(text)
    if not options.quick:
        (HERE / "RESULTS.md").write_text(text)
        plot(found, HERE / "RESULTS.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
