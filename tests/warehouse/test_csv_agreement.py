"""The quick and the exact reading of CSV agree wherever the quick one stands, on files made to be nasty."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.contracts import Column, Contracts, Entity
from warehouse.landing import load as loading
from warehouse.schema import create_schema

PIECES = [
    "a",
    "7",
    "ü",
    ",",
    ",",
    ";",
    '"',
    '""',
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\\",
    "x,y\n",
    '"q"',
    "#",
    "\t",
    ",,\n",
]
ENTITY = Entity("fuzz", "rows", ("a",), (Column("a", "text"), Column("b", "text"), Column("c", "text")))


def _text(dice: random.Random) -> str:
    """Mostly well-formed records with quoted nasties, sometimes any characters at all."""
    end = dice.choice(["\n", "\n", "\r\n", "\r"])
    lines = [end.join(["a,b,c", ""])]
    for _ in range(dice.randint(0, 6)):
        if dice.random() < 0.25:
            lines.append("".join(dice.choices(PIECES, k=dice.randint(0, 8))))
            continue
        values = []
        for _ in range(3 if dice.random() < 0.95 else dice.randint(1, 5)):
            value = "".join(dice.choices(PIECES, k=dice.randint(0, 4)))
            quoted = '"' + value.replace('"', '""') + '"'
            plain = not any(character in value for character in ',"\r\n')
            values.append(value if plain and dice.random() < 0.6 else quoted)
        lines.append(",".join(values) + (end if dice.random() < 0.97 else "\n\n"))
    text = "".join(lines)
    return text.rstrip("\r\n") if dice.random() < 0.2 else text


def _read(con: duckdb.DuckDBPyConnection, path: Path) -> Any:
    def restart() -> None:
        con.rollback()
        con.begin()

    con.begin()
    try:
        loaded = loading.load(con, ENTITY, path, 1, restart)
        # The exact reading drops the spaces before a value; staging trims what is left of the difference.
        trimmed = ", ".join(f"nullif(ltrim({name}, ' '), '')" for name in "abc")
        rows = con.execute(f"SELECT {trimmed}, _row FROM landing.fuzz__rows ORDER BY _row").fetchall()
        return rows, loaded.rejects
    except loading.FileRejected as rejection:
        return str(rejection)
    finally:
        con.rollback()


@pytest.mark.parametrize("seed", range(4))
def test_quick_and_exact_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    dice = random.Random(seed)
    path = tmp_path / "a.csv"
    quick_stood = 0

    def never(*_: object) -> None:
        raise loading.NotQuick

    with duckdb.connect() as con:
        create_schema(con, Contracts({"fuzz": {"rows": ENTITY}}))
        for _ in range(60):
            text = _text(dice)
            path.write_bytes(text.encode())
            either = _read(con, path)
            with monkeypatch.context() as patch:
                patch.setattr(loading, "_quickly", never)
                exact = _read(con, path)
            assert either == exact, repr(text)
            quick_stood += not isinstance(exact, str) and not exact[1]
    assert quick_stood > 10


def test_every_line_of_a_broken_file_is_accounted_for(tmp_path: Path) -> None:
    """Each good row among broken ones lands, unless a broken quote reaches into it: then a reject names the lines."""
    dice = random.Random(3)
    path = tmp_path / "a.csv"
    with duckdb.connect() as con:
        create_schema(con, Contracts({"fuzz": {"rows": ENTITY}}))
        for _ in range(40):
            broken = [dice.random() < 0.2 for _ in range(30)]
            faults = ["x,y", "x,y,z,w", 'x,"y"z,w', "x,y,,w"]
            lines = [dice.choice(faults) if bad else f"{i},good,z" for i, bad in enumerate(broken)]
            path.write_text("\n".join(["a,b,c", *lines, ""]))
            rows, rejects = _read(con, path)
            assert [int(row[0]) for row in rows] == [i for i, bad in enumerate(broken) if not bad]
            assert [reject.line for reject in rejects] == [i + 2 for i, bad in enumerate(broken) if bad]
            assert [row[3] for row in rows] == [i + 1 for i, bad in enumerate(broken) if not bad]
