"""`harken backtest`: what would have been predicted, day by day, by models that knew only what was mature then."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.app import app, moment, out, settings, wrong_use
from warehouse.errors import HarkenError

if TYPE_CHECKING:
    import pandas as pd


@app.command(
    epilog="Example: `harken backtest escalation --from 2026-05-01 --to 2026-06-01 --every 7d --out predictions.csv`"
)
def backtest(
    task: Annotated[str, typer.Argument(help="Prediction task, such as escalation.")],
    since: Annotated[str, typer.Option("--from", help="First day predicted.")],
    to: Annotated[str, typer.Option("--to", help="The day after the last one predicted.")],
    out_file: Annotated[Path, typer.Option("--out", help="CSV or Parquet file to write.")],
    every: Annotated[str, typer.Option(help="How often a new model is trained, in days.")] = "7d",
) -> None:
    """Replay history for one task; writes ticket_id, as_of, p, model, trained_to for every as-of moment."""
    if out_file.suffix not in {".csv", ".parquet"}:
        raise wrong_use(f"--out {out_file}: write .csv or .parquet")
    start, end, step = moment(since, "--from"), moment(to, "--to"), _days(every)
    assert start is not None and end is not None
    if start >= end:
        raise wrong_use("--from must lie before --to")
    configured = settings()
    from ml.tasks import all_tasks

    known = all_tasks()
    if task not in known:
        raise wrong_use(f"there is no task {task!r}: there are {', '.join(known)}")
    from orchestration.cli.runs import terminal_report
    from orchestration.replay import replay

    predictions = replay(configured, task, start, end, step, terminal_report())
    _write(predictions, out_file)
    first, last = predictions["as_of"].min(), predictions["as_of"].max()
    out.print(f"{len(predictions):,} predictions from {first} to {last} in {out_file}", highlight=False)


def _days(text: str) -> timedelta:
    number = text.removesuffix("d")
    if not number.isdigit() or int(number) < 1:
        raise wrong_use(f"--every {text!r}: write a number of days, such as 7d")
    return timedelta(days=int(number))


def _write(predictions: pd.DataFrame, file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".parquet":
            predictions.to_parquet(file, index=False)
        else:
            predictions.to_csv(file, index=False, date_format="%Y-%m-%d %H:%M:%S")
    except OSError as error:
        raise HarkenError(f"{file} can't be written: {error.strerror or error}") from error
