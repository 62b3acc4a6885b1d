"""What the steps ask of the outside world: protocols, nothing else.

The values that cross them are made in `core.model.work` and handed on from here, so that who uses a
protocol has one place to import from.
"""

from __future__ import annotations

from monitor.core.model.work import ClaimedDelivery as ClaimedDelivery
from monitor.core.model.work import ClaimedDocument as ClaimedDocument
from monitor.core.model.work import ClaimedFeed as ClaimedFeed
from monitor.core.model.work import ClaimedPage as ClaimedPage
from monitor.core.model.work import HostTurn as HostTurn
from monitor.core.model.work import Lease as Lease
from monitor.core.model.work import NewAlert as NewAlert
from monitor.core.model.work import PollResult as PollResult
from monitor.core.model.work import PollWritten as PollWritten
from monitor.core.model.work import ReadResult as ReadResult
from monitor.core.model.work import RecheckResult as RecheckResult
from monitor.core.model.work import Tidied as Tidied
from monitor.core.model.work import TrafficSpan as TrafficSpan
from monitor.ports.feedback import FeedbackStore as FeedbackStore
from monitor.ports.feedback import StoryEditor as StoryEditor
from monitor.ports.feedback import StoryMuter as StoryMuter
from monitor.ports.grouping import GroupSession as GroupSession
from monitor.ports.grouping import StoryStore as StoryStore
from monitor.ports.history import HistoryStore as HistoryStore
from monitor.ports.history import RetentionStore as RetentionStore
from monitor.ports.outside import Clock as Clock
from monitor.ports.outside import Detector as Detector
from monitor.ports.outside import Fetcher as Fetcher
from monitor.ports.outside import Meter as Meter
from monitor.ports.outside import Workers as Workers
from monitor.ports.polling import FeedStore as FeedStore
from monitor.ports.polling import TrafficStore as TrafficStore
from monitor.ports.reading import DocumentStore as DocumentStore
from monitor.ports.store import Progress as Progress
from monitor.ports.store import Store as Store
from monitor.ports.telling import Channel as Channel
from monitor.ports.telling import OutboxStore as OutboxStore
from monitor.ports.watching import WatchStore as WatchStore
