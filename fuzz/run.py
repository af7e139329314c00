"""Look for a text that makes convshape fail with anything but its own errors.

    python fuzz/run.py --target printed --seconds 1800
    python fuzz/run.py --seconds 5            # every target, as CI does

With atheris installed (``pip install atheris``, which has wheels for some systems only) coverage
guides the search; without it texts are changed at random, from a seed that is printed. A text that
fails is kept in ``fuzz/corpus``, where every run begins, and so do the tests. Ends with 0, or with
the exception and the file that holds the text.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
SLOWEST = 10  # seconds for one text


def texts(name: str) -> list[str]:
    """Return what a target begins with: its seeds, and what failed once."""
    kept = sorted((CORPUS / name).glob("*")) if (CORPUS / name).is_dir() else []
    return [*TARGETS[name].seeds(), *(path.read_bytes().decode(errors="replace") for path in kept)]


def once(name: str, text: str) -> None:
    """Read one text; keep it, and raise, where it fails or takes too long."""
    begun = time.process_time()  # the machine may be busy
    try:
        with suppress(Error):
            TARGETS[name].read(text)
        if time.process_time() - begun > SLOWEST:
            raise TimeoutError(f"{time.process_time() - begun:.0f} seconds")
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):
            keep(name, text)
        raise


def keep(name: str, text: str) -> None:
    from hashlib import sha256

    data = text.encode(errors="replace")
    path = CORPUS / name / sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"kept in {path}", file=sys.stderr)


def changed(text: str, others: list[str], words: tuple[str, ...], chance: random.Random) -> str:
    """Return a text with a few changes: parts left out, repeated, of others, words put in."""
    for _ in range(chance.randint(1, 4)):
        start, end = sorted(chance.randint(0, len(text)) for _ in range(2))
        end = min(end, start + chance.choice((0, 1, 5, 40)))
        other = chance.choice(others)
        first = chance.randint(0, len(other))
        part = chance.choice(
            (
                "",
                chance.choice(words),
                text[start:end] * 2,
                other[first : first + 60],
                chr(chance.randint(0, 0x2FFF)),
            )
        )
        text = text[:start] + part + text[end:]
    return text[:4000]


def at_random(name: str, seconds: float, seed: int) -> int:
    """Read texts that are changed at random, and return how many."""
    chance = random.Random(seed)
    pool = texts(name)
    for text in pool:
        once(name, text)
    ends, count = time.monotonic() + seconds, len(pool)
    while time.monotonic() < ends:
        once(name, changed(chance.choice(pool), pool, TARGETS[name].words, chance))
        count += 1
    return count


def guided(name: str, seconds: int) -> None:
    """Let atheris search, which ends the process."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="convshape-fuzz-"))
    for number, text in enumerate(texts(name)):
        (folder / f"seed-{number}").write_text(text, encoding="utf-8", errors="replace")
    limits = [
        f"-max_total_time={seconds}",
        "-max_len=4000",
        f"-timeout={SLOWEST}",
        "-rss_limit_mb=4096",
    ]
    arguments = [sys.argv[0], *limits, f"-artifact_prefix={folder}/failed-", str(folder)]
    atheris.Setup(arguments, lambda data: once(name, data.decode(errors="replace")))
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    options = parser.parse_args()
    if options.target and atheris is not None:
        guided(options.target, options.seconds)
    for name in [options.target] if options.target else TARGETS:
        count = at_random(name, options.seconds, options.seed)
        print(f"{name}: {count:,} texts, seed {options.seed}")


try:
    import atheris
except ImportError:
    atheris = None
    from targets import TARGETS, Error
else:
    with atheris.instrument_imports(include=["convshape"]):
        from targets import TARGETS, Error

if __name__ == "__main__":
    main()
