"""What a run ends with on the terminal: where the seconds went, what stopped, what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from orchestration.cli.app import out

if TYPE_CHECKING:
    from ml.learn import Learned
    from orchestration.report import Report
    from warehouse.home import Home

RISKIEST = 10
# What a service manager would ask first; everything else is in MLflow.
FIGURES = {
    "pr_auc": "PR-AUC",
    "roc_auc": "ROC-AUC",
    "precision_at_capacity": "precision at capacity",
    "recall_at_capacity": "recall at capacity",
    "recall_caught": "escalations caught",
}


def print_summary(home: Home, report: Report) -> None:
    """Seconds by step, what isn't well with the data, and the published folder."""
    out.print(seconds_table(report))
    quarantined = sum(report.facts.get("quarantined", {}).values())
    if quarantined:
        out.print(f"in quarantine: {quarantined:,} rows; `harken show data_quality` says of which files and why")
    published = home.current
    if published.exists():
        out.print(f"published: {published.resolve()}", highlight=False)


def print_demo(home: Home, report: Report, seconds: float) -> None:
    """The end of the demo: what landed, what was checked, what the model is worth, who is at risk, where it all is."""
    out.print()
    out.print(seconds_table(report))
    facts = report.facts
    out.print(_landed(report))
    passed, failed = facts.get("checks", (0, 0))
    out.print(f"[bold]Checks[/]: {passed:,} passed, {failed:,} failed")
    for name, learned in facts.get("trained", {}).items():
        out.print(_figures(name, learned))
        out.print(learned.decision.reason, highlight=False)
    if home.current.exists():
        out.print(_riskiest(home))
        out.print(f"[bold]Published[/] (DuckDB and Parquet): {home.current}", highlight=False)
    out.print(
        f"[bold]All of it took[/] {seconds:.0f} s. Look at it with: [bold]harken ui[/] (make ui)", highlight=False
    )


def seconds_table(report: Report) -> Table:
    """One row for each step, with its share of the time."""
    total = sum(line.seconds for line in report.steps) or 1.0
    table = _table(f"{total:.1f} s in steps", "step", "rows>", "seconds>", "share>")
    for line in report.steps:
        rows = f"{line.rows:,}" if line.rows is not None else ""
        table.add_row(line.name, rows, f"{line.seconds:.1f}", f"{line.seconds / total:.0%}")
    return table


def _landed(report: Report) -> Table:
    landing, quarantined = report.facts.get("landing"), report.facts.get("quarantined", {})
    table = _table("Landed", "source", "entity", "rows>", "in quarantine>")
    for (source, entity), rows in sorted(landing.rows_by_entity().items()) if landing else []:
        table.add_row(source, entity, f"{rows:,}", f"{quarantined.get(entity, 0):,}")
    return table


def _figures(task: str, learned: Learned) -> Table:
    """Each figure with its 95 % interval, the model beside the baselines on the same rows."""
    found = learned.report
    columns = {"model": "", **{name: f"{name}." for name in found.baselines}}
    title = f"{task}: {found.rows:,} ticket mornings predicted out of fold, {found.positives:,} escalated in time"
    table = _table(title, "figure", *[f"{name.replace('_', ' ')}>" for name in columns])
    for metric, words in FIGURES.items():
        if metric in found.metrics:
            values = [found.metrics.get(prefix + metric) for prefix in columns.values()]
            table.add_row(words, *["" if v is None else f"{v.value:.3f} ({v.low:.3f} to {v.high:.3f})" for v in values])
    return table


def _riskiest(home: Home) -> Table:
    from warehouse.tables import show

    found = show(home, "escalation_risk", RISKIEST, order_by="rank")
    table = _table("Riskiest open tickets", "rank>", "ticket", "probability>", "queue", "reasons")
    for row in found.rows:
        values: dict[str, Any] = dict(zip(found.columns, row, strict=True))
        reasons = [values[f"reason_{k}"] for k in (1, 2, 3) if values.get(f"reason_{k}")]
        table.add_row(
            str(values["rank"]),
            escape(str(values["ticket_id"])),
            f"{values['probability']:.0%}",
            escape(values.get("queue") or ""),
            escape("\n".join(f"- {reason}" for reason in reasons)),
        )
    return table


def _table(title: str, *headings: str) -> Table:
    """A table whose headings say with a closing `>` that their column is aligned to the right."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading.removesuffix(">"), justify="right" if heading.endswith(">") else "left")
    return table
