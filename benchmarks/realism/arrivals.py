"""How calls arrive: the day's profile, and how much more they vary than a Poisson stream of known rate would.

All functions take counts: a row a working day, a column an interval (see `sources`). The expected course is taken out
first: weekday factors times a cubic in time (the season), and each weekday's own profile over the day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

# fewer days tell nothing of a correlation from day to day: its standard error is one over the root of their number
DAYS_FOR_CORRELATION = 40
# a variance of which less than this share lies beyond the Poisson part can't be split into signal and noise
SHARE_BEYOND_POISSON = 0.15


@dataclass
class Dispersion:
    """Variance over mean, and the coefficient of variation of the rate behind the counts, which doesn't grow with
    the volume as the first does."""

    variance_to_mean: float
    rate_cv: float


def profile(counts: pd.DataFrame) -> pd.Series:
    """Share of the day's calls in each interval."""
    total = counts.sum()
    return total / total.sum()


def percent_between(counts: pd.DataFrame, start: float, end: float) -> float:
    """Per cent of the day's calls between two hours of the day."""
    share = profile(counts)
    return 100 * float(share[(share.index >= start * 60) & (share.index < end * 60)].sum())


def expected(counts: pd.DataFrame, *, given_total: bool) -> np.ndarray:
    """Expected counts: the weekday's profile times the day's usual total, or times the total that really came."""
    weekday = pd.DatetimeIndex(counts.index).day_of_week
    by_weekday = counts.groupby(weekday).sum()
    shares = by_weekday.div(by_weekday.sum(axis=1), axis=0).loc[weekday].to_numpy()
    total = counts.sum(axis=1).to_numpy(float)
    if not given_total:
        usual = np.exp(_usual_log(total, counts.index))
        total = usual * total.sum() / usual.sum()
    return shares * total[:, None]


def _design(days: pd.Index) -> np.ndarray:
    weekday = pd.get_dummies(pd.DatetimeIndex(days).day_of_week).to_numpy(float)
    since = (pd.DatetimeIndex(days) - days[0]).days.to_numpy(float)
    time = 2 * since / max(since[-1], 1.0) - 1
    # twenty days can't carry a cubic
    powers = (1, 2, 3) if len(days) >= DAYS_FOR_CORRELATION else (1,)
    return np.column_stack([weekday, *(time**power for power in powers)])


def _usual_log(total: np.ndarray, days: pd.Index) -> np.ndarray:
    design = _design(days)
    return design @ np.linalg.lstsq(design, np.log(total), rcond=None)[0]


def day_residuals(total: pd.Series) -> pd.Series:
    """Log of each day's total over what its weekday and the season let expect."""
    values = total.to_numpy(float)
    return pd.Series(np.log(values) - _usual_log(values, total.index), index=total.index)


def freedom(days: pd.Index) -> int:
    """Degrees of freedom left in the day residuals."""
    return len(days) - _design(days).shape[1]


def dispersion(counts: pd.DataFrame, *, given_total: bool) -> Dispersion:
    """Dispersion of interval counts about their expectation. 1 and 0 for Poisson counts, whatever the profile."""
    mean = expected(counts, given_total=given_total)
    weekdays = pd.DatetimeIndex(counts.index).day_of_week.nunique()
    days, intervals = counts.shape
    used = (
        days + weekdays * (intervals - 1) if given_total else weekdays * (intervals - 1) + days - freedom(counts.index)
    )
    squares = (counts.to_numpy(float) - mean) ** 2 * (days * intervals / (days * intervals - used))
    beyond = (squares - mean).sum() / (mean**2).sum()
    return Dispersion(float(squares.sum() / mean.sum()), float(np.sqrt(max(beyond, 0.0))))


def spread_within_day(counts: pd.DataFrame) -> np.ndarray:
    """Mean and variance of each interval's counts about their expectation given the day's total: two columns."""
    mean = expected(counts, given_total=True)
    weekdays = pd.DatetimeIndex(counts.index).day_of_week.nunique()
    lost = len(counts) / (len(counts) - weekdays)
    return np.column_stack([mean.mean(axis=0), ((counts.to_numpy(float) - mean) ** 2).mean(axis=0) * lost])


def day_factor_sd(total: pd.Series) -> float:
    """Standard deviation of the log day factor beyond what Poisson counts would show."""
    variance = (day_residuals(total) ** 2).sum() / freedom(total.index)
    return float(np.sqrt(max(variance - (1 / total).mean(), 0.0)))


def day_autocorrelation(total: pd.Series, lag: int = 1) -> float:
    """Correlation of the day factor with the one `lag` working days before, Poisson noise taken out.

    NaN with too few days or where the counts are too small to see a day factor at all.
    """
    residual = day_residuals(total)
    weekdays = set(pd.DatetimeIndex(total.index).day_of_week)
    calendar = pd.date_range(total.index[0], total.index[-1])
    series = residual.reindex(calendar[calendar.day_of_week.isin(weekdays)])
    products = (series * series.shift(lag)).dropna()
    left = freedom(total.index)
    beyond = _beyond_poisson((residual**2).sum() / left, (1 / total).mean(), left)
    if len(total) < DAYS_FOR_CORRELATION or not len(products):
        return float("nan")
    # both means over as many days, so that the fitted course costs both the same
    return float(np.clip(products.mean() / (beyond * left / len(total)), -1, 1))


def _beyond_poisson(variance: float, noise: float, freedom: int) -> float:
    """The part of a variance that isn't Poisson noise of known size; NaN where chance could have made it."""
    beyond = variance - noise
    chance = 3 * np.sqrt(2 / freedom) * noise
    return beyond if beyond > max(chance, SHARE_BEYOND_POISSON * variance) else float("nan")


def halves_correlation(counts: pd.DataFrame) -> float:
    """Correlation between the log residuals of the two halves of the day (by calls), Poisson noise taken out."""
    first, second = halves(counts)
    one, two = day_residuals(first), day_residuals(second)
    left = freedom(counts.index)
    beyond = [
        _beyond_poisson((residual**2).sum() / left, (1 / part).mean(), left)
        for residual, part in ((one, first), (two, second))
    ]
    if len(one) < DAYS_FOR_CORRELATION:
        return float("nan")
    return float(np.clip((one * two).sum() / left / np.sqrt(beyond[0] * beyond[1]), -1, 1))


def halves(counts: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Calls before and after the time at which half of the usual day's calls have come."""
    early = (profile(counts).cumsum() <= 0.5).to_numpy()
    return counts.loc[:, early].sum(axis=1), counts.loc[:, ~early].sum(axis=1)


def within_day_correlation(counts: pd.DataFrame, lag: int = 1) -> float:
    """Correlation of an interval's rate with the one `lag` before on its day, given the day's total.

    NaN where the counts are too small to tell their rate from Poisson noise.
    """
    mean = expected(counts, given_total=True)
    deviation = counts.to_numpy(float) - mean
    joint = (deviation[:, lag:] * deviation[:, :-lag]).sum() / (mean[:, lag:] * mean[:, :-lag]).sum()
    found = dispersion(counts, given_total=True)
    if found.variance_to_mean * (1 - SHARE_BEYOND_POISSON) < 1:
        return float("nan")
    return float(np.clip(joint / found.rate_cv**2, -1, 1))
