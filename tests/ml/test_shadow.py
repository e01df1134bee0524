"""Models in the shadow: their scores, the paired comparison, and rows that an intervention has touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.evaluate import evaluate, paired_difference
from ml.performance import label_scores, performance, trailing_performance
from ml.settings import LifecycleSettings
from ml.shadow import COLUMNS, paired_verdict, shadow_scores, weights

SETTINGS = LifecycleSettings(bootstraps=200)
AT = pd.Timestamp("2026-05-04 08:00")
DAYS = 14
WATERMARK = AT + pd.Timedelta(days=DAYS + 8)


def scored(entities: int = 900, seed: int = 1) -> pd.DataFrame:
    """Rows of DAYS mornings with the true risk, a good score, a noisy one, and the label; an entity has two rows."""
    random = np.random.default_rng(seed)
    entity = np.repeat(np.arange(entities), 2)
    odds = np.repeat(random.normal(-2.2, 1.3, entities), 2) + random.normal(0, 0.3, 2 * entities)
    frame = pd.DataFrame(
        {
            "entity_id": [f"T{k:04d}" for k in entity],
            "as_of": AT + pd.to_timedelta(random.integers(0, DAYS // 2, entities).repeat(2), unit="D"),
            "risk": 1 / (1 + np.exp(-odds)),
            "noisy": 1 / (1 + np.exp(-(odds + random.normal(0, 1.5, 2 * entities)))),
        }
    )
    frame.loc[1::2, "as_of"] += pd.Timedelta(days=DAYS // 2)
    frame["label"] = random.random(len(frame)) < frame["risk"]
    return frame.assign(matures_at=frame["as_of"] + pd.Timedelta(days=7, hours=1))


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return scored()


def given(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return rows[["entity_id", "as_of"]].assign(p=rows[column])


def judged(task, rows, ours="risk", theirs="noisy", **given_too):
    said = {"watermark": WATERMARK, "settings": SETTINGS, "look": 1, **given_too}
    return paired_verdict(task, given(rows, ours), given(rows, theirs), rows, **said)


def test_shadow_scores_are_the_models_own_for_each_row(task, model, frame):
    some = frame[frame["moment_kind"] == "morning"].head(40)
    found = shadow_scores(task, model, some, "7", "candidate", "run")
    assert tuple(found.columns) == COLUMNS and found["entity_id"].map(type).eq(str).all()
    beside = found.merge(some.assign(entity_id=some["ticket_id"]), on=["entity_id", "as_of"])
    assert np.allclose(beside["p"], model.predict(beside))
    assert set(found["role"]) == {"candidate"} and set(found["model_version"]) == {"7"}
    assert shadow_scores(task, model, some.head(0), "7", "former", "run").empty


def test_the_better_model_wins_and_loses_the_other_way_round(task, rows):
    won, lost = judged(task, rows), judged(task, rows, "noisy", "risk")
    assert won.outcome == "better" and won.difference.low > 0 and won.rows == len(rows)
    assert won.positives == rows["label"].sum() and "at look 1 of 4 (98.75 % interval)" in won.reason
    assert lost.outcome == "worse" and lost.difference.value == pytest.approx(-won.difference.value)
    assert judged(task, rows, "risk", "risk").outcome == "undecided"


def test_a_win_that_is_too_small_promotes_nobody_but_takes_back_a_promotion(task, rows):
    strict = replace(SETTINGS, promotion_gain=0.9)
    assert judged(task, rows, settings=strict).outcome == "undecided"
    assert "less than the 0.900" in judged(task, rows, settings=strict).reason
    assert judged(task, rows, settings=strict, needs_gain=False).outcome == "better"
    relative = replace(SETTINGS, promotion_gain=0.0, relative_gain=9.0)
    assert judged(task, rows, settings=relative).outcome == "undecided"


def test_labels_that_are_not_mature_do_not_count(task, rows):
    half = AT + pd.Timedelta(days=DAYS // 2 + 7)
    found = judged(task, rows, watermark=half)
    early = rows[rows["matures_at"] <= half]
    assert 0 < found.rows == len(early) < len(rows)
    upside_down = rows.assign(label=np.where(rows["matures_at"] <= half, rows["label"], ~rows["label"]))
    assert judged(task, upside_down, watermark=half) == found
    assert judged(task, rows, watermark=AT).outcome == "undecided" and judged(task, rows, watermark=AT).rows == 0


def test_too_few_positives_decide_nothing(task, rows):
    few = judged(task, rows, settings=replace(SETTINGS, least_positives=100_000))
    assert few.outcome == "undecided" and few.difference is None and "are needed to judge" in few.reason


def test_only_rows_that_both_scored_are_compared(task, rows):
    ours, theirs = given(rows.iloc[::2], "risk"), given(rows.iloc[:600], "noisy")
    found = paired_verdict(task, ours, theirs, rows, watermark=WATERMARK, settings=SETTINGS, look=2)
    assert found.rows == 300
    again = paired_verdict(task, pd.concat([ours, ours]), theirs, rows, watermark=WATERMARK, settings=SETTINGS, look=2)
    assert again == found


def test_more_looks_widen_the_interval(task, rows):
    one, ten = (judged(task, rows, settings=replace(SETTINGS, looks=k)).difference for k in (1, 10))
    assert ten.low < one.low < one.value < one.high < ten.high


def test_two_models_alike_are_told_apart_no_more_often_than_the_looks_allow(task):
    """Four looks at two scores of equal worth: a promotion in one of forty lives (one-sided 2.5 %)."""
    quick = replace(SETTINGS, bootstraps=80, promotion_gain=0.0, relative_gain=0.0)
    wins = 0
    for seed in range(24):
        random = np.random.default_rng(seed)
        rows = scored(300, seed)
        noise = random.normal(0, 0.8, (2, len(rows)))
        rows = rows.assign(a=rows["risk"] * np.exp(noise[0]), b=rows["risk"] * np.exp(noise[1]))
        looks = (AT + pd.Timedelta(days=7 + days) for days in (4, 8, 11, 15))
        verdicts = [judged(task, rows, "a", "b", watermark=w, settings=quick, look=k) for k, w in enumerate(looks, 1)]
        wins += any(v.outcome == "better" for v in verdicts)
    assert wins <= 3  # four of 24 at 2.5 %: less than once in three hundred


def test_a_champion_below_its_promise_gives_way_to_one_that_is_not_worse(task, rows):
    alike = rows.assign(alike=rows["noisy"] * 0.999)
    assert judged(task, alike, "alike", "noisy").outcome == "undecided"
    fallen = judged(task, alike, "alike", "noisy", promised_low=0.95)
    assert fallen.outcome == "better" and "fallen below the 0.950" in fallen.reason
    assert judged(task, alike, "alike", "noisy", promised_low=0.01).outcome == "undecided"
    worse = rows.assign(worse=np.random.default_rng(0).random(len(rows)))
    assert judged(task, worse, "worse", "risk", promised_low=0.95).outcome == "worse"


def interventions(rows: pd.DataFrame, share: float) -> pd.DataFrame:
    """The riskiest fifth is assigned on the first morning, a share of it held out by lot."""
    risky = rows[rows["as_of"] < AT + pd.Timedelta(days=7)].nlargest(len(rows) // 10, "risk")["entity_id"]
    held = np.random.default_rng(5).random(len(risky)) < share
    arm = np.where(held, "holdout", "treated")
    return pd.DataFrame({"entity_id": risky.to_numpy(), "arm": arm, "assigned_at": AT, "delivered_at": pd.NaT})


def test_touched_rows_are_replaced_by_the_held_out_ones(task, rows):
    acted = interventions(rows, 0.25)
    found = weights(task, rows, acted)
    arm = rows["entity_id"].map(acted.set_index("entity_id")["arm"])
    share = (acted["arm"] == "holdout").mean()
    assert (found[arm.isna()] == 1).all() and (found[arm == "treated"] == 0).all()
    assert np.allclose(found[arm == "holdout"], 1 / share)
    assert found.sum() == pytest.approx(len(rows), rel=0.01)
    late = acted.assign(assigned_at=AT + pd.Timedelta(days=60))
    assert (weights(task, rows, late) == 1).all()  # every horizon was over before anyone acted
    assert (weights(task, rows, acted.head(0)) == 1).all()


def test_weights_keep_the_top_risks_in_the_picture(task):
    """Treatment prevents the event: unweighted the model looks useless, weighted it is worth what it was."""
    rows = scored(6_000, seed=9)
    acted = interventions(rows, 0.3)
    treated = rows["entity_id"].isin(acted.loc[acted["arm"] == "treated", "entity_id"])
    seen = rows.assign(label=rows["label"] & ~treated)
    weight = weights(task, seen, acted).to_numpy()
    keyed = seen.rename(columns={"entity_id": task.entity_key})
    truth = evaluate(task, keyed.assign(label=rows["label"]), keyed["risk"].to_numpy(), bootstraps=5, seed=0)
    naive = evaluate(task, keyed, keyed["risk"].to_numpy(), bootstraps=5, seed=0)
    fair = evaluate(task, keyed, keyed["risk"].to_numpy(), bootstraps=5, seed=0, weight=weight)
    for metric in ("pr_auc", "precision_at_capacity"):
        assert naive[metric].value < 0.8 * truth[metric].value
        assert fair[metric].value == pytest.approx(truth[metric].value, rel=0.07)


def test_weights_of_one_change_nothing_and_a_row_of_weight_two_counts_twice(task, rows):
    keyed = rows.rename(columns={"entity_id": task.entity_key})
    plain = paired_difference(task, keyed, keyed["risk"], keyed["noisy"], bootstraps=20, seed=0)
    ones = np.ones(len(rows))
    assert paired_difference(task, keyed, keyed["risk"], keyed["noisy"], bootstraps=20, seed=0, weight=ones) == plain
    twice = pd.concat([keyed, keyed[keyed["label"]]], ignore_index=True)
    doubled = paired_difference(task, twice, twice["risk"], twice["noisy"], bootstraps=2, seed=0)
    by_weight = paired_difference(
        task, keyed, keyed["risk"], keyed["noisy"], bootstraps=2, seed=0, weight=1.0 + keyed["label"].to_numpy()
    )
    assert by_weight.value == pytest.approx(doubled.value)


def test_performance_counts_weights_and_mature_labels_only(task, rows):
    labelled = rows.assign(p=rows["risk"], model_version="1", task=task.name)
    clock = AT + pd.Timedelta(days=12)
    found = performance(task, labelled, clock, "r", bootstraps=5)
    newest = found["day"].max()  # the next morning's labels mature an hour after the clock
    assert newest == (clock - pd.Timedelta(days=8)).date()
    same = performance(task, labelled.assign(weight=1.0), clock, "r", bootstraps=5)
    pd.testing.assert_frame_equal(found, same, rtol=1e-12)
    none = performance(task, labelled.assign(weight=np.where(labelled["label"], 0.0, 1.0)), clock, "r", bootstraps=5)
    assert (none.loc[none["metric"] == "base_rate", "value"] == 0).all() and (none["positives"] == 0).all()
    assert set(none["metric"]) == {"base_rate", "mean_p", "brier"}


def test_the_newest_weeks_stand_beside_what_was_promised(task, rows):
    labelled = rows.assign(p=rows["risk"], model_version=np.where(rows["as_of"] < AT + pd.Timedelta(days=5), "1", "2"))
    promised = {"2": {"pr_auc": 0.5, "pr_auc.low": 0.45, "pr_auc.high": 0.55, "lift": 3.0}}
    clock = WATERMARK
    found = trailing_performance(task, labelled, clock, "r", promised=promised, days=DAYS - 2, bootstraps=5)
    assert found["day"].isna().all() and set(found["model_version"]) == {"1", "2"}
    of = found.set_index(["model_version", "metric"])
    assert of.loc[("2", "promised.pr_auc"), ["value", "low", "high"]].tolist() == [0.5, 0.45, 0.55]
    assert "promised.lift" not in found["metric"].to_numpy() and ("1", "promised.pr_auc") not in of.index
    newest = labelled["as_of"].max() - pd.Timedelta(days=DAYS - 2)
    expected = ((labelled["as_of"] > newest) & (labelled["model_version"] == "1")).sum()
    assert of.loc[("1", "pr_auc"), "rows"] == expected
    early = trailing_performance(task, labelled, AT, "r")
    assert early.empty and list(early.columns) == list(found.columns)


def test_an_event_that_was_not_known_yet_has_not_happened(task):
    scores = pd.DataFrame({"entity_id": ["a"], "as_of": [AT], "p": [0.5]})
    events = pd.DataFrame(
        {
            "ticket_id": ["a"],
            "escalated_at": [AT + pd.Timedelta(days=1)],
            "escalation_visible_from": [AT + pd.Timedelta(days=9)],
        }
    )
    labels = [
        label_scores(task, scores, events, pd.Timedelta(0), known_at=AT + pd.Timedelta(days=d))["label"].iloc[0]
        for d in (8, 9)
    ]
    assert labels == [False, True]
