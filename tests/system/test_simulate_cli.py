"""`harken simulate` through the console script: scenarios, going on, and acting on what is published."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.support.cli import harken, one_line
from warehouse.connect import connect
from warehouse.home import Home, open_home
from warehouse.publish import publish

SMALL = ("--contacts", "1500", "--days", "20", "--start", "2026-06-01")


def landed(home: Home, entity: str, day: str) -> pd.DataFrame:
    """The rows of one day's file."""
    return pd.read_csv(home.landing / "harken" / entity / f"{entity}_{day}.csv", dtype=str, keep_default_na=False)


def publish_orders(home: Home, tickets: pd.DataFrame) -> None:
    """A hand-written work list (half of it held out), and a plan with nobody on the phones on 22 June."""
    with connect(home) as con:
        con.execute("create schema published")
        con.register("some_tickets", tickets)
        con.execute(
            "create table published.intervention_queue as select 'v' || ticket_id as intervention_id, "
            "'escalation' as task, ticket_id as entity_id, customer_id, 'call_back' as action, "
            "if(row_number() over (order by ticket_id) % 2 = 0, 'holdout', 'treated') as arm, "
            "timestamp '2026-06-21 08:00' as due_at from some_tickets"
        )
        con.execute(
            "create table published.shift_plan as select 'A0000' as agent_id, starts_at, "
            "starts_at + interval 1 hour as ends_at, 'meeting' as activity "
            "from range(timestamp '2026-06-21', timestamp '2026-06-24', interval 1 day) as days(starts_at)"
        )
        publish(home, "by-hand", ["intervention_queue", "shift_plan"], con=con)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Twenty days of a small centre, then one day on which it acts on a work list and a plan."""
    home = open_home(tmp_path_factory.mktemp("acting") / "home")
    done = harken(home.root, "simulate", *SMALL, "--scenario", "staff_cut:2026-06-10:0.4")
    assert done.returncode == 0, done.stderr
    tickets = pd.read_csv(home.landing / "harken" / "tickets" / "tickets_2026-06.csv", dtype=str)
    publish_orders(home, tickets.drop_duplicates("ticket_id").tail(60))
    done = harken(home.root, "simulate", "--advance", "1d", "--act-on", "interventions,shift_plan")
    assert done.returncode == 0, done.stderr
    assert "60 rows of the intervention queue acted on" in done.stdout
    return home


def test_interventions_come_back_as_landing_files(home: Home) -> None:
    found = landed(home, "interventions", "2026-06-21")
    assert len(found) == 60
    assert set(found.outcome[found.arm == "holdout"]) == {"held_out"}
    assert (found.delivered_at[found.arm == "holdout"] == "").all()
    assert (found.outcome[found.arm == "treated"] == "delivered").any()
    assert list(home.truth.glob("interventions_20_21.parquet"))


def test_the_plan_decides_who_is_on_the_phones(home: Home) -> None:
    contacts = landed(home, "contacts", "2026-06-21")
    calls = contacts[(contacts.channel == "voice") & (contacts.offered_at > "2026-06-21T12")]
    assert (calls.agent_id == "").all()


def test_an_intervention_is_carried_out_once(home: Home) -> None:
    done = harken(home.root, "simulate", "--advance", "1", "--act-on", "interventions")
    assert done.returncode == 0, done.stderr
    assert "intervention queue" not in done.stdout
    assert not (home.landing / "harken" / "interventions" / "interventions_2026-06-22.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--scenario", "boom"], 2, "scenario 'boom': unknown; there are calm"),
        (["--scenario", "growth:soon"], 2, "scenario 'growth:soon': write NAME"),
        (["--scenario", "staff_cut:2025-08-01:-1"], 2, "staff can only be cut"),
        (["--scenario", "growth:2025-08-01:1000000"], 2, "is beyond 100"),
        (["--start", "2025-07-01T10:00"], 2, "starts with a whole day"),
        (["--start", "0001-01-01"], 1, "must lie within the years 1990 to 2200"),
        (["--advance", "1", "--seed", "3"], 2, "--contacts and --seed belong to the start"),
        (["--advance", "x"], 2, "--advance 'x' is no number of days"),
        (["--act-on", "interventions"], 2, "--act-on needs --advance"),
        (["--advance", "1d", "--act-on", "wishes"], 2, "'wishes' is none of interventions, shift_plan"),
        (["--advance", "1d", "--scenario", "growth"], 2, "--scenario belongs to the start"),
        (["--advance", "1d", "--act-on", "interventions"], 1, "nothing is published"),
    ],
)
def test_wrong_use_is_told_in_one_line(tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    done = harken(tmp_path / "home", "simulate", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert message in one_line(done.stderr)


def test_a_second_company_is_kept_out_of_the_first_ones_files(home: Home) -> None:
    done = harken(home.root, "simulate", *SMALL)
    assert done.returncode == 1
    assert "holds a simulation already: go on with --advance" in one_line(done.stderr)


def test_a_damaged_state_is_told_in_one_line(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    assert harken(home.root, "simulate", "--contacts", "200", "--days", "3").returncode == 0
    state = home.truth / "state"
    (state / "state.npz").write_bytes(b"x" * 100)
    done = harken(home.root, "simulate", "--advance", "1d")
    assert done.returncode == 1 and "state: damaged" in one_line(done.stderr)
    (state / "world.json").write_text("{", encoding="utf-8")
    done = harken(home.root, "simulate", "--advance", "1d")
    assert done.returncode == 1 and "world.json: damaged" in one_line(done.stderr)
