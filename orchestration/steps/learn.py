"""Champion, scores and matured performance of one task: frames go to the `ml` room, its answers into `ml.*`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.steps.labels import known_labels
from orchestration.workbench import Workbench

if TYPE_CHECKING:
    import dagster as dg
    import pandas as pd

    from ml.learn import Learned
    from ml.model import TrainedModel
    from ml.registry import Registry
    from ml.settings import LearningSettings
    from ml.task import PredictionTask
    from orchestration.settings import Settings


@dataclass(frozen=True)
class Found:
    """The model a task scores with, as the graph shows it. `model` is None where there is none, `note` says why.

    `figures` are those of its training, with `.low` and `.high`; `evidence` its out-of-fold rows where it kept them.
    """

    note: str
    model: TrainedModel | None = None
    rows: int | None = None
    run_id: str = ""
    experiment_id: str = ""
    model_version: str = ""
    trained_to: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    pictures: Mapping[str, Path] = field(default_factory=dict)
    evidence: pd.DataFrame | None = None

    def promised(self, metric: str) -> float | None:
        """The lower end of what the training promised in a metric; None where it isn't known."""
        return self.figures.get(f"{metric}.low")


def registry(bench: Workbench) -> Registry:
    """MLflow's store in this home. Raises HarkenError where it can't be read."""
    from ml.registry import Registry
    from warehouse.health import must_read_mlflow

    must_read_mlflow(bench.home)
    return Registry(bench.home.mlflow_uri, bench.home.mlflow_artifacts)


def current_champion(bench: Workbench, task: PredictionTask) -> Found | None:
    """The champion in the registry, read once a run. In a back-fill only one that was trained before its first day."""
    from ml.registry import load_champion
    from ml.tracking import close_orphaned_trainings

    known = bench.facts.setdefault("champions", {})
    if task.name not in known:
        # This run holds the writer's lock, so that no other training lives.
        close_orphaned_trainings(registry(bench), task)
        known[task.name] = load_champion(registry(bench), task)
    champion = known[task.name]
    if champion is None:
        return None
    trained_to = champion.model.provenance.trained_to
    if bench.window.since and datetime.fromisoformat(trained_to) > bench.window.since:
        return None
    return Found(
        note=f"version {champion.model_version}, trained to {trained_to[:10]}",
        model=champion.model,
        run_id=champion.run_id,
        experiment_id=_experiment(bench, task),
        model_version=champion.model_version,
        trained_to=trained_to,
        figures=champion.figures,
        pictures=champion.pictures,
        evidence=champion.evidence,
    )


def champion_of_the_run(bench: Workbench, task: PredictionTask) -> Found | None:
    """The model that this run scores with: also one that it has just trained."""
    return bench.branch(task.name).facts.get("model") or current_champion(bench, task)


def champion(bench: Workbench, task: PredictionTask) -> Found:
    """The model to score with: the champion, or one trained now on what is mature."""
    found = current_champion(bench, task) or _train(bench, task)
    bench.branch(task.name).facts["model"] = found
    if found.model is None:
        bench.branch(task.name).empty = True
        bench.branch(task.name).reason = found.note
    return found


def learning_settings(settings: Settings) -> LearningSettings:
    """How models are learnt, with what the settings say about it."""
    from ml.settings import LearningSettings

    return LearningSettings(threads=settings.threads, most_rows=settings.training_rows)


def _train(bench: Workbench, task: PredictionTask) -> Found:
    import pandas as pd

    from ml.learn import learn_first_champion
    from ml.train import FEWEST_POSITIVES, mature_rows

    at = pd.Timestamp(bench.window.since or bench.clock())
    learning = learning_settings(bench.settings)
    labels = known_labels(bench, task)
    mature = mature_rows(task, labels, at)
    positives = int(mature["label"].sum())
    if min(positives, len(mature) - positives) < FEWEST_POSITIVES:
        return Found(
            note=f"no model yet: {positives} positives among {len(mature)} mature rows, "
            f"at least {FEWEST_POSITIVES} of each class are needed"
        )
    frame = training_rows(bench, task, labels, at)
    with told_in_log(bench):
        learned = learn_first_champion(
            task,
            frame,
            trained_to=at,
            registry=registry(bench),
            seed=bench.settings.seed,
            settings=learning,
            code_commit=code_commit(bench.project.folder),
            application_settings={**bench.settings.model_dump(mode="json"), "mature_rows": len(mature)},
        )
    _record(bench, task, learned)
    # A back-fill trains on an older past than a champion that stands already: it scores, but takes no one's place.
    usable = learned.decision.promoted or bench.window.since is not None
    version = learned.logged.model_version
    return Found(
        note=f"version {version}: {learned.decision.reason}",
        model=learned.model if usable else None,
        rows=learned.model.provenance.rows,
        run_id=learned.logged.run_id,
        experiment_id=_experiment(bench, task),
        model_version=version,
        trained_to=learned.model.provenance.trained_to,
        figures=learned.report.figures,
        pictures=learned.logged.pictures,
        evidence=learned.model.evidence.rows if learned.model.evidence else None,
    )


def training_rows(bench: Workbench, task: PredictionTask, labels: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """The rows to learn from at `at`, with features and labels: at most as many as the settings say.

    The labels alone say which rows train; only those rows are then fetched with their features.
    """
    from ml.sample import thin
    from ml.train import learnable_rows
    from warehouse.model_tables import feature_rows

    learning = learning_settings(bench.settings)
    wanted = thin(task, learnable_rows(task, labels, at, learning), learning.most_rows)
    rows = feature_rows(bench.con, task.feature_table, task.keys, wanted)
    added = [column for column in labels.columns if column not in rows.columns]
    return rows.merge(labels[[*task.keys, *added]], on=task.keys, how="inner")


@contextlib.contextmanager
def told_in_log(bench: Workbench) -> Iterator[None]:
    """MLflow tells its news on stderr, in the midst of the run's own lines: within this it goes to a file."""
    with (bench.home.logs / "training.log").open("a", encoding="utf-8") as log, contextlib.redirect_stderr(log):
        yield


def _record(bench: Workbench, task: PredictionTask, learned: Learned) -> None:
    import pandas as pd

    from warehouse.operations import replace

    provenance = learned.model.provenance
    bench.facts.setdefault("trained", {})[task.name] = learned
    row = {
        "task": task.name,
        "run_id": bench.run_id,
        "mlflow_run_id": learned.logged.run_id,
        "model_version": learned.logged.model_version,
        "trained_to": pd.Timestamp(provenance.trained_to),
        "rows": provenance.rows,
        "positives": provenance.positives,
        "promoted": learned.decision.promoted,
        "reason": learned.decision.reason,
    }
    replace(bench.con, "ml.training_runs", pd.DataFrame([row]), {"task": task.name, "run_id": bench.run_id})


def score_open(bench: Workbench, task: PredictionTask) -> tuple[int, str]:
    """Score what is open as of the clock (in a back-fill: every review morning too). Rows written, and a note.

    A re-run replaces the scores of its own moments.
    """
    import pandas as pd

    from ml.score import score
    from warehouse.operations import read, replace_moments

    found = champion_of_the_run(bench, task)
    if found is None or found.model is None:
        return 0, "no model, nothing scored"
    frames = []
    for moment in _moments(bench):
        rows = read(bench.con, task.feature_table, "as_of = ?", [moment])
        if len(rows):
            at = pd.Timestamp(moment)
            version, reasons = found.model_version, bench.explains
            frames.append(score(task, found.model, rows, at, bench.run_id, model_version=version, reasons=reasons))
    if not frames:
        return 0, f"no open {task.entity} at the clock"
    scores = pd.concat(frames, ignore_index=True)
    return replace_moments(bench.con, "ml.scores", scores, task.name), f"{len(frames)} moments" if frames[1:] else ""


def _moments(bench: Workbench) -> Iterator[datetime]:
    """Every review morning of a back-fill, then the clock."""
    clock = bench.clock()
    if bench.window.since:
        morning = bench.window.since
        while morning < clock:
            yield morning
            morning += timedelta(days=1)
    yield clock


def measure(bench: Workbench, task: PredictionTask) -> int:
    """How earlier scores turned out: days whose labels have all become mature since the last run; rows written."""
    import pandas as pd

    from ml.performance import performance
    from orchestration.steps.labels import label_delay, labelled_scores
    from warehouse.operations import replace, unmeasured_scores

    scores = unmeasured_scores(bench.con, task.name, bench.clock() - task.horizon - label_delay(bench, task))
    if scores.empty:
        return 0
    labelled = labelled_scores(bench, task, scores)
    found = performance(task, labelled, pd.Timestamp(bench.clock()), bench.run_id)
    return replace(bench.con, "ml.model_performance", found, {"task": task.name, "run_id": bench.run_id})


def table_columns(bench: Workbench, name: str) -> dg.TableSchema:
    """The columns of a table that Python writes, for Dagster."""
    import dagster as dg

    from warehouse.operations import columns

    found = columns(bench.con)[name]
    return dg.TableSchema(columns=[dg.TableColumn(name=column, type=kind) for column, kind in found.items()])


def code_commit(folder: Path) -> str:
    """The commit of the code that trains, with a mark when files were changed since; `unknown` outside a repository."""
    import subprocess

    try:
        described = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True, text=True, timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return described.stdout.strip()


def _experiment(bench: Workbench, task: PredictionTask) -> str:
    experiment = registry(bench).client().get_experiment_by_name(task.name)
    return "" if experiment is None else str(experiment.experiment_id)
