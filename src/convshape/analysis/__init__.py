"""What is worked out from a run: multiply-accumulates, receptive fields, totals."""
