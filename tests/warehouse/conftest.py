"""What the tests of this room share: a home of their own, and files dropped into its landing folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.home import Home, open_home

Drop = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "var")


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
