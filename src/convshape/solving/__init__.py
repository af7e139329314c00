"""Solves one layer backwards: bounds as users write them, the solutions, and the Python API."""
