"""The words conditions are told in: what is wrong, and what to do about it."""

from __future__ import annotations

from datetime import timedelta

from monitor.core.model.condition import ConditionKind

_NAMES = {
    ConditionKind.FAILING: "does not answer",
    ConditionKind.GONE: "gone",
    ConditionKind.BLOCKED: "refuses the monitor",
    ConditionKind.NOT_A_FEED: "not a feed any more",
    ConditionKind.REFUSED_BY_ROBOTS: "refused by robots.txt",
    ConditionKind.SILENT_ZERO: "silent zero",
    ConditionKind.STALE: "stale",
    ConditionKind.MOVED: "moved",
    ConditionKind.DATE_DRIFT: "date drift",
    ConditionKind.TEMPLATE_CHANGE: "template change",
    ConditionKind.PAYWALL: "paywall",
    ConditionKind.PAGES_REFUSED_BY_ROBOTS: "articles refused by robots.txt",
    ConditionKind.PAGES_FAILING: "articles do not answer",
    ConditionKind.CHANNEL_FAILING: "channel does not deliver",
    ConditionKind.NETWORK_DOWN: "network down",
}
_ADVICE = {
    ConditionKind.FAILING: "Open the address in a browser. If the site has another feed, add it and disable this one.",
    ConditionKind.GONE: "The publisher took it away for good: find its successor, or disable it. "
    "It is asked again from time to time.",
    ConditionKind.BLOCKED: "Set network.contact so that the publisher can write to you, ask less often (interval), "
    "or ask the publisher to let the monitor in.",
    ConditionKind.NOT_A_FEED: "Open the address in a browser: the feed may have moved. `monitor sources add` finds "
    "the feed behind a home page.",
    ConditionKind.REFUSED_BY_ROBOTS: "Ask the publisher, or disable the source. `robots: ignore` on the source "
    "overrides it where you have the right to.",
    ConditionKind.SILENT_ZERO: "Open the address in a browser: often the feed was replaced by another, "
    "or a watched page has a new layout (selector).",
    ConditionKind.STALE: "Compare with the site itself: if news stands there, the feed is abandoned and another "
    "must be found. If not, wait.",
    ConditionKind.MOVED: "Put the new address into the configuration before the old one goes.",
    ConditionKind.DATE_DRIFT: "Alerts may be held back as old or told as fresh. Look at the dates of the feed; "
    "write to the publisher.",
    ConditionKind.TEMPLATE_CHANGE: "Open an article and compare: `monitor explain URL` shows what is read of it.",
    ConditionKind.PAYWALL: "Only titles and summaries are searched. Ask for access, or look for an open source.",
    ConditionKind.PAGES_REFUSED_BY_ROBOTS: "Only titles and summaries are searched. Ask the publisher.",
    ConditionKind.PAGES_FAILING: "Only titles and summaries are searched. Open an article in a browser.",
    ConditionKind.CHANNEL_FAILING: "See `monitor alerts list --status parked` and `--status dead`; mend token or "
    "channel, then reload the monitor.",
    ConditionKind.NETWORK_DOWN: "Look at this machine's network, name server and proxy.",
}


def kind_name(kind: ConditionKind) -> str:
    """The condition in a reader's words."""
    return _NAMES[kind]


def advice(kind: ConditionKind) -> str:
    """What to do about it."""
    return _ADVICE[kind]


def span_words(seconds: float) -> str:
    """A length of time in its largest fitting unit: "40 min", "9 h", "3 days"."""
    minutes = max(round(seconds / 60), 1)
    if minutes < 90:
        return f"{minutes} min"
    hours = round(seconds / 3600)
    if hours < 48:
        return f"{hours} h"
    return f"{round(seconds / 86400)} days"


def lasted_words(lasted: timedelta) -> str:
    """How long something went on."""
    return span_words(lasted.total_seconds())


def rate_words(per_day: float) -> str:
    """How many entries come, by the unit that makes it a number one can picture."""
    if per_day >= 2:
        return f"about {per_day:.0f} a day"
    if per_day * 7 >= 2:
        return f"about {per_day * 7:.0f} a week"
    return f"about {max(per_day * 30, 1):.0f} a month"
