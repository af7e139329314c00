"""The options that several commands take, and what they make of them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import Any

from ..errors import SpecError
from ..render import FORMATS, NAMES
from .parameters import flag, group, number, option, repeated

# How an answer is written

JSON = flag("--json", help="Print JSON.")


class Form:
    """How an answer is written.

    Attributes:
        format: ``"table"`` (as text), ``"json"``, ``"markdown"`` or ``"latex"``.
        quiet: whether only the result is.
    """

    def __init__(
        self, json: bool, format: str | None, explain: bool = False, quiet: bool = False
    ) -> None:
        name = "json" if json else format or "table"
        self.format = NAMES.get(name, name)
        self._is_given = json or format is not None
        self.quiet = quiet
        self._explain = explain

    @property
    def json(self) -> bool:
        """Whether it is JSON."""
        return self.format == "json"

    def for_file(self, file: str, formats: Collection[str]) -> str:
        """Return the format of an answer that goes to a file, whose name may choose it."""
        if self._is_given or not file:
            return self.format
        return format_of(file, formats)

    @property
    def with_equation(self) -> bool:
        """Whether the equation is shown: on a terminal, in a document, or if it is asked for."""
        is_read = self.format in ("markdown", "latex") or sys.stdout.isatty()
        return not self.quiet and (self._explain or is_read)


def format_of(file: str, formats: Collection[str] = tuple(FORMATS)) -> str:
    """Return the format that the ending of a file's name chooses.

    Raises:
        SpecError: there is no such format.
    """
    endings = {FORMATS[format]: format for format in formats if FORMATS[format]}
    ending = next((suffix for suffix in endings if file.lower().endswith(suffix)), None)
    if ending is None:
        raise SpecError(f"unknown output format: {file}", fix=f"{', '.join(endings)}, or --format")
    return endings[ending]


OUTPUT = option(
    "--output",
    "-o",
    default="",
    metavar="FILE",
    help="Write to a file; format is inferred from the extension.",
)
DEPTH = number(
    "--depth",
    metavar="N",
    help="Levels of nested modules to show.",
)
_FORM = {
    "json": JSON,
    "format": option(
        "--format",
        "-f",
        default=None,
        choices=("table", "json", "md", "markdown", "latex"),
        help="Output format; a table by default.",
    ),
}
FORM = group(Form, **_FORM)
ANSWER = group(
    Form,
    explain=flag("--explain", "-e", help="Show the equation even when piped."),
    quiet=flag("--quiet", "-q", help="Print only the result."),
    **_FORM,
)

# The arguments of a layer, as they are written

KERNEL, STRIDE = ("--kernel-size", "--k", "-k"), ("--stride", "--s", "-s")
PADDING, DILATION = ("--padding", "--p", "-p"), ("--dilation", "--d", "-d")
OUTPUT_PADDING, CEIL_MODE = ("--output-padding", "--op"), ("--ceil-mode", "--ceil")

# How a network is read

BATCH = option(
    "--batch",
    default=None,
    metavar="N",
    help="Batch size: 32, or a letter to keep it open; the file's own, or 1, by default.",
)


class Network:
    """How a network is read and run: the values of the options."""

    def __init__(
        self,
        inputs: Sequence[str],
        batch: str | None,
        train: bool,
        constants: Sequence[str],
        engine: str = "shape",
        **allow: bool,
    ) -> None:
        self.inputs = inputs
        self._values: dict[str, Any] = {
            "batch": batch,
            "train": train,
            "constants": constants,
            "engine": engine,
        }
        self._allow = allow

    def options(self) -> dict[str, Any]:
        """Return the arguments of `convshape.trace`.

        Raises:
            SpecError: a constant has no name or no value, or the batch is not a size.
        """
        options = self._values | {
            "input": self.inputs,
            "batch": batch_size(self._values["batch"]),
            "constants": constants_from(self._values["constants"]),
            "allow": [
                kind.partition("_")[2] for kind, is_allowed in self._allow.items() if is_allowed
            ],
        }
        if options["engine"] == "shape":
            del options["engine"]
        return options

    def given(self) -> list[str]:
        """Return the options that are given, without ``--in``."""
        return [
            _ON_ENGINE[name].names[0]
            for name, value in (self._values | self._allow).items()
            if value not in (_ON_ENGINE[name].default, [])
        ]


def batch_size(text: str | None) -> int | None:
    """Return the size of a batch: a number, or a symbol such as ``N``.

    Raises:
        SpecError: it is neither.
    """
    if text is None or text.isdecimal():
        return None if text is None else int(text)
    if not (text.isidentifier() and text[0].isupper()):
        raise SpecError(
            f"--batch {text}: not a batch size", fix="--batch 32, or a letter: --batch N"
        )
    from ..symbolic.dim import Dim

    return Dim(text, 2)


_NETWORK: dict[str, Any] = {
    "inputs": repeated(
        "--in",
        metavar="SHAPE",
        help="Input shape without the batch axis: 3x32x32; overrides the file's. For several "
        "inputs, repeat it or name them: img=3x8x8. No batch axis is added to mask=@7x7. With a "
        "dtype: int64:77; with values: int64:[30,28]. PyTorch source also takes t=0.5, flag=True, "
        "mask=None, n='int(3)', mode=train, '[3x8x8, 4]', 'batch={img: 3x8x8, tab: 4}'.",
    ),
    "batch": BATCH,
    "train": flag("--train", help="Run in training mode: auxiliary heads, batch statistics."),
    "constants": repeated(
        "--set",
        metavar="NAME=VALUE",
        help="Override a constant of the file; can be repeated.",
    ),
    "allow_run": flag(
        "--allow-run", help="Let PyTorch source start programs; see --allow-network."
    ),
    "allow_network": flag(
        "--allow-network",
        help="Let PyTorch source connect to other machines. This guards against accidents; "
        "it is not a sandbox.",
    ),
    "allow_write": flag(
        "--allow-write",
        help="Let PyTorch source write and delete files outside of temporary folders.",
    ),
}
_ON_ENGINE = _NETWORK | {
    "engine": option(
        "--engine",
        default="shape",
        choices=("shape", "torch"),
        help="Run PyTorch source on convshape's own shape engine, or on torch's "
        "meta device (needs torch, supports every operation).",
    )
}
NETWORK = group(Network, **_NETWORK)
NETWORK_ON_ENGINE = group(Network, **_ON_ENGINE)


def constants_from(pairs: Sequence[str]) -> dict[str, str]:
    """Return constants by name: ``width=32``.

    Raises:
        SpecError: there is no name or no value.
    """
    constants = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise SpecError(f"cannot read --set {pair!r}", fix="write it as --set width=32")
        constants[name.strip()] = value.strip()
    return constants
