"""What a prediction task is: its entity, horizon, tables, capacity, rules to beat and reasons.

A new prediction is one module in `ml/tasks/` that defines `TASK`; everything else here works from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Kind = Literal["binary", "multiclass", "quantile"]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Compared:
    """Words that set a value against another. They speak for a raised risk where `above`, else for a lowered one."""

    words: str
    above: bool


Said = str | Compared | None
Sentence = Callable[[Values, Values], Said]

AS_OF = "as_of"
MOMENT = "moment_kind"
LABEL = "label"
MATURES_AT = "matures_at"
# After a text column's name: the words of the text that moved the row's score, for the sentence of its reason group.
WORDS = "_words"


class LearningError(ValueError):
    """Training or scoring can't go on; the message is one line and names the task, column or count at fault."""


@dataclass(frozen=True)
class SimpleRule:
    """A rule that a person could follow with no model. `score(frame)` gives one number a row, higher is riskier."""

    name: str
    description: str
    score: Callable[[pd.DataFrame], np.ndarray]


@dataclass(frozen=True)
class ReasonGroup:
    """Feature columns that say one thing to a person.

    `columns` are names, in which `*` stands for any letters; the first group that matches a column owns it.
    `sentence(row, usual)` gives the plain words, or None where the values don't carry a sentence.
    `usual` holds, per numeric column, the median among comparable open entities in training.
    """

    name: str
    columns: tuple[str, ...]
    sentence: Sentence

    def owns(self, column: str) -> bool:
        """True where `column` matches one of this group's names."""
        return any(fnmatchcase(column, pattern) for pattern in self.columns)


@dataclass(frozen=True)
class Gate:
    """When a first champion may stand: enough labels to say anything, and better than the best simple rule."""

    metric: str = "pr_auc"
    least_positives: int = 30


@dataclass(frozen=True)
class PredictionTask:
    """One prediction. Grain of its frames: (entity_key, as_of).

    `capacity` is the share of open entities that the team can look at a day. `usual_by` is the column that says what
    "usual here" compares with. Columns of text type that aren't in `text` are learnt as categories.

    For drift, by names in which `*` stands for any letters: `growing` columns get larger by themselves as time passes
    and are compared with their trend, `calendar` columns tell the moment and aren't compared. `shared` columns have one
    value for all entities with the same value of another column, such as the load of a queue: the key is that column.
    `slices` are the columns in whose values a change is looked for, widest first.
    """

    name: str
    entity: str
    entity_key: str
    feature_table: str
    label_table: str
    horizon: timedelta
    description: str = ""
    kind: Kind = "binary"
    capacity: float = 0.118
    headline_moment: str = "morning"
    text: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    event_at: str = "event_at"
    event_known_at: str = "event_visible_from"
    usual_by: str | None = None
    growing: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    rules: tuple[SimpleRule, ...] = ()
    reasons: tuple[ReasonGroup, ...] = ()
    gate: Gate = field(default_factory=Gate)

    @property
    def keys(self) -> list[str]:
        """The columns that identify a row."""
        return [self.entity_key, AS_OF]

    @property
    def not_features(self) -> frozenset[str]:
        """Columns of the training frame that a model must never see."""
        label_columns = {LABEL, MATURES_AT, self.event_at, self.event_known_at}
        return frozenset({self.entity_key, AS_OF, MOMENT, *label_columns, *self.excluded})

    def feature_columns(self, frame: pd.DataFrame) -> list[str]:
        """The columns of `frame` that a model may learn from, in the frame's order."""
        return [column for column in frame.columns if column not in self.not_features]

    def is_growing(self, column: str) -> bool:
        """True where `column` gets larger by itself as time passes."""
        return any(fnmatchcase(column, pattern) for pattern in self.growing)

    def is_calendar(self, column: str) -> bool:
        """True where `column` tells the moment and nothing of the entity."""
        return any(fnmatchcase(column, pattern) for pattern in self.calendar)

    def shared_by(self, column: str) -> str | None:
        """The column whose values share one value of `column`; None where each entity has its own."""
        of = ((owner, name) for owner, names in self.shared.items() for name in names)
        return next((owner for owner, name in of if fnmatchcase(column, name)), None)

    def headline(self, frame: pd.DataFrame) -> np.ndarray:
        """True for the rows that the headline metrics are on (the review mornings)."""
        return (frame[MOMENT] == self.headline_moment).to_numpy(bool)

    def reason_of(self, column: str) -> ReasonGroup | None:
        """The reason group that owns a feature column, or None where it has no words."""
        return next((group for group in self.reasons if group.owns(column)), None)
