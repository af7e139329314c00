"""PyTorch source: the user's own file is run, with ``torch`` standing for `shapetorch`.

It does what ``python model.py`` would do, but for what stands below ``if __name__ == "__main__":``.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..errors import SpecError
from ..run.program import Program
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.tensor import Tensor
from . import source_parts
from .shape import sample
from .source_errors import told
from .source_network import make
from .user_code import imported, standing_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any


def read(
    target: str,
    *,
    input: Any = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
) -> Program:
    """Read the network that `target` names.

    Args:
        target: as `opened` takes it.
        input: shapes of one sample of each input, with ``name=`` before those that are given by name.
        batch: samples in a batch, 1 unless given.
        constants: none; source has no constants.

    Raises:
        SpecError, ShapeError: as `opened`.
    """
    inputs, named = read_inputs(target, input, batch, constants)
    session = ExitStack()
    network = session.enter_context(opened(target))
    return Program(network, inputs, named=named, session=lambda: session)


def read_inputs(
    target: str, input: Any, batch: int | None, constants: Mapping[str, str] | None
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Return the inputs by place, and those by name."""
    if constants:
        fix = f"arguments: '{target.partition(':')[0]}:Net(width=32)'"
        raise SpecError("PyTorch source has no constants to set", fix=fix)
    samples: Sequence[Any] = [input] if isinstance(input, str) else input or ()
    size = 1 if batch is None else batch
    inputs, named = [], {}
    for shape in samples:
        if not isinstance(shape, str):
            inputs.append(shape if isinstance(shape, Tensor) else Tensor((size, *shape)))
            continue
        name, equals, text = shape.rpartition("=")
        if equals:
            named[name.strip()] = sample(text, size)
        else:
            inputs.append(sample(text, size))
    return inputs, named


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
