"""`monitor config`, and how every command ends that cannot be configured."""

from __future__ import annotations


def test_a_good_configuration_is_summed_up(cli):
    cli.write_config(
        "sources:\n  - {url: https://a.example/}\n  - {url: https://b.example/, enabled: false}\n"
        "channels:\n  desk: {kind: console}\n"
    )
    ran = cli("config", "check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{cli.config}: fine\n  2 sources, 1 of them enabled\n")
    assert ran.out.endswith("\n  channels: desk (console)\n")


def test_what_the_guard_cannot_see_is_said(cli):
    cli.write_config("network: {proxy: 'http://proxy.example:3128'}\nchannels: {desk: {kind: console}}\n")
    ran = cli("config", "check")
    assert ran.code == 0
    assert ran.err.startswith("note: behind a proxy, names are checked before they are handed over; which address")
    cli.write_config("network: {allow_private: true}\nchannels: {desk: {kind: console}}\n")
    assert "allow_private is on" in cli("config", "check").err


def test_all_problems_come_with_file_and_line(cli):
    cli.write_config("log:\n  level: loud\nreed: {}\nsources:\n  - include: gone.yaml\n")
    ran = cli("config", "check")
    assert (ran.code, ran.out) == (3, "")
    lines = ran.err.splitlines()
    assert lines[0] == "monitor: the configuration has 3 problems"
    assert [line.split("monitor.yaml:")[1].split(":")[0] for line in lines[1:]] == ["2", "3", "5"]


def test_problems_in_a_rule_folder_are_found_too(cli):
    folder = cli.folder / "mine" / "events" / "ceasefire" / "rules"
    folder.mkdir(parents=True)
    (folder / "odd.yaml").write_text("rules:\n  - id: [\n")
    cli.write_config("rules: {extra: [mine]}\n")
    ran = cli("config", "check")
    assert ran.code == 3
    assert "odd.yaml" in ran.err


def test_a_missing_file_ends_with_3(cli):
    cli.config.unlink()
    ran = cli("alerts", "list")
    assert (ran.code, ran.err) == (3, f"monitor: {cli.config}: no such file\n")


def test_the_variable_names_the_file_too(cli):
    cli.write_config("log: {level: loud}\n")
    ran = cli("config", "check", config=False, MONITOR_CONFIG=str(cli.config))
    assert ran.code == 3
    assert f"{cli.config}:1:" in ran.err or "monitor.yaml:1:" in ran.err


def test_the_example_is_a_working_configuration(cli):
    """As printed, and with its Slack channel uncommented."""
    text = cli("config", "example").out
    cli.write_config(text)
    assert cli("config", "check").code == 0
    start = text.index("  # desk:")
    block = text[start : text.index("\n\n", start)]
    cli.write_config(text.replace(block, "\n".join(line.replace("# ", "", 1) for line in block.splitlines())))
    assert "channels: terminal (console), desk (slack)\n" in cli("config", "check").out


def test_what_the_start_would_miss_here_is_noted(cli):
    """A service gets its token elsewhere, so the configuration itself is fine."""
    cli.write_config("channels:\n  desk: {kind: slack, channel: '#desk', token_env: DESK_TOKEN}\n")
    ran = cli("config", "check")
    assert (ran.code, ran.out.count("fine")) == (0, 1)
    assert ran.err == (
        "note: channels.desk: token_env: the environment variable DESK_TOKEN is not set: "
        "from here `monitor run` would not start\n"
    )
    assert cli("config", "check", DESK_TOKEN="xoxb-1").err == ""


def test_a_configuration_that_watches_nothing_says_so(cli):
    cli.write_config("")
    out = cli("config", "check").out
    assert "  sources: none: nothing is polled\n" in out
    assert "  channels: none: alerts go nowhere\n" in out
