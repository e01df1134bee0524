"""`harken doctor` and `harken ui`: the state of an installation, and its two web pages."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table

from orchestration.cli.app import FAILED, app, out, settings


@app.command(epilog="Example: `harken doctor`")
def doctor() -> None:
    """Versions, paths, locks, disk and settings, and what to mend. Exit code 1 when something is to be mended."""
    configured = settings()
    from orchestration.doctor import examine

    found = examine(configured)
    for heading, rows in found.sections.items():
        table = Table(title=heading, title_justify="left", show_header=False, box=None, title_style="bold")
        for row in rows:
            table.add_row(*row)
        out.print(table)
        out.print()
    if not found.to_mend:
        out.print("[bold green]nothing to mend[/]")
        return
    out.print("[bold red]to mend[/]")
    for line in found.to_mend:
        out.print(f"- {line}", highlight=False, markup=False)
    raise typer.Exit(FAILED)


@app.command(epilog="Example: `harken ui`, then open http://127.0.0.1:3000 and http://127.0.0.1:5000")
def ui(
    dagster_port: Annotated[int | None, typer.Option(help="Port of the Dagster UI; a setting by default.")] = None,
    mlflow_port: Annotated[int | None, typer.Option(help="Port of the MLflow UI; a setting by default.")] = None,
) -> None:
    """Serve Dagster and MLflow on this machine only, over the state of this home, until Ctrl-C."""
    configured = settings()
    from orchestration.serve import serve

    ports = {"dagster": dagster_port or configured.dagster_port, "mlflow": mlflow_port or configured.mlflow_port}
    code = serve(configured, ports, tell=lambda line: out.print(line, highlight=False))
    sys.exit(code)
