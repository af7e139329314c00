"""Hold closed forms against runs with numbers, and the sizes that fit against torch by brute force.

    python tests/sweep_symbols.py --count 1000 --sizes 10  # random networks, ten sizes each
    python tests/sweep_symbols.py --fit  # sizes to 256, series to 4096, pairs to 96

Prints each disagreement. Exits with 1 where there is one.
"""

from __future__ import annotations

import argparse
import random
import sys
from itertools import product
from typing import TYPE_CHECKING

import fit_networks
from symbolic_networks import compared
from torch_fits import by_torch

import convshape as cs
from convshape.verify.generators.networks import random_network

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The call, the channels, what the axes are called, whether all pairs of sizes are tried.
NETWORKS = [
    ("LeNet()", 1, "HW", True),
    ("AlexNet()", 3, "HW", True),
    ("ResNet18()", 3, "HW", False),
    ("UNet()", 1, "HW", False),
    ("UNet(padding=0)", 1, "HW", False),
    ("Discriminator()", 3, "HW", False),
    ("SegNet()", 3, "HW", False),  # without output sizes it depends on data
    ("M5()", 1, "L", False),
]
_LARGEST, _LONGEST, _LARGEST_OF_PAIRS = 256, 4096, 96


def largest(names: str) -> int:
    return _LARGEST if len(names) > 1 else _LONGEST


def tried(names: str, least: dict[str, int] | None, pairs: bool) -> Iterator[dict[str, int]]:
    """Yield squares, sizes along each axis with the smallest of the others, and perhaps pairs."""
    for n in range(1, largest(names) + 1):
        yield dict.fromkeys(names, n)
        if least:
            yield from (least | {name: n} for name in names)
    if pairs:
        sizes = range(1, _LARGEST_OF_PAIRS + 1)
        yield from (dict(zip(names, pair, strict=True)) for pair in product(sizes, repeat=2))


def fits_are_wrong() -> int:
    """Compare the sizes that fit with those that torch takes; return how many differ."""
    wrong = 0
    for call, channels, names, pairs in NETWORKS:
        # On "meta" nobody looks at the indices of maxima.
        fits = by_torch(call, "cpu" if call.startswith("SegNet") else "meta")
        found = cs.fit(
            f"{fit_networks.__file__}:{call}", f"{channels}x{'x'.join(names)}", max=largest(names)
        )
        count = accepted = 0
        for sizes in tried(names, found.smallest, pairs):
            count, taken = count + 1, fits(channels, *sizes.values())
            accepted += taken
            if taken is not (sizes in found):
                wrong += 1
                print(f"{call} at {sizes}: torch {taken}, fit {not taken}")
        print(f"{call}: {count} inputs, {accepted} accepted, complete: {not found.why}")
    return wrong


def closed_forms_are_wrong(count: int, seed: int, sizes: int) -> int:
    """Compare closed forms with runs with numbers; return how often they are different."""
    rng = random.Random(seed)
    pairs = accepted = claimed = wrong = 0
    for index in range(count):
        if index % 500 == 0:
            print(f"{index} networks, {pairs} pairs", file=sys.stderr)
        text = random_network(rng.choice)
        for found in compared(text, rng.choice, sizes):
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
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="networks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sizes", type=int, default=4, help="sizes drawn for each network")
    parser.add_argument(
        "--fit", action="store_true", help="sizes that fit, instead of closed forms"
    )
    options = parser.parse_args()
    if options.fit:
        return bool(fits_are_wrong())
    return bool(closed_forms_are_wrong(options.count, options.seed, options.sizes))


if __name__ == "__main__":
    sys.exit(main())
