"""Compare closed forms and fitting sizes with runs on numbers, for any number of random networks.

    python tests/sweep_symbols.py --count 1000 --seed 1

Prints each disagreement. Exits with 1 where there is one.
"""

from __future__ import annotations

import argparse
import random
import sys

from symbolic_networks import compared

from convshape.verify.generators.networks import random_network


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="networks")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    rng = random.Random(options.seed)
    pairs = accepted = claimed = wrong = 0
    for _ in range(options.count):
        text = random_network(rng.choice)
        for found in compared(text, rng.choice):
            pairs += 1
            accepted += found.accepted
            claimed += found.claimed
            if found.wrong:
                wrong += 1
                print(
                    f"{text.partition('blocks:')[0]}{text.partition('layers:')[2]}  {found.wrong}\n"
                )
    print(
        f"{pairs} pairs of a network and a size, {accepted} accepted, {claimed} told by closed "
        f"forms, {wrong} disagreements"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
