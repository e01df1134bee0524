"""dbt's models and tests as Dagster sees them: asset specs, check specs, and the results of a build as events.

What belongs here: names, groups, owners, dependencies, metadata. What doesn't: which models a step builds
(`warehouse.py`, `learning.py`, `publishing.py`) and calling dbt (`orchestration/dbt_runner.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from orchestration.dbt_runner import NodeOutcome
from orchestration.lineage import LineageStore
from orchestration.project import descendants, nodes_tagged, relation_of
from orchestration.workbench import Workbench

CLOCK = dg.AssetKey(["ops", "clock"])
# The tag of the tables that tell of runs and data. They are built after any failure: that is when they are wanted.
MONITORING = "monitoring"
OWNERS = {"publishing": "team:bi", "features": "team:data-science"}
# Views that are made of all the past when they are read: counting them costs a second a day, and more each day.
UNCOUNTED = {"work", "labels"}
# The folder of a model says its group.
GROUPS = {
    "staging": "staging", "history": "core", "core": "core", "quarantine": "core", "work": "features",
    "features": "features", "labels": "features", "published": "publishing",
}  # fmt: skip


class HarkenTranslator(DagsterDbtTranslator):
    """Groups by folder, owners by group, and the dependencies on what Python writes.

    A model of one task that reads `ml.scores` depends on that task's scores only; a model for all tasks depends on
    none of them, since it must be built although a task failed.
    """

    def __init__(self, fresh_within: timedelta) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))
        self._fresh_within = fresh_within
        self._specs: dict[str, dg.AssetSpec] = {}

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        if unique_id not in self._specs:
            spec = super().get_asset_spec(manifest, unique_id, project)
            if unique_id.startswith("model."):
                spec = self._completed(spec, manifest, unique_id)
            self._specs[unique_id] = spec
        return self._specs[unique_id]

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        if dbt_resource_props["resource_type"] == "source":
            return {"landing": "landing", "ml": "learning"}.get(dbt_resource_props["source_name"], "core")
        return GROUPS.get(dbt_resource_props["fqn"][1], "core")

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        return [OWNERS.get(self.get_group_name(dbt_resource_props) or "", "team:data-engineering")]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        described = dbt_resource_props.get("description") or dbt_resource_props["name"]
        return f"{described}\n\nSQL: `{dbt_resource_props['original_file_path']}`"

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        # dbt's tags "task:escalation" become Dagster's key and value.
        return {f"harken/{key}": value for key, _, value in (t.partition(":") for t in dbt_resource_props["tags"])}

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "model":
            return dg.AssetKey(relation_of(dict(dbt_resource_props)).split("."))
        return super().get_asset_key(dbt_resource_props)

    def _completed(self, spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str) -> dg.AssetSpec:
        node = manifest["nodes"][unique_id]
        deps = {dep.asset_key: dep for dep in spec.deps}
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("source."):
                source = manifest["sources"][parent]
                key = self.get_asset_key(source)
                deps.pop(key, None)
                written = _written_by(source, key, task_of(node))
                if self.get_group_name(node) in {"staging", "core"} or MONITORING in node["tags"]:
                    # Set after staging and core, from what they hold; monitoring mustn't wait for a core that failed.
                    written = [k for k in written if k != CLOCK]
                deps |= {k: dg.AssetDep(k) for k in written}
        spec = spec.replace_attributes(deps=list(deps.values()))
        if self.get_group_name(node) == "publishing":
            policy = dg.FreshnessPolicy.time_window(fail_window=self._fresh_within)
            spec = spec.replace_attributes(freshness_policy=policy)
        return spec


def _written_by(source: Mapping[str, Any], key: dg.AssetKey, task: str | None) -> list[dg.AssetKey]:
    """The assets that write a dbt source, as a model of `task` should depend on them."""
    if source["source_name"] == "landing":
        return [] if source["name"] in {"files", "rejects", "left_aside"} else [key]
    if source["source_name"] == "ops":
        return [CLOCK] if source["name"] == "clock" else []
    return [dg.AssetKey(["ml", f"{task}_{source['name']}"])] if task and source["name"] != "training_runs" else []


def task_of(node: Mapping[str, Any]) -> str | None:
    """The task whose branch a model belongs to, from its tag `task:<name>`."""
    return next((tag.partition(":")[2] for tag in node.get("tags", []) if tag.startswith("task:")), None)


@dataclass(frozen=True)
class DbtAssets:
    """Some models of the manifest with their tests, as one step builds them."""

    manifest: Mapping[str, Any]
    translator: HarkenTranslator
    unique_ids: tuple[str, ...]

    @classmethod
    def tagged(
        cls, manifest: Mapping[str, Any], translator: HarkenTranslator, tags: Sequence[str], of_no_task: bool = False
    ) -> "DbtAssets":
        """The models that carry all of `tags` (and belong to no task, if asked)."""
        found = set.intersection(*(set(nodes_tagged(dict(manifest), tag)) for tag in tags))
        kept = [u for u in found if not (of_no_task and task_of(manifest["nodes"][u]))]
        return cls(manifest, translator, tuple(sorted(kept)))

    @classmethod
    def of_task(cls, manifest: Mapping[str, Any], translator: HarkenTranslator, task: str) -> "DbtAssets":
        """A task's feature and label models (tagged `task:<name>`), and the untagged ones that they build on."""
        layer = set(nodes_tagged(dict(manifest), "layer:features"))
        tagged = [u for u in layer if task_of(manifest["nodes"][u]) == task]
        queue, found = list(tagged), set(tagged)
        while queue:
            for parent in manifest["nodes"][queue.pop()]["depends_on"]["nodes"]:
                if parent in layer - found and task_of(manifest["nodes"][parent]) is None:
                    found.add(parent)
                    queue.append(parent)
        return cls(manifest, translator, tuple(sorted(found)))

    def part(self, wanted: Callable[[Mapping[str, Any]], bool]) -> "DbtAssets":
        """Those of the models whose node is wanted."""
        kept = tuple(u for u in self.unique_ids if wanted(self.manifest["nodes"][u]))
        return DbtAssets(self.manifest, self.translator, kept)

    @property
    def names(self) -> dict[str, str]:
        """Unique id -> the table's name."""
        return {u: relation_of(self.manifest["nodes"][u]).split(".")[1] for u in self.unique_ids}

    @property
    def specs(self) -> list[dg.AssetSpec]:
        return [self.translator.get_asset_spec(self.manifest, unique_id, None) for unique_id in self.unique_ids]

    @property
    def check_specs(self) -> list[dg.AssetCheckSpec]:
        return list(self._checks().values())

    def _checks(self) -> dict[str, dg.AssetCheckSpec]:
        """Test -> check. Not blocking for Dagster: dbt leaves out what depends on a failed test, and a model that
        wasn't built is skipped downstream, so that one failed test stops what depends on it and no more."""
        found: dict[str, dg.AssetCheckSpec] = {}
        for unique_id in self.unique_ids:
            spec = self.translator.get_asset_spec(self.manifest, unique_id, None)
            for test in self.manifest["child_map"].get(unique_id, []):
                if test.startswith("test."):
                    check = self.translator.get_asset_check_spec(spec, self.manifest, test, None)
                    if check is not None:
                        found[test] = check._replace(blocking=False, additional_deps=[])
        return found

    def build(self, bench: Workbench, step: Any, selected: set[dg.AssetKey] | None = None) -> Iterator[Any]:
        """Build the models and yield what Dagster should know. Fills the step's line; remembers what failed."""
        wanted = [u for u in self.unique_ids if selected is None or self.key(u) in selected]
        if not wanted:
            return
        blocked = descendants(dict(self.manifest), set(bench.failed_nodes))
        models = [u for u in wanted if u not in blocked]
        rebuild = bench.must_rebuild(wanted)
        standing = [] if rebuild else _standing(bench, self.manifest, models)
        outcomes = bench.dbt.build(models, standing, full_refresh=rebuild) if models else []
        remember(bench, self.manifest, outcomes)
        if rebuild:
            _keep_fingerprints(bench, outcomes)
        events = list(self._events(bench, outcomes))
        built = [o for o in outcomes if not o.is_test and o.ok]
        tests = [o for o in outcomes if o.is_test and not o.skipped]
        failed = [o for o in tests if not o.ok]
        step.rows = (step.rows or 0) + sum(bench.facts["rows"].get(o.unique_id) or 0 for o in built)
        step.note = f"{len(built)} models, {len(tests) - len(failed)} of {len(tests)} checks passed"
        yield from events

    def key(self, unique_id: str) -> dg.AssetKey:
        """The asset of a model."""
        return self.translator.get_asset_spec(self.manifest, unique_id, None).key

    def _events(self, bench: Workbench, outcomes: Sequence[NodeOutcome]) -> Iterator[Any]:
        checks = self._checks()
        blocked = descendants(dict(self.manifest), set(bench.failed_nodes))
        shown = [o for o in outcomes if not o.is_test and o.ok and o.unique_id not in blocked]
        tables = _describe(bench, self.manifest, shown)
        for outcome in shown:
            yield dg.MaterializeResult(asset_key=self.key(outcome.unique_id), metadata=tables[outcome.unique_id])
        for outcome in outcomes:
            check = checks.get(outcome.unique_id)
            if check is not None and not outcome.skipped:
                yield dg.AssetCheckResult(
                    asset_key=check.asset_key,
                    check_name=check.name,
                    passed=outcome.status == "pass",
                    severity=dg.AssetCheckSeverity.WARN if outcome.status == "warn" else dg.AssetCheckSeverity.ERROR,
                    metadata={"failing rows": outcome.failures or 0, "message": outcome.message},
                )


def _standing(bench: Workbench, manifest: Mapping[str, Any], models: Sequence[str]) -> list[str]:
    """Those of the models that are views, made by this very code and settings, and there."""
    from warehouse.operations import views

    there = views(bench.con)
    lasting = bench.standing_views.intersection(models)
    return [
        u
        for u in models
        if u in lasting
        and bench.built_before.get(u) == bench.fingerprint
        and relation_of(manifest["nodes"][u]) in there
    ]


def remember(bench: Workbench, manifest: Mapping[str, Any], outcomes: Sequence[NodeOutcome]) -> None:
    """Count checks and note failed models. A model with a failed test counts as failed: nothing may build on it."""
    for outcome in outcomes:
        if outcome.is_test and not outcome.skipped:
            bench.checks_passed += outcome.ok
            bench.checks_failed += not outcome.ok
        if outcome.ok and not outcome.is_test:
            bench.built.add(outcome.unique_id)
        if outcome.ok or outcome.skipped:
            continue
        node = manifest["nodes"][outcome.unique_id]
        reason = f"{node['name']}: {outcome.message}"
        bench.report.say(f"{'check' if outcome.is_test else 'model'} failed: {reason}")
        tested = [node["attached_node"]] if node.get("attached_node") else node["depends_on"]["nodes"]
        culprits = tested if outcome.is_test else [outcome.unique_id]
        for culprit in culprits:
            if culprit.startswith("model."):
                bench.failed_nodes.setdefault(culprit, reason)


def _keep_fingerprints(bench: Workbench, outcomes: Sequence[NodeOutcome]) -> None:
    from warehouse.operations import set_built_with

    set_built_with(bench.con, [o.unique_id for o in outcomes if not o.is_test and o.ok], bench.fingerprint)


def _describe(bench: Workbench, manifest: Mapping[str, Any], built: Sequence[NodeOutcome]) -> dict[str, dict[str, Any]]:
    """Metadata of each table built: rows, columns with their descriptions, what columns are made from, seconds."""
    from warehouse.operations import columns, count

    types = columns(bench.con)
    lineage = LineageStore(bench.project.target / "lineage.json")
    lineage.add({o.unique_id: o.sql for o in built}, types)
    found: dict[str, dict[str, Any]] = {}
    rows = bench.facts.setdefault("rows", {})
    for outcome in built:
        node = manifest["nodes"][outcome.unique_id]
        name = relation_of(node)
        dear = node["config"].get("materialized") == "view" and node["schema"] in UNCOUNTED
        rows[outcome.unique_id] = None if dear else count(bench.con, name)
        described = {column: info.get("description") or None for column, info in node.get("columns", {}).items()}
        schema = [dg.TableColumn(name=c, type=t, description=described.get(c)) for c, t in types[name].items()]
        found[outcome.unique_id] = {
            **({} if dear else {"dagster/row_count": rows[outcome.unique_id]}),
            "dagster/column_schema": dg.TableSchema(columns=schema),
            "dagster/column_lineage": _column_lineage(lineage.of(outcome.unique_id)),
            "dagster/table_name": name,
            "seconds": outcome.seconds,
        }
    return found


def _column_lineage(sources: Mapping[str, Sequence[tuple[str, str]]]) -> dg.TableColumnLineage:
    """In Dagster's terms; the settings and the run's bookkeeping are no assets."""
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(asset_key=dg.AssetKey(table.split(".")), column_name=name)
                for table, name in made_from
                if not table.startswith(("ops.", "ml."))
            ]
            for column, made_from in sources.items()
        }
    )
