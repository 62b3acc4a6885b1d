"""Mutation fuzzing of every parser that reads what strangers wrote: `make fuzz`."""
