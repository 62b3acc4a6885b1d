"""Loading a configuration: defaults, files in order of preference, and problems at their lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.settings.load import LoadedSettings, load_settings
from monitor.settings.paths import shipped_config_dir
from monitor.settings.sample import example_config
from monitor.settings.schema import Settings
from monitor.settings.yaml_lines import parse_yaml


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str) -> LoadedSettings:
    path = Path("monitor.yaml")
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environ={})


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text)
    return [str(problem).removeprefix("monitor.yaml:") for problem in caught.value.problems]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "read:\nalerts:\n", "alerts:\n  max_age:\n", "{}"])
def test_what_is_left_out_has_its_default(text):
    """An empty file, an empty section and an empty key all mean the defaults."""
    assert load(text).settings == Settings()


def test_values_are_read_with_their_units():
    settings = load(
        "alerts: {max_age: none}\npoll: {interval: 1h 30m, cap: 7d}\nnetwork: {max_body: 512KiB}\n"
    ).settings
    assert settings.alerts.max_age is None
    assert (settings.poll.interval, settings.poll.cap) == (5400, 604800)
    assert settings.network.max_body == 512 * 1024


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("databse:\n  url: x\n", ["1: unknown key 'databse': did you mean 'database'?"]),
        ("log:\n  level: info\n  frmat: json\n", ["3: unknown key 'frmat': did you mean 'format'?"]),
        ("zzz: 1\n", ["1: unknown key 'zzz'"]),
        ("log:\n  level: info\nlog:\n  level: debug\n", ["3: duplicate key 'log': it stands in line 1 already"]),
        (
            "log:\n  level: info\n  level: debug\n",
            ["3: duplicate key 'level': it stands in line 2 already"],
        ),
        ("read:\n  fetch_pages: maybe\n", ["2: 'fetch_pages' must be true or false"]),
        ("read:\n  concurrency: 99\n", ["2: 'concurrency' must be less than or equal to 64"]),
        ("read:\n  concurrency: many\n", ["2: 'concurrency' must be a whole number"]),
        ("read: 3\n", ["1: 'read' must be a mapping of keys and values"]),
        ("log:\n  format: xml\n", ["2: 'format' must be 'console' or 'json'"]),
        (
            "alerts:\n  max_age: soon\n",
            ["2: 'max_age': 'soon' is not a duration: write seconds, or 90s, 10m, 24h, 7d"],
        ),
        ("retention:\n  polls: 99999999999d\n", ["2: 'polls': '99999999999d' is longer than a century"]),
        ("network:\n  max_body: big\n", ["2: 'max_body': 'big' is not a size: write bytes, or 512KiB, 15MiB"]),
        ("rules:\n  extra: [1]\n", ["2: 'extra[1]' must be text (put it in quotes if it looks like something else)"]),
        (
            "alerts:\n  timezone: Europe/Belrin\n",
            ["2: 'timezone' is not a zone's name: write local, UTC, Europe/Berlin, Asia/Jerusalem …"],
        ),
        ("poll:\n  floor: 2h\n  cap: 1h\n", ["2: 'floor' is longer than 'cap'"]),
        ("network:\n  ca_file: gone.pem\n", ["2: no such file: gone.pem"]),
        (
            "network:\n  user_agent: 'x {who}'\n",
            ["2: 'user_agent' may hold {version} and {contact}, no other braces"],
        ),
        ("rules:\n  extra:\n    - gone\n", ["3: no such folder: gone"]),
        ("database:\n  url: mysql://root@db/x\n", ["2: 'url' must begin with sqlite:/// or postgresql://"]),
        ("channels:\n  desk: {kind: slak}\n", ["2: channel 'desk': unknown kind 'slak': did you mean 'slack'?"]),
        (
            "channels:\n  desk: {channel: x}\n",
            ["2: channel 'desk' has no kind: write kind: slack, console, webhook, email, apprise or feed_file"],
        ),
        (
            "channels:\n  desk:\n    kind: slack\n    token_env: T\n    chanel: x\n",
            ["2: 'channel' is missing", "5: unknown key 'chanel': did you mean 'channel'?"],
        ),
        (
            "channels:\n  desk:\n    kind: slack\n    channel: '#x'\n",
            ["2: channel 'desk' needs token_env or token_file, one of the two"],
        ),
        ("channels:\n  hook:\n    kind: webhook\n", ["2: channel 'hook' needs url or url_env, one of the two"]),
        (
            "channels:\n  mail: {kind: email, host: h, sender: 'Desk <a@b.example>', to: [a@b.example, b]}\n",
            [
                "2: 'Desk <a@b.example>' is not an e-mail address: write desk@example.org, without a name",
                "2: 'b' is not an e-mail address: write desk@example.org, without a name",
            ],
        ),
        (
            "channels:\n  mail:\n    {kind: email, host: h, sender: a@b.example, to: [a@b.example], user: u}\n",
            ["2: channel 'mail' needs user and one of password_env or password_file, or none of them"],
        ),
        (
            "channels:\n  mail:\n    {kind: email, host: h, sender: a@b.example, to: [a@b.example], security: none,\n"
            "     user: u, password_env: P}\n",
            ["2: channel 'mail' would send its password in the clear: 'security' must be starttls or ssl"],
        ),
        ("channels:\n  more: {kind: apprise}\n", ["2: channel 'more' needs url_env or url_file, one of the two"]),
        (
            "channels:\n  desk: {kind: slack, channel: x, token_env: T, app_token_env: A, app_token_file: f}\n",
            ["2: channel 'desk' takes app_token_env or app_token_file, not both"],
        ),
        ("- a\n- b\n", ["1: the configuration must be a mapping of keys and values"]),
        ("just words\n", ["1: the configuration must be a mapping of keys and values"]),
        (
            "log: {level: info\nread: {}\n",
            ["2: not valid YAML: expected ',' or '}', but got ':' (while parsing a flow mapping that began in line 1)"],
        ),
        ("log:\n\tlevel: info\n", ["2: not valid YAML: a tab cannot be used for indentation: use spaces"]),
        ("log: *gone\n", ["1: not valid YAML: found undefined alias 'gone'"]),
        ("log: {}\n---\nread: {}\n", ["2: not valid YAML: one file is one document: '---' begins a second one"]),
        (
            "log: !!python/object:os.system {}\n",
            ["1: the tag tag:yaml.org,2002:python/object:os.system is not allowed"],
        ),
        ("log:\n  level: in\x07fo\n", ["2: the character U+0007 is not allowed in YAML"]),
        (
            "websub:\n  enabled: true\n",
            ["1: 'callback' is missing: the address at which hubs reach this machine, https://…/websub/"],
        ),
        (
            "websub:\n  listen: '127.0.0.1:99999'\n  callback: 'https://news.example/?a='\n",
            [
                "2: 'listen' is an address and port, such as 127.0.0.1:8787 or [::1]:8787",
                "3: 'callback' is the beginning of addresses: it has no ? and no #",
            ],
        ),
        (
            "websub:\n  callback: 'https://user:word@news.example/'\n",
            ["2: 'callback' must begin with https:// or http:// and name a host, no user"],
        ),
        ("? [a]\n: 1\n", ["1: a key must be a word, not a list or mapping"]),
    ],
)
def test_a_problem_is_told_at_its_line(text, expected):
    assert problems(text) == expected


DESK = "channels:\n  desk: {kind: console}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"{DESK}  ops: {{kind: console}}\nadmin:\n  channels:\n    - ops\n    - oops\n",
            ["7: no channel is called 'oops' (channels: desk, ops)"],
        ),
        ("admin: {channels: [ops]}\n", ["1: no channel is called 'ops' (channels: none is defined)"]),
        (
            f"{DESK}admin:\n  channels: [desk]\n",
            ["4: 'channels' takes every channel for notices, so alerts would go nowhere: say 'alerts_too: true'"],
        ),
    ],
)
def test_an_admin_route_that_cannot_be_meant_is_told_at_its_line(text, expected):
    assert problems(text) == expected


def test_a_channel_for_notices_takes_alerts_only_where_wanted():
    both = f"{DESK}  ops: {{kind: console}}\n"
    assert load(both).settings.alert_channels == ("desk", "ops")
    assert load(f"{both}admin: {{channels: [ops]}}\n").settings.alert_channels == ("desk",)
    assert load(f"{both}admin: {{channels: [ops], alerts_too: true}}\n").settings.alert_channels == ("desk", "ops")


def test_all_problems_come_at_once_in_the_order_of_the_file():
    """Syntax of keys, types, contradictions and sources are all looked at in one go."""
    found = problems(
        "sources:\n  - name: a\nread: {fetch_pages: 7}\nalerts:\n  timezone: Mars\nlog: {lvel: info}\npoll: {cap: 1m}\n"
    )
    assert [line.split(":")[0] for line in found] == ["2", "3", "5", "6", "7"]


def test_a_secret_in_the_wrong_place_is_not_repeated():
    """A token where a variable's name belongs, and a password in a URL, stay out of the message."""
    found = "\n".join(
        problems(
            "channels:\n  desk: {kind: slack, channel: x, token_env: xoxb-1-SECRET}\n"
            "  hook: {kind: webhook, url_env: 'https://hooks.example/SECRET'}\n"
            "  odd: {kind: console, token: SECRET}\n"
            "database: {url: 'mysql://u:SECRET@db/x'}\n"
            "sources:\n  - url: https://u:SECRET@news.example/feed\n"
            "  - {url: https://news.example/b, auth_env: 'user:SECRET'}\n"
            "  - {url: 'https://news.example/c?key=SECRET'}\n"
            "  - {url: 'https://news.example/c?key=SECRET'}\n"
        )
    )
    assert len(found.splitlines()) == 7
    assert "SECRET" not in found


def test_anchors_and_merges_are_fine():
    settings = load(
        "poll: &times\n  interval: 20m\nchannels:\n  a: &slack {kind: slack, channel: '#a', token_env: T}\n"
        "  b:\n    <<: *slack\n    channel: '#b'\n"
    ).settings
    assert [(c.kind, getattr(c, "channel", "")) for c in settings.channels.values()] == [
        ("slack", "#a"),
        ("slack", "#b"),
    ]


def test_an_alias_bomb_is_refused():
    """A few hundred bytes that expand to billions of values end in one message, at once."""
    levels = "".join(f"  l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]\n" for i in range(1, 10))
    found = problems("rules:\n  l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n" + levels)
    assert found == [
        "monitor.yaml: expands to more than 300,000 values: too many aliases".removeprefix("monitor.yaml:")
    ]


@pytest.mark.parametrize("text", ["rules: &a [*a]\n", "rules: " + "[" * 5000, "rules: " + "{a: " * 5000])
def test_bottomless_documents_are_refused_with_a_line(text):
    assert problems(text)[0].startswith("1: ")


def test_words_that_old_yaml_takes_for_something_else_stay_words():
    """Norway's code, a time of day and a date are text: only true and false are booleans."""
    loaded = load("sources:\n  - {url: https://news.example/a, country: no, name: 2024-10-29, language: on}\n")
    item = loaded.sources[0].item
    assert (item.country, item.name, item.language) == ("no", "2024-10-29", "on")


def test_the_file_named_is_read_before_the_variable_and_the_folder():
    for name, level in {"named": "debug", "variable": "warning", "config/monitor": "error"}.items():
        path = Path(f"{name}.yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"log: {{level: {level}}}\n")
    environ = {"MONITOR_CONFIG": "variable.yaml"}
    assert load_settings(Path("named.yaml"), environ=environ).settings.log.level == "debug"
    assert load_settings(None, environ=environ).settings.log.level == "warning"
    assert load_settings(None, environ={}).settings.log.level == "error"


def test_without_any_file_the_shipped_configuration_is_in_force():
    """It is read where it is shipped, but what the user adds belongs into the working folder."""
    loaded = load_settings(None, environ={})
    assert loaded.path == shipped_config_dir() / "monitor.yaml"
    assert loaded.managed_sources == Path("config/sources.yaml")
    assert [channel.kind for channel in loaded.settings.channels.values()] == ["console"]
    assert len(loaded.sources) >= 60


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "gone.yaml: no such file"),
        ({"MONITOR_CONFIG": "other.yaml"}, "other.yaml: no such file (named by MONITOR_CONFIG)"),
    ],
)
def test_a_missing_file_is_named(environ, expected):
    with pytest.raises(ConfigError, match=re.escape(expected)):
        load_settings(None if environ else Path("gone.yaml"), environ=environ)


def test_a_folder_and_other_bytes_than_utf_8_are_named():
    Path("folder").mkdir()
    with pytest.raises(ConfigError, match="folder: cannot be read: is a directory"):
        load_settings(Path("folder"), environ={})
    Path("latin.yaml").write_bytes("log: é".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.yaml: not UTF-8 text: byte 0xe9 at offset 5"):
        load_settings(Path("latin.yaml"), environ={})


def test_a_byte_order_mark_is_ignored():
    Path("bom.yaml").write_bytes(b"\xef\xbb\xbflog: {level: debug}\n")
    assert load_settings(Path("bom.yaml"), environ={}).settings.log.level == "debug"


def test_the_sample_shows_every_key_with_its_true_default():
    """Every section after the channels, its comment marks removed, says what is in force without it."""
    _, _, sections = example_config().partition("\n# alerts:")
    shown = re.sub(r"(?m)^# ?", "", "# alerts:" + sections)
    settings = load(shown).settings
    assert settings == Settings()
    hidden = {"database", "sources", "channels", "routes"}
    keys = [(name, key) for name, section in Settings() if name not in hidden for key in type(section).model_fields]
    written = parse_yaml(shown, file="").value
    assert isinstance(written, dict)
    assert [(name, key) for name, key in keys if key not in written.get(name, {})] == []


def test_the_sample_itself_names_the_default_database_and_only_a_console():
    settings = load(example_config()).settings
    assert settings.database == Settings().database
    assert [channel.kind for channel in settings.channels.values()] == ["console"]
