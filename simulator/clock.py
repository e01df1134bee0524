"""Simulated time: seconds and days since midnight UTC of the first day, and their text form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.reference import DAY

# customers, agents and calendars are laid out for this many days ahead of the first
HORIZON_DAYS = 1096
MISSING = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Clock:
    """Turns seconds since `start` into text. MISSING stands for no time."""

    start: date

    @property
    def origin(self) -> int:
        """Seconds from 1970 to the first day's midnight, UTC."""
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=timezone.utc).timestamp())

    def date(self, day: int) -> date:
        return self.start + timedelta(days=int(day))

    def times(self, seconds: np.ndarray) -> pa.Array:
        """ISO 8601 text with a Z; null where MISSING."""
        seconds = np.asarray(seconds, dtype=np.int64)
        absent = seconds == MISSING
        stamps = pa.array(np.where(absent, 0, seconds) + self.origin).cast(pa.timestamp("s"))
        written = pc.strftime(stamps, format="%Y-%m-%dT%H:%M:%SZ")
        return pc.if_else(pa.array(absent), pa.scalar(None, pa.string()), written) if absent.any() else written

    def dates(self, seconds: np.ndarray) -> pa.Array:
        """ISO 8601 dates; null where MISSING."""
        return pc.utf8_slice_codeunits(self.times(seconds), 0, 10)

    def weekday(self, day: int) -> int:
        """Monday is 0."""
        return self.date(day).weekday()


def day_of(seconds: np.ndarray) -> np.ndarray:
    """The day (since the first) that a time falls in; negative before it."""
    return np.asarray(seconds, dtype=np.int64) // DAY
