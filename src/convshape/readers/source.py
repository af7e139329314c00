"""PyTorch source: the user's own file is run, with ``torch`` standing for `shapetorch`.

It does what ``python model.py`` would do, but for what stands below ``if __name__ == "__main__":``.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..errors import SpecError
from ..run.program import Program
from ..shapetorch.nn.modules.module import Module
from . import source_parts
from .inputs import read_inputs
from .source_errors import told
from .source_network import make
from .user_code import imported, standing_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


def read(
    target: str,
    *,
    input: Any = None,
    named: Mapping[str, Any] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
) -> Program:
    """Read the network that `target` names.

    Args:
        target: as `opened` takes it.
        input: its inputs, as text with ``name=`` before those that are given by name.
        named: inputs by name.
        batch: samples in a batch, 1 unless given.
        constants: none; source has no constants.

    Raises:
        SpecError, ShapeError: as `opened`.
    """
    refuse_constants(target, constants)
    with ExitStack() as stack:
        network = stack.enter_context(opened(target))
        inputs, keywords = read_inputs(network, listed(input), named or {}, 1 if batch is None else batch)
        session = stack.pop_all()
    return Program(network, inputs, named=keywords, session=lambda: session)


def refuse_constants(target: str, constants: Mapping[str, str] | None) -> None:
    """Refuse constants, which source does not have."""
    if constants:
        fix = f"arguments: '{target.partition(':')[0]}:Net(width=32)'"
        raise SpecError("PyTorch source has no constants to set", fix=fix)


def listed(input: Any) -> list[Any]:
    """Return inputs as a list; one alone is text."""
    return [input] if isinstance(input, str) else list(input or ())


@contextmanager
def opened(target: str, base: type = Module) -> Iterator[Any]:
    """Make the network that `target` names, and keep the stand-ins until it has been run.

    Args:
        target: a file or an importable module, and after a colon what in it: a class, a function or
            an instance, the first two with arguments that are literals.
        base: what a network is: our `Module`, or torch's own to run it on torch itself.

    Yields:
        The network.

    Raises:
        SpecError: it cannot be found or read, fails by itself, or makes no network.
        ShapeError: it has a layer that torch would refuse to make.
    """
    home, wanted = source_parts(target) or (target, "")
    with standing_in(for_torch=base is Module) as finder:
        try:
            network = make(imported(home, finder), home, wanted, base)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise told(error, finder.missing, has_network=False) from None
        yield network
