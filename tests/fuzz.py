"""Look for a text that makes convshape fail with anything but its own errors, guided by coverage.

    python tests/fuzz.py --target printed --seconds 180 [--corpus FOLDER]

It needs atheris (``pip install atheris``), which has wheels for Linux and some versions of Python only and so is not
in the test extra. Ends with 0 and the number of executions, or with the exception and the file that holds the text.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["convshape"]):
    from convshape import starter
    from convshape.api import trace_expression, traced
    from convshape.errors import Error
    from convshape.examples import EXAMPLES
    from convshape.readers import network, printed
    from convshape.readers.evaluate import evaluate
    from convshape.run.program import Program


def expression(text: str) -> None:
    trace_expression(text, "6x9x9")


def network_file(text: str) -> None:
    found = network.read(text, "net.yaml")
    traced(Program(found.module, found.inputs, name=found.name, where=found.where)).to_json()


def printed_model(text: str) -> None:
    found = printed.read(text, "model.txt", input="3x9x9")
    traced(Program(found.module, found.inputs, name=found.name, where=found.where)).to_json()
    repr(found.module)


def calls() -> list[str]:
    functions = (
        "F.max_pool2d(input, 2)",
        "input[:, 0].T @ input.flatten(2)",
        "cat([input, input], dim=-1)",
    )
    return [call for call, _ in EXAMPLES.values()] + list(functions)


def prints() -> list[str]:
    layers = [
        repr(evaluate(call, {"inf": float("inf")}, lambda *place: ("", "")))
        for call, _ in EXAMPLES.values()
    ]
    inner = "".join(f"\n  ({i}): {layer}" for i, layer in enumerate(layers))
    nested = "Net(\n  scale=2\n  (a): Sequential(\n    (0): ReLU()\n  )\n  (b): L(\n    (0-2): 3 x ReLU()\n  )\n)"
    return [*layers, f"Net({inner}\n)", nested]


TARGETS: dict[str, tuple[Callable[[str], None], Callable[[], list[str]]]] = {
    "expression": (expression, calls),
    "network": (
        network_file,
        lambda: [starter.text(name, "net.yaml") for name in starter.networks()],
    ),
    "printed": (printed_model, prints),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=TARGETS, required=True)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument(
        "--corpus", type=Path, help="where texts that reach new code are kept for the next run"
    )
    options = parser.parse_args()
    target, seeds = TARGETS[options.target]
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="convshape-fuzz-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for i, text in enumerate(seeds()):
        (corpus / f"seed-{i}").write_text(text, encoding="utf-8")

    def once(data: bytes) -> None:
        with suppress(Error):
            target(data.decode(errors="replace"))

    limits = [
        f"-max_total_time={options.seconds}",
        "-max_len=4000",
        "-timeout=10",
        "-rss_limit_mb=4096",
    ]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={corpus}/failed-", str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
