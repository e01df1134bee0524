"""A backtest from the landing folder on: lands and builds what is missing, then replays the task's history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orchestration.report import Report
from orchestration.settings import Settings
from warehouse.errors import HarkenError
from warehouse.home import open_home

if TYPE_CHECKING:
    import pandas as pd


def replay(
    settings: Settings, task_name: str, start: datetime, end: datetime, every: timedelta, report: Report
) -> pd.DataFrame:
    """Predictions for every as-of moment in [start, end). Columns: the task's key, as_of, p, model, trained_to.

    Nothing is scored, published or promoted. Raises HarkenError where landing, building or learning fails.
    """
    import pandas as pd

    from ml.backtest import backtest
    from ml.task import LearningError
    from ml.tasks import all_tasks
    from orchestration.definitions import DBT_PROJECT, configured
    from orchestration.overlay import contracts_of
    from orchestration.run import raise_problems, run_job
    from orchestration.steps.learn import learning_settings
    from warehouse.connect import connect
    from warehouse.lock import writer_lock
    from warehouse.operations import training_frame

    task = configured(all_tasks(), settings)[task_name]
    home = open_home(settings.home)
    with writer_lock(home, f"harken backtest {task_name}", settings.lock_wait_seconds):
        raise_problems(
            run_job(settings, report=report, tasks={task_name: task}, dbt_project_dir=DBT_PROJECT, job="build")
        )
        with connect(home, contracts=contracts_of(settings)) as con:
            frame = training_frame(con, task.feature_table, task.label_table, task.keys)
        try:
            with report.step(f"{task_name}: backtest") as line:
                found = backtest(
                    task,
                    frame,
                    pd.Timestamp(start),
                    pd.Timestamp(end),
                    pd.Timedelta(every),
                    settings.seed,
                    settings=learning_settings(settings),
                    progress=report.say,
                )
                line.rows = len(found)
        except LearningError as error:
            raise HarkenError(str(error)) from error
    return found[[task.entity_key, "as_of", "p", "model", "trained_to"]]
