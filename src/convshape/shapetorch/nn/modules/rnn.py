"""Recurrent layers and their cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ... import dtypes
from ...arguments import flag, integer, one_of, plain_number, shape
from ...dtypes import bfloat16, float16, float32, promote_types
from ...layout import follow, lay
from ...tensor import Tensor, new, result_type, tensor
from ..functional.common import check_shape, same_dtype
from ..parameter import Parameter
from .layer import Layer
from .module import Module
from .utils import parameter

#: More layers than anybody stacks; torch would fill the memory with them.
_MOST_LAYERS = 10_000


def _positive(name: str, value: Any) -> int:
    if not isinstance(value, int) or value <= 0:
        raise ShapeError(f"{name}={value!r} is not a positive number", kind=ValueError)
    return value


def _same_kind(name: str, state: Tensor, kind: dtypes.dtype) -> None:
    if state.dtype is not kind:
        raise ShapeError(f"expects {name} of {kind.name}, but receives {state.dtype.name}")


def _pair(hx: Any) -> tuple[Tensor, Tensor]:
    if not isinstance(hx, (tuple, list)) or len(hx) != 2:
        what = f"needs a pair of states (h_0, c_0) as hx, but receives {hx!r}"
        raise ShapeError(what, argument="hx", wanted=tuple)
    return hx[0], hx[1]


def _rectifies(nonlinearity: Any, kind: dtypes.dtype) -> None:
    if nonlinearity == "relu" and kind.is_complex:
        raise ShapeError(f"has nonlinearity='relu', which is not defined for {kind.name}")


def _check_width(input: Tensor, wanted: Any) -> None:
    width = input.shape[-1]
    if width != wanted:
        raise ShapeError(
            f"expects input_size={wanted}, but receives {width}: {shape(input.shape)}",
            change={"input_size": width},
        )


class RNNBase(Layer):
    """Layers of gates, each reading the sequence that the one before gave.

    ``(L, N, input_size)``, with `batch_first` ``(N, L, input_size)``, or ``(L, input_size)``,
    becomes the outputs, ``(L, N, directions·width)`` in the order of the input, and the last state
    of each layer and direction, ``(num_layers·directions, N, width)``; of an `LSTM` a pair of
    states, the second `hidden_size` wide. The width is `hidden_size`, or with `proj_size` that.

    ``weight_ih_l0`` is ``(gates·hidden_size, input_size)``, ``weight_hh_l0`` ``(gates·hidden_size,
    width)``, ``bias_ih_l0`` and ``bias_hh_l0`` ``(gates·hidden_size,)``, with `proj_size`
    ``weight_hr_l0`` ``(proj_size, hidden_size)``; further layers, and the ``_reverse`` direction of
    each, have their own.

    Raises:
        ShapeError: a number is not positive, or `proj_size` not below `hidden_size`; when called:
            the input is not `input_size` wide or has other dimensions, a state another shape, or
            the sequence no steps.
    """

    _macs, _field = "recurrent", "recurrent"
    _takes_numpy = False  # torch asks for an int
    mode: str
    input_size: int
    hidden_size: int
    num_layers: int = 1
    bias: bool = True
    batch_first: bool = False
    dropout: float = 0.0
    bidirectional: bool = False
    proj_size: int = 0
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, device: object, dtype: dtypes.dtype | None) -> None:
        self._check_arguments()
        self.dropout = float(self.dropout)
        gates = self.hidden_size  # not times 1: torch takes no True for a size
        if self.mode in _GATES:
            gates *= _GATES[self.mode]
        width = self.proj_size or self.hidden_size
        for layer, way in self._parts():
            size = width * self._directions if layer else self.input_size
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (gates, size),
                "weight_hh": (gates, width),
            }
            if self.bias:
                shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
            if self.proj_size:
                shapes["weight_hr"] = (self.proj_size, self.hidden_size)
            for name, sizes in shapes.items():
                setattr(self, f"{name}_l{layer}{way}", parameter(*sizes, dtype=dtype))
        self.reset_parameters()

    def _check_arguments(self) -> None:
        dropout, hidden = self.dropout, self.hidden_size
        is_number = isinstance(dropout, (int, float)) and not isinstance(dropout, bool)
        if not is_number or not 0 <= dropout <= 1:
            raise ShapeError(
                f"has dropout={dropout!r}, and a probability is from 0 to 1", kind=ValueError
            )
        for name in ("num_layers", "proj_size"):  # torch reads these by what ints can do
            self.__dict__[name] = plain_number(getattr(self, name))
        flag("bias", self.bias)
        flag("batch_first", self.batch_first)
        _positive("input_size", self.input_size)
        _positive("hidden_size", hidden)
        if _positive("num_layers", self.num_layers) > _MOST_LAYERS:
            raise UnknownOperation(f"num_layers={self.num_layers} is more than convshape keeps")
        projected = self.proj_size
        if not isinstance(projected, int) or not 0 <= projected < hidden:
            raise ShapeError(
                f"has proj_size={projected!r}, which must be from 0 to below hidden_size={hidden}"
            )

    reset_parameters = flatten_parameters = Module._nothing
    forward = Module.forward  # it is no layer itself

    def _parts(self) -> Iterator[tuple[int, str]]:
        """Yield the number of each layer with each of its directions, by how its parameters end."""
        ways = ("", "_reverse")[: self._directions]
        return ((layer, way) for layer in range(self.num_layers) for way in ways)

    @property
    def all_weights(self) -> list[list[Parameter | None]]:
        """The parameters in lists, one for each layer and direction."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        parts = [[f"{name}_l{layer}{way}" for name in names] for layer, way in self._parts()]
        return [[self._parameters[n] for n in part if n in self._parameters] for part in parts]

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _check_input(self, input: Tensor) -> None:
        flag("bidirectional", self.bidirectional)
        integer("num_layers", self.num_layers)
        if tensor("input", input).ndim not in (2, 3):
            order = "N, L" if self.batch_first else "L, N"
            raise ShapeError(
                f"expects 3 dimensions ({order}, input_size), or 2 without the batch, "
                f"but receives {input.ndim}: {shape(input.shape)}",
                kind=ValueError,
            )
        same_dtype(input, self.weight_ih_l0)
        _check_width(input, self.input_size)

    def _run(
        self, input: Tensor, hx: tuple[Tensor, ...] | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the output and the last states: of an `LSTM` two."""
        if hasattr(input, "batch_sizes"):
            return self._run_packed(input, hx)
        self._check_input(input)
        kind = self.weight_ih_l0.dtype
        lead = input.shape[:-1]
        batch_first = self.batch_first and len(lead) == 2
        length, *batch = reversed(lead) if batch_first else lead
        layers, width = self.num_layers * self._directions, int(self.proj_size or self.hidden_size)
        wanted = [(layers, *batch, width)]
        if self.mode == "LSTM":
            wanted.append((layers, *batch, int(self.hidden_size)))
        if hx is None:
            states = tuple(new(size, kind) for size in wanted)
        else:
            names = ("hx",) if len(hx) == 1 else ("hx[0]", "hx[1]")
            states = tuple(map(check_shape, names, hx, wanted))
            _same_kind(names[0], states[0], kind)
        if len(states) == 2:
            kind = self._carried(length, input, states[1])
        if not length:
            raise ShapeError(
                f"needs a sequence of at least 1 step, but receives {shape(input.shape)}"
            )
        width *= self._directions
        output = new((*lead, width), kind)
        if batch_first:  # torch works, and lays out, with the steps first
            lay(output, (width, (batch[0] or 1) * width, 1))
        return output, tuple(new(size, kind) for size in wanted)

    def _run_one(self, input: Tensor, hx: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the output and the only last state."""
        output, (state,) = self._run(input, None if hx is None else (hx,))
        return output, state

    def _run_packed(self, input: Any, hx: Any) -> tuple[Any, tuple[Tensor, ...]]:
        """Run over a `PackedSequence`, whose steps are as many as those of its longest sequence."""
        if input.data.ndim != 2:
            raise ShapeError(f"expects packed vectors, but receives {shape(input.data.shape)}")
        lead = (input.batch_sizes.shape[0], int(input.batch_sizes[0]))
        padded = new(
            (*lead[:: -1 if self.batch_first else 1], input.data.shape[1]), input.data.dtype
        )
        output, states = self._run(padded, hx)
        data = new((input.data.shape[0], output.shape[-1]), output.dtype)
        return input._replace(data=data), states

    def _carried(self, steps: int, input: Tensor, cell: Tensor) -> dtypes.dtype:
        """Return the dtype that results from an LSTM, whose cell state may be of another one.

        It is only multiplied and added, unless torch leaves the whole to a library (half precision
        on some processors only; convshape refuses it on all), or what comes of it meets a matrix.
        """
        kind: dtypes.dtype = self.weight_ih_l0.dtype
        carried = promote_types(kind, cell.dtype)
        fused = kind in _FUSED and input.numel() and not self.proj_size
        if fused or (carried is not kind and (steps > 1 or self.num_layers > 1 or self.proj_size)):
            _same_kind("hx[1]", cell, kind)
        return carried

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        for name in _SHOWN:
            value = getattr(self, name)
            if value != self._defaults[name]:
                text += f", {name}={value}"
        return text


#: What the printed form says where it is not as usual.
_SHOWN = ("proj_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")
#: The dtypes whose LSTM torch leaves to a library.
_FUSED = (float32, float16, bfloat16)
#: How many matrices of `hidden_size` rows the gates of a mode have, if more than one.
_GATES = {"LSTM": 4, "GRU": 3}


class RNN(RNNBase):
    _example = ("RNN(40, 64, batch_first=True)", "100x40")
    _fields = (*RNNBase._fields[1:4], "nonlinearity", *RNNBase._fields[4:8], "device", "dtype")
    mode = "RNN_TANH"
    nonlinearity: str = "tanh"

    def _assemble(self, device: object, dtype: dtypes.dtype | None) -> None:
        one_of("nonlinearity", self.nonlinearity, ("tanh", "relu"))
        self.mode = f"RNN_{self.nonlinearity.upper()}"
        super()._assemble(device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run over ``(L, N, input_size)`` or ``(L, input_size)`` from a state, or zeros."""
        output, state = self._run_one(input, hx)
        _rectifies(self.nonlinearity, state.dtype)
        return output, state


class LSTM(RNNBase):
    _example = ("LSTM(40, 64, 2, batch_first=True, bidirectional=True)", "100x40")
    _fields, mode = RNNBase._fields[1:], "LSTM"

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run over ``(L, N, input_size)`` or ``(L, input_size)`` from a state, or zeros."""
        return self._run(input, None if hx is None else _pair(hx))


class GRU(RNNBase):
    _example = ("GRU(40, 64, batch_first=True)", "100x40")
    _fields, mode = (*RNNBase._fields[1:8], "device", "dtype"), "GRU"

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run over ``(L, N, input_size)`` or ``(L, input_size)`` from a state, or zeros."""
        return self._run_one(input, hx)


class RNNCellBase(Layer):
    """One step of a recurrent layer: ``(N, input_size)``, or unbatched, to ``(N, hidden_size)``.

    ``weight_ih`` is ``(gates·hidden_size, input_size)``, ``weight_hh`` ``(gates·hidden_size,
    hidden_size)``, ``bias_ih`` and ``bias_hh`` ``(gates·hidden_size,)``. An `LSTMCell` takes and
    makes a pair of states.

    Raises:
        ShapeError: when called: the input is not `input_size` wide or has other dimensions, or a
            state is not ``(N, hidden_size)``.
    """

    _macs, _field = "recurrent", "cell"
    input_size: int
    hidden_size: int
    bias: bool
    num_chunks: int
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, num_chunks: int, device: object, dtype: dtypes.dtype | None) -> None:
        hidden = self.hidden_size
        if not isinstance(hidden, int):
            raise ShapeError(f"needs an int for hidden_size, but receives {hidden!r}")
        gates = num_chunks * hidden
        self.weight_ih = parameter(gates, self.input_size, dtype=dtype)
        self.weight_hh = parameter(gates, hidden, dtype=dtype)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, parameter(gates, dtype=dtype) if self.bias else None)
        self.reset_parameters()

    reset_parameters = Module._nothing
    forward = Module.forward  # it is no layer itself

    def _step(self, input: Tensor, hx: Any) -> Tensor:
        """Return the next hidden state, ``(N, hidden_size)`` or ``(hidden_size,)``."""
        kind = self.weight_ih.dtype
        if tensor("input", input).ndim not in (1, 2):
            raise ShapeError(
                "expects 2 dimensions (N, input_size), or 1 without the batch, "
                f"but receives {input.ndim}: {shape(input.shape)}",
                kind=ValueError,
            )
        _check_width(input, self.input_size)
        same_dtype(input, self.weight_ih)
        size = (*input.shape[:-1], int(self.hidden_size))
        if hx is not None:
            _same_kind("hx", check_shape("hx", hx, size), kind)
        return new(size, kind)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text


_OF_CELLS = ("input_size", "hidden_size", "bias", "device", "dtype")


class RNNCell(RNNCellBase):
    _example = ("RNNCell(40, 64)", "40 64")
    _fields = (*_OF_CELLS[:3], "nonlinearity", *_OF_CELLS[3:])
    bias, num_chunks = True, 1
    nonlinearity: str = "tanh"

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Make one step from ``(N, input_size)`` or ``(input_size,)``."""
        one_of("nonlinearity", self.nonlinearity, ("tanh", "relu"))
        state = self._step(input, hx)
        _rectifies(self.nonlinearity, state.dtype)
        return state


class LSTMCell(RNNCellBase):
    _example = ("LSTMCell(40, 64)", "40")
    _fields = _OF_CELLS
    bias, num_chunks = True, 4

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Tensor]:
        """Make one step from ``(N, input_size)`` or ``(input_size,)`` and a pair of states."""
        if hx is None:
            state = self._step(input, None)
            return state, state
        hidden, cell = _pair(hx)
        state = self._step(input, hidden)
        check_shape("hx[1]", cell, state.shape)
        # The cell's state is only multiplied and added.
        result = new(state.shape, result_type(state, cell))
        return result, result


class GRUCell(RNNCellBase):
    _example = ("GRUCell(40, 64)", "40")
    _fields = _OF_CELLS
    bias, num_chunks = True, 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Make one step from ``(N, input_size)`` or ``(input_size,)``."""
        state = self._step(input, hx)
        return state if hx is None else follow(state, hx, new(state.shape, state.dtype))
