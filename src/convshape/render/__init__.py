"""One file a format, each: a trace or an error to what people read."""
