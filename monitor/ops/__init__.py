"""Running it: logs, service notifications, the watchdog."""
