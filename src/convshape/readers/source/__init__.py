"""PyTorch source: the user's own file is run, with stand-ins for what is not installed."""
