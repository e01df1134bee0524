"""Compares the day's rows of a task with its champion's reference; the answers go into `ml.drift`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from orchestration.steps.learn import Found, champion_of_the_run
from orchestration.workbench import Workbench

if TYPE_CHECKING:
    import pandas as pd

    from ml.drift import Finding, Reference
    from ml.task import PredictionTask

# A gap in the runs is looked at as one batch; further back the rows say little about today.
LONGEST_GAP = timedelta(days=7)
DAY = timedelta(days=1)
# Long enough to know what a month's bills and a quiet week do by themselves, short enough to be today's world.
REFERENCE_SPAN = timedelta(weeks=16)


@dataclass(frozen=True)
class Examined:
    """What the comparison came to. `fault` is the sentence of a suspected source fault that nobody has accepted."""

    rows: int
    note: str
    fault: str = ""
    alarms: str = ""


def examine(bench: Workbench, task: PredictionTask) -> Examined:
    """Compare what came since the last look, and what is to be scored now, with the champion's reference."""
    from ml.drift import compare, source_faults
    from ml.source_changes import unaccepted
    from orchestration.alerts import Alert, raise_alerts
    from orchestration.steps.lifecycle import status_of
    from warehouse.model_tables import replace_from, rows_between
    from warehouse.operations import read

    clock = bench.clock()
    since = looked_until(bench, task)
    if since is not None and clock < since:
        return Examined(0, f"nothing is compared as of a moment before {since:%Y-%m-%d %H:%M}, which was")
    found = champion_of_the_run(bench, task)
    if found is None or found.model is None:
        return Examined(0, "no champion, nothing to compare with")
    reference = reference_of(bench, task, found)
    if reference is None:
        return Examined(0, f"version {found.model_version} was kept without its evidence: nothing to compare with")
    after = max(since or clock - DAY, clock - LONGEST_GAP)
    batch = rows_between(bench.con, task.feature_table, after, clock, task.headline_moment)
    p = found.model.predict(batch)
    comparison = compare(task, reference, batch, p=p, seed=bench.settings.seed)
    to_score = read(bench.con, task.feature_table, "as_of = ?", [clock])
    faults = [
        *source_faults(task, reference, to_score),
        *([comparison.source_fault] if comparison.source_fault else []),
    ]
    shown = {(f.kind, f.subject) for f in comparison.findings}
    rows = drift_rows(
        bench, task, found, [*comparison.findings, *(f for f in faults if (f.kind, f.subject) not in shown)]
    )
    replace_from(bench.con, "ml.drift", rows, task.name, clock)
    bench.branch(task.name).facts |= {"comparison": comparison, "faults": faults, "batch": batch, "to_score": to_score}
    if found.evidence is not None:
        promised = found.evidence[task.headline(found.evidence)]["p"].to_numpy()
        bench.branch(task.name).facts["predictions"] = (promised, p)
    blocking = unaccepted(status_of(bench, task), tuple(f"{f.kind}: {f.subject}" for f in faults))
    stopping = {f"{f.kind}: {f.subject}": f.sentence for f in faults if f"{f.kind}: {f.subject}" in blocking}
    raise_alerts(
        bench.con,
        [Alert(task.name, bench.run_id, clock, "critical", "source fault", k, v) for k, v in stopping.items()],
    )
    alarms = [f for f in comparison.findings if f.alarm]
    note = faults[0].sentence if faults else alarms[0].sentence if alarms else "no drift"
    return Examined(
        len(rows),
        f"{note} ({len(batch):,} rows)",
        fault=next(iter(stopping.values()), ""),
        alarms="\n".join(f"- {f.sentence}" for f in [*faults, *alarms]),
    )


def looked_until(bench: Workbench, task: PredictionTask) -> datetime | None:
    """The clock of the last look before this run's; None before the first."""
    from warehouse.model_tables import last_look

    return last_look(bench.con, task.name, bench.clock())


def reference_of(bench: Workbench, task: PredictionTask, found: Found) -> Reference | None:
    """What the champion learnt from, ready to be compared with.

    Runs that follow one another in a process make it once for each version, as long as its rows are the same: a late
    file may change them.
    """
    from ml.drift import make_reference
    from ml.task import AS_OF
    from warehouse.model_tables import moments_between, rows_fingerprint

    known: dict[Any, Reference] = bench.facts.setdefault("references", {})
    key = (task.name, found.model_version)
    if key in known:
        return known[key]
    if found.evidence is None or found.model is None:
        return None
    trained = found.model.provenance
    until = datetime.fromisoformat(trained.trained_to)
    since = max(datetime.fromisoformat(trained.trained_from), until - REFERENCE_SPAN)
    between = (since, until, task.headline_moment)
    made_from = (key, rows_fingerprint(bench.con, task.feature_table, *between))
    kept: dict[str, tuple[Any, Reference]] = bench.kept.setdefault("references", {})
    if task.name in kept and kept[task.name][0] == made_from:
        known[key] = kept[task.name][1]
        return known[key]
    keys = moments_between(bench.con, task.feature_table, task.keys, *between)
    rows = _thinned_rows(bench, task, keys, bench.settings.drift_reference_rows)
    day = keys[AS_OF].dt.normalize()
    weekly = keys[((day.max() - day).dt.days % 7 == 0).to_numpy(bool)]
    weeks = _thinned_rows(bench, task, weekly, 2 * bench.settings.drift_reference_rows)
    # Known where the training predicted rows that it hadn't learnt from.
    p = rows[task.keys].merge(found.evidence[[*task.keys, "p"]], on=task.keys, how="left")["p"].to_numpy()
    known[key] = make_reference(task, rows, found.model.importances(), p=p, weeks=weeks, seed=bench.settings.seed)
    kept[task.name] = (made_from, known[key])
    return known[key]


def _thinned_rows(bench: Workbench, task: PredictionTask, keys: pd.DataFrame, most: int) -> pd.DataFrame:
    """The feature rows of about `most` of the keys; whole tickets are kept or left out: their rows depend on each
    other."""
    from ml.sample import hash_unit
    from warehouse.model_tables import feature_rows

    kept = keys[hash_unit(task, keys, "reference", by_row=False) < most / max(len(keys), 1)]
    return feature_rows(bench.con, task.feature_table, task.keys, kept)


def drift_rows(bench: Workbench, task: PredictionTask, found: Found, findings: list[Finding]) -> pd.DataFrame:
    """Findings as rows of `ml.drift`."""
    from ml.drift import findings_frame

    return findings_frame(findings).assign(
        task=task.name,
        run_id=bench.run_id,
        clock=bench.clock(),
        day=bench.clock().date(),
        model_version=found.model_version,
    )
