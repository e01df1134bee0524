"""The escalation hazard can be learnt back from what happened, and the best score is what it claims to be."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from simulator import hazard
from simulator.engine import Engine
from simulator.scale import Scale
from simulator.scenarios import Levers
from simulator.truth import write
from simulator.watch import Shares
from tests.simulator.conftest import START
from tests.simulator.regression import logistic

DAYS = 60


@pytest.fixture(scope="module")
def engine() -> Engine:
    """A company of the demo's size for two months, all hours of the open tickets kept."""
    company = Engine(17, START, Scale(), Levers(), DAYS)
    for _ in range(DAYS):
        company.day(Shares(mornings=0.12, hours=1.0))
    return company


def test_a_logistic_regression_recovers_the_hazard(engine: Engine) -> None:
    found = engine.observed.hours
    columns = {name: np.concatenate([hour[name] for hour in found]) for name in found[0]}
    terms = np.column_stack([np.ones(len(columns["chance"])), *(columns[name] for name in hazard.COEFFICIENTS)])
    beta, error = logistic(terms, columns["escalated"])
    true = np.array([hazard.INTERCEPT, *hazard.COEFFICIENTS.values()])
    z = (beta - true) / error
    assert columns["escalated"].sum() > 400
    assert np.abs(z).max() < 4
    assert (z**2).mean() < 2.2
    # the large ones are seen clearly
    strong = np.array(
        [name in ("anger", "threat", "turn_is_theirs", "past", "awake") for name in ["", *hazard.COEFFICIENTS]]
    )
    assert (np.abs(beta / error)[strong] > 3).all()


def test_the_true_chance_is_calibrated_and_beats_simple_rules(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("truth")
    best = write(folder, engine, 0, best_score=True)
    assert best == json.loads((folder / "best_possible.json").read_text())
    best = best["escalation"]
    mornings = pq.read_table(folder / "escalation_mornings.parquet").to_pandas()
    bins = pd.qcut(mornings.chance, 5, labels=False)
    said, came = mornings.groupby(bins).chance.mean(), mornings.groupby(bins).escalated.mean()
    spread = np.sqrt(said * (1 - said) / mornings.groupby(bins).size())
    # a ticket stands in several mornings, so that the spread is wider than of independent rows
    assert (np.abs(said - came) < 5 * spread + 0.01).all()
    assert 0.45 < best["best_pr_auc"] < 0.68
    rules = [value for name, value in best["rules_pr_auc"].items() if name != "hourly_hazard"]
    assert max(rules) < best["best_pr_auc"] - 0.1
    low, high = best["best_pr_auc_interval"]
    assert low < best["best_pr_auc"] < high
