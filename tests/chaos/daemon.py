"""The daemon with nothing but its sending steps, which starts fast: `python -m tests.chaos.daemon CONFIG`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.ops.clock import SystemClock
from monitor.ops.log import configure_logging
from monitor.ops.notify import Notifier
from monitor.ops.owner import is_dead, own_name
from monitor.schedule.daemon import Daemon
from monitor.schedule.signals import Wishes
from monitor.settings.load import load_settings
from monitor.steps.step import Step
from monitor.store.database import open_store
from monitor.telling import outbound_steps


def main() -> None:
    """Send until killed; opened as `monitor.app` opens it."""
    loaded = load_settings(Path(sys.argv[1]), environ=os.environ)
    configure_logging(format="json", level="warning")
    store = open_store(loaded.settings.database.url, owner=own_name())

    def load() -> Sequence[Step]:
        store.release_leases(is_dead)
        store.outbox.unpark(channels=tuple(loaded.settings.channels))
        return outbound_steps(loaded, store=store, environ=os.environ, clock=SystemClock())

    Daemon(notifier=Notifier(os.environ), wishes=Wishes(), load=load).run()


if __name__ == "__main__":
    main()
