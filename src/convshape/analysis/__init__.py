"""What can be computed from a run: multiply-accumulates, receptive fields, parameters, memory."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate, chain
from math import prod
from typing import TYPE_CHECKING

from ..run.record import SHOWN, tensors
from ..shapetorch.nn.modules.module import Module
from .totals import activations, bytes_of, parameters

if TYPE_CHECKING:
    from ..run.record import Row, Run
    from ..shapetorch.dtypes import dtype
    from ..shapetorch.nn.parameter import Parameter
    from ..shapetorch.tensor import Tensor
    from .memory import Memory
    from .receptive_field import Axis, ReceptiveField, Seen
    from .unused import Unused


class Analysis:
    """The analysis of a run: each number is computed once, when it is asked for.

    Args:
        run: what happened.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._params: dict[Module, int] = {}

    # Of a row

    def macs_of(self, row: Row) -> int:
        """Return the multiply-accumulates of the matrix products and convolutions in a call."""
        return self._macs_before[row.end] - self._macs_before[row.index]

    def field_of(self, row: Row) -> ReceptiveField:
        """Return what an element of the first output sees of the network's first input.

        ``(size, stride, start)`` of each spatial axis, ``"whole"`` for all of it, None where it is
        not known or not defined.
        """
        return self._fields[0][row.index]

    def seen_by(self, row: Row) -> Seen | None:
        """Return what each element of the first output sees, or None where it is not known."""
        from .receptive_field import seen_by

        return seen_by(self.run, row)

    def params_of(self, row: Row) -> int:
        """Return the number of parameters of a module and all below it, each counted once."""
        module = row.call
        if not isinstance(module, Module):
            return 0
        if module not in self._params:
            has_parts = module.__dict__.get("_modules")
            modules = module.modules() if has_parts else (module,)
            self._params[module] = sum(p.numel() for p in parameters(modules))
        return self._params[module]

    def unused_of(self, row: Row) -> list[Unused] | None:
        """Return what a convolution or a pooling never looks at, of each spatial axis of its input.

        None for other calls, and where padding repeats elements of the input.
        """
        from .unused import unused_of

        return unused_of(self.run, row)

    def bytes_of(self, row: Row, dtype: dtype | None = None) -> int:
        """Return the bytes of the outputs, floating-point numbers in `dtype` if one is given."""
        return bytes_of(tensors(row.result), dtype)

    def activation_bytes_of(self, row: Row, dtype: dtype | None = None) -> int:
        """Return the bytes of what a call computed, with the calls in it, as `activation_bytes`."""
        return bytes_of(chain.from_iterable(self._activations[row.index : row.end]), dtype)

    def is_again(self, row: Row) -> bool:
        """Return whether the module of a call was called before."""
        return self._first_calls.get(id(row.call), row.index) < row.index

    def trainable_of(self, row: Row) -> tuple[int, int]:
        """Return how many parameters of a module training changes, and how many there are."""
        module = row.call
        weights = parameters(module.modules()) if isinstance(module, Module) else []
        trained = sum(p.numel() for p in weights if p.requires_grad)
        return trained, sum(p.numel() for p in weights)

    # Of the whole

    @cached_property
    def params(self) -> int:
        """The number of parameters, each counted once."""
        return sum(p.numel() for p in self._parameters)

    @cached_property
    def trainable(self) -> int:
        """The number of parameters that training changes."""
        return sum(p.numel() for p in self._parameters if p.requires_grad)

    @cached_property
    def macs(self) -> int:
        """The multiply-accumulates of all that ran."""
        return self._macs_before[-1]

    @cached_property
    def field(self) -> ReceptiveField:
        """The largest field of any row; ``"whole"`` if none is smaller than the input.

        None where a field on the way is not known, since it could be larger.
        """
        known, lost = self._fields
        if lost:
            return None
        shown = [known[row.index] for row in self.run.rows(SHOWN)]
        parts = [field for field in shown if isinstance(field, list)]
        if parts:  # of several that are as large the last
            return max(reversed(parts), key=_extent)
        return "whole" if "whole" in shown else None

    @cached_property
    def has_fields(self) -> bool:
        """Whether the field of any row is known."""
        return any(self._fields[0][row.index] is not None for row in self.run.rows(SHOWN))

    def param_bytes(self, dtype: dtype | None = None) -> int:
        """Return the bytes of the parameters, in `dtype` if one is given."""
        return bytes_of(self._parameters, dtype)

    def activation_bytes(self, dtype: dtype | None = None) -> int:
        """Return the bytes of all that was computed, views left out, in `dtype` if one is given."""
        return bytes_of(chain.from_iterable(self._activations), dtype)

    def memory(self, dtype: dtype | None = None) -> Memory:
        """Return the estimates of memory, floating-point numbers in `dtype` if one is given."""
        from .memory import Memory
        from .saved import saved_bytes

        trained = [p for p in self._parameters if p.requires_grad]
        return Memory(
            bytes_of(self.run.inputs, dtype),
            self.activation_bytes(dtype),
            self.param_bytes(dtype),
            bytes_of(trained, dtype),
            saved_bytes(self.run, dtype),
        )

    @cached_property
    def _first_calls(self) -> dict[int, int]:
        """The index of the first call of each module, by the module's id."""
        rows = [row for row in self.run.begun() if row.kind == "module"]
        return {id(row.call): row.index for row in reversed(rows)}

    @cached_property
    def _macs_before(self) -> list[int]:
        """The multiply-accumulates of the calls before each, and at the end of all."""
        from .macs import macs

        return [0, *accumulate(map(macs, self.run.calls))]

    @cached_property
    def _fields(self) -> tuple[list[ReceptiveField], bool]:
        """The field of each call, and whether one on the way is not known."""
        from .receptive_field import fields

        return fields(self.run)

    @cached_property
    def _parameters(self) -> list[Parameter]:
        return parameters(self.run.module.modules() if self.run.module is not None else ())

    @cached_property
    def _activations(self) -> list[list[Tensor]]:
        return activations(self.run)


def _extent(field: list[Axis]) -> int:
    return prod(size for size, _, _ in field)
