"""Plays the learning of one task over many mornings, on features that were built once: studies in which nobody acts.

Each morning the steps of a day run with that morning's clock on a bench that sees what was known then
(`warehouse/study.py`), and what the sensors would ask for is carried out. Models, scores and events lie in the study's
own folder. What belongs here: the bench and the days. What doesn't: the steps (`steps/day.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.report import Report
from orchestration.settings import Settings
from orchestration.workbench import DAILY, Window, Workbench
from warehouse.home import Home, open_home

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from ml.task import PredictionTask
    from orchestration.project import Project
    from orchestration.steps.day import Act

# What one morning's steps found that holds for the next too. All but the champion is kept by version.
KEPT = ("champions", "references", "promised", "shadow models")


@dataclass
class Study:
    """Mornings of one task.

    `act`: carries out what the task's standing asks for; None leaves it undone. `schedules`: whether the weekly
    challenger and the monthly backtest take place.
    """

    settings: Settings
    task: PredictionTask
    home: Home
    folder: Home
    con: duckdb.DuckDBPyConnection
    project: Project
    act: Act | None = None
    schedules: bool = True
    kept: dict[str, Any] = field(default_factory=dict)

    def morning(self, clock: datetime, until: datetime) -> list[str]:
        """Play one morning, and what is scheduled before `until`; what was done to the models, in words.

        A failing step ends the study with its error.
        """
        from orchestration.steps.day import run_day
        from warehouse.operations import set_clock

        run_id = f"study-{clock:%Y%m%dT%H%M}"
        set_clock(self.con, clock, run_id)
        bench = self._bench(clock, run_id)
        done = run_day(bench, self.task, self.act, scheduled=self._scheduled(clock, until) if self.schedules else ())
        self.kept = {key: bench.facts[key] for key in KEPT if key in bench.facts}
        # A champion that was trained this morning isn't the one that was looked for in vain.
        if done or self.kept.get("champions", {}).get(self.task.name) is None:
            self.kept.pop("champions", None)
        self._record(bench)
        return done

    def _scheduled(self, clock: datetime, until: datetime) -> list[str]:
        from orchestration.follow_up import times_of

        zone, crons = self.settings.time_zone, (self.settings.challenger_schedule, self.settings.backtest_schedule)
        named = zip(("challenge", "backtest"), crons, strict=True)
        times = [(at, what) for what, cron in named for at in times_of(cron, zone, clock, until)]
        return [what for _, what in sorted(times)]

    def _bench(self, clock: datetime, run_id: str) -> Workbench:
        from orchestration.dbt_runner import DbtRunner
        from orchestration.overlay import contracts_of

        return Workbench(
            settings=self.settings,
            contracts=contracts_of(self.settings),
            home=self.folder,
            project=self.project,
            dbt=DbtRunner(self.project, self.settings.threads),
            tasks={self.task.name: self.task},
            suites=(),
            con=self.con,
            run_id=run_id,
            job=DAILY,
            whole=False,
            window=Window(until=clock),
            report=Report(facts=dict(self.kept)),
            fingerprint="",
            built_before={},
            explains=False,
        )

    def _record(self, bench: Workbench) -> None:
        """A row of the study's own ops.runs, for its report."""
        import pandas as pd

        from warehouse.operations import replace

        row = {
            "run_id": bench.run_id,
            "job": DAILY,
            "clock": bench.clock(),
            "started_at": bench.started_at,
            "finished_at": datetime.now(UTC).replace(tzinfo=None),
            "status": "succeeded",
            "rows_landed": 0,
        }
        replace(self.con, "ops.runs", pd.DataFrame([row]), {"run_id": bench.run_id})


@contextmanager
def open_study(
    settings: Settings, task: PredictionTask, folder: Path, act: Act | None = None, schedules: bool = True
) -> Iterator[Study]:
    """A study over what the home of these settings has built; `folder` becomes its own home.

    Holds the home's lock. Raises WarehouseLocked, and HarkenError where the home has built nothing.
    """
    from orchestration.definitions import DBT_PROJECT
    from orchestration.overlay import contracts_of, overlay_of
    from orchestration.project import Project
    from warehouse.lock import writer_lock
    from warehouse.operations import limit_resources
    from warehouse.study import open_study as opened

    home, own = open_home(settings.home), open_home(folder)
    project = Project(DBT_PROJECT, home, overlay_of(settings))
    with (
        writer_lock(home, f"harken replay {task.name}"),
        opened(home, own, contracts_of(settings), task.feature_table, task.label_table) as con,
    ):
        limit_resources(con, settings.warehouse_memory, settings.threads)
        yield Study(settings, task, home, own, con, project, act, schedules)


def play_mornings(study: Study, clocks: Sequence[datetime], tell: Callable[[str], None]) -> None:
    """Play these mornings in order; tells a line a day."""
    ends = [*clocks[1:], clocks[-1] + (clocks[-1] - clocks[-2] if len(clocks) > 1 else timedelta(days=1))]
    for number, (clock, until) in enumerate(zip(clocks, ends, strict=True)):
        began = time.monotonic()
        done = study.morning(clock, until)
        tell(
            f"day {number + 1:>3}  {clock:%Y-%m-%d %H:%M}{time.monotonic() - began:>7.1f} s  {', '.join(done)}".rstrip()
        )


@dataclass(frozen=True)
class Arm:
    """A policy to compare with: a model trained first at `start`, then every so often (None: never), on rows from
    `learns_from` on (None: on all)."""

    start: datetime
    every: timedelta | None = None
    learns_from: datetime | None = None


def arms(study: Study, last: datetime, wanted: Mapping[str, Arm], tell: Callable[[str], None]) -> dict[str, pd.Series]:
    """Daily values of the task's metric under other policies.

    Each model knows only what was mature when it was trained. The study's clock must stand at its last morning. Days
    are those from an arm's start to `last` whose labels are mature by then.
    """
    import pandas as pd

    from ml.backtest import backtest
    from ml.performance import label_scores, performance
    from orchestration.steps.learn import learning_settings
    from warehouse.operations import label_delay, label_events, training_frame

    task, end = study.task, pd.Timestamp(last) + pd.Timedelta(seconds=1)
    frame = training_frame(study.con, task.feature_table, task.label_table, task.keys)
    events = label_events(study.con, task.label_table, task.entity_key, task.event_at)
    delay = pd.Timedelta(label_delay(study.con, task.label_table, task.horizon) or timedelta(0))
    found = {}
    for name, arm in wanted.items():
        start = pd.Timestamp(arm.start)
        rows = frame if arm.learns_from is None else frame[(frame["as_of"] >= arm.learns_from).to_numpy(bool)]
        predicted = backtest(
            task, rows, start, end, pd.Timedelta(arm.every or end - start), study.settings.seed,
            settings=learning_settings(study.settings), progress=tell,
        )  # fmt: skip
        mornings = predicted[task.headline(predicted)] if "moment_kind" in predicted else predicted
        scores = mornings.rename(columns={task.entity_key: "entity_id"}).assign(model_version=name)
        labelled = label_scores(task, scores.astype({"entity_id": str}), events, delay)
        measured = performance(task, labelled, pd.Timestamp(last), name, bootstraps=0)
        of_metric = measured[measured["metric"] == task.gate.metric]
        found[name] = of_metric.set_index("day")["value"].sort_index()
    return found
