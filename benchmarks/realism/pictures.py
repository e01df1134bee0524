"""The pictures of the report: simulated in one colour, real data in the other (a second real set is dashed)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.realism import arrivals
from benchmarks.realism.measures import WAIT_BINS, Survival
from benchmarks.realism.verdict import SIMULATED

OURS, THEIRS = "#c4511a", "#1f5fa8"
STYLES = ("-", "--")
# a group of half-hours with fewer calls gives a point that is mostly noise
CALLS_IN_GROUP = 100


def canvas(title: str, panels: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure with a title and one or two panels side by side."""
    figure = Figure(figsize=(10, 4.4) if panels > 1 else (8, 4.4), dpi=110, layout="constrained")
    figure.suptitle(title, fontsize=12)
    axes = [figure.add_subplot(1, panels, number + 1) for number in range(panels)]
    for axis in axes:
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _colour(name: str, number: int) -> tuple[str, str]:
    return (OURS, "-") if name == SIMULATED else (THEIRS, STYLES[number % 2])


def _styled(names: list[str]) -> list[tuple[str, str]]:
    reals = [name for name in names if name != SIMULATED]
    return [_colour(name, reals.index(name) if name in reals else 0) for name in names]


def _clock(axis: Axes) -> None:
    axis.set_xticks(range(7, 22, 2), [f"{hour}:00" for hour in range(7, 22, 2)])


def daily_profile(counts: dict[str, pd.DataFrame]) -> Figure:
    """Share of the day's calls by half-hour."""
    figure, [axis] = canvas("Calls over a working day: simulated and real")
    for (name, table), (colour, style) in zip(counts.items(), _styled(list(counts)), strict=True):
        share = arrivals.profile(table) * 100
        axis.step(
            [*share.index / 60, 21], [*share, share.iloc[-1]], style, where="post", color=colour, label=name, lw=2
        )
    axis.set(xlabel="local time", ylabel="share of the day's calls in a half-hour (%)", ylim=(0, None))
    _clock(axis)
    axis.legend(frameon=False)
    return figure


def overdispersion(counts: dict[str, pd.DataFrame], lags: int = 5) -> Figure:
    """Variance of half-hour counts against their mean, and the day factor's correlation with the days before."""
    figure, [cloud, days] = canvas("Arrivals beyond Poisson: simulated and real", 2)
    styles = _styled(list(counts))
    for (name, table), (colour, style) in zip(counts.items(), styles, strict=True):
        points = arrivals.spread_within_day(table)
        filled = colour if style == "-" else "none"
        cloud.scatter(points[:, 0], points[:, 1], s=22, facecolors=filled, edgecolors=colour, label=name)
    ends = np.array(cloud.get_xlim())
    ends[0] = max(ends[0], 10)
    cloud.plot(ends, ends, color="#555", lw=1, label="Poisson")
    cloud.set(xscale="log", yscale="log", xlabel="mean calls in a half-hour", ylabel="variance, given the day's total")
    _plain_numbers(cloud)
    cloud.set_title("Within the day, one point a half-hour", fontsize=10)
    cloud.legend(frameon=False)
    for (name, table), (colour, style) in zip(counts.items(), styles, strict=True):
        total = table.sum(axis=1)
        found = [arrivals.day_autocorrelation(total, lag) for lag in range(1, lags + 1)]
        if np.isfinite(found).any():
            days.plot(range(1, lags + 1), found, style, marker="o", color=colour, label=name, lw=2)
    days.axhline(0, color="#555", lw=1)
    days.set_xticks(range(1, lags + 1))
    days.set(xlabel="working days apart", ylabel="correlation of the day factor", ylim=(-0.4, 1))
    days.set_title("From day to day (centres with 40 days and more)", fontsize=10)
    days.legend(frameon=False)
    return figure


def service_time(simulated: pd.Series, real: pd.Series) -> Figure:
    """QQ picture of service times, log scales."""
    figure, [axis] = canvas("Service time: quantiles of simulated against real calls")
    levels = np.arange(1, 100) / 100
    x, y = real.quantile(levels), simulated.quantile(levels)
    axis.plot(x, y, "o", color=OURS, ms=4, label="1% to 99% quantiles")
    for level in (0.1, 0.5, 0.9):
        axis.annotate(
            f"{level:.0%}", (x[level], y[level]), textcoords="offset points", xytext=(-8, 8), ha="right", fontsize=9
        )
    ends = np.array([max(min(x.min(), y.min()), 1), max(x.max(), y.max())])
    axis.plot(ends, ends, color=THEIRS, lw=1.5, label="the same as real")
    axis.set(xscale="log", yscale="log", xlabel="real service time (s)", ylabel="simulated service time (s)")
    _plain_numbers(axis)
    axis.legend(frameon=False)
    return figure


def patience(curves: dict[str, Survival], hazards: dict[str, np.ndarray]) -> Figure:
    """Kaplan-Meier curves of the time to give up, and abandons per 1,000 seconds by stretch of the wait."""
    figure, [left, right] = canvas("Patience of callers in the queue: simulated and real", 2)
    for (name, curve), (colour, style) in zip(curves.items(), _styled(list(curves)), strict=True):
        left.step([0, *curve.time], [1, *curve.share], style, where="post", color=colour, label=name, lw=2)
    left.set(xlim=(0, 600), ylim=(0, 1), xlabel="seconds in the queue", ylabel="share that would still wait")
    left.set_title("Kaplan-Meier, answered calls censored", fontsize=10)
    left.legend(frameon=False)
    _bars(right, hazards)
    labels = [f"{a}-{b}" for a, b in pairwise(WAIT_BINS)]
    right.set_xticks(range(len(labels)), labels)
    right.set(xlabel="seconds in the queue", ylabel="abandons per 1,000 s of waiting")
    right.set_title("Hazard of giving up", fontsize=10)
    return figure


def _bars(axis: Axes, heights: dict[str, np.ndarray]) -> None:
    width = 0.8 / len(heights)
    for number, (name, values) in enumerate(heights.items()):
        colour = OURS if name == SIMULATED else THEIRS
        places = np.arange(len(values)) + (number - (len(heights) - 1) / 2) * width
        axis.bar(places, values, width, color=colour, label=name)
    # the tallest bar mustn't reach the legend
    axis.set_ylim(0, 1.2 * max(np.nanmax(values) for values in heights.values()))
    axis.legend(frameon=False)


def abandonment(groups: dict[str, pd.DataFrame]) -> Figure:
    """Share abandoned against the half-hour's mean wait."""
    figure, [axis] = canvas("Abandonment against waiting: simulated and real half-hours")
    for (name, table), (colour, style) in zip(groups.items(), _styled(list(groups)), strict=True):
        known = table[table["calls"] >= CALLS_IN_GROUP]
        axis.plot(known["wait"], known["abandoned"] * 100, style, marker="o", color=colour, label=name, lw=2)
    axis.set(
        xlabel="mean time in the queue in the half-hour (s)",
        ylabel="calls abandoned (%)",
        xlim=(0, None),
        ylim=(0, None),
    )
    axis.legend(frameon=False)
    return figure


def waiting(waits: dict[str, pd.Series]) -> Figure:
    """Share of calls still in the queue by time."""
    figure, [axis] = canvas("Time in the queue of all calls, answered or not: simulated and real")
    for (name, values), (colour, style) in zip(waits.items(), _styled(list(waits)), strict=True):
        ordered = np.sort(values.to_numpy())
        left = 1 - np.arange(1, len(ordered) + 1) / len(ordered)
        axis.step(ordered[left > 0], left[left > 0], style, where="post", color=colour, label=name, lw=2)
    axis.set(yscale="log", xlim=(0, 600), ylim=(1e-3, 1), xlabel="seconds in the queue",
             ylabel="share of calls that wait longer (log scale)")  # fmt: skip
    _plain_numbers(axis)
    axis.legend(frameon=False)
    return figure


def distribution(title: str, label: str, values: dict[str, pd.Series], span: tuple[float, float]) -> Figure:
    """Cumulated shares on a log axis."""
    figure, [axis] = canvas(title)
    for (name, series), (colour, style) in zip(values.items(), _styled(list(values)), strict=True):
        ordered = np.sort(series.to_numpy())
        share = np.arange(1, len(ordered) + 1) / len(ordered)
        axis.step(ordered, share, style, where="post", color=colour, label=name, lw=2)
    axis.set(xscale="log", xlim=span, ylim=(0, 1), xlabel=label, ylabel="share up to this time")
    _plain_numbers(axis)
    axis.legend(frameon=False)
    return figure


def shares(title: str, label: str, heights: dict[str, np.ndarray]) -> Figure:
    """Bars of shares by count; the last bar stands for that many or more."""
    figure, [axis] = canvas(title)
    _bars(axis, {name: values * 100 for name, values in heights.items()})
    most = len(next(iter(heights.values()))) - 1
    axis.set_xticks(range(most + 1), [*map(str, range(most)), f"{most} or more"])
    axis.set(xlabel=label, ylabel="share of tickets (%)")
    return figure


def solved_by(curves: dict[str, Survival]) -> Figure:
    """Share of tickets solved by age, log axis."""
    figure, [axis] = canvas("Age of tickets when first solved: simulated and real")
    for (name, curve), (colour, style) in zip(curves.items(), _styled(list(curves)), strict=True):
        axis.step(curve.time, 1 - curve.share, style, where="post", color=colour, label=name, lw=2)
    axis.set(xscale="log", xlim=(0.02, 1500), ylim=(0, 1), xlabel="hours since it was opened (log scale)",
             ylabel="share solved (open ones censored)")  # fmt: skip
    _plain_numbers(axis)
    axis.legend(frameon=False)
    return figure


def _plain_numbers(axis: Axes) -> None:
    """1,000 rather than ten to the third."""
    from matplotlib.ticker import FuncFormatter

    plain = FuncFormatter(lambda value, _: f"{value:,g}")
    if axis.get_xscale() == "log":
        axis.xaxis.set_major_formatter(plain)
    if axis.get_yscale() == "log":
        axis.yaxis.set_major_formatter(plain)
