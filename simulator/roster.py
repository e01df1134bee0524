"""Who of the back desk is at work in which hour: those who answer tickets."""

from __future__ import annotations

import numpy as np

from simulator.floor.shifts import SHIFT_HOURS, Floor, schedule, sick_days
from simulator.reference import HOUR, QUEUES


class Roster:
    """Hours are counted since the first day, for a window of days."""

    def __init__(self, floor: Floor, from_day: int, to_day: int) -> None:
        agents, self.first_hour = floor.agents, from_day * 24
        self.present = np.zeros(((to_day - from_day) * 24, len(agents)), dtype=bool)
        for day in range(from_day - 1, to_day + 1):
            self._put_in(floor, day)
        # front agents answer no tickets
        serves = (agents.skills == 1) & ~agents.front[:, None]
        hours_served = [np.nonzero(self.present & serves[:, queue]) for queue in range(len(QUEUES))]
        self.counts = np.column_stack([np.bincount(hour, minlength=len(self.present)) for hour, _ in hours_served])
        # who serves a queue in an hour stands in one list, queue by queue and hour by hour
        self._listed = np.concatenate([*(agent for _, agent in hours_served), [-1]])
        starts = np.cumsum(self.counts.T.ravel()) - self.counts.T.ravel()
        self._starts = starts.reshape(len(QUEUES), -1).T

    def _put_in(self, floor: Floor, day: int) -> None:
        """The whole hours of the shifts of a local day that fall into the window."""
        shift = schedule(floor, day)
        shift = shift.take(~sick_days(floor, day)[shift.agent])
        for hour in range(SHIFT_HOURS):
            at = shift.starts // HOUR + hour - self.first_hour
            inside = (at >= 0) & (at < len(self.present))
            self.present[at[inside], shift.agent[inside]] = True

    def staffed(self, queue: np.ndarray, hour: np.ndarray | int) -> np.ndarray:
        """Agents at work who serve the queue in the hour."""
        return self.counts[np.asarray(hour) - self.first_hour, queue]

    def here(self, agent: np.ndarray, hour: np.ndarray | int) -> np.ndarray:
        """Whether the agent is at work in the hour; false for none (-1)."""
        return self.present[np.asarray(hour) - self.first_hour, agent] & (agent >= 0)

    def choose(self, queue: np.ndarray, hour: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """An agent at work who serves the queue, at random; -1 where there is none."""
        row = hour - self.first_hour
        count = self.counts[row, queue]
        position = self._starts[row, queue] + (uniform * count).astype(np.int64)
        # -1, the last in the list, stands where nobody is at work
        return np.where(count > 0, self._listed[np.minimum(position, len(self._listed) - 1)], -1)
