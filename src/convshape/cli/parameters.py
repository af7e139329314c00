"""What commands take, and the reading of command lines that are plainly right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Any

#: The default of a parameter that has none.
REQUIRED = object()


class Parameter:
    """One option or argument of a command; it stands as the default of the function's parameter.

    Attributes:
        names: the option's spellings; an argument has none.
        help: what it is for.
        default: its value where it is not given.
        many: whether it may be given more than once; its value is a list then.
        type: ``str``, ``int`` or, for a flag, ``bool``.
        metavar: what stands for its value in the help.
        least: of an int, the smallest.
        choices: the words that it may be.
    """

    __slots__ = ("choices", "default", "help", "least", "many", "metavar", "names", "type")

    def __init__(
        self,
        names: tuple[str, ...],
        help: str,
        default: Any,
        type: type,
        metavar: str | None,
        least: int | None,
        choices: tuple[str, ...],
        many: bool,
    ) -> None:
        self.names = names
        self.help = help
        self.default = default
        self.type = type
        self.metavar = metavar
        self.least = least
        self.choices = choices
        self.many = many

    def read(self, text: str) -> Any:
        """Return the value that `text` writes, or None where that is not plain."""
        if self.type is bool:
            return True
        if self.type is int:
            plain = text.isascii() and text.isdigit() and len(text) < 10
            return int(text) if plain and (self.least is None or int(text) >= self.least) else None
        return text if not self.choices or text in self.choices else None


def option(
    *names: str,
    help: str,
    default: Any = REQUIRED,
    type: type = str,
    metavar: str | None = None,
    least: int | None = None,
    choices: tuple[str, ...] = (),
    many: bool = False,
) -> Any:
    """Declare an option with a value."""
    return Parameter(names, help, default, type, metavar, least, choices, many)


def flag(*names: str, help: str) -> Any:
    """Declare an option without a value: it is given, or not."""
    return Parameter(names, help, False, bool, None, None, (), False)


def argument(
    *,
    metavar: str,
    help: str,
    default: Any = REQUIRED,
    many: bool = False,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare an argument, which has its place instead of a name."""
    return Parameter((), help, default, str, metavar, None, choices, many)


def declared(function: Callable[..., Any]) -> dict[str, Parameter]:
    """Return the declarations of a command by the names of its parameters."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return dict(zip(names, function.__defaults__ or (), strict=True))


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
    if any(each.default is REQUIRED and each not in values for each in parameters.values()):
        return None
    return {
        name: (values.get(each, []) if each.many else values.get(each, [each.default])[0])
        for name, each in parameters.items()
    }


def _pairs(
    parameters: Collection[Parameter], argv: Sequence[str]
) -> Iterator[tuple[Parameter | None, str]]:
    """Yield each parameter that is given with its text; None in place of one that is not plain."""
    options = {spelling: each for each in parameters for spelling in each.names}
    places = [each for each in parameters if not each.names]
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


# What several commands take

JSON = flag("--json", help="Print JSON.")
EXPLAIN = flag("--explain", "-e", help="Show the equation even when piped.")
QUIET = flag("--quiet", "-q", help="Print only the result.")
FORMAT = option("--format", default="table", choices=("table", "json"), help="Output format.")
BATCH = option(
    "--batch",
    type=int,
    default=None,
    least=0,
    metavar="N",
    help="Batch size; the file's own, or 1, by default.",
)
SAMPLES = option(
    "--in",
    default=(),
    many=True,
    metavar="SHAPE",
    help="Input shape without the batch axis: 3x32x32; overrides the file's. For several inputs, "
    "repeat it or name them: img=3x8x8. No batch axis is added to mask=@7x7. With a dtype: "
    "int64:77; with values: int64:[30,28]. PyTorch source also takes t=0.5, flag=True, "
    "mask=None, n='int(3)', mode=train, '[3x8x8, 4]', 'batch={img: 3x8x8, tab: 4}'.",
)
TRAIN = flag("--train", help="Run in training mode: auxiliary heads, batch statistics.")
ALLOW_RUN = flag("--allow-run", help="Let PyTorch source start programs; see --allow-network.")
ALLOW_NETWORK = flag(
    "--allow-network",
    help="Let PyTorch source connect to other machines. This guards against accidents; "
    "it is not a sandbox.",
)
ALLOW_WRITE = flag(
    "--allow-write", help="Let PyTorch source write and delete files outside of temporary folders."
)
ENGINE = option(
    "--engine",
    default="shape",
    choices=("shape", "torch"),
    help="Run PyTorch source on convshape's own shape engine, or on torch's "
    "meta device (needs torch, supports every operation).",
)
CONSTANTS = option(
    "--set",
    default=(),
    many=True,
    metavar="NAME=VALUE",
    help="Override a constant of the file; can be repeated.",
)


def allowed(run: bool, network: bool, write: bool) -> list[str]:
    """Return what source is allowed by these flags."""
    flags = {"run": run, "network": network, "write": write}
    return [kind for kind, given in flags.items() if given]


def constants_from(pairs: Sequence[str]) -> dict[str, str]:
    """Return what `CONSTANTS` was given, by name.

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
