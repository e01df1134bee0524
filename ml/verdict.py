"""What a paired comparison of two models on matured labels says, in one value and one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ml.evaluate import Interval

Outcome = Literal["better", "worse", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """Ours against theirs: `difference` is ours minus theirs in `metric`, at the level that the looks leave.

    `better` means that ours may take the other's place, `worse` that ours has lost beyond noise. `rows` and `positives`
    are those that both scored and whose labels are mature (positives without weights). `look` counts from 1; 0 stands
    for a comparison outside the fixed looks, which decides nothing by running out.
    """

    outcome: Outcome
    reason: str
    difference: Interval | None = None
    rows: int = 0
    positives: int = 0
    look: int = 0
    metric: str = "pr_auc"
