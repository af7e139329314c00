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
