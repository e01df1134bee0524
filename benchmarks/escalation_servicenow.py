"""Harken against RandomForest, HistGradientBoosting and LightGBM on one feature table, by the same time rules.

    python -m benchmarks.escalation_servicenow --home var --from 2016-04-11 --to 2016-04-23 --log event_log.csv.gz

For each learner: PR-AUC and recall_caught on the review mornings, and the paired bootstrap by ticket of Harken's PR-AUC
minus the other's. Then, for escalations that never saw an open morning, how many hours before they happened Harken's
score at an event would have put the ticket in the share that the team reviews. `--log` tells when tickets closed;
without it a ticket counts as open for a day after its last row.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.frames import read_frame
from benchmarks.learners import MAKERS, learner
from ml.backtest import backtest, replay
from ml.evaluate import evaluate, paired_difference
from ml.task import PredictionTask
from ml.tasks import all_tasks


def main() -> None:
    """Run every learner over the window and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frame", help="feature and label rows in Parquet; else --home")
    parser.add_argument("--home", help="a HARKEN_HOME with a built warehouse")
    parser.add_argument("--from", dest="start", required=True, type=pd.Timestamp)
    parser.add_argument("--to", dest="end", required=True, type=pd.Timestamp)
    parser.add_argument("--every", default="7D", type=pd.Timedelta)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", help="the incident event log, for the moments at which tickets closed")
    parser.add_argument("--bootstraps", type=int, default=1_000)
    parser.add_argument("--out", type=Path, help="write Harken's predictions here (CSV), as `harken backtest` does")
    args = parser.parse_args()
    task = all_tasks()["escalation"]
    frame = read_frame(task, args.frame, args.home)
    window = (frame, args.start, args.end, args.every)
    started = time.perf_counter()
    predictions = {"harken": backtest(task, *window, args.seed, progress=print)}
    print(f"harken: {time.perf_counter() - started:.0f} s")
    for name in MAKERS:
        started = time.perf_counter()
        predictions[name] = replay(task, *window, learner(task, name), name=name)
        print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
    if args.out:
        predictions["harken"].to_csv(args.out, index=False)
    compare(task, frame, predictions, bootstraps=args.bootstraps)
    report_warnings(task, frame, predictions["harken"], closings(args.log), args.start, args.end)


def compare(
    task: PredictionTask, frame: pd.DataFrame, predictions: dict[str, pd.DataFrame], *, bootstraps: int
) -> None:
    """Print the figures on the mornings of the window, and what Harken has over each learner, in pairs."""
    rows = frame[task.headline(frame)][[*task.keys, "label"]]
    for name, found in predictions.items():
        rows = rows.merge(found[[*task.keys, "p"]].rename(columns={"p": name}), on=task.keys)
    rows = rows.reset_index(drop=True)
    print(f"{len(rows)} ticket mornings, {int(rows['label'].sum())} positive")
    for name in predictions:
        found = evaluate(task, rows, rows[name].to_numpy(), bootstraps=bootstraps, seed=0)
        line = f"{name:24s} PR-AUC {found['pr_auc']}   recall_caught {found['recall_caught']}"
        if name != "harken":
            pair = (rows["harken"].to_numpy(), rows[name].to_numpy())
            line += f"   harken minus this {paired_difference(task, rows, *pair, bootstraps=bootstraps, seed=0)}"
        print(line)


def closings(log: str | None) -> pd.Series:
    """The moment each ticket was first resolved or closed, by ticket id; empty without a log."""
    if log is None:
        return pd.Series(dtype="datetime64[us]")
    read = pd.read_csv(log, usecols=["number", "incident_state", "sys_updated_at"], dtype=str)
    over = read[read["incident_state"].isin(["Resolved", "Closed"])]
    return pd.to_datetime(over["sys_updated_at"], format="%d/%m/%Y %H:%M").groupby(over["number"]).min()


def hours_of_warning(
    task: PredictionTask,
    frame: pd.DataFrame,
    predictions: pd.DataFrame,
    closed: pd.Series,
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> pd.Series:
    """Hours of warning by ticket, for escalations in the window with no open morning within the horizon before them.

    NaN where no event put the ticket within the capacity of what was open at that moment.
    """
    escalated = frame.dropna(subset=[task.event_at]).groupby(task.entity_key)[task.event_at].first()
    escalated = escalated[(escalated >= start) & (escalated < end)]
    mornings = frame[task.headline(frame)][task.keys].merge(
        escalated.rename("at"), left_on=task.entity_key, right_index=True
    )
    seen = mornings[(mornings["as_of"] < mornings["at"]) & (mornings["as_of"] >= mornings["at"] - task.horizon)]
    escalated = escalated.drop(index=pd.Index(seen[task.entity_key].unique()))
    found = pd.Series(np.nan, index=escalated.index, name="hours")
    own = predictions[predictions[task.entity_key].isin(escalated.index)].sort_values("as_of")
    for row in own.itertuples():
        ticket, at = getattr(row, task.entity_key), row.as_of
        if (
            at < escalated[ticket]
            and np.isnan(found[ticket])
            and within_capacity(task, predictions, closed, ticket, at)
        ):
            found[ticket] = (escalated[ticket] - at).total_seconds() / 3_600
    return found


def within_capacity(
    task: PredictionTask, predictions: pd.DataFrame, closed: pd.Series, ticket: str, at: pd.Timestamp
) -> bool:
    """Whether the ticket's newest score at a moment lies in the reviewed share of the tickets that were open then."""
    known = predictions[
        ((predictions["as_of"] <= at) & (predictions["as_of"] > at - pd.Timedelta(days=1))).to_numpy(bool)
    ]
    newest = known.sort_values("as_of", kind="stable").groupby(task.entity_key)["p"].last()
    over = closed.reindex(newest.index)
    newest = newest[~(over <= at).to_numpy(bool)]
    return bool((newest > newest.get(ticket, -1.0)).sum() < np.ceil(task.capacity * len(newest)))


def report_warnings(
    task: PredictionTask,
    frame: pd.DataFrame,
    predictions: pd.DataFrame,
    closed: pd.Series,
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> None:
    """Print how early event rows would have warned of escalations that no morning review could have met."""
    hours = hours_of_warning(task, frame, predictions, closed, start, end)
    warned = hours.dropna()
    print(
        f"{len(hours)} escalations saw no open morning; an event score would have warned of {len(warned)} of them",
        end="",
    )
    if len(warned):
        q = warned.quantile([0.25, 0.5, 0.75]).round(1).tolist()
        print(f", by a median of {q[1]} hours (quartiles {q[0]} and {q[2]})")
    else:
        print()


if __name__ == "__main__":
    main()
