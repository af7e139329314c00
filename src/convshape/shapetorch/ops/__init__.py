"""torch's functions of tensors, by the headings of its documentation; `spaces` has them all."""
