"""What commands take, and the reading of command lines that are plainly right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

#: The default of a parameter that has none.
REQUIRED = object()


class Parameter:
    """One option or argument of a command; it is the default of the function's parameter.

    Attributes:
        names: the option's spellings; an argument has none.
        help: what it is for.
        default: its value where it is not given.
        many: whether it may be given more than once; its value is a list then.
        type: ``str``, ``int`` or, for a flag, ``bool``.
        metavar: what the help shows for its value.
        least: of an int, the smallest.
        choices: the words that it may be.
        complete: what shells complete it with, a kind of `completion`.
    """

    def __init__(
        self,
        *names: str,
        help: str,
        default: Any = REQUIRED,
        type: type = str,
        metavar: str | None = None,
        least: int | None = None,
        choices: tuple[str, ...] = (),
        many: bool = False,
        complete: str = "",
    ) -> None:
        self.names = names
        self.help = help
        self.default = default
        self.type = type
        self.metavar = metavar
        self.least = least
        self.choices = choices
        self.many = many
        self.complete = complete

    def read(self, text: str) -> Any:
        """Return the value that `text` writes, or None where that is not plain."""
        if self.type is bool:
            return True
        if self.type is int:
            plain = text.isascii() and text.isdigit() and len(text) < 10
            return int(text) if plain and (self.least is None or int(text) >= self.least) else None
        return text if not self.choices or text in self.choices else None


def option(*names: str, **details: Any) -> Any:
    """Declare an option with a value; its details are those of `Parameter`."""
    return Parameter(*names, **details)


def number(*names: str, least: int = 1, default: int | None = None, **details: Any) -> Any:
    """Declare an option whose value is an int."""
    return Parameter(*names, type=int, least=least, default=default, **details)


def repeated(*names: str, **details: Any) -> Any:
    """Declare an option with a value that may be given more than once."""
    return Parameter(*names, many=True, default=(), **details)


def flag(*names: str, help: str) -> Any:
    """Declare an option without a value: it is given, or not."""
    return Parameter(*names, help=help, default=False, type=bool)


def argument(**details: Any) -> Any:
    """Declare an argument, which has its place instead of a name; see `Parameter`."""
    return Parameter(**details)


class Group:
    """Parameters that several commands share: a command takes one object of them.

    It is the default of the function's parameter, as a `Parameter` is.

    Attributes:
        kind: makes the object, of the values of the parameters by name.
        parameters: the parameters by name.
    """

    __slots__ = ("kind", "parameters")

    def __init__(self, kind: Callable[..., Any], **parameters: Any) -> None:
        self.kind = kind
        self.parameters: dict[str, Parameter] = parameters


def group(kind: Callable[..., Any], **parameters: Any) -> Any:
    """Declare parameters that a command takes as one object of a kind."""
    return Group(kind, **parameters)


def _arguments(function: Callable[..., Any]) -> Iterator[tuple[str, Parameter | Group]]:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return zip(names, function.__defaults__ or (), strict=True)


def declared(function: Callable[..., Any]) -> dict[str, Parameter]:
    """Return the declarations of a command by the names of its parameters, those of groups too."""
    result: dict[str, Parameter] = {}
    for name, parameter in _arguments(function):
        result |= parameter.parameters if isinstance(parameter, Group) else {name: parameter}
    return result


def call(function: Callable[..., None], values: Mapping[str, Any]) -> None:
    """Call a command with the values of its `declared` parameters."""
    function(
        **{
            name: parameter.kind(**{part: values[part] for part in parameter.parameters})
            if isinstance(parameter, Group)
            else values[name]
            for name, parameter in _arguments(function)
        }
    )


def parse(function: Callable[..., Any], argv: Sequence[str]) -> dict[str, Any] | None:
    """Read a command line that is plainly right.

    Returns:
        The arguments of the command, or None for Typer to judge: help is wanted, something is
        wrong, or it is written in one of the rarer ways (``-k5``, ``-qe``, a value that begins with
        a dash).
    """
    parameters = declared(function)
    values: dict[Parameter, list[Any]] = {}
    for parameter, text in _pairs(parameters.values(), argv):
        value = None if parameter is None else parameter.read(text)
        if parameter is None or value is None or (parameter in values and not parameter.many):
            return None
        values.setdefault(parameter, []).append(value)
    if any(
        parameter.default is REQUIRED and parameter not in values
        for parameter in parameters.values()
    ):
        return None
    return {
        name: (
            values.get(parameter, [])
            if parameter.many
            else values.get(parameter, [parameter.default])[0]
        )
        for name, parameter in parameters.items()
    }


def _pairs(
    parameters: Collection[Parameter], argv: Sequence[str]
) -> Iterator[tuple[Parameter | None, str]]:
    """Yield each parameter that is given with its text; None in place of one that is not plain."""
    options = {spelling: parameter for parameter in parameters for spelling in parameter.names}
    places = [parameter for parameter in parameters if not parameter.names]
    words = iter(argv)
    for word in words:
        if not word.startswith("-") or word == "-" or word.startswith("-:"):
            place = places[0] if places else None
            places = places if place is not None and place.many else places[1:]
            yield place, word
            continue
        spelling, equals, text = word.partition("=")
        option = options.get(spelling)
        if option is not None and option.type is bool:
            yield None if equals else option, ""
            continue
        text = text if equals else next(words, "-")
        yield None if text.startswith("-") else option, text
