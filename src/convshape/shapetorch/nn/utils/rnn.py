"""torch.nn.utils.rnn: sequences of different lengths in one tensor."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ... import dtypes
from ...arguments import integer, one_of, shape
from ...known_values import attach, decided
from ...layout import OWN, UNKNOWN_LAYOUT
from ...operation import Unknown, declaring, rule_of
from ...ops.views import transpose
from ...tensor import Tensor, broadcast_shapes, new, tensor, tensor_list

__all__ = [
    "PackedSequence",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]

#: Declares what packs sequences and takes them apart.
packing = declaring(
    layout=UNKNOWN_LAYOUT, macs=None, field=Unknown("its sequences are of several lengths")
)


@packing()
def pad_sequence(
    sequences: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Pad sequences ``(L, *)`` to the longest, in one tensor ``(L, N, *)`` or ``(N, L, *)``.

    Raises:
        ShapeError: they differ in what follows the length, or there is none.
    """
    tensors = tensor_list(
        "sequences", sequences.unbind(0) if isinstance(sequences, Tensor) else sequences
    )
    one_of("padding_side", padding_side, ("left", "right"))
    first = tensors[0]
    for sequence in tensors:
        if not sequence.shape:
            raise ShapeError("needs sequences, but receives a scalar")
        place = (sequence.shape[0], *first.shape[1:])
        if broadcast_shapes(place, sequence.shape) != place:
            raise ShapeError(
                f"needs sequences that differ in length alone, but receives {shape(first.shape)} "
                f"and {shape(sequence.shape)}"
            )
    longest = max(sequence.shape[0] for sequence in tensors)
    lead = (len(tensors), longest) if batch_first else (longest, len(tensors))
    return new((*lead, *first.shape[1:]), first.dtype)


_Packed = namedtuple("_Packed", ("data", "batch_sizes", "sorted_indices", "unsorted_indices"))


class PackedSequence(_Packed):
    """Sequences step by step, the longest first, without padding: ``(sum of the lengths, *)``.

    `batch_sizes` counts the sequences at each step. Its values are known, as the lengths were.
    """

    __slots__ = ()
    is_cuda = False

    def __new__(
        cls,
        data: Any,
        batch_sizes: Any = None,
        sorted_indices: Any = None,
        unsorted_indices: Any = None,
    ) -> PackedSequence:
        """Put the parts together."""
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Convert the data."""
        return self._replace(data=self.data.to(*args, **kwargs))

    def _unchanged(self, *args: Any, **kwargs: Any) -> PackedSequence:
        return self

    cuda = cpu = pin_memory = _unchanged


def _known_lengths(name: str, lengths: Any) -> list[int]:
    """Return the lengths of sequences, which a tensor or a list has.

    Raises:
        UnknownOperation: they depend on data.
    """
    if not isinstance(lengths, Tensor):
        return list(map(int, lengths))
    known: list[int] | None = decided("tolist", lengths)
    if known is None:
        raise UnknownOperation(
            f"{name}: how long each sequence is depends on data, and convshape has shapes only",
            fix="the padded sequences themselves: recurrent layers make the same sizes of them",
        )
    return list(map(int, known))


@packing()
def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: Any = True
) -> PackedSequence:
    """Pack ``(L, N, *)``, or ``(N, L, *)``, of sequences of these lengths, which must be known.

    Raises:
        ShapeError: there are not N lengths, one is not positive, or they do not fall.
        UnknownOperation: they depend on data.
    """
    if input.ndim < 2:
        raise ShapeError(f"expects at least 2 dimensions, but receives {shape(input.shape)}")
    batch, steps = input.shape[:2] if batch_first else input.shape[1::-1]
    counts = _known_lengths("pack_padded_sequence", lengths)
    if len(counts) != batch:
        raise ShapeError(f"has {len(counts)} lengths for {batch} sequences")
    if min(counts) <= 0:
        raise ShapeError(f"needs lengths of at least 1, but receives {counts}")
    if enforce_sorted and counts != sorted(counts, reverse=True):
        raise ShapeError("needs lengths that fall", fix="enforce_sorted=False")
    sizes = [sum(count > step for count in counts) for step in range(max(counts))]
    order = sorted(range(batch), key=lambda i: -counts[i])
    places = () if enforce_sorted else (_ints(order), _ints([order.index(i) for i in range(batch)]))
    total = sum(min(count, steps) for count in counts)  # torch cuts off what is not there
    return PackedSequence(new((total, *input.shape[2:]), input.dtype), _ints(sizes), *places)


def _ints(values: list[int]) -> Tensor:
    return attach(new((len(values),), dtypes.int64), values)


@packing()
def pack_sequence(sequences: Any, enforce_sorted: Any = True) -> PackedSequence:
    """Pack sequences ``(L, *)`` of different lengths.

    Raises:
        ShapeError: they differ in what follows the length, or their lengths do not fall.
    """
    lengths = [len(tensor("sequences", sequence)) for sequence in sequences]
    padded = rule_of(pad_sequence)(sequences)
    result: PackedSequence = rule_of(pack_padded_sequence)(
        padded, lengths, enforce_sorted=enforce_sorted
    )
    return result


def _lengths_of(sequence: PackedSequence, name: str) -> list[int]:
    sizes = _known_lengths(name, sequence.batch_sizes)
    lengths = [sum(size > i for size in sizes) for i in range(sizes[0])]
    if sequence.unsorted_indices is None:
        return lengths
    return [lengths[i] for i in _known_lengths(name, sequence.unsorted_indices)]


@packing(layout=OWN)
def pad_packed_sequence(
    sequence: Any, batch_first: bool = False, padding_value: Any = 0.0, total_length: Any = None
) -> tuple[Tensor, Tensor]:
    """Put packed sequences back into ``(L, N, *)``, or ``(N, L, *)``, and return their lengths.

    Raises:
        ShapeError: `total_length` is shorter than the longest.
    """
    lengths = _lengths_of(sequence, "pad_packed_sequence")
    steps = max(lengths)
    if total_length is not None:
        if integer("total_length", total_length) < steps:
            raise ShapeError(f"has total_length={total_length} for a sequence of {steps}")
        steps = total_length
    data = sequence.data
    padded = new((steps, len(lengths), *data.shape[1:]), data.dtype)
    if batch_first:
        padded = rule_of(transpose)(padded, 0, 1)
    if sequence.unsorted_indices is not None:  # by which torch picks them, into another memory
        padded = new(padded.shape, padded.dtype)
    return padded, _ints(lengths)


def _cut(input: Tensor, lengths: list[int], batch_first: bool) -> list[Tensor]:
    steps = input.shape[1 if batch_first else 0]
    return [new((min(n, steps), *input.shape[2:]), input.dtype) for n in lengths]


@packing()
def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: Any = False) -> list[Tensor]:
    """Take the sequences out of ``(L, N, *)``, or ``(N, L, *)``, each of its own length."""
    counts = _known_lengths("unpad_sequence", lengths)
    batch = padded_sequences.shape[0 if batch_first else 1]
    return _cut(padded_sequences, counts[:batch], batch_first)


@packing()
def unpack_sequence(packed_sequences: Any) -> list[Tensor]:
    """Take packed sequences apart."""
    padded, _ = rule_of(pad_packed_sequence)(packed_sequences, batch_first=True)
    return _cut(padded, _lengths_of(packed_sequences, "unpack_sequence"), True)
