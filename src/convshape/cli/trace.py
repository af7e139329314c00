"""``trace``: a network, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from ..render import FORMATS, NAMES
from .options import DEPTH, JSON, NETWORK_ON_ENGINE, OUTPUT, Network, format_of
from .output import exit_with, reported, write_notes, write_stopped, write_trace
from .parameters import argument, flag, number, option

if TYPE_CHECKING:
    from ..result import Trace


def trace(
    file: str = argument(
        complete="classes",
        metavar="FILE",
        help="A network file, the output of print(model), or - for standard input; "
        "or an ONNX model; or PyTorch source, which is run: 'net.py:Net(2)', net.ipynb:Net.",
    ),
    network: Network = NETWORK_ON_ENGINE,
    watch: bool = flag(
        "--watch", "-w", help="Trace again each time the file is saved, until Ctrl-C."
    ),
    fix: int | None = number(
        "--fix",
        metavar="[N]",
        help="Apply a fix (the first, or the N-th) to the file and trace again. "
        "Asks first on a terminal.",
    ),
    columns: str = option(
        "--columns",
        default="",
        metavar="A,B,C",
        complete="columns",
        help="Columns to show, in this order, or all.",
    ),
    depth: int | None = DEPTH,
    all: bool = flag(
        "--all", "-a", help="Show every operation and column, and do not group identical rows."
    ),
    explain: bool = flag("--explain", "-e", help="Show the equation of each row."),
    plot: bool = flag(
        "--plot",
        help="Show bars of parameters, MACs and activation bytes; -o costs.svg draws them.",
    ),
    weights: bool = flag("--weights", help="Show each parameter below its module."),
    memory: bool = flag("--memory", help="Estimate the memory of a forward pass and of training."),
    no_input: bool = flag(
        "--no-input", help="List modules and parameters only; do not run the network."
    ),
    dtype: str = option(
        "--dtype",
        default="",
        metavar="DTYPE",
        help="Dtype used for memory sizes: float16, bfloat16, ...",
    ),
    output: str = OUTPUT,
    json: bool = JSON,
    format: str | None = option(
        "--format",
        "-f",
        default=None,
        choices=(*FORMATS, *NAMES),
        help="Output format; a table by default.",
    ),
) -> None:
    """Show a network layer by layer, and where its shapes break.

    Examples: convshape trace lenet.yaml -o lenet.md; convshape trace 'net.py:Net(classes=2)' --in
    3x32x32
    """
    with reported(None):
        keep_apart(file, output)
        if fix and watch:
            raise SpecError("--fix and --watch do not go together", fix="one after the other")
        kind = "json" if json else format or ("table" if plot or not output else format_of(output))
        options: dict[str, Any] = {"depth": depth, "all": all, "dtype": _dtype(dtype)}
        options |= {"weights": weights, "memory": memory}
        if plot:
            from .plotting import check_plot, write_plot

            check_plot(
                output, {**options, "columns": columns, "explain": explain, "format": format}
            )
        options["columns"] = _columns(columns, explain)

    def show() -> None:
        with reported(write_stopped if kind == "json" else None):
            trace = _traced(file, network, fix, no_input)
        with reported(None):
            if plot:
                write_plot(trace, output, kind == "json", **options)
            else:
                write_trace(trace, kind, output, **options)
        if kind != "json":
            write_notes(trace)
        exit_with(trace.error, kind == "json")

    if watch:
        from ..readers import source_parts
        from .watching import watch as again

        again((source_parts(file) or (file,))[0], show)
    else:
        show()


def _traced(file: str, network: Network, fix: int | None, no_input: bool) -> Trace:
    """Trace a file, to which a fix is applied first if one is asked for."""
    from ..api import trace

    read = network.options()
    if fix:
        from .fixing import mend

        mend(fix, file, read)
    return trace(file, no_input=no_input, **read)


def keep_apart(file: str, output: str) -> None:
    """Refuse to write over the file that is traced, by whatever name."""
    import os

    from .. import files
    from ..readers import source_parts

    home = (source_parts(file) or (file,))[0]
    home = (
        home if home.endswith(".py") or os.path.exists(home) else f"{home.replace('.', os.sep)}.py"
    )
    files.keep_apart(output, 0 if file == "-" else home)


def _columns(names: str, explain: bool) -> list[str] | None:
    """Return the columns that are asked for, or None for the usual ones."""
    from ..render.columns import COLUMNS

    if names == "all":
        return list(COLUMNS)
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if explain:
        wanted = [*dict.fromkeys([*(wanted or ("layer", "call", "output")), "equation"])]
    return wanted or None


def _dtype(name: str) -> Any:
    from ..errors import nearest
    from ..shapetorch import dtypes

    kind = getattr(dtypes, name, None) if name else None
    if name and not (isinstance(kind, dtypes.dtype) and kind.is_floating_point):
        known = [
            n
            for n, d in vars(dtypes).items()
            if isinstance(d, dtypes.dtype) and d.is_floating_point
        ]
        raise SpecError(
            f"{name!r} is not a floating-point dtype", fix=nearest(name, known) or ", ".join(known)
        )
    return kind
