"""The chain on random files: what was known at a moment is the same, whether or not more has landed since.

Random histories find what examples don't: rows of one record in one file in any order, corrections older than what they
correct, repeats of repeats, events before openings, files without a valid row.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.cut import cut
from tests.support.dbt import DbtWarehouse

START = datetime(2026, 1, 1)
ENTITIES = ("customers", "tickets", "ticket_events", "surveys")
GROWING = ("history__batch_knowledge", *(f"history__{name}" for name in ENTITIES))
FOREVER = datetime(9999, 12, 31)


def moment(rng: random.Random, latest: int = 400) -> datetime:
    return START + timedelta(hours=rng.randrange(latest))


def random_row(rng: random.Random, entity: str, hour: int) -> dict[str, Any]:
    """A row of few records and few values, so that they meet often; some broken, some with recorded_at."""
    at = START + timedelta(hours=max(0, hour - rng.choice([0, 1, 2, 5, 50])))
    if entity == "customers":
        row = {"customer_id": f"c{rng.randrange(3)}", "valid_from": START, "segment": rng.choice(["a", "b"])}
        row["signed_up_at"] = at if rng.random() < 0.7 else None
    elif entity == "tickets":
        row = {"ticket_id": f"t{rng.randrange(4)}", "opened_at": at, "queue": rng.choice(["a", "b"])}
    elif entity == "ticket_events":
        row = {"ticket_id": f"t{rng.randrange(4)}", "event_seq": rng.randrange(4), "occurred_at": at, "kind": "comment"}
        row["body"] = rng.choice(["a", "b"])
    else:
        row = {"survey_id": f"s{rng.randrange(4)}", "sent_at": at, "customer_id": rng.choice(["c1", "c2"])}
        if rng.random() < 0.6:
            row |= {"responded_at": at + timedelta(hours=rng.randrange(9)), "csat": rng.randrange(1, 7)}
    if rng.random() < 0.3:
        row["recorded_at"] = at + timedelta(hours=rng.randrange(6))
    return row


@pytest.fixture(scope="module", params=[1])
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    rng = random.Random(request.param)
    warehouse = DbtWarehouse.create_built(tmp_path_factory.mktemp("travel"))
    for number in range(32):
        entity = rng.choice(ENTITIES)
        rows = [random_row(rng, entity, hour=number * 12) for _ in range(rng.randrange(1, 7))]
        warehouse.land(entity, [*rows, *rng.sample(rows, k=rng.randrange(2))])
        if number % 8 == 7:
            warehouse.run(*GROWING)
    return warehouse


def known(warehouse: DbtWarehouse, entity: str, at: datetime) -> list[tuple[Any, ...]]:
    """Every interval up to `at` with its content; what ended later was still in force. Neighbours that say the same are
    one. Events count while their ticket is known, as every reader joins them."""
    columns = {
        "customers": "customer_id, segment, signed_up_at",
        "tickets": "ticket_id, opened_at, queue",
        "ticket_events": "ticket_id, event_seq, occurred_at, body",
        "surveys": "survey_id, sent_at, responded_at, customer_id, csat",
    }[entity]
    condition = ""
    if entity == "ticket_events":
        opened = "select ticket_id from history.tickets where known_from <= $at and known_from < known_to"
        condition = f"and ticket_id in ({opened})"
    rows = warehouse.rows(
        f"""
        select record_key, {columns}, known_from, case when known_to > $at then timestamp '9999-12-31' else known_to end
        from history.{entity}
        where fate in ('accepted', 'superseded') and known_from < known_to and known_from <= $at {condition}
        order by record_key, known_from
        """,
        {"at": at},
    )
    merged: list[tuple[Any, ...]] = []
    for row in rows:
        if merged and merged[-1][:-2] == row[:-2] and merged[-1][-1] == row[-2]:
            merged[-1] = (*merged[-1][:-1], row[-1])
        else:
            merged.append(row)
    return merged


def test_random_files_run_by_run_equal_a_full_refresh(grown: DbtWarehouse) -> None:
    before = {name: sorted(map(str, grown.rows(f"select * from history.{name}"))) for name in ENTITIES}
    grown.run(*GROWING, full_refresh=True)
    for name in ENTITIES:
        assert sorted(map(str, grown.rows(f"select * from history.{name}"))) == before[name], name
        fates = {fate for (fate,) in grown.rows(f"select distinct fate from history.{name}")}
        assert fates >= {"accepted", "superseded", "duplicate"}, f"{name}: the random files try too little: {fates}"


@pytest.mark.parametrize("hours", [30, 130, 290])
def test_what_was_known_stays_as_it_was(grown: DbtWarehouse, hours: int, tmp_path: Any) -> None:
    at = START + timedelta(hours=hours)
    as_it_was = cut(grown, tmp_path / "cut", at)
    as_it_was.run(*GROWING, full_refresh=True)
    for entity in ENTITIES:
        assert known(as_it_was, entity, at) == known(grown, entity, at), entity
