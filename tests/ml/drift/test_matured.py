"""Matured labels: clean ones raise nothing, a change of concept is found, placed and confirmed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.drift import confirm_matured, contrast_columns, estimate_performance, judge_matured

START = pd.Timestamp("2026-01-05 08:00")
NUMERIC = ("handoffs", "load", "tenure_days")


def scored_rows(
    tickets: int, seed: int, *, days: int = 14, day: int = 0, policy: bool = False, handed_on: bool = False
) -> pd.DataFrame:
    """Scores with labels; a ticket's rows share its label. With `policy`, billing escalates by other rules.

    With `handed_on`, so does everywhere what was handed on, at the cost of the rest: as many escalate as before.
    """
    random = np.random.default_rng(seed)
    ticket = np.repeat(np.arange(tickets), random.geometric(0.5, tickets))
    at = np.minimum(random.integers(0, days, tickets)[ticket] + np.arange(len(ticket)) % 3, days - 1)
    queue = random.choice(["billing", "technical", "sales"], tickets, p=[0.4, 0.4, 0.2])
    odds = -2.5 + 1.5 * random.standard_normal(tickets)
    truth = np.where((queue == "billing") & policy, -0.8, odds)
    handoffs = random.poisson(0.7, tickets)
    truth = truth + np.where(handoffs >= 1, 0.9, -1.4) * handed_on
    label = random.random(tickets) < 1 / (1 + np.exp(-truth))
    found = pd.DataFrame(
        {
            "ticket_id": [f"{seed}-{t}" for t in ticket],
            "as_of": START + pd.to_timedelta(day + at, unit="D"),
            "label": label[ticket],
            "p": (1 / (1 + np.exp(-odds)))[ticket],
            "queue": queue[ticket],
            "handoffs": handoffs[ticket].astype(float),
            "load": 100.0 + day + at,
            "tenure_days": 3.0 * (day + at) + handoffs[ticket],
        }
    )
    return found.drop_duplicates(["ticket_id", "as_of"]).reset_index(drop=True)


@pytest.fixture(scope="module")
def promised() -> pd.DataFrame:
    return scored_rows(3_000, 1, days=40)


def test_clean_labels_raise_nothing(task, promised):
    found = [
        judge_matured(task, promised, scored_rows(700, 10 + i, day=60), ["handoffs"], seed=i, alpha=0.05)
        for i in range(20)
    ]
    assert sum(c.alarm for c in found) <= 5
    assert {"pr_auc", "precision_at_capacity", "calibration_error"} <= {f.subject for f in found[0].findings}
    keys = [(f.kind, f.subject, f.value, f.slice) for f in found[0].findings]
    assert len(keys) == len(set(keys)), "published.drift has one row a finding"


def test_many_rows_that_are_off_by_what_weeks_stray_raise_nothing(task):
    """Much more predicted than came true matters, and so many rows are sure of it; but weeks differ so much."""
    promised, scored = scored_rows(20_000, 1, days=40), scored_rows(20_000, 90, day=60)
    for off, alarms in ((1.6, False), (4.0, True)):
        odds = scored["p"] / (1 - scored["p"]) * off
        found = judge_matured(task, promised, scored.assign(p=odds / (1 + odds)), ["handoffs"], seed=0)
        of_all = next(f for f in found.findings if f.subject == "label")
        assert of_all.effect < -of_all.effect_limit
        assert found.alarm is alarms


def test_a_policy_change_is_found_and_placed_and_confirmed(task, promised):
    found = judge_matured(task, promised, scored_rows(1_500, 50, day=60, policy=True), seed=0)
    assert found.alarm
    assert any(f.slice == "queue=billing" for f in found.findings if f.alarm)
    assert all(f.cause == "world" for f in found.findings if f.alarm)
    fresh = scored_rows(900, 51, day=75, policy=True)
    assert confirm_matured(task, promised, fresh, found.suspects, look=1, looks=4, seed=0).confirmed
    clean = scored_rows(900, 52, day=75)
    assert not confirm_matured(task, promised, clean, found.suspects, look=1, looks=4, seed=0).confirmed


def test_a_new_rule_is_found_along_the_feature_that_it_follows(task, promised):
    """No slice is off and as many escalate as before: only along the feature can it be seen."""
    scored = scored_rows(1_500, 80, day=60, handed_on=True)
    assert scored["label"].mean() == pytest.approx(scored["p"].mean(), rel=0.1)
    found = judge_matured(task, promised, scored, ["handoffs"], seed=0)
    first = next(f for f in found.findings if f.alarm and f.subject == "handoffs")
    assert (first.kind, first.slice) == ("label rate", "handoffs from 1 on")
    assert first.observed is not None and first.reference is not None and first.observed > 1.3 * first.reference
    assert "came true where handoffs from 1 on" in first.sentence
    fresh = scored_rows(900, 81, day=75, handed_on=True)
    suspects = tuple(s for s in found.suspects if "handoffs" in s)
    assert confirm_matured(task, promised, fresh, suspects, ["handoffs"], look=1, looks=4, seed=0).confirmed
    clean = scored_rows(900, 82, day=75)
    assert not confirm_matured(task, promised, clean, suspects, ["handoffs"], look=1, looks=4, seed=0).confirmed


@pytest.mark.parametrize("weeks_later", [1, 7, 40])
def test_a_few_weeks_of_evidence_that_differ_hide_no_change_of_much_later(task, weeks_later):
    """Three weeks say little of how far weeks stray, and nothing of strays that would grow with the model's age."""
    weeks = [scored_rows(1_500, 200 + week, days=7, day=7 * week) for week in range(3)]
    for week, off in zip(weeks, (0.8, 1.0, 1.25), strict=True):
        odds = week["p"] / (1 - week["p"]) * off
        week["p"] = odds / (1 + odds)
    promised, day = pd.concat(weeks, ignore_index=True), 21 + 7 * weeks_later
    changed = judge_matured(task, promised, scored_rows(3_000, 84, day=day, handed_on=True), ["handoffs"], seed=0)
    assert any(f.alarm and f.subject == "handoffs" for f in changed.findings)
    assert not judge_matured(task, promised, scored_rows(3_000, 85, day=day), ["handoffs"], seed=0).alarm


def test_a_change_of_the_last_days_shows_beside_the_weeks_before_it(task):
    """A large centre has rows enough in a few days: in a week of them the change would be half of what it is."""
    promised = scored_rows(9_000, 1, days=40)
    before, same = scored_rows(14_400, 300, days=24, day=60), scored_rows(600, 301, days=4, day=84)
    changed = scored_rows(1_800, 302, days=4, day=84, handed_on=True)
    scored = pd.concat([before, same, changed], ignore_index=True)
    found = judge_matured(task, promised, scored, ["handoffs"], seed=0)
    assert any(f.alarm and f.subject == "handoffs" for f in found.findings)


def test_days_of_the_week_that_are_harder_to_rank_raise_nothing(task):
    """Only at weekends does anybody write what is sure to escalate; by Friday the newest days hold nothing of it."""

    def harder_on_weekdays(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[(rows["as_of"].dt.dayofweek > 4) | (rows["p"] < 0.3)].reset_index(drop=True)

    promised, scored = harder_on_weekdays(scored_rows(9_000, 1, days=42)), scored_rows(9_000, 310, days=28, day=63)
    for last in range(7):
        known = harder_on_weekdays(scored[scored["as_of"] < scored["as_of"].max() - pd.Timedelta(days=last)])
        assert not judge_matured(task, promised, known, ["handoffs"], seed=0).alarm


def test_what_a_day_shares_or_what_grows_is_no_contrast(task, promised):
    assert contrast_columns(task, promised, NUMERIC) == ["handoffs"]


def test_held_out_rows_stand_for_the_treated_ones(task, promised):
    """Treated rows hardly escalate: weighed 0, with the held-out ones for them, nothing has changed."""
    scored = scored_rows(2_000, 60, day=60)
    random = np.random.default_rng(0)
    treated = (scored["p"] > 0.2) & scored["ticket_id"].map(
        dict(zip(scored["ticket_id"].unique(), random.random(scored["ticket_id"].nunique()) < 0.5, strict=True))
    )
    seen = scored.assign(label=scored["label"] & ~treated)
    assert judge_matured(task, promised, seen, seed=0).alarm
    weight = np.where(treated, 0.0, np.where(scored["p"] > 0.2, 2.0, 1.0))
    assert not judge_matured(task, promised, seen.assign(weight=weight), seed=0).alarm


def test_too_few_matured_rows_say_so(task, promised):
    found = judge_matured(task, promised, scored_rows(20, 70), seed=0)
    assert "too few to judge" in found.note
    assert not found.alarm
    waiting = confirm_matured(task, promised, scored_rows(20, 70), ("label rate\tlabel\t\t+",), look=1, looks=4, seed=0)
    assert waiting.waiting


def test_estimates_hold_where_probabilities_are_calibrated():
    random = np.random.default_rng(0)
    p = random.beta(1, 6, 20_000)
    label = random.random(len(p)) < p
    found = estimate_performance(p, capacity=0.1)
    top = np.argsort(-p)[:2_000]
    assert found["base_rate"] == pytest.approx(label.mean(), abs=0.01)
    assert found["precision_at_capacity"] == pytest.approx(label[top].mean(), abs=0.04)
    assert found["recall_at_capacity"] == pytest.approx(label[top].sum() / label.sum(), abs=0.03)
    assert estimate_performance(np.array([np.nan])) == {}
