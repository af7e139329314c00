"""A run that stopped: why, and the changes that make the whole network run."""
