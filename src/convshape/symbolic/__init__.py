"""Sizes with symbols in them: expressions, the ints that carry them, and the conditions they record."""

#: While it is worked out how elements lie in memory: which of two strides is larger, each a product
#: of several sizes, is no condition on an input.
laying = False
