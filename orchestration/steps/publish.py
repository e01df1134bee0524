"""The end of a run: what became of each task, the record of the run, the snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration.project import descendants, nodes_tagged, relation_of
from orchestration.workbench import Workbench
from warehouse.errors import HarkenError

if TYPE_CHECKING:
    from warehouse.publish import Snapshot


class RunIncomplete(HarkenError):
    """The run published what it could; something in it failed, and the message says what."""


def anything_to_publish(bench: Workbench) -> bool:
    """Whether the run has a clock, and a table of its own or an earlier snapshot whose tables can be carried over.

    A run as of a moment before the first fact has nothing to tell: readers keep what they have.
    """
    from warehouse.operations import clock
    from warehouse.snapshots import current_snapshot

    published = nodes_tagged(bench.project.manifest, "layer:published")
    if bench.nothing_known or clock(bench.con) is None:
        return False
    return bool(bench.built.intersection(published)) or current_snapshot(bench.home) is not None


def record_states(bench: Workbench, conformed: Mapping[str, str], monitoring: Mapping[str, str]) -> None:
    """Say of each task, and of each table of no task (unique id -> name), whether it is fresh, stale or empty, and why.

    Stale means that the rows of an earlier snapshot are carried over.
    """
    from warehouse.operations import read

    expected = bench.tasks if bench.whole else bench.branches
    before = read(bench.con, "ops.task_state").set_index("task")["fresh_as_of"].dropna().to_dict()
    for task in expected:
        branch = bench.branch(task)
        if not branch.done and not branch.reason:
            branch.reason = _upstream_reason(bench)
        status = "stale" if not branch.done else "empty" if branch.empty else "fresh"
        _write_state(bench, task, status, branch.reason, before.get(task))
    stopped = _stopped(bench) | (set(conformed) - bench.built if bench.whole else set())
    for unique_id, table in {**conformed, **monitoring}.items():
        if unique_id in stopped:
            fresh_before = before.get(table) or _published_as_of(bench, table)
            _write_state(bench, table, "stale" if fresh_before else "empty", _upstream_reason(bench), fresh_before)
        else:
            _forget_state(bench, table)


def send_alerts(bench: Workbench) -> None:
    """Tell the webhook, where there is one, what nobody was told of yet. It can't fail the run."""
    from orchestration.alerts import send_pending

    delivery = send_pending(bench.con, bench.settings, bench.clock())
    if delivery.note:
        bench.report.say(f"alerts: {delivery.note}")


def _stopped(bench: Workbench) -> set[str]:
    """The models that failed, those with a test that did, and everything built from them."""
    return descendants(bench.project.manifest, set(bench.failed_nodes))


def _published_as_of(bench: Workbench, table: str) -> datetime | None:
    """The moment that the rows which readers have of a table speak of; None where they have none."""
    from warehouse.snapshots import current_snapshot

    former = current_snapshot(bench.home)
    return former.clock if former is not None and table in former.tables else None


@contextmanager
def run_as_it_will_end(bench: Workbench) -> Iterator[str]:
    """Within it the run's row says how the run ends unless publishing fails; gives the id of the snapshot to publish.

    The published record of runs is built within, so that a snapshot holds the row of its own run. After it, the row
    says `running` again, lest a run killed while it publishes should count as ended.
    """
    from warehouse.publish import new_snapshot_id

    snapshot_id = new_snapshot_id(bench.home, bench.clock(), bench.run_id)
    bench.facts["snapshot_id"] = snapshot_id
    found = problems(bench)
    bench.record("failed" if found else "succeeded", "; ".join(found))
    try:
        yield snapshot_id
    finally:
        del bench.facts["snapshot_id"]
        bench.record("running")


def _write_state(bench: Workbench, name: str, status: str, reason: str, fresh_before: Any) -> None:
    import pandas as pd

    from warehouse.operations import replace

    row = {
        "task": name,
        "run_id": bench.run_id,
        "clock": bench.clock(),
        "status": status,
        "reason": reason or None,
        "fresh_as_of": bench.clock() if status == "fresh" else fresh_before,
    }
    replace(bench.con, "ops.task_state", pd.DataFrame([row]), {"task": name})


def _forget_state(bench: Workbench, name: str) -> None:
    import pandas as pd

    from warehouse.operations import replace

    replace(bench.con, "ops.task_state", pd.DataFrame(), {"task": name})


def problems(bench: Workbench) -> list[str]:
    """What failed so far, one line each; a failed check that stopped a task is named once, with the task."""
    stopped = [f"task {task} stopped: {b.reason}" for task, b in bench.branches.items() if not b.done and b.reason]
    steps = [f"{line.name}: {line.failed}" for line in bench.report.steps if line.failed]
    told = "; ".join(stopped)
    causes = [reason for reason in bench.failed_nodes.values() if reason not in told]
    others = [line for line in steps if line.partition(": ")[2] not in told]
    return list(dict.fromkeys([*stopped, *causes, *others]))


def publish_snapshot(bench: Workbench, manifest: Mapping[str, Any], snapshot_id: str) -> Snapshot:
    """Copy the published tables; those of tasks that stopped, and those that weren't built, are carried over."""
    from warehouse.operations import exists
    from warehouse.publish import publish
    from warehouse.snapshots import current_snapshot

    stopped = _stopped(bench)
    tables: list[str] = []
    carried: set[str] = set()
    partitioned: dict[str, str] = {}
    nodes = manifest["nodes"]
    for unique_id in nodes_tagged(dict(manifest), "layer:published"):
        name = relation_of(nodes[unique_id])
        table = name.split(".")[1]
        tables.append(table)
        if unique_id not in bench.built or unique_id in stopped or not exists(bench.con, name):
            carried.add(table)
        month = nodes[unique_id].get("config", {}).get("meta", {}).get("partition_by_month")
        if month:
            partitioned[table] = month
    before = current_snapshot(bench.home)
    snapshot = publish(
        bench.home,
        bench.run_id,
        tables,
        carried=carried,
        partitioned=partitioned,
        clock=bench.clock(),
        snapshot_id=snapshot_id,
        keep_count=bench.settings.keep_snapshots,
        keep_days=bench.settings.keep_snapshot_days,
        con=bench.con,
    )
    bench.facts["snapshot_id"] = snapshot.id
    if before is not None and before.clock is not None and before.clock > bench.clock():
        bench.report.say(
            f"readers now see {bench.clock():%Y-%m-%d %H:%M}, before that {before.clock:%Y-%m-%d %H:%M}: "
            "`harken rollback` goes back to it"
        )
    return snapshot


def finish(bench: Workbench) -> None:
    """Close the record of the run. Raises RunIncomplete where a part of it failed, so that the run isn't green."""
    found = problems(bench)
    bench.record("failed" if found else "succeeded", "; ".join(found))
    if found:
        raise RunIncomplete("; ".join(found))


def _upstream_reason(bench: Workbench) -> str:
    steps = [f"{line.name}: {line.failed}" for line in bench.report.steps if line.failed]
    failed = [*bench.failed_nodes.values(), *steps]
    return f"what it builds on failed: {failed[0]}" if failed else "it wasn't reached"
