"""Alerts on the terminal, arranged as everywhere else."""

from __future__ import annotations

import sys
from datetime import datetime, tzinfo
from typing import TextIO

from rich.console import Console
from rich.text import Text

from monitor.core.model.alert import AlertMessage, Receipt, Severity
from monitor.deliver.layout import arrange, plain_lines
from monitor.errors import ChannelBroken, DeliveryFault
from monitor.ports import Clock

_STYLES = {Severity.HIGH: "bold red", Severity.NORMAL: "bold yellow", Severity.LOW: "bold"}
_PART_STYLES = {"scene": "bold", "quote": "italic", "source": "dim", "also": "dim", "story": "dim", "url": "blue"}


class ConsoleChannel:
    """Standard output, or another text stream; colours only where it is a terminal."""

    def __init__(self, name: str, *, zone: tzinfo, clock: Clock, stream: TextIO | None = None) -> None:
        self._name = name
        self._zone = zone
        self._clock = clock
        self._stream = stream

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: AlertMessage, *, key: str) -> Receipt:
        """Print the alert and a blank line; characters the stream cannot encode become "?".

        Raises:
            ChannelBroken: the stream is closed.
        """
        stream = self._stream or sys.stdout
        lines = plain_lines(arrange(message), zone=self._zone, now=self._clock.now())
        encoding = getattr(stream, "encoding", None) or "utf-8"
        console = Console(file=stream, soft_wrap=not stream.isatty(), highlight=False, markup=False, emoji=False)
        try:
            for part, line in lines:
                shown = line.encode(encoding, "replace").decode(encoding)
                style = _STYLES[message.severity] if part == "title" else _PART_STYLES.get(part, "")
                console.print(Text(shown, style=style, overflow="fold"), soft_wrap=part == "url" or None)
            console.print()
            stream.flush()
        except (OSError, ValueError) as error:
            raise ChannelBroken(DeliveryFault.CHANNEL, f"standard output: {type(error).__name__}") from error
        return Receipt(reference="console")

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """None: a terminal cannot be asked what it showed."""
        return None
