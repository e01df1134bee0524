"""The report of days that were played or replayed: a line a day, what was detected and when, how steady the model was.

Markdown and HTML from the same tables. What belongs here: words and layout; the figures come from `warehouse/days.py`
and `ml/stability.py`.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import HarkenError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from ml.stability import Stability
    from ml.task import PredictionTask

Row = Sequence[str]
LAST_DAYS = 28  # at the end of a stretch: where a policy has got to
DONE_TO_MODELS = ("in the shadow", "promoted", "refused", "rolled back")


@dataclass
class Table:
    """A heading, columns and rows of text."""

    title: str
    columns: Row
    rows: list[Row] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Stretch:
    """What is reported on: clocks from `first` to `last`. `changes`: what was injected, and from which day on."""

    title: str
    first: datetime
    last: datetime
    changes: Mapping[str, date] = field(default_factory=dict)


def report_tables(
    con: duckdb.DuckDBPyConnection,
    stretch: Stretch,
    tasks: Mapping[str, PredictionTask],
    arms: Mapping[str, Mapping[str, pd.Series]] | None = None,
) -> list[Table]:
    """The tables of the report. `arms`: task -> name of a policy -> its daily values of the task's metric."""
    from warehouse.days import days, model_events

    found: list[Table] = []
    for name, task in tasks.items():
        played = days(con, name, stretch.first, stretch.last, task.gate.metric)
        events = model_events(con, name, stretch.first, stretch.last)
        steady = {"as played": played.set_index("clock")["value"], **(arms or {}).get(name, {})}
        found += [
            _detections(con, stretch, name),
            _events(name, events),
            _steadiness(name, task.gate.metric, steady),
            _days(name, task, played),
        ]
    return found


def write_report(folder: Path, title: str, tables: Sequence[Table]) -> list[Path]:
    """report.md and report.html in a folder. Raises HarkenError where it can't be written."""
    files = {"report.md": markdown(title, tables), "report.html": page(title, tables)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise HarkenError(f"{folder} can't be written: {error.strerror or error}") from error
    return [folder / name for name in files]


def _detections(con: duckdb.DuckDBPyConnection, stretch: Stretch, task: str) -> Table:
    """Per injected change: the first alarm and the first confirmation after it, with the rows scored until then."""
    from warehouse.days import first_alarm, first_event, scored_between

    table = Table(
        f"{task}: detections", ("change", "from", "first alarm", "rows until then", "confirmed", "rows", "it said")
    )
    for change, day in stretch.changes.items():
        since = datetime(day.year, day.month, day.day)
        alarm, confirmed = first_alarm(con, task, since), first_event(con, task, since, "drift confirmed")
        when = alarm[0] if alarm else None
        counts = ["" if at is None else f"{scored_between(con, task, since, at):,}" for at in (when, confirmed)]
        said = alarm[1] if alarm else ""
        table.rows.append((change, f"{day}", _day(when), counts[0], _day(confirmed), counts[1], said))
    table.note = "" if stretch.changes else "No change was injected: every alarm is a false one."
    return table


def _events(task: str, events: pd.DataFrame) -> Table:
    counts = {name: int((events["event"] == name).sum()) for name in DONE_TO_MODELS}
    rows: list[Row] = [(_day(e["clock"]), str(e["event"]), _text(e["model_version"]), _text(e["reason"]))
            for e in events.to_dict("records")]  # fmt: skip
    note = ", ".join(f"{name}: {count}" for name, count in counts.items())
    return Table(f"{task}: what happened to the model", ("day", "event", "version", "reason"), rows, note)


def _steadiness(task: str, metric: str, values: Mapping[str, pd.Series]) -> Table:
    from ml.stability import stability

    table = Table(
        f"{task}: steadiness of the matured {metric}",
        ("policy", "days", "mean", "last 28 days", "drops per 100 days", "mean size", "won back a week", "volatility"),
        note="A drop: the mean of seven days lies more than 10 % below the best such mean before it.",
    )
    for name, series in values.items():
        found: Stability = stability(series)
        means = _number(found.mean), _number(series.dropna().tail(LAST_DAYS).mean())
        figures = [_share(found.size), _share(found.recovery), _share(found.volatility)]
        table.rows.append((name, str(found.days), *means, _number(found.drops, 1), *figures))
    return table


def _days(name: str, task: PredictionTask, played: pd.DataFrame) -> Table:
    columns = ("clock", "rows landed", f"open {task.entity}s", "alarms", "state", "version", task.gate.metric, "s", "")
    rows: list[Row] = [
        (
            f"{day['clock']:%Y-%m-%d %H:%M}",
            f"{int(day['rows_landed'] or 0):,}",
            _text(day["open_entities"], "{:,.0f}"),
            str(int(day["alarms"])),
            _text(day["state"]),
            _text(day["model_version"]),
            _number(day["value"]),
            _number(day["seconds"], 0),
            "" if day["status"] == "succeeded" else f"{day['status']}: {_text(day['message'])}",
        )
        for day in played.to_dict("records")
    ]
    return Table(f"{name}: day by day", columns, rows, f"{task.gate.metric}: of the scores of that day, once mature.")


def markdown(title: str, tables: Sequence[Table]) -> str:
    """The report as Markdown."""
    lines = [f"# {title}"]
    for table in tables:
        lines += ["", f"## {table.title}", ""]
        lines += [table.note, ""] if table.note else []
        rows = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in table.rows]
        lines += [f"| {' | '.join(cells)} |" for cells in (table.columns, ["---"] * len(table.columns), *rows)]
    return "\n".join(lines) + "\n"


def page(title: str, tables: Sequence[Table]) -> str:
    """The report as one HTML page without anything to load."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>",
        "<style>body{font:14px/1.5 sans-serif;margin:2em auto;max-width:76em;padding:0 1em}"
        "table{border-collapse:collapse}"
        "td,th{border-bottom:1px solid #ddd;padding:.2em .7em;text-align:left;vertical-align:top}</style>",
        f"<h1>{html.escape(title)}</h1>",
    ]
    for table in tables:
        heads = "".join(f"<th>{html.escape(cell)}" for cell in table.columns)
        rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in row) for row in table.rows)
        note = f"<p>{html.escape(table.note)}" if table.note else ""
        parts.append(f"<h2>{html.escape(table.title)}</h2>{note}<table><tr>{heads}{rows}</table>")
    return "\n".join(parts) + "\n"


def _missing(value: Any) -> bool:
    return value is None or value != value


def _day(value: Any) -> str:
    return "" if _missing(value) else f"{value:%Y-%m-%d}"


def _text(value: Any, form: str = "{}") -> str:
    return "" if _missing(value) else form.format(value)


def _number(value: Any, places: int = 3) -> str:
    return "" if _missing(value) else f"{value:.{places}f}"


def _share(value: Any) -> str:
    return "" if _missing(value) else f"{value:.1%}"
