"""Breaks networks by a change of their text, or two, and runs every offered fix in torch.

    python tests/prove_fixes.py --count 500 --seed 1 [--kind number] [--only resnet] [--verbose]

The networks are those of ``examples/``, of ``tests/diagnosis/networks/`` and of
``tests/fit_networks.py`` (PyTorch source), and random ones, in turn. Of each broken one the error's
fixes are taken as they are offered: edits are applied to the text, other inputs put in the place of
its input; real torch must run the result to its end, for two samples too, each with its output.
Printed by kind of change: how many were broken, for how many the first fix works, for how many one
of them does, how often the change is undone by one of them, and by the first or second, how many
have no fix, how many fixes were offered that fail, and how many errors have more than twelve lines.
Exits with 1 where there is one of the last two.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle, product
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch_networks import by_convshape

import convshape as cs
from convshape import clock
from convshape.api import traced
from convshape.edits import Source, edited
from convshape.errors import Error
from convshape.fixes import Fix
from convshape.readers.expressions.vocabulary import Vocabulary
from convshape.readers.network_file.reader import read
from convshape.readers.shape import sample
from convshape.readers.source.reader import read_text
from convshape.render.text import error_text
from convshape.verify.generators.networks import random_network

ROOT = Path(__file__).parents[1]
TORCH = Vocabulary(torch)
#: What only fills parameters, which takes most of the time and changes no shape.
FILLING = (
    "kaiming_uniform_",
    "uniform_",
    "normal_",
    "xavier_uniform_",
    "trunc_normal_",
    "xavier_normal_",
)


#: The samples of the networks of `fit_networks.py`, by class.
SAMPLES = {
    "LeNet": "1x32x32", "AlexNet": "3x224x224", "ResNet18": "3x64x64", "UNet": "1x48x48",
    "Discriminator": "3x64x64", "M5": "1x8000",
}  # fmt: skip
#: An error has at most so many lines, on a terminal of this width.
_LINES, _WIDTH = 12, 80


class Network(NamedTuple):
    """A text that is a network, and the sample that it takes: ``3x32x32``."""

    name: str
    text: str
    sample: str

    @property
    def is_source(self) -> bool:
        return self.name.endswith(".py")


class Broken(NamedTuple):
    """A network with one change, which is of a kind."""

    kind: str
    network: Network
    change: str


# The networks


def networks() -> Iterator[Network]:
    """Yield the networks that are right."""
    for path in sorted(ROOT.glob("examples/*.yaml")):
        text = path.read_text("utf-8")
        found = re.search(r"(?m)^input: (\S+)$", text)
        if found:
            yield Network(path.name, text, found[1])
    for path in sorted(ROOT.glob("tests/diagnosis/networks/*.py")):
        text = path.read_text("utf-8")
        yield Network(path.name, text, text.partition("\n")[0].split()[-1])

    whole = (ROOT / "tests/fit_networks.py").read_text("utf-8")
    for name, size in SAMPLES.items():
        yield Network(f"fit_{name}.py", with_its_parts(whole, name), size)


def with_its_parts(text: str, name: str) -> str:
    """Return the definition of a class, behind the definitions and imports that it needs."""
    tree = ast.parse(text)
    parts = {
        node.name: node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }
    wanted, new = {name}, {name}
    while new:
        used = {n.id for part in new for n in ast.walk(parts[part]) if isinstance(n, ast.Name)}
        new = used & parts.keys() - wanted
        wanted |= new
    imports = (
        "import itertools\n\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    )
    texts = (ast.get_source_segment(text, parts[part]) for part in parts if part in wanted)
    return "\n\n\n".join([imports, *filter(None, texts)]) + "\n"


def random_networks(pick: random.Random) -> Iterator[Network]:
    """Yield random network files that torch accepts, and that keep the batch."""
    while True:
        text = random_network(pick.choice)
        found = re.search(r"(?m)^input: (\S+)$", text)
        if found and by_convshape(text).accepted:
            network = Network("random.yaml", text, found[1])
            if not torch_runs(network, (1, 2)):
                yield network


# What breaks them


def body_lines(network: Network) -> list[int]:
    """Return the lines that make the network: no comment, no input, no import."""
    lines = network.text.splitlines()
    passed = r"\s*(#|input|name|import |from |class |def )"
    return [i for i, line in enumerate(lines, 1) if line.strip() and not re.match(passed, line)]


def numbers(network: Network, pick: random.Random) -> Iterator[tuple[str, str]]:
    """Change a number: by one, or to its half or double."""
    source = Source(network.name, network.text)
    for line in body_lines(network):
        for start, end, value in source.numbers(line):
            new = pick.choice(
                [n for n in (value + 1, value - 1, 2 * value, value // 2) if n not in (value, -1)]
            )
            yield (
                network.text[:start] + str(new) + network.text[end:],
                f"line {line}: {value} -> {new}",
            )


def arguments(network: Network, name: str) -> Iterator[tuple[str, str]]:
    """Leave an argument out that is given by name, or give a convolution one."""
    for match in re.finditer(r"(?<=\bConv2d\()[^()\n]+(?=\))", network.text):
        if name in ("stride", "padding") and name not in match[0]:
            added = f"{match[0]}, {name}=2"
            yield network.text[: match.start()] + added + network.text[match.end() :], added
    for match in re.finditer(rf",\s*{name}=[\w.]+(?=[,)])(?![^\n]*\):$)", network.text, re.M):
        yield network.text[: match.start()] + network.text[match.end() :], f"without {match[0][2:]}"


def swapped(network: Network, pick: random.Random) -> Iterator[tuple[str, str]]:
    """Swap the first two numbers of a call."""
    for match in re.finditer(r"(?<=[A-Za-z]\()([\w*]+), ([\w*]+)(?=[,)])", network.text):
        line = network.text[network.text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if match[1] != match[2] and "def " not in line:
            text = f"{match[2]}, {match[1]}"
            yield (
                network.text[: match.start()] + text + network.text[match.end() :],
                f"swapped: {text}",
            )


def without_flatten(network: Network, pick: random.Random) -> Iterator[tuple[str, str]]:
    """Leave the flattening out."""
    whole = (
        r"(?m)^ *(nn\.Flatten\(\),|x = torch\.flatten\(x, 1\)|\w+: Flatten\(\)|(x"
        r"|out) = \2\.view\(\2\.size\(0\), -1\))\n"
    )
    for match in re.finditer(whole, network.text):
        yield network.text[: match.start()] + network.text[match.end() :], match[0].strip()
    for match in re.finditer(r"\.flatten\(1\)", network.text):
        yield network.text[: match.start()] + network.text[match.end() :], match[0]


def batch_flattened(network: Network, pick: random.Random) -> Iterator[tuple[str, str]]:
    """Flatten the samples of the batch too."""
    for match in re.finditer(r"flatten\((x, )?1\)|view\(\w+\.size\(0\), -1\)", network.text):
        text = "view(1, -1)" if match[0][0] == "v" else f"flatten({'x' if match[1] else ''})"
        yield (
            network.text[: match.start()] + text + network.text[match.end() :],
            f"{match[0]} -> {text}",
        )


def several(network: Network, pick: random.Random) -> Iterator[tuple[str, str]]:
    """Make two changes, each of any kind."""
    kinds = [kind for name, kind in KINDS.items() if name != "several"]
    changes = [*pick.choice(kinds)(network, pick)]
    for text, first in pick.sample(changes, min(3, len(changes))):
        for both, second in pick.choice(kinds)(network._replace(text=text), pick):
            yield both, f"{first}; {second}"


def other_inputs(network: Network, pick: random.Random) -> Iterator[str]:
    """Yield other samples: of other sizes, channels, or axes."""
    kind, _, sizes = network.sample.rpartition(":")
    first, *rest = map(int, sizes.split("x"))
    if kind:
        return
    for _ in range(6):
        changed = [max(1, n + pick.choice([-1, 1, 3, -7, n // 2, n])) for n in rest]
        yield "x".join(map(str, [first, *changed]))
    yield "x".join(map(str, [first + 1, *rest]))
    if rest:
        yield "x".join(map(str, [*rest, first]))
        yield "x".join(map(str, rest))
        yield "x".join(map(str, [4, first, *rest]))


KINDS: dict[str, Callable[[Network, random.Random], Iterator[tuple[str, str]]]] = {
    "number": numbers,
    "stride": lambda network, pick: arguments(network, "stride"),
    "padding": lambda network, pick: arguments(network, "padding"),
    "flatten": without_flatten,
    "batch": batch_flattened,
    "swapped": swapped,
    "batch_first": lambda network, pick: arguments(network, "batch_first"),
    "several": several,
}


def broken(network: Network, kinds: list[str], count: int, pick: random.Random) -> Iterator[Broken]:
    """Yield a network with changes, at most `count` of a kind."""
    for kind in kinds:
        if kind == "input":
            others = [*other_inputs(network, pick)]
            for other in pick.sample(others, min(count, len(others))):
                yield Broken(kind, network._replace(sample=other), f"--in {other}")
            continue
        changes = list(KINDS[kind](network, pick))
        for text, what in pick.sample(changes, min(count, len(changes))):
            yield Broken(kind, network._replace(text=text), what)


def drawn(kinds: list[str], only: str, pick: random.Random) -> Iterator[tuple[Broken, Network]]:
    """Yield networks with a change, and as they were: homes and kinds in turn, none twice."""
    right = [each for each in networks() if only in each.name]
    for network in right:
        assert not torch_runs(network, (1, 2)), network.name
    homes = [[n for n in right if n.is_source is is_source] for is_source in (False, True)]
    fresh, seen = random_networks(pick), set()
    for kind, home in cycle([*product(kinds, [*homes, []] if not only else homes)]):
        network = pick.choice(home) if home else next(fresh)
        for each in broken(network, [kind], 1, pick):
            if each.network not in seen:
                seen.add(each.network)
                yield each, network


# Tracing and running them


def traced_error(network: Network, batch: int = 1) -> Error | None:
    """Return what convshape says against a network; None where it runs."""
    try:
        if network.is_source:
            program = read_text(network.text, network.name, input=network.sample, batch=batch)
        else:
            program = read(network.text, network.name, input=network.sample, batch=batch)
        return traced(program).error
    except (cs.ShapeError, cs.SpecError) as error:
        return error


def torch_module(network: Network) -> Any:
    """Make the network with torch."""
    if not network.is_source:
        return read(network.text, network.name, input=network.sample, vocabulary=TORCH).module
    module = ModuleType("network")
    exec(compile(network.text, network.name, "exec"), vars(module))
    own = [v for v in vars(module).values() if isinstance(v, type) and v.__module__ == "network"]
    return own[-1]()


def torch_runs(network: Network, batches: tuple[int, ...]) -> str:
    """Return why torch refuses a network, or that samples are lost; nothing where it runs."""
    try:
        with torch.device("cpu" if "unpool" in network.text.lower() else "meta"):
            module = torch_module(network).eval()
        for batch in batches:
            given = sample(network.sample, batch)
            with torch.no_grad(), torch.device(next(module.parameters()).device):
                x = torch.zeros(given.shape, dtype=getattr(torch, given.dtype.name))
                output = module(torch.rand(x.shape) if x.is_floating_point() else x)
            while isinstance(output, (tuple, list)):
                output = output[0]
            if output.shape[:1] != (batch,):
                return f"{batch} samples in, {tuple(output.shape)} out"
    except Exception as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return ""


def applied(network: Network, fix: Fix) -> list[tuple[Network, tuple[int, ...]]]:
    """Return the network that a fix makes, and its batches; nothing for a fix in words only."""
    if fix.edits:
        return [(network._replace(text=edited(network.text, fix.edits)), (1, 2))]
    batches = (1, 2) if fix.batch is None else (fix.batch,)
    return [(network._replace(sample=each), batches) for each in fix.inputs]


def undoes(fix: Fix, wrong: Network, right: Network) -> bool:
    """Tell whether a fix gives the right network again: its text, or one with the same calls."""
    if not fix.edits:
        ends = [[*map(int, re.findall(r"\d+", each))] for each in fix.inputs]
        sizes = zip(map(int, re.findall(r"\d+", right.sample)), *ends, strict=False)
        is_range = ends and ".." in fix.text and all(min(few) <= n <= max(few) for n, *few in sizes)
        return bool(is_range) or right.sample in fix.inputs
    again = wrong._replace(text=edited(wrong.text, fix.edits))
    return again.text.split() == right.text.split() or calls(again) == calls(right)


@cache
def calls(network: Network) -> list[tuple[str, Any]]:
    """Return what a network calls, in order, and the shapes that come out; nothing if it stops."""
    reader = read_text if network.is_source else read
    try:
        trace = traced(reader(network.text, network.name, input=network.sample))
    except (cs.ShapeError, cs.SpecError):
        return []
    flat = r"(?i)(flatten|view|reshape)\(.*"  # which are other words for one thing
    rows = [row for row in trace if not row.is_container and "ropout" not in row.layer]
    return [(re.sub(flat, "flatten", row.layer), row.outputs) for row in rows]


class Counts(Counter[str]):
    """What came of the broken networks of one kind, and how long the slowest took, in seconds."""

    COLUMNS = "broken first any undone early words none unread failing long".split()
    slowest = 0.0

    def row(self) -> str:
        """Return them as a line of a table."""
        return "  ".join(f"{self[name]:>6}" for name in self.COLUMNS) + f"  {self.slowest:>7.1f}"


def prove(each: Broken, right: Network, counts: Counts, verbose: bool) -> None:
    """Trace a broken network and run with torch what its fixes make of it."""
    begun = time.process_time()
    error = traced_error(each.network)
    took = time.process_time() - begun
    if error is None:
        return
    said = []
    works = []
    for fix in error.fixes:
        results = applied(each.network, fix)
        failures = [why for network, batches in results if (why := torch_runs(network, batches))]
        works.append(bool(results) and not failures)
        counts["failing"] += len(failures)
        said += [f"    FAILS: {fix.text}: {why}" for why in failures]
    undone = [undoes(fix, each.network, right) for fix in error.fixes]
    said += ["    TOO LONG"] * (len(error_text(error, _WIDTH).split("\n")) > _LINES)
    said += ["    NOT UNDONE EARLY"] * (any(works) and not any(undone[:2]))
    counts.slowest = max(counts.slowest, took)
    counts.update(
        broken=1,
        first=any(works[:1]),
        any=any(works),
        undone=any(undone),
        early=any(undone[:2]),
        words=any(not (fix.edits or fix.inputs) for fix in error.fixes),
        none=not error.fixes,
        unread=not isinstance(error, cs.ShapeError),
        long="    TOO LONG" in said,
    )
    if verbose and (not all(works[:1] or [False]) or said):
        texts = " | ".join(fix.text for fix in error.fixes) or f"({error.fix})"
        print(f"{right.name} {each.kind} {each.change}\n  {error.message[:150]}")
        print(f"  {took:.1f} s: {texts[:400]}", *said, sep="\n", flush=True)


def main() -> int:
    """Break networks, trace them, and print the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=200, help="broken networks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", action="append", choices=[*KINDS, "input"])
    parser.add_argument("--only", default="", help="networks with this in their name")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    for name in FILLING:
        setattr(torch.nn.init, name, lambda tensor, *args, **kwargs: tensor)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    clock.seconds = time.process_time  # however busy the machine is
    kinds = options.kind or [*KINDS, "input"]
    counts: dict[str, Counts] = {}
    for each, right in drawn(kinds, options.only, random.Random(options.seed)):
        home = "source" if right.is_source else "zoo"
        home = "random" if right.name == "random.yaml" else home
        prove(each, right, counts.setdefault(f"{home} {each.kind}", Counts()), options.verbose)
        if sum(kind["broken"] for kind in counts.values()) == options.count:
            break
    print(f"{'kind':<20}" + "  ".join(f"{name:>6}" for name in [*Counts.COLUMNS, "slowest"]))
    total = Counts()
    for kind, each in sorted(counts.items()):
        print(f"{kind:<20}{each.row()}")
        total.update(each)
        total.slowest = max(total.slowest, each.slowest)
    print(f"{'all':<20}{total.row()}")
    return int(total["failing"] + total["long"] > 0)


if __name__ == "__main__":
    sys.exit(main())
