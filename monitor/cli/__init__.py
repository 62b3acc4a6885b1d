"""The command line: one module a command, registered in `monitor.cli.main`.

A module offers a function of its own name (`detect.detect`), or `app`, a group of commands (`alerts.app`).
Commands print with `monitor.cli.screen`, reach settings and store through `monitor.cli.context.context_of`,
and fail by raising a `MonitorError`, which `main` turns into one line on stderr and an exit code.
"""
