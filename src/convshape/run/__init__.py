"""Running a network: what is to be run, what happened, and why it stopped."""
