"""What docs/websub.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

from monitor.core.websub import decide
from monitor.settings.load import load_settings
from monitor.websub import listener, service, step

PAGE = (Path(__file__).parents[2] / "docs" / "websub.md").read_text(encoding="utf-8")


def test_the_documented_settings_are_a_configuration(tmp_path: Path) -> None:
    block = re.search(r"(?ms)^```yaml\n(.*?)^```", PAGE)
    assert block is not None
    file = tmp_path / "monitor.yaml"
    file.write_text(block[1])
    settings = load_settings(file, environ={}).settings.websub
    assert settings.enabled
    assert settings.listen in PAGE.partition("nginx:")[2]


def test_the_documented_limits_are_those_in_force() -> None:
    said = " ".join(PAGE.split())
    for phrase in (
        f"within {_words(step.LOOK_EVERY.total_seconds())} seconds the hub is asked",
        f"not within {decide.PING_GAP.total_seconds():.0f} seconds of its last poll",
        f"one more {decide.ECHO_AFTER.total_seconds():.0f} seconds after the push",
        f"tried again every {service.RETRY_AFTER.total_seconds():.0f} seconds",
        f"{listener.MAX_CONNECTIONS} at once",
        f"{listener.MAX_HEAD_BYTES // 1024} KiB and {listener.HEAD_S:.0f} seconds",
        f"{listener.MAX_BODY_BYTES // 2**20} MiB and {listener.REQUEST_S:.0f} seconds",
    ):
        assert phrase.lower() in said.lower()


def _words(seconds: float) -> str:
    return {10: "ten"}.get(int(seconds), str(int(seconds)))
