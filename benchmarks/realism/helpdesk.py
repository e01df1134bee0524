"""Simulated tickets against a company's ServiceNow log, a function a comparison."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.realism import measures, pictures, sources
from benchmarks.realism.report import Section
from benchmarks.realism.verdict import PROBABILITY, SIMULATED, compared

SERVICENOW = "ServiceNow, 2016"
MOST_MOVES = 4

Logs = dict[str, sources.TicketLog]


def sections(landing: Path, data: Path) -> list[Section]:
    """All comparisons of tickets; both logs are equally long, so that both miss what takes longer."""
    real = sources.real_log(data)
    days = (real.ends - real.tickets["opened_at"].min()) / pd.Timedelta(days=1)
    logs = {SIMULATED: sources.simulated_log(landing, days), SERVICENOW: real}
    return [updates(logs), reassignments(logs), solution(logs)]


def updates(logs: Logs) -> Section:
    """How long a ticket lies between updates, and how many it sees."""
    gaps = {name: measures.gaps_hours(log.updates) for name, log in logs.items()}
    number = {name: log.updates.groupby("ticket").size() for name, log in logs.items()}
    figures = [
        compared(f"{level:.0%} quantile", partial(pd.Series.quantile, q=level), gaps, "h")
        for level in (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
    ]
    figures.append(compared("updates per ticket, mean", pd.Series.mean, number))
    figures.append(compared("updates per ticket, 90% quantile", partial(pd.Series.quantile, q=0.9), number))
    figures.append(compared("share of updates on weekends", measures.weekend_share, logs, limit=PROBABILITY))
    note = (
        "All that is written into a ticket within one minute is one update. The clock's own acts (closing after some "
        "days, SLA stamps) are left out. The real export lacks about one update in six, so that its times are "
        "a little long."
    )
    title, label = "Time between a ticket's updates: simulated and real", "hours to the next update (log scale)"
    picture = pictures.distribution(title, label, gaps, (0.015, 1000))
    return Section("updates", "Time between updates", note, figures, picture)


def reassignments(logs: Logs) -> Section:
    """How often a ticket moves to another group before it is solved."""
    shares = {name: measures.reassignment_shares(log.tickets, MOST_MOVES) for name, log in logs.items()}
    figures = [compared("moves per ticket, mean", measures.mean_reassignments, logs)]
    for n in range(MOST_MOVES + 1):
        name = f"share moved {n} times" + (" or more" if n == MOST_MOVES else "")
        figures.append(compared(name, lambda share, n=n: share[n], shares, limit=PROBABILITY))
    note = "Moves of solved tickets to another queue or group; from agent to agent within a group doesn't count."
    title = "Moves of a ticket to another group: simulated and real"
    picture = pictures.shares(title, "moves per solved ticket", shares)
    return Section("reassignments", "Reassignments", note, figures, picture)


def solution(logs: Logs) -> Section:
    """How old tickets are when they are solved."""
    curves = {name: measures.age_at_solution(log.tickets, log.ends) for name, log in logs.items()}
    figures = [
        compared(f"share solved within {label}", lambda c, h=hours: 1 - c.at(h), curves, limit=PROBABILITY)
        for label, hours in (("an hour", 1), ("a day", 24), ("a week", 168), ("four weeks", 672))
    ]
    figures += [
        compared(f"age by which {share:.0%} are solved", lambda c, share=share: c.gone_by(share), curves, "h")
        for share in (0.25, 0.5, 0.75, 0.9)
    ]
    note = "From opening to the first time a ticket is solved, reopened later or not; tickets still open are censored."
    return Section("solution", "Age at solution", note, figures, pictures.solved_by(curves))
