"""What the HR system and the telephone system export about people and queues: rows of `agents` and `queues`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import MISSING, Clock, day_of
from simulator.reference import CLOSES, DAY, OPENS, QUEUE_TIME_ZONE, QUEUES, WEEKEND_CLOSES, WEEKEND_OPENS
from simulator.workforce import NAMES, ROLES, SITES, Agents


def agent_rows(agents: Agents, clock: Clock, day: int) -> pa.Table:
    """What the HR system exports on a day: hires, moves between teams, departures."""
    hired = day_of(agents.hired)
    who = np.nonzero(hired <= 0 if day == 0 else hired == day)[0]
    tables = [_table(agents, clock, who, agents.hired[who], agents.team[who], np.full(len(who), MISSING))]
    moved = agents.moves.filter(pa.array(day_of(agents.moves["recorded"].to_numpy()) == day))
    who, at = moved["agent"].to_numpy(), moved["at"].to_numpy()
    gone = (agents.left[who] != MISSING) & (agents.left[who] <= at) | (agents.hired[who] > at - DAY)
    moved = moved.filter(pa.array(~gone))
    columns = [moved[name].to_numpy() for name in ("agent", "at", "team", "recorded")]
    tables.append(_table(agents, clock, *columns))
    who = np.nonzero(agents.left == day * DAY)[0]
    tables.append(_table(agents, clock, who, agents.left[who], agents.team[who], np.full(len(who), MISSING), gone=True))
    return (
        pa.concat_tables([table for table in tables if table.num_rows])
        if any(t.num_rows for t in tables)
        else tables[0]
    )


def _table(
    agents: Agents,
    clock: Clock,
    who: np.ndarray,
    at: np.ndarray,
    team: np.ndarray,
    recorded: np.ndarray,
    gone: bool = False,
) -> pa.Table:
    if not len(who):
        return pa.table({})
    texts = [";".join(np.array(QUEUES)[agents.skills[one] == 1]) for one in who]
    return pa.table({
        "agent_id": rows.agent_id(who),
        "valid_from": clock.times(at),
        "team_id": rows.label("team", team, 2),
        "site": rows.word([site for site, _ in SITES], agents.site[who]),
        "supervisor_id": rows.agent_id(agents.leads()[team]),
        "hired_on": clock.dates(agents.hired[who]),
        "left_on": clock.dates(agents.left[who] if gone else np.full(len(who), MISSING)),
        "role": rows.word(ROLES, np.minimum(agents.role[who], 2)),
        "skills": pa.array(texts, pa.string()),
        "name": rows.word(NAMES, who % len(NAMES)),
        "recorded_at": clock.times(recorded),
    })  # fmt: skip


def queue_rows(clock: Clock) -> pa.Table:
    """All queues, valid since long before the first day."""
    number = np.arange(len(QUEUES))
    department = [name.split("_")[0] for name in QUEUES[:12]] + ["technical", "accounts"]
    hours = [_opening(queue) for queue in range(len(QUEUES))]
    return pa.table({
        "queue": pa.array(QUEUES),
        "valid_from": clock.times(np.full(len(number), -2000 * DAY)),
        "channel": rows.nothing(len(number)),
        "time_zone": pa.array(QUEUE_TIME_ZONE),
        "opening_hours": pa.array(hours),
        "service_level_target": pa.array(["0.80"] * len(number)),
        "service_level_seconds": pa.array(["20"] * 12 + ["60"] * 2),
        "department": pa.array(department),
    })  # fmt: skip


def _opening(queue: int) -> str:
    weekdays = f"Mo-Fr {OPENS[queue]:02d}:00-{CLOSES[queue]:02d}:00"
    if WEEKEND_CLOSES[queue] == WEEKEND_OPENS[queue]:
        return weekdays
    return f"{weekdays}; Sa-Su {WEEKEND_OPENS[queue]:02d}:00-{WEEKEND_CLOSES[queue]:02d}:00"
