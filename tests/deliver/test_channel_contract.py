"""What every kind of channel promises; a new kind joins by one stand in STANDS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monitor.core.model.alert import Receipt
from monitor.deliver.registry import KINDS, build_channels
from monitor.ports import Channel
from monitor.settings import schema
from tests.deliver import samples
from tests.deliver.hook_server import HookServer
from tests.deliver.mail_server import MailServer
from tests.slack_server import FakeSlack


@dataclass(kw_only=True)
class Stand:
    """A configured channel with its other side at hand; `taken` counts what that side accepted."""

    channel: Channel
    taken: Callable[[], int]


def _built(item: schema.ChannelItem, environ: dict[str, str]) -> Channel:
    (channel,) = build_channels(
        {"given-name": item},
        environ=environ,
        credentials_dir=None,
        zone=samples.ZONE,
        clock=samples.StoppedClock(),
        network=schema.Network(),
    )
    return channel


@contextmanager
def _slack(_: object) -> Iterator[Stand]:
    with FakeSlack(now=samples.NOW.timestamp) as server:
        item = schema.SlackChannel(kind="slack", channel="#alerts", token_env="T", api_url=server.url, min_gap=0.001)
        yield Stand(channel=_built(item, {"T": server.token}), taken=lambda: len(server.posts))


@contextmanager
def _webhook(_: object) -> Iterator[Stand]:
    with HookServer() as server:
        item = schema.WebhookChannel(kind="webhook", url=server.url)
        yield Stand(channel=_built(item, {}), taken=lambda: len(server.accepted))


@contextmanager
def _console(capsys: pytest.CaptureFixture[str]) -> Iterator[Stand]:
    channel = _built(schema.ConsoleChannel(kind="console"), {})
    yield Stand(channel=channel, taken=lambda: capsys.readouterr().out.count("\n\n"))


@contextmanager
def _email(_: object) -> Iterator[Stand]:
    with MailServer() as server:
        item = schema.EmailChannel(
            kind="email", host="127.0.0.1", port=server.port, security="none", sender="a@b.example", to=("c@d.example",)
        )
        yield Stand(channel=_built(item, {}), taken=lambda: len(server.taken))


@contextmanager
def _apprise(_: object) -> Iterator[Stand]:
    pytest.importorskip("apprise", reason="the optional extra is not installed")
    with HookServer() as server:
        item = schema.AppriseChannel(kind="apprise", url_env="U")
        address = server.url.replace("http://", "json://")
        yield Stand(channel=_built(item, {"U": address}), taken=lambda: len(server.accepted))


@contextmanager
def _feed_file(_: object) -> Iterator[Stand]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "alerts.xml"
        item = schema.FeedFileChannel(kind="feed_file", path=str(path))
        yield Stand(channel=_built(item, {}), taken=lambda: path.read_text().count("<entry>"))


STANDS = {
    "apprise": _apprise,
    "console": _console,
    "email": _email,
    "feed_file": _feed_file,
    "slack": _slack,
    "webhook": _webhook,
}


@pytest.fixture(params=sorted(KINDS))
def stand(request, capsys) -> Iterator[Stand]:
    with STANDS[request.param](capsys) as ready:
        yield ready


def test_every_registered_kind_has_a_stand():
    assert set(STANDS) == set(KINDS)


def test_a_channel_goes_by_its_configured_name(stand):
    assert stand.channel.name == "given-name"


@pytest.mark.parametrize("case", samples.CASES)
def test_one_send_is_one_message_with_a_receipt(stand, case):
    receipt = stand.channel.send(samples.CASES[case](), key="k1")
    assert isinstance(receipt, Receipt)
    assert receipt.reference
    assert stand.taken() == 1


def test_finding_sends_nothing(stand):
    stand.channel.send(samples.tour(), key="k1")
    stand.channel.find("k1", since=samples.NOW)
    assert stand.channel.find("never sent", since=samples.NOW) is None
    assert stand.taken() == 1


def test_what_is_found_is_what_was_sent(stand):
    receipt = stand.channel.send(samples.tour(), key="k1")
    assert stand.channel.find("k1", since=samples.NOW) in (receipt, None)
