"""The command line, run as a reader runs it."""
