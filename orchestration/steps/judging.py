"""What the labels that have matured say of the champion and of the models in the shadow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from orchestration.steps.labels import labelled_scores
from orchestration.steps.learn import Found, learning_settings
from orchestration.steps.monitor import reference_of
from orchestration.workbench import Workbench

if TYPE_CHECKING:
    import pandas as pd

    from ml.drift import Comparison, Confirmation, Prepared
    from ml.lifecycle import LifecycleSettings, Status
    from ml.task import PredictionTask
    from ml.verdict import Verdict

# Matured scores older than this say little of the model today.
TRAILING = timedelta(days=28)
WEEK = timedelta(days=7)
Role = Literal["candidate", "former"]
SCORES, SHADOW = "ml.scores", "ml.candidate_scores"


def judge(bench: Workbench, task: PredictionTask, found: Found) -> Comparison | None:
    """The champion's matured scores of the last weeks against what its training promised; None where nothing is."""
    from ml.drift import judge_matured

    promised = _promised(bench, task, found)
    scored = matured(bench, task, found.model_version, SCORES)
    if promised is None or scored.empty:
        return None
    scored = _with_features(bench, task, promised.columns, scored)
    seed = bench.settings.seed
    return judge_matured(task, promised.rows, scored, promised.columns, seed=seed, before=promised.prepared)


def confirmed(bench: Workbench, task: PredictionTask, found: Found, status: Status, days: int) -> dict[str, bool]:
    """Of each suspicion, by its `at`, whether a week of tickets that came after it shows it too; without those of
    which no look is due, or too few tickets came.

    A look a week for as long as a suspicion may last (`days`): what passes within days, such as the bills of a
    month, is no change of the world.
    """
    import pandas as pd

    from ml.lifecycle import State

    if status.state in (State.CONFIRMED, State.RETRAINING):
        return {}
    looks, told = max(days // WEEK.days, 1), {}
    for suspicion in status.suspicions:
        since, look = pd.Timestamp(suspicion["at"]), int(suspicion["looks"]) + 1
        if look > looks or bench.clock() < since + look * WEEK:
            continue
        of_labels = [s for s in suspicion["suspects"] if _is_of_labels(s)]
        of_rows = [s for s in suspicion["suspects"] if not _is_of_labels(s)]
        found_so = [
            _on_fresh_rows(bench, task, found, of_rows, since, look, looks) if of_rows else None,
            _on_fresh_labels(bench, task, found, of_labels, since, look, looks) if of_labels else None,
        ]
        seen = [c.confirmed for c in found_so if c is not None and not c.waiting]
        if seen:
            told[suspicion["at"]] = any(seen)
    return told


def _on_fresh_rows(
    bench: Workbench,
    task: PredictionTask,
    found: Found,
    suspects: list[str],
    since: pd.Timestamp,
    look: int,
    looks: int,
) -> Confirmation | None:
    from ml.drift import confirm
    from warehouse.model_tables import fresh_rows

    reference = reference_of(bench, task, found)
    newest = bench.clock() - WEEK
    fresh = fresh_rows(
        bench.con, task.feature_table, task.entity_key, since, newest, bench.clock(), task.headline_moment
    )
    if reference is None or found.model is None or fresh.empty:
        return None
    p, seed = found.model.predict(fresh), bench.settings.seed
    return confirm(task, reference, fresh, tuple(suspects), p=p, look=look, looks=looks, seed=seed)


def _on_fresh_labels(
    bench: Workbench,
    task: PredictionTask,
    found: Found,
    suspects: list[str],
    since: pd.Timestamp,
    look: int,
    looks: int,
) -> Confirmation | None:
    """The newest week of matured scores, of tickets that had none when it was suspected."""
    from ml.drift import confirm_matured

    promised = _promised(bench, task, found)
    scored = matured(bench, task, found.model_version, SCORES)
    if promised is None or scored.empty:
        return None
    seen = scored[(scored["matures_at"] <= since).to_numpy(bool)]["entity_id"]
    fresh = scored[~scored["entity_id"].isin(seen)]
    if fresh.empty:
        return None
    fresh = fresh[(fresh["as_of"] > fresh["as_of"].max() - WEEK).to_numpy(bool)]
    fresh = _with_features(bench, task, promised.columns, fresh)
    return confirm_matured(
        task, promised.rows, fresh, tuple(suspects), promised.columns, look=look, looks=looks, seed=bench.settings.seed
    )


def unlearnt(bench: Workbench, task: PredictionTask, status: Status, suspects: Sequence[str]) -> tuple[str, ...]:
    """Of the suspects, what labels show of days since the candidate was trained, and hadn't shown beside it before.

    None where it wasn't made for drift, or was made for what labels showed: the champion goes on alarming of that.
    """
    import pandas as pd

    shadow = status.memory.get("shadow", {})
    if shadow.get("origin") != "drift" or any(map(_is_of_labels, shadow.get("made_for", ()))):
        return ()
    if bench.clock() < pd.Timestamp(shadow["from"]) + task.horizon:
        return ()
    return tuple(s for s in suspects if _is_of_labels(s) and s not in shadow.get("suspects", ()))


def verdict(
    bench: Workbench, task: PredictionTask, found: Found, status: Status, role: Role, settings: LifecycleSettings
) -> Verdict | None:
    """The candidate, or the former champion, against the champion on what both scored; None where no look is due."""
    import pandas as pd

    from ml.lifecycle import due_look
    from ml.shadow import paired_verdict

    version = status.candidate if role == "candidate" else status.former
    if version is None:
        return None
    ours = matured(bench, task, version, SHADOW)
    if ours.empty:
        return None
    step = due_look(status, role, pd.Timestamp(ours["as_of"].max()), settings)
    if step is None:
        return None
    return paired_verdict(
        task,
        ours,
        matured(bench, task, str(status.champion), SCORES),
        ours,
        watermark=pd.Timestamp(bench.clock()),
        settings=settings,
        look=step,
        needs_gain=role == "candidate",
        promised_low=found.promised(task.gate.metric) if role == "candidate" else None,
        seed=bench.settings.seed,
    )


def can_learn(bench: Workbench, task: PredictionTask, status: Status, confirmed: Mapping[str, bool]) -> bool:
    """Whether enough labels since the change are mature for a retraining to learn what is new.

    `confirmed`: what this day says of the suspicions; where it confirms none, those are meant that were before.
    """
    import pandas as pd

    from ml.train import FEWEST_POSITIVES, learnable_rows
    from warehouse.operations import read

    sure = [s for s in status.suspicions if confirmed.get(s["at"])] or status.suspicions
    if not sure:
        return True
    labels = read(bench.con, task.label_table, "as_of >= ?", [_change_began(task, sure).to_pydatetime()])
    rows = learnable_rows(task, labels, pd.Timestamp(bench.clock()), learning_settings(bench.settings))
    return int(rows["label"].sum()) >= FEWEST_POSITIVES


def _change_began(task: PredictionTask, suspicions: list[dict[str, Any]]) -> pd.Timestamp:
    """When the newest of these changes was there at the latest; what labels show, they show of earlier days."""
    import pandas as pd

    return max(
        pd.Timestamp(s["at"]) - (task.horizon if any(map(_is_of_labels, s["suspects"])) else timedelta(0))
        for s in suspicions
    )


def matured(bench: Workbench, task: PredictionTask, version: str, table: str) -> pd.DataFrame:
    """Mature scores of one version in the last weeks, with `label`, `matures_at` and `weight`; keyed by entity_id."""
    from warehouse.model_tables import interventions, scores_since

    known = bench.branch(task.name).facts.setdefault("matured", {})
    if (table, version) not in known:
        from ml.shadow import weights

        since = bench.clock() - TRAILING - task.horizon
        scores = scores_since(bench.con, table, task.name, since)
        scores = scores[(scores["model_version"] == version).to_numpy(bool)]
        labelled = labelled_scores(bench, task, scores)
        mature = labelled[(labelled["matures_at"] <= bench.clock()).to_numpy(bool)]
        touched = interventions(bench.con, task.name, bench.clock())
        mature = mature.assign(weight=weights(task, mature, touched).to_numpy())
        known[table, version] = mature.reset_index(drop=True)
    return known[table, version]


@dataclass(frozen=True)
class Promised:
    """The champion's out-of-fold headline rows with slices and the features that residuals are looked at by, and what
    is the same of them on every day."""

    rows: pd.DataFrame
    columns: list[str]
    prepared: Prepared


def _promised(bench: Workbench, task: PredictionTask, found: Found) -> Promised | None:
    """What the champion promised; None for one kept without its evidence.

    Made once a run for each version, and once a process as long as its rows are the same: a late file may change them.
    """
    from ml.drift import contrast_columns, prepare_promised
    from warehouse.model_tables import rows_fingerprint

    if found.evidence is None or found.model is None:
        return None
    known: dict[Any, Promised] = bench.facts.setdefault("promised", {})
    key = (task.name, found.model_version)
    if key in known:
        return known[key]
    evidence = found.evidence[task.headline(found.evidence)]
    between = (evidence["as_of"].min(), evidence["as_of"].max(), task.headline_moment)
    made_from = (key, rows_fingerprint(bench.con, task.feature_table, *between))
    kept: dict[str, tuple[Any, Promised]] = bench.kept.setdefault("promised", {})
    if task.name not in kept or kept[task.name][0] != made_from:
        numeric = found.model.preparation.of_kind("numeric")
        rows = _with_features(bench, task, numeric, evidence)
        columns = contrast_columns(task, rows, numeric)
        rows = rows.drop(columns=[c for c in numeric if c not in columns])
        prepared = prepare_promised(task, rows, columns, bench.settings.seed)
        kept[task.name] = (made_from, Promised(rows, columns, prepared))
    known[key] = kept[task.name][1]
    return known[key]


def _with_features(bench: Workbench, task: PredictionTask, columns: list[str], rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their slices and these features; keyed as the task's frames are."""
    from warehouse.model_tables import feature_rows

    rows = rows.rename(columns={"entity_id": task.entity_key})
    wanted = [c for c in dict.fromkeys([*task.slices, *columns]) if c not in rows.columns]
    features = feature_rows(bench.con, task.feature_table, task.keys, rows, [*task.keys, *wanted])
    return rows.merge(features, on=task.keys, how="left")


def _is_of_labels(suspect: str) -> bool:
    from ml.drift import OF_LABELS, read_suspect

    return read_suspect(suspect)[0] in OF_LABELS
