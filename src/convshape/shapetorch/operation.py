"""What an operation of the vocabulary is: declared once, with all that is known of it.

    @operation(layout=PACKED, macs=None, field="pooling")
    def topk(input: Tensor, k: int, dim: Axis = -1, largest: bool = True) -> Any:
        ...  # the rule: the shape that comes out, and what torch refuses

The rule gets its arguments as torch's parser reads them: an annotation that `arguments.read_by`
knows (``Tensor``, ``int``, ``bool``, ``float``, ``Axis``, ``Axes``, ``Ints``, ``Shape``,
``Tensors``, each also with ``| None``) refuses what torch refuses there, and a dimension is counted
from the front. An argument that torch does not check is ``Any``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from ..errors import ShapeError, UnknownOperation
from . import hooks, known_values
from .arguments import read_by, with_plain_numbers
from .known_values import have_contents
from .layout import NEVER_KNOWN, OWN, are_laid_out, are_plain, arrange
from .tensor import Tensor

if TYPE_CHECKING:
    from .layout import Layout

    F = TypeVar("F", bound=Callable[..., Any])
    C = TypeVar("C", bound=Callable[..., Any])

    class Declare(Protocol):
        """What declares operations that have some facts in common."""

        def __call__(self, **facts: Any) -> Callable[[F], F]:
            """Return the decorator of a rule."""


class Unknown:
    """A fact that cannot be given, and why."""

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why


#: How a ``torch`` operation is called: as a function and as a method, or only as one of them.
FUNCTION, METHOD, LINALG = "function", "method", "linalg"
BOTH = f"{FUNCTION} {METHOD}"


class Facts(NamedTuple):
    """What is known of an operation beside its rule.

    Attributes:
        layout: how its results lie in memory: one of the kinds of `layout`.
        macs: the kind of its multiply-accumulates, by which `analysis.macs` counts them; None where
            it makes no products of matrices.
        field: the kind of its reading, by which `analysis.receptive_field` follows what it sees.
        equation: the function of `convshape.sizes` for the size along an axis, if there is one.
        spatial: how many of the last axes of its input are spatial.
        spaces: `FUNCTION`, `METHOD`, `BOTH` or `LINALG`.
        stars: whether as a method its list of ints may be written as several arguments:
            ``x.view(2, 3)``.
        copies: whether there is also a function ``…_copy``, which gives the same as a new tensor.
        names: torch's names of arguments that the rule names otherwise: ``{"from": "from_"}``; with
            an empty value, a name that torch does not have.
        numbers: torch's names of arguments if they are numbers; they must be tensors by the rule's.
        takes_numpy: whether NumPy's numbers are read as Python's, and its names of arguments as
            torch's. They are not where torch makes tensors of the numbers, nor where it is written
            in Python and asks for an ``int``.
        older: names of numbers that torch also takes by place, before the other tensors, as it once
            did: ``add(x, 2, y)``.
    """

    layout: Layout
    macs: str | Unknown | None
    field: str | Unknown
    equation: Callable[..., Any] | None = None
    spatial: int = 0
    spaces: str = BOTH
    stars: bool = False
    copies: bool = False
    names: Mapping[str, str] = {}
    numbers: Mapping[str, str] = {}
    takes_numpy: bool = True
    older: tuple[str, ...] = ()


def operation(**facts: Any) -> Callable[[F], F]:
    """Declare an operation: its rule is the decorated function, the keywords are its `Facts`."""
    known = Facts(**facts)

    def declare(rule: F) -> F:
        read: Any = read_by(rule)
        if read is not rule:
            named_as(rule, read)
        visible: Any = _visible(read, known)
        read.facts = visible.facts = known
        result: F = visible
        return result

    return declare


def declaring(**common: Any) -> Declare:
    """Return what declares operations that have these facts in common."""
    return lambda **facts: operation(**common | facts)


def _visible(rule: Any, facts: Facts) -> Any:
    """Return the function that runs a rule: the recorder sees it, and refusals name it."""
    layout = facts.layout
    arranged, always = layout is not OWN, layout is NEVER_KNOWN
    creates = facts.field == "constant"
    older = facts.older
    writes = rule.__name__.endswith("_") or rule.__name__ == "setitem"

    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = _by_rule(rule, facts, kwargs)
        if older and len(args) > 2:
            args, kwargs = _numbers_by_name(older, args, kwargs)
        recorder = hooks.recorder
        values = (*args, *kwargs.values()) if kwargs else args
        plain = not writes and are_plain(values)
        if not plain and facts.takes_numpy and "numpy" in sys.modules:
            args, kwargs = with_plain_numbers(args, kwargs)
            values = (*args, *kwargs.values())
        known = creates or (not plain and have_contents(values))
        numbers = known_values.written(rule, args, kwargs) if known and writes else None
        try:
            if recorder is None or recorder.inside_operation:
                result = rule(*args, **kwargs)
            else:
                result = recorder.call_function(rule, args, kwargs)
        except Exception as error:
            unknown = hooks.unknown_result(values)
            if unknown is not None:
                return unknown
            if isinstance(error, ShapeError):
                error.note(operation=rule.__name__)
            raise
        if always or (arranged and not plain and are_laid_out(values)):
            arrange(layout, rule, args, kwargs, result)
        if known:
            if writes:
                known_values.write(rule, known_values.target_of(args, kwargs), numbers)
            else:
                known_values.keep(rule, args, kwargs, result)
        return result

    return named_as(rule, call)


#: NumPy's names of arguments, which torch's functions take for their own.
_OF_NUMPY = {
    "axis": "dim",
    "keepdims": "keepdim",
    "x": "input",
    "a": "input",
    "x1": "input",
    "x2": "other",
}


def rule_names(function: Any, names: Iterable[str]) -> list[str]:
    """Return a rule's names of arguments that have torch's names, or NumPy's."""
    facts, function = facts_of(function), unwrapped(function)
    home, code = function.__module__, function.__code__
    result, renamed = list(names), {**facts.names, **facts.numbers} if facts else {}
    in_python = ".nn." in home or (facts is not None and not facts.takes_numpy)
    taken = {*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount], *renamed}
    any_name = code.co_flags & 0x08  # inspect's CO_VARKEYWORDS
    for i, name in enumerate(result):
        known = None if in_python or name in taken else _OF_NUMPY.get(name)
        if known and known not in result and (known in taken or any_name):
            name = known
        result[i] = renamed.get(name, name)
    return result


def torch_name(function: Any, name: str) -> str:
    """Return torch's name of an argument of a rule."""
    facts = facts_of(function)
    known = facts.names if facts else {}
    return next((torchs for torchs, rules in known.items() if rules == name), name)


def _by_rule(rule: Any, facts: Facts, named: dict[str, Any]) -> dict[str, Any]:
    """Return keyword arguments by the rule's names."""
    if "out" in named:
        raise UnknownOperation(f"{rule.__name__}: out= is not known to convshape", fix="its result")
    if facts.names or facts.numbers:
        _check_names(facts, named)
    elif _OF_NUMPY.keys().isdisjoint(named):
        return named
    return dict(zip(rule_names(rule, named), named.values(), strict=True))


def _numbers_by_name(
    older: tuple[str, ...], args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return arguments with the numbers before the other tensors by name."""
    tensors = tuple(value for value in args if isinstance(value, Tensor))
    numbers = [value for value in args if not isinstance(value, Tensor)]
    leads = isinstance(args[0], Tensor) or "beta" in older
    trails = isinstance(args[-1], Tensor) or named
    if not (leads and trails and len(numbers) <= len(older) and named.keys().isdisjoint(older)):
        return args, named
    return tensors, named | dict(zip(older, numbers, strict=False))


def _check_names(facts: Facts, named: dict[str, Any]) -> None:
    """Refuse names of the rule that torch does not have, and those of numbers for tensors."""
    for name, value in named.items():
        if not facts.names.get(name) and name in {*facts.names, *facts.names.values()}:
            torchs = [f"{word}=…" for word, rules in facts.names.items() if rules == name]
            raise ShapeError(f"has no argument {name!r}", kind=TypeError, fix="".join(torchs))
        of_number, is_tensor = name in facts.numbers, hasattr(value, "shape")
        if of_number if is_tensor else name in facts.numbers.values():
            kind = "number" if of_number else "tensor"
            what = f"needs a {kind} for {name}, but receives {value!r}"
            raise ShapeError(what, kind=TypeError)


def unwrapped(function: Any) -> Any:
    """Return the innermost function that runs when `function`, which may be wrapped, is called."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def rule_of(operation: Any) -> Any:
    """Return the rule of an operation, which leaves it to its caller to be named in refusals."""
    return operation.__wrapped__


def facts_of(function: Any) -> Facts | None:
    """Return what is declared of an operation, or of its rule; None for anything else."""
    while function is not None:
        facts: Facts | None = getattr(function, "facts", None)
        if facts is not None:
            return facts
        function = getattr(function, "__wrapped__", None)
    return None


def known_of(function: Any) -> Facts:
    """Return what is declared of an operation."""
    facts = facts_of(function)
    assert facts is not None, function
    return facts


def named_as(function: Any, call: C) -> C:
    """Return `call` with the name and the text of the function that it means.

    It does what `functools.wraps` does in a quarter of the time: each start makes a thousand
    operations.
    """
    named: Any = call
    named.__module__, named.__doc__ = function.__module__, function.__doc__
    named.__name__, named.__qualname__ = function.__name__, function.__qualname__
    named.__wrapped__ = function
    return call


def named(name: str, rule: F) -> F:
    """Name a rule of a family, which is made by a function that makes many."""
    rule.__name__ = rule.__qualname__ = name
    return rule
