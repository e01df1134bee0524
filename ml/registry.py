"""The registry: a task's model versions, and the aliases that say which one is champion, candidate and former.

A version is read without it being loaded as a pyfunc: our own loader reads the same files. The functions that move an
alias may be run again after a kill at any point: they come to the same end.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

import pandas as pd

from ml.model import TrainedModel
from ml.task import LearningError, PredictionTask

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

CHAMPION, CANDIDATE, FORMER = "champion", "candidate", "former"
MODEL_FOLDER = "model"
PLOTS_FOLDER = "plots"
EVIDENCE_FILE = "evidence.parquet"
TASK_TAG = "task"
DECISION_TAG = "decision"
REASON_TAG = "reason"
MOST_VERSIONS = 10_000
# What a training promised, and under which name its MLflow run keeps it.
PROMISED = (("pr_auc", "pr_auc"), ("low", "pr_auc.low"), ("high", "pr_auc.high"), ("rows", "rows_out_of_fold"))
VERSION_COLUMNS = ("version", "trained_to", "created", "roles", "pr_auc", "low", "high", "rows", "decision", "reason")


@dataclass(frozen=True)
class Registry:
    """Where MLflow keeps things: `tracking_uri` such as sqlite:////home/mlflow.db, and a folder for artifacts."""

    tracking_uri: str
    artifact_root: Path

    def client(self) -> MlflowClient:
        """A client of this registry; makes no global setting but MLflow's own tracking address."""
        import mlflow

        for noisy in ("mlflow.store.db.utils", "alembic", "mlflow.tracking._model_registry.client"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        mlflow.set_tracking_uri(self.tracking_uri)
        return mlflow.MlflowClient(self.tracking_uri)


@dataclass(frozen=True)
class Champion:
    """A version, what it is called in the registry, and what its training showed.

    `figures` are the run's metrics, with `<metric>.low` and `.high`. `evidence` holds its out-of-fold rows (entity key,
    as_of, moment_kind, label, p, fold); None for a model that was logged before evidence was kept, or by hand.
    """

    model: TrainedModel
    model_version: str
    run_id: str
    figures: dict[str, float]
    pictures: dict[str, Path]
    evidence: pd.DataFrame | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def promised(self, metric: str) -> float | None:
        """The lower end of what the training promised in a metric, such as pr_auc; None where it isn't known."""
        return self.figures.get(f"{metric}.low")


def load_champion(registry: Registry, task: PredictionTask) -> Champion | None:
    """The champion by our own loader, or None where there's none yet."""
    return load_role(registry, task, CHAMPION)


def load_role(registry: Registry, task: PredictionTask, role: str) -> Champion | None:
    """The version that an alias names, or None where it names none."""
    version = version_of(registry, task, role)
    return None if version is None else load_version(registry, task, version)


def known_version(registry: Registry, task: PredictionTask, model_version: str) -> str:
    """A version as the registry spells it ("7" for "07"). Raises LearningError where there's none."""
    from mlflow.exceptions import MlflowException

    try:
        return str(registry.client().get_model_version(task.name, model_version).version)
    except MlflowException as error:
        raise LearningError(
            f"task {task.name} has no model version {model_version}: `harken models {task.name}` lists them"
        ) from error


def version_of(registry: Registry, task: PredictionTask, role: str) -> str | None:
    """The version that an alias names (champion, candidate, former), or None."""
    return _aliases(registry.client(), task).get(role)


def load_version(registry: Registry, task: PredictionTask, model_version: str) -> Champion:
    """Any registered version with its figures and evidence. Raises LearningError where there's none."""
    from mlflow.exceptions import MlflowException

    client = registry.client()
    try:
        version = client.get_model_version(task.name, model_version)
        folder = local_path(client.get_model_version_download_uri(task.name, model_version))
    except MlflowException as error:
        raise LearningError(f"task {task.name} has no model version {model_version}") from error
    model = TrainedModel.load(folder / "artifacts" / MODEL_FOLDER)
    if not version.run_id:  # registered by hand, not by a training of ours
        return Champion(model, str(version.version), "", {}, {}, tags=dict(version.tags))
    run = client.get_run(version.run_id)
    artifacts = local_path(run.info.artifact_uri)
    pictures = {file.stem: file for file in sorted((artifacts / PLOTS_FOLDER).glob("*.png"))}
    kept = artifacts / EVIDENCE_FILE
    evidence = pd.read_parquet(kept) if kept.is_file() else None
    tags = {**run.data.tags, **version.tags}
    return Champion(model, str(version.version), version.run_id, dict(run.data.metrics), pictures, evidence, tags)


def list_versions(registry: Registry, task: PredictionTask) -> pd.DataFrame:
    """Every version, newest first, with VERSION_COLUMNS. `trained_to` and `created` are UTC.

    `roles` are its aliases, divided by commas. `pr_auc` is what training promised, between `low` and `high`, on so many
    `rows` out of fold. What a version lacks is None (a figure NaN). Empty for an unknown task.
    """
    client = registry.client()
    runs = {run.info.run_id: run for run in _runs(client, task)}
    roles: dict[str, list[str]] = {}
    for alias, version in sorted(_aliases(client, task).items()):
        roles.setdefault(version, []).append(alias)
    rows = []
    for known in client.search_model_versions(f"name = '{task.name}'", max_results=MOST_VERSIONS):
        run = runs.get(known.run_id or "")
        tags = {**(run.data.tags if run else {}), **known.tags}
        trained_to = run.data.params.get("trained_to") if run else None
        rows.append(
            {
                "version": str(known.version),
                "trained_to": pd.Timestamp(trained_to) if trained_to else pd.NaT,
                "created": pd.Timestamp(known.creation_timestamp, unit="ms"),
                "roles": ", ".join(roles.get(str(known.version), [])),
                **{name: run.data.metrics.get(kept, float("nan")) if run else float("nan") for name, kept in PROMISED},
                "decision": tags.get(DECISION_TAG),
                "reason": tags.get(REASON_TAG),
            }
        )
    found = pd.DataFrame(rows, columns=list(VERSION_COLUMNS))
    return found.sort_values("version", key=lambda v: v.astype(int), ascending=False, ignore_index=True)


def version_for_decision(registry: Registry, task: PredictionTask, decision: str) -> str | None:
    """The version that a finished training left for this decision, or None: a training that was killed left none."""
    client = registry.client()
    finished = _runs(client, task, f"tags.{DECISION_TAG} = '{decision}' and attributes.status = 'FINISHED'")
    for run in finished:
        versions = client.search_model_versions(f"name = '{task.name}' and run_id = '{run.info.run_id}'")
        if versions:
            return str(versions[0].version)
    return None


def note_version(registry: Registry, task: PredictionTask, model_version: str, **tags: str) -> None:
    """Tags on a version, such as the `reason` of the newest decision on it."""
    client = registry.client()
    for key, value in tags.items():
        client.set_model_version_tag(task.name, model_version, key, value)


def set_champion(registry: Registry, task: PredictionTask, model_version: str) -> None:
    """Make a version champion; the one before it becomes `former`. Raises LearningError where there's no such version.

    A version that is champion already changes nothing, so that `former` outlives a repeated promotion.
    """
    client = registry.client()
    aliases = _aliases(client, task)
    before = aliases.get(CHAMPION)
    _known(client, task, model_version, CHAMPION)
    if before is not None and before != model_version:
        client.set_registered_model_alias(task.name, FORMER, before)
    if before != model_version:
        client.set_registered_model_alias(task.name, CHAMPION, model_version)
    if aliases.get(CANDIDATE) == model_version:
        client.delete_registered_model_alias(task.name, CANDIDATE)


def set_candidate(registry: Registry, task: PredictionTask, model_version: str) -> None:
    """Name the version that scores in the shadow. Raises LearningError where there's no such version."""
    client = registry.client()
    _known(client, task, model_version, CANDIDATE)
    client.set_registered_model_alias(task.name, CANDIDATE, model_version)


def roll_back_champion(registry: Registry, task: PredictionTask, to: str | None = None) -> str:
    """Make the former champion (or the version `to`) champion again; returns the version. There's no former then.

    Raises LearningError where nothing stands to go back to.
    """
    client = registry.client()
    aliases = _aliases(client, task)
    target = to or aliases.get(FORMER)
    if target is None:
        raise LearningError(
            f"task {task.name} has no former champion to go back to: `harken promote {task.name} VERSION` takes any"
        )
    _known(client, task, target, CHAMPION)
    if aliases.get(CHAMPION) != target:
        client.set_registered_model_alias(task.name, CHAMPION, target)
    if FORMER in aliases:
        client.delete_registered_model_alias(task.name, FORMER)
    return target


def forget_role(registry: Registry, task: PredictionTask, role: str) -> None:
    """Take an alias away, of a refused candidate or of a former champion no longer watched. Nothing where none is."""
    client = registry.client()
    if role in _aliases(client, task):
        client.delete_registered_model_alias(task.name, role)


def local_path(uri: str) -> Path:
    """The folder that a file URI names (a plain path is taken as it is)."""
    parsed = urlparse(uri)
    return Path(unquote(parsed.path)) if parsed.scheme == "file" else Path(uri)


def _aliases(client: MlflowClient, task: PredictionTask) -> dict[str, str]:
    """Alias -> version of a task's registered model; empty where it has none yet."""
    from mlflow.exceptions import MlflowException

    try:
        found: dict[str, Any] = client.get_registered_model(task.name).aliases
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return {}
        raise
    return {alias: str(version) for alias, version in found.items()}


def _known(client: MlflowClient, task: PredictionTask, model_version: str, role: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.get_model_version(task.name, model_version)
    except MlflowException as error:
        raise LearningError(f"task {task.name}: model version {model_version} can't become {role}: {error}") from error


def _runs(client: MlflowClient, task: PredictionTask, wanted: str = "") -> list[Run]:
    """The task's runs, newest first, page by page."""
    experiment = client.get_experiment_by_name(task.name)
    found: list[Run] = []
    token: str | None = None
    while experiment is not None:
        page = client.search_runs([experiment.experiment_id], wanted, max_results=1_000, page_token=token)
        found += page
        token = page.token
        if not token:
            break
    return found
