{%- set common = 'ticket_id, happened_at, updated_at, modifications, updated_by, batch_id, row_number' %}
{%- set watched = servicenow_watched_fields() %}

with updates as (
    select * from {{ ref('stg_servicenow__updates') }}
),

changes as (
    -- Each landed row says that there was an update, and what the record looked like after it.
    select
        number as ticket_id, happened_at, sys_updated_at as updated_at, sys_mod_count as modifications,
        sys_updated_by as updated_by, batch_id, row_number, 1 as part, 'attribute' as kind, 'update' as field,
        cast(sys_mod_count as varchar) as value,
        {{ json_of(servicenow_texts() + servicenow_counts() + ['opened_at'], 'extra') }} as attributes
    from {{ ref('stg_servicenow__incident_event_log') }}
    where {{ no_reasons('quarantine_reasons') }}

    union all
    -- A reopening counted between two updates that both show the incident open: it was solved in between.
    select {{ common }}, 2, 'status', 'status', 'solved', null
    from updates
    where is_reopened and previous_status not in ('solved', 'closed')

    union all
    select {{ common }}, 3, 'status', 'status', 'open', null
    from updates
    where is_reopened and status in ('solved', 'closed')

    union all
    select {{ common }}, 4, 'status', 'status', status, null
    from updates
    where is_reopened or previous_status is null or status <> previous_status

    union all
    select {{ common }}, 5, 'attribute', 'incident_state', incident_state, null
    from updates
    where is_state_told_apart

    union all
    select {{ common }}, 6, 'priority', 'priority', priority, null
    from updates
    where previous_priority is null or priority <> previous_priority

    union all
    -- One event for each counted assignment: the count can jump by two, and the log shows the last holder only, or none.
    select
        {{ common }}, 6 + step, 'assignment', 'queue',
        case
            when step = assignments and (update_number = 1 or assignment_group is distinct from previous_group)
                then assignment_group
        end,
        null
    from {{ repeated_rows('updates', 'assignments') }}

    union all
    -- A group that moves without the count: the holder is known, but no assignment was counted.
    select {{ common }}, 900, 'attribute', 'queue', assignment_group, null
    from updates
    where assignments = 0 and assignment_group is distinct from previous_group

    union all
    select {{ common }}, 901, 'assignment', 'agent', assigned_to, null
    from updates
    where assigned_to is distinct from previous_agent
    {%- for field in watched %}

    union all
    select {{ common }}, {{ 901 + loop.index }}, 'attribute', '{{ field }}', {{ field }}, null
    from updates
    where update_number > 1 and {{ field }} is distinct from previous_{{ field }}
    {%- endfor %}
),

-- A row landed again (unchanged, or corrected) takes the number of the update that it repeats.
numbered as (
    select
        *,
        dense_rank() over (partition by ticket_id order by happened_at, updated_at, modifications, part) as event_seq
    from changes
)

select
    ticket_id,
    event_seq,
    happened_at as occurred_at,
    kind,
    field,
    value,
    case when updated_by is null then 'system' else 'agent' end as actor_kind,
    updated_by as actor_id,
    false as is_public,
    cast(null as varchar) as body,
    happened_at as recorded_at,
    'servicenow' as source,
    batch_id,
    row_number,
    part,
    attributes,
    happened_at as own_known_at,
    cast([] as varchar[]) as quarantine_reasons,
    false as maps_to_no_change
from numbered

union all

select
    number, null, sys_updated_at, 'attribute', 'update', null, 'agent', sys_updated_by, false, null, sys_updated_at,
    'servicenow', batch_id, row_number, 1, extra, sys_updated_at, quarantine_reasons, false
from {{ ref('stg_servicenow__incident_event_log') }}
where not {{ no_reasons('quarantine_reasons') }}
