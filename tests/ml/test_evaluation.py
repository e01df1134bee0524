"""Metrics against scikit-learn's and against hand-made cases; intervals; calibration; text tokens."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from ml.calibrate import fit_calibration
from ml.evaluate import (
    average_precision,
    entity_resamples,
    evaluate,
    flagged_at_capacity,
    metric_functions,
    paired_difference,
    roc_auc,
)
from ml.text import tokenise, tokens


@pytest.fixture(scope="module")
def scored() -> pd.DataFrame:
    random = np.random.default_rng(0)
    n = 3_000
    p = random.beta(1, 8, n)
    days = pd.Timestamp("2026-01-01 08:00") + pd.to_timedelta(random.integers(0, 6, n), unit="D")
    ids = random.integers(0, 700, n).astype(str)
    return pd.DataFrame({"ticket_id": ids, "as_of": days, "label": random.random(n) < p, "p": p})


@pytest.mark.parametrize("decimals", [12, 1])
def test_areas_equal_scikit_learns_with_weights_and_ties(scored, decimals):
    y, p = scored["label"].to_numpy(bool), scored["p"].round(decimals).to_numpy()
    weights = np.random.default_rng(1).poisson(1.0, len(y)).astype(float)
    for w in (np.ones(len(y)), weights):
        assert average_precision(y, p)(w) == pytest.approx(average_precision_score(y, p, sample_weight=w))
        assert roc_auc(y, p)(w) == pytest.approx(roc_auc_score(y, p, sample_weight=w))


def test_capacity_is_the_first_share_of_each_day_rounded_up():
    at = np.repeat(["a", "b"], [10, 3])
    flagged = flagged_at_capacity(at, np.arange(13.0), 0.118)
    assert np.flatnonzero(flagged).tolist() == [8, 9, 12]
    assert flagged_at_capacity(np.repeat("a", 10), np.zeros(10), 0.118).sum() == 2


def test_caught_counts_tickets_not_days(task):
    rows = pd.DataFrame(
        {
            "ticket_id": ["x", "y", "z", "w"] * 2,
            "as_of": np.repeat(pd.to_datetime(["2026-01-01", "2026-01-02"]), 4),
            "label": [True, True, False, False, True, True, False, False],
        }
    )
    score = np.array([9.0, 1, 2, 3, 1, 2, 9, 3])
    found = metric_functions(task, rows, score)
    ones = np.ones(8)
    assert found["recall_caught"](ones) == 0.5
    assert found["recall_at_capacity"](ones) == 0.25
    assert found["precision_at_capacity"](ones) == 0.5


def test_intervals_hold_the_value_and_are_wider_for_fewer_tickets(task, scored):
    many = evaluate(task, scored, scored["p"].to_numpy(), bootstraps=200, seed=0)
    few = evaluate(task, scored.head(600), scored["p"].head(600).to_numpy(), bootstraps=200, seed=0)
    for metric in ("pr_auc", "roc_auc", "brier", "recall_at_capacity"):
        assert many[metric].low <= many[metric].value <= many[metric].high
    assert few["roc_auc"].high - few["roc_auc"].low > many["roc_auc"].high - many["roc_auc"].low
    assert many["calibration_error"].value < 0.03


def test_resamples_move_whole_tickets(scored):
    weights = entity_resamples(scored["ticket_id"], 5, 0)
    spread = pd.DataFrame(weights.T).groupby(scored["ticket_id"].to_numpy()).nunique().to_numpy()
    assert (spread == 1).all() and weights.shape == (5, len(scored))


def test_a_pair_of_equal_scores_differs_by_nothing(task, scored):
    p = scored["p"].to_numpy()
    same = paired_difference(task, scored, p, p**2, bootstraps=20, seed=0)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    noise = paired_difference(task, scored, p, np.random.default_rng(0).random(len(p)), bootstraps=50, seed=0)
    assert noise.low > 0


@pytest.mark.parametrize(("rows", "kind"), [(600, "platt"), (12_000, "isotonic")])
def test_calibration_is_strictly_increasing_and_mends_the_scale(rows, kind):
    random = np.random.default_rng(0)
    truth = random.normal(-2, 1.5, rows)
    label = random.random(rows) < 1 / (1 + np.exp(-truth))
    crooked = 3 * truth + 4
    found = fit_calibration(crooked, label)
    p = found.apply(crooked)
    assert found.kind == kind
    assert np.array_equal(np.argsort(p, kind="stable"), np.argsort(crooked, kind="stable"))
    assert len(np.unique(p)) == len(np.unique(crooked)) and p.min() > 0 and p.max() < 1
    assert abs(p.mean() - label.mean()) < 0.01
    assert np.abs(p - 1 / (1 + np.exp(-truth))).mean() < 0.04


def test_calibration_without_both_classes_changes_nothing():
    odds = np.array([-1.0, 0.0, 1.0])
    assert fit_calibration(odds, np.zeros(3)).apply(odds) == pytest.approx(1 / (1 + np.exp(-odds)))


def test_tokens_of_words_numbers_and_characters_without_spaces():
    assert tokens("Refund, REFUND order 12345!") == "refund order 0"
    assert tokens("我要求退款") == "我要 要求 求退 退款"
    assert tokens("订单ABC无法付款") == "订单 abc 无法 法付 付款"
    assert tokens("款") == "款"
    assert tokens("Straße naïve Ёлка") == "straße naïve ёлка"
    assert tokens("  ...  ") == "empty"
    assert tokenise(pd.Series(["a b", None, "a b"])).tolist() == ["a b", "empty", "a b"]


def test_a_very_long_text_costs_little_and_keeps_its_ends():
    found = tokens("first " + "middle " * 1_500_000 + "last").split()
    assert found[0] == "first" and found[-1] == "last" and len(found) < 10
