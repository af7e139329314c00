"""PyTorch source on torch itself, whose meta device computes shapes without data: the same rows.

It needs torch, and knows every operation that torch has for its meta device.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

from ...errors import SpecError
from ...run.program import Program
from ...run.record import Run
from ...shapetorch.known_values import MOST
from .. import kind_of, reader_of
from ..inputs import listed, read_inputs
from ..source.reader import opened, refuse_constants, refuse_unknown
from .torch_run import TorchEngine


def read(
    target: str,
    *,
    input: Any = None,
    named: Mapping[str, Any] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
    allow: Iterable[str] = (),
    text: str | None = None,
    device: str | None = None,
) -> Program:
    """Read the network that `target` names, to run on torch.

    Args:
        target: as `source.opened` takes it.
        input: its inputs.
        named: inputs by name.
        batch: samples in a batch, 1 unless given.
        constants: none; source has no constants.
        allow: what it may do beside making a network, of `guard.KINDS`.
        text: the code, if `target` is only what to call it.
        device: where it runs; without data unless given, and with data if it needs values.

    Raises:
        SpecError, ShapeError: as `source.opened`; or torch is not installed.
    """
    torch = torch_for("--engine torch")
    refuse_constants(target, constants)
    engine = TorchEngine(torch, device or "meta")
    if device is None:
        options = {"input": input, "named": named, "batch": batch, "allow": allow, "text": text}
        engine = _WithoutData(torch, lambda: read(target, device="cpu", **options))
    with ExitStack() as stack:
        making = stack.enter_context(_weights_on_meta(torch)) if engine.device == "meta" else None
        stack.enter_context(_saves_guarded(torch))
        network, note, refused = stack.enter_context(
            opened(target, torch.nn.Module, text, allow=allow)
        )
        if making is not None:
            making.active = False
        inputs = read_inputs(network, listed(input), named or {}, batch)
        network.register_forward_hook(refuse_unknown)
        if engine.device == "meta":
            _to_meta(torch, network)
        else:
            network.to(engine.device)
        session = stack.pop_all()
    return Program(
        network,
        inputs.by_place,
        named=inputs.by_name,
        undeclared=inputs.undeclared,
        note=note,
        refused=refused,
        batch=inputs.batch,
        session=lambda: session,
        engine=engine,
    )


class _WithoutData(TorchEngine):
    """Runs a network without data; if it needs values, another one with data.

    Args:
        torch: the module torch.
        with_data: reads the other network.
    """

    def __init__(self, torch: Any, with_data: Callable[[], Program]) -> None:
        super().__init__(torch)
        self._with_data = with_data

    def run(self, program: Program) -> Run:
        """Run a network of torch's and return what happened, also where it stopped."""
        result = super().run(program)
        if not (isinstance(self.refusal, RuntimeError) and "meta" in str(self.refusal)):
            return result
        other = self._with_data()
        other.train = program.train
        with other.session():
            return TorchEngine(self.torch, "cpu").run(other)


def load(target: str, device: str, allow: Iterable[str] = (), **options: Any) -> Program:
    """Read any target that `readers.load` reads, of torch layers, to be run on torch.

    Args:
        target: a network file, a printed model or PyTorch source.
        device: where it runs: ``cpu``, ``cuda``, ``meta``.
        allow: what source may do beside making a network, of `guard.KINDS`.
        options: as every reader takes them.

    Raises:
        SpecError: it cannot be read; torch is not installed, or has no such device.
        ShapeError: it has a layer that torch refuses to make.
    """
    kind, text, name = kind_of(target)
    if kind == "source":
        return read(name, text=text, device=device, allow=allow, **options)
    return load_text(text or "", name, device, kind=kind, **options)


def load_text(
    text: str, name: str, device: str, *, kind: str = "network", **options: Any
) -> Program:
    """Read a network file or a printed model of torch layers, to be run on torch.

    Args:
        text: what the file holds.
        name: what to call it in errors.
        device: where it runs.
        kind: ``network`` or ``printed``.
        options: as its reader takes them.

    Raises:
        SpecError, ShapeError: as `load`.
    """
    from ..expressions.vocabulary import Vocabulary

    torch = torch_for("a network on torch itself")
    with torch.device(device):
        program = reader_of(kind)(text, name, vocabulary=Vocabulary(torch), **options)
    program.engine = TorchEngine(torch, device)
    return program


def torch_for(what: str, install: str = "pip install torch") -> Any:
    """Return the module torch.

    Args:
        what: what needs it, for the error.
        install: the command that installs it.

    Raises:
        SpecError: it is not installed.
    """
    try:
        import torch
    except ImportError:
        lacks = f"{what} needs torch, which is not installed"
        raise SpecError(lacks, fix=install) from None
    return torch


@contextmanager
def _weights_on_meta(torch: Any) -> Iterator[Any]:
    """Make layers without memory for their weights; small tensors keep their values, for `item`."""

    class Making(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        active = True

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            tensor = func(*args, **(kwargs or {}))
            if self.active and func is torch.empty and tensor.numel() > MOST:
                return torch.empty_like(tensor, device="meta")
            return tensor

    with Making() as making:
        yield making


@contextmanager
def _saves_guarded(torch: Any) -> Iterator[None]:
    """Have `torch.save` write to files that Python opens: those that torch opens, no guard sees."""
    save = torch.save

    def guarded(obj: Any, f: Any, *args: Any, **options: Any) -> None:
        with open(f, "wb") if isinstance(f, (str, os.PathLike)) else nullcontext(f) as file:
            save(obj, file, *args, **options)

    torch.save = guarded
    try:
        yield
    finally:
        torch.save = save


def _to_meta(torch: Any, network: Any) -> None:
    """Give a network tensors without data; what modules share, they share afterwards too."""
    moved: dict[int, tuple[Any, Any]] = {}
    for module in network.modules():
        for members in (module._parameters, module._buffers, vars(module)):
            for name, value in members.items():
                if isinstance(value, torch.Tensor):
                    _, members[name] = moved.setdefault(id(value), (value, on_meta(torch, value)))


def on_meta(torch: Any, tensor: Any) -> Any:
    """Return a tensor or parameter of the same kind without data."""
    if torch.nn.parameter.is_lazy(tensor):
        return type(tensor)(tensor.requires_grad, device="meta", dtype=tensor.data.dtype)
    other = tensor.detach().to("meta")
    is_parameter = isinstance(tensor, torch.nn.Parameter)
    return torch.nn.Parameter(other, tensor.requires_grad) if is_parameter else other
