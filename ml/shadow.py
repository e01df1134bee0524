"""Models in the shadow: scores that nobody acts on, and the paired comparison with the champion once labels matured.

A candidate scores before its promotion, the former champion after it. Both meet the champion on the rows that both
scored, at fixed looks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.evaluate import Interval, entity_resamples, metric_functions, with_intervals
from ml.model import TrainedModel
from ml.performance import WEIGHT
from ml.settings import LifecycleSettings
from ml.task import AS_OF, LABEL, MATURES_AT, PredictionTask
from ml.verdict import Outcome, Verdict

COLUMNS = ("task", "entity_id", "as_of", "p", "role", "model_version", "trained_to", "run_id")
HOLDOUT = "holdout"  # the arm of an entity that was left alone by lot
KEYS = ["entity_id", AS_OF]


def shadow_scores(
    task: PredictionTask, model: TrainedModel, frame: pd.DataFrame, version: str, role: str, run_id: str
) -> pd.DataFrame:
    """One row per row of `frame`, shaped as `ml.candidate_scores`: probabilities without reasons, hence quick."""
    frame = frame.sort_values([AS_OF, task.entity_key], kind="stable").reset_index(drop=True)
    given = {"task": task.name, "entity_id": frame[task.entity_key].astype(str), AS_OF: frame[AS_OF]}
    scores = pd.DataFrame({**given, "p": model.predict(frame)}).assign(
        role=role,
        model_version=version,
        trained_to=pd.Timestamp(model.provenance.trained_to),
        run_id=run_id,
    )
    return scores[list(COLUMNS)]


def weights(task: PredictionTask, scores: pd.DataFrame, interventions: pd.DataFrame) -> pd.Series:
    """How much each score counts where somebody may have acted: treated 0, held out 1 / share, untouched 1.

    `scores` has entity_id and as_of; `interventions` entity_id, arm ('holdout' or a treatment), assigned_at and
    delivered_at. A row is touched where its horizon isn't over when its entity is first assigned: what is done then can
    change its label. The assignment counts, not the delivery, since who is reached isn't left to the lot. The share is
    that of held-out entities among the assigned: they stand for all of them, so that the top risks stay in the picture.
    """
    one = pd.Series(1.0, index=scores.index, name=WEIGHT)
    if interventions.empty:
        return one
    assigned = interventions.sort_values("assigned_at", kind="stable").drop_duplicates("entity_id")
    held_out = (assigned["arm"] == HOLDOUT).to_numpy(bool)
    share = held_out.mean()
    entity = scores["entity_id"].astype(str)
    keys = assigned["entity_id"].astype(str).to_numpy()
    since = entity.map(pd.Series(assigned["assigned_at"].to_numpy(), index=keys))
    of_holdout = entity.map(pd.Series(held_out, index=keys)).eq(True).to_numpy(bool)
    touched = (since <= scores[AS_OF] + task.horizon).to_numpy(bool)
    factor = 1.0 / share if share > 0 else 0.0
    return one.mask(touched & of_holdout, factor).mask(touched & ~of_holdout, 0.0)


def paired_verdict(
    task: PredictionTask,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    labelled: pd.DataFrame,
    *,
    watermark: pd.Timestamp,
    settings: LifecycleSettings,
    look: int,
    needs_gain: bool = True,
    promised_low: float | None = None,
    seed: int = 0,
) -> Verdict:
    """Ours against theirs on the (entity_id, as_of) that both scored and whose label is mature at `watermark`.

    `ours` and `theirs` have entity_id, as_of and p; `labelled` comes from `label_scores`, with `weight` where
    interventions took place. Resampled by entity; the interval has the level 1 - 0.05 / looks (Bonferroni).

    Ours is better where the interval lies above zero and, if `needs_gain`, the difference is worth a change; or where
    theirs has fallen below `promised_low` beyond noise and ours isn't worse by more than the tolerance.
    Too few matured positives decide nothing.
    """
    metric = task.gate.metric
    rows = _paired(task, ours, theirs, labelled, watermark)
    counted = rows[rows[WEIGHT] > 0]
    positives, at_look = int(counted[LABEL].sum()), f"at look {look} of {settings.looks}"
    if min(positives, len(counted) - positives) < settings.least_positives:
        few = (
            f"{positives} positives among {len(counted)} matured rows that both scored, {at_look}; "
            f"{settings.least_positives} are needed to judge"
        )
        return Verdict("undecided", few, None, len(counted), positives, look, metric)
    level = 1.0 - 0.05 / settings.looks
    found = _metrics(task, rows, metric, level, settings.bootstraps, seed)
    difference, champion = found["difference"], found["theirs"]
    outcome, why = _judge(difference, champion, settings, needs_gain, promised_low)
    words = (
        f"{metric} {difference} against the other's {champion.value:.3f} on {len(counted)} matured rows with "
        f"{positives} positives that both scored, {at_look} ({100 * level:.4g} % interval): {why}"
    )
    return Verdict(outcome, words, difference, len(counted), positives, look, metric)


def least_gain(settings: LifecycleSettings, champion: float) -> float:
    """The difference that is worth a change of model, beside a champion with this value of the metric."""
    return max(settings.promotion_gain, settings.relative_gain * champion)


def _judge(
    difference: Interval,
    champion: Interval,
    settings: LifecycleSettings,
    needs_gain: bool,
    promised_low: float | None,
) -> tuple[Outcome, str]:
    needed = least_gain(settings, champion.value) if needs_gain else 0.0
    if difference.low > 0 and difference.value >= needed:
        return "better", "better beyond noise" + (f", by {needed:.3f} or more" if needs_gain else "")
    fallen = promised_low is not None and champion.high < promised_low
    if fallen and difference.low > -settings.tolerance and difference.high >= 0:
        return "better", (
            f"the other has fallen below the {promised_low:.3f} that its training promised (at most "
            f"{champion.high:.3f}) and this one isn't worse by {settings.tolerance} or more"
        )
    if difference.high < 0:
        return "worse", "worse beyond noise"
    if difference.low > 0:
        return "undecided", f"better, but by less than the {needed:.3f} that are worth a change"
    return "undecided", "the interval holds zero"


def _paired(
    task: PredictionTask, ours: pd.DataFrame, theirs: pd.DataFrame, labelled: pd.DataFrame, watermark: pd.Timestamp
) -> pd.DataFrame:
    """Key, label, weight, ours and theirs of the rows that can be compared; repeated scores of a key count once."""
    mature = labelled[(labelled[MATURES_AT] <= watermark).to_numpy(bool)]
    mature = mature.assign(**{WEIGHT: mature[WEIGHT] if WEIGHT in mature.columns else 1.0})
    rows = mature[[*KEYS, LABEL, WEIGHT]].drop_duplicates(KEYS)
    for name, scores in (("ours", ours), ("theirs", theirs)):
        given = scores[[*KEYS, "p"]].drop_duplicates(KEYS).rename(columns={"p": name})
        rows = rows.merge(given, on=KEYS, how="inner")
    rows = rows.sort_values([AS_OF, "entity_id"], kind="stable", ignore_index=True)
    return rows.rename(columns={"entity_id": task.entity_key})


def _metrics(
    task: PredictionTask, rows: pd.DataFrame, metric: str, level: float, bootstraps: int, seed: int
) -> dict[str, Interval]:
    """Theirs, and ours minus theirs, over the same resamples."""
    a, b = (metric_functions(task, rows, rows[name].to_numpy(np.float64))[metric] for name in ("ours", "theirs"))
    resamples = entity_resamples(rows[task.entity_key], bootstraps, seed)
    functions = {"theirs": b, "difference": lambda w: a(w) - b(w)}
    return with_intervals(functions, resamples, rows[WEIGHT].to_numpy(np.float64), level)
