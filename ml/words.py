"""Values in plain words, for the sentences of reasons."""

from __future__ import annotations

import math

from ml.task import Values

WEEK_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def duration(hours: float) -> str:
    """Hours as people say them: minutes below an hour, days from three days on."""
    if hours < 1:
        return f"{max(round(hours * 60), 0)} minutes"
    if hours < 72:
        return _counted(round(hours), "hour")
    return _counted(round(hours / 24), "day")


def number(value: float) -> str:
    """A count without decimals, anything else with one."""
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 else f"{value:,.1f}"


def times(value: float) -> str:
    """`once`, `twice`, `5 times`."""
    return {1: "once", 2: "twice"}.get(round(value), f"{round(value)} times")


def usual_duration(usual: Values, column: str) -> str:
    """`; usual here is 6 hours`, or nothing where what is usual isn't known."""
    return f"; usual here is {duration(usual[column])}" if column in usual else ""


def usual_number(usual: Values, column: str) -> str:
    """`; usual here is 2`, or nothing where what is usual isn't known."""
    return f"; usual here is {number(usual[column])}" if column in usual else ""


def in_a_hundred(rate_a_day: float, days: int = 7) -> str:
    """The share that a daily rate comes to in a week, as `12 in 100`."""
    return f"{100 * (1 - math.exp(-max(rate_a_day, 0.0) * days)):.0f} in 100"


def week_day(day: float) -> str:
    """The name of an ISO week day, 1 for Monday."""
    return WEEK_DAYS[(int(day) - 1) % 7]


def _counted(value: int, unit: str) -> str:
    return f"{value} {unit}" if value == 1 else f"{value} {unit}s"
