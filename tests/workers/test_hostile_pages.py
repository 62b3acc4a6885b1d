"""Pages made to hang a parser cost one worker for the time allowed, are named, and the next page is served at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.core.model.feed import PollReason
from monitor.errors import WorkerFailed
from monitor.workers.pool import WorkerPool

_URL = "https://harbour.example/2025/envoy"
_MEMORY = 1 << 30
_GOOD = (
    b"<html><body><article><p>"
    + b"The minister arrived in Port Alder for talks. " * 20
    + b"</p></article></body></html>"
)
_LD = b"<script type='application/ld+json'>%s</script>"


def page(body: bytes, head: bytes = b"") -> bytes:
    return b"<html><head>" + head + b"</head><body><article>" + body + b"</article></body></html>"


# Measured on two cores: 20 s and 50 s, so that a second is far too short on any machine.
ENDLESS = {
    "attributes": page(b"<p " + b" ".join(b"a%d='1'" % n for n in range(85_000)) + b">x</p>"),
    "eighteen megabytes": page(b"<p>The minister arrived in Port Alder for talks with the council.</p>" * 270_000),
}
# Each takes a tenth of a second or so, whatever its size promises; two seconds for the crowds of small elements.
BEARABLE = {
    "deep blocks": page(b"<div>" * 100_000 + b"words"),
    "deep inline": page(b"<b>" * 50_000 + b"words"),
    "unclosed lists": page(b"<ul><li>" * 50_000 + b"words"),
    "escaped comments": page(b"<p>" + b"&lt;!--" * 100_000),
    "raw comments": page(b"<p>" + b"<!--" * 100_000),
    "entities": page(b"<p>" + b"&amp;lt;" * 500_000),
    "nested JSON-LD": page(b"<p>x</p>", _LD % (b"[" * 2_500_000 + b"]" * 2_500_000)),
    "wide JSON-LD": page(b"<p>x</p>", _LD % (b"[" + b'{"@type":"Article","headline":"x"},' * 150_000 + b"{}]")),
    "broken JSON-LD": page(b"<p>x</p>", _LD % (b'{"a":' * 800_000)),
    "endless date": page(b"<p>x</p>", b"<meta name='date' content='" + b"2025-01-01T00:00:00 " * 200_000 + b"'>"),
    "date of digits": page(b"<p>x</p>", b"<meta name='date' content='" + b"9" * 2_000_000 + b"'>"),
    "endless byline": page(b"<p>x</p>", b"<meta name='author' content='" + b"By A and By " * 200_000 + b"'>"),
    "selector bomb": page(
        b"<p>x</p>" * 1000,
        _LD
        % (
            b'{"@type":"Article","isAccessibleForFree":false,"hasPart":[{"isAccessibleForFree":false,"cssSelector":"'
            + b"* " * 50_000
            + b'"}]}'
        ),
    ),
    "consent words": page(b"<p>" + b"cookies privacy accept " * 100_000),
    "one line": page(b"<p>" + b"a" * 3_000_000),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_page_without_end_costs_one_worker_and_the_next_is_served(name):
    """It is ended when its time is up and named; the pool goes on with a fresh process."""
    with WorkerPool(1, 20.0, _MEMORY) as warm:
        expected = warm.extract_article(_GOOD, url=_URL, content_type=None)
    with WorkerPool(1, 1.0, _MEMORY) as pool:
        pool.extract_article(_GOOD, url=_URL, content_type=None)
        before = pool.process_ids
        with pytest.raises(WorkerFailed) as caught:
            pool.extract_article(ENDLESS[name], url=_URL, content_type=None)
        assert caught.value.reason is PollReason.PARSER_TIMEOUT
        assert pool.process_ids == ()
        assert pool.extract_article(_GOOD, url=_URL, content_type=None) == expected
        assert pool.process_ids != before


@pytest.fixture(scope="module")
def pool():
    with WorkerPool(1, 20.0, _MEMORY) as pool:
        yield pool


@pytest.mark.parametrize("name", BEARABLE)
def test_a_page_that_only_looks_endless_is_read_in_time(pool, name):
    """The same worker serves the next page."""
    pool.extract_article(BEARABLE[name], url=_URL, content_type=None)
    (pid,) = pool.process_ids
    assert "Port Alder" in pool.extract_article(_GOOD, url=_URL, content_type=None).text
    assert pool.process_ids == (pid,)


def test_an_undated_page_loads_no_tables_of_date_words():
    """dateparser's would cost the first such page of every process two seconds."""
    program = (
        "import sys; from monitor.core.extract.article import extract_article\n"
        "extract_article(sys.stdin.buffer.read(), url='https://harbour.example/a', content_type=None)\n"
        "print([m for m in sys.modules if m.split('.')[0] == 'dateparser'])"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, input=_GOOD, capture_output=True, check=True)
    assert ran.stdout.decode().strip() == "[]"
