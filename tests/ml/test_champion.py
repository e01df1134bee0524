"""From training to champion: the record in MLflow, the gate, the reload, and how the scores turn out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.backtest import backtest, replay
from ml.learn import learn_first_champion
from ml.performance import label_scores, performance
from ml.promote import challenge, first_champion
from ml.registry import Registry, load_champion, load_version, set_champion
from ml.score import score
from ml.settings import LearningSettings, Member
from ml.task import LearningError
from ml.tracking import close_orphaned_trainings
from ml.train import learnable_rows, mature_rows, train

NEARER = LearningSettings(members=(Member("whole", {}), Member("half", {}, horizon_share=0.5)))


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> Registry:
    home = tmp_path_factory.mktemp("mlflow")
    return Registry(f"sqlite:///{home / 'mlflow.db'}", home / "artifacts")


@pytest.fixture(scope="module")
def learned(task, frame, clock, settings, registry):
    assert load_champion(registry, task) is None
    return learn_first_champion(
        task,
        frame,
        trained_to=clock,
        registry=registry,
        settings=settings,
        code_commit="abc",
        application_settings={"a": 1},
    )


def test_a_model_that_beats_the_rules_becomes_champion_and_reloads(task, learned, registry, mature_frame):
    assert learned.decision.promoted and "most_handoffs" in learned.decision.reason
    champion = load_champion(registry, task)
    assert champion is not None and champion.model_version == learned.logged.model_version
    assert champion.run_id == learned.logged.run_id
    assert champion.pictures == learned.logged.pictures
    assert champion.figures["pr_auc"] == pytest.approx(learned.report.metrics["pr_auc"].value)
    assert np.array_equal(champion.model.predict(mature_frame), learned.model.predict(mature_frame))


def test_the_run_records_what_one_needs_to_judge_it(task, learned, registry):
    run = registry.client().get_run(learned.logged.run_id)
    for metric in ("pr_auc", "roc_auc", "brier", "calibration_error", "precision_at_capacity", "recall_at_capacity"):
        assert {metric, f"{metric}.low", f"{metric}.high"} <= run.data.metrics.keys()
    for metric in ("lift", "recall_caught", "event.pr_auc", "new.pr_auc", "hist_gradient_boosting.pr_auc"):
        assert metric in run.data.metrics
    assert {"fingerprint", "trained_from", "trained_to", "rows", "seed", "iterations.small"} <= run.data.params.keys()
    assert run.data.tags["code_commit"] == "abc"
    assert learned.logged.pictures.keys() == {"calibration", "gain", "precision_recall", "importances"}
    assert all(picture.is_file() for picture in learned.logged.pictures.values())


def test_mlflow_loads_the_logged_model_itself(task, learned, registry, mature_frame):
    import mlflow

    registry.client()
    loaded = mlflow.pyfunc.load_model(f"models:/{task.name}@champion")
    rows = mature_frame.head(50)[learned.model.preparation.columns]
    rows = rows.assign(is_weekend=rows["is_weekend"].astype(float))
    assert np.allclose(loaded.predict(rows), learned.model.predict(rows))
    assert set(loaded.metadata.get_input_schema().input_names()) == set(learned.model.preparation.columns)


def test_a_training_whose_process_was_killed_is_marked_so(task, learned, registry):
    client = registry.client()
    experiment = client.get_experiment_by_name(task.name).experiment_id
    killed, of_others = (client.create_run(experiment, tags=tags) for tags in ({"task": task.name}, {}))
    assert close_orphaned_trainings(registry, task) == 1
    status = {run: client.get_run(run).info.status for run in (killed.info.run_id, of_others.info.run_id)}
    assert status == {killed.info.run_id: "KILLED", of_others.info.run_id: "RUNNING"}
    assert client.get_run(learned.logged.run_id).info.status == "FINISHED"
    assert close_orphaned_trainings(registry, task) == 0
    assert close_orphaned_trainings(registry, replace(task, name="never trained")) == 0


def test_versions_can_be_loaded_and_unknown_ones_are_named(task, learned, registry, mature_frame):
    version = load_version(registry, task, learned.logged.model_version)
    assert version.model.provenance == learned.model.provenance
    with pytest.raises(LearningError, match="99"):
        load_version(registry, task, "99")
    with pytest.raises(LearningError, match="99"):
        set_champion(registry, task, "99")


def test_no_champion_where_a_rule_is_better_or_the_labels_too_few(task, learned):
    report = learned.report
    worse = replace(
        report, metrics={**report.metrics, f"minus.{report.best_rule}": replace(report.metrics["lift"], value=-0.1)}
    )
    assert not first_champion(task, worse).promoted
    assert not first_champion(task, replace(report, positives=3)).promoted


def test_a_challenger_must_win_on_rows_that_neither_trained_on(task, frame, clock, settings):
    early = clock - pd.Timedelta(days=28)
    rows = mature_rows(task, frame, early)
    good = train(task, rows, trained_to=early, settings=settings)
    blind = train(task, rows.assign(silence_hours=0.0, handoffs=0.0), trained_to=early, settings=settings)
    assert challenge(task, good, blind, frame, clock=clock, bootstraps=100).promoted
    same = challenge(task, good, good, frame, clock=clock, bootstraps=100)
    assert not same.promoted and "isn't above zero" in same.reason
    late = train(task, mature_rows(task, frame, clock), trained_to=clock, settings=settings)
    assert "neither model trained on" in challenge(task, late, good, frame, clock=clock).reason


def test_a_backtest_predicts_each_row_with_the_newest_earlier_model(task, frame, clock, settings):
    start, end = clock - pd.Timedelta(days=10), clock
    found = backtest(task, frame, start, end, pd.Timedelta(days=7), settings=settings)
    expected = frame[(frame["as_of"] >= start) & (frame["as_of"] < end)]
    assert len(found) == len(expected) and not found.duplicated(["ticket_id", "as_of"]).any()
    assert (found["trained_to"] <= found["as_of"]).all() and found["trained_to"].nunique() == 2
    assert (found["as_of"] - found["trained_to"] < pd.Timedelta(days=7)).all()
    assert set(found["moment_kind"]) == {"morning", "event"}


def test_a_backtest_learns_nothing_from_the_time_after_its_training(task, frame, clock):
    start = clock - pd.Timedelta(days=10)
    seen: list[pd.DataFrame] = []

    def learn(rows, at):
        seen.append(learnable_rows(task, rows, at, NEARER))
        return lambda test: np.zeros(len(test))

    replay(task, frame, start, clock, pd.Timedelta(days=5), learn, name="nothing")
    for rows, at in zip(seen, (start, start + pd.Timedelta(days=5)), strict=True):
        assert (rows["as_of"] + task.horizon / 2 <= at).all() and (rows["matures_at"] > at).any()
        assert (rows.loc[rows["label"], "escalation_visible_from"] <= at).all()
    with pytest.raises(LearningError, match="no feature row"):
        replay(
            task,
            frame,
            clock + pd.Timedelta(days=99),
            clock + pd.Timedelta(days=100),
            pd.Timedelta(days=1),
            learn,
            name="",
        )


def test_performance_counts_matured_labels_only(task, model, frame, clock):
    morning = frame[frame["moment_kind"] == "morning"]
    given = morning[morning["as_of"].dt.normalize().isin([clock - pd.Timedelta(days=20), clock - pd.Timedelta(days=2)])]
    scores = score(task, model, given, clock, "r", model_version="1")
    events = frame.dropna(subset=["escalated_at"])[["ticket_id", "escalated_at"]]
    labelled = label_scores(task, scores, events, pd.Timedelta(hours=1))
    found = performance(task, labelled, clock, "r2", bootstraps=20)
    assert found["day"].unique().tolist() == [(clock - pd.Timedelta(days=20)).date()]
    assert {"pr_auc", "base_rate", "mean_p", "brier", "recall_at_capacity"} <= set(found["metric"])
    assert (found["run_id"] == "r2").all() and (found["rows"] > 10).all()


def test_scores_after_the_event_are_left_out_not_negative(task):
    at = pd.Timestamp("2026-01-10 08:00")
    scores = pd.DataFrame({"entity_id": ["a", "b", "c"], "as_of": at, "p": 0.5, "model_version": "1"})
    times = [at - pd.Timedelta(days=1), at + pd.Timedelta(days=7), at + pd.Timedelta(days=8)]
    events = pd.DataFrame({"ticket_id": ["a", "b", "c"], "escalated_at": times})
    labelled = label_scores(task, scores, events, pd.Timedelta(0)).set_index("entity_id")["label"]
    assert labelled.to_dict() == {"b": True, "c": False}
