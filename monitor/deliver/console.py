"""Alerts and notices on the terminal, arranged as everywhere else."""

from __future__ import annotations

import errno
import os
from datetime import datetime, tzinfo
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from monitor.core.model.alert import Message, Receipt, Severity
from monitor.deliver.layout import message_lines
from monitor.errors import ChannelBroken, DeliveryFault
from monitor.ports import Clock

_TITLE_STYLES = {Severity.HIGH: "bold red", Severity.NORMAL: "bold yellow", Severity.LOW: "bold"}
_STYLES = {"scene": "bold", "quote": "italic", "source": "dim", "also": "dim", "story": "dim", "url": "blue"}


class TerminalConsole(Console):
    """A Rich console that shows text as it is, and leaves a broken pipe to its caller instead of ending the process."""

    def __init__(self, file: IO[str] | None = None, **options: Any) -> None:
        super().__init__(file=file, highlight=False, markup=False, emoji=False, **options)

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError; Rich's own would raise SystemExit in the middle of a delivery."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class ConsoleChannel:
    """Standard output, or another Rich console; wrapped at words on a terminal, one line a part when piped."""

    def __init__(self, name: str, *, zone: tzinfo, clock: Clock, console: Console | None = None) -> None:
        self._name = name
        self._zone = zone
        self._clock = clock
        self._console = console

    @property
    def name(self) -> str:
        return self._name

    @property
    def visible_after_s(self) -> float:
        """0: nobody can ask a terminal what it has shown."""
        return 0.0

    @property
    def repeats_when_unsure(self) -> bool:
        return True

    def send(self, message: Message, *, key: str) -> Receipt:
        """Print the message and a blank line; characters the stream cannot encode become "?".

        Raises:
            ChannelBroken: the stream is closed.
        """
        # A fresh console finds the standard output of this moment, which tests and shells redirect.
        console = self._console or TerminalConsole()
        wraps = console.is_terminal or self._console is not None
        text = Text()
        for part, line in message_lines(message, zone=self._zone, now=self._clock.now()):
            shown = line.encode(console.encoding, "replace").decode(console.encoding)
            text.append(shown, style=_TITLE_STYLES[message.severity] if part == "title" else _STYLES.get(part, ""))
            text.append("\n")
        try:
            console.print(text, soft_wrap=not wraps)
            console.file.flush()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ChannelBroken(DeliveryFault.CHANNEL, f"standard output: {why}") from error
        return Receipt(reference="console")

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """None: a terminal cannot be asked what it showed."""
        return None
