"""The real daemon against a Slack that misbehaves, killed again and again while alerts come in."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from monitor.store.database import SqlStore, open_store
from monitor.store.migrate import upgrade
from monitor.store.tables import deliveries
from monitor.store.thread_tables import threads
from monitor.store.threads import UNSETTLED
from tests.chaos.judge import Verdict, judge, read_log
from tests.chaos.slack import CLIENT_PATIENCE_S
from tests.chaos.world import Newsroom, Told, planned
from tests.databases import SCRIPTS
from tests.e2e.command import Command

START_S = 60.0  # far above what a start takes, also on a busy machine
TOKEN = "xoxb-test-token"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`gap_s` scales Slack's second a message; `feed_s` is over how long the alerts come in."""

    alerts: int
    kills: int
    seed: int
    channels: int = 3
    gap_s: float = 0.1
    burst: int = 2
    fault_share: float = 0.2
    settle_s: float = 1.5
    feed_s: float = 12.0
    life_s: tuple[float, float] = (0.3, 3.0)  # from when it is ready until it is killed
    stillborn_share: float = 0.2  # of the daemons are killed while they start
    whole: bool = False  # `monitor run` itself instead of its sending steps alone
    patience_s: float = 120.0  # without any progress


@dataclass(frozen=True, kw_only=True)
class Outcome:
    verdict: Verdict
    kills: int
    took_s: float


class Chaos:
    def __init__(self, plan: Plan, folder: Path, *, database_url: str | None = None) -> None:
        self._plan = plan
        self._folder = folder
        self._log = folder / "slack.jsonl"
        self._url = database_url or f"sqlite:///{folder / 'monitor.db'}"
        self._random = random.Random(plan.seed)
        self._told: list[Told] = planned(plan.alerts, plan.channels, random=self._random)
        self._kills = 0
        self._socket_file = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._socket_file))

    def run(self) -> Outcome:
        """Feed, kill, wait until nothing is left to do, and judge."""
        began = time.monotonic()
        upgrade(self._url, SCRIPTS)
        store = open_store(self._url)
        slack = self._start_slack()
        daemon: subprocess.Popen[bytes] | None = None
        try:
            command = self._command(self._address(slack))
            feeder = threading.Thread(target=self._feed, args=(store,), daemon=True)
            feeder.start()
            while self._kills < self._plan.kills:
                daemon = self._start_daemon(command)
                if self._random.random() < self._plan.stillborn_share:
                    self._wait_until_ready(self._random.uniform(0.2, 3.0))
                elif self._wait_until_ready(START_S):
                    time.sleep(self._random.uniform(*self._plan.life_s))
                daemon.kill()
                daemon.wait()
                self._kills += 1
            daemon = self._start_daemon(command)
            feeder.join()
            self._wait_until_idle(store)
        finally:
            if daemon is not None:
                daemon.kill()
                daemon.wait()
            assert slack.stdin
            slack.stdin.close()
            slack.wait(30)
            store.close()
            self._socket.close()
        verdict = judge(self._told, read_log(self._log), gap_s=self._plan.gap_s, burst=self._plan.burst)
        return Outcome(verdict=verdict, kills=self._kills, took_s=time.monotonic() - began)

    def _feed(self, store: SqlStore) -> None:
        newsroom = Newsroom(store)
        pause_s = self._plan.feed_s / self._plan.alerts
        for each in self._told:
            newsroom.tell(each)
            time.sleep(pause_s)

    def _wait_until_idle(self, store: SqlStore) -> None:
        """Only when to stop is asked of our own tables; what was posted never is."""
        changed_at, before = time.monotonic(), -1
        while (left := _work_left(store)) and time.monotonic() - changed_at < self._plan.patience_s:
            if left != before:
                changed_at, before = time.monotonic(), left
            time.sleep(0.2)

    def _start_slack(self) -> subprocess.Popen[str]:
        plan = self._plan
        arguments = {
            "seed": plan.seed,
            "channels": plan.channels,
            "gap": plan.gap_s,
            "burst": plan.burst,
            "faults": plan.fault_share,
            "settle": plan.settle_s,
        }
        options = [word for name, value in arguments.items() for word in (f"--{name}", str(value))]
        return subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.slack", str(self._log), *options],
            cwd=SCRIPTS.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _address(self, slack: subprocess.Popen[str]) -> str:
        assert slack.stdout
        return slack.stdout.readline().strip()

    def _command(self, api_url: str) -> Command:
        plan = self._plan
        desk: dict[str, Any] = {
            "kind": "slack",
            "token_env": "TOKEN",
            "api_url": api_url,
            "min_gap": plan.gap_s,
            "burst": plan.burst,
            "settle": plan.settle_s,
        }
        settings = {
            "database": {"url": self._url},
            "channels": {f"desk{number}": {**desk, "channel": f"#desk{number}"} for number in range(plan.channels)},
            "network": {"read_timeout": CLIENT_PATIENCE_S},
            "workers": {"count": 1},
            "alerts": {"timezone": "UTC"},
            "log": {"format": "json", "level": "warning"},
        }
        environ = {"TOKEN": TOKEN, "no_proxy": "127.0.0.1"}
        return Command(folder=self._folder, settings=settings, environ=environ)

    def _start_daemon(self, command: Command) -> subprocess.Popen[bytes]:
        senders = [sys.executable, "-m", "tests.chaos.daemon", str(command.config)]
        environ = {**os.environ, **command.environ, "NOTIFY_SOCKET": str(self._socket_file)}
        with (self._folder / "daemon.log").open("ab") as log:
            return subprocess.Popen(
                command.line("run") if self._plan.whole else senders,
                cwd=SCRIPTS.parent,
                env=environ,
                stdout=log,
                stderr=log,
            )

    def _wait_until_ready(self, patience_s: float) -> bool:
        """Whether the daemon says that it is, as it would say to a service manager."""
        deadline = time.monotonic() + patience_s
        while (left_s := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                if b"READY=1" in self._socket.recv(4096):
                    return True
            except TimeoutError:
                break
        return False


def _work_left(store: SqlStore) -> int:
    unsettled = select(func.count()).where(deliveries.c.status.in_([str(status) for status in UNSETTLED]))
    unedited = select(func.count()).where(threads.c.edit_due_at.is_not(None))
    with store.database.reading() as connection:
        return int(connection.execute(unsettled).scalar_one()) + int(connection.execute(unedited).scalar_one())


def run(plan: Plan, folder: Path, *, database_url: str | None = None) -> Outcome:
    """What became of one run."""
    return Chaos(plan, folder, database_url=database_url).run()
