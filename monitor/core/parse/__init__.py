"""Bytes a server sent, turned into entries."""
