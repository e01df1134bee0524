"""What a run ends with on the terminal: where the seconds went, what stopped, what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from orchestration.cli.app import out

if TYPE_CHECKING:
    from orchestration.report import Report
    from orchestration.run import Outcome
    from orchestration.settings import Settings


def print_summary(configured: Settings, outcome: Outcome, report: Report) -> None:
    """Seconds by step, and the published folder."""
    out.print(seconds_table(report))
    published = configured.home / "published" / "current"
    if published.exists():
        out.print(f"published: {published.resolve()}", highlight=False)


def seconds_table(report: Report) -> Table:
    """One row for each step, with its share of the time."""
    total = sum(line.seconds for line in report.steps) or 1.0
    table = Table(title=f"{total:.1f} s in steps", title_justify="left")
    table.add_column("step")
    table.add_column("rows", justify="right")
    table.add_column("seconds", justify="right")
    table.add_column("share", justify="right")
    for line in report.steps:
        rows = f"{line.rows:,}" if line.rows is not None else ""
        table.add_row(line.name, rows, f"{line.seconds:.1f}", f"{line.seconds / total:.0%}")
    return table
