"""Where on its way from feed to channel a document stands, or stopped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.core.alert.policy import Silence
from monitor.core.model.document import DocumentStatus, ReadReason
from monitor.core.model.history import AlertView, DocumentTrail, FiledView


class Stage(StrEnum):
    """Where a document, or one of its reports, stands; each that is not TOLD is why there is no alert of it."""

    PENDING = "pending"
    UNREADABLE = "unreadable"
    LANGUAGE = "language_unsupported"
    NO_REPORT = "no_report"
    NOT_GROUPED = "not_grouped"
    SIDE_MENTION = "side_mention"
    LOW_SCORE = "low_score"
    TOO_OLD = "too_old"
    UNDATED_BACKLOG = "undated_backlog"
    EARLIER_PHASE = "earlier_phase"
    CONFLICTING_ALONE = "conflicting_alone"
    UNNAMED_ACTOR = "unnamed_actor"
    INHIBITED = "inhibited"
    HELD = "held"
    CHANGE_UNVOUCHED = "change_unvouched"
    ALREADY_TOLD = "already_told"
    TOLD = "told"


_WORDS = {
    Stage.PENDING: "it waits to be read",
    Stage.UNREADABLE: "neither its page nor its feed gave any text",
    Stage.LANGUAGE: "its language is not searched",
    Stage.NO_REPORT: "no rule reports anything in it",
    Stage.NOT_GROUPED: "it waits to be grouped",
    Stage.SIDE_MENTION: "it only mentions it: the score is below the threshold",
    Stage.LOW_SCORE: "its score is below alerts.min_score",
    Stage.TOO_OLD: "it was older than alerts.max_age when it was grouped",
    Stage.UNDATED_BACKLOG: "it has no date and stood in the feed before the first poll, which counts as old",
    Stage.EARLIER_PHASE: "the story had moved past this phase already",
    Stage.CONFLICTING_ALONE: "the story had moved past this phase, and no second independent outlet says so",
    Stage.UNNAMED_ACTOR: "nobody known does it, and the story is open already",
    Stage.INHIBITED: "fresh news of the same story outdid it",
    Stage.HELD: "one unknown outlet alone said so: it waits for a second one, or for alerts.hold to pass",
    Stage.CHANGE_UNVOUCHED: "it changes what was told, and neither a first-rate outlet nor a second one says so",
    Stage.ALREADY_TOLD: "the development it reports had been told already",
    Stage.TOLD: "it made an alert",
}
_SILENCES = {silence: Stage(silence.value) for silence in Silence}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one report stands, or the document as a whole when `filed` is None.

    `alert` is the one it made, or the one that told its development before; None when that is untold.
    """

    stage: Stage
    filed: FiledView | None = None
    alert: AlertView | None = None
    detail: str = ""

    @property
    def words(self) -> str:
        """The stage as a reader says it."""
        return _WORDS[self.stage]


def standings(trail: DocumentTrail) -> tuple[Standing, ...]:
    """Where the document and each of its reports stand; never empty."""
    document = trail.document
    reason = document.reason.value if document.reason else ""
    detail = ": ".join(filter(None, (reason, document.detail)))
    match document.status:
        case DocumentStatus.PENDING:
            stopped: tuple[Standing, ...] = (Standing(stage=Stage.PENDING, detail=document.detail),)
        case DocumentStatus.UNREADABLE:
            stopped = (Standing(stage=Stage.UNREADABLE, detail=detail),)
        case DocumentStatus.SKIPPED if document.reason is ReadReason.ARCHIVE:
            stopped = (Standing(stage=Stage.UNDATED_BACKLOG, detail=reason),)
        case DocumentStatus.SKIPPED:
            stopped = (Standing(stage=Stage.LANGUAGE, detail=document.language or "unknown"),)
        case DocumentStatus.READ:
            stopped = () if trail.reports else (Standing(stage=Stage.NO_REPORT),)
    return (*stopped, *(_standing(filed) for filed in trail.reports))


def _standing(filed: FiledView) -> Standing:
    own = next((a for a in filed.alerts if a.alert.report_id == filed.id), None)
    if own is not None:
        return Standing(stage=Stage.TOLD, filed=filed, alert=own)
    if filed.development_slug is None:
        return Standing(stage=Stage.NOT_GROUPED, filed=filed)
    told = filed.alerts[0] if filed.alerts else None
    if not filed.report.alert:
        return Standing(stage=Stage.SIDE_MENTION, filed=filed, alert=told)
    stage = _SILENCES.get(_silence(filed.note) or Silence.ALREADY_TOLD, Stage.ALREADY_TOLD)
    if told is not None and stage in (Stage.HELD, Stage.CONFLICTING_ALONE):
        stage = Stage.ALREADY_TOLD  # another outlet followed, and was quoted
    return Standing(stage=stage, filed=filed, alert=told, detail=filed.note)


def _silence(note: str) -> Silence | None:
    """What the note of the group step ends with: "new_story: nothing_similar; too_old"."""
    last = note.rpartition("; ")[2]
    return Silence(last) if last in set(Silence) else None
