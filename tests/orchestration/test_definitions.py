"""The definitions as Dagster loads them: valid, quick, and complete for a person who looks at the graph."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import DBT_PROJECT, build_definitions
from orchestration.project import Project, relation_of
from orchestration.settings import Settings, load_settings
from tests.support.cli import give_parsed_project
from warehouse.home import open_home

REPOSITORY = Path(__file__).resolve().parents[2]
GROUPS = {"landing", "staging", "core", "features", "learning", "monitoring", "publishing"}
# Seconds each to import, and needed by no one who only looks at the graph.
HEAVY = {"catboost", "great_expectations", "matplotlib", "mlflow", "pandas", "scipy", "shap", "sklearn"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    give_parsed_project(home)
    return load_settings(home=home)


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return list(definitions.resolve_all_asset_specs())


def environment(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARKEN_")}
    return {**kept, **settings.subprocess_environment(), "PYTHONPATH": str(REPOSITORY)}


def test_dagster_finds_them_valid(settings: Settings, definitions: dg.Definitions) -> None:
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    found = subprocess.run(
        command, cwd=REPOSITORY, env=environment(settings), capture_output=True, text=True, timeout=120
    )
    assert found.returncode == 0, found.stderr[-2000:]


def test_loading_brings_in_nothing_that_only_runs_need(settings: Settings, definitions: dg.Definitions) -> None:
    load = "import sys; from orchestration.definitions import build_definitions; build_definitions()"
    command = [sys.executable, "-c", f"{load}; print(*sys.modules)"]
    found = subprocess.run(
        command, cwd=REPOSITORY, env=environment(settings), check=True, capture_output=True, text=True, timeout=120
    )
    assert HEAVY & set(found.stdout.split()) == set()


def test_every_asset_is_described_owned_and_grouped(specs: list[dg.AssetSpec]) -> None:
    built = [spec for spec in specs if spec.key.path[0] != "ops" or spec.kinds]
    assert {spec.group_name for spec in built} == GROUPS
    assert not [spec.key.to_user_string() for spec in built if not spec.description]
    assert not [spec.key.to_user_string() for spec in built if not spec.kinds]
    assert not [s.key.to_user_string() for s in built if not s.owners or not s.owners[0].startswith("team:")]


def test_the_chain_hangs_together(specs: list[dg.AssetSpec]) -> None:
    """Each link of landing, staging, history, core, features, model, scores and published table."""
    deps = {spec.key.to_user_string(): {dep.asset_key.to_user_string() for dep in spec.deps} for spec in specs}
    assert "landing/harken__tickets" in deps["staging/stg_harken__tickets"]
    assert "history/tickets" in deps["core/tickets"]
    assert "features/escalation" in deps["ml/escalation_model"]
    assert {"ml/escalation_model", "features/escalation", "ops/clock"} <= deps["ml/escalation_scores"]
    assert "ml/escalation_scores" in deps["published/escalation_risk"]


def test_publishing_depends_on_no_task(definitions: dg.Definitions, specs: list[dg.AssetSpec]) -> None:
    """Else a failed task would take the snapshot with it."""
    of_tasks = {"features", "labels", "work", "ml"}
    steps = {a.op.name: a for a in definitions.assets or [] if isinstance(a, dg.AssetsDefinition)}
    shared, publish = steps["published_shared"], steps["publish"]
    wrong = [dep.asset_key.path for spec in shared.specs for dep in spec.deps if dep.asset_key.path[0] in of_tasks]
    assert not wrong
    assert shared.op.tags["dagster/priority"] == "-10"
    assert publish.op.tags["dagster/priority"] == "-20"


def test_the_snapshot_depends_on_nothing(definitions: dg.Definitions) -> None:
    """Else a failed core would leave readers without a word about it."""
    publish = next(a for a in definitions.assets or [] if isinstance(a, dg.AssetsDefinition) and a.op.name == "publish")
    assert {spec.key.path[-1] for spec in publish.specs} >= {"availability", "runs", "data_quality", "snapshot"}
    own = set(publish.keys)
    assert not [dep.asset_key.path for spec in publish.specs for dep in spec.deps if dep.asset_key not in own]


def test_published_tables_have_a_freshness_policy(specs: list[dg.AssetSpec]) -> None:
    published = [spec for spec in specs if spec.key.path[0] == "published"]
    assert len(published) > 10
    assert not [spec.key.to_user_string() for spec in published if spec.freshness_policy is None]


def test_nothing_starts_by_itself(definitions: dg.Definitions) -> None:
    schedules = {s.name: s for s in definitions.schedules or [] if isinstance(s, dg.ScheduleDefinition)}
    sensors = {s.name: s for s in definitions.sensors or []}
    assert set(schedules) == {"daily", "escalation_challenge", "escalation_backtest"}
    assert set(sensors) == {"escalation_lifecycle"}
    assert {s.default_status for s in schedules.values()} == {dg.DefaultScheduleStatus.STOPPED}
    assert {s.default_status for s in sensors.values()} == {dg.DefaultSensorStatus.STOPPED}


def test_every_task_has_the_jobs_of_its_model(definitions: dg.Definitions) -> None:
    jobs = {job.name for job in definitions.jobs or []}
    whats = ("retrain", "promote", "refuse", "rollback", "accept", "challenge", "backtest")
    assert {f"escalation_{what}" for what in whats} <= jobs


def test_every_model_belongs_to_a_step(settings: Settings, specs: list[dg.AssetSpec]) -> None:
    """A model without a step would never be built."""
    manifest = Project(DBT_PROJECT, open_home(settings.home)).manifest
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    keys = {".".join(spec.key.path) for spec in specs}
    assert not [relation_of(node) for node in models if relation_of(node) not in keys]
