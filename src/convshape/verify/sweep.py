"""Random calls of the whole vocabulary, in any number, compared between convshape and torch."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ..errors import SpecError, nearest
from ..readers.torch_engine import torch_for
from . import INSTALL
from .device import check_device, version_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

#: The family of whole network files.
NETWORKS = "network"


class Disagreement(NamedTuple):
    """A call of which convshape and torch do not say the same.

    Attributes:
        family: the family that made it.
        line: a command line that shows what convshape says.
        here: what convshape says.
        torch: what torch says.
    """

    family: str
    line: str
    here: str
    torch: str


class Family(NamedTuple):
    """How often the calls of a family were accepted by torch, and what came of them here.

    Attributes:
        name: the family's.
        accepted: how many torch accepted.
        refused: how many it refused.
        unknown: how many of which convshape says that it does not know.
        disagreements: how many of which the two do not say the same.
    """

    name: str
    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    disagreements: int = 0


class Sweep:
    """What came of a sweep.

    Attributes:
        families: the counts of each family, by its name.
        disagreements: those that were found.
        torch: the version of torch.
        device: where torch ran.
        seed: of the random numbers.
    """

    def __init__(self, names: Sequence[str], torch: str, device: str, seed: int) -> None:
        self.families = {name: Family(name) for name in names}
        self.disagreements: list[Disagreement] = []
        self.torch = torch
        self.device = device
        self.seed = seed
        self.note = version_note(torch)

    @property
    def agrees(self) -> bool:
        """Whether the two say the same of every call."""
        return not self.disagreements

    @property
    def count(self) -> int:
        """The number of calls."""
        return sum(each.accepted + each.refused for each in self.families.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the sweep as JSON has it, schema 1."""
        return {
            "schema": 1,
            "command": "verify",
            "torch": self.torch,
            "device": self.device,
            "agrees": self.agrees,
            "seed": self.seed,
            "count": self.count,
            "families": [each._asdict() for each in self.families.values()],
            "disagreements": [each._asdict() for each in self.disagreements],
            "note": self.note,
            "error": None,
        }


def sweep(
    count: int,
    *,
    device: str = "cpu",
    seed: int = 0,
    families: Sequence[str] = (),
    watcher: Callable[[int], None] | None = None,
) -> Sweep:
    """Judge random calls of layers, functions, methods and whole network files, legal and illegal.

    Compared are shapes, dtypes, strides, parameters and buffers, the text of `print`, and refusals,
    which must come at the same moment: when a layer is made, or when it is called.

    Args:
        count: how many, over all families.
        device: where torch runs.
        seed: of the random numbers: the same seed makes the same calls.
        families: names of `family_names`, all unless given.
        watcher: is called for each of them with the number of all.

    Raises:
        SpecError: torch is not installed, or has no such device; there is no such family.
    """
    torch = torch_for("verify", INSTALL)
    check_device(torch, device)
    known = family_names()
    for name in families:
        if name not in known:
            fix = nearest(name, known) or ", ".join(known)
            raise SpecError(f"unknown family {name!r}", fix=fix)
    names = list(families) or known
    result = Sweep(names, torch.__version__.partition("+")[0], device, seed)
    rng = random.Random(seed)
    with _one_thread(torch):
        for index in range(count):
            _judge(result, names[index % len(names)], rng, device)
            if watcher is not None:
                watcher(count)
    return result


def family_names() -> list[str]:
    """Return the names of the families, those of layers first."""
    from .generators import CALLS, FAMILIES

    return [*FAMILIES, *CALLS, NETWORKS]


@contextmanager
def _one_thread(torch: Any) -> Iterator[None]:
    """Let torch work in one thread: calls so small take longer in several."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _judge(result: Sweep, name: str, rng: random.Random, device: str) -> None:
    from .pasting import pasted

    case, ours, theirs = _answers(name, rng, device)
    unknown = ours.unknown or any(
        own is None and sizes is not None
        for own, sizes in zip(
            getattr(ours, "memory", ()), getattr(ours, "shapes", ()), strict=False
        )
    )
    wrong = not ours.agrees(theirs)
    accepted = getattr(theirs, "called", getattr(theirs, "accepted", False))
    family = result.families[name]
    result.families[name] = Family(
        name,
        family.accepted + accepted,
        family.refused + (not accepted),
        family.unknown + unknown,
        family.disagreements + wrong,
    )
    if wrong:
        found = Disagreement(name, pasted(case), _said(ours), _said(theirs))
        result.disagreements.append(found)


def _answers(name: str, rng: random.Random, device: str) -> tuple[Any, Any, Any]:
    """Return a random case of a family, what convshape says of it, and what torch does."""
    from .generators import CALLS, FAMILIES, judge_by_torch, judge_here
    from .generators.cases import Outcome, arranged

    if name == NETWORKS:
        from .generators import networks

        text = networks.random_network(rng.choice)
        return text, networks.by_convshape(text), networks.by_torch(text, device)
    case = arranged(rng.choice, (FAMILIES | CALLS)[name](rng.choice))
    try:
        ours = judge_here(case)
    except Exception as error:  # neither an answer nor a refusal: a mistake of ours
        ours = Outcome(made=False, message=f"{type(error).__name__}: {error}")
    return case, ours, judge_by_torch(case, device)


def _said(outcome: Any) -> str:
    """Return what an outcome says, in a line."""
    accepted = getattr(outcome, "called", getattr(outcome, "accepted", False))
    if not accepted:
        when = "when called" if getattr(outcome, "made", True) else "when made"
        return f"refuses {when}: {' '.join(outcome.message.split())[:200]}"
    facts = {
        name: getattr(outcome, name)
        for name in ("shapes", "dtypes", "memory", "state", "printed", "rows", "parameters")
        if getattr(outcome, name, ())
    }
    return ", ".join(f"{name} {value}" for name, value in facts.items())[:400]
