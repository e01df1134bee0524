"""What the tests of this room share: a home of their own, and files dropped into its landing folder."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.connect import connect
from warehouse.home import Home, open_home

Drop = Callable[..., Path]


@pytest.fixture(scope="session")
def warehouse_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse file with its schema, made once: making it costs more than most tests."""
    home = open_home(tmp_path_factory.mktemp("template"))
    connect(home).close()
    return home.warehouse_file


@pytest.fixture
def home(tmp_path: Path, warehouse_template: Path) -> Home:
    home = open_home(tmp_path / "var")
    shutil.copyfile(warehouse_template, home.warehouse_file)
    return home


@pytest.fixture
def drop(home: Home) -> Drop:
    """drop("tickets", "a.csv", content, age=3600) puts a file under landing/harken/, changed `age` seconds ago."""

    def put(entity: str, name: str, content: str | bytes, age: float = 3600, source: str = "harken") -> Path:
        path = home.landing / source / entity / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        moment = time.time() - age
        os.utime(path, (moment, moment))
        return path

    return put
