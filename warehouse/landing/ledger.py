"""The account of landing: which files are settled, and the rows that say so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import duckdb

from warehouse.landing.report import LEFT_ASIDE, FileOutcome, LandingReport, Reject
from warehouse.landing.scan import Candidate

_Seen = tuple[str, str, str, datetime, int]
_Name = tuple[str, str, str]


class Ledger:
    """`landing.files` as one landing sees it, read once and kept up to date."""

    def __init__(self, con: duckdb.DuckDBPyConnection, run_id: str, landed_at: datetime) -> None:
        self._con = con
        self._run_id = run_id
        self._landed_at = landed_at
        self._settled: dict[_Seen, str] = {}
        self._landed: dict[_Name, tuple[int, str]] = {}
        self._last_batch = 0
        rows = con.execute(
            "SELECT source, entity, name, modified_at, size_bytes, status, batch_id, sha256 FROM landing.files "
            "ORDER BY batch_id"
        ).fetchall()
        for source, entity, name, modified_at, size, status, batch_id, sha256 in rows:
            self._remember((source, entity, name, modified_at, size), status, batch_id, sha256)

    def settled(self, candidate: Candidate) -> str | None:
        """The status of a file with this name, time and size; None where it has to be looked at.

        An unchanged time and size stand for the content here: hashing all history would make a day's run cost the
        history. A file whose time has changed is known by its hash (`landed_with`).
        """
        return self._settled.get(_seen(candidate))

    def landed_with(self, candidate: Candidate, sha256: str) -> int | None:
        """The batch with this content, if it is what landed last under this name.

        Only the last: when a file's content goes from A to B and back to A, the second A supersedes B.
        """
        last = self._landed.get(_seen(candidate)[:3])
        return last[0] if last and last[1] == sha256 else None

    def next_batch(self) -> int:
        return self._last_batch + 1

    def write(self, candidate: Candidate, outcome: FileOutcome, sha256: str) -> None:
        """The file's row in `landing.files`, in the caller's transaction."""
        self._con.execute(
            "INSERT INTO landing.files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                outcome.batch_id, outcome.source, outcome.entity, outcome.name, str(outcome.path),
                candidate.modified_at, candidate.size, sha256, outcome.status, outcome.reason, outcome.rows,
                outcome.rejected_lines, self._landed_at, self._run_id,
            ],
        )  # fmt: skip

    def write_rejects(self, candidate: Candidate, batch_id: int, rejects: list[Reject]) -> None:
        """The unreadable lines, in the caller's transaction."""
        if not rejects:
            return
        import pyarrow as pa

        lines = pa.table({
            "line": pa.array([reject.line for reject in rejects], pa.int64()),
            "reason": pa.array([reject.reason for reject in rejects], pa.string()),
            "content": pa.array([reject.content for reject in rejects], pa.string()),
        })  # fmt: skip
        self._con.register("rejected_lines", lines)
        self._con.execute(
            "INSERT INTO landing.rejects SELECT ?, ?, ?, ?, line, reason, content FROM rejected_lines",
            [batch_id, candidate.entity.source, candidate.entity.name, candidate.name],
        )
        self._con.unregister("rejected_lines")

    def remember(self, candidate: Candidate, outcome: FileOutcome, sha256: str) -> None:
        """After the commit: what was written is settled for the rest of this landing too."""
        assert outcome.batch_id is not None
        self._remember(_seen(candidate), outcome.status, outcome.batch_id, sha256)

    def keep_left_aside(self, report: LandingReport, only: Collection[tuple[str, str]] | None) -> None:
        """`landing.left_aside` as it stands after this landing (of the entities it looked at)."""
        self._con.begin()
        if only is None:
            self._con.execute("DELETE FROM landing.left_aside")
        for source, entity in only or ():
            self._con.execute("DELETE FROM landing.left_aside WHERE source = ? AND entity = ?", [source, entity])
        for outcome in report.of(*LEFT_ASIDE):
            self._con.execute(
                "INSERT INTO landing.left_aside VALUES (?, ?, ?, ?, ?, ?, ?)",
                [outcome.source, outcome.entity, outcome.name, outcome.status, outcome.reason, self._landed_at,
                 self._run_id],
            )  # fmt: skip
        self._con.commit()

    def _remember(self, seen: _Seen, status: str, batch_id: int, sha256: str) -> None:
        self._settled[seen] = status
        if status == "landed":
            self._landed[seen[:3]] = (batch_id, sha256)
        self._last_batch = max(self._last_batch, batch_id)


def _seen(candidate: Candidate) -> _Seen:
    entity = candidate.entity
    return entity.source, entity.name, candidate.name, candidate.modified_at, candidate.size
