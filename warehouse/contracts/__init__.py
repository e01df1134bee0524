"""What each source may send: the yml files of this folder, read into typed objects.

One file a source. Companies add folders of their own; every function that needs contracts takes them as a parameter.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import ContractError

BUILT_IN = Path(__file__).parent

TYPES = ("text", "timestamp", "date", "integer", "double", "boolean")
# What the types are in DuckDB, once staging has cast them.
SQL_TYPES = {
    "text": "VARCHAR", "timestamp": "TIMESTAMP", "date": "DATE", "integer": "BIGINT", "double": "DOUBLE",
    "boolean": "BOOLEAN",
}  # fmt: skip
# Names that landing tables use for themselves.
RESERVED = ("_extra", "_batch", "_row")


@dataclass(frozen=True)
class Column:
    """One declared column. `plan` is True, False, or (column, value): a plan only where that column has that value."""

    name: str
    type: str
    required: bool = False
    plan: bool | tuple[str, str] = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    not_before: str | None = None


@dataclass(frozen=True)
class Rule:
    """A rule on one row: SQL over the typed columns that holds where the row is broken, and the reason in words."""

    broken_when: str
    reason: str


@dataclass(frozen=True)
class Entity:
    """One entity of one source: its key, its columns in order, and how its text is to be read."""

    source: str
    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    timestamp_format: str | None = None
    null_text: str | None = None
    rules: tuple[Rule, ...] = ()

    @property
    def table(self) -> str:
        """The landing table's name within the schema `landing`."""
        return f"{self.source}__{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)


@dataclass(frozen=True)
class Contracts:
    """All sources known: {source: {entity: Entity}}."""

    sources: Mapping[str, Mapping[str, Entity]]

    def entity(self, source: str, name: str) -> Entity:
        """One entity. Raises ContractError that lists what there is."""
        if source not in self.sources:
            raise ContractError(f"no contract for the source '{source}': known are {', '.join(sorted(self.sources))}")
        entities = self.sources[source]
        if name not in entities:
            raise ContractError(f"the source '{source}' has no entity '{name}': known are {', '.join(entities)}")
        return entities[name]

    def __iter__(self) -> Iterator[Entity]:
        for entities in self.sources.values():
            yield from entities.values()

    def fingerprint(self) -> str:
        """A hash of everything declared: equal contracts, equal fingerprint."""
        return hashlib.sha256(repr([*self]).encode()).hexdigest()


@functools.cache
def load_contracts(*folders: Path) -> Contracts:
    """The built-in contracts and those of `folders` (a file for a built-in source replaces it)."""
    sources: dict[str, Mapping[str, Entity]] = {}
    for folder in (BUILT_IN, *folders):
        if not folder.is_dir():
            raise ContractError(f"the contracts folder {folder} isn't there")
        for path in sorted(folder.glob("*.yml")):
            source, entities = _read_source(path)
            sources[source] = entities
    return Contracts(sources)


def _read_source(path: Path) -> tuple[str, dict[str, Entity]]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        source = _name(document["source"])
        shared = document.get("every_entity", [])
        entities = {}
        for name, body in document["entities"].items():
            columns = tuple(_column(item) for item in [*body["columns"], *shared])
            entities[name] = Entity(
                source, _name(name), tuple(body["key"]), columns,
                document.get("timestamp_format"), document.get("null_text"),
                tuple(Rule(**rule) for rule in body.get("rules", ())),
            )  # fmt: skip
            _check(entities[name])
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ContractError(f"{path}: {type(error).__name__}: {error}") from error
    return source, entities


def _name(text: str) -> str:
    """A source's or entity's name: it becomes part of a table's name, and `__` separates the two."""
    if not (text.isidentifier() and text == text.lower()) or "__" in text:
        raise ValueError(f"'{text}' isn't a lower-case name")
    return text


def _column(item: dict[str, Any]) -> Column:
    fields = dict(item)
    if isinstance(fields.get("plan"), dict):
        ((column, value),) = fields["plan"].items()
        fields["plan"] = (column, value)
    fields["values"] = tuple(fields.get("values", ()))
    return Column(**fields)


def _check(entity: Entity) -> None:
    names = entity.column_names
    wrong = [column.name for column in entity.columns if column.type not in TYPES]
    if wrong:
        raise ValueError(f"{entity.name}: unknown type of {', '.join(wrong)}; types are {', '.join(TYPES)}")
    if len(set(names)) < len(names) or set(names) & set(RESERVED):
        raise ValueError(f"{entity.name}: column names must be different and none of {', '.join(RESERVED)}")
    pointed_at = {*entity.key, *(column.not_before for column in entity.columns if column.not_before)}
    pointed_at |= {column.plan[0] for column in entity.columns if isinstance(column.plan, tuple)}
    if pointed_at - set(names):
        raise ValueError(f"{entity.name}: no column {', '.join(sorted(pointed_at - set(names)))}")
