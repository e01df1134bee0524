{%- set update = 'ticket_id, update_number, happened_at, updated_by, quarantine_reasons, batch_id, row_number' %}
{%- set updates = ref('stg_servicenow__updates') %}
with changes as (
    -- Each landed row says that there was an update.
    select
        {{ update }}, 1 as part, 'attribute' as kind, 'update' as field, cast(modifications as varchar) as value,
        update_attributes as attributes
    from {{ updates }}

    union all
    -- A reopening counted between two updates that both show the incident open: it was solved in between.
    select {{ update }}, 2, 'status', 'status', 'solved', null
    from {{ updates }}
    where is_in_force and is_reopened and previous_status not in ('solved', 'closed')

    union all
    select {{ update }}, 3, 'status', 'status', 'open', null
    from {{ updates }}
    where is_in_force and is_reopened and status in ('solved', 'closed')

    union all
    select {{ update }}, 4, 'status', 'status', status, null
    from {{ updates }}
    where is_in_force and (is_reopened or previous_status is null or status <> previous_status)

    union all
    select {{ update }}, 5, 'attribute', 'incident_state', incident_state, null
    from {{ updates }}
    where is_in_force and is_state_told_apart

    union all
    select {{ update }}, 6, 'priority', 'priority', priority, null
    from {{ updates }}
    where is_in_force and (previous_priority is null or priority <> previous_priority)

    union all
    -- One event for each counted assignment: the count can jump by two; the log shows the last holder only, or none.
    select
        {{ update }}, 6 + step, 'assignment', 'queue',
        case
            when
                step = assignments
                and (update_number = 1 or assignment_group is distinct from previous_assignment_group)
                then assignment_group
        end,
        null
    from {{ repeated_rows(updates, 'assignments') }}
    where is_in_force

    union all
    -- A group that moves without the count: the holder is known, but no assignment was counted.
    select {{ update }}, 900, 'attribute', 'queue', assignment_group, null
    from {{ updates }}
    where is_in_force and assignments = 0 and assignment_group is distinct from previous_assignment_group

    union all
    -- Until assigned_to first changes, the exporter shows the person who has the incident in the end.
    select {{ update }}, 901, 'assignment', 'agent', assigned_to, null
    from {{ updates }}
    where is_in_force and update_number > 1 and assigned_to is distinct from previous_assigned_to
    {%- for field in servicenow_watched_fields() %}

    union all
    select {{ update }}, {{ 901 + loop.index }}, 'attribute', '{{ field }}', {{ field }}, null
    from {{ updates }}
    where is_in_force and update_number > 1 and {{ field }} is distinct from previous_{{ field }}
    {%- endfor %}
)

select
    ticket_id,
    -- A row landed again, unchanged or corrected, has the number of the update that it repeats.
    case when {{ no_reasons('quarantine_reasons') }} then update_number * 1000 + part end as event_seq,
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
    quarantine_reasons,
    false as maps_to_no_change
from changes
