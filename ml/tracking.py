"""MLflow: a run for each training, with a registered version for each model. `ml/registry.py` reads them back.

MLflow costs seconds to import, so it's imported inside the functions that need it.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ml.evidence import kept_evidence
from ml.model import TrainedModel
from ml.plots import draw_all
from ml.registry import EVIDENCE_FILE, MODEL_FOLDER, PLOTS_FOLDER, TASK_TAG, Registry, local_path
from ml.report import Report, headline_rows
from ml.task import PredictionTask


@dataclass(frozen=True)
class Logged:
    """A training as MLflow knows it. `pictures` are files inside the run's artifacts."""

    run_id: str
    model_version: str
    pictures: dict[str, Path]


def log_training(
    registry: Registry,
    task: PredictionTask,
    model: TrainedModel,
    report: Report,
    *,
    code_commit: str,
    settings: dict[str, Any],
    tags: dict[str, str] | None = None,
    params: dict[str, Any] | None = None,
) -> Logged:
    """Log one training and register its model. `settings` are the application's, for the record.

    Metrics are logged by name with `.low` and `.high` beside; baselines as `<baseline>.<metric>`. `tags` and `params`
    say more about this training: the decision that asked for it, the windows it chose from.
    """
    import mlflow

    registry.client()
    experiment = _experiment(registry, task)
    with mlflow.start_run(
        experiment_id=experiment,
        run_name=f"{task.name} to {model.provenance.trained_to[:16]}",
        tags={TASK_TAG: task.name},
    ) as run:
        mlflow.log_params(_params(task, model) | (params or {}))
        mlflow.log_metrics(_metrics(model, report))
        mlflow.set_tags({"code_commit": code_commit, "best_rule": str(report.best_rule), **(tags or {})})
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "settings.json").write_text(json.dumps(settings, indent=1, default=str), encoding="utf-8")
            importances = model.importances()
            importances.rename("share").rename_axis("feature").to_csv(folder / "importances.csv")
            drawn = {}
            if model.evidence is not None:
                kept_evidence(task, model.evidence).to_parquet(folder / EVIDENCE_FILE, index=False)
                rows = headline_rows(task, model.evidence.rows)
                drawn = draw_all(task, rows, report.baselines, importances, folder / PLOTS_FOLDER)
            mlflow.log_artifacts(str(folder))
            version = _register(task, model, folder)
        artifacts = local_path(run.info.artifact_uri)
    pictures = {name: artifacts / PLOTS_FOLDER / file.name for name, file in drawn.items()}
    return Logged(run.info.run_id, version, pictures)


def close_orphaned_trainings(registry: Registry, task: PredictionTask) -> int:
    """Mark the task's trainings as killed that MLflow shows as running; returns how many.

    Call it where no other training of this home can be under way: their process is gone then. Runs that somebody else
    logs into the experiment don't carry our tag and stay as they are.
    """
    client = registry.client()
    experiment = client.get_experiment_by_name(task.name)
    if experiment is None:
        return 0
    ours = f"attributes.status = 'RUNNING' and tags.{TASK_TAG} = '{task.name}'"
    orphans = client.search_runs([experiment.experiment_id], ours)
    for run in orphans:
        client.set_terminated(run.info.run_id, "KILLED")
    return len(orphans)


def _experiment(registry: Registry, task: PredictionTask) -> str:
    client = registry.client()
    found = client.get_experiment_by_name(task.name)
    if found is not None:
        return found.experiment_id
    registry.artifact_root.mkdir(parents=True, exist_ok=True)
    return client.create_experiment(
        task.name,
        artifact_location=(registry.artifact_root / task.name).resolve().as_uri(),
        tags={"mlflow.experimentKind": "custom_model_development"},  # else its pages open on those for chatbots
    )


def _register(task: PredictionTask, model: TrainedModel, folder: Path) -> str:
    """Log the model from its code file (nothing is pickled) and register it; returns the version."""
    import mlflow
    from mlflow.environment_variables import MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR

    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(False)
    saved = model.save(folder / MODEL_FOLDER)
    with warnings.catch_warnings():
        # An input example would be predicted in another process to check it, which costs seconds.
        warnings.filterwarnings("ignore", message=".*input example.*")
        info = mlflow.pyfunc.log_model(
            name=task.name,
            python_model=str(Path(__file__).with_name("pyfunc.py")),
            artifacts={MODEL_FOLDER: str(saved)},
            signature=signature_of(model),
            registered_model_name=task.name,
            pip_requirements=["catboost", "mlflow", "numpy", "pandas"],
        )
    return str(info.registered_model_version)


def signature_of(model: TrainedModel) -> Any:
    """Feature columns as optional doubles and strings, one double out.

    MLflow can't say "an integer that may be null": callers of its pyfunc give whole numbers as floats.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = model.preparation.kinds.items()
    columns: list[Any] = [
        ColSpec("double" if kind == "numeric" else "string", name, required=False) for name, kind in kinds
    ]
    return ModelSignature(inputs=Schema(columns), outputs=Schema([ColSpec("double")]))


def _params(task: PredictionTask, model: TrainedModel) -> dict[str, Any]:
    described: dict[str, Any] = {f"iterations.{fitted.member.name}": fitted.iterations for fitted in model.members}
    described |= {f"weight.{fitted.member.name}": fitted.weight for fitted in model.members}
    settings = {k: v for k, v in model.settings.items() if k != "members"}
    for member in model.settings["members"]:
        settings |= {f"{member['name']}.{k}": v for k, v in (member["params"] | {"seeds": member["seeds"]}).items()}
    features = Counter(model.preparation.kinds.values())
    horizon = {"horizon_hours": task.horizon.total_seconds() / 3600, "capacity": task.capacity}
    return {
        **vars(model.provenance),
        **settings,
        **described,
        **horizon,
        **{f"features.{kind}": count for kind, count in features.items()},
        "calibration": model.calibration.kind,
    }


def _metrics(model: TrainedModel, report: Report) -> dict[str, float]:
    found = {"rows_out_of_fold": report.rows, "positives_out_of_fold": report.positives, **report.figures}
    return {name: value for name, value in found.items() if not pd.isna(value)}
