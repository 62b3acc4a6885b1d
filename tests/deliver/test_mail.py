"""E-mail through the real smtplib and a mail server on loopback."""

from __future__ import annotations

import re
import ssl
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP, default

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.model.alert import AlertReason, Digest, DigestLine, Severity
from monitor.deliver.mail import MailChannel, mail_of
from monitor.deliver.mail import MailServer as Given
from monitor.errors import ChannelBroken, DeliveryFault, MessageRefused, OutcomeUnknown, Transient
from tests.deliver import samples
from tests.deliver.mail_server import HANG_UP, MailServer

TO = ("desk@news.example", "night@news.example")
KEY = "blinken-israel/landed/new_story@mail"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def channel(port: int, *, authority: trustme.CA | None = None, to=TO, **changes) -> MailChannel:
    context = ssl.create_default_context()
    if authority is not None:
        authority.configure_trust(context)
    told = Given(host="127.0.0.1", port=port, security="none", user=None, password="", timeout_s=2, ssl_context=context)
    server = replace(told, **changes)
    return MailChannel(
        "mail", server=server, sender="monitor@news.example", to=to, zone=samples.ZONE, clock=samples.StoppedClock()
    )


def test_a_mail_says_the_phase_first_and_holds_text_and_html(server):
    receipt = channel(server.port).send(samples.tour(), key=KEY)
    (taken,) = server.taken
    assert (taken.sender, taken.to) == ("monitor@news.example", TO)
    mail = taken.mail
    assert mail["Subject"].startswith("Visit under way: Antony Blinken → Israel, then Jordan and Qatar")
    assert mail["To"] == ", ".join(TO)
    assert mail["Date"] == "Tue, 29 Oct 2024 16:20:00 +0200"
    assert (mail["Auto-Submitted"], mail["Importance"]) == ("auto-generated", "high")
    assert mail["Message-ID"] == receipt.reference
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "touched down in Israel on Tuesday" in text
    assert 'href="https://harbour-wire.example/world/4711?ref=feed&amp;lang=en"' in html
    assert not re.search("<(img|script|style|link)", html)


def test_a_repeated_mail_is_the_same_mail(server):
    """Whoever gets it twice can tell by its Message-ID."""
    for _ in range(2):
        channel(server.port).send(samples.tour(), key=KEY)
    first, second = (taken.mail["Message-ID"] for taken in server.taken)
    assert first == second
    channel(server.port).send(samples.tour(), key="another-story/landed/new_story@mail")
    assert server.taken[2].mail["Message-ID"] != first


def test_a_story_is_one_conversation(server):
    """Later alerts refer to the story's first, which is known without having been sent by this process."""
    mails = channel(server.port)
    mails.send(samples.agreement(), key="gaza/agreed/phase_changed@mail")
    mails.send(replace(samples.agreement(), reason=AlertReason.NEW_STORY), key="gaza/talks/new_story@mail")
    mails.send(samples.tour(), key=KEY)
    later, first, other = (taken.mail for taken in server.taken)
    assert later["References"] == later["In-Reply-To"] == first["Message-ID"]
    assert later["Message-ID"] != first["Message-ID"] != other["Message-ID"]
    assert first["References"] is None


def test_a_condition_and_its_end_are_one_conversation(server):
    for notice in (samples.trouble(), samples.trouble_over()):
        channel(server.port).send(notice, key=f"{notice.key}@mail")
    started, ended = (taken.mail for taken in server.taken)
    assert ended["In-Reply-To"] == started["Message-ID"]
    assert started["Subject"] == "Harbour & Sons: stale"


def digest() -> Digest:
    line = DigestLine(
        story="gaza",
        type="ceasefire",
        phase="agreed",
        severity=Severity.HIGH,
        title="Talks <on> Gaza",
        who="Israel and Hamas",
        where="Gaza",
        steps=("talks", "agreed"),
        report_count=4,
        source="Harbour & Sons",
        url="https://harbour.example/1?a=1&b=2",
        at=samples.PUBLISHED,
    )
    return Digest(
        key="desk/2024-10-29",
        title="Quiet hours 23:00-07:00",
        since=samples.PUBLISHED,
        until=samples.NOW,
        lines=(line, replace(line, phase="violated", url="javascript:alert(1)")),
        left_off=3,
        created_at=samples.NOW,
    )


def test_a_digest_is_one_mail_with_a_list(server):
    receipt = channel(server.port).send(digest(), key="desk/2024-10-29@mail")
    (taken,) = server.taken
    mail = taken.mail
    assert (mail["Subject"], mail["Message-ID"]) == ("Quiet hours 23:00-07:00", receipt.reference)
    assert (mail["References"], mail["Importance"]) == (None, "high")
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Ceasefire agreed: Israel and Hamas · Gaza — Talks <on> Gaza" in text
    assert "and 3 more" in text
    assert html.count("<li>") == 2
    assert '<a href="https://harbour.example/1?a=1&amp;b=2" rel="noreferrer">Harbour &amp; Sons</a>' in html
    assert "Talks &lt;on&gt; Gaza" in html
    assert "javascript" not in html


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_the_login_goes_over_tls(authority, security):
    with MailServer(context=server_context(authority), at_once=security == "ssl", password="s3cret") as server:
        options = {"security": security, "user": "monitor", "password": "s3cret"}
        channel(server.port, authority=authority, **options).send(samples.tour(), key=KEY)
    (taken,) = server.taken
    assert (taken.was_secure, taken.user) == (True, "monitor")


def test_a_server_that_offers_no_tls_gets_neither_login_nor_mail(server):
    with pytest.raises(ChannelBroken) as caught:
        channel(server.port, security="starttls", user="monitor", password="s3cret").send(samples.tour(), key=KEY)
    assert caught.value.fault is DeliveryFault.NOT_CONFIGURED
    assert "AUTH" not in server.verbs
    assert server.taken == []


def test_a_certificate_nobody_vouches_for_is_not_trusted(authority):
    with MailServer(context=server_context(authority)) as server, pytest.raises(Transient, match=r"network\.ca_file"):
        channel(server.port, security="starttls").send(samples.tour(), key=KEY)


@pytest.mark.parametrize(
    ("answer", "expected", "fault"),
    [
        ("535 5.7.8 no", ChannelBroken, DeliveryFault.TOKEN),
        ("454 4.7.0 later", Transient, DeliveryFault.UNREACHABLE),
    ],
)
def test_a_refused_login_stops_the_channel_unless_it_passes(authority, answer, expected, fault):
    with MailServer(context=server_context(authority), password="s3cret") as server:
        server.answers["AUTH"] = [answer] * 4
        mails = channel(server.port, authority=authority, security="starttls", user="monitor", password="wr0ng-secret")
        with pytest.raises(expected) as caught:
            mails.send(samples.tour(), key=KEY)
    assert caught.value.fault is fault
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "expected", "fault"),
    [
        ({"GREETING": ["421 4.3.2 busy"]}, Transient, DeliveryFault.UNREACHABLE),
        ({"GREETING": [HANG_UP]}, Transient, DeliveryFault.UNREACHABLE),
        ({"MAIL": ["451 4.3.0 try later"]}, Transient, DeliveryFault.UNREACHABLE),
        ({"MAIL": ["550 5.7.1 not you"]}, ChannelBroken, DeliveryFault.CHANNEL),
        ({"RCPT": ["550 5.1.1 nobody", "550 5.1.1 nobody"]}, ChannelBroken, DeliveryFault.CHANNEL),
        ({"RCPT": ["450 4.2.0 greylisted", "450 4.2.0 greylisted"]}, Transient, DeliveryFault.UNREACHABLE),
        ({"RCPT": ["250 ok", "450 4.2.0 greylisted"]}, Transient, DeliveryFault.UNREACHABLE),
        ({"DATA": ["451 4.3.0 no room"]}, Transient, DeliveryFault.UNREACHABLE),
        ({"DATA": ["554 5.5.1 no"]}, MessageRefused, DeliveryFault.MESSAGE),
        ({"END": ["552 5.3.4 too big"]}, MessageRefused, DeliveryFault.MESSAGE),
        ({"END": ["451 4.3.0 no room"]}, Transient, DeliveryFault.UNREACHABLE),
        ({"DATA": [HANG_UP]}, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN),
    ],
)
def test_what_is_refused_is_told_by_whether_it_passes(server, answers, expected, fault):
    server.answers = answers
    with pytest.raises(expected) as caught:
        channel(server.port).send(samples.tour(), key=KEY)
    assert caught.value.fault is fault
    assert server.taken == []
    assert f"127.0.0.1:{server.port}" in caught.value.detail


def test_a_line_that_breaks_after_the_mail_leaves_its_outcome_unknown(server):
    """The server has it; sending it again, which is what is done, brings the same Message-ID."""
    server.answers = {"END": [HANG_UP]}
    mails = channel(server.port)
    with pytest.raises(OutcomeUnknown):
        mails.send(samples.tour(), key=KEY)
    assert mails.repeats_when_unsure
    assert mails.find(KEY, since=samples.NOW) is None
    mails.send(samples.tour(), key=KEY)
    assert len({taken.mail["Message-ID"] for taken in server.taken}) == 1


def test_a_recipient_refused_for_good_does_not_keep_the_others_from_their_mail(server, capfd):
    server.answers = {f"RCPT {TO[0]}": ["550 5.1.1 nobody"]}
    channel(server.port).send(samples.tour(), key=KEY)
    assert [taken.to for taken in server.taken] == [TO[1:]]
    assert "desk@news.example" in capfd.readouterr().out


def test_a_server_that_is_not_there_is_tried_again(server):
    port = server.port
    server.__exit__()
    with pytest.raises(Transient, match="not reached"):
        channel(port).send(samples.tour(), key=KEY)


@settings(deadline=None, max_examples=60)
@given(text=st.text(max_size=300), key=st.text(max_size=80))
def test_no_text_breaks_out_of_its_header_or_its_page(text, key):
    """Whatever a stranger writes: the headers stay ours, and the HTML has no element but ours."""
    said = replace(samples.tour(), who=text, quote=text, headline=text, source=text, url=text, story_title=text)
    mail = mail_of(said, key=key, sender="a@b.example", to=TO, zone=samples.ZONE, now=samples.NOW)
    parsed = message_from_bytes(mail.as_bytes(policy=SMTP), policy=default)
    assert [name for name in parsed if name not in ("MIME-Version", "Content-Type")] == [
        name for name in mail if name not in ("MIME-Version", "Content-Type")
    ]
    assert parsed["To"] == ", ".join(TO)
    html = list(parsed.iter_parts())[1].get_content()
    assert set(re.findall(r"<(\w+)", html)) <= {"html", "head", "meta", "body", "h2", "h3", "p", "blockquote", "a"}
    assert all(re.match(r"https?://", each) for each in re.findall(r'href="([^"]*)', html))
    assert samples.tour().severity is Severity.HIGH
