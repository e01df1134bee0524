"""On the real incident log: what the models derive equals what the log says by the rules, ticket by ticket.

The rules are written a second time here, straight from CONTRACT.md and the log, in other words than the models'.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.support.dbt import LANDED_AT, DbtWarehouse

# Each incident's opening, first solving and first escalation, from the log alone.
FROM_THE_LOG = """
with log as (
    select
        number as ticket_id, cast(sys_mod_count as integer) as modifications, incident_state as state,
        strptime(sys_updated_at, '%d/%m/%Y %H:%M') as updated_at, strptime(opened_at, '%d/%m/%Y %H:%M') as opened_at,
        cast(left(priority, 1) as integer) as urgency_rank, cast(reassignment_count as integer) as moves,
        cast(reopen_count as integer) as reopenings
    from read_csv($log, all_varchar = true, nullstr = '?')
),

pairs as (
    select
        *,
        lag(urgency_rank) over in_order as urgency_rank_before,
        lag(moves) over in_order as moves_before,
        lag(reopenings) over in_order as reopenings_before
    from log
    window in_order as (partition by ticket_id order by updated_at, modifications)
)

select
    ticket_id,
    min(opened_at) as opened_at,
    min(updated_at) filter (where state in ('Resolved', 'Closed')) as closed_at,
    min(updated_at) filter (
        where urgency_rank < urgency_rank_before
            or reopenings > reopenings_before
            or (moves_before < 3 and moves >= 3)
    ) as escalated_at
from pairs
group by ticket_id
"""

FROM_THE_MODELS = """
select
    states.ticket_id,
    min(states.opened_at) as opened_at,
    min(states.visible_from) filter (where not states.is_open) as closed_at,
    any_value(escalations.escalated_at) as escalated_at
from core.ticket_states as states
left join core.escalations as escalations on states.ticket_id = escalations.ticket_id
group by states.ticket_id
"""


@pytest.fixture(scope="module")
def warehouse(incident_log: Path, tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    """The whole log landed as one file, and the ticket core built from it."""
    built = DbtWarehouse.create(tmp_path_factory.mktemp("servicenow"))
    with built.connect() as con:
        con.execute(
            "insert into ops.escalation_rules "
            "values ('servicenow', 'priority_raised'), ('servicenow', 'reopened'), ('servicenow', 'reassigned_3')"
        )
        con.execute(
            "insert into landing.servicenow__incident_event_log by name "
            "select *, 1 as _batch, row_number() over () as _row from read_csv($log, all_varchar = true)",
            {"log": str(incident_log)},
        )
        con.execute(
            "insert into landing.files select 1, 'servicenow', 'incident_event_log', $name, '', $at, 0, '1', 'landed', "
            "null, count(*), 0, $at, 'test' from landing.servicenow__incident_event_log",
            {"name": incident_log.name, "at": LANDED_AT},
        )
    built.run("+escalations")
    return built


def test_openings_closings_and_escalations_equal_the_log(warehouse: DbtWarehouse, incident_log: Path) -> None:
    with warehouse.connect() as con:
        derived = con.execute(FROM_THE_MODELS + "order by all").fetchall()
    expected = duckdb.execute(FROM_THE_LOG + "order by all", {"log": str(incident_log)}).fetchall()
    assert len(derived) == len(expected) > 17_000
    assert [pair for pair in zip(derived, expected, strict=True) if pair[0] != pair[1]] == []


def test_every_row_of_the_log_finds_one_fate(warehouse: DbtWarehouse) -> None:
    account = warehouse.rows(
        "select fate, count(distinct row_number) from history.ticket_events group by fate order by fate"
    )
    landed = warehouse.rows("select count(*) from landing.servicenow__incident_event_log")
    assert account == [("accepted", landed[0][0])]


def test_states_of_a_ticket_touch_and_begin_with_its_opening_known(warehouse: DbtWarehouse) -> None:
    gaps = warehouse.rows(
        "select * from (select *, lead(visible_from) over (partition by ticket_id order by visible_from) as next_from "
        "from core.ticket_states) where visible_to <> coalesce(next_from, '9999-12-31') or visible_from < opened_at"
    )
    assert gaps == []
