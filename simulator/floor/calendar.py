"""Who is on duty on a day: each local day is laid out once and kept while it is needed."""

from __future__ import annotations

import numpy as np

from simulator.floor.shifts import PLANNED_AHEAD, Floor, Spans, lived, on_duty, schedule

# a written contact is taken up within the week
AHEAD = 8


class DutyCalendar:
    """plan: shifts of the front desk that were decided elsewhere."""

    def __init__(self, floor: Floor, plan: Spans | None) -> None:
        self.floor, self._plan = floor, plan
        self._lived: dict[int, Spans] = {}
        self._front: dict[int, Spans] = {}
        self._back: dict[int, Spans] = {}

    def schedule(self, day: int) -> Spans:
        """The planned shifts of a local day."""
        return schedule(self.floor, day, self._plan)

    def planned(self, day: int) -> Spans:
        """What the planners export on a day: the shifts of the day a week ahead; on the first day of the whole week.

        And then of the day before too, for its last shifts reach into the first UTC day.
        """
        ahead = range(-1, PLANNED_AHEAD + 1) if day == 0 else [day + PLANNED_AHEAD]
        return Spans.join([self.schedule(some) for some in ahead])

    def told(self, day: int) -> Spans:
        """What is exported of how a day went; on the first day also of how the day before did."""
        return Spans.join([self.lived(some) for some in ((-1, 0) if day == 0 else (day,))])

    def lived(self, day: int) -> Spans:
        """What became of a local day's plan."""
        if day not in self._lived:
            self._lived[day] = lived(self.floor, day, self.schedule(day))
            for kept in (self._lived, self._front, self._back):
                kept.pop(day - AHEAD - 4, None)
        return self._lived[day]

    def front(self, day: int) -> Spans:
        """When agents take calls and chats, around a UTC day."""
        return self._of(self._front, range(day - 1, day + 2), True)

    def back(self, day: int) -> Spans:
        """When agents take written contacts, from a UTC day on, by agent and time."""
        return self._of(self._back, range(day - 1, day + AHEAD), False)

    def _of(self, kept: dict[int, Spans], days: range, front: bool) -> Spans:
        for day in days:
            if day not in kept:
                kept[day] = on_duty(self.lived(day), self.floor.agents.front, front)
        joined = Spans.join([kept[day] for day in days])
        return joined.take(np.lexsort((joined.starts, joined.agent)))
