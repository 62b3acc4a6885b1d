"""A made-up news site on loopback, for showing the monitor without a network."""
