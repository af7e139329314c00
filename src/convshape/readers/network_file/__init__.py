"""Network files: YAML or JSON, read into bodies of layers and made into modules."""
