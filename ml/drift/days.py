"""How much the reference's own days differ, beyond what drawing tickets explains: today must differ by more.

Two parts. Days differ from each other (loads, weekdays), with variance `day`. And levels wander: the mean of a week is
further from that of a week long before, by a variance that grows with the time between them, `wander` a week.
Each is estimated for each statistic; those that show nothing of their own (by false discovery rate) share what is left
over all of them, so that noise in the estimates doesn't cost power where days are alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse, stats

from ml.drift.pool import Matrix, Pool, Statistics

LEAST_DAYS = 5
LEAST_WEEKS = 3
DISCOVERIES = 0.1
# Three or four weeks say little of one statistic's wander; those that do wander lend each other as much as four weeks.
LENT_WEEKS = 4.0
SMALL = 1e-30  # below every variance that could matter
SURE = 1e6  # degrees of freedom of what needn't be estimated


@dataclass(frozen=True)
class DayVariance:
    """Variances of means per statistic, with the degrees of freedom that they're known with. `span` in weeks."""

    day: np.ndarray
    day_freedom: np.ndarray
    wander: np.ndarray
    wander_freedom: np.ndarray
    days: int
    span: float
    last: float

    def between(self, batch_days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Variance of (mean over the batch's days - mean of the reference), and its degrees of freedom."""
        gap = max(float(batch_days.mean()) - self.last, 0.0) / 7
        first = self.day * (1 / max(len(np.unique(batch_days)), 1) + 1 / max(self.days, 1))
        second = self.wander * (gap + self.span / 3)
        total = first + second
        spread = first**2 / self.day_freedom + second**2 / self.wander_freedom
        return total, np.where(spread > 0, total**2 / np.maximum(spread, 1e-300), SURE)


@dataclass(frozen=True)
class ReferenceVariance:
    """What the reference's rows alone say of each statistic's variance: by days, and of the mean by tickets."""

    days: DayVariance
    of_mean: np.ndarray

    def for_statistics(self, ours: Statistics, theirs: Statistics) -> ReferenceVariance:
        """The same in the order of `theirs`. What `ours` lacks (a value new with the batch) hasn't varied yet."""
        at = {key: i for i, key in enumerate(ours.identities())}
        place = np.array([at.get(key, -1) for key in theirs.identities()], np.int64)

        def moved(values: np.ndarray, absent: float) -> np.ndarray:
            return np.where(place >= 0, np.r_[values, absent][place], absent)

        d = self.days
        parts = moved(d.day, 0), moved(d.day_freedom, SURE), moved(d.wander, 0), moved(d.wander_freedom, SURE)
        return ReferenceVariance(DayVariance(*parts, d.days, d.span, d.last), moved(self.of_mean, 0))

    def with_weeks(self, ours: Statistics, weeks: Pool) -> ReferenceVariance:
        """The same with what a pool of one day a week says of how its statistics wander, where it has weeks enough."""
        at = {key: i for i, key in enumerate(ours.identities())}
        shown = [(i, at[key]) for i, key in enumerate(weeks.statistics.identities()) if key in at]
        theirs, place = np.array(shown, np.int64).reshape(-1, 2).T
        day_part = np.zeros(len(weeks.statistics))
        day_part[theirs] = self.days.day[place]
        rows = np.r_[weeks.counts.sum(0, dtype=np.float64), np.full(weeks.matrix.sparse.shape[1], len(weeks.day))]
        mean = weeks.matrix.total(indicator(np.zeros(len(weeks.day), np.int64), 1))[0] / np.maximum(rows, 1)
        wander, own, count = _wander(weeks.matrix, weeks.counts, weeks.ticket, weeks.day, mean, day_part)
        if count < LEAST_WEEKS:
            return self
        of_all, freedom = self.days.wander.copy(), self.days.wander_freedom.copy()
        of_all[place] = wander[theirs]
        freedom[place] = np.where(own, count - 1.0 + LENT_WEEKS, SURE)[theirs]
        return replace(self, days=replace(self.days, wander=of_all, wander_freedom=freedom))


def reference_variance(pool: Pool, wanders: bool = True) -> ReferenceVariance:
    """The variances of the reference's rows of a pool; without `wanders`, none by the time between weeks."""
    ours = np.flatnonzero(~pool.in_batch)
    part, counts = pool.matrix.take(ours), pool.counts[ours]
    ticket = np.unique(pool.ticket[ours], return_inverse=True)[1]
    rows = np.r_[counts.sum(0, dtype=np.float64), np.full(part.sparse.shape[1], float(len(ours)))]
    mean = part.total(indicator(np.zeros(len(ours), np.int64), 1))[0] / np.maximum(rows, 1)
    of_mean = clustered(part, counts, ticket, mean) / np.maximum(rows, 1) ** 2
    return ReferenceVariance(day_variance(part, counts, ticket, pool.day[ours], wanders), of_mean)


def clustered(matrix: Matrix, counts: np.ndarray, group: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Sum over groups of the squared sum of deviations from `mean`, per statistic. `group` holds codes from 0."""
    size = int(group.max()) + 1 if len(group) else 0
    by_group = indicator(group, size)
    wide = matrix.dense.shape[1]
    known = np.asarray(by_group @ counts.astype(np.float32))
    dense = np.square(by_group @ matrix.dense - known * mean[:wide].astype(np.float32)).sum(0, dtype=np.float64)
    sums = (by_group @ matrix.sparse).tocsr()
    rows = np.asarray(by_group.sum(1)).ravel()
    square = np.asarray(sums.multiply(sums).sum(0)).ravel().astype(np.float64)
    cross = np.asarray(sums.T @ rows).ravel().astype(np.float64)
    m = mean[wide:]
    return np.r_[dense, square - 2 * m * cross + m**2 * float(rows @ rows)]


def indicator(group: np.ndarray, size: int) -> sparse.csr_matrix:
    """Groups x rows, 1 where the row is in the group."""
    one = np.ones(len(group), np.float32)
    return sparse.csr_matrix((one, (group, np.arange(len(group)))), shape=(size, len(group)))


def day_variance(
    matrix: Matrix, counts: np.ndarray, ticket: np.ndarray, day: np.ndarray, wanders: bool = True
) -> DayVariance:
    """The variances of a reference's rows: their statistics, where ranks are known, tickets (codes) and days."""
    wide, width = matrix.dense.shape[1], matrix.dense.shape[1] + matrix.sparse.shape[1]
    unique, at = np.unique(day, return_inverse=True)
    known = _known(counts, at, len(unique), width)
    total = known.sum(0)
    sums = matrix.total(indicator(at, len(unique)))
    mean = sums.sum(0) / np.maximum(total, 1)
    sampling = clustered(matrix, counts, pair(ticket, at), mean) / np.maximum(total, 1)  # of a row, times rows a day
    of_reference = clustered(matrix, counts, ticket, mean) / np.maximum(total, 1) ** 2
    none = np.zeros(width)
    span = (unique[-1] - unique[0] + 1) / 7 if len(unique) else 0.0
    last = float(unique[-1]) if len(unique) else 0.0
    if len(unique) < LEAST_DAYS:
        return DayVariance(none, none + SURE, none, none + SURE, len(unique), span, last)
    seen = known > 0
    deviations = np.where(seen, sums / np.maximum(known, 1) - mean, 0.0)
    between = (known * deviations**2).sum(0) / np.maximum(total, 1)
    held = sampling * seen.sum(0) / np.maximum(total, 1)
    expected = np.maximum(held - of_reference, 0.1 * held)
    freedom = np.maximum((len(unique) - 1) * expected / np.maximum(held, 1e-300), 1.0)
    excess, own = _excess(between, expected, freedom)
    day_part = excess / (1 - 1 / len(unique))
    day_freedom = np.where(own, len(unique) - 1.0, SURE)
    if not wanders:
        return DayVariance(day_part, day_freedom, none, none + SURE, len(unique), span, last)
    wander, wander_own, weeks = _wander(matrix, counts, ticket, day, mean, day_part / 7)
    wander_freedom = np.where(wander_own, weeks - 1.0 + LENT_WEEKS, SURE)
    assert len(wander) == width and wide <= width
    return DayVariance(day_part, day_freedom, wander, wander_freedom, len(unique), span, last)


def _wander(
    matrix: Matrix, counts: np.ndarray, ticket: np.ndarray, day: np.ndarray, mean: np.ndarray, of_days: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """Variance that the mean gains with each week, from all pairs of the reference's whole weeks.

    `of_days`: variance of a week's mean that its days bring.
    """
    week = (day.max() - day) // 7
    weeks = int((day.max() - day.min() + 1) // 7)
    width = len(mean)
    if weeks < LEAST_WEEKS:
        return np.zeros(width), np.zeros(width, bool), weeks
    whole = np.flatnonzero(week < weeks)
    part, counts, ticket, week = matrix.take(whole), counts[whole], ticket[whole], week[whole]
    known = _known(counts, week, weeks, width)
    sums = part.total(indicator(week, weeks))
    means = np.where(known > 0, sums / np.maximum(known, 1), mean)
    row = clustered(part, counts, pair(ticket, week), mean) / np.maximum(known.sum(0), 1)
    noise = row / np.maximum(known, 1) + of_days
    pairs = [(a, b) for a in range(weeks) for b in range(a)]
    seen = sum((means[a] - means[b]) ** 2 for a, b in pairs)
    expected = sum(noise[a] + noise[b] for a, b in pairs)
    apart = float(sum(a - b for a, b in pairs))
    excess, own = _excess(seen, expected, np.full(width, weeks - 1.0))
    if own.any():
        lent = (excess[own] / np.maximum(row[own], 1e-300)).mean() * row
        excess = np.where(own, ((weeks - 1) * excess + LENT_WEEKS * lent) / (weeks - 1 + LENT_WEEKS), excess)
    return excess / apart, own, weeks


def _excess(seen: np.ndarray, expected: np.ndarray, freedom: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance beyond the expected, and where it is a statistic's own rather than what all the others share."""
    ratio = np.where(expected > 1e-15, seen / np.maximum(expected, 1e-15), 1.0)
    own = _discoveries(stats.chi2.sf(ratio * freedom, freedom)) & (expected > 1e-15)
    rest = ~own & (expected > 1e-15)
    shared = max(float(ratio[rest].mean()) - 1.0, 0.0) if rest.any() else 0.0
    return np.where(own, np.maximum(seen - expected, shared * expected), shared * expected), own


def _discoveries(p: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg's procedure."""
    order = np.argsort(p)
    below = np.flatnonzero(p[order] <= DISCOVERIES * np.arange(1, len(p) + 1) / max(len(p), 1))
    found = np.zeros(len(p), bool)
    found[order[: below[-1] + 1 if len(below) else 0]] = True
    return found


def _known(counts: np.ndarray, group: np.ndarray, size: int, width: int) -> np.ndarray:
    """Rows known per group and statistic; indicators are known for all rows."""
    by_group = indicator(group, size)
    rows = np.asarray(by_group.sum(1))
    dense = np.asarray(by_group @ counts.astype(np.float32))
    return np.hstack([dense, np.repeat(rows, width - counts.shape[1], axis=1)]).astype(np.float64)


def pair(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """One code for each pair of codes."""
    return np.unique(a.astype(np.int64) * (int(b.max()) + 1 if len(b) else 1) + b, return_inverse=True)[1]
