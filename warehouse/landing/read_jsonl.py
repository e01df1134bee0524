"""Reading JSONL: one object a line, each value as the text that stood in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse.contracts import Entity
from warehouse.landing.incoming import CHUNK_ROWS, Incoming, Piece, RowsPiece, refuse_missing
from warehouse.landing.report import Reject, masked
from warehouse.landing.survey import open_bytes, refuse_foreign_encoding

_EXTRA = "_extra"


class _Number(float):
    """A float that remembers how it was written: 1.10 stays 1.10."""

    text: str


def read_jsonl(path: Path, entity: Entity) -> Incoming:
    """The file line by line. Lines that are no object go to `rejects`. Keys may differ from line to line.

    Raises FileRejected at the end where a required column stood in no line at all.
    """
    incoming = Incoming([*entity.column_names, _EXTRA], iter(()), extra=_EXTRA)
    incoming.pieces = _pieces(path, entity, incoming.rejects)
    return incoming


def _pieces(path: Path, entity: Entity, rejects: list[Reject]) -> Iterator[Piece]:
    objects = _Objects(entity, rejects)
    rows: list[tuple[int, list[str | None]]] = []
    with open_bytes(path) as stream:
        for line, raw in enumerate(stream, start=1):
            try:
                text = raw.decode("utf-8-sig" if line == 1 else "utf-8")
            except UnicodeDecodeError:
                refuse_foreign_encoding(path)
                raise
            values = objects.read(line, text)
            if values is not None:
                rows.append((objects.row, values))
            if len(rows) == CHUNK_ROWS:
                yield _piece(rows)
                rows = []
    if rows:
        yield _piece(rows)
    if objects.seen:
        refuse_missing(entity, objects.seen)


def _piece(rows: list[tuple[int, list[str | None]]]) -> RowsPiece:
    return RowsPiece(list(zip(*(values for _, values in rows), strict=True)), [number for number, _ in rows])


class _Objects:
    """Turns lines into rows of the contract's columns plus the JSON of all others; knows which keys it has seen."""

    def __init__(self, entity: Entity, rejects: list[Reject]) -> None:
        self._names = entity.column_names
        self._places = {name.lower(): place for place, name in enumerate(self._names)}
        self._rejects = rejects
        self.row = 0
        self.seen: set[str] = set()

    def read(self, line: int, text: str) -> list[str | None] | None:
        """The values of one line; None for an empty line, and for a faulty one, which is rejected."""
        if not text.strip():
            return None
        self.row += 1
        try:
            return self._values(_parse(text))
        except (ValueError, RecursionError) as error:
            reason = "nested too deeply" if isinstance(error, RecursionError) else _reason(error)
            self._rejects.append(Reject(line, reason, masked(text)))
            return None

    def _values(self, item: dict[str, Any]) -> list[str | None]:
        values: list[str | None] = [None] * (len(self._names) + 1)
        extra: dict[str, str] = {}
        given: set[int] = set()
        for key, value in item.items():
            place = self._places.get(key.strip().lower())
            text = _as_text(value)
            if place is None:
                if text:
                    extra[key] = text
            elif place in given:
                raise ValueError(f"the key {self._names[place]} comes twice")
            else:
                given.add(place)
                values[place] = text
        self.seen.update(self._names[place] for place in given)
        if extra:
            values[-1] = json.dumps(extra, ensure_ascii=False)
        return values


def _parse(text: str) -> dict[str, Any]:
    item = json.loads(text, parse_float=_number, parse_constant=_no_constant, object_pairs_hook=_once)
    if not isinstance(item, dict):
        raise ValueError("not a JSON object")
    if "\\u" in text:
        json.dumps(item, ensure_ascii=False).encode("utf-8")
    return item


def _number(text: str) -> _Number:
    number = _Number(text)
    number.text = text
    return number


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    item = dict(pairs)
    if len(item) < len(pairs):
        raise ValueError("a key comes twice")
    return item


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Number):
        return value.text
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _reason(error: ValueError) -> str:
    """Why a line is no row, without any of its content."""
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at character {error.pos + 1}"
    if isinstance(error, UnicodeEncodeError):
        return "half of a surrogate pair (\\ud800 to \\udfff) stands alone"
    return str(error)
