"""Landing: one asset for each entity of each source, all written by one step.

What belongs here: calling `warehouse.landing` and saying what it did. What doesn't: reading a file.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.workbench import Workbench
from warehouse.contracts import Contracts

LANDING_STEP = "land"


def landing_assets(contracts: Contracts) -> dg.AssetsDefinition:
    """The step that lands every new file; all entities of the contracts, whether or not anything uses them yet."""
    entities = list(contracts)
    specs = [
        dg.AssetSpec(
            key=["landing", entity.table],
            description=f"Rows of {entity.source}'s files for `{entity.name}`, as text, as they came.",
            group_name="landing",
            owners=["team:data-engineering"],
            kinds={"file", "duckdb"},
            metadata={
                "dagster/table_name": f"landing.{entity.table}",
                "dagster/column_schema": dg.TableSchema(
                    columns=[dg.TableColumn(name=name, type="varchar") for name in entity.column_names]
                ),
                "key": ", ".join(entity.key),
            },
        )
        for entity in entities
    ]

    @dg.multi_asset(name=LANDING_STEP, specs=specs, can_subset=True, required_resource_keys={"bench"})
    def land(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from warehouse.landing import land_all
        from warehouse.operations import count, rows_by_entity

        bench: Workbench = context.resources.bench
        with bench.step("land") as line:
            report = land_all(bench.home, bench.run_id, contracts=contracts)
            line.rows, line.note = report.rows, report.summary()
            totals = rows_by_entity(bench.con)
            rows = {entity.table: count(bench.con, f"landing.{entity.table}") for entity in entities}
        for message in report.messages():
            bench.report.say(message)
        bench.facts["landing"] = report
        for entity in entities:
            key = dg.AssetKey(["landing", entity.table])
            if key in context.selected_asset_keys:
                files, _ = totals.get((entity.source, entity.name), (0, 0))
                metadata = {"dagster/row_count": rows[entity.table], "files": files}
                yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return land
