"""A vendor that Harken doesn't know, mapped in a folder outside the repository as docs/OVERLAY.md shows, by the CLI."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.cli import REPOSITORY, harken, one_line
from tests.support.overlay import sample_file, write_example

CASES = 60
START = datetime(2026, 9, 1, 8)


def _write(home: Path, entity: str, rows: list[dict[str, Any]]) -> None:
    file = home / "landing" / "acme" / entity / "export.csv"
    file.parent.mkdir(parents=True)
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    os.utime(file, (file.stat().st_mtime - 60,) * 2)


def _time(moment: datetime) -> str:
    return f"{moment:%d.%m.%Y %H:%M}"


def _land_acme(home: Path) -> None:
    """Cases of six weeks with their log; one case has no time, one line a state without a word."""
    dice = random.Random(5)
    cases, log = [], []
    for number in range(CASES):
        opened = START + timedelta(hours=17 * number)
        case = {"case_no": number, "created": _time(opened), "client": f"c-{number % 7}", "desk": "billing"}
        cases.append(case | {"summary": "Wrong invoice", "product_line": "Router"})
        steps = [("desk", "billing", "anna"), ("remark", "We look into it", "anna"), ("viewed", "", "ben")]
        steps += [("remark", "Still waiting!", f"client {number}")] + [("state", "Solved", "ben")] * (number % 3 > 0)
        for line, (what, value, who) in enumerate(steps, start=1):
            at = opened + timedelta(hours=line * dice.randint(1, 9))
            log.append(
                {"case_no": number, "line": line, "logged_at": _time(at)}
                | {"what": what, "new_value": value, "who": who}
            )
    cases[3]["created"] = "yesterday"
    log[-1] |= {"what": "state", "new_value": "Melted"}
    _write(home, "cases", cases)
    _write(home, "case_log", log)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after a run over Acme's files and nothing else."""
    top = tmp_path_factory.mktemp("overlay")
    home = top / "home"
    home.mkdir()
    write_example(top / "acme overlay")
    (home / "harken.toml").write_text('overlay = "../acme overlay"\n', encoding="utf-8")
    _land_acme(home)
    done = harken(home, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse" / "harken.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_rows_are_mapped_to_the_contract(home: Path) -> None:
    [ticket] = rows(
        home,
        "select source, opened_at, customer_id, queue, subject, attributes->>'product_line' from core.tickets"
        " where ticket_id = 'acme-1'",
    )
    # Berlin is two hours ahead of UTC in September.
    opened = START + timedelta(hours=17 - 2)
    assert ticket == ("acme", opened, "c-1", "billing", "Wrong invoice", "Router")
    kinds = rows(home, "select kind, field, value, actor_kind from core.ticket_events where ticket_id = 'acme-1'")
    assert ("assignment", "queue", "billing", "agent") in kinds
    assert ("status", None, "solved", "agent") in kinds and ("comment", None, None, "customer") in kinds


def test_every_landed_row_has_one_fate(home: Path) -> None:
    for entity, table in (("tickets", "cases"), ("ticket_events", "case_log")):
        landed = rows(home, f"select count(*) from landing.acme__{table}")
        fates = dict(rows(home, f"select fate, count(*) from history.{entity} where source = 'acme' group by fate"))
        assert [(sum(fates.values()),)] == landed
        assert fates["quarantined"] == 1
    assert fates["no_change"] == CASES
    assert rows(home, "select reasons from quarantine.tickets") == [
        (["opened_at doesn't read as an ISO 8601 time: xxxxxxxxx"],)
    ]
    assert rows(home, "select reasons from quarantine.ticket_events") == [(["value is no status of the contract"],)]


def test_the_tickets_are_published(home: Path) -> None:
    done = harken(home, "show", "fct_tickets", "--csv", "--limit", "1000")
    published = list(csv.DictReader(done.stdout.splitlines()))
    assert len(published) == CASES - 1
    assert {row["source"] for row in published} == {"acme"}


def test_check_knows_the_contract(home: Path, tmp_path: Path) -> None:
    good = harken(home, "check", "acme", "cases", str(sample_file(tmp_path)))
    assert good.returncode == 0, good.stdout
    assert "2 rows would land in acme/cases" in good.stdout and "quarantined" not in good.stdout
    (tmp_path / "short.csv").write_text("case_no,desk\n1,billing\n", encoding="utf-8")
    bad = harken(home, "check", "acme", "cases", str(tmp_path / "short.csv"))
    assert bad.returncode == 1 and "created" in bad.stdout


def test_it_stands_in_the_graph(home: Path) -> None:
    code = (
        "from orchestration.definitions import build_definitions\n"
        "specs = {s.key.to_user_string(): s for s in build_definitions().resolve_all_asset_specs()}\n"
        "staged = specs['staging/stg_acme__tickets']\n"
        "assert staged.group_name == 'staging', staged\n"
        "assert 'landing/acme__cases' in {d.asset_key.to_user_string() for d in staged.deps}, staged\n"
        "above = {d.asset_key.to_user_string() for d in specs['history/tickets'].deps}\n"
        "assert 'staging/stg_acme__tickets' in above, above\n"
        "assert specs['landing/acme__case_log'].group_name == 'landing'\n"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARKEN_")}
    environment = {**kept, "HARKEN_HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_broken_overlay_is_one_line(home: Path, tmp_path: Path) -> None:
    missing = harken(home, "run", HARKEN_OVERLAY="/nowhere")
    assert missing.returncode == 1
    assert "/nowhere isn't a folder" in one_line(missing.stderr)
    broken = write_example(tmp_path / "broken")
    (broken / "models" / "staging" / "acme" / "stg_acme__tickets.sql").write_text("{{ typed_rows('tickets' }}")
    told = harken(home, "run", HARKEN_OVERLAY=str(broken))
    assert told.returncode == 1
    assert "stg_acme__tickets" in one_line(told.stderr) and str(broken) in told.stderr
    assert "isn't a folder" in harken(home, "doctor", HARKEN_OVERLAY="/nowhere").stdout


def test_a_first_run_with_a_wrong_mapping_names_the_mapping_and_asks_for_no_files(tmp_path: Path) -> None:
    mapping = write_example(tmp_path / "wrong") / "models" / "staging" / "acme" / "stg_acme__tickets.sql"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("'client'", "'klient'"), encoding="utf-8")
    _land_acme(tmp_path / "home")
    done = harken(tmp_path / "home", "run", HARKEN_OVERLAY=str(tmp_path / "wrong"))
    assert done.returncode == 1
    assert "stg_acme__tickets" in one_line(done.stderr) and "klient" in done.stderr
    assert "put files into" not in done.stdout + done.stderr
