"""torch.nn.utils.rnn: sequences of different lengths in one tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import flag, number, shape
from ...recording import operation
from ...tensor import Tensor, broadcast_shapes, new, tensor_list

if TYPE_CHECKING:
    from typing import Any

__all__ = ["pad_sequence"]


@operation
def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Make one tensor of sequences ``(L, *)``, as long as the longest: ``(L, N, *)``, or ``(N, L, *)``.

    Raises:
        ShapeError: they differ in what follows the length, or there is none.
    """
    given = tensor_list("sequences", sequences.unbind(0) if isinstance(sequences, Tensor) else sequences)
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
