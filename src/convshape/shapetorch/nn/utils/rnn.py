"""torch.nn.utils.rnn: sequences of different lengths in one tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError, UnknownOperation
from ...arguments import shape
from ...layout import PACKED
from ...operation import Unknown, named, operation
from ...tensor import Tensor, broadcast_shapes, new, tensor_list

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "PackedSequence",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpad_sequence",
]


_SEQUENCES = operation(
    layout=PACKED, macs=None, field=Unknown("the sequences are of several lengths")
)


@_SEQUENCES
def pad_sequence(
    sequences: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Make one tensor of sequences ``(L, *)``, as long as the longest: ``(L, N, *)``.

    Raises:
        ShapeError: they differ in what follows the length, or there is none.
    """
    rows = sequences.unbind(0) if isinstance(sequences, Tensor) else sequences
    tensors = tensor_list("sequences", rows)
    if padding_side not in ("left", "right"):
        raise ShapeError(f"has padding_side={padding_side!r}, which is neither 'left' nor 'right'")
    first = tensors[0]
    for tensor in tensors:
        if not tensor.shape:
            raise ShapeError("needs sequences, but receives a scalar")
        place = (tensor.shape[0], *first.shape[1:])
        if broadcast_shapes(place, tensor.shape) != place:
            raise ShapeError(
                "needs sequences that differ in length alone, but receives "
                f"{shape(first.shape)} and {shape(tensor.shape)}"
            )
    longest = max(tensor.shape[0] for tensor in tensors)
    lead = (len(tensors), longest) if batch_first else (longest, len(tensors))
    return new((*lead, *first.shape[1:]), first.dtype)


class PackedSequence:
    """Sequences one after the other, unpadded. None is made here: their lengths are data."""


def _by_lengths(name: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        """Refuse: how long each sequence is depends on data.

        Raises:
            UnknownOperation: always.
        """
        raise UnknownOperation(
            f"{name}: how long each sequence is depends on data, and convshape has shapes only",
            fix="the padded sequences themselves: recurrent layers make the same sizes of them",
        )

    return _SEQUENCES(named(name, call))


pack_padded_sequence, pack_sequence, pad_packed_sequence, unpad_sequence = map(
    _by_lengths, ("pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "unpad_sequence")
)
