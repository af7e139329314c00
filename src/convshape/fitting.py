"""`fit`: which input sizes a network takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .analysis.inference import infer_input
from .analysis.lossless import lossless
from .api import program_of
from .checking.expect import Expectation
from .errors import SpecError
from .readers.shape import sizes
from .result import Trace
from .run import fit as run_fit
from .run.fit import SECONDS
from .run.record import Run
from .run.varying import Varying
from .shapetorch.arguments import shape

__all__ = ["Fit", "fit"]


class Fit(run_fit.Fit):
    __doc__ = run_fit.Fit.__doc__

    def __repr__(self) -> str:
        from .render.fit import summary

        return f"<Fit {summary(self)}>"

    def __str__(self) -> str:
        from .render.fit import lines

        return "\n".join(lines(self))

    def _repr_html_(self) -> str:
        from .render.fit import html

        return html(self)


def fit(
    target: Any,
    *inputs: Any,
    max: int | None = None,
    out: str = "",
    expect: Sequence[str] = (),
    seconds: float = SECONDS,
    batch: int | None = None,
    train: bool = False,
    input: str | Sequence[str] = (),
    constants: Mapping[str, str] | None = None,
    allow: Sequence[str] = (),
    **named: Any,
) -> Fit:
    """Find all input sizes that a network takes, each axis up to `max`.

    Args:
        target: a file or a module, as `convshape.trace` takes it.
        inputs: those of `convshape.trace`; symbols mark the sizes that vary: ``"3xHxW"``,
            ``"3xHxH"`` for squares. Without symbols the spatial axes of the first input vary.
        max: the largest size of an axis that is tried; by default 2048, or twice the size of the
            file's own input if that is larger.
        out: only inputs that give an output of these spatial sizes: ``"7x7"``.
        expect: only inputs at which a layer has a shape, as for ``convshape check``:
            ``["fc1.in=400"]``.
        seconds: how long at most; what could not be explored then is in `Fit.unknown`.
        batch: samples in a batch, 1 unless given.
        train: run it in training mode.
        input: the inputs as the command line has them.
        constants: of a network file, in place of its own.
        allow: what source may do while it runs, as `convshape.trace` takes it.
        named: arguments of the `forward` by name.

    Raises:
        SpecError: the file or an argument cannot be read, or no axis varies.
        ShapeError: a layer cannot be made.
    """
    program = program_of(
        target,
        *inputs,
        batch=batch,
        train=train,
        input=input,
        constants=constants,
        allow=allow,
        **named,
    )
    wanted = [Expectation(text) for text in expect]
    last = sizes(out, what="--out", example="7x7") if out else ()
    with program.session():
        if not program.inputs and not program.named:
            infer_input(program)
        if not program.inputs and not program.named:
            raise SpecError("the network has no input whose sizes could vary", fix="--in 3xHxW")
        accepts = _accepting(wanted, last) if wanted or last else None
        varying = Varying(program, accepts)
        if not varying.symbols:
            shapes = ", ".join(shape(tensor.shape) for tensor in varying.inputs)
            raise SpecError(
                f"no input size is variable: {shapes}",
                fix="--in 3xHxW: letters for sizes that vary",
            )
        base = run_fit.fit(varying, max, seconds)
        result = Fit(base.axes, base.parts, base.unknown, base.why, base.refusal)
        result.lossless = lossless(varying, result, seconds / 4)
        return result


def _accepting(wanted: Sequence[Expectation], last: tuple[int, ...]) -> Callable[[Run], bool]:
    """Return what decides whether a run gives these last sizes and is as expected."""

    def accepts(run: Run) -> bool:
        trace = Trace(run)
        output = next((row.outputs[0] for row in trace.rows[:1] if row.outputs), ())
        if last and len(output) < len(last) + 2:
            raise SpecError(
                f"--out {'x'.join(map(str, last))} asks for spatial sizes, but the output is "
                f"{shape(output)}",
                fix="--expect layer4.out=512x7x7, with a layer of this network",
            )
        ends = zip(output[len(output) - len(last) :], last, strict=True)
        if any(reached != size for reached, size in ends):
            return False
        return not any(expectation.failures(trace) for expectation in wanted)

    return accepts


def near_sizes(fit: Fit, text: str) -> dict[str, int]:
    """Read a size for each symbol: ``540x960``; one number is for all.

    Raises:
        SpecError: it cannot be read, or there are other numbers of sizes and symbols.
    """
    values = sizes(text, what="--near", example="540x960")
    values *= len(fit.symbols) if len(values) == 1 else 1
    if len(values) != len(fit.symbols):
        names = ", ".join(fit.symbols)
        raise SpecError(
            f"--near has {len(values)} sizes, but {len(fit.symbols)} vary: {names}",
            fix=f"--near {'x'.join(['64'] * len(fit.symbols))}",
        )
    return dict(zip(fit.symbols, values, strict=True))
