"""One layer solved backwards: bounds as they are written, the solutions, and what Python users call."""
