"""Bodies decoded under a cap."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.body import BodyNotDecodable, BodyTooLarge, BodyTruncated, Decoder, read_body

ENCODERS = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "identity": lambda body: body,
}


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@given(st.binary(max_size=3000), st.sampled_from(sorted(ENCODERS)), st.integers(1, 700))
def test_decoding_gives_back_what_was_encoded(body, encoding, size):
    """However the network cuts it."""
    encoded = ENCODERS[encoding](body)
    assert read_body(pieces(encoded, size), encoding=encoding, max_bytes=max(len(body), len(encoded))) == body


@given(st.binary(min_size=1, max_size=2000), st.sampled_from(["gzip", "deflate"]), st.data())
def test_a_cut_body_is_never_taken_for_a_whole_one(body, encoding, data):
    """At whatever byte it was cut."""
    encoded = ENCODERS[encoding](body)
    cut = data.draw(st.integers(1, len(encoded) - 1))
    with pytest.raises((BodyTruncated, BodyNotDecodable)):
        read_body([encoded[:cut]], encoding=encoding, max_bytes=10_000)


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5), st.integers(1, 90))
def test_gzip_members_are_read_one_after_another(bodies, size):
    """As some servers and archives join them (RFC 1952, 2.2)."""
    encoded = b"".join(gzip.compress(body) for body in bodies)
    assert read_body(pieces(encoded, size), encoding="gzip", max_bytes=10_000) == b"".join(bodies)


def test_padding_behind_gzip_is_dropped():
    """Zeros or rubbish after the end are no part of the body."""
    assert read_body([gzip.compress(b"x"), b"\0" * 99, b"rubbish"], encoding="gzip", max_bytes=999) == b"x"


@given(st.binary(max_size=500), st.sampled_from(["gzip", "deflate", "br", None, "GZIP", "gzip, br", ""]))
def test_no_bytes_break_the_decoder(data, encoding):
    """It ends with a body or one of its own three errors."""
    with suppress(BodyTooLarge, BodyNotDecodable, BodyTruncated):
        assert len(read_body([data], encoding=encoding, max_bytes=100)) <= 100


def test_an_empty_body_is_empty_in_every_encoding():
    """Servers label empty bodies, too."""
    assert {read_body([], encoding=e, max_bytes=9) for e in ("gzip", "deflate", None, "identity")} == {b""}


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_never_takes_more_memory_than_the_cap(encoding):
    """A hundred megabytes in a hundred kilobytes stop at the first byte too many."""
    bomb = ENCODERS[encoding](bytes(100_000_000))
    decoder = Decoder(encoding, max_bytes=1_000_000)
    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        decoder.feed(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert len(decoder.so_far) == 1_000_000


def test_empty_members_without_end_are_too_large():
    """They decode to nothing for ever, so what comes in is counted as well."""
    with pytest.raises(BodyTooLarge):
        read_body((gzip.compress(b"") for _ in range(1000)), encoding="gzip", max_bytes=10_000)
