"""What a network is expected to be, for ``convshape check``.

An expectation is ``SUBJECT=VALUE``. The subject is ``in`` or ``out`` of the network or of a layer,
``conv1.out``, or its ``params`` or ``macs``, which may be limited too, ``params<=1M``; ``out[1]``
is the second of several. A shape is its sizes with x between them, with the batch in front or
without it; ``*`` means any size and ``N`` the batch.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence

from ..errors import Error, ShapeError, SpecError, nearest
from ..result import Row, Trace
from ..shapetorch.arguments import shape

#: The numbers of a row and of a trace that can be expected and limited.
NUMBERS = ("params", "macs")
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}
_EXPECTATION = re.compile(r"([^=<>]*)(==|<=|>=|[=<>])(.*)", re.DOTALL)
_SUBJECT = re.compile(
    rf"(?:(?P<path>.*)\.)?(?P<what>in|out|{'|'.join(NUMBERS)})(?:\[(?P<index>\d{{1,6}})\])?"
)
_SIZE = re.compile(r"\d{1,18}|\*|N")
_NUMBER = re.compile(r"(\d{1,18}|\d{1,3}(?:[_,]\d{3})+)(?:\.(\d{1,18}))?([kMGT]?)")
_EXAMPLES = "out=10, conv1.out=1x6x28x28, fc1.in=Nx*, params=62006, 'macs<=1M'"


class Expectation:
    """What one subject should be.

    Attributes:
        text: the expectation as it was written.
        path: the layer's name in its network, ``""`` for the network.
        what: ``in``, ``out`` or one of `NUMBERS`.
        index: which of several inputs or outputs, from 0.
        compares: how a number is to compare with `value`.
        value: a number, or sizes: each a number, ``*`` or ``N``.
    """

    def __init__(self, text: str) -> None:
        """Read an expectation.

        Raises:
            SpecError: it cannot be read.
        """
        parts = _EXPECTATION.fullmatch(text)
        subject, sign, value = (part.strip() for part in parts.groups()) if parts else ("", "", "")
        match = _SUBJECT.fullmatch(subject)
        if not value:
            raise SpecError(
                f"cannot read the expectation {text!r}: the value is missing", fix=_EXAMPLES
            )
        is_number = match is not None and match["what"] in NUMBERS
        if match is None or (match["index"] and is_number):
            named = match is None and subject
            raise SpecError(
                f"cannot read the expectation {text!r}: {subject!r} is not in, out, params or macs",
                fix=f"{subject}.out={value}" if named else _EXAMPLES,
            )
        self.compares = _COMPARISONS[sign]
        if self.compares is not operator.eq and not is_number:
            raise SpecError(
                f"cannot read the expectation {text!r}: shapes are equal or not, without {sign}",
                fix=f"{subject}={value}",
            )
        self.text = text
        self.path: str = match["path"] or ""
        self.what: str = match["what"]
        self.index = int(match["index"] or 0)
        self.value = number(value) if is_number else _sizes(value)

    def failures(self, trace: Trace) -> list[Error]:
        """Return what is otherwise than expected, an error for each call.

        Raises:
            SpecError: there is no such layer, input or output.
        """
        rows = [row for row in trace.rows if row.path == self.path]
        if not rows and self.path:
            names = list(dict.fromkeys(row.path for row in trace.rows if row.path))
            near = nearest(self.path, names)
            fix = f"one of {', '.join(names[:9])}{', ...' * (len(names) > 9)}" if names else ""
            if near:
                fix = f"did you mean {self.text.replace(self.path, near, 1)}?"
            raise SpecError(f"expected {self.text}, but nothing is called {self.path!r}", fix=fix)
        if isinstance(self.value, int):
            counts = [(getattr(row if self.path else trace, self.what), row) for row in rows]
            return [
                self._failure(f"{count:,}", row)
                for count, row in counts
                if not self.compares(count, self.value)
            ]
        batch = trace.inputs[0][0] if trace.inputs and trace.inputs[0] else 1
        failures = []
        for row in rows:
            shapes = (row.inputs if self.what == "in" else row.outputs) or []
            if self.index >= len(shapes):
                kind = "input" if self.what == "in" else "output"
                plural = "s" * (len(shapes) != 1)
                name = row.layer if self.path else "the network"
                raise SpecError(
                    f"expected {self.text}, but {name} has {len(shapes)} {kind}{plural}"
                )
            if not _fits(self.value, shapes[self.index], batch):
                failures.append(self._failure(shape(shapes[self.index]), row))
        return failures

    def _failure(self, actual: str, row: Row) -> Error:
        why = f"{self.path} is {row.layer}" if self.path else ""
        return ShapeError(f"expected {self.text}, but it is {actual}", why=why)


def number(text: str) -> int:
    """Read a number: ``62006``, ``62,006``, ``62_006``, ``61.7k``, ``1.5M``, ``4G``.

    Raises:
        SpecError: something else is there.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise SpecError(
            f"cannot read the number {text[:60]!r}", fix="write it as 62006, 1.5M or 4G"
        )
    whole, part, unit = re.sub("[_,]", "", match[1]), match[2] or "", match[3]
    power = 3 * " kMGT".index(unit or " ")
    value: int = int(whole + part) * 10**power // 10 ** len(part)
    return value


def limited(trace: Trace, limits: dict[str, int]) -> list[Error]:
    """Return the numbers of the network that are larger than `limits` allows."""
    totals = {name: getattr(trace, name) for name in limits}
    return [
        ShapeError(f"expected at most {most:,} {name}, but it has {totals[name]:,}")
        for name, most in limits.items()
        if totals[name] > most
    ]


def failures(
    trace: Trace, expectations: Sequence[Expectation], limits: dict[str, int]
) -> list[Error]:
    """Return all that is otherwise than expected; where the network does not fit, that alone.

    An expectation about what the network does not have is a `SpecError` among them.
    """
    if trace.error is not None:
        return [trace.error]
    result: list[Error] = []
    for expectation in expectations:
        try:
            result += expectation.failures(trace)
        except SpecError as error:
            result.append(error)
    return result + limited(trace, limits)


def _sizes(text: str) -> tuple[str, ...]:
    sizes = tuple(re.split(r"\s*[x×X,]\s*", text.strip("()[] ")))
    for size in sizes:
        if not _SIZE.fullmatch(size):
            raise SpecError(
                f"cannot read the shape {text[:60]!r}: {size[:40]!r} is not a whole number, * or N",
                fix=_EXAMPLES,
            )
    return sizes


def _fits(wanted: tuple[str, ...], shape: tuple[int, ...], batch: int) -> bool:
    """Return whether a shape is as wanted, with the batch axis or, if it is the first, without."""
    if len(wanted) == len(shape) - 1 and shape[0] == batch and "N" not in wanted:
        shape = shape[1:]
    if len(wanted) != len(shape):
        return False
    return all(
        w == "*" or n == (batch if w == "N" else int(w)) for w, n in zip(wanted, shape, strict=True)
    )
