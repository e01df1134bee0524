"""Simulated time: seconds and days since midnight UTC of the first day, and their text form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.reference import DAY

# customers, agents and calendars are laid out for this many days ahead of the first
HORIZON_DAYS = 1096
STRIDE = 1024
MISSING = np.iinfo(np.int64).min


@lru_cache(maxsize=1)
def _times_of_day() -> pa.Array:
    """00:00:00Z to 23:59:59Z."""
    two = [f"{number:02d}" for number in range(60)]
    return pa.array(
        [f"{hour}:{minute}:{second}Z" for hour in two[:24] for minute in two for second in two], pa.string()
    )


@lru_cache(maxsize=64)
def _dates(start: date, low: int, high: int) -> tuple[pa.Array, int]:
    """The dates of whole strides of days around the start, and the first one's number."""
    first = low * STRIDE
    days = range(first, (high + 1) * STRIDE)
    return pa.array([date.fromordinal(start.toordinal() + day).isoformat() for day in days], pa.string()), first


@dataclass(frozen=True)
class Clock:
    """Turns seconds since `start` into text. MISSING stands for no time."""

    start: date

    @property
    def origin(self) -> int:
        """Seconds from 1970 to the first day's midnight, UTC."""
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp())

    def date(self, day: int) -> date:
        return self.start + timedelta(days=int(day))

    def times(self, seconds: np.ndarray) -> pa.Array:
        """ISO 8601 text with a Z; null where MISSING."""
        seconds = np.asarray(seconds, dtype=np.int64)
        absent = seconds == MISSING
        days, rest = np.divmod(np.where(absent, 0, seconds), DAY)
        # formatting a time costs microseconds, looking up its two halves does not
        dates, first = _dates(self.start, int(days.min(initial=0)) // STRIDE, int(days.max(initial=0)) // STRIDE)
        written = pc.binary_join_element_wise(
            dates.take(pa.array(days - first)), _times_of_day().take(pa.array(rest)), "T"
        )
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
