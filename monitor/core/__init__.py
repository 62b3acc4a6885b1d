"""Pure code: bytes and values in, values out. No I/O, clock, environment, randomness or logging."""
