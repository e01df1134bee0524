"""What the dbt project says of itself: its unit tests pass, it parses without a warning, each model has its yml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.dbt import PROJECT, DbtWarehouse, manifest

OWN = ("path:models/staging/harken", "path:models/history", "path:models/core", "path:models/quarantine")


def test_unit_tests_of_the_core_pass(tmp_path: Path) -> None:
    warehouse = DbtWarehouse.create_built(tmp_path)
    warehouse.test(*OWN, unit=True)


@pytest.mark.parametrize("folder", ["staging", "history", "core", "quarantine"])
def test_each_model_has_its_yml_and_a_description(folder: str) -> None:
    models = [node for node in manifest().nodes.values() if node.resource_type == "model" and node.fqn[1] == folder]
    assert models
    for model in models:
        assert (PROJECT / model.original_file_path).with_suffix(".yml").is_file(), model.name
        assert "one row per" in model.description.lower(), f"{model.name}: its description doesn't say its grain"
