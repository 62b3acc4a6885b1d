"""The coverage watchdog: what each source is expected to bring, and whether it does."""
