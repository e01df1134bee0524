"""What a suite looks at: the newest rows of a feature table, and small frames measured over the rest of it.

Great Expectations reads pandas frames, and a table of a million rows and a hundred columns is slow and heavy there.
So the database measures (counts, nulls, extremes, categories per day) and the expectations judge what it measured.
The caller gives `query`, a function from SQL to a frame on its own connection: nothing here opens the warehouse.

A *day* is 24 hours up to the clock, numbered backwards: day 0 ends at the clock. So every day holds one review
morning whatever the hour of the run, and a run in the middle of a calendar day isn't compared with whole ones.

Not here: judging (`checks.py`, `runner.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from expectations import measures

Query = Callable[[str], pd.DataFrame]

PAST_DAYS = 28
"""Four whole weeks: each weekday is there four times."""

MINIMUM_PAST_DAYS = 7
"""With less than one whole week, a quiet Sunday would look like a fault."""

LEAST_SHARE, MOST_SHARE = 0.2, 5.0
"""Rows of a day against the median of its like. Holidays halve a day and launches double one; neither does more."""

CATEGORY_ENTITIES = 10
"""A category is missed only if so many entities had it on every recent day. In two months of a real incident log no
category that merely rested for a day had more than 6 (2026-11)."""


@dataclass(frozen=True)
class FeatureSet:
    """The feature table of one task, as the dbt manifest and the model registry describe it.

    `columns` maps each declared column to its declared type (None where the yml gives no type), `roles` maps columns
    to key, categorical, numeric or text. `signature` maps the champion's input columns to MLflow type names; None
    where there is no champion. `shown` lists categorical columns whose values name no person and may be shown.
    """

    task: str
    feature_table: str
    label_table: str | None
    entity_key: str
    columns: Mapping[str, str | None]
    roles: Mapping[str, str] = field(default_factory=dict)
    signature: Mapping[str, str] | None = None

    def with_role(self, role: str) -> list[str]:
        """The columns of one role, in the order of the contract."""
        return [name for name in self.columns if self.roles.get(name) == role]


@dataclass(frozen=True)
class Evidence:
    """Frames by name, measured at `clock`; `past_days` is how many of the days before the newest hold rows."""

    features: FeatureSet
    clock: datetime
    frames: Mapping[str, pd.DataFrame]
    past_days: int


def gather(query: Query, features: FeatureSet, clock: datetime) -> Evidence:
    """Measure a feature table as of `clock`. One pass over its newest days, one over all of it.

    Frames: `rows` (newest day with all moments, without text columns), `table` (one row: rows, keys, newest as_of),
    `extremes` (two rows: smallest and largest of each numeric column), `schema` and `signature` (a row per column),
    `days` and `newest` (a row per day; the newest alone, with bounds), `columns` (null shares against their bounds),
    `categories` (a row per usual category), `labels` (mature rows of the last 28 days and their rate).
    """
    actual = _actual_types(query, features.feature_table)
    known = [column for column in features.columns if column in actual]
    table = measures.Table(features.feature_table, features.entity_key, clock, has_kind="moment_kind" in actual)
    daily = query(table.daily(known, PAST_DAYS))
    categories = [column for column in features.with_role("categorical") if column in actual]
    texts = [column for column in features.with_role("text") if column in actual]
    numeric = [column for column in known if _kind(actual[column]) == "number"]
    frames = {
        "rows": query(table.newest_rows(without=texts)),
        "table": query(table.whole()),
        "extremes": query(table.extremes(numeric)) if numeric else pd.DataFrame(index=[0, 1]),
        "schema": _schema(features.columns, actual),
        "signature": _signature(features.signature or {}, actual),
        "days": _days(daily),
        "newest": _newest(daily),
        "columns": _columns(daily, known),
        "categories": query(table.categories(categories, PAST_DAYS, CATEGORY_ENTITIES))
        if categories
        else _no_categories(),
        "labels": query(table.labels(features.label_table, PAST_DAYS)) if features.label_table else _no_labels(),
    }
    past_days = int(((daily["day"] > 0) & (daily["rows"] > 0)).sum())
    return Evidence(features=features, clock=clock, frames=frames, past_days=past_days)


def _actual_types(query: Query, table: str) -> dict[str, str]:
    described = query(f"describe {table}")
    return dict(zip(described["column_name"], described["column_type"].str.lower(), strict=True))


def _schema(declared: Mapping[str, str | None], actual: Mapping[str, str]) -> pd.DataFrame:
    names = [*declared, *(name for name in actual if name not in declared)]
    rows = []
    for name in names:
        found = actual.get(name, "missing")
        wanted = declared.get(name, "not declared")
        # A column declared without a type promises only that it is there.
        rows.append((name, _spelt(wanted) if wanted else _spelt(found), _spelt(found)))
    frame = pd.DataFrame(rows, columns=["name", "declared", "actual"])
    untyped = frame["name"].map(lambda name: declared.get(name, "") is None and name not in actual)
    frame.loc[untyped, "declared"] = "any type"
    return frame


def _signature(signature: Mapping[str, str], actual: Mapping[str, str]) -> pd.DataFrame:
    rows = [(name, _kind(kind), _kind(actual.get(name, "missing"))) for name, kind in signature.items()]
    return pd.DataFrame(rows, columns=["name", "trained_on", "given"])


def _days(daily: pd.DataFrame) -> pd.DataFrame:
    """The last week, as far back as there ever were rows: an empty day among them is a row with 0."""
    oldest = daily.loc[daily["rows"] > 0, "day"].max() if (daily["rows"] > 0).any() else 0
    week = daily[daily["day"] <= min(6, oldest)].copy()
    same_weekday_was_empty = week["day"].map(
        lambda day: (daily.loc[(daily["day"] % 7 == day % 7) & (daily["day"] > day), "rows"] == 0).any()
    )
    # A day that is empty every week (a closed Sunday) is no fault.
    week = week[~(same_weekday_was_empty & (week["day"] + 7 <= oldest))]
    week["name"] = "the day up to " + week["ends_at"].dt.strftime("%Y-%m-%d %H:%M")
    return week[["name", "rows"]].reset_index(drop=True)


def _newest(daily: pd.DataFrame) -> pd.DataFrame:
    newest = daily[daily["day"] == 0]
    past = daily[(daily["day"] > 0) & (daily["rows"] > 0)]
    like = past[past["day"] % 7 == 0]
    usual = float((like if len(like) >= 3 else past)["rows"].median()) if len(past) else 0.0
    return pd.DataFrame(
        {
            "name": "the day up to " + newest["ends_at"].dt.strftime("%Y-%m-%d %H:%M"),
            "rows": newest["rows"].astype(float),
            "usual_rows": usual,
            "least_rows": LEAST_SHARE * usual,
            # A handful of rows says nothing about fan-out.
            "most_rows": max(MOST_SHARE * usual, 100.0),
        }
    ).reset_index(drop=True)


def _columns(daily: pd.DataFrame, known: list[str]) -> pd.DataFrame:
    """Null share of each column on the newest day, with the largest that the past makes plausible."""
    newest, past = daily[daily["day"] == 0], daily[(daily["day"] > 0) & (daily["rows"] > 0)]
    rows = float(newest["rows"].sum())
    if rows == 0 or past.empty:
        return pd.DataFrame(columns=["name", "null_share", "null_share_usual", "null_share_broken"], dtype=float)
    shares = 1.0 - past[known].div(past["rows"], axis=0)
    now = 1.0 - newest[known].sum() / rows
    worst = shares.max()
    # Three standard errors of a share seen on this many rows, and five points for what slowly changes.
    slack = 0.05 + 3.0 * np.sqrt(worst.clip(0.01, 0.99) * (1 - worst.clip(0.01, 0.99)) / rows)
    return pd.DataFrame(
        {
            "name": known,
            "null_share": now.to_numpy(dtype=float),
            "null_share_usual": np.minimum(worst + slack, 1.0).to_numpy(dtype=float),
            "null_share_broken": np.minimum(worst + np.maximum(slack, 0.5 * (1 - worst)), 1.0).to_numpy(dtype=float),
        }
    )


def _no_categories() -> pd.DataFrame:
    return pd.DataFrame({"column_name": [], "name": [], "rows_newest": pd.Series([], dtype=float)})


def _no_labels() -> pd.DataFrame:
    return pd.DataFrame({"rows": [0], "positives": [0], "rate": [0.0]})


_SPELLINGS = {
    "text": "varchar",
    "string": "varchar",
    "int": "integer",
    "int64": "bigint",
    "float8": "double",
    "bool": "boolean",
    "timestamp without time zone": "timestamp",
    "datetime": "timestamp",
    "int4": "integer",
    "int8": "bigint",
    "long": "bigint",
}


def _spelt(name: str) -> str:
    return _SPELLINGS.get(name.lower(), name.lower())


def _kind(type_name: str) -> str:
    """The coarse kind in which a warehouse type and an MLflow type can be compared."""
    name = type_name.lower()
    if name in {"missing", "not declared"}:
        return name
    if any(part in name for part in ("int", "double", "float", "decimal", "long", "numeric", "bool")):
        return "number"
    if any(part in name for part in ("date", "time")):
        return "time"
    return "text"
