"""Reads `published.shift_plan`: who is to be on the phones when, decided outside the simulated company."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from simulator.floor.shifts import ACTIVITIES, Spans

COLUMNS = ("agent_id", "starts_at", "ends_at", "activity")
# what may stand in a plan: time at work, and what takes an agent away from it
PLANNED = tuple(name for name in ACTIVITIES if name not in ("worked", "absence"))


def read_plan(table: pa.Table, start: date) -> Spans:
    """The plan's rows in seconds since the first day.

    Raises ValueError that names the column, row or value at fault.
    """
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise ValueError(f"shift_plan: column {', '.join(missing)} is missing")
    frame = table.select(COLUMNS).to_pandas()
    number = frame.agent_id.astype(str).str.extract(r"^A(\d+)$")[0]
    unknown = set(frame.activity) - set(PLANNED)
    if number.isna().any():
        raise ValueError(f"shift_plan: agent_id {frame.agent_id[number.isna()].iloc[0]!r} is no agent of this company")
    if unknown:
        raise ValueError(f"shift_plan: activity {sorted(unknown)[0]!r} is none of {', '.join(PLANNED)}")
    origin = pd.Timestamp(start, tz="UTC")
    begins, ends = (_seconds(frame[name], origin) for name in ("starts_at", "ends_at"))
    if (ends <= begins).any():
        raise ValueError(f"shift_plan: row {int(np.argmax(ends <= begins)) + 1} ends before it starts")
    activity = frame.activity.map({name: code for code, name in enumerate(ACTIVITIES)}).to_numpy(dtype=np.int64)
    return Spans(number.astype(np.int64).to_numpy(), begins, ends, activity)


def check_agents(plan: Spans, count: int) -> None:
    """Raises ValueError that names the first agent of the plan whom the company doesn't have."""
    unknown = plan.agent[plan.agent >= count]
    if len(unknown):
        raise ValueError(f"shift_plan: agent_id 'A{unknown[0]:04d}' is no agent of this company")


def _seconds(times: pd.Series, origin: pd.Timestamp) -> np.ndarray:
    since = (pd.to_datetime(times, utc=True, errors="coerce") - origin).dt.total_seconds()
    if since.isna().any():
        row = int(np.argmax(since.isna()))
        raise ValueError(f"shift_plan: row {row + 1}: {times.name} {times.iloc[row]!r} is no time")
    return since.astype(np.int64).to_numpy()
