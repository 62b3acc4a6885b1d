"""A mail server on loopback that the real smtplib talks to; it answers as told and keeps what it took.

RFC 5321, one session a connection. A repeat is taken as often as it comes.
"""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

HANG_UP = "hang up"


@dataclass(frozen=True, kw_only=True)
class Taken:
    sender: str
    to: tuple[str, ...]
    data: bytes
    was_secure: bool
    user: str | None

    @property
    def mail(self) -> EmailMessage:
        found = message_from_bytes(self.data, policy=default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class MailServer:
    """`answers` has what to say instead of the usual: by verb ("RCPT", "RCPT a@b.example", "DATA", "END" for the
    mail's end, "AUTH", "GREETING"), a list of answers of which each is used once; HANG_UP cuts the line.
    """

    context: ssl.SSLContext | None = None
    at_once: bool = False  # TLS from the first byte
    password: str | None = None
    answers: dict[str, list[str]] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)

    def __enter__(self) -> MailServer:
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self.at_once and self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            _Session(self, connection).run()
        connection.close()

    def scripted(self, *verbs: str) -> str | None:
        """The next scripted answer of the first of these that has one."""
        for verb in verbs:
            if self.answers.get(verb):
                return self.answers[verb].pop(0)
        return None


class _Session:
    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self._server = server
        self._connection: Any = connection
        self._stream = connection.makefile("rb")
        self._is_secure = server.at_once
        self._user: str | None = None
        self._sender = ""
        self._to: list[str] = []

    def run(self) -> None:
        if not self._say("220 mail.example ready", "GREETING"):
            return
        while line := self._stream.readline().decode().rstrip("\r\n"):
            verb = line.partition(" ")[0].upper()
            self._server.verbs.append(verb)
            if not self._do(verb, line):
                return

    def _do(self, verb: str, line: str) -> bool:
        match verb:
            case "EHLO":
                offers = ["mail.example"]
                offers += ["STARTTLS"] if self._server.context is not None and not self._is_secure else []
                offers += ["AUTH PLAIN"] if self._server.password is not None else []
                marks = ["-"] * (len(offers) - 1) + [" "]
                return self._say("\r\n".join(f"250{m}{o}" for m, o in zip(marks, offers, strict=True)), verb)
            case "STARTTLS":
                self._say("220 go on", verb)
                assert self._server.context is not None
                self._connection = self._server.context.wrap_socket(self._connection, server_side=True)
                self._stream = self._connection.makefile("rb")
                self._is_secure = True
                return True
            case "AUTH":
                _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                is_right = password == self._server.password
                self._user = user if is_right else None
                return self._say("235 welcome" if is_right else "535 5.7.8 who are you", verb)
            case "MAIL":
                self._sender, self._to = _address(line), []
                return self._say("250 ok", verb)
            case "RCPT":
                answer = self._server.scripted(f"RCPT {_address(line)}", "RCPT") or "250 ok"
                if answer.startswith("250"):
                    self._to.append(_address(line))
                return self._say(answer)
            case "DATA":
                if not self._say("354 go on", verb):
                    return False
                return self._take() if self._said.startswith("354") else True
            case "QUIT":
                self._say("221 bye", verb)
                return False
            case _:
                return self._say("250 ok", verb)

    def _take(self) -> bool:
        lines = []
        while (line := self._stream.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        answer = self._server.scripted("END") or "250 queued"
        if answer.startswith(("250", HANG_UP)):  # a line cut after the end: taken, and nobody knows
            self._server.taken.append(
                Taken(
                    sender=self._sender,
                    to=tuple(self._to),
                    data=b"".join(lines),
                    was_secure=self._is_secure,
                    user=self._user,
                )
            )
        return self._say(answer)

    def _say(self, usual: str, *verbs: str) -> bool:
        self._said = self._server.scripted(*verbs) or usual
        if self._said == HANG_UP:
            return False
        self._connection.sendall(f"{self._said}\r\n".encode())
        return not self._said.startswith("421")


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
