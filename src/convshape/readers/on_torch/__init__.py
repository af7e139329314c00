"""Live modules, and programs that run on torch itself."""
