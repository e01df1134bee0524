"""What callers and agents do, and what happens to tickets: pure functions from frames and arrays to figures."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from benchmarks.realism.sources import TicketLog

# hazard of giving up is told apart in these stretches of the wait, in seconds
WAIT_BINS = (0, 10, 30, 60, 120, 300, 600)
# an hour with fewer calls says too little about its share of abandons
CALLS_IN_CELL = 5


@dataclass
class Survival:
    """Kaplan-Meier: the share still there just after each time; 1 before the first."""

    time: np.ndarray
    share: np.ndarray

    def at(self, when: float) -> float:
        """Share still there just after a moment. NaN beyond the last time observed."""
        if not len(self.time) or when > self.time[-1]:
            return float("nan")
        place = int(np.searchsorted(self.time, when, side="right"))
        return 1.0 if place == 0 else float(self.share[place - 1])

    def gone_by(self, share: float) -> float:
        """The time by which a share is gone; NaN if it never is within what was observed."""
        # a hair of rounding mustn't move the answer to the next time
        reached = np.nonzero(self.share <= 1 - share + 1e-12)[0]
        return float(self.time[reached[0]]) if len(reached) else float("nan")


def kaplan_meier(time: np.ndarray, happened: np.ndarray) -> Survival:
    """Survival where some were watched only for a while (`happened` false). Kaplan and Meier (1958).

    Who leaves the risk set at a time still counts as at risk at it.
    """
    times, place = np.unique(np.asarray(time, dtype=float), return_inverse=True)
    events = np.bincount(place, weights=np.asarray(happened, dtype=float), minlength=len(times))
    leaving = np.bincount(place, minlength=len(times))
    at_risk = leaving[::-1].cumsum()[::-1]
    return Survival(times, np.cumprod(1 - events / at_risk))


def hazards(time: np.ndarray, happened: np.ndarray, edges: tuple[float, ...] = WAIT_BINS) -> np.ndarray:
    """Events per unit of time at risk between the edges: one figure fewer than edges. NaN where nobody was at risk."""
    time, happened = np.asarray(time, dtype=float), np.asarray(happened, dtype=bool)
    found = []
    for start, end in pairwise(edges):
        exposed = (np.clip(time, start, end) - start).sum()
        events = (happened & (time > start) & (time <= end)).sum()
        found.append(events / exposed if exposed > 0 else np.nan)
    return np.array(found)


def patience(calls: pd.DataFrame) -> Survival:
    """Time until callers give up, those answered (or called back) being watched until then."""
    waited = calls[calls["waited"] > 0]
    return kaplan_meier(waited["waited"].to_numpy(), waited["gave_up"].to_numpy())


def patience_hazards(calls: pd.DataFrame) -> np.ndarray:
    """Abandons per second of waiting, by WAIT_BINS."""
    return hazards(calls["waited"].to_numpy(), calls["gave_up"].to_numpy())


def half_hours(calls: pd.DataFrame) -> pd.DataFrame:
    """Calls, mean wait (seconds) and share abandoned of each half-hour that has enough calls."""
    cells = calls.groupby(calls["offered_at"].dt.floor("30min")).agg(
        calls=("waited", "size"), wait=("waited", "mean"), abandoned=("gave_up", "mean")
    )
    return cells[cells["calls"] >= CALLS_IN_CELL]


def abandoned_by_wait(cells: pd.DataFrame, edges: tuple[float, ...]) -> pd.DataFrame:
    """Mean wait and share abandoned of the half-hours whose mean wait lies between the edges, weighted by calls."""
    groups = cells.assign(group=pd.cut(cells["wait"], edges, include_lowest=True))
    groups = groups.assign(waits=groups["wait"] * groups["calls"], abandons=groups["abandoned"] * groups["calls"])
    sums = groups.groupby("group", observed=False)[["calls", "waits", "abandons"]].sum()
    return pd.DataFrame(
        {"calls": sums["calls"], "wait": sums["waits"] / sums["calls"], "abandoned": sums["abandons"] / sums["calls"]}
    )


def abandon_line(cells: pd.DataFrame) -> tuple[float, float]:
    """Share abandoned as a line in the mean wait: at no wait, and per second. Weighted by calls.

    With exponential patience the slope is one over its mean (Brown et al. 2005, "Statistical analysis of a telephone
    call center").
    """
    slope, at_zero = np.polyfit(cells["wait"], cells["abandoned"], 1, w=np.sqrt(cells["calls"]))
    return float(at_zero), float(slope)


def excess_cv(seconds: pd.Series, beyond: float) -> float:
    """Coefficient of variation of the time beyond so many seconds: 1 where the times are exponential."""
    excess = seconds[seconds > beyond] - beyond
    return float(excess.std() / excess.mean())


def log_spread(seconds: pd.Series, share: float = 0.8) -> float:
    """Standard deviation of the log of positive durations, from the quantiles that hold the middle `share` of them.

    By quantiles, so that a few calls of a second don't rule it.
    """
    from scipy.stats import norm

    low, high = np.log(seconds[seconds > 0]).quantile([(1 - share) / 2, (1 + share) / 2])
    return float((high - low) / (2 * norm.ppf((1 + share) / 2)))


def gaps_hours(updates: pd.DataFrame) -> pd.Series:
    """Hours between one update of a ticket and its next."""
    ordered = updates.sort_values(["ticket", "at"])
    gap = ordered.groupby("ticket")["at"].diff().dropna()
    return gap.dt.total_seconds() / 3600


def age_at_solution(tickets: pd.DataFrame, ends: pd.Timestamp) -> Survival:
    """Share of tickets not yet solved by age in hours; those open at the log's end were watched until then."""
    solved = tickets["solved_at"].notna()
    age = (tickets["solved_at"].fillna(ends) - tickets["opened_at"]).dt.total_seconds() / 3600
    return kaplan_meier(age.clip(lower=0).to_numpy(), solved.to_numpy())


def weekend_share(log: TicketLog) -> float:
    """Share of the updates on a Saturday or Sunday."""
    return float((log.updates["at"].dt.day_of_week >= 5).mean())


def mean_reassignments(log: TicketLog) -> float:
    """Moves per solved ticket."""
    return float(log.tickets.loc[log.tickets["solved_at"].notna(), "reassigned"].mean())


def reassignment_shares(tickets: pd.DataFrame, most: int) -> np.ndarray:
    """Share of solved tickets moved to another group 0, 1, ... times; the last figure is `most` times or more."""
    moved = tickets.loc[tickets["solved_at"].notna(), "reassigned"].clip(upper=most).astype(int)
    return np.bincount(moved, minlength=most + 1) / max(len(moved), 1)
