"""Which columns each column of a model is made from, read out of the compiled SQL.

dagster-dbt can do this too, but describes every parent through dbt's adapter on every run (minutes for a project of
this size). Here it is worked out once for each state of the dbt project and kept beside the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot.optimizer.scope import Scope

# model -> column -> (relation, column) it is made from
Lineage = dict[str, dict[str, list[tuple[str, str]]]]


class LineageStore:
    """The lineage of one state of the dbt project, in a file beside its manifest."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: Lineage = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def of(self, model: str) -> dict[str, list[tuple[str, str]]]:
        """Column -> (relation, column) pairs; empty where it isn't worked out yet."""
        return self._known.get(model, {})

    def add(self, compiled: Mapping[str, str], schemas: Mapping[str, Mapping[str, str]]) -> None:
        """Work out the models that aren't known yet. `compiled`: model -> SQL; `schemas`: `schema.table` -> columns."""
        missing = {model: sql for model, sql in compiled.items() if model not in self._known}
        if not missing:
            return
        for model, sql in missing.items():
            self._known[model] = column_sources(sql, schemas)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".tmp")
        draft.write_text(json.dumps(self._known), encoding="utf-8")
        draft.replace(self._file)


def column_sources(sql: str, schemas: Mapping[str, Mapping[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Output column -> the columns of tables it is made from, for one query in DuckDB's dialect.

    A query that the parser doesn't understand has no lineage: it is shown, not needed.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    nested: dict[str, Any] = {}
    for name, columns in schemas.items():
        schema, relation = name.split(".")
        nested.setdefault(schema, {})[relation] = dict(columns)
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
        for table in tree.find_all(exp.Table):
            table.set("catalog", None)
        tree = qualify(tree, schema=nested, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False)
        root = build_scope(tree)
    except SqlglotError:
        return {}
    if root is None:
        return {}
    walk = _Walk()
    return {name: sorted(walk.sources(root, name)) for name in _names(root)}


def _names(scope: Scope) -> list[str]:
    query: Any = scope.expression
    return list(query.named_selects)


class _Walk:
    """Follows a column through subqueries and unions down to tables, each step once."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], frozenset[tuple[str, str]]] = {}

    def sources(self, scope: Scope, name: str) -> frozenset[tuple[str, str]]:
        from sqlglot import exp
        from sqlglot.optimizer.scope import Scope

        key = (id(scope), name.lower())
        if key in self._seen:
            return self._seen[key]
        self._seen[key] = frozenset()  # a recursive query meets itself here
        found: set[tuple[str, str]] = set()
        if scope.set_operation_scopes:
            position = [c.lower() for c in _names(scope)].index(name.lower())
            for part in scope.set_operation_scopes:
                found |= self.sources(part, _names(part)[position])
        else:
            query: Any = scope.expression
            selected = next((s for s in query.selects if s.alias_or_name.lower() == name.lower()), None)
            for column in selected.find_all(exp.Column) if selected is not None else ():
                source = scope.sources.get(column.table)
                if isinstance(source, Scope):
                    found |= self.sources(source, column.name)
                elif isinstance(source, exp.Table):
                    found.add((f"{source.db}.{source.name}", column.name))
        self._seen[key] = frozenset(found)
        return self._seen[key]
