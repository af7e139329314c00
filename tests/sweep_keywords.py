"""Compare calls with arguments by name with torch: by the names that convshape has, and by those of
torch's documentation.

    python tests/sweep_keywords.py --count 10000 --seed 1

Prints each function whose names differ. Exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from dataclasses import replace
from operator import attrgetter
from typing import Any

import torch

from convshape import shapetorch
from convshape.shapetorch.operation import unwrapped
from convshape.verify.generators import CALLS, judge
from convshape.verify.generators.data import Call, T


def documented(call: Call) -> list[str]:
    """Return the names of a function's arguments by place, as torch's documentation has them."""
    home: Any = torch.Tensor if call.method else torch
    text = (attrgetter(call.name)(home).__doc__ or "").strip().partition("->")[0]
    written = re.match(r"[\w.]+\(([^*()]*)", text)
    names = (
        [part.partition("=")[0].split()[-1:] for part in written[1].split(",")] if written else []
    )
    return [*(["self"] * call.method), *(name for each in names for name in each)]


def known(call: Call) -> list[str]:
    """Return the names of a function's arguments by place, as convshape has them."""
    home: Any = shapetorch.Tensor if call.method else shapetorch
    code = unwrapped(attrgetter(call.name)(home)).__code__
    return list(code.co_varnames[: code.co_argcount])


def spelled(rng: random.Random, call: Call) -> Call | None:
    """Return a call with some of its last arguments by name, or None without such names."""
    try:
        names = rng.choice((documented, known))(call)
    except AttributeError:  # a chain of several
        return None
    first = rng.randrange(call.method, len(call.args) + 1)
    if call.name.startswith("__") or len(names) < len(call.args) or first == len(call.args):
        return None
    named = dict(zip(names[first:], call.args[first:], strict=False))
    if isinstance(named.get("dim"), T):  # torch may read it as an int, which needs its value
        return None
    return replace(call, args=call.args[:first], kwargs=named | call.kwargs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10000, help="calls")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng, families = random.Random(options.seed), list(CALLS.values())
    wrong: Counter[str] = Counter()
    count = accepted = 0
    for i in range(options.count):
        call = spelled(rng, families[i % len(families)](rng.choice))
        if call is None:
            continue
        try:
            here, there = judge(call)
        except Exception as error:  # neither an answer nor a refusal
            print(f"{call}\n  convshape: {type(error).__name__}: {error}"[:300])
            wrong[f"{call.name}({', '.join(sorted(call.kwargs))}) fails"] += 1
            continue
        count, accepted = count + 1, accepted + there.called
        if not here.agrees(there):
            found = f"{call.name}({', '.join(sorted(call.kwargs))})"
            if not wrong[found]:
                print(f"{call}\n  convshape: {here.message or 'accepts'}"[:300])
                print(f"  torch: {there.message or 'accepts'}"[:200])
            wrong[found] += 1
    print(
        f"{count} calls with arguments by name, {accepted} accepted by torch, "
        f"{wrong.total()} disagreements of {len(wrong)} spellings"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
