"""All tables that Python writes: the schemas `landing`, `ops` and `ml`. dbt makes every other one.

Every statement can be repeated. Times are TIMESTAMP without zone, in UTC.
"""

from __future__ import annotations

import hashlib

import duckdb

from warehouse.contracts import Contracts, Entity, load_contracts

_LANDING = """
CREATE SCHEMA IF NOT EXISTS landing;
-- One row per file that was looked at and settled: landed, a duplicate of one landed, or rejected whole.
CREATE TABLE IF NOT EXISTS landing.files (
    batch_id BIGINT PRIMARY KEY, source VARCHAR NOT NULL, entity VARCHAR NOT NULL, name VARCHAR NOT NULL,
    path VARCHAR NOT NULL, modified_at TIMESTAMP NOT NULL, size_bytes BIGINT NOT NULL, sha256 VARCHAR NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('landed', 'rejected', 'duplicate')), reason VARCHAR,
    rows BIGINT NOT NULL, rejected_lines BIGINT NOT NULL, landed_at TIMESTAMP NOT NULL, run_id VARCHAR
);
-- One row per line that couldn't be read; line 1 is the file's first. Content is masked.
CREATE TABLE IF NOT EXISTS landing.rejects (
    batch_id BIGINT NOT NULL, source VARCHAR NOT NULL, entity VARCHAR NOT NULL, name VARCHAR NOT NULL,
    line BIGINT, reason VARCHAR NOT NULL, content VARCHAR
);
-- What the last landing couldn't settle: files being written, files and folders that can't be read or aren't known.
-- entity and name are empty where a whole folder is meant. Replaced by each landing.
CREATE TABLE IF NOT EXISTS landing.left_aside (
    source VARCHAR NOT NULL, entity VARCHAR NOT NULL, name VARCHAR NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('waiting', 'unreadable', 'unknown')), reason VARCHAR NOT NULL,
    seen_at TIMESTAMP NOT NULL, run_id VARCHAR
);
"""

_OPS = """
CREATE SCHEMA IF NOT EXISTS ops;
-- One row each: the run's moment, and what the models are told by the settings.
CREATE TABLE IF NOT EXISTS ops.clock (clock TIMESTAMP, run_id VARCHAR);
CREATE TABLE IF NOT EXISTS ops.parameters (
    review_hour INTEGER, horizon_days INTEGER, time_zone VARCHAR, short_abandon_seconds INTEGER,
    service_level_seconds INTEGER, repeat_days INTEGER
);
CREATE TABLE IF NOT EXISTS ops.arrival_lags (source VARCHAR, lag_minutes INTEGER);
CREATE TABLE IF NOT EXISTS ops.escalation_rules (source VARCHAR, rule VARCHAR);
CREATE TABLE IF NOT EXISTS ops.holidays (day DATE, name VARCHAR);
-- The ledger of incremental models, written in each model's own transaction.
CREATE TABLE IF NOT EXISTS ops.applied_batches (model VARCHAR NOT NULL, batch_id BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.built_with (fingerprint VARCHAR);
-- Which statements and contracts made these schemas: `ensure_schema` has nothing to do while they are the same.
CREATE TABLE IF NOT EXISTS ops.schema_stamp (fingerprint VARCHAR);
CREATE TABLE IF NOT EXISTS ops.runs (
    run_id VARCHAR, job VARCHAR, clock TIMESTAMP, started_at TIMESTAMP, finished_at TIMESTAMP, status VARCHAR,
    files_landed BIGINT, rows_landed BIGINT, rows_quarantined BIGINT, checks_passed BIGINT, checks_failed BIGINT,
    snapshot_id VARCHAR, message VARCHAR
);
CREATE TABLE IF NOT EXISTS ops.check_results (
    run_id VARCHAR, task VARCHAR, checked_at TIMESTAMP, expectation VARCHAR, column_name VARCHAR, severity VARCHAR,
    success BOOLEAN, observed VARCHAR, message VARCHAR
);
-- One row per task: how fresh what it published is.
CREATE TABLE IF NOT EXISTS ops.task_state (
    task VARCHAR, run_id VARCHAR, clock TIMESTAMP,
    status VARCHAR CHECK (status IN ('fresh', 'stale', 'empty')), reason VARCHAR, fresh_as_of TIMESTAMP
);
"""

_ML = """
CREATE SCHEMA IF NOT EXISTS ml;
-- One row per (task, entity_id, as_of): a re-run replaces its own as_of.
CREATE TABLE IF NOT EXISTS ml.scores (
    task VARCHAR, entity_id VARCHAR, as_of TIMESTAMP, p DOUBLE, rank BIGINT, share_riskier DOUBLE, reason_1 VARCHAR,
    reason_2 VARCHAR, reason_3 VARCHAR, model_name VARCHAR, model_version VARCHAR, trained_to TIMESTAMP,
    run_id VARCHAR, scored_at TIMESTAMP
);
-- One row per (task, run_id, day, model_version, metric), on matured labels.
CREATE TABLE IF NOT EXISTS ml.model_performance (
    task VARCHAR, run_id VARCHAR, clock TIMESTAMP, day DATE, model_version VARCHAR, metric VARCHAR, value DOUBLE,
    low DOUBLE, high DOUBLE, rows BIGINT, positives BIGINT
);
CREATE TABLE IF NOT EXISTS ml.training_runs (
    task VARCHAR, run_id VARCHAR, mlflow_run_id VARCHAR, model_version VARCHAR, trained_to TIMESTAMP, rows BIGINT,
    positives BIGINT, promoted BOOLEAN, reason VARCHAR
);
-- Scores that nobody acts on: of a candidate before its promotion, of the former champion after it.
-- One row per (task, entity_id, as_of, model_version).
CREATE TABLE IF NOT EXISTS ml.candidate_scores (
    task VARCHAR, entity_id VARCHAR, as_of TIMESTAMP, p DOUBLE, role VARCHAR, model_version VARCHAR,
    trained_to TIMESTAMP, run_id VARCHAR
);
-- One row per (task, run_id, kind, subject, value, slice) that a run compared with the champion's reference.
CREATE TABLE IF NOT EXISTS ml.drift (
    task VARCHAR, run_id VARCHAR, clock TIMESTAMP, day DATE, model_version VARCHAR, kind VARCHAR, subject VARCHAR,
    value VARCHAR, slice VARCHAR, rows BIGINT, entities BIGINT, reference DOUBLE, observed DOUBLE, effect DOUBLE,
    effect_limit DOUBLE, p_value DOUBLE, alarm BOOLEAN, cause VARCHAR, sentence VARCHAR
);
-- The life of each task's model, one row per step; the one with the largest number holds. `memory` is JSON.
CREATE TABLE IF NOT EXISTS ml.lifecycle (
    task VARCHAR, number BIGINT, run_id VARCHAR, clock TIMESTAMP, state VARCHAR, champion VARCHAR, candidate VARCHAR,
    former VARCHAR, action VARCHAR, reason VARCHAR, memory VARCHAR
);
CREATE TABLE IF NOT EXISTS ml.model_events (
    task VARCHAR, run_id VARCHAR, clock TIMESTAMP, event VARCHAR, model_version VARCHAR, former_version VARCHAR,
    reason VARCHAR, metric VARCHAR, difference DOUBLE, low DOUBLE, high DOUBLE, rows BIGINT, positives BIGINT,
    number BIGINT
);
ALTER TABLE ml.model_events ADD COLUMN IF NOT EXISTS number BIGINT;
-- `sent_at` is null while the webhook hasn't taken the alert.
CREATE TABLE IF NOT EXISTS ml.alerts (
    alert_id VARCHAR, task VARCHAR, run_id VARCHAR, clock TIMESTAMP, severity VARCHAR, kind VARCHAR, subject VARCHAR,
    message VARCHAR, attempts BIGINT, sent_at TIMESTAMP
);
"""


def create_schema(con: duckdb.DuckDBPyConnection, contracts: Contracts | None = None) -> None:
    """Create what is missing of `landing`, `ops` and `ml`, with one empty landing table per declared entity."""
    con.execute(_LANDING + _OPS + _ML)
    existing = _landing_columns(con)
    for entity in contracts or load_contracts():
        if entity.table not in existing:
            con.execute(_landing_table(entity))
        else:
            _add_columns(con, entity, existing[entity.table])


def ensure_schema(con: duckdb.DuckDBPyConnection, contracts: Contracts | None = None) -> None:
    """`create_schema`, where it hasn't run with the same statements and contracts before: each connection asks."""
    contracts = contracts or load_contracts()
    stamp = hashlib.sha256((_LANDING + _OPS + _ML + contracts.fingerprint()).encode()).hexdigest()
    try:
        if con.execute("SELECT fingerprint FROM ops.schema_stamp").fetchall() == [(stamp,)]:
            return
    except duckdb.CatalogException:
        pass  # a new warehouse
    create_schema(con, contracts)
    con.begin()
    con.execute("DELETE FROM ops.schema_stamp")
    con.execute("INSERT INTO ops.schema_stamp VALUES (?)", [stamp])
    con.commit()


def _landing_columns(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    rows = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = 'landing'"
    ).fetchall()
    columns: dict[str, set[str]] = {}
    for table, column in rows:
        columns.setdefault(table, set()).add(column)
    return columns


def _landing_table(entity: Entity) -> str:
    columns = ", ".join(f'"{name}" VARCHAR' for name in entity.column_names)
    return (
        f'CREATE TABLE IF NOT EXISTS landing."{entity.table}" '
        f"({columns}, _extra VARCHAR, _batch BIGINT NOT NULL, _row BIGINT NOT NULL)"
    )


def _add_columns(con: duckdb.DuckDBPyConnection, entity: Entity, existing: set[str]) -> None:
    """A contract that has learnt a column takes the values that landed as unknown until then."""
    for name in entity.column_names:
        if name in existing:
            continue
        con.execute(f'ALTER TABLE landing."{entity.table}" ADD COLUMN "{name}" VARCHAR')
        con.execute(
            f'UPDATE landing."{entity.table}" SET "{name}" = json_extract_string(_extra, $path), '
            "_extra = nullif(json_merge_patch(_extra, $without)::VARCHAR, '{}') "
            "WHERE json_exists(_extra, $path)",
            {"path": f'$."{name}"', "without": f'{{"{name}": null}}'},
        )
