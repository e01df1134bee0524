"""A first pass over a file's bytes: its content hash, whether it is whole, and how many lines it has."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from warehouse.errors import FileRejected

_CHUNK = 1 << 20
TEXT_FORMATS = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
FORMATS = (*TEXT_FORMATS, ".parquet")


@dataclass(frozen=True)
class Survey:
    """`newlines`: line feeds in the text (0 for Parquet); `ends_open`: the last line has no line feed."""

    newlines: int
    ends_open: bool


def file_format(name: str) -> str | None:
    """The format by the name's ending, or None where it is none of ours."""
    return next((ending for ending in FORMATS if name.lower().endswith(ending)), None)


def content_hash(path: Path) -> str:
    """The sha256 of the bytes as they lie on disk."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_bytes(path: Path) -> BinaryIO:
    """The file's content, unpacked where it is gzipped."""
    if path.name.lower().endswith(".gz"):
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def survey(path: Path) -> Survey:
    """Read a text file to its end once. Raises FileRejected on an empty file, a broken gzip and a foreign encoding.

    The end of a gzip file holds a checksum that DuckDB doesn't compare, hence this pass before any other.
    """
    newlines, last, size = 0, b"", 0
    for chunk in _chunks(path):
        if not size:
            _refuse_utf16(chunk)
        newlines += chunk.count(b"\n")
        last = chunk[-1:]
        size += len(chunk)
    if not size:
        raise FileRejected("the file is empty: it has not even a header")
    return Survey(newlines, last != b"\n")


def _chunks(path: Path) -> Iterator[bytes]:
    read = 0
    try:
        with open_bytes(path) as stream:
            while chunk := stream.read(_CHUNK):
                read += len(chunk)
                yield chunk
    except EOFError as error:
        raise FileRejected(f"the gzip file is cut short after {read} unpacked bytes: send it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileRejected(f"the gzip file is damaged after {read} unpacked bytes ({error}): send it again") from error


def _refuse_utf16(start: bytes) -> None:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileRejected("the file is UTF-16: export it as UTF-8")


def refuse_foreign_encoding(path: Path) -> None:
    """Raise FileRejected naming the first byte that isn't UTF-8; return where there is none.

    The file is rejected whole, not line by line: a wrong encoding is a fault of the export, every accented name in it
    is at stake, and lines that happen to decode may be wrong as well. Sent again as UTF-8 it lands whole.
    """
    offset = 0
    with open_bytes(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise FileRejected(
                    f"not UTF-8: byte 0x{line[error.start]:02x} at line {number}, offset {offset + error.start}: "
                    "export the file as UTF-8"
                ) from error
            offset += len(line)
