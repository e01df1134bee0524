"""Labels as a run at its clock knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.workbench import Workbench

if TYPE_CHECKING:
    import pandas as pd

    from ml.task import PredictionTask


def known_labels(bench: Workbench, task: PredictionTask) -> pd.DataFrame:
    """The task's labels: keys, label, when each matures, and the event with when it became known."""
    from warehouse.operations import read

    return read(bench.con, task.label_table)


def label_delay(bench: Workbench, task: PredictionTask) -> pd.Timedelta:
    """How late the task's events become known, at most; nothing where there are no labels."""
    import pandas as pd

    from warehouse.operations import label_delay as counted

    known = bench.branch(task.name).facts
    if "delay" not in known:
        delay = counted(bench.con, task.label_table, task.horizon)
        known["delay"] = pd.Timedelta(0) if delay is None else pd.Timedelta(delay)
    found: pd.Timedelta = known["delay"]
    return found


def labelled_scores(bench: Workbench, task: PredictionTask, scores: pd.DataFrame) -> pd.DataFrame:
    """Scores with `label` and `matures_at`; those of entities whose event had happened by then are left out."""
    from ml.performance import label_scores
    from warehouse.operations import label_events

    known = bench.branch(task.name).facts
    if "events" not in known:
        known["events"] = label_events(bench.con, task.label_table, task.entity_key, task.event_at)
    return label_scores(task, scores, known["events"], label_delay(bench, task))
