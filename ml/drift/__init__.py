"""Drift: a day's rows and matured labels against what the champion learnt from, at a stated rate of false alarms.

`compare` tests features and predictions, `judge_matured` the matured labels, `source_faults` looks for what a source
has broken, `confirm` and `confirm_matured` look again at fresh entities, `estimate_performance` says what the
probabilities promise of themselves. How: docs in `compare.py`, `measure.py`, `days.py` and `limits.py`.
"""

from ml.drift.compare import compare
from ml.drift.confirm import confirm
from ml.drift.contrasts import contrast_columns
from ml.drift.estimate import estimate_performance
from ml.drift.faults import source_faults
from ml.drift.finding import (
    CONFIRMATION_RATE,
    DAILY_RATE,
    FEATURE_RATE,
    MATURED_RATE,
    OF_LABELS,
    Comparison,
    Confirmation,
    Finding,
    findings_frame,
    read_suspect,
)
from ml.drift.matured import Prepared, confirm_matured, judge_matured, prepare_promised
from ml.drift.reference import Reference, make_reference

__all__ = [
    "CONFIRMATION_RATE",
    "DAILY_RATE",
    "FEATURE_RATE",
    "MATURED_RATE",
    "OF_LABELS",
    "Comparison",
    "Confirmation",
    "Finding",
    "Prepared",
    "Reference",
    "compare",
    "confirm",
    "confirm_matured",
    "contrast_columns",
    "estimate_performance",
    "findings_frame",
    "judge_matured",
    "make_reference",
    "prepare_promised",
    "read_suspect",
    "source_faults",
]
