"""What users look up: layers and functions, terms, and the schema of network files."""
