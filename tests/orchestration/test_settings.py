"""Settings: where values come from, and that nothing unknown passes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestration.doctor import examine
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
        ("webhook_seconds = 0", "webhook_seconds = 0"),
        ("promotion_gain = -0.1", "promotion_gain = -0.1"),
        ('challenger_schedule = "weekly"', "challenger_schedule"),
        ('challenger_schedule = "99 3 * * 1"', "the minute 99 isn't within 0 and 59"),
        ('backtest_schedule = "0 4 1 * montag"', "the weekday montag isn't"),
        ('schedule = "0 7, * * *"', "the hour 7, isn't"),
        ('alert_webhook = "ftp://example.com/x"', "alert_webhook"),
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


SECRET = "T0000/B0000/do-not-show"


@pytest.mark.parametrize(
    "given", [f"ftp://{SECRET}", f"https://[{SECRET}", SECRET, f"https:///{SECRET}", f"https://h:99999/{SECRET}"]
)
def test_a_webhook_that_cant_be_used_is_an_error_that_doesnt_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    write(tmp_path, f"alert_webhook = {given!r}\n")
    with pytest.raises(SettingsError, match=r"alert_webhook .*harken.toml.*not an http or https address") as in_file:
        load_settings()
    write(tmp_path, "")
    monkeypatch.setenv("HARKEN_ALERT_WEBHOOK", given)
    with pytest.raises(SettingsError, match=r"alert_webhook .*HARKEN_ALERT_WEBHOOK") as in_variable:
        load_settings()
    with pytest.raises(ValidationError) as direct:
        Settings(home=tmp_path)
    assert not [error for error in (in_file, in_variable, direct) if "do-not-show" in str(error.value)]


@pytest.mark.parametrize("given", ["907060504", f'["{SECRET}"]', f'{{a = "{SECRET}"}}'])
def test_a_webhook_that_is_no_text_isnt_shown_either(tmp_path: Path, given: str) -> None:
    write(tmp_path, f"alert_webhook = {given}\n")
    with pytest.raises(SettingsError, match=r"alert_webhook") as caught:
        load_settings()
    assert "do-not-show" not in str(caught.value) and "907060504" not in str(caught.value)


def test_a_secret_is_shown_nowhere(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).shown("alert_webhook") == "not set"
    write(tmp_path, f'alert_webhook = "https://hooks.example.com/{SECRET}"\n')
    settings = load_settings()
    assert settings.alert_webhook.get_secret_value().endswith(SECRET)
    # MLflow keeps the settings of each training as this dump.
    shown = [json.dumps(settings.model_dump(mode="json")), repr(settings), str(settings), settings.model_dump_json()]
    shown += [str(examine(settings)), str(settings.subprocess_environment()), str(sql_settings(settings))]
    assert not [text for text in shown if "do-not-show" in text]
    assert ("alert_webhook", "set", str(tmp_path / "harken.toml")) in [
        row for rows in examine(settings).sections.values() for row in rows
    ]


def test_every_setting_says_what_it_is() -> None:
    ports = {"dagster_port", "mlflow_port"}
    assert {name for name, field in Settings.model_fields.items() if not field.description} == ports


@pytest.mark.parametrize("schedule", ["0 7 * * *", "*/15 6-20 * * mon-fri", "5 4 1,15 jan,JUL 0"])
def test_schedules_are_written_as_cron_writes_them(schedule: str) -> None:
    assert Settings(schedule=schedule).schedule == schedule
