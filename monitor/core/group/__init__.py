"""Reports of the same change become one development, developments of one course of events a story."""
