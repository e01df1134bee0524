"""Retraining: the window that the newest days speak for, idempotence by decision, days left out, and challengers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.promote import challenge
from ml.registry import Registry, list_versions, load_version, version_for_decision
from ml.retrain import challenger, challenger_trained_to, retrain, without_days
from ml.settings import LearningSettings, LifecycleSettings, Member
from ml.task import LearningError
from ml.train import learnable_rows, train
from ml.windows import ALL, RECENT, RECENT_WEIGHTED, Window, choose_window

MEMBER = Member(
    "only", {"depth": 3, "learning_rate": 0.15}, horizon_share=0.5, most_iterations=50, fewest_iterations=25
)
QUICK = LearningSettings(members=(MEMBER,), folds=2, bootstraps=10)
LENIENT = LifecycleSettings(bootstraps=100, least_positives=10)


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> Registry:
    home = tmp_path_factory.mktemp("mlflow")
    return Registry(f"sqlite:///{home / 'mlflow.db'}", home / "artifacts")


@pytest.fixture(scope="module")
def changed(frame, clock) -> pd.DataFrame:
    """For twelve days silence and handoffs have spoken for safety: what was learnt before misleads."""
    rows = frame.copy()
    now = (rows["as_of"] >= clock - pd.Timedelta(days=12)).to_numpy()
    random = np.random.default_rng(0)
    odds = 1.5 - 0.15 * rows["silence_hours"] - 1.5 * rows["handoffs"]
    label = np.where(now, random.random(len(rows)) < 1 / (1 + np.exp(-odds)), rows["label"])
    event = rows["as_of"] + pd.to_timedelta(random.uniform(0.1, 3.0, len(rows)), unit="D").floor("s")
    event = rows["escalated_at"].where(~now, event).where(label)
    return rows.assign(label=label.astype(bool), escalated_at=event, escalation_visible_from=event)


def test_calm_days_keep_all_rows(task, frame, clock):
    window = choose_window(task, learnable_rows(task, frame, clock, QUICK), clock, QUICK, 0)
    assert window.name == ALL and set(window.pr_auc) == {ALL, RECENT, RECENT_WEIGHTED}
    assert window.settings(QUICK) is QUICK and len(window.rows(frame)) == len(frame)


def test_after_a_change_recent_rows_win_and_it_says_by_how_much(task, changed, clock):
    rows = learnable_rows(task, changed, clock, QUICK)
    assert (rows["matures_at"] > clock).any()  # days of the change, whose half horizon is over
    window = choose_window(task, rows, clock, QUICK, 0)
    assert window.name in (RECENT, RECENT_WEIGHTED)
    assert window.pr_auc[window.name] > window.pr_auc[ALL]
    assert repr(window.name) in window.reason and "against all rows" in window.reason
    assert choose_window(task, rows.sample(frac=1.0, random_state=1), clock, QUICK, 0) == window


def test_a_window_is_not_chosen_by_what_was_known_later(task, changed, clock):
    early = clock - pd.Timedelta(days=12)
    later = learnable_rows(task, changed, early, QUICK)
    before = learnable_rows(task, changed[changed["as_of"] < early], early, QUICK)
    assert choose_window(task, later, early, QUICK, 0) == choose_window(task, before, early, QUICK, 0)


def test_a_window_names_its_rows_and_its_half_life(frame):
    recent = Window(RECENT, {}, "").rows(frame)
    at = frame["as_of"]
    assert recent["as_of"].min() >= at.min() + (at.max() - at.min()) / 2 and 0 < len(recent) < len(frame)
    weighted = Window(RECENT_WEIGHTED, {}, "")
    assert len(weighted.rows(frame)) == len(frame)
    assert all(m.half_life_days == 14 for m in weighted.settings(QUICK).members)


def test_too_few_labels_take_all_rows_and_say_so(task, frame, clock):
    few = learnable_rows(task, frame, clock, QUICK).head(60)
    window = choose_window(task, few, clock, QUICK, 0)
    assert window.name == ALL and not window.pr_auc and "too few labels" in window.reason


@pytest.fixture(scope="module")
def retrained(task, changed, clock, registry):
    return retrain(
        task,
        changed,
        trained_to=clock,
        registry=registry,
        decision="made_up-4-retrain",
        leave_out_days=["2026-02-01"],
        settings=QUICK,
    )


def test_a_retraining_beats_the_old_model_on_the_new_days(task, retrained, changed, clock, settings):
    before = clock - pd.Timedelta(days=12)
    old = train(task, learnable_rows(task, changed, before, QUICK), trained_to=before, settings=QUICK)
    new = changed[changed["as_of"] >= clock - pd.Timedelta(days=3)]
    risk = (new["silence_hours"] * 0.15 + 1.5 * new["handoffs"]).rank()  # in the new world the safer ones
    assert np.corrcoef(retrained.model.predict(new), risk)[0, 1] < np.corrcoef(old.predict(new), risk)[0, 1] - 0.3


def test_a_retraining_leaves_its_window_reason_and_decision(task, retrained, registry):
    run = registry.client().get_run(retrained.logged.run_id)
    assert run.data.params["window"] == retrained.window != ALL
    assert {"window.pr_auc.all", "window.pr_auc.recent", "window.pr_auc.recent_weighted"} <= run.data.params.keys()
    assert run.data.tags["decision"] == "made_up-4-retrain" and int(run.data.params["rows_left_out"]) > 0
    listed = list_versions(registry, task).iloc[-1]
    assert listed["decision"] == "made_up-4-retrain" and listed["reason"] == retrained.reason


def test_the_same_decision_again_returns_the_version_that_is_there(task, retrained, changed, clock, registry):
    def again(decision):
        return retrain(task, changed, trained_to=clock, registry=registry, decision=decision, settings=QUICK)

    versions = len(list_versions(registry, task))
    found = again("made_up-4-retrain")
    assert (found.logged, found.window, found.reason) == (retrained.logged, retrained.window, retrained.reason)
    assert np.array_equal(found.model.predict(changed.head(50)), retrained.model.predict(changed.head(50)))
    assert len(list_versions(registry, task)) == versions
    # a training that was killed before its end counts for nothing, though it had registered its version
    client = registry.client()
    experiment = client.get_experiment_by_name(task.name).experiment_id
    killed = client.create_run(experiment, tags={"task": task.name, "decision": "made_up-5-retrain"})
    source = client.get_model_version(task.name, retrained.logged.model_version).source
    half = client.create_model_version(task.name, source, run_id=killed.info.run_id)
    assert again("made_up-5-retrain").logged.model_version not in (retrained.logged.model_version, str(half.version))


def test_days_of_a_source_fault_train_nothing(frame):
    left = without_days(frame, ["2026-01-20", "2026-01-21"])
    gone = frame[~frame.index.isin(left.index)]
    assert set(gone["as_of"].dt.strftime("%Y-%m-%d")) == {"2026-01-20", "2026-01-21"} and len(gone) > 10
    assert without_days(frame, []) is frame


def test_a_challenger_of_calm_days_is_logged_and_does_not_win(task, frame, clock, registry, retrained):
    delay = pd.Timedelta(hours=1)
    early = clock - pd.Timedelta(days=20)
    champion = replace(
        load_version(registry, task, retrained.logged.model_version),
        model=train(task, learnable_rows(task, frame, early, QUICK), trained_to=early, settings=QUICK),
    )

    def challenged():
        return challenger(
            task, frame, clock, champion, label_delay=delay, registry=registry, decision="week-9",
            settings=QUICK, lifecycle=LENIENT,
        )  # fmt: skip

    found = challenged()
    trained_to = challenger_trained_to(task, clock, delay)
    assert pd.Timestamp(found.model.provenance.trained_to) == trained_to == clock - pd.Timedelta(days=14, hours=1)
    assert not found.decision.promoted and found.decision.positives >= 10 and found.decision.difference is not None
    tags = load_version(registry, task, found.logged.model_version).tags
    assert tags["decision"] == "week-9" and tags["reason"] == found.decision.reason
    again = challenged()
    assert again.logged == found.logged and again.decision == found.decision


def test_no_challenger_is_trained_where_nothing_could_judge_it(task, frame, clock, registry, retrained):
    champion = load_version(registry, task, retrained.logged.model_version)
    with pytest.raises(LearningError, match=r"among 0 mature rows since .* are needed to judge"):
        challenger(
            task, frame, clock, champion, label_delay=pd.Timedelta(0), registry=registry, decision="too-early",
            settings=QUICK, lifecycle=LENIENT,
        )  # fmt: skip
    assert version_for_decision(registry, task, "too-early") is None


def test_a_challenge_needs_a_gain_that_is_worth_it(task, frame, clock):
    early = clock - pd.Timedelta(days=28)
    rows = learnable_rows(task, frame, early, QUICK)
    good = train(task, rows, trained_to=early, settings=QUICK)
    blind = train(task, rows.assign(silence_hours=0.0, handoffs=0.0), trained_to=early, settings=QUICK)
    won = challenge(task, good, blind, frame, clock=clock, settings=LENIENT, bootstraps=100)
    assert won.promoted and won.rows > won.positives >= 10
    strict = replace(LENIENT, promotion_gain=0.99)
    lost = challenge(task, good, blind, frame, clock=clock, settings=strict, bootstraps=100)
    assert not lost.promoted and "isn't worth it" in lost.reason
    few = challenge(task, good, blind, frame, clock=clock, settings=replace(LENIENT, least_positives=9_999))
    assert not few.promoted and "9999 are needed" in few.reason
