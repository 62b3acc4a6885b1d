"""An incremental monitor for ceasefire and diplomatic-visit news."""

__version__ = "0.1.0"
