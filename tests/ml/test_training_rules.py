"""The time rules of training, determinism, and what happens with little to learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.folds import make_folds
from ml.labels import label_known, mature
from ml.task import LearningError
from ml.train import learnable_rows, mature_rows, train


def test_training_refuses_immature_rows(task, frame, clock, settings):
    with pytest.raises(LearningError, match="aren't mature"):
        train(task, frame, trained_to=clock, settings=settings)


def test_training_refuses_repeated_keys(task, mature_frame, clock, settings):
    with pytest.raises(LearningError, match="repeat a key"):
        train(task, pd.concat([mature_frame, mature_frame.head(3)]), trained_to=clock, settings=settings)


def test_training_names_missing_columns(task, mature_frame, clock, settings):
    with pytest.raises(LearningError, match="lacks matures_at"):
        train(task, mature_frame.drop(columns="matures_at"), trained_to=clock, settings=settings)


def test_an_event_known_only_later_has_not_happened_yet(task, frame, clock):
    positive = frame[frame["label"]].iloc[[0]].assign(escalation_visible_from=clock + pd.Timedelta(hours=1))
    assert not mature_rows(task, positive, clock)["label"].any()
    assert mature_rows(task, positive, clock + pd.Timedelta(hours=2))["label"].all()


def test_every_fold_trains_only_on_what_was_mature_before_it(task, mature_frame, clock, settings):
    folds = make_folds(task, mature_frame, clock, settings)
    assert folds.kind == "rolling" and len(folds.folds) == settings.folds
    for fold in folds.folds:
        assert (mature_frame["matures_at"].iloc[fold.train(task, mature_frame)] <= fold.moment).all()
        assert (mature_frame["as_of"].iloc[fold.test] >= fold.moment).all()
        nearer = mature_frame.iloc[fold.train(task, mature_frame, 0.5)]
        assert (nearer["as_of"] + task.horizon / 2 < fold.moment).all() and len(nearer) > len(
            fold.train(task, mature_frame)
        )
    assert not set(folds.folds[0].test) & set(folds.folds[1].test)


def test_too_short_a_window_falls_back_to_folds_by_entity_and_says_so(task, mature_frame, clock, settings):
    young = mature_frame[mature_frame["as_of"] < mature_frame["as_of"].min() + pd.Timedelta(days=9)]
    model = train(task, young, trained_to=clock, settings=settings)
    assert model.provenance.fold_kind == "by entity"
    assert "too few mature weeks" in model.provenance.note
    folds = model.evidence.folds.folds
    for fold in folds:
        ids = model.evidence.frame["ticket_id"]
        assert not set(ids.iloc[fold.candidates]) & set(ids.iloc[fold.test])


def test_too_few_labels_are_an_error_with_the_counts(task, mature_frame, clock, settings):
    few = mature_frame[~mature_frame["label"]].head(200)
    with pytest.raises(LearningError, match="0 positives among 200"):
        train(task, few, trained_to=clock, settings=settings)


def test_training_is_deterministic_and_knows_its_rows(task, mature_frame, clock, settings, model):
    again = train(task, mature_frame.sample(frac=1.0, random_state=5), trained_to=clock, seed=1, settings=settings)
    assert np.array_equal(again.predict(mature_frame), model.predict(mature_frame))
    assert again.provenance.fingerprint == model.provenance.fingerprint
    changed = mature_frame.assign(handoffs=mature_frame["handoffs"] + (mature_frame.index == 7))
    other = train(task, changed, trained_to=clock, seed=1, settings=settings)
    assert other.provenance.fingerprint != model.provenance.fingerprint


def test_a_large_frame_is_thinned_deterministically_and_the_base_rate_stays(task, mature_frame, clock, settings):
    small = replace(settings, most_rows=1_500)
    model = train(task, mature_frame, trained_to=clock, seed=1, settings=small)
    found = model.provenance
    assert found.rows_before_thinning == len(mature_frame) and 1_200 < found.rows < 1_800
    kept = model.evidence.frame
    assert set(kept["ticket_id"] + kept["as_of"].astype(str)) <= set(
        mature_frame["ticket_id"] + mature_frame["as_of"].astype(str)
    )
    for kind, rows in kept.groupby("moment_kind"):
        assert abs(rows["label"].mean() - mature_frame.loc[mature_frame["moment_kind"] == kind, "label"].mean()) < 0.04


def test_constant_columns_and_empty_text_are_dropped(task, mature_frame, clock, settings):
    model = train(task, mature_frame.assign(text=None), trained_to=clock, settings=settings)
    assert not {"constant", "text", "label", "matures_at", "escalated_at"} & set(model.preparation.columns)
    assert not model.uses_text


def test_a_shorter_horizon_is_mature_sooner_and_has_its_own_label(task, frame, clock):
    row = frame[frame["label"]].iloc[[0]]
    half_over = row["as_of"].iloc[0] + task.horizon / 2 + pd.Timedelta(hours=1)
    assert (
        mature(task, row, half_over, 0.5).all()
        and not mature(task, row, half_over - pd.Timedelta(minutes=1), 0.5).any()
    )
    soon = row.assign(escalated_at=row["as_of"] + pd.Timedelta(days=1))
    late = row.assign(escalated_at=row["as_of"] + pd.Timedelta(days=6))
    assert label_known(task, soon, clock, 0.5).all() and not label_known(task, late, clock, 0.5).any()
    assert label_known(task, late, clock).all()


def test_without_event_times_the_whole_horizon_is_learnt_from_the_label(task, mature_frame, clock, settings):
    bare = mature_frame.drop(columns=["escalated_at", "escalation_visible_from"])
    model = train(task, learnable_rows(task, bare, clock, settings), trained_to=clock, settings=settings)
    assert {fitted.member.horizon_share for fitted in model.members} == {1.0}
