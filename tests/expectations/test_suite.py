"""Suites are found by their task's name, and importing the room stays cheap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from expectations import SuiteMissing, suite_for
from expectations.suites import escalation


def test_a_suite_is_found_by_the_task_name() -> None:
    suite = suite_for("escalation")
    assert suite.task == "escalation" and "queue" in suite.shown


def test_a_task_without_suite_is_told_what_to_write() -> None:
    with pytest.raises(SuiteMissing, match=r"write expectations/suites/nothing\.py with a function checks"):
        suite_for("nothing")


def test_importing_the_room_does_not_import_great_expectations() -> None:
    code = "import sys, expectations; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_the_escalation_suite_names_is_in_the_contract() -> None:
    project = Path(__file__).resolve().parents[2] / "dbt_project"
    file = project / "models" / "features" / "escalation.yml"
    columns = yaml.safe_load(file.read_text(encoding="utf-8"))["models"][0]["columns"]
    roles = {column["name"]: column["config"]["meta"]["role"] for column in columns}
    assert [item.column for item in escalation.RANGES if roles.get(item.column) != "numeric"] == []
    assert [column for column in escalation.SHOWN if roles.get(column) != "categorical"] == []
    assert [part for part in escalation.SIGNED if not any(part in column for column in roles)] == []
