"""Landing files: each in a transaction of its own with its account in `landing.files`, all of it or none.

A kill at any moment leaves whole files only; the next landing goes on with the rest, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from warehouse.connect import connect
from warehouse.contracts import Contracts, load_contracts
from warehouse.errors import FileRejected, HarkenError
from warehouse.home import Home
from warehouse.landing.ledger import Ledger
from warehouse.landing.load import load
from warehouse.landing.report import FileOutcome, LandingReport
from warehouse.landing.scan import Candidate, measure, scan
from warehouse.landing.survey import content_hash
from warehouse.lock import writer_lock
from warehouse.schema import ensure_schema

# A file changed less than this ago may not be finished. Long enough for a copy's writes to follow one another.
SETTLE_SECONDS = 2.0

OnFile = Callable[[FileOutcome], None]


def land_all(
    home: Home,
    run_id: str,
    landed_at: datetime | None = None,
    *,
    contracts: Contracts | None = None,
    settle_seconds: float = SETTLE_SECONDS,
    only: Collection[tuple[str, str]] | None = None,
    on_file: OnFile | None = None,
    con: duckdb.DuckDBPyConnection | None = None,
) -> LandingReport:
    """Settle every file of the landing folder that isn't settled yet. One bad file never stops the others.

    landed_at: stamped on the files (UTC; now by default).   only: restricts to some (source, entity).
    on_file: called after each file.   con: an open connection to the warehouse, to be used and left open.

    What was left aside (being written, unreadable, unknown) stands in `landing.left_aside` until the next landing.
    Raises WarehouseLocked, and HarkenError where the warehouse can't be written.
    """
    contracts = contracts or load_contracts()
    with writer_lock(home, f"landing, run {run_id}"), _connection(home, contracts, con) as writer:
        found, aside = scan(home, contracts, only)
        landing = _Landing(writer, run_id, landed_at or _now(), settle_seconds, on_file)
        for outcome in aside:
            landing.tell(outcome)
        landing.settle(found)
        landing.ledger.keep_left_aside(landing.report, only)
        return landing.report


def land_files(
    home: Home,
    run_id: str,
    source: str,
    entity: str,
    files: Iterable[Path],
    landed_at: datetime | None = None,
    *,
    contracts: Contracts | None = None,
    on_file: OnFile | None = None,
    con: duckdb.DuckDBPyConnection | None = None,
) -> LandingReport:
    """Land files named by hand, from where they lie, in the order given. A rejected file is tried again.

    Raises ContractError on an unknown source or entity; otherwise as `land_all`.
    """
    contracts = contracts or load_contracts()
    declared = contracts.entity(source, entity)
    with writer_lock(home, f"landing, run {run_id}"), _connection(home, contracts, con) as writer:
        found, aside = measure(declared, [Path(file).expanduser().absolute() for file in files])
        landing = _Landing(writer, run_id, landed_at or _now(), 0, on_file)
        for outcome in aside:
            landing.tell(outcome)
        landing.settle(found, retry=True)
        return landing.report


def _connection(
    home: Home, contracts: Contracts, con: duckdb.DuckDBPyConnection | None
) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """The caller's connection, left open, or one of our own."""
    if con is None:
        return connect(home, contracts=contracts)
    ensure_schema(con, contracts)
    return nullcontext(con)


class _Landing:
    """One landing under way."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        run_id: str,
        landed_at: datetime,
        settle_seconds: float,
        on_file: OnFile | None,
    ) -> None:
        self._con = con
        self._settle_seconds = settle_seconds
        self._on_file = on_file
        self.report = LandingReport(run_id)
        self.ledger = Ledger(con, run_id, landed_at)

    def tell(self, outcome: FileOutcome) -> None:
        self.report.files.append(outcome)
        if self._on_file:
            self._on_file(outcome)

    def settle(self, candidates: Iterable[Candidate], retry: bool = False) -> None:
        """Each file in turn. `retry` looks again at files that were rejected and haven't changed."""
        for candidate in candidates:
            self.tell(self._settle(candidate, retry))

    def _settle(self, candidate: Candidate, retry: bool) -> FileOutcome:
        settled = self.ledger.settled(candidate)
        if settled and not (retry and settled == "rejected"):
            if settled == "rejected":
                return candidate.outcome("still rejected", "send it mended, or take it away")
            return candidate.outcome("known", f"{settled} before and unchanged since")
        age = _now() - candidate.modified_at
        # A time in the future says nothing of when the writing was.
        if timedelta(0) <= age < timedelta(seconds=self._settle_seconds):
            return candidate.outcome("waiting", f"still being written: changed {age.total_seconds():.1f} s ago")
        try:
            return self._land(candidate, content_hash(candidate.path))
        except duckdb.Error as error:
            self._roll_back()
            where = f"{candidate.entity.source}/{candidate.entity.name}/{candidate.name}"
            raise HarkenError(f"{where} can't be written to the warehouse: {error}") from error
        except OSError as error:
            self._roll_back()
            reason = f"can't be read: {error.strerror or error}: {candidate.path}"
            return candidate.outcome("unreadable", reason)

    def _land(self, candidate: Candidate, sha256: str) -> FileOutcome:
        batch_id = self.ledger.next_batch()
        self._con.begin()
        former = self.ledger.landed_with(candidate, sha256)
        if former is not None:
            outcome = candidate.outcome("duplicate", f"the same content as batch {former}", batch_id=batch_id)
        else:
            outcome = self._load(candidate, batch_id)
        if not candidate.unchanged():
            self._roll_back()
            return candidate.outcome("waiting", "still being written: it changed while it was read")
        self.ledger.write(candidate, outcome, sha256)
        self._con.commit()
        self.ledger.remember(candidate, outcome, sha256)
        return outcome

    def _load(self, candidate: Candidate, batch_id: int) -> FileOutcome:
        def restart() -> None:
            self._roll_back()
            self._con.begin()

        try:
            loaded = load(self._con, candidate.entity, candidate.path, batch_id, restart)
        except FileRejected as rejection:
            restart()
            return candidate.outcome("rejected", str(rejection), batch_id=batch_id)
        self.ledger.write_rejects(candidate, batch_id, loaded.rejects)
        rejected = len(loaded.rejects)
        if loaded.unreadable:
            return candidate.outcome("rejected", loaded.unreadable, batch_id=batch_id, rejected_lines=rejected)
        first = f"first: line {loaded.rejects[0].line}: {loaded.rejects[0].reason}" if rejected else None
        return candidate.outcome("landed", first, batch_id=batch_id, rows=loaded.rows, rejected_lines=rejected)

    def _roll_back(self) -> None:
        # No transaction is open where reading the hash failed; DuckDB has no way to ask.
        try:
            self._con.rollback()
        except duckdb.TransactionException:
            return


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
