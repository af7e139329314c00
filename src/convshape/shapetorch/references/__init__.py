"""References: what operations compute from known values, in plain Python, in row-major order.

A reference gets the results of an operation, of which it uses only shape and dtype, then its
arguments. It returns the values of the result, or a tuple of lists of values if there are several
results. It raises `UnknowableError` if torch's result depends on the order in which torch rounds.
"""

from . import creation, pointwise, reductions, selection

#: The references by the names of their operations.
REFERENCES = (
    pointwise.REFERENCES | reductions.REFERENCES | selection.REFERENCES | creation.REFERENCES
)

#: Operations that have the values of the operations that they call. Of others those are not the
#: values: a loss adds its two inputs only to learn the shape and the dtype.
COMPOSED = frozenset(
    "argwhere bincount chain_matmul fftshift ifftshift inner kron masked_select matrix_exp "
    "multi_dot nonzero pack_padded_sequence pack_sequence pad_packed_sequence rot90 tile unique "
    "unique_consecutive".split()
)
