"""Reads landing files and the three real data sets into the same three shapes, so that each measure is written once.

- calls: one row a call offered to a queue: offered_at (local), waited (seconds), gave_up, service (seconds of talk and
  hold; missing if nobody answered).
- counts: calls offered, a row a working day and a column an interval (minutes since midnight, local).
- updates and tickets: one row an update (ticket, at), and one row a ticket (opened_at, solved_at, reassigned).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

# hours in which all three centres are open on a working day
OPENS, CLOSES = 7, 21
MONDAY_TO_FRIDAY, SUNDAY_TO_THURSDAY = (0, 1, 2, 3, 4), (6, 0, 1, 2, 3)
# a day with less than half of its weekday's usual calls was a day on which the centre was all but closed
CLOSED_BELOW = 0.5
SOURCE = "harken"
MOMENTS = ("offered_at", "answered_at", "ended_at")
SECONDS = ("talk_seconds", "hold_seconds")


@dataclass
class TicketLog:
    """What a helpdesk's log shows: updates (ticket, at) and tickets (opened_at, solved_at, reassigned), and its end."""

    updates: pd.DataFrame
    tickets: pd.DataFrame
    ends: pd.Timestamp


def read_entity(landing: Path, entity: str, columns: list[str]) -> pd.DataFrame:
    """All rows of an entity as text, in the order of the files' names; columns that no file has are empty.

    Raises FileNotFoundError where the entity has no file.
    """
    folder = landing / SOURCE / entity
    files = sorted(p for p in folder.glob("*") if p.name.endswith((".parquet", ".csv", ".csv.gz", ".jsonl")))
    if not files:
        raise FileNotFoundError(f"{folder} holds no files; --landing must name the folder above {SOURCE}/{entity}/")
    return pd.concat([_read(file, columns) for file in files], ignore_index=True)


def _read(file: Path, columns: list[str]) -> pd.DataFrame:
    if file.suffix == ".parquet":
        frame = pd.read_parquet(file).astype(object)
    elif file.suffix == ".jsonl":
        frame = pd.read_json(file, lines=True, dtype=False)
    else:
        # broken lines are the landing's business, not this comparison's
        frame = pd.read_csv(file, dtype=str, usecols=lambda name: name in columns, on_bad_lines="skip")
    return frame.reindex(columns=columns)


def _newest(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The last version of each row: a row with a key seen before supersedes it."""
    return frame.drop_duplicates(key, keep="last")


def _moment(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text, errors="coerce", utc=True, format="ISO8601")


def _only_file(folder: Path) -> Path:
    """The one data file of a real data set's folder. Raises FileNotFoundError where there is none or more than one."""
    files = list(folder.glob("*.csv*"))
    if len(files) != 1:
        raise FileNotFoundError(f"{folder} must hold one .csv or .csv.gz file and holds {len(files)}; see --data")
    return files[0]


def simulated_calls(landing: Path, since: date | None = None) -> pd.DataFrame:
    """Inbound voice contacts in the queue's local time, first legs only, without days on which a region has a holiday.

    A callback leaves the queue without an answer and without giving up: its patience counts as censored. `zone_known`
    is false where the queue's time zone isn't, so that its calls stand in UTC.
    """
    contacts = read_entity(
        landing,
        "contacts",
        ["contact_id", "parent_contact_id", "channel", "direction", "queue", "outcome", *MOMENTS, *SECONDS],
    )
    first = contacts["parent_contact_id"].isna() & ~contacts["direction"].eq("outbound")
    voice = _newest(contacts[first & contacts["channel"].eq("voice")], ["contact_id"])
    offered, answered, ended = (_moment(voice[name]) for name in MOMENTS)
    seconds = [pd.to_numeric(voice[name], errors="coerce").fillna(0) for name in SECONDS]
    zones = _time_zones(landing)
    calls = pd.DataFrame(
        {
            "offered_at": _local(offered, voice["queue"], zones),
            "waited": (answered.fillna(ended) - offered).dt.total_seconds(),
            "gave_up": voice["outcome"].eq("abandoned"),
            "service": (seconds[0] + seconds[1]).where(answered.notna()),
            "zone_known": voice["queue"].isin(zones.index),
        }
    ).dropna(subset=["offered_at", "waited"])
    calls = calls[(calls["waited"] >= 0) & ~calls["offered_at"].dt.normalize().isin(_holidays(landing))]
    if since is not None:
        calls = calls[calls["offered_at"] >= pd.Timestamp(since)]
    return in_working_hours(calls, MONDAY_TO_FRIDAY)


def _time_zones(landing: Path) -> pd.Series:
    try:
        queues = read_entity(landing, "queues", ["queue", "time_zone"])
    except FileNotFoundError:
        return pd.Series(dtype=object)
    return _newest(queues, ["queue"]).set_index("queue")["time_zone"].dropna()


def _local(moments: pd.Series, queue: pd.Series, zones: pd.Series) -> pd.Series:
    """Local time of the queue without its zone; UTC where the queue has none."""
    zone = queue.map(zones).fillna("UTC")
    parts = [moments[zone == name].dt.tz_convert(name).dt.tz_localize(None) for name in zone.unique()]
    return pd.concat(parts).reindex(moments.index)


def _holidays(landing: Path) -> pd.Series:
    """Days with a public holiday anywhere. Real centres were closed on theirs, so that these would be no like days."""
    try:
        calendar = read_entity(landing, "calendar", ["starts_at", "kind"])
    except FileNotFoundError:
        return pd.Series(dtype="datetime64[us]")
    return _moment(calendar.loc[calendar["kind"].eq("holiday"), "starts_at"]).dt.tz_localize(None).dt.normalize()


def real_calls(data: Path) -> pd.DataFrame:
    """The bank calls of February 1999: those offered to a queue, so without those that hung up in the menus before."""
    raw = pd.read_csv(_only_file(data / "call_center_1999"), dtype={"date": str})
    served = raw["outcome"].eq("AGENT")
    queued = raw["q_time"] > 0
    raw = raw[(served | queued) & ~raw["outcome"].eq("PHANTOM")]
    # a call answered at once has no queue times: it was offered when it left the menus
    start = raw["q_start"].where(raw["q_time"] > 0, raw["vru_exit"])
    day = pd.to_datetime(raw["date"], format="%y%m%d")
    calls = pd.DataFrame(
        {
            "offered_at": day + pd.to_timedelta(start),
            "waited": raw["q_time"].astype(float),
            "gave_up": raw["outcome"].eq("HANG"),
            "service": raw["ser_time"].where(raw["outcome"].eq("AGENT") & (raw["ser_time"] > 0)).astype(float),
        }
    )
    return in_working_hours(calls, SUNDAY_TO_THURSDAY)


def in_working_hours(calls: pd.DataFrame, weekdays: tuple[int, ...]) -> pd.DataFrame:
    """The calls of working days between OPENS and CLOSES, local time."""
    at = calls["offered_at"].dt
    open_now = at.day_of_week.isin(weekdays) & (at.hour >= OPENS) & (at.hour < CLOSES)
    return calls[open_now].reset_index(drop=True)


def counts_of(calls: pd.DataFrame, minutes: int) -> pd.DataFrame:
    """Calls per working day (rows) and interval (columns: minutes since midnight), OPENS to CLOSES."""
    at = calls["offered_at"].dt
    start = (at.hour * 60 + at.minute) // minutes * minutes
    table = pd.crosstab(at.normalize(), start)
    table = table.reindex(columns=np.arange(OPENS * 60, CLOSES * 60, minutes), fill_value=0)
    return _without_closed_days(table)


def bank_counts(data: Path, minutes: int) -> pd.DataFrame:
    """The North American bank's calls offered, in the shape of `counts_of`."""
    raw = pd.read_csv(_only_file(data / "bank_calls"), parse_dates=["interval_start"])
    at = raw["interval_start"].dt
    start = (at.hour * 60 + at.minute) // minutes * minutes
    table = raw.pivot_table(values="offered", index=at.normalize(), columns=start, aggfunc="sum", fill_value=0)
    return _without_closed_days(table.reindex(columns=np.arange(OPENS * 60, CLOSES * 60, minutes), fill_value=0))


def _without_closed_days(table: pd.DataFrame) -> pd.DataFrame:
    total = table.sum(axis=1)
    usual = total.groupby(pd.DatetimeIndex(table.index).day_of_week).transform("median")
    return table[total >= CLOSED_BELOW * usual]


def simulated_log(landing: Path, days: float) -> TicketLog:
    """Tickets opened in the last `days` of the log and all their acts but the clock's own (SLA stamps, closing)."""
    tickets = _newest(read_entity(landing, "tickets", ["ticket_id", "opened_at", "queue"]), ["ticket_id"])
    events = read_entity(landing, "ticket_events", ["ticket_id", "event_seq", "occurred_at", "kind", "field", "value"])
    events = _newest(events, ["ticket_id", "event_seq"])
    events = events.assign(at=_moment(events["occurred_at"]).dt.tz_localize(None)).dropna(subset=["at"])
    tickets = tickets.assign(opened_at=_moment(tickets["opened_at"]).dt.tz_localize(None)).dropna(subset=["opened_at"])
    ends = events["at"].max()
    tickets = tickets[tickets["opened_at"] >= ends - pd.Timedelta(days=days)].set_index("ticket_id")
    events = events[events["ticket_id"].isin(tickets.index)].sort_values(["ticket_id", "at"], kind="stable")
    solved = events[events["kind"].eq("status") & events["value"].isin(["solved", "closed"])]
    moves = events[events["kind"].eq("assignment") & events["field"].eq("queue")]
    before = moves.groupby("ticket_id")["value"].shift().fillna(moves["ticket_id"].map(tickets["queue"]))
    moved = moves[before.notna() & before.ne(moves["value"])].groupby("ticket_id").size()
    tickets = tickets[["opened_at"]].assign(
        solved_at=solved.groupby("ticket_id")["at"].min(), reassigned=moved.reindex(tickets.index).fillna(0)
    )
    acts = events[~events["kind"].eq("sla") & ~(events["kind"].eq("status") & events["value"].eq("closed"))]
    return TicketLog(_minutes(acts["ticket_id"], acts["at"]), tickets, ends)


def real_log(data: Path) -> TicketLog:
    """The ServiceNow log. Reassignments are changes of the group; rows that close an incident are the clock's acts."""
    names = ["number", "incident_state", "reassignment_count", "opened_at", "sys_updated_at"]
    raw = pd.read_csv(_only_file(data / "servicenow_incidents"), usecols=names, dtype=str)
    for name in ("opened_at", "sys_updated_at"):
        raw[name] = pd.to_datetime(raw[name], format="%d/%m/%Y %H:%M")
    by_ticket = raw.groupby("number")
    solved = raw[raw["incident_state"].isin(["Resolved", "Closed"])]
    tickets = pd.DataFrame(
        {
            "opened_at": by_ticket["opened_at"].min(),
            # resolved_at holds what came later: the row's own time is when it was solved
            "solved_at": solved.groupby("number")["sys_updated_at"].min(),
            "reassigned": raw["reassignment_count"].astype(int).groupby(raw["number"]).max(),
        }
    )
    acts = raw[raw["incident_state"] != "Closed"]
    return TicketLog(_minutes(acts["number"], acts["sys_updated_at"]), tickets, raw["sys_updated_at"].max())


def _minutes(ticket: pd.Series, at: pd.Series) -> pd.DataFrame:
    """One update a ticket and minute: one log writes a save as one row, the other as several events within seconds."""
    updates = pd.DataFrame({"ticket": ticket.to_numpy(), "at": at.dt.floor("min").to_numpy()})
    return updates.drop_duplicates().sort_values(["ticket", "at"], ignore_index=True)
