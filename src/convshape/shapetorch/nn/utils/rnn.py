"""torch.nn.utils.rnn: sequences of different lengths in one tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError, UnknownOperation
from ...arguments import flag, number, shape
from ...operation import operation
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


@operation
def pad_sequence(
    sequences: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Make one tensor of sequences ``(L, *)``, as long as the longest: ``(L, N, *)``, or ``(N, L, *)``.

    Raises:
        ShapeError: they differ in what follows the length, or there is none.
    """
    given = tensor_list(
        "sequences", sequences.unbind(0) if isinstance(sequences, Tensor) else sequences
    )
    flag("batch_first", batch_first)
    number("padding_value", padding_value)
    if padding_side not in ("left", "right"):
        raise ShapeError(f"has padding_side={padding_side!r}, which is neither 'left' nor 'right'")
    first = given[0]
    for each in given:
        if not each.shape:
            raise ShapeError("needs sequences, but receives a scalar")
        place = (each.shape[0], *first.shape[1:])
        if broadcast_shapes(place, each.shape) != place:
            raise ShapeError(
                f"needs sequences that differ in length alone, but receives {shape(first.shape)} and "
                f"{shape(each.shape)}"
            )
    longest = max(each.shape[0] for each in given)
    lead = (len(given), longest) if batch_first else (longest, len(given))
    return new((*lead, *first.shape[1:]), first.dtype)


class PackedSequence:
    """Sequences one after the other, without padding. None is made here: how long they are is data."""


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

    call.__name__ = call.__qualname__ = name
    return operation(call)


pack_padded_sequence, pack_sequence, pad_packed_sequence, unpad_sequence = map(
    _by_lengths, ("pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "unpad_sequence")
)
