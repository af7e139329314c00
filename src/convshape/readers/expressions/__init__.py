"""The language of network files: expressions of torch's vocabulary, read and evaluated."""
