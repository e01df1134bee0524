"""How demand moves: year, week, day, holidays, billing runs and outages; and the calendar's rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pyarrow as pa

from simulator import rows
from simulator.clock import MISSING, Clock
from simulator.draws import stream
from simulator.reference import CATEGORY_DEPARTMENT, CATEGORY_NAMES, DAY, HOUR, PRODUCTS, REGIONS
from simulator.scenarios import Levers

WEEKDAY_FACTOR = np.array([1.22, 1.10, 1.05, 1.02, 0.98, 0.62, 0.50])
HOLIDAY_FACTOR = 0.45
BILLING_DAYS = (1, 2, 3)
# the bill reaches most customers on the third
BILLING_FACTOR = {1: 1.3, 2: 1.9, 3: 3.4, 4: 2.0, 5: 1.3}
OUTAGES_A_DAY = 0.035
# a day's demand beyond the seasons: the spread of its logarithm, and what a day leaves to the next
DAY_SPREAD, DAY_MEMORY, DAYS_BACK = 0.07, 0.6, 8
# share of a local day's demand in each hour, for voice and chat and for e-mail and web
SPOKEN_PROFILE = np.array([
    .2, .1, .1, .1, .2, .5, 1.5, 3, 6, 8.5, 9.2, 8.6, 7, 6.6, 7.2, 7.6, 7.4, 6.6, 5.4, 4.2, 3, 2, 1, .5,
])  # fmt: skip
WRITTEN_PROFILE = np.array([
    1, .6, .4, .4, .5, 1, 2.2, 4, 6, 7, 7, 6.4, 6, 6, 6, 6, 5.8, 5.6, 5.4, 5.2, 5, 4.4, 3, 1.8,
])  # fmt: skip
# how likely somebody is awake and minded to write or call, by local hour; its mean is 1
AWAKE = WRITTEN_PROFILE / WRITTEN_PROFILE.mean()


@lru_cache(maxsize=64)
def holiday_names(country: str, year: int) -> dict[tuple[int, int], str]:
    """Public holidays of a country and year: (month, day) to an English name where there is one."""
    import holidays

    found = holidays.country_holidays(country, years=year)
    return {(day.month, day.day): name for day, name in found.items()}


def holiday_in(clock: Clock, day: int) -> np.ndarray:
    """For each region whether the day is a public holiday."""
    when = clock.date(day)
    return np.array([(when.month, when.day) in holiday_names(region[1], when.year) for region in REGIONS])


def volume_factor(clock: Clock, day: int) -> np.ndarray:
    """Expected demand of each region on a day, relative to its mean day: year x week x holiday x growth."""
    when = clock.date(day)
    position = 2 * np.pi * when.timetuple().tm_yday / 365.25
    year = 1 + 0.10 * np.cos(position - 0.25) + 0.05 * np.cos(2 * position - 2.6)
    growth = 1 + 0.06 * day / 365
    holiday = np.where(holiday_in(clock, day), HOLIDAY_FACTOR, 1.0)
    return year * growth * WEEKDAY_FACTOR[when.weekday()] * holiday


def day_factor(seed: int, day: int) -> float:
    """How much more (or less) than the seasons say comes on a day; days in a row are alike."""
    weights = DAY_MEMORY ** np.arange(DAYS_BACK)
    luck = [stream(seed, "mood of the day", day - ago).standard_normal() for ago in range(DAYS_BACK)]
    drift = float(weights @ luck) / float(np.sqrt((weights**2).sum()))
    return float(np.exp(DAY_SPREAD * drift - DAY_SPREAD**2 / 2))


def category_factor(clock: Clock, day: int) -> np.ndarray:
    """How each category's share of demand is raised on a day."""
    when = clock.date(day)
    factor = np.ones(len(CATEGORY_NAMES))
    factor[CATEGORY_DEPARTMENT == 0] = BILLING_FACTOR.get(when.day, 1.0)
    if when.month in (11, 12):
        factor[CATEGORY_DEPARTMENT == 2] = 1.6
    return factor


@dataclass(frozen=True)
class Outage:
    """A product fails in a region; times are seconds since the first day."""

    product: int
    region: int
    starts: int
    ends: int


def outages(seed: int, day: int, levers: Levers) -> list[Outage]:
    """The outages that begin on a day: mostly none."""
    found = []
    for number, chance in enumerate((OUTAGES_A_DAY, levers.at("outages", day))):
        rng = stream(seed, "outage", day, number)
        if rng.random() >= chance:
            continue
        product = int(rng.choice([0, 1, 4, 5]))
        region = int(rng.integers(0, len(REGIONS)))
        starts = day * DAY + int(rng.integers(6, 15)) * HOUR
        length = rng.uniform(1.5, 7) * (1 + levers.at("outage_size", day))
        found.append(Outage(product, region, starts, starts + int(length * HOUR)))
    # a product is down in a region once a day
    return found[:1] if len(found) == 2 and found[0].region == found[1].region else found


@dataclass
class _Lines:
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    region: list[str | None] = field(default_factory=list)
    recorded: list[int] = field(default_factory=list)

    def add(self, starts: int, ends: int, kind: str, name: str, region: str | None, recorded: int = MISSING) -> None:
        for column, value in zip(vars(self).values(), (starts, ends, kind, name, region, recorded), strict=True):
            column.append(value)


def calendar_rows(seed: int, clock: Clock, day: int, levers: Levers) -> pa.Table:
    """Holidays and billing runs of the years ahead (first day, then each 1 December), and the day's outages."""
    lines = _Lines()
    when = clock.date(day)
    years = [when.year, when.year + 1] if day == 0 else [when.year + 1] if (when.month, when.day) == (12, 1) else []
    if day > 0 and years and years[0] == clock.start.year + 1:
        years = []
    for year in years:
        _year_ahead(lines, clock, year)
    for outage in outages(seed, day, levers):
        region = REGIONS[outage.region][0]
        lines.add(
            outage.starts,
            outage.ends,
            "outage",
            f"outage {PRODUCTS[outage.product]} {region}",
            region,
            outage.starts + HOUR // 2,
        )
    count = len(lines.starts)
    if not count:
        return pa.table({})
    return pa.table({
        "starts_at": clock.times(np.array(lines.starts, dtype=np.int64)),
        "ends_at": clock.times(np.array(lines.ends, dtype=np.int64)),
        "kind": pa.array(lines.kind, pa.string()),
        "name": pa.array(lines.name, pa.string()),
        "queue": rows.nothing(count),
        "region": pa.array(lines.region, pa.string()),
        "recorded_at": clock.times(np.array(lines.recorded, dtype=np.int64)),
    })  # fmt: skip


def _year_ahead(lines: _Lines, clock: Clock, year: int) -> None:
    start = clock.start.toordinal()
    for name, country, *_ in REGIONS:
        for (month, number), title in sorted(holiday_names(country, year).items()):
            since = (clock.start.replace(year=year, month=month, day=number).toordinal() - start) * DAY
            # the calendar's key has no region: the name tells it
            lines.add(since, since + DAY, "holiday", f"{title} ({name})", name)
    for month in range(1, 13):
        since = (clock.start.replace(year=year, month=month, day=1).toordinal() - start) * DAY
        lines.add(since, since + len(BILLING_DAYS) * DAY, "billing", f"billing run {year}-{month:02d}", None)
