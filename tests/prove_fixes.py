"""Breaks networks by one change of their text, and runs every offered fix in torch.

    python tests/prove_fixes.py [--count 20] [--kind number] [--only resnet] [--seed 0] [--verbose]

The networks are those of ``examples/``, of ``tests/diagnosis/networks/`` (PyTorch source) and, with
``--random N``, random ones. Of each broken one the error's fixes are taken as they are offered:
edits are applied to the text, other inputs put in the place of its input; real torch must run the
result to its end, for two samples too, each with its output. Printed by kind of change: how many
were broken, for how many the first fix works, for how many one of them does, how often the change's
own undoing is among them, and among the first two, and how many fixes were offered that fail. Exit
status 1 if any.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch

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

ROOT = Path(__file__).parents[1]
TORCH = Vocabulary(torch)
#: Where torch runs the networks; the meta device has its checks of shapes, and needs no time.
DEVICE = "meta"
#: What only fills parameters, which takes most of the time and changes no shape.
FILLING = (
    "kaiming_uniform_",
    "uniform_",
    "normal_",
    "xavier_uniform_",
    "trunc_normal_",
    "xavier_normal_",
)


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


def random_networks(count: int, pick: random.Random) -> Iterator[Network]:
    """Yield random network files that torch accepts."""
    from torch_networks import by_convshape

    from convshape.verify.generators.networks import random_network

    while count:
        text = random_network(pick.choice)
        found = re.search(r"(?m)^input: (\S+)$", text)
        if found and by_convshape(text).accepted:
            count -= 1
            yield Network(f"random-{count}.yaml", text, found[1])


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
    """Leave an argument out that is given by name."""
    for match in re.finditer(rf",\s*{name}=[\w.]+(?![^\n]*\):$)", network.text, re.M):
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
}


def broken(network: Network, kinds: list[str], count: int, pick: random.Random) -> Iterator[Broken]:
    """Yield a network with changes, at most `count` of a kind."""
    for kind in kinds:
        if kind == "input":
            for other in other_inputs(network, pick):
                yield Broken(kind, network._replace(sample=other), f"--in {other}")
            continue
        changes = list(KINDS[kind](network, pick))
        for text, what in pick.sample(changes, min(count, len(changes))):
            yield Broken(kind, network._replace(text=text), what)


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
        with torch.device(DEVICE if "unpool" not in network.text.lower() else "cpu"):
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
    """Tell whether a fix gives the right network again: its text, or one with the same layers."""
    if not fix.edits:
        return right.sample in fix.inputs
    again = wrong._replace(text=edited(wrong.text, fix.edits))
    if again.text.split() == right.text.split():
        return True
    return layers(again) == layers(right) != layers(wrong)


def layers(network: Network) -> str:
    """Return the layers of a network, as it is printed; nothing where it cannot be made."""
    try:
        reader = read_text if network.is_source else read
        return str(reader(network.text, network.name, input=network.sample).module)
    except (cs.ShapeError, cs.SpecError):
        return ""


class Counts:
    """What came of the broken networks of one kind."""

    def __init__(self) -> None:
        self.broken = self.first = self.any = self.undone = self.early = self.words = self.none = (
            self.failing
        ) = 0
        self.unread = 0
        self.slowest = 0.0


def prove(each: Broken, right: Network, counts: Counts, verbose: bool) -> None:
    """Trace a broken network and run with torch what its fixes make of it."""
    begun = time.process_time()
    error = traced_error(each.network)
    took = time.process_time() - begun
    if error is None:
        return
    counts.broken += 1
    counts.slowest = max(counts.slowest, took)
    counts.unread += not isinstance(error, cs.ShapeError)
    worked, said = [], []
    for fix in error.fixes:
        results = applied(each.network, fix)
        failures = [why for network, batches in results if (why := torch_runs(network, batches))]
        worked.append(bool(results) and not failures)
        counts.failing += len(failures)
        said += [f"    FAILS: {fix.text}: {why}" for why in failures]
        said += [f"    words: {fix.text}"] * (not results)
    counts.words += any(not (fix.edits or fix.inputs) for fix in error.fixes)
    counts.first += bool(worked and worked[0])
    counts.any += any(worked)
    undone = [undoes(fix, each.network, right) for fix in error.fixes]
    counts.undone += any(undone)
    counts.early += any(undone[:2])
    counts.none += not error.fixes
    if verbose and (not any(worked) or said):
        texts = " | ".join(fix.text for fix in error.fixes) or f"({error.fix})"
        print(
            f"{right.name} {each.kind} {each.change}\n  {error.message[:150]}\n"
            f"  {took:.1f} s: {texts[:300]}"
        )
        print("\n".join(said), end="\n" * bool(said), flush=True)


def main() -> int:
    """Break networks, trace them, and print the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20, help="changes of a kind of each network")
    parser.add_argument("--kind", action="append", choices=[*KINDS, "input"])
    parser.add_argument("--only", default="", help="networks with this in their name")
    parser.add_argument("--random", type=int, default=0, help="random networks besides")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument(
        "--cpu", action="store_true", help="run them for real, not on the meta device"
    )
    options = parser.parse_args()
    global DEVICE
    DEVICE = "cpu" if options.cpu else "meta"
    for name in FILLING:
        setattr(torch.nn.init, name, lambda tensor, *args, **kwargs: tensor)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    clock.seconds = time.process_time  # however busy the machine is
    pick = random.Random(options.seed)
    kinds = options.kind or [*KINDS, "input"]
    counts: dict[str, Counts] = {}
    begun = time.monotonic()
    for network in [*networks(), *random_networks(options.random, pick)]:
        if options.only in network.name:
            if torch_runs(network, (1, 2)):  # a random one may lose the batch by itself
                assert network.name.startswith("random-"), network.name
                continue
            for each in broken(network, kinds, options.count, pick):
                if time.monotonic() - begun > options.seconds:
                    break
                home = (
                    "source"
                    if network.is_source
                    else "random"
                    if "random" in network.name
                    else "zoo"
                )
                prove(
                    each,
                    network,
                    counts.setdefault(f"{home} {each.kind}", Counts()),
                    options.verbose,
                )
    columns = "kind broken first any undone early words none failing unread slowest".split()
    print("  ".join(f"{name:>8}" for name in columns).replace("    kind", "kind".ljust(20)))
    for kind, each in sorted(counts.items()):
        row = [getattr(each, name) for name in columns[1:-1]]
        print(f"{kind:<20}" + "  ".join(f"{n:>8}" for n in row) + f"  {each.slowest:>8.1f}")
    total: Counter[str] = Counter()
    for each in counts.values():
        total.update({name: getattr(each, name) for name in columns[1:-1]})
    print(f"{'all':<20}" + "  ".join(f"{total[name]:>8}" for name in columns[1:-1]))
    return int(total["failing"] > 0)


if __name__ == "__main__":
    sys.exit(main())
