"""One step each: claim, I/O, ask the core, one short write, report."""
