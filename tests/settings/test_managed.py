"""The managed sources file keeps every word that is not the command's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.settings.managed import add_items, set_enabled
from monitor.settings.yaml_lines import read_yaml

A, B = "https://a.example/", "https://b.example/"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "sources.yaml"


def content(path: Path) -> object:
    return read_yaml(path).value


def test_the_first_source_makes_the_file_and_its_folder(path):
    add_items(path, [{"name": "A: the first", "url": A, "tags": ["x", "y"]}])
    assert content(path) == [{"name": "A: the first", "url": A, "tags": ["x", "y"]}]
    assert path.read_text().startswith("# Sources added with `monitor sources`")


@pytest.mark.parametrize(
    "before",
    [
        "# mine\n- url: https://a.example/  # the best\n",
        "# mine\n- url: https://a.example/  # the best",
        "sources:  # mine\n  - url: https://a.example/  # the best\n",
        "sources:\n- url: https://a.example/\n# the end\n",
        "    - url: https://a.example/  # indented\n",
    ],
)
def test_what_stands_in_the_file_stays(path, before):
    """Comments, order and indentation stay; the new source comes last."""
    path.parent.mkdir()
    path.write_text(before)
    add_items(path, [{"url": B, "enabled": False}])
    assert path.read_text().startswith(before.rstrip("\n"))
    value = content(path)
    items = value["sources"] if isinstance(value, dict) else value
    assert items == [{"url": A}, {"url": B, "enabled": False}]


@pytest.mark.parametrize("before", ["[]\n", "# nothing yet\n[]\n", "", "---\n"])
def test_an_empty_list_is_filled(path, before):
    path.parent.mkdir()
    path.write_text(before)
    add_items(path, [{"url": A}])
    assert content(path) == [{"url": A}]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "- url: https://a.example/ # best\n  tags: [x]\n",
            "- url: https://a.example/ # best\n  enabled: false\n  tags: [x]\n",
        ),
        ("- {url: https://a.example/, tags: [x]}\n", "- {url: https://a.example/, enabled: false, tags: [x]}\n"),
        ("- name: A\n  url: https://a.example/", "- name: A\n  url: https://a.example/\n  enabled: false"),
        (
            "- url: https://a.example/\n  enabled: true  # for now\n",
            "- url: https://a.example/\n  enabled: false  # for now\n",
        ),
        ("- url: https://a.example/\n  enabled:\n", "- url: https://a.example/\n  enabled: false\n"),
        ("- url: https://b.example/\n", "- url: https://b.example/\n- url: https://a.example/\n  enabled: false\n"),
    ],
)
def test_a_source_is_switched_off_where_it_stands(path, before, after):
    path.parent.mkdir()
    path.write_text(before)
    set_enabled(path, A, False)
    assert path.read_text() == after
    set_enabled(path, A, True)
    assert path.read_text() == after.replace("enabled: false", "enabled: true")


@pytest.mark.parametrize(
    "before", ["[{url: https://b.example/}]\n", "sources:\n  - url: https://b.example/\nother: 1\n", "- [\n", "words\n"]
)
def test_a_file_in_a_form_with_no_room_stays_unchanged(path, before):
    path.parent.mkdir()
    path.write_text(before)
    with pytest.raises(ConfigError):
        add_items(path, [{"url": A}])
    assert path.read_text() == before
    assert [each.name for each in path.parent.iterdir()] == ["sources.yaml"]


def test_the_files_permissions_and_a_link_to_it_stay(path, tmp_path):
    real = tmp_path / "real.yaml"
    real.write_text("- url: https://b.example/\n")
    real.chmod(0o640)
    path.parent.mkdir()
    path.symlink_to(real)
    add_items(path, [{"url": A}])
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert content(real) == [{"url": B}, {"url": A}]


@example(name="Foo...")
@example(name="...")
@example(name="---")
@example(name="- x: #y")
@example(name="null")
@example(name="1:30")
@example(name="\u2028")
@given(name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
def test_any_name_reads_back_as_it_was(tmp_path_factory, name):
    """Colons, quotes, dashes, emoji, words that look like numbers: YAML's quoting is never our bug."""
    path = tmp_path_factory.mktemp("m") / "sources.yaml"
    add_items(path, [{"name": name, "url": A, "tags": [name]}])
    add_items(path, [{"url": B}])
    assert content(path) == [{"name": name, "url": A, "tags": [name]}, {"url": B}]
