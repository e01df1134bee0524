"""What BI reads: the conformed and the monitoring tables, and the snapshot. The last step of a run.

It depends on no task: a task that failed has its tables carried over and marked stale. It runs last because it has the
lowest priority in a job that runs in one process (tests/orchestration/test_priority.py holds Dagster to that).
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import dagster as dg

from orchestration.defs.dbt_events import DbtAssets
from orchestration.workbench import Workbench

SNAPSHOT = dg.AssetKey(["published", "snapshot"])
LAST = {"dagster/priority": "-10"}


def publishing_assets(shared: DbtAssets, manifest: Mapping[str, Any], fresh_within: timedelta) -> dg.AssetsDefinition:
    """The step that builds the tables that belong to no task, and publishes everything as one snapshot."""
    snapshot = dg.AssetSpec(
        key=SNAPSHOT,
        description="The snapshot that readers see: one DuckDB file and Parquet behind `published/current`.",
        group_name="publishing",
        owners=["team:bi"],
        kinds={"duckdb", "parquet"},
        skippable=True,
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=fresh_within),
    )

    @dg.multi_asset(
        name="publish",
        specs=[*shared.specs, snapshot],
        check_specs=shared.check_specs,
        can_subset=True,
        op_tags=LAST,
        required_resource_keys={"bench"},
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from orchestration.steps import publish as steps

        bench: Workbench = context.resources.bench
        tables = {u: manifest["nodes"][u]["name"] for u in shared.unique_ids}
        steps.record_states(bench, tables)
        failed_before = set(bench.failed_nodes)
        with bench.step("published: shared") as line:
            yield from shared.build(bench, line, set(context.selected_asset_keys))
        if set(bench.failed_nodes) - failed_before:
            # What says which tables are fresh was built beside the one that failed, and doesn't know of it yet.
            steps.record_states(bench, tables)
            bench.dbt.build([manifest["nodes"][u]["name"] for u in shared.unique_ids if _tells_state(manifest, u)])
        if SNAPSHOT not in context.selected_asset_keys:
            return
        with bench.step("snapshot") as line:
            snapshot = steps.publish_snapshot(bench, manifest)
            line.rows, line.note = snapshot.rows, snapshot.id
        yield dg.MaterializeResult(
            asset_key=SNAPSHOT,
            metadata={
                "dagster/row_count": snapshot.rows,
                "folder": dg.MetadataValue.path(str(snapshot.path)),
                "rows": dg.MetadataValue.json({name: table["rows"] for name, table in snapshot.tables.items()}),
            },
        )
        steps.finish(bench)

    return publish


def _tells_state(manifest: Mapping[str, Any], unique_id: str) -> bool:
    return any(".ops." in parent for parent in manifest["nodes"][unique_id]["depends_on"]["nodes"])
