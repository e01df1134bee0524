"""`harken tables`, `show`, `publish` and `rollback`: what is published, without a lock and without the warehouse."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from orchestration.cli.app import app, out, settings, wrong_use


@app.command(epilog="Example: `harken tables`, or `harken tables --all` for what the warehouse holds")
def tables(everything: Annotated[bool, typer.Option("--all", help="Tables of the warehouse too.")] = False) -> None:
    """List the published tables with their rows."""
    from warehouse.home import open_home
    from warehouse.tables import published_tables, warehouse_tables, why_empty

    home = open_home(settings().home)
    shown = Table()
    for heading in ("table", "rows", "columns", "note"):
        shown.add_column(heading, justify="right" if heading in ("rows", "columns") else "left")
    found = published_tables(home)
    reasons = why_empty(home)
    if everything:
        found = [*[t for t in warehouse_tables(home) if t.schema != "published"], *found]
    for table in found:
        note = f"stale, from {table.carried_from}" if table.carried_from else reasons.get(table.name, "")
        shown.add_row(f"{table.schema}.{table.name}", f"{table.rows:,}", str(table.columns), note)
    out.print(shown)


@app.command(epilog="Example: `harken show escalation_risk --limit 5`")
def show(
    table: Annotated[str, typer.Argument(help="A published table, such as escalation_risk.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows at most.")] = 10,
    order_by: Annotated[
        str | None, typer.Option("--by", help="Column to order by; `rank`, or the newest `clock` first, by default.")
    ] = None,
    descending: Annotated[bool, typer.Option("--desc", help="The largest first.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV, for other programs.")] = False,
) -> None:
    """Show the first rows of a published table."""
    import csv as csv_files
    import sys

    from warehouse.home import open_home
    from warehouse.tables import show as first_rows
    from warehouse.tables import why_empty

    home = open_home(settings().home)
    rows = first_rows(home, table, limit, order_by, descending)
    if csv:
        writer = csv_files.writer(sys.stdout)
        writer.writerow(rows.columns)
        writer.writerows(rows.rows)
        return
    # More columns than fit beside each other are unreadable: one record below the other then.
    if len(rows.columns) > out.width // 14:
        for row in rows.rows:
            record = Table(show_header=False, box=None)
            for name, value in zip(rows.columns, row, strict=True):
                record.add_row(name, _text(value))
            out.print(record)
            out.rule()
    else:
        shown = Table(*rows.columns)
        for row in rows.rows:
            shown.add_row(*(_text(value) for value in row))
        out.print(shown)
    out.print(f"{len(rows.rows):,} of {rows.total:,} rows, snapshot {rows.snapshot_id}", highlight=False)
    if not rows.total:
        out.print(why_empty(home).get(rows.table) or "", highlight=False, markup=False)


def _text(value: object) -> Text:
    """A value as it is: what looks like markup in the data stays text."""
    return Text("" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value))


@app.command(epilog="Example: `harken publish --list`")
def publish(
    listed: Annotated[bool, typer.Option("--list", help="List the snapshots, the current one marked.")] = False,
) -> None:
    """The published snapshots. A run publishes; this command shows what there is."""
    if not listed:
        raise wrong_use("`harken run` publishes; `harken publish --list` shows the snapshots")
    from warehouse.home import open_home
    from warehouse.publish import list_snapshots

    shown = Table()
    for heading in ("", "snapshot", "published (UTC)", "tables", "rows"):
        # The id is what `rollback` is given: it may not be cut.
        shown.add_column(
            heading,
            justify="right" if heading in ("tables", "rows") else "left",
            overflow="fold",
            no_wrap=heading == "snapshot",
        )
    for found in reversed(list_snapshots(open_home(settings().home))):
        when = f"{found.created_at:%Y-%m-%d %H:%M:%S}"
        shown.add_row("current" if found.current else "", found.id, when, str(len(found.tables)), f"{found.rows:,}")
    out.print(shown)


@app.command(epilog="Example: `harken rollback`, or `harken rollback 20260630T080000Z-1a2b3c`")
def rollback(
    snapshot: Annotated[str | None, typer.Argument(help="Snapshot; the one before the current by default.")] = None,
) -> None:
    """Make an earlier snapshot the current one. Nothing is deleted: roll forward by its name."""
    from warehouse.home import open_home
    from warehouse.publish import rollback as roll_back

    if snapshot == "":
        raise wrong_use("name a snapshot (`harken publish --list` shows them), or none for the one before")

    found = roll_back(open_home(settings().home), snapshot)
    out.print(f"current: {found.id} ({found.rows:,} rows in {len(found.tables)} tables)", highlight=False)
