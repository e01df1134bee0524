"""One module per prediction task, named as the task. Each holds `checks(evidence)`, the suite of its feature table.

A new task's suite is short: `checks.standard(evidence)` plus its own ranges, label rate and freshness.
"""
