"""What the page of a day says in words: the verdict, the state of the model, what comes next, and figures as read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from ml.drift.finding import OF_LABELS

Mood = Literal["quiet", "fault", "alarm", "moving"]

# State -> what it means, what happens next. The states are those of ml/lifecycle.py, by their values.
STATES: Mapping[str, tuple[str, str]] = {
    "quiet": (
        "nothing is under way",
        "Each day's rows go on being compared with what the model was trained on, and every week a new model "
        "challenges it.",
    ),
    "suspected": (
        "a change is suspected",
        "It is looked for again in {entity}s that weren't there yet. Only if they show it too is a new model trained; "
        "otherwise the suspicion is dropped.",
    ),
    "confirmed": ("the change is confirmed", "A new model is trained by the next job; nothing is to be done by hand."),
    "retraining": (
        "a new model is being trained",
        "It then scores in the shadow, beside the champion, where nobody acts on it.",
    ),
    "awaiting a window": (
        "a candidate scores in the shadow",
        "When enough of its scores have matured it is compared with the champion on the same {entity}s, and takes over "
        "only if it wins beyond noise.",
    ),
    "promoted": (
        "it has just taken over",
        "The former one goes on scoring in the shadow. If that turns out better, the promotion is undone by itself, "
        "once.",
    ),
    "refused": ("the candidate didn't win", "The champion stays. Drift leads to no new training for a while."),
    "cooling down": (
        "cooling down after a decision",
        "Drift is still shown, but leads to no new training until the cooling time is over.",
    ),
}
ACTIONS = {
    "retrain": "A new model is to be trained",
    "promote": "The candidate is to take over",
    "refuse": "The candidate is to be refused",
    "roll back": "The promotion is to be undone",
}
KINDS = {
    "level": "level of a number", "spread": "spread of a number", "missing": "share missing",
    "share": "share of a value", "new value": "new value", "vanished value": "value gone", "unit": "unit of a number",
    "words": "words in texts", "prediction": "predictions", "label rate": "how often it happens",
    "performance": "how good the scores are",
}  # fmt: skip
# Kinds whose figures are shares of rows.
SHARES = {"missing", "share", "new value", "vanished value", "words", "label rate"}


@dataclass(frozen=True)
class Verdict:
    """The head of the page. `sentence` is what the `title` rests on, `model` the state, `then` what comes next."""

    mood: Mood
    title: str
    sentence: str
    model: str
    then: str


def verdict(
    task: str, entity: str, findings: pd.DataFrame, step: Mapping[Any, Any] | None, broken: Sequence[str] = ()
) -> Verdict:
    """The day in four sentences.

    `findings`: the day's rows of ml.drift; `step`: the task's newest row of ml.lifecycle; `broken`: a sentence for each
    promise that the champion no longer keeps.
    """
    alarms = findings[findings["alarm"]]
    faults = alarms[(alarms["cause"] == "source") | (alarms["kind"] == "unit")]
    state = str(step["state"]) if step else "quiet"
    means, then = STATES.get(state, (state, ""))
    model, then = _model(step, means), then.format(entity=entity)
    if step and (action := text(step.get("action"))):
        then = f"{ACTIONS.get(action, action)}, by a job that starts by itself. {then}"
    if len(faults):
        return Verdict(
            "fault",
            "The source looks broken",
            f"{_said(faults)} This speaks for a fault in the data, not for a change in the world, so {task} wasn't "
            "scored: readers keep the scores of the last good day, marked stale.",
            model,
            "Mend the source and run again. If the change is meant (a new unit, a field given up), accept it; it is "
            "then treated as a change of the world. No model is trained on these rows.",
        )
    promise = "".join(f" {sentence}" for sentence in broken)
    if len(alarms):
        count = "One thing has" if len(alarms) == 1 else f"{len(alarms)} things have"
        return Verdict("alarm", f"{count} changed", _said(alarms) + promise, model, then)
    if findings.empty:
        said = "There were no rows to compare, or no model yet."
        return Verdict("moving", "Nothing was compared", said + promise, model, then if step else "")
    of_the_day = findings[~findings["kind"].isin(OF_LABELS)]
    looked = of_the_day if len(of_the_day) else findings
    rows, entities = looked["rows"].max(), looked["entities"].max()
    said = f"{number(rows)} rows of {number(entities)} {entity}s were compared with what the model was trained on."
    if broken:
        return Verdict(
            "alarm", "The rows are as before, the scores are worse than promised", said + promise, model, then
        )
    mood: Mood = "quiet" if state in {"quiet", "cooling down"} else "moving"
    return Verdict(mood, "No change that matters", said, model, then)


def _model(step: Mapping[Any, Any] | None, means: str) -> str:
    if not step:
        return "No day of its life has been judged yet."
    version = text(step.get("champion"))
    who = f"Version {version} is champion" if version else "There is no champion"
    candidate = text(step.get("candidate"))
    beside = f", version {candidate} its candidate" if candidate else ""
    reason = text(step.get("reason")).rstrip(".")
    return f"{who}{beside}: {means}" + (f" ({reason})." if reason else ".")


def _said(alarms: pd.DataFrame) -> str:
    """The two strongest alarms in their own sentences."""
    shown = alarms.head(2)
    told = " ".join(sentence(row) for row in shown.to_dict("records"))
    more = len(alarms) - len(shown)
    return told + (f" And {more} more, below." if more > 0 else "")


def sentence(row: Mapping[Any, Any]) -> str:
    """A finding in its own sentence, with a capital unless a column's name begins it."""
    said = text(row.get("sentence")).rstrip(".")
    if not said:
        return f"{text(row.get('subject'))}: {change(row)}."
    named = "_" in said.split()[0] or said.split()[0] == text(row.get("subject"))
    return f"{said if named else said[0].upper() + said[1:]}."


def times_limit(row: Mapping[Any, Any]) -> float | None:
    """An effect in units of the size that matters."""
    effect: Any = row.get("effect")
    limit: Any = row.get("effect_limit")
    return None if missing(effect) or missing(limit) or not limit else abs(float(effect)) / float(limit)


def change(row: Mapping[Any, Any]) -> str:
    """`then → now` of a finding, as shares where they are shares."""
    as_read = share if row.get("kind") in SHARES else number
    return f"{as_read(row.get('reference'))} → {as_read(row.get('observed'))}"


def chance(p: Any) -> str:
    """A p-value as it is read."""
    if missing(p):
        return "–"
    return "under 1 in 1,000,000" if p < 1e-6 else f"{float(p):.2g}"


def number(value: Any) -> str:
    """A figure with three digits that count; a count whole."""
    if missing(value):
        return "–"
    figure = float(value)
    return f"{figure:,.0f}" if abs(figure) >= 1_000 or figure == int(figure) else f"{figure:,.3g}"


def share(value: Any) -> str:
    """A share as per cent."""
    return "–" if missing(value) else f"{100 * float(value):.3g} %"


def missing(value: Any) -> bool:
    """None, NaN, NaT and NA alike."""
    return value is None or bool(pd.isna(value))


def text(value: Any) -> str:
    """A text of a frame; empty where there is none."""
    return "" if missing(value) else str(value).strip()
