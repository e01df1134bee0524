"""Versions, aliases and the evidence that is kept with each training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.learn import train_and_compare
from ml.registry import (
    CANDIDATE,
    CHAMPION,
    EVIDENCE_FILE,
    FORMER,
    Registry,
    forget_role,
    list_versions,
    load_champion,
    load_role,
    load_version,
    local_path,
    note_version,
    roll_back_champion,
    set_candidate,
    set_champion,
    version_of,
)
from ml.report import headline_rows
from ml.settings import LearningSettings, Member
from ml.task import LearningError
from ml.tracking import log_training

QUICK = LearningSettings(
    members=(Member("only", {"depth": 3}, most_iterations=25, fewest_iterations=25),), folds=2, bootstraps=10
)


@pytest.fixture(scope="module")
def trained(task, frame, clock):
    return train_and_compare(task, frame, trained_to=clock, settings=QUICK)


@pytest.fixture(scope="module")
def registry(task, trained, tmp_path_factory) -> Registry:
    """Three versions of one model; none is champion."""
    home = tmp_path_factory.mktemp("mlflow")
    found = Registry(f"sqlite:///{home / 'mlflow.db'}", home / "artifacts")
    assert list_versions(found, task).empty and version_of(found, task, CHAMPION) is None
    for k in range(3):
        tags = {"decision": f"d-{k + 1}", "reason": f"reason {k + 1}"}
        log_training(found, task, *trained, code_commit="abc", settings={}, tags=tags)
    return found


@pytest.fixture(autouse=True)
def without_roles(task, registry):
    for role in (CHAMPION, CANDIDATE, FORMER):
        forget_role(registry, task, role)


def roles(registry, task):
    return [version_of(registry, task, role) for role in (CHAMPION, CANDIDATE, FORMER)]


def test_the_evidence_is_kept_without_features_or_texts(task, trained, registry):
    model, report = trained
    kept = load_version(registry, task, "1").evidence
    assert list(kept.columns) == ["ticket_id", "as_of", "moment_kind", "label", "p", "fold"]
    assert len(kept) == len(model.evidence.rows) and np.array_equal(kept["p"], model.evidence.rows["p"])
    assert int(headline_rows(task, kept)["label"].sum()) == report.positives
    assert kept["as_of"].dtype == model.evidence.rows["as_of"].dtype


def test_a_version_without_evidence_says_so(task, registry):
    version = load_version(registry, task, "2")
    file = local_path(registry.client().get_run(version.run_id).info.artifact_uri) / EVIDENCE_FILE
    content = file.read_bytes()
    file.unlink()
    try:
        assert load_version(registry, task, "2").evidence is None
    finally:
        file.write_bytes(content)


def test_a_version_knows_what_it_promised(task, trained, registry):
    version = load_version(registry, task, "3")
    assert version.model_version == "3" and version.promised("pr_auc") == pytest.approx(
        trained[1].metrics["pr_auc"].low
    )
    assert version.promised("nothing") is None and version.tags["decision"] == "d-3"


def test_the_champion_before_becomes_the_former_one_and_a_repeat_changes_nothing(task, registry):
    set_champion(registry, task, "1")
    assert roles(registry, task) == ["1", None, None]
    set_candidate(registry, task, "2")
    assert roles(registry, task) == ["1", "2", None]
    for _ in range(2):  # a promotion that runs again after it was killed
        set_champion(registry, task, "2")
        assert roles(registry, task) == ["2", None, "1"]
    assert load_champion(registry, task).model_version == "2" and load_role(registry, task, FORMER).model_version == "1"


def test_a_rollback_goes_back_and_a_repeat_changes_nothing(task, registry):
    set_champion(registry, task, "1")
    set_champion(registry, task, "3")
    for _ in range(2):
        assert roll_back_champion(registry, task, to="1") == "1"
        assert roles(registry, task) == ["1", None, None]
    with pytest.raises(LearningError, match="no former champion"):
        roll_back_champion(registry, task)
    set_champion(registry, task, "2")
    assert roll_back_champion(registry, task) == "1"
    with pytest.raises(LearningError, match="99"):
        roll_back_champion(registry, task, to="99")


def test_unknown_versions_get_no_role(task, registry):
    set_champion(registry, task, "1")
    for move in (set_champion, set_candidate):
        with pytest.raises(LearningError, match="99"):
            move(registry, task, "99")
    assert roles(registry, task) == ["1", None, None]
    forget_role(registry, task, CANDIDATE)  # none is there: nothing to do


def test_versions_are_listed_newest_first_with_what_one_needs_to_choose(task, trained, registry, clock):
    set_champion(registry, task, "1")
    set_champion(registry, task, "2")
    note_version(registry, task, "3", reason="refused: the interval holds zero")
    found = list_versions(registry, task).set_index("version")
    assert found.index.tolist() == ["3", "2", "1"]
    assert found["roles"].to_dict() == {"3": "", "2": "champion", "1": "former"}
    assert found["reason"].to_dict() == {"3": "refused: the interval holds zero", "2": "reason 2", "1": "reason 1"}
    assert (found["trained_to"] == clock).all() and found["created"].notna().all()
    assert np.allclose(found["pr_auc"], trained[1].metrics["pr_auc"].value)
    assert found["decision"].to_list() == ["d-3", "d-2", "d-1"] and isinstance(found["created"].iloc[0], pd.Timestamp)
