"""GET over HTTP, politely and within limits."""
