"""What BI reads: the conformed and the monitoring tables, and the snapshot. The last steps of a run.

They depend on no task: a task that failed has its tables carried over and marked stale. The snapshot's step depends on
nothing at all, so that it comes after any failure too: where the core failed, it carries every table over and the
monitoring tables say so. Both run last because they have the lowest priorities in a job that runs in one process
(tests/orchestration/test_branches.py holds Dagster to that).
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import dagster as dg

from orchestration.defs.dbt_events import MONITORING, DbtAssets, HarkenTranslator
from orchestration.workbench import Workbench

SNAPSHOT = dg.AssetKey(["published", "snapshot"])
AFTER_TASKS = {"dagster/priority": "-10"}
LAST = {"dagster/priority": "-20"}
# It tells of the run itself, so that it is built when nothing else is left to tell.
RUNS = "runs"
AVAILABILITY = "availability"


def publishing_assets(
    manifest: Mapping[str, Any], translator: HarkenTranslator, fresh_within: timedelta
) -> list[dg.AssetsDefinition]:
    """The step that builds the tables that belong to no task, and the one that publishes everything as one snapshot."""
    shared = DbtAssets.tagged(manifest, translator, ["layer:published"], of_no_task=True)
    monitoring = shared.part(lambda node: MONITORING in node["tags"])
    conformed = shared.part(lambda node: MONITORING not in node["tags"])
    return [_tables(conformed), _publish(conformed, monitoring, manifest, fresh_within)]


def _tables(conformed: DbtAssets) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="published_shared",
        specs=conformed.specs,
        check_specs=conformed.check_specs,
        can_subset=True,
        op_tags=AFTER_TASKS,
        required_resource_keys={"bench"},
    )
    def published_shared(context: dg.AssetExecutionContext) -> Iterator[Any]:
        bench: Workbench = context.resources.bench
        with bench.step("published: shared") as line:
            yield from conformed.build(bench, line, set(context.selected_asset_keys))

    return published_shared


def _publish(
    conformed: DbtAssets, monitoring: DbtAssets, manifest: Mapping[str, Any], fresh_within: timedelta
) -> dg.AssetsDefinition:
    snapshot = dg.AssetSpec(
        key=SNAPSHOT,
        description="The snapshot that readers see: one DuckDB file and Parquet behind `published/current`.",
        group_name="publishing",
        owners=["team:bi"],
        kinds={"duckdb", "parquet"},
        skippable=True,
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=fresh_within),
    )
    of_the_run = monitoring.part(lambda node: node["name"] == RUNS)
    of_the_tables = monitoring.part(lambda node: node["name"] != RUNS)

    @dg.multi_asset(
        name="publish",
        specs=[*monitoring.specs, snapshot],
        check_specs=monitoring.check_specs,
        can_subset=True,
        op_tags=LAST,
        required_resource_keys={"bench"},
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from orchestration.steps import publish as steps

        bench: Workbench = context.resources.bench
        selected = set(context.selected_asset_keys)
        if not steps.anything_to_publish(bench):
            steps.finish(bench)
            return
        with bench.step("published: monitoring") as line:
            steps.record_states(bench, conformed.names, monitoring.names)
            steps.send_alerts(bench)
            yield from of_the_tables.build(bench, line, selected)
        with steps.run_as_it_will_end(bench) as snapshot_id, bench.step("published: runs") as line:
            yield from of_the_run.build(bench, line, selected)
        if set(bench.failed_nodes) & set(monitoring.unique_ids):
            # What says which tables are fresh was built beside the one that failed, and doesn't know of it yet.
            steps.record_states(bench, conformed.names, monitoring.names)
            bench.dbt.build([u for u, name in monitoring.names.items() if name == AVAILABILITY])
        if SNAPSHOT not in selected:
            return
        with bench.step("snapshot") as line:
            published = steps.publish_snapshot(bench, manifest, snapshot_id)
            line.rows, line.note = published.rows, published.id
        yield dg.MaterializeResult(
            asset_key=SNAPSHOT,
            metadata={
                "dagster/row_count": published.rows,
                "folder": dg.MetadataValue.path(str(published.path)),
                "rows": dg.MetadataValue.json({name: table["rows"] for name, table in published.tables.items()}),
            },
        )
        steps.finish(bench)

    return publish
