"""The part of the page of a day that says how the scores turned out: matured labels against the promise."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from ml.drift.page_charts import metric_over_time, rates_over_time
from ml.drift.page_html import picture, table
from ml.drift.page_words import missing, number, share, text

PROMISED = "promised."
# Metric -> how it is read, whether a larger value is better, whether it is drawn.
METRICS = {
    "pr_auc": ("ranking (PR-AUC)", True, True),
    "recall_at_capacity": ("caught within capacity (recall)", True, True),
    "precision_at_capacity": ("right among the reviewed (precision)", True, False),
    "calibration_error": ("calibration error", False, False),
    "brier": ("Brier score", False, False),
}
SHOWN_DAYS = 90

Row = Mapping[Any, Any]
# Metric -> its row of ml.model_performance.
Window = Mapping[str, Row]


def performance_section(performance: pd.DataFrame, entity: str, champion: str) -> str:
    """Table and pictures from rows of ml.model_performance of one task, up to the clock."""
    if performance.empty:
        return "<p class=rest>No score is old enough to be judged: its label must have matured first.</p>"
    window = newest(performance)
    pictures = "".join(_pictures(performance, window))
    return (
        _table(window, champion)
        + (f'<div class="pictures">{pictures}</div>' if pictures else "")
        + '<p class="note">Only labels that have matured count, so the newest days are missing. Bands are 95 % '
        f"intervals, resampled by {escape(entity)}; the green band is the promise, which counts as broken where the "
        "two intervals don't touch. Rows that somebody acted on are replaced by those held out.</p>"
    )


def broken_promises(performance: pd.DataFrame, champion: str) -> list[str]:
    """A sentence for each metric whose interval lies beyond the promise of the champion, on the worse side."""
    window = newest(performance)
    if _version(window) != champion:
        return []
    found = []
    for metric, (name, larger_is_better, _) in METRICS.items():
        if metric in window and PROMISED + metric in window:
            measured, promised = window[metric], window[PROMISED + metric]
            if _worse(measured, promised, larger_is_better):
                now, then = number(measured["value"]), number(promised["value"])
                found.append(f"The promise is broken in {name}: {now}, promised {then}.")
    return found


def newest(performance: pd.DataFrame) -> Window:
    """The last trailing figures (of the newest version among them), by metric."""
    window = performance[performance["day"].isna()]
    if window.empty:
        return {}
    last = window[window["clock"] == window["clock"].max()]
    versions = last["model_version"].dropna()
    version = max(versions, key=lambda v: (len(str(v)), str(v))) if len(versions) else None
    own = last[last["model_version"] == version] if version is not None else last
    return {str(row["metric"]): row for row in own.to_dict("records")}


def _version(window: Window) -> str:
    return text(next(iter(window.values()))["model_version"]) if window else ""


def _table(window: Window, champion: str) -> str:
    rows = []
    for metric, (name, larger_is_better, _) in METRICS.items():
        if metric not in window:
            continue
        measured = window[metric]
        promised = window.get(PROMISED + metric)
        rows.append(
            [
                escape(name),
                _figure(promised),
                _figure(measured),
                _judged(measured, promised, larger_is_better),
                number(measured["rows"]),
                number(measured["positives"]),
            ]
        )
    if not rows:
        return "<p class=rest>No trailing window has matured yet; the days stand below.</p>"
    heads = ["", "promised", "held", "verdict", "matured rows", "of them positive"]
    version = _version(window)
    whose = f"Version {version}" + ("" if version == champion else ", since no score of the champion has matured yet")
    said = f"<p>{escape(whose)}, over the trailing window:</p>"
    return said + table(heads, rows, ["", "number", "number", "", "number", "number"])


def _figure(row: Row | None) -> str:
    if row is None or missing(row["value"]):
        return "–"
    interval = "" if missing(row["low"]) else f" <span class=rest>{row['low']:.3f} to {row['high']:.3f}</span>"
    return f"{row['value']:.3f}{interval}"


def _judged(measured: Row, promised: Row | None, larger_is_better: bool) -> str:
    """Beyond noise only: where the two intervals don't touch."""
    if promised is None:
        return "<span class=rest>no promise to compare with</span>"
    if any(missing(end) for row in (measured, promised) for end in (row["low"], row["high"])):
        return "<span class=rest>open</span>"
    if _worse(measured, promised, larger_is_better):
        return "<span class=bad>broken</span>"
    better = _worse(promised, measured, larger_is_better)
    return f"<span class=good>{'better than promised' if better else 'kept'}</span>"


def _worse(one: Row, other: Row, larger_is_better: bool) -> bool:
    """Whether the whole interval of `one` lies on the worse side of that of `other`. False where an end is missing."""
    return bool(one["high"] < other["low"] if larger_is_better else one["low"] > other["high"])


def _pictures(performance: pd.DataFrame, window: Window) -> list[str]:
    shown = []
    for metric, (name, _, drawn) in METRICS.items():
        rows = _over_time(performance, metric)
        if not drawn or len(rows) < 2:
            continue
        promised = window.get(PROMISED + metric)
        latest = rows.iloc[-1]
        words = f"{name} over time, last {number(latest['value'])}"
        title = name[0].upper() + name[1:]
        shown.append(picture(metric_over_time(rows, promised, title), words))
    rates = _rates(performance)
    if len(rates) >= 2:
        words = f"share of rows with the event by day, last {share(rates['base_rate'].iloc[-1])}"
        shown.append(picture(rates_over_time(rates, "How often it happens"), words))
    return shown


def _over_time(performance: pd.DataFrame, metric: str) -> pd.DataFrame:
    """A metric by the day it was measured, over trailing windows; by the day scored where there are fewer than two."""
    rows = performance[(performance["metric"] == metric) & performance["value"].notna()]
    window, days = rows[rows["day"].isna()], rows[rows["day"].notna()]
    drawn = window.assign(at=window["clock"]) if window["clock"].nunique() >= 2 else days.assign(at=days["day"])
    return _recent(drawn.drop_duplicates(["at", "model_version"], keep="last"))


def _rates(performance: pd.DataFrame) -> pd.DataFrame:
    """`base_rate` and `mean_p` by the day scored."""
    days = performance[performance["day"].notna() & performance["metric"].isin(["base_rate", "mean_p"])]
    wide: Any = days.pivot_table(index="day", columns="metric", values="value", aggfunc="last")
    return _recent(wide.reindex(columns=["base_rate", "mean_p"]).reset_index(names="at").dropna(subset="base_rate"))


def _recent(rows: pd.DataFrame) -> pd.DataFrame:
    dated = rows.assign(at=pd.to_datetime(rows["at"])).sort_values("at", kind="stable")
    return dated[dated["at"] > dated["at"].max() - pd.Timedelta(days=SHOWN_DAYS)] if len(dated) else dated
