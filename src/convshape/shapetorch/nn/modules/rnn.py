"""Recurrent layers and their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError, UnknownOperation
from ...arguments import flag, integer, shape
from ...dtypes import bfloat16, float16, float32, promote_types
from ...layout import follow, lay
from ...tensor import Tensor, new, result_type, tensor
from .module import Module
from .utils import parameter

if TYPE_CHECKING:
    from typing import Any

    from ... import dtypes
    from ..parameter import Parameter


#: More layers than anybody stacks; torch would fill the memory with them.
_MOST_LAYERS = 10_000


def _positive(name: str, value: Any) -> int:
    if not isinstance(value, int) or value <= 0:
        raise ShapeError(f"{name}={value!r} is not a positive number")
    return value


def _state(name: str, value: Any, wanted: tuple[int, ...]) -> Tensor:
    """Pass a state of the shape that the input and the layer make it have."""
    given = tensor(name, value)
    if given.shape != wanted:
        raise ShapeError(f"expects {name} of {shape(wanted)}, but receives {shape(given.shape)}")
    return given


def _same_kind(name: str, state: Tensor, kind: dtypes.dtype) -> None:
    if state.dtype is not kind:
        raise ShapeError(f"expects {name} of {kind.name}, but receives {state.dtype.name}")


def _pair(hx: Any) -> tuple[Tensor, Tensor]:
    if not isinstance(hx, (tuple, list)) or len(hx) != 2:
        raise ShapeError(f"needs a pair of states (h_0, c_0) as hx, but receives {hx!r}")
    return hx[0], hx[1]


def _rectifies(nonlinearity: Any, kind: dtypes.dtype) -> None:
    if nonlinearity == "relu" and kind.is_complex:
        raise ShapeError(f"has nonlinearity='relu', which is not defined for {kind.name}")


class RNNBase(Module):
    """Layers of gates, each reading the sequence that the one before gave.

    ``(L, N, input_size)``, with `batch_first` ``(N, L, input_size)``, or ``(L, input_size)``, becomes the
    outputs, ``(L, N, directions·width)`` in the order of the input, and the last state of each layer and
    direction, ``(num_layers·directions, N, width)``; of an `LSTM` a pair of states, the second `hidden_size`
    wide. The width is `hidden_size`, or with `proj_size` that.

    ``weight_ih_l0`` is ``(gates·hidden_size, input_size)``, ``weight_hh_l0`` ``(gates·hidden_size, width)``,
    ``bias_ih_l0`` and ``bias_hh_l0`` ``(gates·hidden_size,)``, with `proj_size` ``weight_hr_l0``
    ``(proj_size, hidden_size)``; further layers, and the ``_reverse`` direction of each, have their own.

    Raises:
        ShapeError: a number is not positive, or `proj_size` not below `hidden_size`; when called: the input
            is not `input_size` wide or has other dimensions, a state another shape, or the sequence no steps.
    """

    _macs, _field = "recurrent", "recurrent"

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        if (
            not isinstance(dropout, (int, float))
            or isinstance(dropout, bool)
            or not 0 <= dropout <= 1
        ):
            raise ShapeError(f"has dropout={dropout!r}, and a probability is from 0 to 1")
        flag("bias", bias)
        flag("batch_first", batch_first)
        _positive("input_size", input_size)
        _positive("hidden_size", hidden_size)
        if _positive("num_layers", num_layers) > _MOST_LAYERS:
            raise UnknownOperation(f"num_layers={num_layers} is more than convshape keeps")
        if not isinstance(proj_size, int) or not 0 <= proj_size < hidden_size:
            raise ShapeError(
                f"has proj_size={proj_size!r}, which must be from 0 to below hidden_size={hidden_size}"
            )
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        gates = hidden_size * _GATES[mode] if mode in _GATES else hidden_size
        width = proj_size or hidden_size
        for layer in range(num_layers):
            size = width * self._directions if layer else input_size
            for suffix in ("", "_reverse")[: self._directions]:
                shapes: dict[str, tuple[int, ...]] = {
                    "weight_ih": (gates, size),
                    "weight_hh": (gates, width),
                }
                if bias:
                    shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for name, each in shapes.items():
                    setattr(self, f"{name}_l{layer}{suffix}", parameter(*each, dtype=dtype))
        self.reset_parameters()

    reset_parameters = flatten_parameters = Module._nothing

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters in lists, one for each layer and direction."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        ends = [
            f"_l{i}{way}"
            for i in range(self.num_layers)
            for way in ("", "_reverse")[: self._directions]
        ]
        return [
            [self._parameters[name + end] for name in names if name + end in self._parameters]  # type: ignore[misc]
            for end in ends
        ]

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _run(
        self, input: Tensor, hx: tuple[Tensor, ...] | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the output and the last states: of an `LSTM` two, the second `hidden_size` wide."""
        kind = self.weight_ih_l0.dtype
        flag("bidirectional", self.bidirectional)
        integer("num_layers", self.num_layers)
        if tensor("input", input).ndim not in (2, 3):
            order = "N, L" if self.batch_first else "L, N"
            raise ShapeError(
                f"expects 3 dimensions ({order}, input_size), or 2 without the batch, "
                f"but receives {input.ndim}: {shape(input.shape)}"
            )
        if input.dtype is not kind:
            raise ShapeError(
                f"has {kind.name} weights, but receives {input.dtype.name}",
                fix=f"an input of {kind.name}",
            )
        if input.shape[-1] != self.input_size:
            raise ShapeError(
                f"expects input_size={self.input_size}, but receives {input.shape[-1]}: {shape(input.shape)}",
                change={"input_size": input.shape[-1]},
            )
        lead = input.shape[:-1]
        batch = () if len(lead) == 1 else (lead[0 if self.batch_first else 1],)
        length = lead[1 if self.batch_first and len(lead) == 2 else 0]
        layers = self.num_layers * self._directions
        wanted = [(layers, *batch, int(self.proj_size or self.hidden_size))]
        if self.mode == "LSTM":
            wanted.append((layers, *batch, int(self.hidden_size)))
        if hx is None:
            states = tuple(new(each, kind) for each in wanted)
        else:
            names = ("hx",) if len(hx) == 1 else ("hx[0]", "hx[1]")
            states = tuple(_state(*each) for each in zip(names, hx, wanted, strict=True))
            _same_kind(names[0], states[0], kind)
        if len(states) == 2:
            kind = self._carried(length, input, states[1])
        if not length:
            raise ShapeError(
                f"needs a sequence of at least 1 step, but receives {shape(input.shape)}"
            )
        width = wanted[0][-1] * self._directions
        output = new((*lead, width), kind)
        if self.batch_first and batch:  # torch works, and lays out, with the steps first
            lay(output, (width, (batch[0] or 1) * width, 1))
        return output, tuple(new(each, kind) for each in wanted)

    def _carried(self, steps: int, input: Tensor, cell: Tensor) -> dtypes.dtype:
        """Return the dtype that comes out of an LSTM, whose cell state may be of another one than the rest.

        It is only multiplied and added, unless torch leaves the whole to a library (half precision on some
        processors only; convshape refuses it on all), or what comes of it meets a matrix.
        """
        kind: dtypes.dtype = self.weight_ih_l0.dtype
        carried = promote_types(kind, cell.dtype)
        fused = kind in _FUSED and input.numel() and not self.proj_size
        if fused or (carried is not kind and (steps > 1 or self.num_layers > 1 or self.proj_size)):
            _same_kind("hx[1]", cell, kind)
        return carried

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        usual = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        return text + "".join(
            f", {n}={getattr(self, n)}" for n, value in usual.items() if getattr(self, n) != value
        )


#: The dtypes whose LSTM torch leaves to a library.
_FUSED = (float32, float16, bfloat16)
#: How many matrices of `hidden_size` rows the gates of a mode have, if more than one.
_GATES = {"LSTM": 4, "GRU": 3}


class RNN(RNNBase):
    __doc__ = RNNBase.__doc__

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ShapeError(
                f"has nonlinearity={nonlinearity!r}, which is neither 'tanh' nor 'relu'"
            )
        mode = f"RNN_{nonlinearity.upper()}"
        super().__init__(
            mode,
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            dtype=dtype,
        )
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run over ``(L, N, input_size)`` or ``(L, input_size)``, from a state, zeros unless given."""
        output, (state,) = self._run(input, None if hx is None else (hx,))
        _rectifies(self.nonlinearity, state.dtype)
        return output, state


class LSTM(RNNBase):
    __doc__ = RNNBase.__doc__

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(
            "LSTM",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            dtype=dtype,
        )

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run over ``(L, N, input_size)`` or ``(L, input_size)``, from a state, zeros unless given."""
        return self._run(input, None if hx is None else _pair(hx))


class GRU(RNNBase):
    __doc__ = RNNBase.__doc__

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(
            "GRU",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            dtype=dtype,
        )

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run over ``(L, N, input_size)`` or ``(L, input_size)``, from a state, zeros unless given."""
        output, (state,) = self._run(input, None if hx is None else (hx,))
        return output, state


class RNNCellBase(Module):
    """One step of a recurrent layer: ``(N, input_size)`` or ``(input_size,)`` to ``(N, hidden_size)``.

    ``weight_ih`` is ``(gates·hidden_size, input_size)``, ``weight_hh`` ``(gates·hidden_size, hidden_size)``,
    ``bias_ih`` and ``bias_hh`` ``(gates·hidden_size,)``. An `LSTMCell` takes and makes a pair of states.

    Raises:
        ShapeError: when called: the input is not `input_size` wide or has other dimensions, or a state is not
            ``(N, hidden_size)``.
    """

    _macs, _field = "recurrent", "cell"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        if not isinstance(hidden_size, int):
            raise ShapeError(f"needs an int for hidden_size, but receives {hidden_size!r}")
        gates = num_chunks * hidden_size
        self.weight_ih = parameter(gates, input_size, dtype=dtype)
        self.weight_hh = parameter(gates, hidden_size, dtype=dtype)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, parameter(gates, dtype=dtype) if bias else None)
        self.reset_parameters()

    reset_parameters = Module._nothing

    def _step(self, input: Tensor, hx: Any) -> Tensor:
        """Return the next hidden state, ``(N, hidden_size)`` or ``(hidden_size,)``."""
        kind = self.weight_ih.dtype
        if tensor("input", input).ndim not in (1, 2):
            raise ShapeError(
                f"expects 2 dimensions (N, input_size), or 1 without the batch, but receives {input.ndim}: "
                f"{shape(input.shape)}"
            )
        if input.shape[-1] != self.input_size:
            raise ShapeError(
                f"expects input_size={self.input_size}, but receives {input.shape[-1]}: {shape(input.shape)}",
                change={"input_size": input.shape[-1]},
            )
        if input.dtype is not kind:
            raise ShapeError(
                f"has {kind.name} weights, but receives {input.dtype.name}",
                fix=f"an input of {kind.name}",
            )
        state = (*input.shape[:-1], int(self.hidden_size))
        if hx is not None:
            _same_kind("hx", _state("hx", hx, state), kind)
        return new(state, kind)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text


class RNNCell(RNNCellBase):
    __doc__ = RNNCellBase.__doc__

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, dtype=dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Make one step from ``(N, input_size)`` or ``(input_size,)``."""
        if self.nonlinearity not in ("tanh", "relu"):
            raise ShapeError(
                f"has nonlinearity={self.nonlinearity!r}, which is neither 'tanh' nor 'relu'"
            )
        state = self._step(input, hx)
        _rectifies(self.nonlinearity, state.dtype)
        return state


class LSTMCell(RNNCellBase):
    __doc__ = RNNCellBase.__doc__

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, dtype=dtype)

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Tensor]:
        """Make one step from ``(N, input_size)`` or ``(input_size,)`` and a pair of states."""
        if hx is None:
            state = self._step(input, None)
            return state, state
        hidden, cell = _pair(hx)
        state = self._step(input, hidden)
        cell = tensor("hx[1]", cell)
        if cell.shape != state.shape:
            raise ShapeError(
                f"expects hx[1] of {shape(state.shape)}, but receives {shape(cell.shape)}"
            )
        result = new(
            state.shape, result_type(state, cell)
        )  # the cell's state is only multiplied and added
        return result, result


class GRUCell(RNNCellBase):
    __doc__ = RNNCellBase.__doc__

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, dtype=dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Make one step from ``(N, input_size)`` or ``(input_size,)``."""
        state = self._step(input, hx)
        return state if hx is None else follow(state, hx, new(state.shape, state.dtype))
