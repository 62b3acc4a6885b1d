"""Which process holds a lease, and whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_UNKNOWN = "?"


def own_name() -> str:
    """This process as `host/boot/pid/start`: never the name of another process, before or after."""
    return f"{socket.gethostname()}/{_boot()}/{os.getpid()}/{_start(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Whether the named process certainly no longer runs; one on another host is not judged."""
    parts = owner.split("/")
    if len(parts) != 4 or parts[0] != socket.gethostname() or not parts[2].isdigit():
        return False
    pid = int(parts[2])
    if parts[1] != _boot():
        return True
    try:
        os.kill(pid, 0)  # signal 0 only asks
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # alive, somebody else's
    if _stat(pid)[:1] == ["Z"]:
        return True  # killed, and its parent has not asked: containers often run without an init that would
    start = _start(pid)
    return _UNKNOWN not in (start, parts[3]) and start != parts[3]


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _UNKNOWN


def _start(pid: int) -> str:
    """The process's start in ticks since boot (proc(5), field 22)."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else _UNKNOWN


def _stat(pid: int) -> list[str]:
    """The fields of proc(5)'s stat from the state on; empty without such a process."""
    try:
        # The command's name, in parentheses, may itself hold spaces: count fields behind the last one.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
