"""The page of a task and a day: has anything changed, is the model still as good as promised, what happens next.

For a data engineer who has a minute. One file, nothing to load: style and pictures are inside. What belongs here: the
page's order. Its words, bricks and pictures stand beside it (`page_*.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ml.drift import page_words as words
from ml.drift.page_charts import data_uri, histogram
from ml.drift.page_html import STYLE, bar, picture, table
from ml.drift.page_performance import broken_promises, performance_section
from ml.drift.page_words import KINDS, missing, number, share, text

ESTIMATED = "estimated performance"
SHOWN_ALARMS, SHOWN_REST, SHOWN_EVENTS = 20, 12, 10
SHOWN_OF_ONE = 3  # of the rest, so that the words of a text leave room for others


def write_page(
    task_name: str,
    clock: datetime,
    folder: Path,
    *,
    entity: str = "ticket",
    drift: pd.DataFrame,
    performance: pd.DataFrame,
    lifecycle: pd.DataFrame,
    events: pd.DataFrame,
    predictions: tuple[np.ndarray, np.ndarray] | None = None,
    pictures: Mapping[str, Path] | None = None,
    links: Mapping[str, str] | None = None,
) -> Path:
    """Write `<folder>/<task>/<day>.html` and give its path; a second run of the day replaces it.

    `drift`, `performance`, `lifecycle`, `events`: shaped as ml.drift, ml.model_performance, ml.lifecycle and
    ml.model_events; rows of other tasks and after `clock` are left out, so that whole tables may be given.
    `predictions`: probabilities of the reference's rows and of the day's. `pictures`: title -> PNG file.
    `links`: words -> address. `entity`: what the task predicts for, in the singular.
    """
    drift, performance = _known(drift, task_name, clock), _known(performance, task_name, clock)
    lifecycle, events = _known(lifecycle, task_name, clock), _known(events, task_name, clock)
    findings = _of_the_day(drift, clock)
    compared = findings[findings["kind"] != ESTIMATED]
    alarms = compared[compared["alarm"]]
    step = lifecycle.sort_values("number").iloc[-1].to_dict() if len(lifecycle) else None
    champion = text(step["champion"]) if step else ""
    broken = broken_promises(performance, champion)
    parts = [
        _head(task_name, clock, words.verdict(task_name, entity, compared, step, broken)),
        f"<h2>What has changed</h2>{_alarms(alarms)}" if len(alarms) else "",
        _rest(
            compared[~compared["alarm"]], "The strongest of the rest" if len(alarms) else "The strongest differences"
        ),
        _predictions(predictions, pictures or {}),
        f"<h2>Is the model as good as promised?</h2>{performance_section(performance, entity, champion)}",
        _estimates(findings[findings["kind"] == ESTIMATED]),
        f"<h2>The model's life</h2>{_life(lifecycle, events)}",
        _links(links or {}),
    ]
    path = folder / task_name / f"{clock:%Y-%m-%d}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_document(f"{task_name}, {clock:%Y-%m-%d}", "\n".join(parts)), encoding="utf-8")
    return path


def _known(frame: pd.DataFrame, task: str, clock: datetime) -> pd.DataFrame:
    return frame[(frame["task"] == task) & (pd.to_datetime(frame["clock"]) <= pd.Timestamp(clock))]


def _of_the_day(drift: pd.DataFrame, clock: datetime) -> pd.DataFrame:
    """The comparison at the clock, strongest first; of a run done again at the same clock, the later rows."""
    rows = drift[pd.to_datetime(drift["clock"]) == pd.Timestamp(clock)]
    rows = rows.drop_duplicates(["kind", "subject", "value", "slice"], keep="last")
    times = [words.times_limit(row) or 0.0 for row in rows.to_dict("records")]
    rows = rows.assign(alarm=rows["alarm"].fillna(False).astype(bool), _times=times)
    return rows.sort_values("_times", ascending=False, kind="stable")


def _document(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n{body}\n</html>\n"
    )


def _head(task: str, clock: datetime, said: words.Verdict) -> str:
    lines = (("Seen", said.sentence), ("Model", said.model), ("Next", said.then))
    told = "".join(f"<p><b>{name}</b>{escape(line)}</p>" for name, line in lines if line)
    return (
        f'<h1>{escape(task)} <span class="day">on {clock:%A, %d %B %Y}, as of {clock:%H:%M} UTC</span></h1>'
        f'<div class="verdict {said.mood}"><h2>{escape(said.title)}</h2>{told}</div>'
    )


def _alarms(alarms: pd.DataFrame) -> str:
    rows = [
        [
            f"{escape(words.sentence(row))}<br><span class=note>{_place(row)}</span>",
            escape(words.change(row)),
            f"{bar(words.times_limit(row), alarm=True)}<span class=note>{_times(row)}</span>",
            escape(words.chance(row["p_value"])),
            {"source": "the source", "world": "the world"}.get(text(row["cause"]), "–"),
        ]
        for row in alarms.head(SHOWN_ALARMS).to_dict("records")
    ]
    more = len(alarms) - SHOWN_ALARMS
    rest = f"<p class=rest>And {more} more in published.drift.</p>" if more > 0 else ""
    heads = ["what", "then → now", "effect", "chance without drift", "what changed"]
    note = (
        '<p class="note">An alarm needs both: more than chance (on a day without drift the chance of any alarm is at '
        "most 1 % for the whole task) and an effect beyond the mark in the bar, weighted by what the feature is worth "
        "to the model.</p>"
    )
    return table(heads, rows, ["", "fixed", "", "number", "fixed"]) + rest + note


def _place(row: Mapping[Any, Any]) -> str:
    """The feature, what was compared, and where the change is concentrated."""
    kind, where = text(row["kind"]), text(row["slice"])
    parts = [KINDS.get(kind, kind), _subject(row), f"mostly where {where.replace('=', ' is ')}" if where else ""]
    return escape(" · ".join(part for part in parts if part))


def _subject(row: Mapping[Any, Any]) -> str:
    return "predicted probability" if text(row["subject"]) == "p" else text(row["subject"])


def _times(row: Mapping[Any, Any]) -> str:
    times = words.times_limit(row)
    return "" if times is None else f"{times:.1f} × what matters"


def _rest(rest: pd.DataFrame, heading: str) -> str:
    if rest.empty:
        return ""
    rows = [
        [
            f"{escape(_subject(row))} <span class=rest>{escape(text(row['value']))}</span>",
            escape(KINDS.get(text(row["kind"]), text(row["kind"]))),
            escape(words.change(row)),
            bar(words.times_limit(row), alarm=False),
            escape(words.chance(row["p_value"])),
        ]
        for row in rest.groupby(["kind", "subject"], sort=False).head(SHOWN_OF_ONE).head(SHOWN_REST).to_dict("records")
    ]
    heads = ["feature", "compared", "then → now", "effect (mark: what matters)", "chance without drift"]
    shown = table(heads, rows, ["", "", "fixed", "", "number"])
    note = "None of these is an alarm: on so many rows, effects of this size come by chance, or they don't matter."
    return f"<h2>{heading}</h2><p class=rest>{note}</p>{shown}"


def _predictions(given: tuple[np.ndarray, np.ndarray] | None, pictures: Mapping[str, Path]) -> str:
    """The histogram beside the figures it is read for, then the pictures that were given."""
    parts = []
    if given is not None:
        then, now = (np.asarray(p, dtype=float) for p in given)
        then, now = then[~np.isnan(then)], now[~np.isnan(now)]
        if len(then) and len(now):
            rows = [
                ["rows", number(len(then)), number(len(now))],
                ["mean", share(then.mean()), share(now.mean())],
                *(
                    [f"{100 * q:.0f} % of the rows are below", share(np.quantile(then, q)), share(np.quantile(now, q))]
                    for q in (0.5, 0.9, 0.99)
                ),
            ]
            figures = table(["predicted probability", "in training", "now"], rows, ["", "number", "number"])
            parts += [picture(histogram(then, now), "histogram of predictions, then and now"), f"<div>{figures}</div>"]
    parts += [picture(data_uri(file.read_bytes()), title) for title, file in pictures.items()]
    return f'<h2>Predictions</h2><div class="pictures">{"".join(parts)}</div>' if parts else ""


def _estimates(estimates: pd.DataFrame) -> str:
    if estimates.empty:
        return ""
    figures = "; ".join(
        f"{escape(text(row['subject']))} {number(row['observed'])} ({number(row['reference'])} in training)"
        for row in estimates.to_dict("records")
    )
    return (
        f'<div class="caution"><p><b>Estimated without labels: {figures}.</b></p><p>It can\'t see a change of concept: '
        "it believes the model's own probabilities, so it stays calm when the same cases begin to turn out otherwise. "
        "It is never an alarm.</p></div>"
    )


def _life(lifecycle: pd.DataFrame, events: pd.DataFrame) -> str:
    """Events and changes of state as one list, newest first. A state that only repeats an event is left out."""
    happened = events.sort_values("clock", kind="stable").to_dict("records")
    told = [(row["clock"], 1, n, text(row["event"]), _of_event(row)) for n, row in enumerate(happened)]
    said = {(row["clock"], text(row["reason"])) for row in happened}
    steps, told_by = lifecycle.sort_values("number"), ["state", "reason"]
    told += [
        (row["clock"], 0, row["number"], text(row["state"]), text(row["reason"]))
        for row in steps[(steps[told_by] != steps[told_by].shift()).any(axis=1)].to_dict("records")
        if (row["clock"], text(row["reason"])) not in said
    ]
    if not told:
        return "<p class=rest>Nothing has happened to it yet.</p>"
    rows = [
        [f"{at:%Y-%m-%d}", f"<b>{escape(what)}</b>" if is_event else escape(what), escape(why)]
        for at, is_event, _, what, why in sorted(told, key=lambda line: line[:3], reverse=True)[:SHOWN_EVENTS]
    ]
    return table(["day", "event, or new state", "why"], rows, ["fixed", "fixed", ""])


def _of_event(row: Mapping[Any, Any]) -> str:
    version, former = text(row["model_version"]), text(row["former_version"])
    named = text(row["reason"]).startswith(f"version {version} ")
    who = f"version {version}" + (f" after {former}" if former else "") if version and not named else ""
    gain = ""
    if not missing(row["difference"]) and text(row["metric"]) not in text(row["reason"]):
        low_high = "" if missing(row["low"]) else f" [{row['low']:+.3f}, {row['high']:+.3f}]"
        gain = f"{text(row['metric'])} {row['difference']:+.3f}{low_high} on {number(row['rows'])} rows"
    return "; ".join(part for part in (who, text(row["reason"]), gain) if part)


def _links(links: Mapping[str, str]) -> str:
    shown = [
        f'<a href="{escape(address, quote=True)}">{escape(name)}</a>'
        for name, address in links.items()
        if address.startswith(("http://", "https://", "file://", "./", "../"))
    ]
    tables = "published.drift, published.model_performance, published.model_lifecycle, published.model_events"
    return f"<h2>More</h2><p>{' · '.join([*shown, f'<span class=rest>tables: {tables}</span>'])}</p>"
