"""Shipped files: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from monitor.settings import paths

ROOT = Path(__file__).parents[2]


def test_a_checkout_ships_its_own_folders():
    assert paths.shipped_config_dir() == ROOT / "config"
    assert paths.shipped_seeds_dir() == ROOT / "seeds"
    assert paths.alembic_dir() == ROOT / "alembic"
    assert (paths.shipped_config_dir() / "monitor.yaml").is_file()


def test_a_wheel_ships_them_inside_the_package(tmp_path):
    """As `force-include` in pyproject.toml lays them down."""
    installed = tmp_path / "monitor" / "settings" / "paths.py"
    installed.parent.mkdir(parents=True)
    shutil.copy(paths.__file__, installed)
    for name in ("config", "seeds", "alembic"):
        (tmp_path / "monitor" / "_data" / name).mkdir(parents=True)
    spec = importlib.util.spec_from_file_location("installed_paths", installed)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    assert module.shipped_seeds_dir() == tmp_path / "monitor" / "_data" / "seeds"
    assert module.alembic_dir() == tmp_path / "monitor" / "_data" / "alembic"
    assert module.shipped_config_dir() == tmp_path / "monitor" / "_data" / "config"
