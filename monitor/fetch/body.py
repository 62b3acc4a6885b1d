"""Bodies, decoded under a cap on what comes out, not on what came in."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

_GZIP = ("gzip", "x-gzip")
_DEFLATE = ("deflate",)
ACCEPT_ENCODING = "gzip, deflate"


class BodyTooLarge(Exception):
    """More decoded bytes than allowed."""


class BodyNotDecodable(Exception):
    """The content encoding is unknown, or the bytes are not of that encoding."""


class BodyTruncated(Exception):
    """The body ends before its encoding says so."""


class Decoder:
    """Decodes one body piece by piece; never holds more than the cap and one piece."""

    def __init__(self, encoding: str | None, *, max_bytes: int) -> None:
        """Raises: BodyNotDecodable for an encoding that was not asked for (br and zstd have no cap)."""
        name = _single_encoding(encoding)
        self._inflater = None if name == "identity" else _Inflater(name)
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._raw_size = 0

    @property
    def so_far(self) -> bytes:
        """What has been decoded up to now, cut at the cap."""
        return b"".join(self._parts)

    def feed(self, piece: bytes) -> None:
        """Raises: BodyTooLarge, BodyNotDecodable."""
        self._raw_size += len(piece)
        if self._inflater is None:
            self._keep(piece)
        else:
            for decoded in self._inflater.inflate(piece, lambda: self._max_bytes - self._size + 1):
                self._keep(decoded)
        if self._raw_size > self._max_bytes:
            # Empty gzip members, one after another, decode to nothing for ever.
            raise BodyTooLarge(f"the body has more than {self._max_bytes} bytes")

    def finish(self) -> bytes:
        """The whole decoded body.

        Raises: BodyTruncated, when the compressed stream has no end.
        """
        if self._inflater is not None and self._inflater.is_unfinished:
            raise BodyTruncated("the compressed body ends in the middle")
        return self.so_far

    def _keep(self, piece: bytes) -> None:
        room = self._max_bytes - self._size
        self._parts.append(piece[:room] if len(piece) > room else piece)
        self._size += len(piece)
        if self._size > self._max_bytes:
            raise BodyTooLarge(f"the body has more than {self._max_bytes} bytes when decoded")


class _Inflater:
    """gzip of any number of members, or deflate with or without its zlib wrapping."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16 if encoding == "gzip" else zlib.MAX_WBITS)
        self._started = False
        self._ended = False

    @property
    def is_unfinished(self) -> bool:
        return self._started and not self._stream.eof

    def inflate(self, piece: bytes, room: Callable[[], int]) -> Iterator[bytes]:
        """What the piece decodes to, in parts of at most `room()` bytes, asked before each part."""
        while piece and not self._ended:
            if self._stream.eof and not self._start_next_member(piece):
                return
            yield self._decompress(piece, room())
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def _decompress(self, piece: bytes, limit: int) -> bytes:
        try:
            decoded = self._stream.decompress(piece, limit)
        except zlib.error as error:
            if self._encoding != "deflate" or self._started:
                raise BodyNotDecodable(f"the body is not {self._encoding}: {error}") from error
            # "deflate" means zlib (RFC 9110, 8.4.1.2); some servers send it bare.
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
            self._started = True
            return self._decompress(piece, limit)
        self._started = True
        return decoded

    def _start_next_member(self, rest: bytes) -> bool:
        """Whether more gzip follows a finished member; padding and all else ends the body."""
        if self._encoding == "gzip" and rest.startswith(b"\x1f"):
            self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            return True
        self._ended = True
        return False


def read_body(pieces: Iterable[bytes], *, encoding: str | None, max_bytes: int) -> bytes:
    """The decoded body.

    Raises: BodyTooLarge, BodyNotDecodable, BodyTruncated, and whatever `pieces` raises.
    """
    decoder = Decoder(encoding, max_bytes=max_bytes)
    for piece in pieces:
        decoder.feed(piece)
    return decoder.finish()


def _single_encoding(value: str | None) -> str:
    names = [name.strip().lower() for name in (value or "").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return "identity"
    if len(names) == 1 and names[0] in _GZIP:
        return "gzip"
    if len(names) == 1 and names[0] in _DEFLATE:
        return "deflate"
    raise BodyNotDecodable(f"asked for {ACCEPT_ENCODING}, got {', '.join(names)[:80]!r}")
