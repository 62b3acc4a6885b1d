"""The rule language, its words and its names: read, compiled, matched."""
