"""Files with faults: each is one clear line, the others land, nothing is lost, and nothing lands twice."""

from __future__ import annotations

import gzip
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.connect import connect
from warehouse.errors import HarkenError, WarehouseLocked
from warehouse.health import open_problems
from warehouse.home import Home, open_home
from warehouse.landing import land_all, land_files
from warehouse.landing.scan import Candidate

Drop = Callable[..., Path]

HEADER = "customer_id,occurred_at,kind,detail\n"
GOOD = HEADER + "a,t,k,x\nb,t,k,y\n"


def query(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with connect(home, read_only=True) as con:
        return con.execute(sql).fetchall()


def landed_rows(home: Home) -> list[tuple[Any, ...]]:
    return query(home, "SELECT customer_id, detail, _row FROM landing.harken__account_events ORDER BY _batch, _row")


def rejects(home: Home) -> list[tuple[Any, ...]]:
    return query(home, "SELECT line, reason, content FROM landing.rejects ORDER BY batch_id, line")


def parquet_bytes() -> bytes:
    buffer = pa.BufferOutputStream()
    rows = 20_000
    dice = random.Random(0)
    values = [str(dice.random()) for _ in range(rows)]
    pq.write_table(pa.table({"customer_id": values, "occurred_at": values, "kind": values}), buffer)
    return bytes(buffer.getvalue().to_pybytes())


PACKED = gzip.compress((HEADER + "".join(f"{i},t,k,{i * i}\n" for i in range(20_000))).encode())
PARQUET = parquet_bytes()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cut.csv.gz", PACKED[: len(PACKED) // 2], "the gzip file is cut short"),
        ("checksum.csv.gz", PACKED[:-6] + b"xx" + PACKED[-4:], "the gzip file is damaged"),
        ("no_gzip.csv.gz", GOOD.encode(), "the gzip file is damaged"),
        ("latin.csv", (GOOD + "c,t,k,M\xfcller\n").encode("latin-1"), "not UTF-8: byte 0xfc at line 4, offset 59"),
        (
            "latin.jsonl",
            '{"kind": "k"}\n{"kind": "\xfc"}'.encode("latin-1"),
            "not UTF-8: byte 0xfc at line 2, offset 24",
        ),
        ("latin_header.csv", "customer_id,stra\xdfe\n".encode("latin-1"), "not UTF-8: byte 0xdf at line 1"),
        ("utf16.csv", GOOD.encode("utf-16"), "the file is UTF-16"),
        ("empty.csv", b"", "the file is empty"),
        ("empty.jsonl", b"", "the file is empty"),
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "the file is empty"),
        ("missing.csv", b"customer_id,detail\na,b\n", "required column missing: occurred_at, kind"),
        ("missing.jsonl", b'{"customer_id": "a"}\n', "required column missing: occurred_at, kind"),
        ("headless.csv", b"a,t,k,x\nb,t,k,y\n", "has the file a header"),
        ("twice.csv", b"customer_id,kind,occurred_at,KIND\na,b,c,d\n", "the column kind comes more than once"),
        ("all_ragged.csv", HEADER.encode() + b"a\nb\n", "none of its 2 lines can be read; line 2: 1 fields"),
        ("no_json.jsonl", b"hello\n", "none of its 1 lines can be read; line 1: not JSON"),
        ("open_quote.csv", b'customer_id,"occurred_at\n', "the header can't be read"),
        ("cut.parquet", PARQUET[:-100], "not a whole Parquet file"),
        ("empty.parquet", b"", "not a whole Parquet file"),
        ("damaged.parquet", PARQUET[:5000] + bytes(20_000) + PARQUET[25_000:], "damaged Parquet file"),
    ],
)
def test_a_file_that_is_no_good_is_rejected_whole_in_one_line(
    home: Home, drop: Drop, name: str, content: bytes, reason: str
) -> None:
    drop("account_events", name, content, age=200)
    drop("account_events", "good.csv", GOOD, age=100)
    report = land_all(home, "r1")
    (rejected,), (good,) = report.rejected, report.landed
    assert reason in (rejected.reason or "")
    assert "\n" not in (rejected.reason or "")
    assert good.rows == 2
    assert query(home, "SELECT name, status, reason, rows FROM landing.files WHERE status = 'rejected'") == [
        (name, "rejected", rejected.reason, 0)
    ]
    assert [f.status for f in land_all(home, "r2").files] == ["still rejected", "known"]


def test_a_broken_row_in_the_middle_is_one_line_of_rejects(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", HEADER + 'a,t,k,"two\nlines"\nb,t,k\nJane,t,k,x,9\nd,t,k,z\n')
    report = land_all(home, "r1")
    assert landed_rows(home) == [("a", "two\nlines", 1), ("d", "z", 4)]
    assert rejects(home) == [
        (4, "3 fields where the header has 4", "x,x,x\n"),
        (5, "5 fields where the header has 4", "xxxx,x,x,x,9\n"),
    ]
    assert report.rejected_lines == 2
    assert report.messages() == [
        "harken/account_events/a.csv: 2 rows landed, 2 lines rejected (first: line 4: 3 fields where the header has 4)"
    ]


def test_an_open_quote_loses_its_own_line_only(home: Home, drop: Drop) -> None:
    text = HEADER + 'a,t,k,x\nb,t,k,"left open\nc,t,k,z\nd,t,k,"quoted"\ne,t,k,"two\nlines"\n'
    drop("account_events", "a.csv", text)
    land_all(home, "r1")
    assert [row[0] for row in landed_rows(home)] == ["a", "c", "d", "e"]
    assert [row[0] for row in rejects(home)] == [3]


@pytest.mark.parametrize("broken", ["", "broken\n"])
def test_spaces_before_an_opening_quote_are_none_of_the_value(home: Home, drop: Drop, broken: str) -> None:
    drop("account_events", "a.csv", HEADER.replace(",", ", ") + 'a, t, k, "Doe, Jane"\n' + broken)
    land_all(home, "r1")
    assert landed_rows(home) == [("a", "Doe, Jane", 1)]


def test_the_rest_of_a_broken_row_is_no_row(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", HEADER + 'a,t,k,"one\ntwo" broken,t,k,x\nb,t,k,y\n')
    land_all(home, "r1")
    assert [row[0] for row in landed_rows(home)] == ["b"]
    assert [(line, reason) for line, reason, _ in rejects(home)] == [
        (2, "bad quoting (',' expected after '\"')"),
        (3, "the rest of a row that is broken before this line"),
    ]


def test_a_quote_open_at_the_end_loses_no_line_before(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", HEADER + "a,t,k,x\n" + 'b,t,k,"open\n' + "c,t,k,x\n" * 5)
    land_all(home, "r1")
    assert len(landed_rows(home)) == 6
    assert [(line, reason) for line, reason, _ in rejects(home)] == [(3, "a quote is left open")]


def test_broken_json_lines_are_rejected_without_their_content(home: Home, drop: Drop) -> None:
    good = '{"customer_id": "a", "occurred_at": "t", "kind": "k"}'
    bad = [
        '{"customer_id": "Jane 7"', "[1]", '{"kind": "a", "kind": "b"}', '{"kind": "a", "Kind": "b"}',
        '{"kind": NaN}', '{"kind": "\\ud800"}', "[" * 100_000,
    ]  # fmt: skip
    drop("account_events", "a.jsonl", "\n".join([good, *bad, good]))
    land_all(home, "r1")
    assert [row[2] for row in landed_rows(home)] == [1, 9]
    found = rejects(home)
    assert [line for line, _, _ in found] == [2, 3, 4, 5, 6, 7, 8]
    assert found[0][1:] == ("not JSON: Expecting ',' delimiter at character 26", '{"xxxxxxxx_xx": "xxxx 9"\n')
    assert [reason for _, reason, _ in found[1:]] == [
        "not a JSON object", "a key comes twice", "the key kind comes twice", "NaN is no JSON",
        "half of a surrogate pair (\\ud800 to \\udfff) stands alone", "nested too deeply",
    ]  # fmt: skip


@pytest.mark.parametrize("broken", ["", "z,t,k\n"])
def test_a_text_of_ten_megabytes_lands_whole(home: Home, drop: Drop, broken: str) -> None:
    text = "long \u00fc\n" * 1_300_000
    drop("account_events", "a.csv", HEADER + f'a,t,k,"{text}"\nb,t,k,y\n{broken}')
    assert land_all(home, "r1").rows == 2
    assert [len(row[1]) for row in landed_rows(home)] == [len(text), 1]
    assert len(rejects(home)) == bool(broken)


def test_a_header_alone_lands_as_no_rows(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", HEADER)
    (outcome,) = land_all(home, "r1").landed
    assert outcome.rows == 0


@pytest.mark.parametrize("name", ["a.csv.tmp", "a.csv.part", "a.csv~"])
def test_a_file_whose_name_says_unfinished_is_left(home: Home, drop: Drop, name: str) -> None:
    drop("account_events", name, GOOD)
    (outcome,) = land_all(home, "r1").files
    assert (outcome.status, outcome.reason) == ("waiting", "still being written: its name says so")


def test_a_file_changed_a_moment_ago_is_left_for_the_next_run_and_said_so(home: Home, drop: Drop) -> None:
    path = drop("account_events", "a.csv", GOOD, age=1)
    report = land_all(home, "r1", settle_seconds=60)
    assert "still being written: changed" in report.messages()[0]
    assert query(home, "SELECT source, entity, name, status, run_id FROM landing.left_aside") == [
        ("harken", "account_events", "a.csv", "waiting", "r1")
    ]
    os.utime(path, (time.time() - 61,) * 2)
    assert land_all(home, "r2", settle_seconds=60).rows == 2
    assert query(home, "SELECT * FROM landing.left_aside") == []


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_run(
    home: Home, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop("account_events", "a.csv", GOOD)
    unchanged = Candidate.unchanged

    def grow_then_look(self: Candidate) -> bool:
        with path.open("a") as stream:
            stream.write("c,t,k,z\n")
        return unchanged(self)

    monkeypatch.setattr(Candidate, "unchanged", grow_then_look)
    assert land_all(home, "r1").messages() == [
        "harken/account_events/a.csv: waiting: still being written: it changed while it was read"
    ]
    assert landed_rows(home) == []
    monkeypatch.undo()
    assert land_all(home, "r2", settle_seconds=0).rows == 3


def test_folders_and_files_that_cannot_be_read_are_named_and_the_rest_lands(home: Home, drop: Drop) -> None:
    drop("account_events", "good.csv", GOOD)
    (home.landing / "harken" / "account_events" / "loop.csv").symlink_to("loop.csv")
    (home.landing / "harken" / "tickets").symlink_to("tickets")
    report = land_all(home, "r1")
    assert report.rows == 2
    assert {(o.entity, o.name) for o in report.of("unreadable")} == {("account_events", "loop.csv"), ("tickets", "")}
    assert all("Too many levels of symbolic links" in (o.reason or "") for o in report.of("unreadable"))
    assert query(home, "SELECT count(*) FROM landing.left_aside WHERE status = 'unreadable'") == [(2,)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named(home: Home, drop: Drop) -> None:
    folder = drop("account_events", "good.csv", GOOD).parent
    folder.chmod(0)
    try:
        assert "Permission denied" in land_all(home, "r1").messages()[0]
    finally:
        folder.chmod(0o755)


def test_unknown_sources_entities_and_formats_are_said(home: Home, drop: Drop) -> None:
    drop("account_events", "readme.txt", "x")
    drop("orders", "a.csv", GOOD)
    drop("tickets", "a.csv", GOOD, source="zendesk")
    drop("account_events", ".hidden", "x")
    drop("account_events/2025", "a.csv", GOOD)
    (home.landing / "harken" / "misplaced.csv").write_text(GOOD)
    outcomes = land_all(home, "r1").files
    assert {(o.source, o.entity, o.name, o.status) for o in outcomes} == {
        ("harken", "account_events", "readme.txt", "unknown"),
        ("harken", "account_events", "2025", "unknown"),
        ("harken", "misplaced.csv", "", "unknown"),
        ("harken", "orders", "", "unknown"),
        ("zendesk", "", "", "unknown"),
    }


def test_a_rejected_file_is_told_again_until_it_is_mended(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", "customer_id\nx\n")
    land_all(home, "r1")
    assert open_problems(home) == [
        "harken/account_events/a.csv is rejected: required column missing: occurred_at, kind"
    ]
    report = land_all(home, "r2")
    assert report.summary() == "files: 1 rejected before and still there"
    assert report.messages() == ["harken/account_events/a.csv: still rejected: send it mended, or take it away"]
    drop("account_events", "a.csv", GOOD, age=50)
    land_all(home, "r3")
    assert open_problems(home) == []


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_name_that_reads_as_a_pattern_is_only_a_name(home: Home, drop: Drop, suffix: str) -> None:
    for place, name in enumerate(("t1", "t[1]", "t*", "t?")):
        frame = pd.DataFrame({"customer_id": [name], "occurred_at": ["2025-07-01"], "kind": ["k"], "detail": ["d"]})
        content = frame.to_csv(index=False).encode() if suffix == ".csv" else frame.to_parquet(index=False)
        drop("account_events", name + suffix, content, age=400 - place)
    land_all(home, "r1")
    found = query(home, "SELECT customer_id FROM landing.harken__account_events ORDER BY _batch")
    assert found == [("t1",), ("t[1]",), ("t*",), ("t?",)]


def test_a_home_that_reads_as_a_pattern_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarkenError, match="can't hold"):
        open_home(tmp_path / "h[1]")


def test_what_is_no_file_or_has_no_readable_name_is_left_aside(home: Home, drop: Drop) -> None:
    drop("account_events", "good.csv", GOOD)
    folder = home.landing / "harken" / "account_events"
    (folder / os.fsdecode(b"bad\xff.csv")).write_text(GOOD)
    os.mkfifo(folder / "pipe.csv")
    report = land_all(home, "r1")
    assert report.rows == 2
    assert {(o.name, o.status) for o in report.files} >= {("bad\\xff.csv", "unreadable"), ("pipe.csv", "unknown")}


def test_a_rejected_file_lands_when_it_changes(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", "customer_id\nx\n", age=100)
    assert land_all(home, "r1").rows == 0
    drop("account_events", "a.csv", GOOD, age=50)
    assert land_all(home, "r2").rows == 2


def test_a_file_lands_once_however_often_it_is_seen(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", GOOD, age=400)
    statuses = [land_all(home, "r1").files[0].status, land_all(home, "r2").files[0].status]
    drop("account_events", "a.csv", GOOD, age=300)
    statuses += [land_all(home, "r3").files[0].status, land_all(home, "r4").files[0].status]
    assert statuses == ["landed", "known", "duplicate", "known"]
    assert len(landed_rows(home)) == 2


def test_content_that_comes_back_after_another_lands_again(home: Home, drop: Drop) -> None:
    for age, text in ((400, GOOD), (300, HEADER + "a,t,k,other\n"), (200, GOOD)):
        drop("account_events", "a.csv", text, age=age)
        land_all(home, "r")
    assert [row[1] for row in landed_rows(home)] == ["x", "y", "other", "x", "y"]


def test_files_land_in_the_order_they_arrived(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", GOOD, age=100)
    drop("account_events", "b.csv", GOOD + "c,t,k,z\n", age=200)
    drop("customers", "z.csv", "customer_id,valid_from\na,t\n", age=150)
    drop("account_events", "y.csv", HEADER, age=150)
    assert [outcome.name for outcome in land_all(home, "r1").files] == ["b.csv", "z.csv", "y.csv", "a.csv"]
    assert query(home, "SELECT name FROM landing.files ORDER BY batch_id") == [
        ("b.csv",),
        ("z.csv",),
        ("y.csv",),
        ("a.csv",),
    ]


def test_files_named_by_hand_land_from_where_they_lie(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "outside.csv"
    path.write_text("customer_id\nx\n")
    assert land_files(home, "r1", "harken", "account_events", [path]).rejected
    assert land_files(home, "r2", "harken", "account_events", [path]).rejected
    path.write_text(GOOD)
    report = land_files(home, "r3", "harken", "account_events", [path, tmp_path / "nowhere.csv"])
    assert report.rows == 2
    assert "No such file" in report.messages()[0]
    assert land_files(home, "r4", "harken", "account_events", [path]).files[0].status == "known"


def test_only_some_entities_can_be_landed(home: Home, drop: Drop) -> None:
    drop("account_events", "a.csv", GOOD)
    drop("customers", "a.csv", "customer_id,valid_from\na,t\n")
    assert land_all(home, "r1", only=[("harken", "customers")]).rows_by_entity() == {("harken", "customers"): 1}


def test_a_locked_warehouse_is_one_line(home: Home, drop: Drop, tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, time\nfrom warehouse.home import open_home\nfrom warehouse.lock import writer_lock\n"
        "with writer_lock(open_home(sys.argv[1]), 'harken run'):\n    print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(home.root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        with pytest.raises(WarehouseLocked, match=rf"in use by pid {process.pid} \(harken run\)"):
            land_all(home, "r1")
    finally:
        process.kill()
        process.wait()
