"""Two small tasks beside the real project, each with models of its own in a copy of the dbt project.

`calm` is learnt, scored and published; `broken` has a suite that fails. Adding them takes a task, models and a suite,
and nothing in `orchestration/`.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from ml.task import PredictionTask

REPOSITORY = Path(__file__).resolve().parents[2]
SUITES = ("tests.orchestration.suites",)

FEATURES = """
{{{{ config(alias='{task}', tags=['layer:features', 'task:{task}']) }}}}
select
    t.ticket_id, m.as_of, 'morning' as moment_kind, t.channel, t.queue,
    date_diff('minute', t.opened_at, m.as_of) as age_minutes,
    (select count(*) from {{{{ ref('ticket_events') }}}} e
     where e.ticket_id = t.ticket_id and e.visible_from <= m.as_of and m.as_of < e.visible_to) as events
from {{{{ ref('tickets') }}}} t
cross join (select unnest([1, 2, 3]) as day) d
cross join lateral (select date_trunc('day', t.opened_at) + to_hours(24 * d.day + 8) as as_of) m
where t.visible_to > {{{{ clock() }}}} and m.as_of <= {{{{ clock() }}}}
union all
select t.ticket_id, {{{{ clock() }}}}, 'now', t.channel, t.queue, date_diff('minute', t.opened_at, {{{{ clock() }}}}),
    (select count(*) from {{{{ ref('ticket_events') }}}} e
     where e.ticket_id = t.ticket_id and e.visible_from <= {{{{ clock() }}}} and {{{{ clock() }}}} < e.visible_to)
from {{{{ ref('tickets') }}}} t
where t.visible_to > {{{{ clock() }}}} and t.opened_at > {{{{ clock() }}}} - interval 1 day
"""

LABELS = """
{{{{ config(alias='{task}', tags=['layer:features', 'task:{task}'], schema='labels', materialized='view') }}}}
select
    f.ticket_id, f.as_of, e.solved_at as event_at, e.known_at as event_visible_from,
    coalesce(e.solved_at > f.as_of and e.solved_at <= f.as_of + interval 7 day, false) as label,
    f.as_of + interval 8 day as matures_at
from {{{{ ref('features__{task}') }}}} f
left join (
    select ticket_id, min(occurred_at) as solved_at, min(visible_from) as known_at from {{{{ ref('ticket_events') }}}}
    where kind = 'status' and value = 'solved' group by ticket_id
) e on f.ticket_id = e.ticket_id
where e.solved_at is null or e.solved_at > f.as_of
"""

RISK = """
{{{{ config(tags=['layer:published', 'task:{task}']) }}}}
select entity_id as ticket_id, as_of, p from {{{{ source('ml', 'scores') }}}}
where task = '{task}' and as_of = {{{{ clock() }}}}
"""


def task(name: str) -> PredictionTask:
    """Will the ticket be solved within a week? No rule to beat: whatever is learnt becomes champion."""
    return PredictionTask(
        name=name,
        entity="ticket",
        entity_key="ticket_id",
        feature_table=f"features.{name}",
        label_table=f"labels.{name}",
        horizon=timedelta(days=7),
    )


TASKS = {name: task(name) for name in ("broken", "calm")}


def copy_project(folder: Path) -> Path:
    """The dbt project with the models of the two tasks added."""
    project = folder / "dbt_project"
    shutil.copytree(REPOSITORY / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    models = project / "models"
    (models / "features").mkdir(exist_ok=True)
    for name in TASKS:
        (models / "features" / f"features__{name}.sql").write_text(FEATURES.format(task=name))
        (models / "labels" / f"labels__{name}.sql").write_text(LABELS.format(task=name))
        (models / "published" / f"{name}_risk.sql").write_text(RISK.format(task=name))
    return project
