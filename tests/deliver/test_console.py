"""Alerts on the terminal."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from monitor.deliver.console import ConsoleChannel, TerminalConsole
from monitor.deliver.layout import render_plain
from monitor.errors import ChannelBroken
from tests.deliver import samples
from tests.deliver.test_slack_blocks import messages


def channel(stream: object = None, **options: object) -> ConsoleChannel:
    console = TerminalConsole(stream, **options) if stream else None
    return ConsoleChannel("console", zone=samples.ZONE, clock=samples.StoppedClock(), console=console)


def test_piped_output_has_one_line_a_part_without_colours(capsys):
    channel().send(samples.tour(), key="k1")
    printed = capsys.readouterr().out
    lines = render_plain(samples.tour(), zone=samples.ZONE, now=samples.NOW)
    assert printed == "\n".join(lines) + "\n\n"


def test_a_terminal_gets_colours_and_whole_words():
    stream = io.StringIO()
    channel(stream, force_terminal=True, color_system="standard", width=60).send(samples.tour(), key="k1")
    assert "\x1b[1;31mVisit under way" in stream.getvalue()
    assert max(len(Text.from_ansi(line).plain.rstrip()) for line in stream.getvalue().split("\n")) <= 60


def test_markup_in_a_title_is_shown_as_text(capsys):
    said = samples.report("visit", "under_way", "[bold]He[/bold] came :smile: [/]", samples.Roles())
    message = samples.alert_message(
        samples.filed(said, "[red]x"),
        reason=samples.AlertReason.NEW_STORY,
        severity=samples.Severity.LOW,
        story_title="",
        also_reported_by=(),
    )
    channel().send(message, key="k1")
    assert "“[bold]He[/bold] came :smile: [/]”" in capsys.readouterr().out


def test_no_escape_sequence_of_a_title_reaches_the_terminal(capsys):
    channel().send(samples.hostile(), key="k1")
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_stream_of_any_encoding_takes_every_alert(encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    channel(stream).send(samples.tour(), key="k1")
    stream.flush()
    assert b"Antony Blinken" in raw.getvalue()


@given(messages.filter(lambda message: message.phase), st.sampled_from(["ascii", "utf-8"]))
def test_no_text_breaks_the_terminal(message, encoding):
    channel(io.TextIOWrapper(io.BytesIO(), encoding=encoding)).send(message, key="k1")


def test_a_closed_output_parks_the_channel():
    stream = io.StringIO()
    closed = channel(stream)
    stream.close()
    with pytest.raises(ChannelBroken):
        closed.send(samples.tour(), key="k1")


def test_an_output_that_nobody_reads_any_more_parks_the_channel():
    """As in `monitor run --once | head -1`, in a process of its own."""
    script = (
        "import os, sys\n"
        "from tests.deliver import samples\n"
        "from monitor.deliver.console import ConsoleChannel\n"
        "from monitor.errors import ChannelBroken\n"
        "read, write = os.pipe()\n"
        "os.close(read)\n"
        "os.dup2(write, 1)\n"
        "try:\n"
        "    ConsoleChannel('c', zone=samples.ZONE, clock=samples.StoppedClock()).send(samples.tour(), key='k')\n"
        "except ChannelBroken as error:\n"
        "    print(error, file=sys.stderr)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.strip() == "standard output: Broken pipe"
