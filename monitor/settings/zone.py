"""The reader's time zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal import get_localzone

from monitor.errors import ConfigError, ConfigProblem
from monitor.settings.load import LoadedSettings


def reader_zone(loaded: LoadedSettings) -> ZoneInfo:
    """The zone of alerts.timezone, where `local` is this machine's.

    Raises:
        ConfigError: this machine's zone cannot be read.
    """
    name = loaded.settings.alerts.timezone
    try:
        return get_localzone() if name == "local" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = "alerts.timezone is local, but this machine's zone (TZ, /etc/localtime) cannot be read"
        raise ConfigError((ConfigProblem(file=str(loaded.path), line=0, message=message),)) from error
