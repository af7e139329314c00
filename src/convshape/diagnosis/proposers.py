"""Who proposes changes of a network that stopped, by what stopped it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .axis_fixes import (
    cast,
    flat_samples,
    flattening,
    last_state,
    numbered_samples,
    other_axes,
    other_form,
    with_channels,
    with_features,
)
from .block_fixes import carried, grown, other_block
from .call_fixes import (
    along_another_axis,
    batches_first,
    kept,
    lettered,
    listed,
    made_sizes,
    other_arguments,
    other_indices,
    paired,
    per_head,
    repeated,
    shorter_mask,
    steps,
    turned_mask,
    undecided,
    unpool_sizes,
)
from .code_fixes import (
    counted,
    in_order,
    indices,
    meant,
    of_pooling,
    of_several,
    uncalled,
    unpacked,
)
from .network_fixes import (
    for_view,
    naming,
    other_layer,
    other_output,
    other_width,
    own_advice,
    own_fix,
    several_times,
    swapped,
)
from .operand_fixes import any_maps, interpolated, other_maps, other_operands, shortened
from .padding_fixes import all_padded, several_padded
from .resize_fixes import mirrored, resizing
from .shortcut_fixes import projected, shortcut
from .size_fixes import earlier_sizes, odd_windows
from .slip_fixes import divided, not_called, not_returned, shared
from .turning_fixes import along_steps, folded, other_permutation, other_turn, turned

if TYPE_CHECKING:
    from .diagnosis import Proposer

#: Who proposes changes of the network, the best first.
PROPOSERS: tuple[Proposer, ...] = (
    meant,
    not_called,
    not_returned,
    flat_samples,
    numbered_samples,
    flattening,
    per_head,
    with_channels,
    with_features,
    last_state,
    cast,
    folded,
    along_steps,
    other_permutation,
    other_axes,
    other_turn,
    other_indices,
    turned_mask,
    batches_first,
    shorter_mask,
    shortened,
    along_another_axis,
    kept,
    listed,
    repeated,
    lettered,
    undecided,
    other_operands,
    shortcut,
    other_width,
    several_times,
    divided,
    made_sizes,
    paired,
    steps,
    shared,
    for_view,
    other_arguments,
    own_fix,
    carried,
    grown,
    swapped,
    other_block,
    other_form,
    turned,
    projected,
    other_layer,
    other_output,
    mirrored,
    several_padded,
    interpolated,
    resizing,
    naming,
    own_advice,
)
#: Who proposes changes of what Python itself refuses.
OF_PYTHON: tuple[Proposer, ...] = (
    meant,
    not_returned,
    unpacked,
    of_several,
    of_pooling,
    uncalled,
    in_order,
    counted,
    indices,
)
#: Who proposes what may help too, where there is less than this and another input.
OTHERS: tuple[Proposer, ...] = (unpool_sizes, all_padded, other_maps, earlier_sizes, any_maps)
#: Who proposes a second change, of what is otherwise than in other layers.
ODD_ONES: tuple[Proposer, ...] = (odd_windows,)
