"""Settings: where values come from, and that nothing unknown passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.settings import Settings, SettingsError, load_settings
from orchestration.sql_settings import sql_settings, table_settings_fingerprint


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("HARKEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))


def write(home: Path, text: str) -> None:
    (home / "harken.toml").write_text(text, encoding="utf-8")


def test_defaults_and_their_origin(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.home == tmp_path
    assert settings.review_hour == 8
    assert settings.origins["home"] == "HARKEN_HOME"
    assert settings.origins["review_hour"] == "default"


def test_a_variable_beats_the_file_which_beats_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "review_hour = 6\nthreads = 3\n[arrival_lag_minutes]\nservicenow = 90\n")
    monkeypatch.setenv("HARKEN_REVIEW_HOUR", "7")
    settings = load_settings()
    assert (settings.review_hour, settings.threads, settings.arrival_lag_minutes) == (7, 3, {"servicenow": 90})
    assert settings.origins["review_hour"] == "HARKEN_REVIEW_HOUR"
    assert settings.origins["threads"] == str(tmp_path / "harken.toml")


def test_lists_are_json_in_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_ESCALATION_RULES", '["reopened"]')
    assert load_settings().escalation_rules == ["reopened"]
    monkeypatch.setenv("HARKEN_ESCALATION_RULES", "reopened")
    with pytest.raises(SettingsError, match="escalation_rules"):
        load_settings()


def test_the_rules_apply_to_sources_without_escalation_events() -> None:
    rules = sql_settings(Settings(home=Path("x")))["rules"]
    assert {source for source, _ in rules} == {"servicenow"}
    assert {rule for _, rule in rules} == {"priority_raised", "reopened", "reassigned_3"}


def test_unknown_names_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "reveiw_hour = 6\n")
    with pytest.raises(SettingsError, match=r"harken.toml: unknown key reveiw_hour"):
        load_settings()
    write(tmp_path, "")
    monkeypatch.setenv("HARKEN_REVEIW_HOUR", "6")
    with pytest.raises(SettingsError, match="unknown variable HARKEN_REVEIW_HOUR"):
        load_settings()


def test_variables_of_others_are_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HARKEN_TEST_DATA", "HARKEN_WAREHOUSE_FILE", "HARKEN_DBT_THREADS"):
        monkeypatch.setenv(name, "x")
    load_settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("review_hour = 24", "review_hour = 24"),
        ('time_zone = "Berlin"', "is not an IANA time zone"),
        ("arrival_lag_minutes = {harken = -1}", "can't be negative"),
        ("arrival_lag_minutes = {harken = 1000000000}", "longer than a year"),
        ('holiday_country = "ZZ"', "no country code"),
        ('schedule = "x"', "schedule"),
        ('warehouse_memory = "0MB"', "warehouse_memory"),
        ('escalation_rules = ["shouted"]', "escalation_rules"),
        ('home = "/tmp"', "home can't be set in the file"),
        ("review_hour = ", "can't be read"),
    ],
)
def test_faults_are_one_line_that_names_the_place(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert message in str(caught.value)
    assert "harken.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_fingerprint_changes_with_what_shapes_tables_only() -> None:
    base = Settings(home=Path("x"))
    same = Settings(home=Path("y"), threads=7, dagster_port=3001)
    other = Settings(home=Path("x"), arrival_lag_minutes={"harken": 5})
    assert table_settings_fingerprint(base) == table_settings_fingerprint(same)
    assert table_settings_fingerprint(base) != table_settings_fingerprint(other)
