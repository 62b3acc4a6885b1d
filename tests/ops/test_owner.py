"""Whether the process that holds a lease still lives."""

from __future__ import annotations

import subprocess
import sys

from monitor.ops.owner import is_dead, own_name

_TELL = "from monitor.ops.owner import own_name; print(own_name(), flush=True); input()"


def test_a_process_that_was_killed_is_dead_even_while_nobody_has_asked_for_its_end() -> None:
    """A container without an init leaves such zombies, and their work must be taken up at once."""
    with subprocess.Popen(
        [sys.executable, "-c", _TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as it:
        assert it.stdout is not None
        name = it.stdout.readline().strip()
        assert not is_dead(name)
        it.kill()
        while it.stdout.read():  # until the kernel has closed its end
            pass
        _until_zombie(it.pid)
        assert is_dead(name)
    assert is_dead(name)
    assert not is_dead(own_name())


def _until_zombie(pid: int) -> None:
    while True:
        with open(f"/proc/{pid}/stat") as file:
            if file.read().rpartition(")")[2].split()[0] == "Z":
                return
