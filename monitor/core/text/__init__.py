"""Texts cut into sentences and words; every offset points into the NFC form."""
