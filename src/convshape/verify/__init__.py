"""convshape's answers beside those of torch itself, on one's own machine.

from convshape.verify import verify
verify("lenet.yaml").agrees
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..analysis.agreement import Agreement
from ..api import trace, traced
from ..errors import Error, ShapeError, SpecError
from ..readers import load_text as read_text
from ..readers.on_torch.torch_engine import load, load_text, torch_for
from ..readers.on_torch.torch_run import TorchEngine, is_refusal
from ..result import Trace
from ..run.program import Program
from ..run.record import Run
from .device import check_device, is_out_of_memory, no_room, version_note, with_room

#: What installs torch for it.
INSTALL = "pip install 'convshape[verify]'"


class Verification:
    """A network as convshape traces it, and as torch runs it.

    Attributes:
        ours: convshape's trace; of a network that cannot be made it has no rows, but an error.
        torchs: torch's.
        agreement: what was compared, and what differs.
        torch: the version of torch.
        device: where torch ran it.
        note: what is to be known of that version of torch, or nothing.
    """

    def __init__(
        self, ours: Trace, torchs: Trace, counted: dict[int, int], torch: str, device: str
    ) -> None:
        self.ours = ours
        self.torchs = torchs
        self.agreement = Agreement(
            ours.analysis, torchs.analysis, counted, is_fused=device != "meta"
        )
        self.torch = torch
        self.device = device
        self.note = version_note(torch)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs; a network that both refuse at the same call agrees."""
        return not self.agreement.differences

    def to_dict(self) -> dict[str, Any]:
        """Return the verification as JSON has it, schema 1."""
        rows = [
            {
                "path": pair.row.path,
                "call": pair.row.layer,
                "out": _outputs(pair.ours),
                "torch_out": _outputs(pair.torchs),
                "agrees": pair.agrees,
            }
            for pair in self.agreement.pairs
        ]
        return {
            "schema": 1,
            "command": "verify",
            "torch": self.torch,
            "device": self.device,
            "agrees": self.agrees,
            "refused": self.agreement.refused,
            "rows": rows,
            "differences": [difference._asdict() for difference in self.agreement.differences],
            "note": self.note,
            "error": None,
        }


def verify(
    target: str,
    *inputs: Any,
    device: str = "cpu",
    watcher: Callable[[int], None] | None = None,
    **options: Any,
) -> Verification:
    """Trace a network here and run it on torch, and compare the two row by row.

    It compares input and output shapes, dtypes, parameters, buffers, multiply-accumulates where
    torch's `FlopCounterMode` counts them, and refusals, which must come at the same call.

    Args:
        target: a network file, a printed model or PyTorch source, as `trace` takes it.
        inputs: as `trace` takes them.
        device: where torch runs it: ``cpu``, ``cuda``, ``meta`` (without data).
        watcher: is called at each call of a module with the number of all calls that are expected.
        options: those of `trace`: `batch`, `input`, `constants`, `train`, `allow`, and inputs by
            name.

    Raises:
        SpecError: the file cannot be read, torch is not installed or has no such device, or cannot
            run the network there.
    """
    ours = _made(lambda: trace(target, *inputs, **options))
    used = {
        name: options[name]
        for name in ("batch", "constants", "input", "allow")
        if options.get(name)
    }
    return _beside(ours, lambda: load(target, device, **used), device, watcher)


def verify_text(text: str, device: str = "cpu") -> Verification:
    """Verify the text of a network file, as `verify` does.

    Raises:
        SpecError, UnknownOperation: as `verify`.
    """
    network = read_text(text, "net.yaml")
    ours = _made(lambda: traced(Program(network.module, network.inputs)))  # without fixes
    return _beside(ours, lambda: load_text(text, "net.yaml", device), device)


def _beside(
    ours: Trace,
    program: Callable[[], Program],
    device: str,
    watcher: Callable[[int], None] | None = None,
) -> Verification:
    """Run on torch what was traced here, with the same inputs."""
    torch = torch_for("verify", INSTALL)
    check_device(torch, device)
    if ours.error is not None and not isinstance(ours.error, ShapeError):
        raise ours.error
    counted: dict[int, int] = {}
    with with_room(device):
        theirs = _made(lambda: _on_torch(program(), ours, watcher, counted))
    return Verification(ours, theirs, counted, torch.__version__.partition("+")[0], device)


def _made(traced: Callable[[], Trace]) -> Trace:
    """Return a trace; of a network that cannot be made one without rows, with the refusal."""
    try:
        return traced()
    except ShapeError as error:
        return Trace(Run(error=error))


def _on_torch(
    program: Program, ours: Trace, watcher: Callable[[int], None] | None, counted: dict[int, int]
) -> Trace:
    engine = program.engine
    assert isinstance(engine, TorchEngine)
    calls = sum(row.kind == "module" for row in ours.calls())
    engine.watcher = None if watcher is None else lambda: watcher(calls)
    engine.counting = True
    program.train = ours.record.train
    if ours.record.module is not None:
        program.inputs, program.named = ours.record.arguments
    run = _run(program, engine)
    counted.update(engine.macs)
    return Trace(run)


def _run(program: Program, engine: TorchEngine) -> Run:
    """Run a program, and settle where it stopped.

    Raises:
        SpecError: torch cannot run it there, for another reason than a shape.
    """
    with program.session():
        run = engine.run(program)
        if run.error is not None:
            unable = _unable(run.error, engine)
            if unable is not None:
                raise unable
            run.stop(run.error)
    return run


def _unable(error: Error, engine: TorchEngine) -> SpecError | None:
    """Return the error where torch does not refuse a network, but has not the means to run it."""
    refusal, device = engine.refusal, engine.device
    if is_out_of_memory(refusal):
        return no_room(device)
    text = str(refusal)
    other = "cpu" if device == "meta" else "meta"
    if (isinstance(refusal, NotImplementedError) and not is_refusal(refusal)) or (
        device == "meta" and "meta" in text
    ):
        what = f"torch cannot run the network on {device}: {error.what}"
        return SpecError(what, where=error.where, fix=f"--device {other}")
    return None


def _outputs(row: Any) -> list[list[int]] | None:
    return None if row is None else [list(shape) for shape in row.outputs or ()]
