"""The sample configuration, which is also the one in force where there is none."""

from __future__ import annotations

from monitor.settings.paths import shipped_config_dir

_LAST_CHANNEL = "    kind: console\n"

_SLACK = """\
  # desk:
  #   kind: slack
  #   channel: "#world-desk"        # the bot must be in it: /invite @your-bot
  #   token_env: SLACK_BOT_TOKEN    # or token_file: slack_token (relative: in $CREDENTIALS_DIRECTORY)
  #   app_token_env: SLACK_APP_TOKEN # or app_token_file: hears buttons and /monitor; see docs/slack.md
  #   api_url: https://slack.com/api/
  #   min_gap: 1s                   # between two messages in the long run …
  #   burst: 1                      # … and how many may go at once after a quiet while
  #   broadcast: [agreed, in_effect, violated, collapsed, under_way, cancelled]  # replies that show in the channel too
  #   settle: 30s                   # how long a message whose answer was lost may take to show (docs/delivery.md)
"""


def example_config() -> str:
    """The sample `monitor.yaml`, with a Slack channel to uncomment."""
    sample = (shipped_config_dir() / "monitor.yaml").read_text(encoding="utf-8")
    return sample.replace(_LAST_CHANNEL, _LAST_CHANNEL + _SLACK, 1)
