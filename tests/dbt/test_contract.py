"""dbt can't read yml: its copy of the contract (macros/contract/) must say what warehouse/contracts/harken.yml says."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest

from tests.support.dbt import PROJECT
from warehouse.contracts import Column, load_contracts

ENTITIES = load_contracts().sources["harken"]


def contract_of_dbt() -> dict[str, dict[str, Any]]:
    """{entity: {key, columns}} as the macros `contract__<entity>` return it."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((PROJECT / "macros" / "contract").glob("*.sql")):
        if path.name == "contract.sql":
            continue
        returned: list[dict[str, Any]] = []
        environment = jinja2.Environment()
        environment.globals["return"] = returned.append
        module = environment.from_string(path.read_text(encoding="utf-8")).module
        for name, macro in vars(module).items():
            if name.startswith("contract__"):
                macro()
                found[name.removeprefix("contract__")] = returned.pop()
    return found


def declared(column: Column) -> dict[str, Any]:
    """A column of the warehouse's contract in the macros' notation: what isn't said is left out."""
    fields: dict[str, Any] = {"name": column.name, "type": column.type}
    if column.required:
        fields["required"] = True
    if column.plan:
        fields["plan"] = dict([column.plan]) if isinstance(column.plan, tuple) else True
    if column.values:
        fields["values"] = list(column.values)
    for name in ("minimum", "maximum", "not_before"):
        if getattr(column, name) is not None:
            fields[name] = getattr(column, name)
    return fields


def test_both_know_the_same_entities() -> None:
    assert set(contract_of_dbt()) == set(ENTITIES)


@pytest.mark.parametrize("name", list(ENTITIES))
def test_an_entity_is_declared_alike(name: str) -> None:
    known = contract_of_dbt()[name]
    assert known["key"] == list(ENTITIES[name].key)
    assert known["columns"] == [declared(column) for column in ENTITIES[name].columns]
