"""Dagster's SQLite storages with their connections kept open.

The stock classes build an engine and open a connection for every event, and SQLite then writes its log back to disk as
each connection closes: a run with 100 models and 300 tests spent most of a minute there, several times what dbt took.
Kept open, with `synchronous = NORMAL` (safe in WAL mode when a process dies; a power cut can only lose the last
events), an event costs a few milliseconds. Named in `dagster.yaml`, so the UI uses the same classes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster._check as check
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

OPEN_SHARDS = 8  # runs whose databases stay open: the UI walks through all of them
BUSY_SECONDS = 60.0


def _engine(address: str) -> Engine:
    engine = create_engine(
        address, poolclass=QueuePool, pool_size=2, max_overflow=10, connect_args={"timeout": BUSY_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


class OpenEventLogStorage(SqliteEventLogStorage):
    """The event log, one database a run beside the index, with the newest few kept open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._known_columns: dict[str, bool] = {}
        self._known_tables: set[str] = set()
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> OpenEventLogStorage:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        check.str_param(shard, "shard")
        with self._db_lock:
            engine = self._engines.pop(shard, None) or _engine(self.conn_string_for_shard(shard))
            self._engines[shard] = engine
            while len(self._engines) > OPEN_SHARDS:
                self._engines.popitem(last=False)[1].dispose()
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        """Asked once: the stock class looks through the table's definition for every event of an asset."""
        if column_name not in self._known_columns:
            self._known_columns[column_name] = super()._has_asset_key_col_on_connection(conn, column_name)
        return self._known_columns[column_name]

    def has_table(self, table_name: str) -> bool:
        """Asked until it's there: the stock class opens a connection for every event of an asset."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def dispose(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


class OpenRunStorage(SqliteRunStorage):
    """The list of runs, with its database kept open."""

    _kept: Engine | None = None

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> OpenRunStorage:
        return cls.from_local(inst_data=inst_data, **config_value)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        if self._kept is None:
            self._kept = _engine(self._conn_string)
        with self._kept.connect() as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        if self._kept is not None:
            self._kept.dispose()
            self._kept = None
        super().dispose()
