"""The tables. A row that waits for a step has `due_at`; partial indexes hold only such rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, UniqueConstraint

from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.document import DocumentStatus
from monitor.core.model.subscription import SubscriptionState
from monitor.store.columns import at as _at
from monitor.store.columns import count as _count
from monitor.store.columns import index as _index
from monitor.store.columns import metadata as metadata
from monitor.store.columns import one_of as _one_of
from monitor.store.columns import ref as _ref
from monitor.store.columns import row_id as _id
from monitor.store.columns import table as _table
from monitor.store.columns import words as _words
from monitor.store.types import Flag, IsoDate, Number, RowId, Words

SEARCH_TABLE = "alert_search"
"""Made by the migrations and unlike on each database: FTS5 on SQLite, tsvector and GIN on PostgreSQL."""


# --- poll

feeds = _table(
    "feeds",
    _id(),
    _words("name"),
    _words("url"),
    _words("kind"),
    _words("selector", nullable=True),
    Column("interval_s", Number),
    _words("tags"),  # JSON list
    Column("enabled", Flag, nullable=False),
    _words("headers_env", nullable=True),
    _words("auth_env", nullable=True),
    _words("robots"),
    _words("tier"),
    _words("language", nullable=True),
    _words("country", nullable=True),
    _words("homepage", nullable=True),
    _words("seen_in", nullable=True),
    UniqueConstraint("url"),
)

feed_states = _table(
    "feed_states",
    _ref("feed_id", "feeds.id", primary_key=True),
    _words("etag", nullable=True),
    _words("last_modified", nullable=True),
    _words("body_digest", nullable=True),
    Column("interval_s", Number),
    _at("next_poll_at", nullable=True),
    Column("failures", Number, nullable=False),
    _words("last_reason"),
    _words("last_detail"),
    _at("first_success_at", nullable=True),
    _at("last_success_at", nullable=True),
    _at("last_polled_at", nullable=True),
    _words("redirect_url", nullable=True),
    _at("redirect_since", nullable=True),
    _words("moved_to", nullable=True),
    _at("gone_since", nullable=True),
    _at("validators_lied_at", nullable=True),
    _words("found_homepage", nullable=True),  # what the feed itself says; the configured one wins
    _words("found_language", nullable=True),
    _at("lease_until", nullable=True),
    _words("lease_owner", nullable=True),
    _count("fence"),
    Column("interval_reason", Words, nullable=False, server_default="first"),
    Column("limit_s", Number),
    Column("rhythm", Words, nullable=False, server_default=""),  # JSON, empty while nothing is known
    Column("window_count", Integer, nullable=False, server_default="0"),
    _at("middle_at", nullable=True),
    _at("newest_at", nullable=True),
    _at("burst_until", nullable=True),
)
_index(feed_states, "next_poll_at")
_index(feed_states, "lease_owner", where="lease_owner IS NOT NULL")

websub_hubs = _table(  # as the feed's last parsed body says
    "websub_hubs",
    _ref("feed_id", "feeds.id", primary_key=True),
    _words("hub"),
    _words("topic"),
)

websub_subscriptions = _table(
    "websub_subscriptions",
    _id(),
    _ref("feed_id", "feeds.id"),
    _words("hub"),
    _words("topic"),
    _words("callback"),
    _words("token"),
    _words("secret"),  # as the hub has it: HMAC needs it in clear
    _words("state"),
    _words("reason"),
    _words("detail"),
    _count("attempts"),
    _at("asked_at", nullable=True),
    _at("lease_until", nullable=True),
    _at("due_at"),
    _at("pushed_at", nullable=True),
    _count("push_count"),
    _at("echo_at", nullable=True),
    _at("created_at"),
    _words("lease_owner", nullable=True),
    _count("fence"),
    UniqueConstraint("token"),
    _one_of("state", SubscriptionState),
)
_index(websub_subscriptions, "due_at")
_index(websub_subscriptions, "feed_id", where="state <> 'ending'", unique=True)
_index(websub_subscriptions, "echo_at", where="echo_at IS NOT NULL")
_index(websub_subscriptions, "lease_owner", where="lease_owner IS NOT NULL")

polls = _table(
    "polls",
    _id(),
    _ref("feed_id", "feeds.id"),
    _at("started_at"),
    _at("finished_at"),
    _words("reason"),
    _words("detail"),
    Column("status", Integer),
    _count("new_count"),
    _count("edited_count"),
    _count("known_count"),
)
_index(polls, "finished_at")
_index(polls, "feed_id", "id")
_index(polls, "reason")

host_traffic = _table(
    "host_traffic",
    _words("host", primary_key=True),
    Column("day", IsoDate, primary_key=True),  # of UTC
    _at("first_at"),
    _at("last_at"),
    _count("requests"),
    _count("for_feeds"),
    _count("for_pages"),
    _count("for_robots"),
    _count("conditional"),
    _count("not_modified"),
    _count("refused"),
    _count("unanswered"),
    _count("robots_refused"),
    Column("body_bytes", BigInteger().with_variant(Integer(), "sqlite"), nullable=False),
    Column("least_gap_s", Number),
    _count("most_at_once"),
)
_index(host_traffic, "day")

entries = _table(
    "entries",
    _id(),
    _ref("feed_id", "feeds.id"),
    _words("guid"),
    _words("url", nullable=True),
    _words("canonical_url"),
    _words("title"),
    _words("summary"),
    _words("content"),
    _words("authors"),  # JSON list
    _at("published_at", nullable=True),
    _at("updated_at", nullable=True),
    _at("seen_at"),
    _words("digest"),  # of title, summary and content
    _ref("document_id", "documents.id"),
    _count("brought_revision"),  # the document's revision that this wording brought; 0: it joined a known document
    UniqueConstraint("feed_id", "guid"),
)
_index(entries, "document_id", "brought_revision")
_index(entries, "canonical_url")
_index(entries, "feed_id", "seen_at")

# --- read

documents = _table(
    "documents",
    _id(),
    _ref("feed_id", "feeds.id"),
    _words("canonical_url"),
    _words("url"),
    _words("title"),
    _words("text"),
    _words("text_digest"),
    _words("language", nullable=True),
    _at("published_at"),
    Column("dated", Flag, nullable=False),
    Column("backlog", Flag, nullable=False),
    _at("seen_at"),
    _count("revision"),
    _words("status"),
    _words("origin"),
    _words("reason", nullable=True),
    _words("detail"),
    _words("ruleset_version", nullable=True),
    _at("read_at", nullable=True),
    _at("kept_since", nullable=True),  # NULL: nothing for retention to drop
    _at("due_at", nullable=True),  # set while PENDING: first seen, retry time or end of the lease
    _count("attempts"),  # claims since it last became pending
    _count("postponed"),
    _words("lease_owner", nullable=True),
    _count("fence"),
    _at("revised_at", nullable=True),  # when the newest wording was first seen; NULL: the first one
    _words("revision_cause", nullable=True),  # NULL: the first wording
    UniqueConstraint("canonical_url"),
    _one_of("status", DocumentStatus),
)
_index(documents, "due_at", "id", where="due_at IS NOT NULL")
_index(documents, "kept_since", where="kept_since IS NOT NULL")
_index(documents, "lease_owner", where="lease_owner IS NOT NULL")
_index(documents, "status")
_index(documents, "feed_id", where="reason = 'language_unsupported'")

document_revisions = _table(
    "document_revisions",
    _ref("document_id", "documents.id", primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    _words("title"),
    _words("text"),
    _at("published_at"),
    _at("seen_at", nullable=True),
    _words("cause", nullable=True),
    _words("origin", nullable=True),
)

document_pages = _table(
    "document_pages",
    _ref("document_id", "documents.id", primary_key=True),
    _words("title"),
    _words("etag", nullable=True),
    _words("last_modified", nullable=True),
    _words("authors"),  # JSON list
    _at("published_at", nullable=True),
    Column("published_on", IsoDate),
    Column("published_offset_min", Integer),
    _at("modified_at", nullable=True),
    Column("modified_on", IsoDate),
    Column("modified_offset_min", Integer),
    _at("recheck_at", nullable=True),  # when to read it again, or end of the lease
    _count("recheck_count"),
    _at("rechecked_at", nullable=True),
    _words("recheck_outcome", nullable=True),
    _words("recheck_detail", nullable=True),
)
_index(document_pages, "recheck_at", where="recheck_at IS NOT NULL")

# --- group

stories = _table(
    "stories",
    _id(),
    _words("slug"),
    _words("type"),
    _words("title"),
    _words("participants"),  # JSON list
    _words("places"),  # JSON list
    _words("phase"),
    _at("first_seen_at"),
    _at("last_seen_at"),
    _count("revision"),
    _ref("merged_into", "stories.id", nullable=True),
    _words("follows", nullable=True),  # slug of the closed story that it continues
    UniqueConstraint("slug"),
)
_index(stories, "type", "last_seen_at", where="merged_into IS NULL")
_index(stories, "last_seen_at", "id", where="merged_into IS NULL")
_index(stories, "follows", where="follows IS NOT NULL")
_index(stories, "merged_into", where="merged_into IS NOT NULL")

developments = _table(
    "developments",
    _id(),
    _ref("story_id", "stories.id"),
    _words("slug"),
    _words("type"),
    _words("phase"),
    _words("roles"),
    _words("place", nullable=True),
    Column("occurs_on", IsoDate),
    _at("first_seen_at"),
    _at("last_seen_at"),
    _count("report_count"),
    _words("origins"),  # JSON list
    _words("change"),
    Column("alerted", Flag, nullable=False),
    Column("origin_count", Integer, nullable=False, server_default="1"),
    Column("sayings", Words, nullable=False, server_default=""),  # JSON: how its first reports told it
    _at("held_until", nullable=True),  # waits for a second origin
    UniqueConstraint("slug"),
)
_index(developments, "story_id")
_index(developments, "first_seen_at")
_index(developments, "held_until", where="held_until IS NOT NULL")

story_versions = _table("story_versions", _id(), _count("version"))  # 1: the one row, grows with every change

reports = _table(
    "reports",
    _id(),
    _ref("document_id", "documents.id"),
    _count("document_revision"),
    _words("type"),
    _words("phase"),
    _words("modality"),
    Column("score", Number, nullable=False),
    Column("alert", Flag, nullable=False),
    _words("roles"),
    _words("evidence"),
    Column("occurs_on", IsoDate),
    _words("ruleset_version"),
    _ref("development_id", "developments.id", nullable=True),
    _words("note"),  # why it was filed there
    Column("copy_of", RowId, nullable=True),  # id of the report of which this is a reprint
    Column("grouping", Words, nullable=False, server_default=""),  # JSON: candidates and reasons
    Column("phase_stated", Flag, nullable=False, server_default="1"),
)
_index(reports, "document_id")
_index(reports, "development_id")
_index(reports, "id", where="development_id IS NULL")


def _names(table: str, owner: str, target: str) -> Table:
    names = _table(
        table,
        _ref(owner, target, primary_key=True),
        _words("kind", primary_key=True),
        _words("role", primary_key=True),
        _words("name", primary_key=True),
        _words("folded", primary_key=True),  # the whole name, or one word of it
    )
    _index(names, "kind", "folded", owner)
    return names


report_names = _names("report_names", "report_id", "reports.id")
development_names = _names("development_names", "development_id", "developments.id")

# --- deliver

alerts = _table(
    "alerts",
    _id(),
    _words("key"),
    _ref("story_id", "stories.id"),
    _ref("development_id", "developments.id"),
    _ref("report_id", "reports.id"),
    _ref("feed_id", "feeds.id"),
    _words("type"),
    _words("phase"),
    _words("reason"),
    _words("severity"),
    _at("created_at"),
    _words("message"),
    _words("also_reported_by"),  # JSON list
    Column("compared_revision", Integer, nullable=False, server_default="0"),  # of its article, with what was told
    UniqueConstraint("key"),
)
_index(alerts, "created_at", "id")
_index(alerts, "type", "created_at", "id")
_index(alerts, "phase", "created_at", "id")
_index(alerts, "feed_id", "created_at", "id")
_index(alerts, "development_id")
_index(alerts, "report_id")
_index(alerts, "story_id")

notices = _table(
    "notices",
    _id(),
    _words("key"),
    _at("created_at"),
    _words("message"),
    UniqueConstraint("key"),
)

deliveries = _table(
    "deliveries",
    _id(),
    _ref("alert_id", "alerts.id", nullable=True),
    _ref("notice_id", "notices.id", nullable=True),
    _words("channel"),
    _words("key"),
    _words("status"),
    _count("attempts"),
    _at("created_at"),
    _at("due_at", nullable=True),  # PENDING: when to send; SENDING: end of the lease; else NULL
    _at("first_attempt_at", nullable=True),
    _at("unknown_since", nullable=True),  # an attempt since may have got through
    _words("last_fault", nullable=True),
    _words("detail", nullable=True),
    _words("reference", nullable=True),
    _at("sent_at", nullable=True),
    _words("lease_owner", nullable=True),
    _count("fence"),
    Column("story_id", RowId),  # NULL: of a notice
    _at("expires_at", nullable=True),
    _words("route", nullable=True),
    UniqueConstraint("key"),
    _one_of("status", DeliveryStatus),
    CheckConstraint("(alert_id IS NULL) <> (notice_id IS NULL)", name="content"),
)
_index(deliveries, "channel", "due_at", where="due_at IS NOT NULL")
_index(deliveries, "channel", "story_id", "id", where="story_id IS NOT NULL")
_index(deliveries, "lease_owner", where="lease_owner IS NOT NULL")
_index(deliveries, "alert_id")
_index(deliveries, "notice_id", where="notice_id IS NOT NULL")
_index(deliveries, "status", "alert_id")

# --- watch

conditions = _table(
    "conditions",
    _id(),
    _words("subject"),
    _words("kind"),
    _ref("feed_id", "feeds.id", nullable=True),
    _words("detail"),
    _at("since"),
    _at("suspected_at"),
    _count("looks"),
    _at("started_at", nullable=True),  # NULL: a suspicion
    _at("clear_since", nullable=True),
    _count("clear_looks"),
    _at("ended_at", nullable=True),
)
_index(conditions, "subject", "kind", where="ended_at IS NULL", unique=True)
_index(conditions, "ended_at", where="ended_at IS NOT NULL")

source_norms = _table(
    "source_norms",
    _ref("feed_id", "feeds.id", primary_key=True),
    _at("made_at"),
    _words("norm"),
)

watch_rounds = _table(
    "watch_rounds",
    _id(),  # 1: the one row
    Column("last_poll_id", RowId, nullable=False),
    _at("ran_at"),
)
