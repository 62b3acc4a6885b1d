"""Lines of bytes from files and pipes: none ever held beyond a limit, and a pipe's pauses are seen."""

from __future__ import annotations

import gzip
import io
import os
import select
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from monitor.cli.exits import CommandFailed

STDIN = Path("-")
TICK_S = 0.25  # how long a silent pipe is waited for before the caller gets a turn
_CHUNK = 256 * 1024


def read_lines(path: Path, *, max_bytes: int) -> Iterator[bytes | None]:
    """The file's lines without their ends, None whenever a pipe is silent for TICK_S; - is standard input.

    Of a line longer than `max_bytes`, that many bytes and one more. A file may be gzipped.

    Raises:
        CommandFailed: the file cannot be read, or is broken half-way.
    """
    try:
        if path == STDIN:
            yield from _split(_chunks(sys.stdin.buffer), max_bytes)
            return
        with path.open("rb") as stream:
            yield from _split(_chunks(stream), max_bytes)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandFailed(f"{path}: cannot be read: {reason.lower()}") from error


def _split(chunks: Iterable[bytes | None], max_bytes: int) -> Iterator[bytes | None]:
    begun = bytearray()
    for chunk in chunks:
        if chunk is None:
            yield None
            continue
        first, *others = chunk.split(b"\n")
        begun += first[: max_bytes + 1 - len(begun)]
        for other in others:
            yield bytes(begun)
            begun = bytearray(other[: max_bytes + 1])
    if begun:
        yield bytes(begun)


def _chunks(stream: BinaryIO) -> Iterator[bytes | None]:
    number = None
    with suppress(OSError, AttributeError):  # a stream of a test, which is no file
        number = stream.fileno()
    if number is not None and not stat.S_ISREG(os.fstat(number).st_mode):
        yield from _chunks_of_pipe(number)
        return
    buffered = io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream
    if isinstance(buffered, io.BufferedReader) and buffered.peek(2)[:2] == b"\x1f\x8b":
        stream = gzip.GzipFile(fileobj=buffered)  # type: ignore[assignment]  # reads like any other
    while chunk := stream.read(_CHUNK):
        yield chunk


def _chunks_of_pipe(number: int) -> Iterator[bytes | None]:
    while True:
        readable, _, _ = select.select([number], [], [], TICK_S)
        if not readable:
            yield None
            continue
        chunk = os.read(number, _CHUNK)
        if not chunk:
            return
        yield chunk
