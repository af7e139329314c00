"""The command line: arguments in, renderers out, no shape logic.

Everything heavy is imported by the command that needs it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import __version__
from .errors import Error, ShapeError, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .tracing import Trace

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help costs no import of rich
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A tensor-shape calculator for convolutional networks: torch's answers, without torch.",
    epilog="Exit status: 0 it fits, 1 it does not fit, 2 it cannot be read.",
)


class Format(str, Enum):
    """What a trace is written as."""

    table = "table"
    json = "json"


In = Annotated[
    str, typer.Option("--in", metavar="SIZE", help="Spatial size: 32 (square), 32x48 or 16x112x112.")
]
Kernel = Annotated[
    str, typer.Option("--kernel-size", "--k", "-k", metavar="SIZE", help="Size of the window: 3 or 3x5.")
]
Stride = Annotated[str, typer.Option("--stride", "--s", "-s", metavar="SIZE", help="Step of the window.")]
Dilation = Annotated[
    str,
    typer.Option("--dilation", "--d", "-d", metavar="SIZE", help="Distance between the window's elements."),
]
Explain = Annotated[
    bool, typer.Option("--explain", "-e", help="Show the equation also where the output is piped.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show the answer alone.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, as --format json.")]
As = Annotated[Format, typer.Option("--format", help="How to answer.")]
Batch = Annotated[
    int | None, typer.Option("--batch", min=0, metavar="N", help="Samples in a batch; 1 by default.")
]


def _padding(help: str) -> Any:
    return typer.Option("--padding", "--p", "-p", metavar="SIZE", help=help)


def _version(wanted: bool) -> None:
    if wanted:
        _print(f"convshape {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(epilog="Example: convshape conv --in 32 --k 5")
def conv(
    input: In,
    kernel_size: Kernel,
    stride: Stride = "1",
    padding: Annotated[str, _padding("Elements added on both sides, or 'same' or 'valid'.")] = "0",
    dilation: Dilation = "1",
    explain: Explain = False,
    quiet: Quiet = False,
    json: Json = False,
    format: As = Format.table,
) -> None:
    """Output size of a convolution."""
    arguments = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
    _answer("conv", input, arguments, explain, quiet, json or format is Format.json)


@app.command(epilog="Example: convshape pool --in 112 --k 3 --s 2 --p 1 --ceil")
def pool(
    input: In,
    kernel_size: Kernel,
    stride: Annotated[
        str | None,
        typer.Option(
            "--stride", "--s", "-s", metavar="SIZE", help="Step of the window; the kernel size by default."
        ),
    ] = None,
    padding: Annotated[str, _padding("Elements added on both sides, at most half the kernel.")] = "0",
    dilation: Dilation = "1",
    ceil_mode: Annotated[
        bool, typer.Option("--ceil-mode", "--ceil", help="Keep a last window that reaches beyond the input.")
    ] = False,
    explain: Explain = False,
    quiet: Quiet = False,
    json: Json = False,
    format: As = Format.table,
) -> None:
    """Output size of a pooling."""
    arguments: dict[str, str | bool | None] = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": ceil_mode,
    }
    _answer("pool", input, arguments, explain, quiet, json or format is Format.json)


@app.command(epilog="Example: convshape deconv --in 7 --k 4 --s 2 --p 1")
def deconv(
    input: In,
    kernel_size: Kernel,
    stride: Stride = "1",
    padding: Annotated[str, _padding("Elements cut off on both sides.")] = "0",
    output_padding: Annotated[
        str,
        typer.Option(
            "--output-padding", "--op", metavar="SIZE", help="Elements added on one side of the output."
        ),
    ] = "0",
    dilation: Dilation = "1",
    explain: Explain = False,
    quiet: Quiet = False,
    json: Json = False,
    format: As = Format.table,
) -> None:
    """Output size of a transposed convolution."""
    arguments = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
    }
    _answer("deconv", input, arguments, explain, quiet, json or format is Format.json)


def _answer(
    command: str, size: str, arguments: dict[str, Any], explain: bool, quiet: bool, json: bool
) -> None:
    """Print the size that comes out, and where it is wanted how."""
    with _reported(_json_error if json else None):
        from .api import size_of

        answer = size_of(command, size, arguments)
    if json:
        from .render.equation import lines

        equations = lines(answer.module, answer.inputs)
        sizes = {"in": answer.inputs, "out": answer.outputs}
        _print_json({"schema": 1, "command": command, **sizes, "equations": equations, "error": None})
        return
    alike = len(set(answer.outputs)) == 1 and not any("x" in str(a) for a in (size, *arguments.values()))
    _print(_shape(answer.outputs[:1] if alike else answer.outputs))
    if _wants_equation(explain, quiet):
        from .render.equation import lines

        for line in lines(answer.module, answer.inputs):
            _print(line)


@app.command(
    epilog="Examples: convshape layer 'Conv2d(3, 6, 5)' --in 3x32x32; 'F.max_pool2d(input, 2)' --in 6x28x28"
)
def layer(
    expression: Annotated[str, typer.Argument(metavar="LAYER", help="A layer, or a function of 'input'.")],
    inputs: Annotated[
        list[str],
        typer.Option(
            "--in", metavar="SHAPE", help="Shape of one sample: 3x32x32; repeat it for more inputs."
        ),
    ],
    batch: Batch = None,
    explain: Explain = False,
    quiet: Quiet = False,
    json: Json = False,
    format: As = Format.table,
) -> None:
    """Output shape of any layer or function."""
    json = json or format is Format.json

    def work() -> Trace:
        from .api import trace_expression

        return trace_expression(expression, *inputs, batch=1 if batch is None else batch)

    result = _traced(work, json)
    if json:
        return
    row = result.rows[0]
    _print(", ".join(map(_shape, row.outputs or ())))
    if _wants_equation(explain, quiet):
        from .render.equation import lines
        from .shapetorch.arguments import shape

        ins, outs = (", ".join(map(shape, shapes or ())) for shapes in (row.inputs, row.outputs))
        params = f", {row.params:,} parameters" if row.params else ""
        _print(f"{result.name}: {ins} → {outs}{params}")
        for line in lines(row.call, row.inputs[0]):
            _print(line)


@app.command(epilog="Example: convshape trace lenet.yaml --in 3x36x36")
def trace(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A network file, or - for standard input.")],
    input: Annotated[
        str | None,
        typer.Option("--in", metavar="SHAPE", help="Shape of one sample, in place of the file's own."),
    ] = None,
    batch: Batch = None,
    constants: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Another value for a constant of the file; may be repeated."
        ),
    ] = None,
    json: Json = False,
    format: As = Format.table,
) -> None:
    """Layer-by-layer table of a network, or where it stops fitting."""

    def work() -> Trace:
        from .api import trace as trace_file

        return trace_file(file, input=input, batch=batch, constants=_constants(constants or []))

    _traced(work, json or format is Format.json, show=True)


@app.command(epilog="Examples: convshape layers; convshape layers MaxPool2d; convshape layers F.pad")
def layers(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A layer, a function or a tensor's method.")
    ] = None,
    json: Json = False,
    format: As = Format.table,
) -> None:
    """The vocabulary by family, or the arguments, equation, refusals and example of one name."""
    json = json or format is Format.json
    with _reported(_json_error if json else None):
        from .vocabulary import describe, families

        if name is None:
            known = families()
        else:
            entry = describe(name)
    if json:
        found = {"families": known} if name is None else entry.to_dict()
        _print_json({"schema": 1, **found, "error": None})
        return
    from .render.text import entry_text, families_text

    _print(families_text(known) if name is None else entry_text(entry))


def _constants(pairs: list[str]) -> dict[str, str]:
    constants = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise SpecError(f"cannot read --set {pair!r}", fix="write it as --set width=32")
        constants[name.strip()] = value.strip()
    return constants


def _traced(work: Callable[[], Trace], json: bool, show: bool = False) -> Trace:
    """Do the work and report what fails: as a trace in JSON, or in words below the rows that succeeded."""

    def empty(error: Error) -> None:
        from .tracing import Trace

        _print(Trace("", [], [], 0, error).to_json())

    with _reported(empty if json else None):
        result = work()
    if json:
        _print(result.to_json())
    elif show and result.rows:
        _print_table(result)
    if result.error is not None:
        if not json:
            _print_error(result.error)
        raise typer.Exit(1)
    return result


@contextmanager
def _reported(to_json: Callable[[Error], None] | None) -> Iterator[None]:
    """Print an error, in words to stderr unless it is told how in JSON, and end with its exit status."""
    try:
        yield
    except Error as error:
        if to_json is not None:
            to_json(error)
        else:
            _print_error(error)
        raise typer.Exit(1 if isinstance(error, ShapeError) else 2) from None


def _json_error(error: Error) -> None:
    _print_json({"schema": 1, "error": error.to_dict()})


def _print_json(value: dict[str, Any]) -> None:
    from json import dumps

    _print(dumps(value, ensure_ascii=False))


def _print_error(error: Error) -> None:
    from .render.text import error_text

    sys.stdout.flush()
    _print(error_text(error), sys.stderr)


def _print_table(trace: Trace) -> None:
    from rich.console import Console

    from .render.table import table

    # A pipe has no width to respect; a line of the table stays a line.
    console = Console(width=None if sys.stdout.isatty() else 500)
    with console.capture() as capture:
        console.print(table(trace))
    _print("\n".join(line.rstrip() for line in capture.get().rstrip().splitlines()))


def _print(text: str, stream: Any = None) -> None:
    from .render.text import printable

    stream = stream or sys.stdout
    stream.write(printable(text, stream.encoding) + "\n")


def _shape(sizes: tuple[int, ...]) -> str:
    """Write a shape: with × on a terminal, and with x in a pipe, where a program reads it."""
    from .shapetorch.arguments import shape

    text = shape(sizes)
    return text if sys.stdout.isatty() else text.replace("×", "x")


def _wants_equation(explain: bool, quiet: bool) -> bool:
    return not quiet and (explain or sys.stdout.isatty())


def main() -> None:
    """Run the command line."""
    app(prog_name="convshape")
