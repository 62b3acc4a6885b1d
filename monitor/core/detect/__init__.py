"""What an article reports: sentences matched, weighed and put together."""
