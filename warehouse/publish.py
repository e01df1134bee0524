"""Publishing: a copy of the tables that BI reads, whole and immutable, made current in one step.

    publish     write a snapshot and make it current
    rollback, list_snapshots, current_snapshot, prune    see `warehouse.snapshots`, which also says how to read one

Whatever fails or kills a publication, the former snapshot stays the current one: a draft lies under a hidden name until
it is whole, and the next publication clears it away.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from warehouse.connect import connect
from warehouse.errors import PublishError
from warehouse.home import Home
from warehouse.lock import writer_lock
from warehouse.snapshot_files import (
    STORAGE_VERSION,
    Former,
    Table,
    carry_table,
    describe,
    sync_files,
    write_duckdb,
    write_table,
)
from warehouse.snapshots import (
    DRAFT,
    GRACE,
    Snapshot,
    clear_debris,
    current_snapshot,
    list_snapshots,
    make_current,
    prune,
    rollback,
    sync_folder,
)

__all__ = ["Snapshot", "current_snapshot", "list_snapshots", "new_snapshot_id", "prune", "publish", "rollback"]

MANIFEST_VERSION = 1
KEEP_COUNT = 14
KEEP_DAYS = 30.0


def publish(
    home: Home,
    run_id: str,
    tables: Sequence[str],
    carried: Collection[str] = frozenset(),
    manifest_extra: Mapping[str, Any] | None = None,
    *,
    partitioned: Mapping[str, str] | None = None,
    clock: datetime | None = None,
    snapshot_id: str | None = None,
    keep_count: int = KEEP_COUNT,
    keep_days: float = KEEP_DAYS,
    grace: timedelta = GRACE,
    con: duckdb.DuckDBPyConnection | None = None,
) -> Snapshot:
    """Publish `published.<table>` for each of `tables` as a new snapshot, make it current, and let old ones go.

    carried: those of `tables` whose rows are taken from the former snapshot unchanged; a table without a former one is
        published without rows, and one that isn't in the warehouse either is listed under `missing` in the manifest.
    partitioned: table -> the time column by whose month its Parquet is cut; for large histories.
    clock: the run's moment (default: what ops.clock says, or now), in the snapshot's id and manifest.
    snapshot_id: from `new_snapshot_id`, where a table is to say in which snapshot it lies.
    manifest_extra: further entries of the manifest, such as model_versions (default: those of ml.scores).
    keep_count, keep_days, grace: see `prune`.   con: an open connection to the warehouse, to be used and left open.

    Raises PublishError (a full disk, a table that isn't there): the former snapshot then stays as it was.
    """
    with (
        writer_lock(home, f"publishing, run {run_id}"),
        nullcontext(con) if con else connect(home) as warehouse,
    ):
        clear_debris(home)
        moment = clock or _clock(warehouse) or datetime.now(UTC).replace(tzinfo=None)
        snapshot_id = snapshot_id or new_snapshot_id(home, moment, run_id)
        draft = home.snapshots / f"{DRAFT}{snapshot_id}"
        try:
            draft.mkdir()
            _write(
                warehouse, home, draft, snapshot_id, run_id, moment, tables, carried, partitioned or {}, manifest_extra
            )
            draft.rename(home.snapshots / snapshot_id)
            sync_folder(home.snapshots)
            make_current(home, snapshot_id)
        except (OSError, duckdb.Error, PublishError) as error:
            raise PublishError(f"nothing was published, the former snapshot stays: {_one_line(error)}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _let_old_ones_go(home, keep_count, keep_days, grace)
        snapshot = current_snapshot(home)
        assert snapshot is not None
        return snapshot


def _let_old_ones_go(home: Home, keep_count: int, keep_days: float, grace: timedelta) -> None:
    try:
        prune(home, keep_count, keep_days, grace)
    except OSError as error:
        raise PublishError(f"the snapshot is published, but old ones can't be removed: {error}") from error


def _write(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    draft: Path,
    snapshot_id: str,
    run_id: str,
    clock: datetime,
    tables: Sequence[str],
    carried: Collection[str],
    partitioned: Mapping[str, str],
    extra: Mapping[str, Any] | None,
) -> None:
    before = current_snapshot(home)
    former = Former(before.path, before.id, before.tables) if before else Former(None, None, {})
    there = describe(con)
    unknown = [name for name in tables if name not in there and name not in carried]
    if unknown:
        raise PublishError(f"there is no table published.{unknown[0]} in the warehouse")
    missing = [name for name in tables if name not in there and name not in former.tables]

    def write(name: str) -> Table:
        if name in carried and name in former.tables:
            return carry_table(draft, former.tables[name], former)
        return write_table(con, draft, name, there[name], former, partitioned.get(name), rows=name not in carried)

    # One core writes the Parquet of a table while the other reads that of the one before it.
    parquet = ThreadPoolExecutor(max_workers=1)
    try:
        written = write_duckdb(draft, parquet.map(write, [name for name in tables if name not in missing]))
    finally:
        parquet.shutdown(cancel_futures=True)
    manifest = {
        "manifest_version": MANIFEST_VERSION,
        "snapshot_id": snapshot_id,
        "run_id": run_id,
        "clock": clock.isoformat(),
        "created_at": datetime.now(UTC).replace(tzinfo=None).isoformat(),
        "previous": former.id,
        "storage_version": STORAGE_VERSION,
        "contract_hash": contract_hash(written),
        "model_versions": _model_versions(con),
        "missing": missing,
        **(extra or {}),
        "tables": {table.name: table.as_manifest() for table in written},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=str)
    (draft / "manifest.json").write_text(text + "\n", encoding="utf-8")
    sync_files(draft)


def contract_hash(tables: Sequence[Table]) -> str:
    """A hash of tables, columns and types: it changes with what BI was promised, not with the rows."""
    shape = sorted((table.name, [(column.name, column.type) for column in table.columns]) for table in tables)
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()


def _clock(con: duckdb.DuckDBPyConnection) -> datetime | None:
    row = con.execute("SELECT max(clock) FROM ops.clock").fetchone()
    return row[0] if row else None


def _model_versions(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The version behind each task's latest scores."""
    return dict(con.execute("SELECT task, max_by(model_version, scored_at) FROM ml.scores GROUP BY task").fetchall())


def new_snapshot_id(home: Home, clock: datetime, run_id: str) -> str:
    """A free id, sortable by the run's moment; the run tells apart what was published for the same moment."""
    short = re.sub(r"[^A-Za-z0-9]+", "-", run_id).strip("-")[:12].strip("-") or "run"
    base = f"{clock:%Y%m%dT%H%M%SZ}-{short}"
    number = 1
    while (home.snapshots / (base if number == 1 else f"{base}-{number}")).exists():
        number += 1
    return base if number == 1 else f"{base}-{number}"


def _one_line(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    full = "no space left" in text.lower() or getattr(error, "errno", None) == 28
    return f"{text}: free some disk space and run again" if full else text
