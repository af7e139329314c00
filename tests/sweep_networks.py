"""Compare convshape with torch on as many random network files as one asks for.

    python tests/sweep_networks.py --count 10000 --seed 1 [--device cuda]

Prints each disagreement, and how many networks both accepted and both refused. Exits with 1 where there is a
disagreement.
"""

from __future__ import annotations

import argparse
import random
import sys

import torch
from networks import by_convshape, by_torch, random_network


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="networks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--show", type=int, default=20, help="disagreements to print")
    options = parser.parse_args()

    torch.set_num_threads(1)
    rng = random.Random(options.seed)
    accepted = rows = unknown = disagreements = 0
    for _ in range(options.count):
        text = random_network(rng.choice)
        ours, theirs = by_convshape(text), by_torch(text, options.device)
        accepted += theirs.accepted
        rows += len(theirs.rows)
        unknown += ours.unknown
        if not ours.agrees(theirs):
            disagreements += 1
            if disagreements <= options.show:
                print(f"{text.partition('layers:')[2]}\n  convshape: {ours}\n  torch:     {theirs}")
    print(
        f"{options.count} networks, {accepted} accepted by torch with {rows} calls of modules, "
        f"{unknown} with a view that convshape cannot tell, {disagreements} disagreements"
    )
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
