"""When two figures count as different, and the one sentence that says so: made from the figures, never written."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

SIMULATED = "simulated"


@dataclass(frozen=True)
class Limit:
    """What two values may be apart and still count as alike: a factor (ratio) or a distance (gap)."""

    kind: Literal["ratio", "gap"]
    value: float

    def told(self) -> str:
        return f"more than {self.value:g} times" if self.kind == "ratio" else f"more than {self.value:g} apart"


# a handle time or a share of the day that is off by a quarter moves the number of agents by about as much
SIZE = Limit("ratio", 1.25)
# rates per second and spreads rest on fewer events, and real centres differ more in them
RATE = Limit("ratio", 1.5)
# two correlations over 100 days each differ by chance with a standard error of 0.14: two of them
CORRELATION = Limit("gap", 0.28)
# five callers or tickets of a hundred
PROBABILITY = Limit("gap", 0.05)


@dataclass
class Figure:
    """One measure on both sides. `real` may hold several centres: only lying outside their range is a difference.

    Without a limit the figure is shown and not judged.
    """

    name: str
    simulated: float
    real: dict[str, float]
    unit: str = ""
    limit: Limit | None = SIZE

    @property
    def known(self) -> list[float]:
        """The real values that could be measured."""
        return [value for value in self.real.values() if math.isfinite(value)]

    @property
    def judged(self) -> bool:
        """Whether both sides could be measured and a limit says what counts as a difference."""
        return self.limit is not None and math.isfinite(self.simulated) and bool(self.known)

    @property
    def nearest(self) -> float:
        """The value within the real range that is nearest to the simulated one."""
        return min(max(self.simulated, min(self.known)), max(self.known))

    @property
    def distance(self) -> float:
        """How far apart, in limits: above 1 counts as a difference."""
        if self.limit is None or not self.judged or self.simulated == self.nearest:
            return 0.0
        if self.limit.kind == "gap":
            return abs(self.simulated - self.nearest) / self.limit.value
        if min(self.simulated, self.nearest) <= 0:
            return math.inf
        return abs(math.log(self.simulated / self.nearest)) / math.log(self.limit.value)

    @property
    def differs(self) -> bool:
        """Whether the figures lie further apart than the limit allows."""
        return self.distance > 1

    def told(self) -> str:
        """The name, both values and how far apart they are."""
        low, high = show(min(self.known)), show(max(self.known))
        unit = f" {self.unit}" if self.unit else ""
        values = f"{show(self.simulated)} against {low if low == high else f'{low} to {high}'}{unit}"
        if self.simulated == self.nearest:
            return f"{self.name} ({values})"
        if self.limit is not None and self.limit.kind == "ratio" and self.nearest > 0:
            return f"{self.name} ({values}, {show(self.simulated / self.nearest)} times)"
        return f"{self.name} ({values}, {show(abs(self.simulated - self.nearest))} apart)"


def compared(
    name: str, measure: Callable[..., Any], sides: dict[str, Any], unit: str = "", limit: Limit | None = SIZE
) -> Figure:
    """The same measure of every side; the one named SIMULATED against the others."""
    found = {side: float(measure(value)) for side, value in sides.items()}
    return Figure(name, found.pop(SIMULATED), found, unit, limit)


def show(value: float) -> str:
    """A number as a reader wants it: three significant figures."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def sentence(figures: list[Figure], most: int = 3) -> str:
    """Where and how much the simulation differs: the figures furthest apart first."""
    judged = [figure for figure in figures if figure.judged]
    if not judged:
        return "Nothing here could be measured on both sides."
    apart = sorted((figure for figure in judged if figure.differs), key=lambda figure: -figure.distance)
    if not apart:
        worst = max(judged, key=lambda figure: figure.distance)
        return f"All {len(judged)} figures lie within their limits; the furthest apart is {worst.told()}."
    rest = len(apart) - most
    more = f"; and {rest} more" if rest > 0 else ""
    return (
        f"{len(apart)} of {len(judged)} figures lie further apart than their limits, most of all "
        f"{'; '.join(figure.told() for figure in apart[:most])}{more}."
    )
