"""Values in plain words, for the sentences of reasons."""

from __future__ import annotations

from collections.abc import Callable

from ml.task import Compared, Said, Values

NOTEWORTHY = 1.25  # a value this many times another, or the other way round, is worth words
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


def beside_usual(
    words: str, row: Values, usual: Values, column: str, said: Callable[[float], str], usual_column: str = ""
) -> Said:
    """`words`, then `; usual here is 6 hours`; None where the value is about as usual: that is no reason.

    `said` says a value of the column. Only `words` where what is usual isn't known.
    """
    middle = usual.get(usual_column or column)
    if middle is None:
        return words
    if said(row[column]) == said(middle) or _about(row[column], middle):
        return None
    return Compared(f"{words}; usual here is {said(middle)}", row[column] > middle)


def as_often(whose: str, rate: float, others: float) -> Compared | None:
    """`tickets like this escalate 3 times as often as all`, or None where that is about as often.

    Rates are per day at risk. A share of tickets can't be told from them: most are solved before long.
    """
    ratio = rate / others if others > 0 else 1.0
    if _about(ratio, 1.0):
        return None
    often = f"{number(ratio)} times as often" if ratio > 1 else f"{max(ratio, 0.01):.0%} as often"
    return Compared(f"{whose} escalate {often} as tickets in all", ratio > 1)


def _about(value: float, other: float) -> bool:
    return other > 0 and 1 / NOTEWORTHY < value / other < NOTEWORTHY


def week_day(day: float) -> str:
    """The name of an ISO week day, 1 for Monday."""
    return WEEK_DAYS[(int(day) - 1) % 7]


def _counted(value: int, unit: str) -> str:
    return f"{value} {unit}" if value == 1 else f"{value} {unit}s"
