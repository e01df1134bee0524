"""What the management plans: targets by quarter, and improvement actions as they are planned, begun and done."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import Clock
from simulator.draws import stream
from simulator.reference import DAY, DEPARTMENTS, HOUR, QUEUES

TARGETS = (
    ("service_level_negative", "company", "company", 0.80, 3),
    ("abandon_rate", "company", "company", 0.05, 2),
    ("csat", "company", "company", 0.75, 3),
    ("fcr_rate", "company", "company", 0.70, 2),
    *((("aht_seconds", "department", name, 420.0 + 30 * number, 1)) for number, name in enumerate(DEPARTMENTS)),
)
TITLES = (
    ("Shorten the voice menu", "abandon_rate"), ("Coach on asking back", "fcr_rate"), ("New macros", "aht_seconds"),
    ("Second shift on Mondays", "service_level_negative"), ("Call after solving", "csat"),
)  # fmt: skip
ACTIONS_A_DAY = 0.035
STATUSES = ("planned", "running", "done", "dropped")


def target_rows(clock: Clock, day: int) -> pa.Table:
    """Targets are set on the first day and on each first of a quarter, a little higher each time."""
    when = clock.date(day)
    if day and not (when.day == 1 and when.month in (1, 4, 7, 10)):
        return pa.table({})
    since = clock.times(np.full(len(TARGETS), day * DAY))
    quarter = (when.year - clock.start.year) * 4 + (when.month - clock.start.month) // 3
    columns = list(zip(*TARGETS, strict=True))
    return pa.table({
        "kpi": pa.array(columns[0], pa.string()),
        "scope_kind": pa.array(columns[1], pa.string()),
        "scope_value": pa.array(columns[2], pa.string()),
        "valid_from": since,
        "target": rows.decimal(np.array(columns[3]) * (1 + 0.005 * quarter), 3),
        "weight": rows.whole(np.array(columns[4])),
    })  # fmt: skip


def improvement_rows(seed: int, clock: Clock, day: int, teams: int) -> tuple[pa.Table, np.ndarray]:
    """An action that is thought of on a day, in all its states, and the days on which these are recorded."""
    rng = stream(seed, "improvements", day)
    if rng.random() >= ACTIONS_A_DAY:
        return pa.table({}), np.zeros(0, dtype=np.int64)
    title, kpi = TITLES[int(rng.integers(0, len(TITLES)))]
    begins, takes = int(rng.integers(5, 25)), int(rng.integers(14, 60))
    ends = 3 if rng.random() < 0.15 else 2
    days = day + np.array([0, begins, begins + takes])
    at = days * DAY + 10 * HOUR
    queue, owner = QUEUES[int(rng.integers(0, len(QUEUES)))], int(rng.integers(0, teams))
    same = np.full(3, owner)
    return pa.table({
        "action_id": rows.label("I", np.full(3, day), 5),
        "recorded_at": clock.times(at),
        "title": pa.array([title] * 3),
        "kpi": pa.array([kpi] * 3),
        "queue": pa.array([queue] * 3),
        "team_id": rows.label("team", same, 2),
        "owner": rows.label("lead", same, 2),
        "suggested_by": pa.array(["manager"] * 3),
        "starts_on": clock.dates(np.full(3, at[1])),
        "due_on": clock.dates(np.full(3, at[2])),
        "status": rows.word(STATUSES, np.array([0, 1, ends])),
        "expected_change": rows.decimal(np.full(3, 0.02 + 0.04 * rng.random()), 3),
    }), days  # fmt: skip
