"""Keeps a line to each Slack app, as one configuration after the other wants them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from monitor.core.alert.backoff import resend_delay_s
from monitor.ports import Clock
from monitor.socketmode.desk import Desk
from monitor.socketmode.line import PING_S, SlackLine
from monitor.socketmode.reply import Reply
from monitor.socketmode.requests import Request
from monitor.steps.step import Step, Work

log = structlog.get_logger("slack-app")

_REFUSED = frozenset({"invalid_auth", "not_authed", "token_revoked", "account_inactive", "not_allowed_token_type"})
_REFUSED_AGAIN_S = 300.0  # a token is mended by people
_LONGEST_WAIT_S = 60.0  # somebody may be waiting to press a button


@dataclass(frozen=True, kw_only=True)
class SlackApp:
    """An app that may be talked to. `client` has the bot's token, `app_token` is the app's own."""

    channel: str  # the configured channel that brought it, for people
    app_token: str
    client: WebClient


@dataclass
class _Kept:
    app: SlackApp
    line: SlackLine | None = None
    team_id: str | None = None
    failures: int = 0
    due_at: datetime | None = None
    is_opening: bool = False


class SocketModeService:
    """Lives as long as the process; `configure` follows its configuration.

    Nothing of it stops anything else: a line that cannot be opened is tried again, ever more rarely.
    """

    name = "slack-app"
    threads = 1

    def __init__(self, *, clock: Clock, ping_s: float = PING_S) -> None:
        self._clock = clock
        self._ping_s = ping_s
        self._desk: Desk | None = None
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    @property
    def open_count(self) -> int:
        """How many lines are up just now."""
        with self._lock:
            return sum(1 for kept in self._kept.values() if kept.line is not None and kept.line.is_up())

    def configure(self, apps: Sequence[SlackApp], desk: Desk) -> tuple[Step, ...]:
        """The steps of this configuration; lines of apps that are in it no more are closed."""
        wanted = {app.app_token: app for app in apps}
        with self._lock:
            self._desk = desk
            gone = [self._kept.pop(token) for token in list(self._kept) if token not in wanted]
            for token, app in wanted.items():
                self._kept.setdefault(token, _Kept(app=app)).app = app
        _close(gone)
        return (self,) if wanted else ()

    def close(self) -> None:
        """Hang up every line."""
        with self._lock:
            gone, self._kept = list(self._kept.values()), {}
        _close(gone)

    def claim(self, limit: int) -> tuple[Work, ...]:
        """One work for each line that is down and may be tried again."""
        now = self._clock.now()
        with self._lock:
            down = [
                kept
                for kept in self._kept.values()
                if not kept.is_opening
                and (kept.due_at is None or kept.due_at <= now)
                and not (kept.line is not None and kept.line.is_up())
            ][:limit]
            for kept in down:
                kept.is_opening = True
        return tuple(partial(self._open, kept) for kept in down)

    def _open(self, kept: _Kept) -> None:
        old, kept.line = kept.line, None
        if old is not None:
            log.info("line lost", channel=kept.app.channel)
            _hang_up(old)
        line = SlackLine(
            app_token=kept.app.app_token,
            client=kept.app.client,
            answerer=partial(self._answer, kept),
            now=self._clock.now,
            ping_s=self._ping_s,
        )
        why, wait_s = self._tried(kept, line)
        with self._lock:
            is_wanted = self._kept.get(kept.app.app_token) is kept
            kept.is_opening = False
            if why is None and is_wanted:
                kept.line, kept.failures, kept.due_at = line, 0, None
                log.info("line open", channel=kept.app.channel)
                return
            kept.failures += 1
            delay_s = wait_s or min(resend_delay_s(kept.failures, retry_after_s=None), _LONGEST_WAIT_S)
            kept.due_at = self._clock.now() + timedelta(seconds=delay_s)
        _hang_up(line)
        if is_wanted:
            log.warning("no line to Slack: buttons are not heard", channel=kept.app.channel, why=why, again_s=delay_s)

    def _tried(self, kept: _Kept, line: SlackLine) -> tuple[str | None, float | None]:
        """Why the line could not be opened, and how long to wait if not as usual; None when it is open."""
        try:
            if kept.team_id is None:
                kept.team_id = str(kept.app.client.auth_test().get("team_id") or "") or None
            return (None if line.open() else "the connection was refused"), None
        except SlackApiError as error:
            code = str(error.response.get("error"))
            return f"Slack answered {code}", _REFUSED_AGAIN_S if code in _REFUSED else None
        except (SlackClientError, OSError, ValueError, LookupError) as error:
            return type(error).__name__, None
        except Exception:  # a bug of the client must not end the step
            log.exception("bug")
            return "bug", None

    def _answer(self, kept: _Kept, request: Request) -> Reply:
        desk = self._desk
        return desk.answer(request, team_id=kept.team_id) if desk is not None else Reply.of("Not ready yet.")


def _close(gone: Sequence[_Kept]) -> None:
    for kept in gone:
        if kept.line is not None:
            _hang_up(kept.line)


def _hang_up(line: SlackLine) -> None:
    """Beside whatever else goes on: the client needs seconds to end its threads."""
    threading.Thread(target=line.close, name="slack-app-close", daemon=True).start()
