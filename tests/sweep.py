"""Compare convshape with torch on as many random configurations as one asks for.

    python tests/sweep.py --count 100000 --seed 1 [--family conv] [--device cuda]

Prints each disagreement and, for each family, how many configurations both accepted and both refused.
Exits with 1 where there is a disagreement.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter

from calls import CALLS, Call, call_convshape, call_torch
from cases import FAMILIES, Case, Outcome, arranged, by_convshape, by_torch

ALL = FAMILIES | CALLS


def judge(case: Case | Call, device: str) -> tuple[Outcome, Outcome]:
    if isinstance(case, Call):
        return call_convshape(case), call_torch(case, device)
    return by_convshape(case), by_torch(case, device)


def label(case: Case | Call) -> str:
    return case.name if isinstance(case, Call) else case.layer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--count", type=int, default=10_000, help="configurations over all families"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--family", choices=ALL, action="append", help="only this family; may be repeated"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--show", type=int, default=20, help="disagreements to print")
    options = parser.parse_args()

    import torch

    torch.set_num_threads(1)
    families = options.family or list(ALL)
    rng = random.Random(options.seed)
    tally: Counter[tuple[str, str]] = Counter()
    unknown: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    disagreements = 0
    for i in range(options.count):
        name = families[i % len(families)]
        case = arranged(rng.choice, ALL[name](rng.choice))
        ours, theirs = judge(case, options.device)
        tally[name, "accepted" if theirs.called else "refused"] += 1
        laid = zip(ours.memory, ours.shapes, strict=True)  # both None where there is no tensor
        if ours.unknown or any(own is None and shape is not None for own, shape in laid):
            unknown[label(case)] += 1
        if not ours.agrees(theirs):
            wrong[label(case)] += 1
            disagreements += 1
            if disagreements <= options.show:
                print(f"{case}\n  convshape: {ours}\n  torch:     {theirs}")
    for name in families:
        print(
            f"{name}: {tally[name, 'accepted']} accepted and {tally[name, 'refused']} refused by torch"
        )
    for title, counts in (("memory not known", unknown), ("disagreements", wrong)):
        print(f"{title}: {', '.join(f'{name} {n}' for name, n in counts.most_common()) or 'none'}")
    print(f"{options.count} configurations, {disagreements} disagreements")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
