"""The simulated telephone against two banks' calls, a function a comparison."""

from __future__ import annotations

from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path

import pandas as pd

from benchmarks.realism import arrivals, measures, pictures, sources
from benchmarks.realism.report import Section
from benchmarks.realism.verdict import CORRELATION, PROBABILITY, RATE, SIMULATED, Figure, compared

ISRAEL, AMERICA = "bank in Israel, 1999", "bank in North America, 2003"
DAY_PARTS = ((7, 9), (9, 12), (12, 15), (15, 18), (18, 21))
# mean waits in seconds by which half-hours are grouped in the picture
WAIT_GROUPS = (0, 5, 10, 20, 40, 60, 90, 120, 180, 300, 600)
# picking up may take some seconds: that is no waiting for a free agent
AT_ONCE = 10

Counts = dict[str, pd.DataFrame]
Calls = dict[str, pd.DataFrame]


def sections(landing: Path, data: Path, since: date | None = None) -> list[Section]:
    """All comparisons of calls; the simulated ones from a day on."""
    calls = {SIMULATED: sources.simulated_calls(landing, since), ISRAEL: sources.real_calls(data)}
    fives, halves = (
        {
            SIMULATED: sources.counts_of(calls[SIMULATED], minutes),
            AMERICA: sources.bank_counts(data, minutes),
            ISRAEL: sources.counts_of(calls[ISRAEL], minutes),
        }
        for minutes in (5, 30)
    )
    return [
        profile(halves, 1 - calls[SIMULATED]["zone_known"].mean()),
        overdispersion(fives, halves),
        service(calls),
        patience(calls),
        abandonment(calls),
        waiting(calls),
    ]


def profile(counts: Counts, without_zone: float) -> Section:
    """When in the day calls come. `without_zone` is the share of simulated calls whose local time isn't known."""
    figures = [
        compared(f"share of calls {a}:00 to {b}:00", partial(arrivals.percent_between, start=a, end=b), counts, "%")
        for a, b in DAY_PARTS
    ]
    figures.append(compared("busiest half-hour over the mean one", lambda c: c.sum().max() / c.sum().mean(), counts))
    note = "Working days, 7:00 to 21:00 in the queue's time zone, as shares of the calls between those hours."
    if without_zone > 0:
        note += f" {without_zone:.0%} of the simulated calls have no time zone and stand in UTC."
    return Section("profile", "Daily profile", note, figures, pictures.daily_profile(counts))


def overdispersion(fives: Counts, halves: Counts) -> Section:
    """How much more calls vary than a Poisson stream of known rate, and how this hangs together over time."""
    totals = {name: table.sum(axis=1) for name, table in halves.items()}
    days = {name: total.to_frame() for name, total in totals.items()}

    def ratio(counts: pd.DataFrame) -> float:
        return arrivals.dispersion(counts, given_total=False).variance_to_mean

    def rate_cv(counts: pd.DataFrame) -> float:
        return arrivals.dispersion(counts, given_total=True).rate_cv

    within = arrivals.within_day_correlation
    figures = [
        compared("calls a day", pd.Series.mean, totals, limit=None),
        compared("variance over mean, 5 minutes", ratio, fives, limit=None),
        compared("variance over mean, 30 minutes", ratio, halves, limit=None),
        compared("variance over mean, day", ratio, days, limit=None),
        compared("sd of the log day factor", arrivals.day_factor_sd, totals, limit=RATE),
        compared(
            "day factor, correlation with the day before", arrivals.day_autocorrelation, totals, limit=CORRELATION
        ),
        compared("correlation of the day's two halves", arrivals.halves_correlation, halves, limit=CORRELATION),
        compared("cv of the half-hour's rate, given the day", rate_cv, halves, limit=RATE),
        compared("the same rate, correlation with the half-hour before", within, halves, limit=CORRELATION),
    ]
    note = (
        "Weekday, season (a cubic in time) and each weekday's profile are taken out before. Variance over mean grows "
        "with the number of calls, so it is shown and not judged; the rest describes the hidden rate, without Poisson "
        "noise. "
        f"A dash: fewer than {arrivals.DAYS_FOR_CORRELATION} days, or too few calls to tell."
    )
    return Section("arrivals", "Overdispersion of arrivals", note, figures, pictures.overdispersion(halves))


def service(calls: Calls) -> Section:
    """How long calls take."""
    times = {name: table["service"].dropna() for name, table in calls.items()}
    figures = [compared("mean", pd.Series.mean, times, "s")]
    figures += [
        compared(f"{level:.0%} quantile", partial(pd.Series.quantile, q=level), times, "s")
        for level in (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
    ]
    figures.append(compared("share under 10 s", lambda s: (s < 10).mean(), times, limit=PROBABILITY))
    figures.append(compared("sd of the log, from the middle 80%", measures.log_spread, times))
    note = "Talk and hold of answered calls, without wrap-up, which the real centre didn't record."
    picture = pictures.service_time(times[SIMULATED], times[ISRAEL])
    return Section("service", "Service time", note, figures, picture)


def patience(calls: Calls) -> Section:
    """How long callers are willing to wait."""
    curves = {name: measures.patience(table) for name, table in calls.items()}
    rates = {name: 1000 * measures.patience_hazards(table) for name, table in calls.items()}
    figures = [
        compared(f"would still wait after {s} s", lambda curve, s=s: curve.at(s), curves, limit=PROBABILITY)
        for s in (10, 30, 60, 120, 300)
    ]
    figures.append(compared("median patience", lambda curve: curve.gone_by(0.5), curves, "s"))
    figures += [
        compared(f"abandons per 1,000 s waited, {a} to {b} s", lambda rate, i=i: rate[i], rates, limit=RATE)
        for i, (a, b) in enumerate(pairwise(measures.WAIT_BINS))
    ]
    note = "Kaplan-Meier of the time in the queue until callers give up; answered and called-back callers are censored."
    return Section("patience", "Patience", note, figures, pictures.patience(curves, rates))


def abandonment(calls: Calls) -> Section:
    """How many give up, by how long the half-hour made callers wait."""
    cells = {name: measures.half_hours(table) for name, table in calls.items()}
    lines = {name: measures.abandon_line(table) for name, table in cells.items()}
    figures = [compared("share abandoned", lambda c: c["gave_up"].mean(), calls, limit=PROBABILITY)]
    figures += [
        compared(f"share abandoned at a mean wait of {s} s", lambda f, s=s: f[0] + s * f[1], lines, limit=PROBABILITY)
        for s in (10, 60, 120)
    ]
    figures.append(compared("rise per 1,000 s of mean wait", lambda f: 1000 * f[1], lines, limit=RATE))
    note = (
        f"Half-hours with {measures.CALLS_IN_CELL} calls or more; the figures by wait are read from a line fitted "
        "through them, the picture shows groups of half-hours by mean wait."
    )
    groups = {name: measures.abandoned_by_wait(table, WAIT_GROUPS) for name, table in cells.items()}
    return Section("abandonment", "Abandonment against waiting", note, figures, pictures.abandonment(groups))


def waiting(calls: Calls) -> Section:
    """How long callers are in the queue."""
    waits = {name: table["waited"] for name, table in calls.items()}
    figures: list[Figure] = [
        compared(f"in the queue longer than {s} s", lambda w, s=s: (w > s).mean(), waits, limit=PROBABILITY)
        for s in (AT_ONCE, 20, 60, 180)
    ]
    figures.append(compared("mean", pd.Series.mean, waits, "s"))
    figures.append(compared("90% quantile", partial(pd.Series.quantile, q=0.9), waits, "s"))
    spread = partial(measures.excess_cv, beyond=AT_ONCE)
    figures.append(compared(f"cv of the time beyond {AT_ONCE} s", spread, waits))
    note = (
        "Every call offered, until answered or given up. The level hangs on how many agents each side employs; the "
        "shape (a cv of 1 is exponential) hardly does."
    )
    return Section("waiting", "Waiting time", note, figures, pictures.waiting(waits))
