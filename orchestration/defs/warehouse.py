"""Staging, history, core and quarantine: the models that all tasks share, and the run's clock.

What belongs here: the one step that builds them. What doesn't: the models of a task (`learning.py`) and what is
published (`publishing.py`).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.defs.dbt_events import CLOCK, DbtAssets
from orchestration.workbench import Workbench
from warehouse.errors import HarkenError


def core_assets(core: DbtAssets) -> dg.AssetsDefinition:
    """The step that builds the shared models and then sets the clock.

    The clock is written here rather than by a step of its own: a step that depended on every fact would be skipped as
    soon as one of them fails its test, and all tasks with it.
    """
    clock = dg.AssetSpec(
        key=CLOCK,
        description="The moment of the run: the largest knowledge time among the facts, or the `--until` given.",
        group_name="core",
        owners=["team:data-engineering"],
        kinds={"duckdb"},
        skippable=True,
        deps=[dep for dep in {dep.asset_key for spec in core.specs for dep in spec.deps} if dep.path[0] == "landing"],
    )

    @dg.multi_asset(
        name="core",
        specs=[*core.specs, clock],
        check_specs=core.check_specs,
        can_subset=True,
        required_resource_keys={"bench"},
    )
    def build_core(context: dg.AssetExecutionContext) -> Iterator[Any]:
        bench: Workbench = context.resources.bench
        with bench.step("core") as line:
            yield from core.build(bench, line, set(context.selected_asset_keys))
            if bench.failed_nodes:
                line.failed = next(iter(bench.failed_nodes.values()))
        if CLOCK in context.selected_asset_keys:
            with bench.step("clock") as line:
                moment = _set_clock(bench)
                line.note = moment.isoformat(sep=" ")
            yield dg.MaterializeResult(asset_key=CLOCK, metadata={"clock": moment.isoformat(sep=" ")})

    return build_core


def _set_clock(bench: Workbench) -> Any:
    from warehouse.operations import knowledge_span, set_clock

    span = knowledge_span(bench.con)
    if span is None:
        bench.nothing_known = True
        if bench.failed_nodes:
            raise HarkenError("there are no facts, since core failed")
        raise HarkenError(f"there are no facts yet: put files into {bench.home.landing}/<source>/<entity>/")
    moment = bench.window.until or span[1]
    if moment < span[0]:
        bench.nothing_known = True
        raise HarkenError(f"nothing was known at {moment:%Y-%m-%d %H:%M} yet: the first fact is of {span[0]:%Y-%m-%d}")
    set_clock(bench.con, moment, bench.run_id)
    return moment
