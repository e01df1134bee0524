"""What a user may expect of any model: direction, invariance, minimum functionality, and the same after a reload."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.model import TrainedModel
from ml.score import COLUMNS, score
from ml.task import LearningError


def test_more_silence_and_more_handoffs_raise_the_risk(model, mature_frame):
    calm = mature_frame[mature_frame["silence_hours"] < 10].head(200)
    assert (model.predict(calm.assign(silence_hours=60.0)) > model.predict(calm)).mean() > 0.95
    assert (model.predict(calm.assign(handoffs=5.0)) > model.predict(calm.assign(handoffs=0.0))).mean() > 0.95


def test_the_ticket_number_the_moment_and_the_row_order_change_nothing(model, mature_frame):
    rows = mature_frame.head(300)
    p = model.predict(rows)
    renamed = rows.assign(ticket_id=[f"X{k}" for k in range(len(rows))], as_of=rows["as_of"] + pd.Timedelta(days=400))
    assert np.array_equal(model.predict(renamed), p)
    assert np.array_equal(model.predict(rows.iloc[::-1])[::-1], p)
    assert np.array_equal(model.predict(rows.drop(columns=["label", "constant"])), p)


def test_angry_words_count_in_both_languages(model, mature_frame):
    rows = mature_frame.head(200)
    for calm, angry in (("thanks for your help", "I want a refund"), ("谢谢帮助", "要求退款")):
        raised = model.predict(rows.assign(text=angry)) > model.predict(rows.assign(text=calm))
        assert raised.mean() > 0.9


def test_it_ranks_an_obvious_case_above_an_obvious_non_case(model, mature_frame):
    row = mature_frame.head(1)
    worst = row.assign(silence_hours=80.0, handoffs=5.0, text="unacceptable, I want a refund")
    best = row.assign(silence_hours=1.0, handoffs=0.0, text="thanks for your help")
    assert model.predict(worst)[0] > 0.5 > 0.15 > model.predict(best)[0]


def test_unknown_and_missing_values_are_borne(model, mature_frame):
    odd = mature_frame.head(5).assign(queue="never seen", silence_hours=np.nan, text=None, is_weekend=None)
    p = model.predict(odd)
    assert np.isfinite(p).all() and ((p > 0) & (p < 1)).all()
    assert model.predict(mature_frame.head(0)).shape == (0,)


def test_a_missing_feature_is_named(model, mature_frame):
    with pytest.raises(LearningError, match="handoffs"):
        model.predict(mature_frame.drop(columns="handoffs"))


def test_saved_and_loaded_it_is_the_same_model(model, mature_frame, tmp_path):
    loaded = TrainedModel.load(model.save(tmp_path / "model"))
    assert np.array_equal(loaded.predict(mature_frame), model.predict(mature_frame))
    assert loaded.provenance == model.provenance and loaded.usual == model.usual
    with pytest.raises(LearningError, match="holds no model"):
        TrainedModel.load(tmp_path)


def test_probabilities_are_calibrated_out_of_fold(model):
    rows = model.evidence.rows
    assert abs(rows["p"].mean() - rows["label"].mean()) < 0.04


def test_scores_rank_every_row_and_say_why(task, model, frame, clock):
    last = frame[
        (frame["moment_kind"] == "morning")
        & (frame["as_of"] == frame["as_of"].max().normalize() + pd.Timedelta(hours=8))
    ]
    scores = score(task, model, last, clock, "run-1", model_version="4")
    assert tuple(scores.columns) == COLUMNS
    assert scores["rank"].tolist() == list(range(1, len(last) + 1))
    assert scores["p"].is_monotonic_decreasing and scores["share_riskier"].iloc[0] == 0.0
    assert scores["reason_1"].notna().all()
    assert scores["reason_1"].str.contains("hours; usual here is").any()
    assert score(task, model, last.head(0), clock, "run-1").empty
