"""The four figures of steadiness, on series whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.stability import stability


def series(*levels: tuple[float, int]) -> pd.Series:
    return pd.Series(np.concatenate([np.full(days, level) for level, days in levels]))


def test_a_level_line_has_no_drop() -> None:
    found = stability(series((0.5, 60)))
    assert (found.days, found.mean, found.drops, found.size, found.volatility) == (60, 0.5, 0.0, 0.0, 0.0)
    assert np.isnan(found.recovery)


def test_a_drop_that_is_won_back() -> None:
    found = stability(series((0.5, 40), (0.25, 20), (0.5, 40)))
    assert found.drops == pytest.approx(1.0)
    assert found.size == pytest.approx(0.5)
    # The mean of seven days is up again within about a week of the turn.
    assert 0.3 < found.recovery < 1.0


def test_a_drop_that_stays_is_won_back_by_nothing() -> None:
    found = stability(series((0.5, 40), (0.25, 40)))
    assert (found.drops, found.size, found.recovery) == (pytest.approx(1.25), pytest.approx(0.5), 0.0)


def test_a_small_dip_is_none_and_a_days_gap_is_left_out() -> None:
    values = series((0.5, 20), (0.48, 5), (0.5, 20))
    values.iloc[7] = np.nan
    found = stability(values)
    assert (found.days, found.drops) == (44, 0.0)
    assert found.volatility > 0


def test_too_little_says_nothing() -> None:
    found = stability(pd.Series([0.5]))
    assert found.days == 1 and np.isnan(found.drops) and np.isnan(found.volatility)
