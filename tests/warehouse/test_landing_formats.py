"""Every format lands as text as it came: values, row numbers, unknown columns, nulls."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.connect import connect
from warehouse.home import Home
from warehouse.landing import LandingReport, land_all


def rows(home: Home, columns: str, table: str = "harken__account_events") -> list[tuple[Any, ...]]:
    with connect(home, read_only=True) as con:
        return con.execute(f"SELECT {columns} FROM landing.{table} ORDER BY _batch, _row").fetchall()


def land(home: Home) -> LandingReport:
    report = land_all(home, "r1")
    assert not report.messages()
    return report


Drop = Callable[..., Path]

EVENTS = "customer_id,occurred_at,kind,amount\nü1,2025-07-01T00:00:00Z,refund,1.50\nb,2025-07-02,usage,\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", EVENTS.encode()),
        ("bom.csv", b"\xef\xbb\xbf" + EVENTS.encode()),
        ("packed.csv.gz", gzip.compress(EVENTS.encode(), mtime=0)),
        ("semicolon.csv", EVENTS.replace(",", ";").encode()),
        ("windows.csv", EVENTS.replace("\n", "\r\n").encode()),
        ("old_mac.csv", EVENTS.replace("\n", "\r").encode()),
        ("no_last_line_end.csv", EVENTS.rstrip().encode()),
        ("empty_lines.csv", EVENTS.replace("\n", "\n\n").encode()),
        ("quoted.csv", EVENTS.replace("usage", '"usage"').encode()),
        ("other_case.CSV", EVENTS.replace("customer_id", " Customer_ID ").encode()),
        ("two_members.csv.gz", gzip.compress(EVENTS[:30].encode(), mtime=0) + gzip.compress(EVENTS[30:].encode())),
    ],
)
def test_csv_of_every_make_gives_the_same_rows(home: Home, drop: Drop, name: str, content: bytes) -> None:
    drop("account_events", name, content)
    land(home)
    assert rows(home, "customer_id, occurred_at, kind, amount, detail, recorded_at, _extra, _batch, _row") == [
        ("ü1", "2025-07-01T00:00:00Z", "refund", "1.50", None, None, None, 1, 1),
        ("b", "2025-07-02", "usage", None, None, None, None, 1, 2),
    ]


def test_quotes_line_ends_and_delimiters_within_values(home: Home, drop: Drop) -> None:
    text = 'customer_id,occurred_at,kind,detail\na,t,k,"one\ntwo, ""three"""\nb,t,k,"x\r\ny;z"\nc,t,k,5" disk\n'
    drop("account_events", "a.csv", text)
    land(home)
    expected = [("a", 'one\ntwo, "three"', 1), ("b", "x\r\ny;z", 2), ("c", '5" disk', 3)]
    assert rows(home, "customer_id, detail, _row") == expected


def test_a_single_column_file_has_no_rows_for_its_empty_lines(home: Home, drop: Drop, tmp_path: Path) -> None:
    drop("incident_event_log", "x.csv", "a\n\n1\n", source="servicenow")
    assert "required column missing" in (land_all(home, "r").rejected[0].reason or "")


def test_unknown_columns_are_kept_as_json(home: Home, drop: Drop) -> None:
    text = "customer_id,shoe size,occurred_at,kind,,shoe size,_batch\na,44,t,k,x,45,7\nb,,t,k,,,\n"
    drop("account_events", "a.csv", text)
    land(home)
    (first, batch), (second, _) = rows(home, "_extra, _batch")
    assert json.loads(first) == {"shoe size": "44", "column_5": "x", "shoe size_6": "45", "_batch": "7"}
    assert second is None
    assert batch == 1


def test_jsonl_keeps_values_as_written(home: Home, drop: Drop) -> None:
    lines = [
        '{"customer_id": 4711, "occurred_at": "t", "kind": "k", "amount": 1.10, "tags": ["a", 1], "vip": true}',
        "",
        '{"kind": "k", "customer_id": "ü\\u00fc", "occurred_at": "t", "detail": null, "amount": 12345678901234567890}',
        '{"kind": "k", "customer_id": "", "occurred_at": "t", "Detail": "two\\nlines"}',
    ]
    drop("account_events", "a.jsonl", "\ufeff" + "\n".join(lines))
    land(home)
    assert rows(home, "customer_id, amount, detail, _extra, _row") == [
        ("4711", "1.10", None, '{"tags": "[\\"a\\", 1]", "vip": "true"}', 1),
        ("üü", "12345678901234567890", None, None, 2),
        (None, None, "two\nlines", None, 3),
    ]


def test_jsonl_may_be_gzipped(home: Home, drop: Drop) -> None:
    line = b'{"customer_id": "a", "occurred_at": "t", "kind": "k"}\n'
    drop("account_events", "a.jsonl.gz", gzip.compress(line, mtime=0))
    assert land(home).rows == 1


def test_parquet_values_become_iso_text(home: Home, drop: Drop) -> None:
    moment = datetime(2025, 7, 1, 10, 0, 0, 250000, UTC)
    table = pa.table(
        {
            "customer_id": pa.array([4711.0, None]),
            "occurred_at": pa.array([moment, None], pa.timestamp("us", "Europe/Berlin")),
            "kind": pa.array(["ü", ""]).dictionary_encode(),
            "amount": pa.array([Decimal("1.50"), None]),
            "detail": pa.array([[1, 2], None]),
            "recorded_at": pa.array([datetime(2025, 7, 1), None], pa.timestamp("ns")),
            "day": pa.array([date(2025, 7, 1), None]),
            "ok": pa.array([True, None]),
            "ratio": pa.array([0.25, None]),
        }
    )
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer)
    drop("account_events", "a.parquet", buffer.getvalue().to_pybytes())
    land(home)
    first, second = rows(home, "customer_id, occurred_at, kind, amount, detail, recorded_at, _extra, _row")
    assert first == (
        "4711", "2025-07-01T10:00:00.25Z", "ü", "1.50", "[1,2]", "2025-07-01T00:00:00Z",
        '{"day":"2025-07-01","ok":"true","ratio":"0.25"}', 1,
    )  # fmt: skip
    assert second == (None,) * 7 + (2,)


def test_every_declared_entity_lands(home: Home, drop: Drop) -> None:
    from warehouse.contracts import load_contracts

    entities = list(load_contracts())
    for entity in entities:
        text = ",".join(entity.column_names) + "\n" + ",".join("1" for _ in entity.column_names) + "\n"
        drop(entity.name, "a.csv", text, source=entity.source)
    report = land(home)
    assert report.rows_by_entity() == {(entity.source, entity.name): 1 for entity in entities}
