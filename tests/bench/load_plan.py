"""The local web of the load bench: who serves what, how badly, and what is published when; all from one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property

OLD_ITEMS = 10
WINDOW = 12  # items a feed shows
RETRY_AFTER_S = 30
BIG_HOST, MIDDLE_HOSTS = 200, 50  # feeds on one host, and on each of four more, when there are 10,000
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_FILLER = (
    "The council met for two hours on the second floor and put off the question of the bridge, since the "
    "engineers had not yet measured the piers; a new date is to be named when the river has fallen again. "
)
ROBOTS = "".join(
    ["User-agent: *\n", *(f"Disallow: /private/{n}/\nDisallow: /*?sort={n}\n" for n in range(30))]
    + [f"\nUser-agent: greedy-bot-{n}\nDisallow: /\n" for n in range(20)]
).encode()
# No side twice, or the alerts would be of one story.
_TRUCES = tuple(
    f"{one} and {other} agree to a ceasefire"
    for one, other in (
        ("Armenia", "Azerbaijan"),
        ("Thailand", "Cambodia"),
        ("India", "Pakistan"),
        ("Kenya", "Somalia"),
        ("Russia", "Ukraine"),
        ("Sudan's army", "the Rapid Support Forces"),
        ("Congo", "M23 rebels"),
        ("Ethiopia", "Tigray forces"),
        ("Saudi Arabia", "Houthi forces"),
        ("Colombia", "ELN rebels"),
        ("Israel", "Hamas"),
        ("Kyrgyzstan", "Tajikistan"),
        ("Venezuela", "Guyana"),
        ("Chad", "Cameroon"),
        ("Serbia", "Kosovo"),
        ("North Korea", "South Korea"),
    )
)


class Nature(StrEnum):
    """What a whole host is like."""

    GOOD = "good"
    SLOW = "slow"
    BUSY = "busy"  # answers 429 with Retry-After to the first feed asked after a minute's rest
    REFUSED = "refused"
    BLACK_HOLE = "black_hole"


class Manner(StrEnum):
    """How one feed is served on a host that answers."""

    ETAG = "etag"
    LAST_MODIFIED = "last_modified"
    NO_VALIDATORS = "no_validators"  # 200 with the same body each time
    MOVED = "moved"  # 301
    ELSEWHERE = "elsewhere"  # 302
    BROKEN_XML = "broken_xml"
    CUT_GZIP = "cut_gzip"


SHARES = {Nature.SLOW: 0.05, Nature.BLACK_HOLE: 0.02, Nature.REFUSED: 0.01, Nature.BUSY: 0.01}
MANNERS = {
    Manner.LAST_MODIFIED: 0.10,
    Manner.NO_VALIDATORS: 0.05,
    Manner.MOVED: 0.01,
    Manner.ELSEWHERE: 0.01,
    Manner.BROKEN_XML: 0.01,
    Manner.CUT_GZIP: 0.005,
}


@dataclass(frozen=True)
class Item:
    """`at_s` counts from the opening of the web; `truce` marks a headline that must become an alert."""

    guid: str
    path: str
    title: str
    at_s: float
    truce: bool = False


@dataclass(frozen=True)
class Served:
    """One feed: number, host number, when it is first due, and its items to come in order of time."""

    number: int
    host: int
    manner: Manner
    due_s: float
    items: tuple[Item, ...] = ()

    @property
    def path(self) -> str:
        return f"/feed/{self.number}.xml"

    def published(self, now_s: float) -> int:
        """How many of the items to come are out."""
        return sum(item.at_s <= now_s for item in self.items)

    def shown(self, count: int) -> list[Item]:
        """The newest items first, `count` of those to come among them."""
        old = [
            Item(f"old-{self.number}-{n}", f"/a/{self.number}-old-{n}", f"Minutes {n} of council {self.number}", -1)
            for n in range(OLD_ITEMS)
        ]
        return [*reversed(self.items[:count]), *old][:WINDOW]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`new_per_hour` items over all feeds, `truces` of them planted ones, within [quiet_s, quiet_s + busy_s]."""

    feeds: int = 10_000
    hosts: int = 2_000
    seed: int = 4
    port: int = 0
    interval_s: float = 600.0
    quiet_s: float = 300.0
    busy_s: float = 600.0
    new_per_hour: float = 3600.0
    truces: int = 16
    slow_s: float = 10.0  # what slow hosts take
    faults: bool = True  # False: every host is good, and every feed has an ETag
    opened_at: datetime = LONG_AGO + timedelta(days=36500)

    def address(self, host: int) -> str:
        """An address of loopback for each host; the first is for the bench's own needs."""
        return f"127.{16 + host // 62500}.{host // 250 % 250 + 1}.{host % 250 + 1}"

    def url(self, feed: Served) -> str:
        return f"http://{self.address(feed.host)}:{self.port}{feed.path}"

    @cached_property
    def natures(self) -> list[Nature]:
        """By host; the hosts with many feeds are good ones."""
        draw = random.Random(f"{self.seed} hosts")
        kinds: list[Nature] = []
        for nature, share in SHARES.items() if self.faults else ():
            kinds += [nature] * max(1, round(share * self.hosts))
        kinds += [Nature.GOOD] * (self.hosts - 5 - len(kinds))
        draw.shuffle(kinds)
        return [*[Nature.GOOD] * 5, *kinds][: self.hosts]

    def dues(self, hosts: list[int]) -> list[float]:
        """Seconds from the opening at which each feed, of these hosts, is first due: an even stream.

        One feed of each host comes first, so that every robots.txt is known early.
        """
        met: set[int] = set()
        firsts, others = [], []
        for number, host in enumerate(hosts):
            (others if host in met else firsts).append(number)
            met.add(host)
        # Feeds of one host stand together at the end of the list; a stride apart, they are spread over the interval.
        others = [others[n] for k in range(61) for n in range(k, len(others), 61)]
        dues = [0.0] * len(hosts)
        for turn, number in enumerate(firsts + others):
            dues[number] = turn * self.interval_s / len(dues)
        return dues

    @cached_property
    def served(self) -> list[Served]:
        """By feed number."""
        draw = random.Random(f"{self.seed} feeds")
        scale = self.feeds / 10_000
        many = [0] * round(BIG_HOST * scale) + [n for n in (1, 2, 3, 4) for _ in range(round(MIDDLE_HOSTS * scale))]
        hosts = [*range(self.hosts), *many]
        hosts = (hosts + [5 + n % (self.hosts - 5) for n in range(self.feeds)])[: self.feeds]
        manners = draw.choices([*MANNERS, Manner.ETAG], [*MANNERS.values(), 1 - sum(MANNERS.values())], k=len(hosts))
        if not self.faults:
            manners = [Manner.ETAG] * len(hosts)
        plain = [
            n
            for n, host in enumerate(hosts)
            if self.natures[host] is Nature.GOOD and manners[n] in (Manner.ETAG, Manner.LAST_MODIFIED)
        ]
        dues = self.dues(hosts)
        coming: dict[int, list[Item]] = {}
        for number, (feed, title, at_s) in enumerate([*self._planted(plain, dues), *self._news(plain, draw)]):
            item = Item(f"new-{number}", f"/a/{feed}-new-{number}", title, at_s, number < self.planted_count)
            coming.setdefault(feed, []).append(item)
        return [
            Served(n, host, manners[n], dues[n], tuple(sorted(coming.get(n, ()), key=lambda item: item.at_s)))
            for n, host in enumerate(hosts)
        ]

    @property
    def planted_count(self) -> int:
        """How many of the items to come must become alerts."""
        return min(self.truces, len(_TRUCES))

    def _planted(self, plain: list[int], dues: list[float]) -> list[tuple[int, str, float]]:
        """Feed, title and time of headlines whose waits for their feed's next poll are spread evenly over the interval.

        Sixteen random waits would have a median off by a tenth of the interval.
        """
        planted: list[tuple[int, str, float]] = []
        for n, title in enumerate(_TRUCES[: self.planted_count]):
            wait_s = (n + 0.5) / self.planted_count * self.interval_s
            for feed in plain[n * 7 % len(plain) :] + plain:
                turns = -(-(self.quiet_s + wait_s - dues[feed]) // self.interval_s)
                at_s = dues[feed] + turns * self.interval_s - wait_s
                if at_s + wait_s <= self.quiet_s + self.busy_s and feed not in [each[0] for each in planted]:
                    planted.append((feed, title, at_s))
                    break
            else:  # a busy phase shorter than the interval
                planted.append((plain[n % len(plain)], title, self.quiet_s))
        return planted

    def _news(self, plain: list[int], draw: random.Random) -> list[tuple[int, str, float]]:
        return [
            (draw.choice(plain), f"Library {n} opens in town {n % 97}", self.quiet_s + self.busy_s * draw.random())
            for n in range(round(self.new_per_hour * self.busy_s / 3600))
        ]

    def rss(self, feed: Served, count: int) -> bytes:
        """The feed's body with `count` of its items to come."""
        base = f"http://{self.address(feed.host)}:{self.port}"
        items = "".join(
            f"<item><guid isPermaLink='false'>{item.guid}</guid><title>{item.title}</title><link>{base}{item.path}"
            f"</link><pubDate>{self.dated(item):%a, %d %b %Y %H:%M:%S +0000}</pubDate>"
            f"<description>{summary(item)}</description></item>\n"
            for item in feed.shown(count)
        )
        return (
            f"<?xml version='1.0' encoding='utf-8'?>\n<rss version='2.0'><channel><title>Paper {feed.number}</title>"
            f"<link>{base}/</link><language>en</language>\n{items}</channel></rss>\n"
        ).encode()

    def dated(self, item: Item) -> datetime:
        """When it says that it was published: long ago for old ones."""
        return LONG_AGO if item.at_s < 0 else self.opened_at + timedelta(seconds=item.at_s)


def summary(item: Item) -> str:
    return f"{item.title}. {_FILLER.strip()}"


def article(title: str) -> bytes:
    """A page about it, of a usual length."""
    text = "".join(f"<p>{_FILLER}{_FILLER}</p>" for _ in range(6))
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{title}</h1><p>{title}.</p>{text}</article></body></html>"
    ).encode()


def etag(count: int) -> str:
    return f'"v{count}"'


def last_modified(plan: Plan, feed: Served, count: int) -> str:
    at = plan.dated(feed.items[count - 1]) if count else LONG_AGO
    return f"{at:%a, %d %b %Y %H:%M:%S GMT}"
