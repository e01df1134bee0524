"""The unit tests of the feature models pass; each has its yml, and the features' yml names what the table holds."""

from __future__ import annotations

import pytest

from tests.support.dbt import PROJECT, DbtWarehouse, manifest

FOLDERS = ("work", "features")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> DbtWarehouse:
    """A warehouse in which nothing ever landed, with all features built."""
    warehouse = DbtWarehouse.create_built(tmp_path_factory.mktemp("empty"))
    warehouse.run("path:models/work", "path:models/features")
    return warehouse


def test_unit_tests_of_the_features_pass(empty: DbtWarehouse) -> None:
    empty.test("path:models/work", "path:models/features", unit=True)


def test_features_of_nothing_are_empty(empty: DbtWarehouse) -> None:
    assert empty.rows("select count(*) from features.escalation") == [(0,)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_model_has_its_yml_and_says_its_grain(folder: str) -> None:
    models = [node for node in manifest().nodes.values() if node.resource_type == "model" and node.fqn[1] == folder]
    assert models
    for model in models:
        assert (PROJECT / model.original_file_path).with_suffix(".yml").is_file(), model.name
        assert "one row per" in model.description.lower(), f"{model.name}: its description doesn't say its grain"


def test_the_yml_of_the_features_names_their_columns(empty: DbtWarehouse) -> None:
    """Name, order, type, and a role by which readers know what to learn from."""
    [model] = [node for node in manifest().nodes.values() if node.name == "escalation" and node.fqn[1] == "features"]
    said = [(column.name, str(column.data_type).upper()) for column in model.columns.values()]
    there = empty.rows("select column_name, column_type from (describe features.escalation)")
    assert said == there
    roles = {"VARCHAR": {"key", "categorical", "text"}, "TIMESTAMP": {"key"}}
    for column in model.columns.values():
        assert column.description and column.config.meta["role"] in roles.get(
            str(column.data_type).upper(), {"numeric"}
        )
