"""Random calls of the whole vocabulary, in any number, compared between convshape and torch."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SpecError, UnknownOperation, nearest
from ..readers.on_torch.torch_engine import torch_for
from . import INSTALL, verify_text
from .device import check_device, version_note

if TYPE_CHECKING:
    from .generators.judging import Outcome

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
        return sum(family.accepted + family.refused for family in self.families.values())

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
            "families": [item._asdict() for item in self.families.values()],
            "disagreements": [item._asdict() for item in self.disagreements],
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


class Judgement(NamedTuple):
    """What convshape and torch say of a random call.

    Attributes:
        case: the call, or the text of a network file.
        accepted: whether torch accepts it.
        unknown: whether convshape says that it does not know, of the result or of its memory.
        agrees: whether the two say the same.
        here: what convshape says, where they do not.
        torch: what torch says.
    """

    case: Any
    accepted: bool
    unknown: bool
    agrees: bool
    here: str
    torch: str


def _judge(result: Sweep, name: str, rng: random.Random, device: str) -> None:
    from .pasting import pasted

    judged = (_network if name == NETWORKS else _call)(name, rng, device)
    family = result.families[name]
    result.families[name] = Family(
        name,
        family.accepted + judged.accepted,
        family.refused + (not judged.accepted),
        family.unknown + judged.unknown,
        family.disagreements + (not judged.agrees),
    )
    if not judged.agrees:
        disagreement = Disagreement(name, pasted(judged.case), judged.here, judged.torch)
        result.disagreements.append(disagreement)


def _call(name: str, rng: random.Random, device: str) -> Judgement:
    """Judge a random call of a family."""
    from .generators import CALLS, FAMILIES, by_convshape, by_torch
    from .generators.choices import arranged
    from .generators.judging import Outcome

    families: dict[str, Any] = {**FAMILIES, **CALLS}
    case = arranged(rng.choice, families[name](rng.choice))
    try:
        ours = by_convshape(case)
    except Exception as error:  # neither an answer nor a refusal: a mistake of ours
        ours = Outcome(made=False, message=f"{type(error).__name__}: {error}")
    theirs = by_torch(case, device)
    pairs = zip(ours.memory, ours.shapes, strict=False)
    unknown = ours.unknown or any(here is None and there is not None for here, there in pairs)
    return Judgement(case, theirs.called, unknown, ours.agrees(theirs), _said(ours), _said(theirs))


def _network(name: str, rng: random.Random, device: str) -> Judgement:
    """Verify a random network file."""
    from .generators.networks import random_network

    text = random_network(rng.choice)
    try:
        verified = verify_text(text, device)
    except UnknownOperation as error:  # how a tensor lies in memory
        return Judgement(text, True, True, "in memory" in str(error), str(error), "")
    first = next(iter(verified.agreement.differences), None)
    accepted = verified.torchs.error is None
    here, torch = (f"{first.path}: {first.what} {first.here}", first.torch) if first else ("", "")
    return Judgement(text, accepted, False, first is None, here, torch)


def _said(outcome: Outcome) -> str:
    """Return what an outcome says, in a line."""
    if not outcome.called:
        when = "when called" if outcome.made else "when made"
        return f"refuses {when}: {' '.join(outcome.message.split())[:200]}"
    names = ("shapes", "dtypes", "memory", "state", "printed")
    facts = {name: getattr(outcome, name) for name in names if getattr(outcome, name)}
    return ", ".join(f"{name} {value}" for name, value in facts.items())[:400]
