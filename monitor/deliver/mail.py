"""Alerts as e-mail over SMTP, one connection a message.

SMTP knows no repeat. The Message-ID is made from the delivery key, so a message that is sent again
after a lost answer is the same message, which many servers and clients show once; and a story's later
messages refer to its first, so that clients show one conversation (RFC 5322, section 3.6.4).
"""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import structlog

from monitor.core.alert.message import cut_at_word
from monitor.core.model.alert import AlertMessage, AlertReason, Message, Notice, NoticeState, Receipt, Severity
from monitor.deliver.layout import arrange, clean, one_liner
from monitor.deliver.pages import html_page, text_page
from monitor.errors import ChannelBroken, DeliveryError, DeliveryFault, MessageRefused, OutcomeUnknown, Transient
from monitor.ports import Clock

log = structlog.get_logger("deliver")

_SUBJECT_LENGTH = 180
_TAKEN = 250
_SAID = 200  # characters of a server's refusal that are kept


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mail is handed in. `security` is starttls, ssl or none; without a user nobody logs in."""

    host: str
    port: int
    security: str
    user: str | None
    password: str
    timeout_s: float
    ssl_context: ssl.SSLContext


class MailChannel:
    """One sender and its recipients."""

    def __init__(
        self, name: str, *, server: MailServer, sender: str, to: tuple[str, ...], zone: tzinfo, clock: Clock
    ) -> None:
        self._name = name
        self._server = server
        self._sender = sender
        self._to = to
        self._zone = zone
        self._clock = clock

    @property
    def name(self) -> str:
        return self._name

    @property
    def visible_after_s(self) -> float:
        """0: nobody can ask a mail server what it took."""
        return 0.0

    @property
    def repeats_when_unsure(self) -> bool:
        """True: a mail twice under one Message-ID is better than none."""
        return True

    def send(self, message: Message, *, key: str) -> Receipt:
        """Hand the mail in; the reference is its Message-ID.

        Nothing is sent while the server refuses one of the recipients for the moment; those it
        refuses for good are left out and logged, unless that is all of them.

        Raises: Transient, OutcomeUnknown, ChannelBroken, MessageRefused.
        """
        mail = mail_of(message, key=key, sender=self._sender, to=self._to, zone=self._zone, now=self._clock.now())
        with self._named_faults(), self._connection() as smtp:
            self._offer(smtp)
            self._hand_over(smtp, mail.as_bytes(policy=SMTP))
        return Receipt(reference=str(mail["Message-ID"]))

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """None: what a mail server took, it does not tell."""
        return None

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """An open session, greeted, secured and logged in as configured."""
        server = self._server
        own = socket.gethostname()
        own = own if "." in own else "[127.0.0.1]"  # else smtplib asks the name server who we are
        smtp: smtplib.SMTP
        if server.security == "ssl":
            smtp = smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=own, timeout=server.timeout_s, context=server.ssl_context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, local_hostname=own, timeout=server.timeout_s)
        try:
            if server.security == "starttls":
                smtp.starttls(context=server.ssl_context)
            if server.user is not None:
                smtp.login(server.user, server.password)
            yield smtp
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()

    def _offer(self, smtp: smtplib.SMTP) -> None:
        """Name sender and recipients. Raises: Transient, ChannelBroken."""
        smtp.ehlo_or_helo_if_needed()
        code, said = smtp.mail(self._sender)
        if code != _TAKEN:
            raise self._refusal(code, said, f"sender {self._sender}", ChannelBroken)
        answers = {each: smtp.rcpt(each) for each in self._to}
        refused = {each: (code, said) for each, (code, said) in answers.items() if not 200 <= code < 300}
        for each, (code, said) in refused.items():
            if code < 500 or len(refused) == len(self._to):
                raise self._refusal(code, said, f"recipient {each}", ChannelBroken)
        for each, (code, said) in refused.items():
            log.warning("recipient left out", channel=self._name, recipient=each, said=_words(said), status=code)

    def _hand_over(self, smtp: smtplib.SMTP, body: bytes) -> None:
        """Send the mail itself. Raises: Transient, MessageRefused, OutcomeUnknown."""
        try:
            code, said = smtp.data(body)
        except smtplib.SMTPDataError as error:
            raise self._refusal(error.smtp_code, error.smtp_error, "the mail", MessageRefused) from None
        except (OSError, smtplib.SMTPException) as error:
            detail = self._said(f"the answer was lost ({type(error).__name__})")
            raise OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, detail) from None
        if not 200 <= code < 300:
            raise self._refusal(code, said, "the mail", MessageRefused)

    @contextmanager
    def _named_faults(self) -> Iterator[None]:
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            raise self._login_refused(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            detail = self._said(f"the server cannot do what is configured: {error}")
            raise ChannelBroken(DeliveryFault.NOT_CONFIGURED, detail) from None
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, error.smtp_error, "the connection", ChannelBroken) from None
        except ssl.SSLCertVerificationError as error:
            detail = self._said(f"its certificate is not trusted ({error.verify_message}); see network.ca_file")
            raise Transient(DeliveryFault.UNREACHABLE, detail) from None
        except (smtplib.SMTPException, OSError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise Transient(DeliveryFault.UNREACHABLE, self._said(f"not reached ({why})")) from None

    def _login_refused(self, code: int, said: bytes | str) -> DeliveryError:
        detail = self._said(f"refused the login: {code} {_words(said)}")
        if code < 500:
            return Transient(DeliveryFault.UNREACHABLE, detail)
        return ChannelBroken(DeliveryFault.TOKEN, detail)

    def _refusal(
        self, code: int, said: bytes | str, what: str, lasting: type[ChannelBroken] | type[MessageRefused]
    ) -> DeliveryError:
        """The error for a refusal: 4xx passes (RFC 5321, section 4.2.1), 5xx stays."""
        detail = self._said(f"refused {what}: {code} {_words(said)}")
        if code < 500:
            return Transient(DeliveryFault.UNREACHABLE, detail)
        if lasting is MessageRefused:
            return MessageRefused(DeliveryFault.MESSAGE, detail)
        return ChannelBroken(DeliveryFault.CHANNEL, detail)

    def _said(self, what: str) -> str:
        return f"mail server {self._server.host}:{self._server.port}: {what}"


def mail_of(
    message: Message, *, key: str, sender: str, to: tuple[str, ...], zone: tzinfo, now: datetime
) -> EmailMessage:
    """The message as a mail in plain text and HTML."""
    mail = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    own, first = message_ids(message, key=key, domain=domain)
    mail["From"] = sender
    mail["To"] = ", ".join(to)
    mail["Subject"] = cut_at_word(subject_of(message), _SUBJECT_LENGTH)
    mail["Date"] = format_datetime(now.astimezone(zone))
    mail["Message-ID"] = own
    if first != own:
        mail["In-Reply-To"] = first
        mail["References"] = first
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    if message.severity is Severity.HIGH:
        mail["Importance"] = "high"
    mail.set_content(text_page(message, zone=zone, now=now), cte="quoted-printable")
    mail.add_alternative(html_page(message, zone=zone, now=now), subtype="html", cte="quoted-printable")
    return mail


def subject_of(message: Message) -> str:
    """One line, the phase first."""
    if isinstance(message, AlertMessage):
        return one_liner(arrange(message))
    return clean(message.title) or "News monitor"


def message_ids(message: Message, *, key: str, domain: str) -> tuple[str, str]:
    """The Message-ID of this delivery, and that of the first message of its conversation.

    A conversation is a story's alerts, or a condition's notices. Its first message is known by what
    it says, a new story or a beginning, so no memory is needed to refer to it.
    """
    content, _, channel = key.rpartition("@")
    own = _message_id(key, domain)
    if isinstance(message, AlertMessage):
        about, is_first = content.partition("/")[0], message.reason is AlertReason.NEW_STORY
    elif isinstance(message, Notice):
        about, is_first = content.rpartition("/")[0], message.state is NoticeState.STARTED
    else:
        return own, own
    if not about:
        return own, own
    first = _message_id(f"first of {about}@{channel}", domain)
    return (first, first) if is_first else (own, first)


def _message_id(text: str, domain: str) -> str:
    return f"<{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:40]}@{domain}>"


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return clean(text)[:_SAID]
