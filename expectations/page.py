"""The page a person opens after a run: what was expected of a feature set, what was found, why it matters.

Great Expectations' own data docs were left out: they cost more than the checks (a site of files per run), show raw
values, and say nothing of the reasons.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd

from expectations.evidence import Evidence
from expectations.results import ExpectationResult, SuiteResult

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1d2733}
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;padding:.35rem .6rem;vertical-align:top}
th{border-bottom:2px solid #1d2733}td{border-bottom:1px solid #d8dee5}td.number{text-align:right}
.fail{color:#a4161a;font-weight:600}.warn{color:#9a5b00;font-weight:600}.ok{color:#20603d}.rest{color:#5b6875}
"""


def write(result: SuiteResult, evidence: Evidence, folder: Path) -> Path:
    """Write `<folder>/<task>.html` and give its path. Values are masked already in the results."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.task}.html"
    path.write_text(_page(result, evidence), encoding="utf-8")
    return path


def _page(result: SuiteResult, evidence: Evidence) -> str:
    passed = sum(r.success for r in result.results)
    verdict = "<span class=ok>passed</span>" if result.success else "<span class=fail>failed, the task stops</span>"
    table = evidence.frames["table"].iloc[0]
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Checks: {escape(result.task)}</title>
<style>{_STYLE}</style>
<h1>Checks of {escape(evidence.features.feature_table)}</h1>
<p>As of {result.clock:%Y-%m-%d %H:%M} UTC: {verdict}; {passed} of {len(result.results)} expectations met.
The table holds {int(table["rows"]):,} rows; its newest is {float(table["hours_behind_clock"]):,.1f} hours old.</p>
{_expectations(result.results)}
<h2>Rows per day (24 hours up to the clock)</h2>{_frame(evidence.frames["days"])}
<h2>Null shares on the newest day</h2>{_frame(_largest_nulls(evidence.frames["columns"]))}
</html>"""


def _expectations(results: list[ExpectationResult]) -> str:
    rows = "".join(
        f"<tr><td class={_style(r)}>{_word(r)}</td><td>{escape(r.column or '')}</td><td>{escape(r.message)}</td>"
        f"<td class=rest>{escape(r.observed)}</td><td class=rest>{escape(r.expectation)}</td></tr>"
        for r in results
    )
    return (
        "<table><tr><th>result</th><th>column</th><th>what</th><th>observed</th><th>expectation</th></tr>"
        f"{rows}</table>"
    )


def _style(result: ExpectationResult) -> str:
    if result.success:
        return "rest" if result.observed == "not judged" else "ok"
    return "fail" if result.severity == "critical" else "warn"


def _word(result: ExpectationResult) -> str:
    if result.success:
        return "not judged" if result.observed == "not judged" else "met"
    return "failed" if result.severity == "critical" else "warning"


def _largest_nulls(columns: pd.DataFrame) -> pd.DataFrame:
    return columns.sort_values("null_share", ascending=False).head(30)


def _frame(frame: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(c).replace('_', ' '))}</th>" for c in frame.columns)
    body = "".join(
        "<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in frame.itertuples(index=False, name=None)
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    if isinstance(value, int | float) or hasattr(value, "dtype"):
        return f"<td class=number>{float(value):,.4g}</td>"  # type: ignore[arg-type]
    return f"<td>{escape(str(value))}</td>"
