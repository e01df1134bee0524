"""One small company simulated once, and read back from its landing files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from simulator import SimulationReport, simulate

START = date(2025, 7, 1)
SEED = 11
DAYS = 45
CONTACTS_A_DAY = 120.0
TIMES = ("_at", "_from")


@dataclass
class Company:
    """What a simulation wrote: the report, the folders, and each entity as text with times parsed."""

    report: SimulationReport
    landing: Path
    truth: Path
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def __getitem__(self, entity: str) -> pd.DataFrame:
        return self.tables[entity]


def read_landing(landing: Path) -> dict[str, pd.DataFrame]:
    """Every entity's files, in the order of their names; a column `file` names each row's file."""
    tables = {}
    for folder in sorted((landing / "harken").iterdir()):
        parts = [
            pd.read_csv(path, dtype=str, keep_default_na=False).assign(file=path.name)
            for path in sorted(folder.glob("*.csv"))
        ]
        table = pd.concat(parts, ignore_index=True)
        for column in table.columns:
            if column.endswith(TIMES):
                table[column] = pd.to_datetime(table[column], utc=True)
        tables[folder.name] = table
    return tables


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    root = tmp_path_factory.mktemp("company")
    landing, truth = root / "landing", root / "truth"
    report = simulate(
        landing, truth, seed=SEED, start=START, days=DAYS, contacts_per_day=CONTACTS_A_DAY, best_score=False
    )
    return Company(report, landing, truth, read_landing(landing))
