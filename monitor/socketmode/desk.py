"""Does what people ask for in Slack, and says what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from itertools import islice

import structlog

from monitor.core.model.feedback import Answer, Saying, Taken, Verdict, Via
from monitor.core.model.history import AlertFilter, AlertView, Counts
from monitor.deliver.layout import age_words, arrange, one_liner, time_words
from monitor.errors import StoreUnavailable
from monitor.ports import Clock, FeedbackStore, HistoryStore, StoryEditor, StoryMuter
from monitor.socketmode.reply import Line, Reply
from monitor.socketmode.requests import Action, Click, Command, Request

log = structlog.get_logger("slack-app")

MUTED_FOR = timedelta(hours=24)
MUTE_REASON = "muted in Slack"
_FOUND = 10

StatusLine = Callable[[], str]
"""The verdict on the monitor in one line: whether silence means no news."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What requests are answered with. `muter` and `editor` are None where stories cannot be muted or split."""

    feedback: FeedbackStore
    history: HistoryStore
    clock: Clock
    zone: tzinfo
    status_line: StatusLine
    muter: StoryMuter | None = None
    editor: StoryEditor | None = None

    def answer(self, request: Request, *, team_id: str | None) -> Reply:
        """Do it and say so; `team_id` is the workspace whose people may ask, None when Slack does not say.

        Never raises: people get an answer whatever happens.
        """
        try:
            if team_id is not None and request.person.team_id != team_id:
                log.warning("refused", by=request.person.name, why="not of this workspace")
                return Reply.of("Only people of the workspace that owns this app can use it.")
            if isinstance(request, Command):
                return self._command(request)
            return self._click(request)
        except StoreUnavailable as error:
            log.warning("not done", by=request.person.name, why=str(error))
            return Reply.of("The monitor's database does not answer just now: nothing was changed. Please try again.")
        except Exception:  # a bug must cost one answer
            log.exception("bug")
            return Reply.of("That went wrong; the monitor's log says why.")

    def catch_up(self) -> int:
        """Make the splits that were asked for while nobody could make them; how many.

        One that cannot be made goes on waiting.
        """
        made = 0
        if self.editor is None:
            return made
        for request in self.feedback.split_requests():
            try:
                self._make_split(self.editor, request.development_id, by=request.saying.by)
                made += 1
            except Exception:  # a bug must cost one split
                log.exception("bug", development=request.development_id)
        return made

    def _click(self, click: Click) -> Reply:
        saying = Saying(by=click.person.name, via=Via.SLACK, at=click.at)
        match click.action:
            case Action.ACK:
                answer, done = self.feedback.ack(click.alert_id, saying), "Acknowledged"
            case Action.RELEVANT:
                answer, done = self.feedback.label(click.alert_id, Verdict.RELEVANT, saying), "Marked relevant"
            case Action.NOT_RELEVANT:
                answer, done = self.feedback.label(click.alert_id, Verdict.NOT_RELEVANT, saying), "Marked not relevant"
            case Action.SPLIT:
                answer, done = self._split(click, saying)
            case Action.MUTE:
                answer, done = self._mute(click, saying)
            case None:
                return Reply.of("This version of the monitor does not know that button.")
        log.info("pressed", action=str(click.action), alert=click.alert_id, by=click.person.name, taken=answer.taken)
        return _told(answer, done)

    def _split(self, click: Click, saying: Saying) -> tuple[Answer, str]:
        answer = self.feedback.ask_split(click.alert_id, saying)
        if answer.taken is not Taken.STORED or self.editor is None:
            return answer, "Split asked for"
        return answer, f"Split: {self._make_split(self.editor, answer.development_id, by=saying.by)}"

    def _make_split(self, editor: StoryEditor, development_id: int, *, by: str) -> str:
        now = self.clock.now()
        outcome = editor.split(development_id, by=by, why="asked for in Slack", at=now).words
        self.feedback.settle_split(development_id, outcome=outcome, at=now)
        return outcome

    def _mute(self, click: Click, saying: Saying) -> tuple[Answer, str]:
        answer = self.feedback.story_of(click.alert_id)
        if answer.taken is Taken.NO_SUCH_ALERT:
            return answer, ""
        if self.muter is None:
            return answer, "This monitor cannot mute stories"
        until = self.muter.mute_story(
            answer.story_slug, owner=saying.by, reason=MUTE_REASON, at=saying.at, until=saying.at + MUTED_FOR
        )
        return answer, f"Muted until {time_words(until, self.zone)}"

    def _command(self, command: Command) -> Reply:
        word, _, rest = command.text.partition(" ")
        if word == "status" and not rest:
            return self._status()
        if word == "search" and rest:
            return self._search(rest)
        return Reply.of(
            f"{command.name} status – whether the monitor is watching, and what it told lately",
            f"{command.name} search WORDS – alerts and articles with all these words, such as: search truce Gaza",
        )

    def _status(self) -> Reply:
        now = self.clock.now()
        told = sum(1 for _ in self.history.alerts(AlertFilter(since=now - timedelta(hours=24))))
        counts = self.history.counts()
        polled = f", last polled {age_words(counts.last_poll_at, now)}" if counts.last_poll_at else ""
        return Reply.of(
            self.status_line(),
            f"{_number(told, 'alert')} in 24 hours, {counts.alerts} in all, of {_number(counts.stories, 'story')}",
            f"{_number(counts.feeds_enabled, 'source')}, {counts.feeds_failing} failing{polled}",
            _undelivered(counts),
        )

    def _search(self, words: str) -> Reply:
        found = list(islice(self.history.alerts(AlertFilter(text=words), limit=_FOUND + 1), _FOUND + 1))
        if not found:
            return Reply.of(f"Nothing told has all of: {words}")
        more = Line(text=f"The newest {_FOUND} are shown.") if len(found) > _FOUND else None
        lines = (Line(text=f"Told with: {words}"), *(self._found(view) for view in found[:_FOUND]))
        return Reply(lines=(*lines, more) if more else lines)

    def _found(self, view: AlertView) -> Line:
        parts = arrange(view.alert.message)
        return Line(text=f"{time_words(view.alert.created_at, self.zone)} · {one_liner(parts)}", url=parts.url)


def _told(answer: Answer, done: str) -> Reply:
    others = ", ".join(answer.others)
    match answer.taken:
        case Taken.NO_SUCH_ALERT:
            return Reply.of("The monitor does not know this alert any more.")
        case Taken.OUTDATED:
            return Reply.of(f"You have said something else since; that stays: {answer.story_title}")
        case Taken.REPEATED:
            done = f"{done}, as before"
        case Taken.STORED:
            pass
    return Reply.of(f"{done}: {answer.story_title}", f"{others} said so too." if others else "")


def _undelivered(counts: Counts) -> str:
    waiting = [f"{count} {status}" for status, count in counts.deliveries_by_status if status != "sent" and count]
    return f"Deliveries: {', '.join(waiting)}" if waiting else "Every alert was delivered"


def _number(count: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"
