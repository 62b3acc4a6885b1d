"""The nouns of the monitor, one module a noun; values only."""
