"""Great Expectations suites for feature tables, and the one adapter that runs them.

    evidence = gather(query, FeatureSet(task="escalation", …), clock)
    result = validate("escalation", evidence, folder=…)
    if not result.success: …   # result.reason says why in one line

Importing this package is cheap: Great Expectations itself is imported inside `validate`.
"""

from expectations.evidence import Evidence, FeatureSet, gather
from expectations.results import ExpectationResult, SuiteResult
from expectations.runner import validate
from expectations.suite import Suite, SuiteMissing, suite_for

__all__ = [
    "Evidence",
    "ExpectationResult",
    "FeatureSet",
    "Suite",
    "SuiteMissing",
    "SuiteResult",
    "gather",
    "suite_for",
    "validate",
]
