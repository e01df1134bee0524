"""What a comparison says: findings, one row each, and the verdict on the day."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields

import pandas as pd

# The chance of any alarm for a task on a day without drift, and how it's shared: what the features and predictions
# show, and what the matured labels show. The shares add up, so the whole holds however the two depend on each other.
DAILY_RATE = 0.01
FEATURE_RATE = 0.005
MATURED_RATE = 0.005
# The chance that a false suspicion is confirmed, over all its looks. One day in a hundred brings a false suspicion at
# most, 3.7 a year; a tenth of them confirmed is one false retraining in more than two years.
CONFIRMATION_RATE = 0.1

SOURCE, WORLD = "source", "world"
OF_LABELS = frozenset({"label rate", "performance"})  # the kinds that only matured labels can show
SHOWN = 30  # findings beyond the alarms that are kept, strongest first


@dataclass(frozen=True)
class Finding:
    """One statistic of a batch against the reference: the columns of `ml.drift` from `kind` on.

    `reference` and `observed` are in the unit that the sentence uses (shares, medians, metric values); `effect` is in
    standard deviations (Cohen's d, or h for a share; a ratio less 1 for rates and metrics), `effect_limit` the least
    that matters. `p_value` holds for all statistics of the comparison together.
    """

    kind: str
    subject: str
    value: str | None = None
    slice: str | None = None
    rows: int = 0
    entities: int = 0
    reference: float | None = None
    observed: float | None = None
    effect: float = 0.0
    effect_limit: float = 0.0
    p_value: float = 1.0
    alarm: bool = False
    cause: str | None = None
    sentence: str = ""


COLUMNS = tuple(f.name for f in fields(Finding))


@dataclass(frozen=True)
class Comparison:
    """A day's batch against a reference.

    `p_value` is the chance of something as strong in any statistic without drift. `suspects` name the alarmed
    statistics and their direction for `confirm`; empty where only a source is at fault.
    """

    findings: list[Finding] = field(default_factory=list)
    p_value: float = 1.0
    alarm: bool = False
    source_fault: Finding | None = None
    suspects: tuple[str, ...] = ()
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One row a finding, the columns of `ml.drift` from `kind` on."""
        return findings_frame(self.findings)


@dataclass(frozen=True)
class Confirmation:
    """Whether fresh entities show a suspicion again. `waiting`: too few of them to tell."""

    confirmed: bool
    p_value: float
    findings: list[Finding] = field(default_factory=list)
    waiting: bool = False
    entities: int = 0


def findings_frame(findings: list[Finding]) -> pd.DataFrame:
    """Findings as rows with the columns of `ml.drift` from `kind` on."""
    return pd.DataFrame([asdict(finding) for finding in findings], columns=list(COLUMNS))


def suspect_key(kind: str, subject: str, value: str | None, sign: float) -> str:
    """The name of a statistic with the direction it moved in, as `suspects` holds it."""
    return "\t".join((kind, subject, value or "", "+" if sign > 0 else "-"))


def read_suspect(key: str) -> tuple[str, str, str, float]:
    """Kind, subject, value ('' for none) and sign of a suspect."""
    kind, subject, value, sign = key.split("\t")
    return kind, subject, value, 1.0 if sign == "+" else -1.0
