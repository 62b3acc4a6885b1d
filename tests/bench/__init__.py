"""What things cost: `python -m tests.bench [WORD …]` prints figures and asserts nothing."""
