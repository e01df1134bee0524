"""The command `harken` as a person uses it: help, exit codes, one-line errors, and a small demo from end to end."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.run import open_session
from orchestration.settings import load_settings
from tests.support.cli import REPOSITORY, demo_home, harken, harken_afresh, one_line
from warehouse.connect import connect
from warehouse.home import open_home
from warehouse.publish import publish

COMMANDS = (
    "demo", "simulate", "land", "check", "run", "backtest", "tables", "show", "publish", "rollback", "doctor", "ui",
    "models", "retrain", "promote", "rollback-model", "accept", "loop", "replay",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_home(tmp_path_factory.mktemp("demo"))


def test_every_command_has_help_with_an_example(tmp_path: Path) -> None:
    # One process for all: what takes the time is starting Python.
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom orchestration.cli import app\n"
        "for name in sys.argv[1:]:\n"
        "    found = CliRunner().invoke(app, [name, '--help'])\n"
        "    assert found.exit_code == 0, name\n"
        "    assert 'Example: ' in found.output and f'harken {name}' in found.output, name\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}
    done = subprocess.run([sys.executable, "-c", script, *COMMANDS], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# Arguments, variables, exit code and what the error says.
WRONG: list[tuple[list[str], dict[str, str], int, str]] = [
    (["run", "--from", "2026-06-01"], {}, 2, "--from and --to belong together"),
    (["run", "--until", "yesterday"], {}, 2, "is no time"),
    (["run", "--until", "2999-01-01"], {}, 2, "--until lies in the future"),
    (["run", "--from", "2026-01-01", "--to", "2999-01-01"], {}, 2, "--to lies in the future"),
    (["simulate", "--start", "x"], {}, 2, "--start 'x' is no time"),
    (["tables"], {"HARKEN_HOME": ""}, 2, "HARKEN_HOME is empty: name a folder"),
    (["land", "harken", "tickets", "nowhere.csv"], {}, 2, "there is no such file"),
    (["land", "harken", "tickts", __file__], {}, 2, "has no entity 'tickts'"),
    (["backtest", "churn", "--from", "2026-01-01", "--to", "2026-01-02", "--out", "x.csv"], {}, 2, "no task"),
    (["backtest", "escalation", "--from", "2026-01-01", "--to", "2026-01-02", "--out", "x.txt"], {}, 2, ".parquet"),
    (["tables"], {"HARKEN_THREDS": "3"}, 2, "unknown variable HARKEN_THREDS"),
    (["show", "escalation_risk"], {}, 1, "nothing is published"),
    (["rollback"], {}, 1, "no earlier snapshot"),
    (["simulate", "--advance", "1"], {}, 1, "nothing was simulated"),
]


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, str]]:
    """Exit code and errors of each of these, called one after another in one process."""
    folder = tmp_path_factory.mktemp("refused")
    script = (
        "import json, os, sys\nfrom typer.testing import CliRunner\nfrom orchestration.cli import app\n"
        "kept, found = dict(os.environ), []\n"
        "for arguments, variables, *_ in json.load(sys.stdin):\n"
        "    os.environ.clear()\n"
        "    os.environ.update({**kept, **variables})\n"
        "    done = CliRunner().invoke(app, arguments)\n"
        "    found.append([done.exit_code, done.stderr])\n"
        "json.dump(found, sys.stdout)\n"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARKEN_")}
    environment = {**kept, "HARKEN_HOME": str(folder / "home"), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=folder, input=json.dumps(WRONG), capture_output=True,
        text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [(code, errors) for code, errors in json.loads(done.stdout)]


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[" ".join(wrong[0][:3]) for wrong in WRONG])
def test_wrong_use_and_failure_are_told_apart_in_one_line(refused: list[tuple[int, str]], number: int) -> None:
    _, _, code, message = WRONG[number]
    told, errors = refused[number]
    assert told == code, errors
    assert message in one_line(errors)


def test_the_exit_code_is_that_of_the_process(tmp_path: Path) -> None:
    assert harken_afresh(tmp_path / "home", "simulate", "--start", "x").returncode == 2
    failed = harken_afresh(tmp_path / "home", "rollback")
    assert failed.returncode == 1
    assert "no earlier snapshot" in one_line(failed.stderr)


def test_what_looks_like_markup_in_the_data_is_shown_as_it_is(tmp_path: Path) -> None:
    home, text = open_home(tmp_path / "home"), "[bold red]late[/] [link=http://x]here[/link] :smile: [/]"
    with connect(home) as con:
        con.execute("create schema published")
        con.execute("create table published.notes as select ? as note, ? as more", [text, "[reverse]"])
        con.execute("create table published.wide as select " + ", ".join(f"'[b]{n}[/b]' as c{n}" for n in range(30)))
        publish(home, "r1", ["notes", "wide"], con=con)
    shown = harken(home.root, "show", "notes")
    assert shown.returncode == 0, shown.stderr
    assert text in shown.stdout and "[reverse]" in shown.stdout
    assert "[b]29[/b]" in harken(home.root, "show", "wide").stdout
    assert text in harken(home.root, "show", "notes", "--csv").stdout


def test_an_empty_home_fails_with_what_to_do_and_publishes_nothing(tmp_path: Path) -> None:
    done = harken(tmp_path / "home", "run")
    assert done.returncode == 1
    assert "there are no facts yet: put files into" in one_line(done.stderr)
    assert not (tmp_path / "home" / "published" / "current").exists()


def test_check_says_what_is_wrong_without_writing(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text("ticket_id,subject\nt1,hello\n", encoding="utf-8")
    done = harken(tmp_path / "home", "check", "harken", "tickets", str(file))
    assert done.returncode == 1
    assert "opened_at" in done.stdout
    assert not (tmp_path / "home" / "warehouse" / "harken.duckdb").exists()


def test_the_demo_ends_with_what_a_person_needs(home: Path) -> None:
    text = (home / "demo.txt").read_text(encoding="utf-8")
    for wanted in ("Landed", "Checks", "PR-AUC", "Riskiest open tickets", "published", "harken ui"):
        assert wanted in text, wanted


def test_the_risk_table_is_published(home: Path) -> None:
    done = harken(home, "show", "escalation_risk", "--by", "rank", "--csv", "--limit", "10")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 11)]
    assert all(row["reason_1"] for row in rows)


def test_every_experiment_keeps_its_artifacts_in_the_home(home: Path) -> None:
    with contextlib.closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as con:
        places = dict(con.execute("select name, artifact_location from experiments").fetchall())
    assert {"Default", "escalation"} <= set(places)
    assert not [place for place in places.values() if str(home / "mlflow" / "artifacts") not in place]


def test_a_second_run_over_nothing_new_lands_nothing(home: Path) -> None:
    done = harken(home, "run")
    assert done.returncode == 0, done.stderr
    assert "building everything anew" not in done.stdout
    listed = harken(home, "publish", "--list")
    assert listed.stdout.count("current") == 1


def test_rollback_goes_to_the_snapshot_before(home: Path) -> None:
    before = (home / "published" / "current").resolve().name
    done = harken(home, "rollback")
    assert done.returncode == 0, done.stderr
    after = (home / "published" / "current").resolve().name
    assert after != before
    assert harken(home, "rollback", before).returncode == 0


def test_doctor_finds_nothing_to_mend(home: Path) -> None:
    done = harken(home, "doctor", HARKEN_REVIEW_HOUR="8")
    assert done.returncode == 0, done.stdout
    assert "HARKEN_REVIEW_HOUR" in done.stdout
    assert "nothing to mend" in done.stdout


def test_a_run_before_the_first_fact_is_an_error_and_readers_keep_what_they_have(home: Path) -> None:
    before = (home / "published" / "current").resolve()
    done = harken(home, "run", "--until", "2020-01-01")
    assert done.returncode == 1
    assert "nothing was known at 2020-01-01 00:00 yet: the first fact is of 2025-" in one_line(done.stderr)
    assert (home / "published" / "current").resolve() == before


def test_what_is_scheduled_leaves_its_figures(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weekly challenger and the monthly backtest, by the Dagster jobs that their schedules start."""
    monkeypatch.setenv("HARKEN_TRAINING_ROWS", "3000")
    with open_session(load_settings(home=home)) as session:
        assert session.run("escalation_challenge").problems == []
        challenged = " ".join(line.note for line in session.report.steps)
        assert session.run("escalation_backtest").problems == []
    with connect(open_home(home), read_only=True) as con:
        told = dict(con.execute("select event, reason from ml.model_events").fetchall())
        kept = con.execute("select metric from ml.model_performance where model_version = 'backtest'").fetchall()
    # The champion was trained a moment ago: there is no row yet that neither has seen.
    assert "0 mature rows since" in challenged and "challenger refused" not in told
    assert "retrained every 7 days" in told["backtest"]
    assert {"pr_auc", "recall_at_capacity"} <= {metric for (metric,) in kept}


def test_a_model_is_retrained_promoted_and_rolled_back_by_hand(home: Path) -> None:
    done = harken(home, "retrain", "escalation", "--reason", "new price list", HARKEN_TRAINING_ROWS="3000")
    assert done.returncode == 0, done.stderr
    listed = harken(home, "models", "escalation").stdout
    assert "awaiting a window: new price list" in listed
    [candidate] = [version for version, role in _roles(listed).items() if role == "candidate"]
    assert _roles(listed) == {candidate: "candidate", "1": "champion"}

    padded = harken(home, "promote", "escalation", "01")
    assert padded.returncode == 1 and "version 1 is champion already" in one_line(padded.stderr)
    done = harken(home, "promote", "escalation", candidate, "--reason", "agreed [with] the [/team] leads")
    assert done.returncode == 0, done.stderr
    assert "agreed [with] the [/team] leads" in harken(home, "models", "escalation").stdout.replace("\n", " ")
    done = harken(home, "rollback-model", "escalation", "--reason", "too many false alarms")
    assert done.returncode == 0, done.stderr
    assert _roles(harken(home, "models").stdout)["1"] == "champion"

    with connect(open_home(home), read_only=True) as con:
        told = dict(con.execute("select event, reason from ml.model_events").fetchall())
    assert told["promoted"] == "agreed [with] the [/team] leads"
    assert told["rolled back"] == "too many false alarms"
    assert told["in the shadow"].startswith("new price list; ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["promote", "escalation", "99"], "has no model version 99: `harken models escalation` lists them"),
        (["accept", "escalation"], "no drift is suspected, nothing to accept"),
    ],
)
def test_what_can_t_be_done_to_a_model_is_told_in_one_line(home: Path, arguments: list[str], message: str) -> None:
    done = harken(home, *arguments)
    assert done.returncode == 1
    assert message in one_line(done.stderr)


def test_an_unreadable_mlflow_is_named_and_harms_nothing_else(home: Path) -> None:
    file = home / "mlflow" / "mlflow.db"
    whole = file.read_bytes()
    file.write_bytes(b"\0" * 5_000 + whole[5_000:])
    try:
        for command in (["models"], ["promote", "escalation", "1"]):
            done = harken(home, *command)
            assert done.returncode == 1
            assert "mlflow.db can't be read" in one_line(done.stderr)
        assert "mlflow.db can't be read" in harken(home, "doctor").stdout.replace("\n", " ")
    finally:
        file.write_bytes(whole)


def test_a_changed_unit_stops_the_scores_until_somebody_accepts_it(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "customers_in_cents.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = _newest_customers(home)
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        for row in rows:
            cents = str(round(100 * float(row["monthly_value"]))) if row["monthly_value"] else ""
            since = {"valid_from": "2026-06-29T03:00:00Z", "recorded_at": "2026-06-29T03:00:00Z"}
            writer.writerow({**row, "monthly_value": cents, **since})
    assert harken(home, "land", "harken", "customers", str(file)).returncode == 0

    done = harken(home, "run")
    assert done.returncode == 1
    assert "drift: monthly_value: values look 100 times what they were" in one_line(done.stderr)
    assert _status_of_risk(home) == "stale"
    alerts = list(csv.DictReader(harken(home, "show", "alerts", "--csv", "--limit", "1000").stdout.splitlines()))
    assert [a["subject"] for a in alerts if a["severity"] == "critical" and a["kind"] == "source fault"]

    assert harken(home, "accept", "escalation", "--reason", "amounts are in cents now").returncode == 0
    done = harken(home, "run")
    assert done.returncode == 0, done.stderr
    assert _status_of_risk(home) == "fresh"


def _newest_customers(home: Path) -> list[dict[str, str]]:
    newest: dict[str, dict[str, str]] = {}
    for file in sorted((home / "landing" / "harken" / "customers").glob("customers_*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            newest |= {row["customer_id"]: row for row in csv.DictReader(rows)}
    return [row for row in newest.values() if row["monthly_value"].replace(".", "").isdigit()]


def _status_of_risk(home: Path) -> str:
    shown = csv.DictReader(harken(home, "show", "availability", "--csv", "--limit", "100").stdout.splitlines())
    return next(row["status"] for row in shown if row["table_name"] == "escalation_risk")


def _roles(listed: str) -> dict[str, str]:
    """Version -> role, of those that have one, as `harken models` shows them."""
    cells = [[cell.strip() for cell in line.split("│")[1:3]] for line in listed.splitlines() if line.startswith("│")]
    return {version: role for version, role in cells if version and role}
