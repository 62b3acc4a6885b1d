"""Configuration: one YAML file, checked whole, every problem with file and line."""
