"""Runs inside the booted container, as root: what the service does under a real systemd."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

CONFIG = Path("/etc/monitor/monitor.yaml")
MONITOR = "/opt/monitor/.venv/bin/monitor"
PORT = 8099
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Boot Post</title>
<item><guid>a</guid><title>Sudan's army and the Rapid Support Forces agree to a ceasefire in Darfur</title></item>
</channel></rss>"""
GOOD = f"""\
database: {{url: "sqlite:////var/lib/monitor/monitor.db"}}
sources:
  - {{name: Boot Post, url: "http://127.0.0.1:{PORT}/feed", interval: 2s, language: en}}
channels: {{terminal: {{kind: console}}}}
read: {{fetch_pages: false}}
alerts: {{max_age: none}}
network: {{allow_private: true, host_gap: 0.01, read_timeout: 60, total_timeout: 60}}
poll: {{floor: 1s}}
"""
stall_s = 0.0


class Site(BaseHTTPRequestHandler):
    """A feed that answers at once, or after `stall_s`."""

    def do_GET(self) -> None:
        time.sleep(stall_s)
        self.send_response(200 if self.path == "/feed" else 404)
        self.end_headers()
        self.wfile.write(FEED if self.path == "/feed" else b"")

    def log_message(self, format: str, *args: object) -> None:
        pass


def sh(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def shown(name: str) -> str:
    return sh("systemctl", "show", "monitor", "--value", "-p", name).stdout.strip()


def journal() -> str:
    return sh("journalctl", "-u", "monitor", "-o", "cat", "--no-pager").stdout


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def start_waits_for_ready() -> str:
    """systemctl start returns only once the daemon has said READY."""
    started = time.monotonic()
    done = sh("systemctl", "start", "monitor")
    assert done.returncode == 0, done.stderr + journal()
    assert shown("ActiveState") == "active"
    assert "ready" in journal(), journal()
    return f"{time.monotonic() - started:.1f} s"


def members_of_the_group_read_the_history() -> str:
    """A second user in the group reads while the service runs; one outside the group cannot."""
    sh("useradd", "--create-home", "--groups", "monitor", "alice")
    sh("useradd", "--create-home", "mallory")
    query = (MONITOR, "--config", str(CONFIG), "alerts", "list", "--json")
    assert within(20, lambda: "Darfur" in sh("runuser", "-u", "alice", "--", *query).stdout), journal()
    refused = sh("runuser", "-u", "mallory", "--", *query)
    assert refused.returncode == 4, refused
    assert shown("ActiveState") == "active"
    return f"outsider: exit {refused.returncode}"


def a_killed_daemon_is_restarted() -> str:
    """kill -9 brings a new process within seconds."""
    old = shown("MainPID")
    sh("kill", "-9", old)
    assert within(20, lambda: shown("MainPID") not in ("0", old) and shown("ActiveState") == "active"), journal()
    assert shown("NRestarts") == "1"
    return f"NRestarts {shown('NRestarts')}"


def a_broken_reload_keeps_the_old_configuration() -> str:
    """The journal names file and line, the service goes on, and a mended file is taken."""
    pid = shown("MainPID")
    CONFIG.write_text(GOOD + "colour: blue\n")
    sh("systemctl", "reload", "monitor")
    assert within(10, lambda: "reload refused" in journal()), journal()
    line = GOOD.count("\n") + 1
    assert f"monitor.yaml:{line}" in journal(), journal()
    CONFIG.write_text(GOOD)
    sh("systemctl", "reload", "monitor")
    assert within(20, lambda: "reloaded" in journal()), journal()
    assert shown("MainPID") == pid
    return f"same process {pid}"


def stopping_drains_in_time() -> str:
    """With a fetch that hangs, stop still ends within 10 s, orderly."""
    global stall_s
    stall_s = 30.0
    time.sleep(4)  # the next poll is under way
    started = time.monotonic()
    done = sh("systemctl", "stop", "monitor")
    took_s = time.monotonic() - started
    stall_s = 0.0
    assert done.returncode == 0
    assert took_s < 10, took_s
    assert shown("Result") == "success", shown("Result")
    return f"{took_s:.1f} s"


def a_stalled_step_trips_the_watchdog() -> str:
    """A worker that gets nowhere starves the watchdog; systemd ends and restarts the service."""
    global stall_s
    drop_in = Path("/run/systemd/system/monitor.service.d/watchdog.conf")
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nWatchdogSec=8\nRestartSec=1\n")
    sh("systemctl", "daemon-reload")
    stall_s = 40.0
    sh("systemctl", "start", "monitor")
    before = int(shown("NRestarts"))
    assert within(40, lambda: int(shown("NRestarts")) > before), journal()
    assert "stalled" in journal()
    assert "atchdog timeout" in sh("journalctl", "--no-pager", "-o", "cat").stdout
    stall_s = 0.0
    sh("systemctl", "stop", "monitor")
    return "restarted"


def main() -> int:
    """0 when every check passed; a line for each."""
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    CONFIG.write_text(GOOD)
    failed = 0
    for check in (
        start_waits_for_ready,
        members_of_the_group_read_the_history,
        a_killed_daemon_is_restarted,
        a_broken_reload_keeps_the_old_configuration,
        stopping_drains_in_time,
        a_stalled_step_trips_the_watchdog,
    ):
        try:
            print(f"ok   {check.__name__} ({check()})", flush=True)
        except AssertionError as error:
            failed += 1
            print(f"FAIL {check.__name__}: {error}", flush=True)
    verified = sh("systemd-analyze", "verify", "/etc/systemd/system/monitor.service")
    print(f"{'FAIL' if verified.stderr else 'ok  '} systemd-analyze verify {verified.stderr}".rstrip())
    security = sh("systemd-analyze", "security", "monitor.service", "--no-pager").stdout.strip().splitlines()
    print(security[-1] if security else "no security report")
    return 1 if failed or verified.stderr else 0


if __name__ == "__main__":
    sys.exit(main())
