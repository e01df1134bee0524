"""The time rules of training, determinism, and what happens with little to learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.folds import make_folds
from ml.task import LearningError
from ml.train import mature_rows, train


def test_training_refuses_immature_rows(task, frame, clock, settings):
    with pytest.raises(LearningError, match="aren't mature"):
        train(task, frame, trained_to=clock, settings=settings)


def test_training_refuses_repeated_keys(task, mature, clock, settings):
    with pytest.raises(LearningError, match="repeat a key"):
        train(task, pd.concat([mature, mature.head(3)]), trained_to=clock, settings=settings)


def test_training_names_missing_columns(task, mature, clock, settings):
    with pytest.raises(LearningError, match="lacks matures_at"):
        train(task, mature.drop(columns="matures_at"), trained_to=clock, settings=settings)


def test_an_event_known_only_later_has_not_happened_yet(task, frame, clock):
    positive = frame[frame["label"]].iloc[[0]].assign(escalation_visible_from=clock + pd.Timedelta(hours=1))
    assert not mature_rows(task, positive, clock)["label"].any()
    assert mature_rows(task, positive, clock + pd.Timedelta(hours=2))["label"].all()


def test_every_fold_trains_only_on_what_was_mature_before_it(task, mature, settings):
    folds = make_folds(task, mature, settings)
    assert folds.kind == "rolling" and len(folds.folds) == settings.folds
    for fold in folds.folds:
        assert (mature["matures_at"].iloc[fold.train] <= fold.start).all()
        assert (mature["as_of"].iloc[fold.test] >= fold.start).all()
    assert not set(folds.folds[0].test) & set(folds.folds[1].test)


def test_too_short_a_window_falls_back_to_folds_by_entity_and_says_so(task, mature, clock, settings):
    young = mature[mature["as_of"] < mature["as_of"].min() + pd.Timedelta(days=9)]
    model = train(task, young, trained_to=clock, settings=settings)
    assert model.provenance.fold_kind == "by entity"
    assert "too few mature weeks" in model.provenance.note
    folds = model.evidence.folds.folds
    for fold in folds:
        ids = model.evidence.frame["ticket_id"]
        assert not set(ids.iloc[fold.train]) & set(ids.iloc[fold.test])


def test_too_few_labels_are_an_error_with_the_counts(task, mature, clock, settings):
    few = mature[~mature["label"]].head(200)
    with pytest.raises(LearningError, match="0 positives among 200"):
        train(task, few, trained_to=clock, settings=settings)


def test_training_is_deterministic_and_knows_its_rows(task, mature, clock, settings, model):
    again = train(task, mature.sample(frac=1.0, random_state=5), trained_to=clock, seed=1, settings=settings)
    assert np.array_equal(again.predict(mature), model.predict(mature))
    assert again.provenance.fingerprint == model.provenance.fingerprint
    changed = mature.assign(handoffs=mature["handoffs"] + (mature.index == 7))
    other = train(task, changed, trained_to=clock, seed=1, settings=settings)
    assert other.provenance.fingerprint != model.provenance.fingerprint


def test_a_large_frame_is_thinned_deterministically_and_the_base_rate_stays(task, mature, clock, settings):
    small = replace(settings, most_rows=1_500)
    model = train(task, mature, trained_to=clock, seed=1, settings=small)
    found = model.provenance
    assert found.rows_before_thinning == len(mature) and 1_200 < found.rows < 1_800
    kept = model.evidence.frame
    assert set(kept["ticket_id"] + kept["as_of"].astype(str)) <= set(mature["ticket_id"] + mature["as_of"].astype(str))
    for kind, rows in kept.groupby("moment_kind"):
        assert abs(rows["label"].mean() - mature.loc[mature["moment_kind"] == kind, "label"].mean()) < 0.04


def test_constant_columns_and_empty_text_are_dropped(task, mature, clock, settings):
    model = train(task, mature.assign(text=None), trained_to=clock, settings=settings)
    assert not {"constant", "text", "label", "matures_at", "escalated_at"} & set(model.preparation.columns)
    assert not model.uses_text
