"""Each published table states what it is, and no promise to BI is broken without a higher version."""

from __future__ import annotations

import copy
import re

import pytest
import yaml

from tests.support import published_contracts as contracts

TABLES = {
    "escalation_risk", "escalation_scores_history", "model_performance", "runs", "data_quality", "availability",
    "dim_customers", "dim_agents", "fct_tickets", "fct_contacts", "fct_surveys", "dim_dates",
    "drift", "model_lifecycle", "model_events", "alerts",
}  # fmt: skip
MODELS = contracts.models()


def test_the_tables_bi_was_promised_are_there() -> None:
    assert set(MODELS) >= TABLES


@pytest.mark.parametrize("table", MODELS)
def test_a_table_says_grain_owner_version_and_every_column_its_meaning_and_unit(table: str) -> None:
    block = MODELS[table]
    assert re.search(r"\bOne\s+row\s+per\b|\bone\s+row\s+per\b", block["description"]), "no grain"
    assert "Answers, for example:" in block["description"], "no example questions"
    config = block["config"]
    assert config["contract"]["enforced"] is True and config["group"] == "publishing"
    assert config["meta"]["owner"] and isinstance(config["meta"]["version"], int)
    for column in block["columns"]:
        described = column.get("description") and column.get("data_type") and column["config"]["meta"].get("unit")
        assert described, f"{column['name']}: description, data_type and config.meta.unit are needed"


def test_each_table_serves_an_exposure() -> None:
    exposures = yaml.safe_load((contracts.PUBLISHED / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
    used = {re.sub(r"ref\('(\w+)'\)", r"\1", ref) for exposure in exposures for ref in exposure["depends_on"]}
    assert used == set(MODELS)


def test_tables_say_whose_branch_builds_them() -> None:
    for file in contracts.PUBLISHED.glob("*.sql"):
        tags = re.findall(r"tags=\['([^']+)'\]", file.read_text(encoding="utf-8"))
        assert len(tags) == 1 and (tags[0] in {"conformed", "monitoring"} or tags[0].startswith("task:")), file.name


def test_tables_of_what_python_writes_say_why_they_may_be_empty() -> None:
    """Those that no task's branch builds: published.availability gives their sentence."""
    for file in contracts.PUBLISHED.glob("*.sql"):
        if file.stem in contracts.monitoring_tables() and "source('ml'" in file.read_text(encoding="utf-8"):
            assert MODELS[file.stem]["config"]["meta"].get("when_empty"), file.name


def test_no_promise_is_broken() -> None:
    assert contracts.breaking_changes(contracts.locked(), contracts.current()) == []


def test_the_lock_is_up_to_date() -> None:
    assert contracts.locked() == contracts.current(), f"run `{contracts.COMMAND}` and commit the lock with the change"


def _changed(table: str) -> contracts.Contracts:
    now = copy.deepcopy(contracts.current())
    assert table in now
    return now


def test_breaking_changes_are_found_and_a_higher_version_allows_them() -> None:
    before = contracts.current()
    now = _changed("fct_tickets")
    columns = now["fct_tickets"]["columns"]
    columns["first_answer_minutes"] = columns.pop("first_reply_time_calendar_minutes")
    columns["agent_replies"] = "double"
    del now["runs"]
    found = contracts.breaking_changes(before, now)
    assert {line.split(":")[0] for line in found} == {
        "fct_tickets.first_reply_time_calendar_minutes", "fct_tickets.agent_replies", "runs",
    }  # fmt: skip
    now["fct_tickets"]["version"] += 1
    assert [line.split(":")[0] for line in contracts.breaking_changes(before, now)] == ["runs"]


def test_a_new_column_breaks_nothing() -> None:
    now = _changed("runs")
    now["runs"]["columns"]["host"] = "varchar"
    assert contracts.breaking_changes(contracts.current(), now) == []
