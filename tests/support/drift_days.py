"""Days as the tables of `ml` hold them: a quiet one, a product launch, a source fault, the day after a promotion."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

CLOCK = datetime(2026, 6, 18, 8)
TASK = "escalation"
DRIFT = [
    "task", "run_id", "clock", "day", "model_version", "kind", "subject", "value", "slice", "rows", "entities",
    "reference", "observed", "effect", "effect_limit", "p_value", "alarm", "cause", "sentence",
]  # fmt: skip
EVENT = [
    "task", "run_id", "clock", "event", "model_version", "former_version", "reason", "metric", "difference", "low",
    "high", "rows", "positives",
]  # fmt: skip
STEP = [
    "task", "number", "run_id", "clock", "state", "champion", "candidate", "former", "action", "reason", "memory",
]  # fmt: skip


def finding(
    kind: str, subject: str, then: float | None, now: float | None, times: float, p: float, **more: Any
) -> dict:
    """A row of ml.drift whose effect is `times` the size that matters."""
    given = {"value": None, "slice": None, "alarm": False, "cause": None, "sentence": f"{subject}: {then} to {now}"}
    fixed = {"task": TASK, "run_id": "run-1", "clock": CLOCK, "day": CLOCK.date(), "model_version": "3"}
    figures = {"reference": then, "observed": now, "effect": times * 0.02, "effect_limit": 0.02, "p_value": p}
    return fixed | {"kind": kind, "subject": subject, "rows": 4_812, "entities": 1_730} | figures | given | more


def calm() -> list[dict]:
    """What is left on any day."""
    return [
        finding("level", "hours_since_last_reply", 17.2, 18.9, 0.62, 0.03),
        finding("share", "category", 0.101, 0.113, 0.41, 0.08, value="invoice"),
        finding("words", "message_text", 0.034, 0.041, 0.33, 0.11, value="refund"),
        finding("missing", "customer_segment", 0.021, 0.024, 0.12, 0.4),
        finding("spread", "queue_backlog", 41.0, 38.4, 0.09, 0.55),
        finding("prediction", "p", 0.081, 0.083, 0.07, 0.6),
        finding("level", "tickets_of_customer_90_days", 1.73, 1.75, 0.03, 0.71),
    ]


def estimates() -> list[dict]:
    return [finding("estimated performance", "pr_auc", 0.412, 0.405, 0.0, float("nan"), sentence="")]


def launch() -> list[dict]:
    return [
        finding("new value", "category", 0.0, 0.087, 4.3, 1e-31, value="solar battery", slice="queue=technical",
                alarm=True, cause="world",
                sentence="category is “solar battery” in 8.7 % of the rows; the model has never seen it"),
        finding("words", "message_text", 0.002, 0.061, 2.4, 3e-19, value="inverter", slice="queue=technical",
                alarm=True, cause="world",
                sentence="the word “inverter” stands in 6.1 % of the texts, 30 times as often"),
        finding("prediction", "p", 0.081, 0.112, 1.4, 2e-9, alarm=True, cause="world",
                sentence="the mean predicted probability is 11.2 %, it was 8.1 %"),
        *(row for row in calm() if row["kind"] != "prediction"),
    ]  # fmt: skip


def fault() -> list[dict]:
    return [
        finding("unit", "hours_since_last_reply", 17.2, 1_032.0, 9.0, 1e-200, alarm=True, cause="source",
                sentence="hours_since_last_reply is 60 times as large as it was: minutes where hours were"),
        *calm()[1:],
    ]  # fmt: skip


def drift(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=DRIFT)


def performance(level: float = 0.41, version: str = "3", days: int = 45, seed: int = 3) -> pd.DataFrame:
    """Daily figures and trailing windows up to eight days before the clock, with the promise beside them."""
    luck = np.random.default_rng(seed)
    rows = []
    wave = np.cumsum(luck.normal(0, 0.006, days))
    for n in range(days):
        clock = CLOCK - timedelta(days=days - 1 - n)
        base = {"task": TASK, "run_id": "run-1", "clock": clock, "model_version": version}
        day = {**base, "day": (clock - timedelta(days=8)).date(), "rows": 640, "positives": 52}
        rate = 0.08 + luck.normal(0, 0.008)
        rows += [{**day, "metric": "base_rate", "value": rate}, {**day, "metric": "mean_p", "value": 0.081}]
        rows += [{**day, "metric": "pr_auc", "value": level + luck.normal(0, 0.07)}]
        window = {**base, "day": None, "rows": 17_900, "positives": 1_440}
        for metric, value, promised, half in (
            ("pr_auc", level + wave[n], 0.42, 0.03), ("recall_at_capacity", 0.55 + wave[n], 0.56, 0.03),
            ("precision_at_capacity", 0.37, 0.38, 0.03), ("calibration_error", 0.011, 0.009, 0.004),
        ):  # fmt: skip
            measured = {"value": value, "low": value - half, "high": value + half}
            given = {"value": promised, "low": promised - half, "high": promised + half}
            rows += [{**window, "metric": metric, **measured}, {**window, "metric": f"promised.{metric}", **given}]
    columns = ["task", "run_id", "clock", "day", "model_version", "metric", "value", "low", "high", "rows", "positives"]
    return pd.DataFrame(rows, columns=columns)


def step(number: int, days_ago: int, state: str, reason: str, **more: Any) -> dict:
    given = {"champion": "3", "candidate": None, "former": "2", "action": None, "memory": "{}"}
    clock = CLOCK - timedelta(days=days_ago)
    return (
        {"task": TASK, "number": number, "run_id": "r", "clock": clock, "state": state, "reason": reason} | given | more
    )


def steps(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=STEP)


def events(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=EVENT)


def event(days_ago: int, what: str, version: str, former: str | None, reason: str, gain: float | None = None) -> dict:
    interval = {"low": None, "high": None} if gain is None else {"low": gain - 0.02, "high": gain + 0.02}
    decided = {"metric": None if gain is None else "pr_auc", "difference": gain, "rows": 6_100, "positives": 480}
    fixed = {"task": TASK, "run_id": "r", "clock": CLOCK - timedelta(days=days_ago), "event": what, "reason": reason}
    return fixed | {"model_version": version, "former_version": former} | decided | interval


QUIET = step(40, 60, "quiet", "the first champion")
FIRST = event(60, "promoted", "3", None, "first champion: PR-AUC minus that of the rule 'age': 0.092 [0.071, 0.113]")


def all_days() -> dict[str, dict[str, Any]]:
    """Name -> what `write_page` is given for that day."""
    luck = np.random.default_rng(5)
    then, now = luck.beta(1.1, 12, 18_000), luck.beta(1.1, 12, 4_812)
    base = {
        "performance": performance(),
        "lifecycle": steps(QUIET),
        "events": events(FIRST),
        "predictions": (then, now),
    }
    suspected = step(
        41, 0, "suspected", "3 things have changed, the largest in category; looked for again in new tickets"
    )
    promoted = [
        QUIET, step(41, 39, "suspected", "category has a new value"),
        step(42, 37, "confirmed", "seen again in 420 new tickets (p = 0.0004)"),
        step(43, 37, "retraining", "a new model was asked for"),
        step(44, 36, "awaiting a window", "version 4 scores in the shadow", candidate="4"),
        step(45, 0, "promoted", "version 4 won on 6,100 rows that neither had seen", champion="4", former="3"),
    ]  # fmt: skip
    won = event(0, "promoted", "4", "3", "won at look 2 of 4 on a window that neither had seen", 0.041)
    trained = event(36, "trained", "4", None, "window: recent, half the history, won on the newest fold")
    return {
        "quiet": {**base, "drift": drift([*calm(), *estimates()])},
        "launch": {
            **base,
            "drift": drift([*launch(), *estimates()]),
            "lifecycle": steps(QUIET, suspected),
            "predictions": (then, luck.beta(1.5, 11, 4_812)),
        },
        "fault": {**base, "drift": drift(fault()), "predictions": None},
        "promoted": {
            **base,
            "drift": drift([*calm(), *estimates()]),
            "performance": performance(level=0.33),
            "lifecycle": steps(*promoted),
            "events": events(FIRST, trained, won),
        },
        "worn": {**base, "drift": drift(calm()), "performance": performance(level=0.33)},
        "nothing": {
            "drift": drift([]), "performance": performance(days=0), "lifecycle": steps(), "events": events()
        },
    }  # fmt: skip
