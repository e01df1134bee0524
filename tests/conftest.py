"""Fixtures that every room may use: the real data, where it is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import shared

# Files whose tests build on one dear fixture of the session: they run in one process.
TOGETHER = {"tests/orchestration/test_branches.py": "two tasks", "tests/orchestration/test_kill.py": "two tasks"}


@pytest.fixture(scope="session", autouse=True)
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the test processes put what all of them use: beside their own temporary folders."""
    own = tmp_path_factory.getbasetemp()
    shared.set_root(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data sets, none of which belongs to the project. Skips the test without it."""
    folder = os.environ.get("HARKEN_TEST_DATA")
    if not folder:
        pytest.skip("HARKEN_TEST_DATA names no folder with the real data")
    return Path(folder)


@pytest.fixture(scope="session")
def incident_log(real_data: Path) -> Path:
    """The ServiceNow incident event log as it comes from the vendor (CSV, gzip)."""
    [log] = (real_data / "servicenow_incidents").glob("*.csv.gz")
    return log


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """System tests first: a long file that begins last would keep one process busy while the others wait."""
    items.sort(key=lambda item: "system" not in item.path.parts)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file stays in one process, and so do files that belong together.

    xdist's own groups need an attribute that pytest 9.2 no longer reads: each test would then go where there is room.
    """
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return TOGETHER.get(file, file)

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
