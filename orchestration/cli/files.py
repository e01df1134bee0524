"""`harken simulate`, `land` and `check`: files before they are tables."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.app import FAILED, app, out, settings, wrong_use
from warehouse.errors import HarkenError

if TYPE_CHECKING:
    from orchestration.settings import Settings
    from warehouse.contracts import Contracts

Source = Annotated[str, typer.Argument(help="Source system, such as harken or servicenow.")]
Entity = Annotated[str, typer.Argument(help="Entity of the source's contract, such as tickets.")]
Files = Annotated[list[Path], typer.Argument(help="CSV (also gzipped), Parquet or JSONL files.")]


@app.command(epilog="Example: `harken land harken tickets export/tickets_2026-06.csv.gz`")
def land(source: Source, entity: Entity, files: Files) -> None:
    """Copy files into the landing folder and land them: as text, each once, whole or not at all."""
    configured = settings()
    contracts = _must_be_known(configured, source, entity, files)
    from warehouse.home import open_home
    from warehouse.landing import land_files
    from warehouse.landing.inbox import keep

    home = open_home(configured.home)
    kept = [keep(home, source, entity, file) for file in files]
    report = land_files(home, f"land-{uuid.uuid4()}", source, entity, kept, contracts=contracts)
    for outcome in report.files:
        out.print(outcome.line(), highlight=False, markup=False)
    settled = len(report.of("landed", "duplicate", "known"))
    out.print(f"{report.rows:,} rows landed from {len(report.landed)} of {len(report.files)} files")
    if settled < len(report.files):
        raise HarkenError(f"{len(report.files) - settled} of {len(report.files)} files didn't land")


@app.command(epilog="Example: `harken check harken contacts export/contacts.csv`")
def check(source: Source, entity: Entity, files: Files) -> None:
    """A dry run: what would land, which columns are missing or unknown, which rows would be quarantined and why."""
    contracts = _must_be_known(settings(), source, entity, files)
    from warehouse.landing import check_file

    reports = [check_file(source, entity, file, contracts=contracts) for file in files]
    for report in reports:
        for line in report.lines():
            out.print(line, highlight=False, markup=False)
    if any(report.rejected for report in reports):
        raise typer.Exit(FAILED)


def _must_be_known(configured: Settings, source: str, entity: str, files: list[Path]) -> Contracts:
    """The contracts in force, which know the entity; exit 2 where they don't, or a file isn't there."""
    from orchestration.overlay import contracts_of
    from warehouse.errors import ContractError

    contracts = contracts_of(configured)
    try:
        contracts.entity(source, entity)
    except ContractError as error:
        raise wrong_use(str(error)) from None
    for file in files:
        if not file.is_file():
            raise wrong_use(f"{file}: there is no such file")
    return contracts
