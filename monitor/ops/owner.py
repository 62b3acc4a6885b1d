"""Which process holds a lease, and whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def own_name() -> str:
    """This process as `host/boot/pid/start`: never the name of another process, before or after."""
    return _name(os.getpid()) or f"{socket.gethostname()}/unknown/{os.getpid()}/0"


def is_dead(owner: str) -> bool:
    """Whether the named process certainly no longer runs; one on another host is not judged."""
    parts = owner.split("/")
    if len(parts) != 4 or parts[0] != socket.gethostname() or not parts[2].isdigit():
        return False
    return _name(int(parts[2])) != owner


def _name(pid: int) -> str | None:
    try:
        # The command's name, in parentheses, may itself hold spaces: count fields behind the last one.
        start = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return f"{socket.gethostname()}/{boot}/{pid}/{start}"
