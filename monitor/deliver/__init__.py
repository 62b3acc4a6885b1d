"""Ways out: one module a channel, one line each in the registry."""
