"""Processes that parse hostile input and can be killed."""
