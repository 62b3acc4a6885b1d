"""HTML pages and feed markup, turned into plain text."""
