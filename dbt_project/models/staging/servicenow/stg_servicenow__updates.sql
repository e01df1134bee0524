{%- set watched = servicenow_watched_fields() %}
-- What each update changed. The order of an incident's updates is (time, sys_mod_count); everything here looks
-- back only, so that an update never depends on a later one.

with updates as (
    select
        *,
        {{ servicenow_status('incident_state') }} as mapped_status,
        {{ servicenow_priority('priority') }} as contract_priority
    from {{ ref('stg_servicenow__incident_event_log') }}
    where is_in_force
),

compared as (
    select
        *,
        row_number() over in_order as update_number,
        lag(incident_state) over in_order as previous_state,
        lag(contract_priority) over in_order as previous_priority,
        lag(assignment_group) over in_order as previous_group,
        lag(assigned_to) over in_order as previous_agent,
        coalesce(max(reassignment_count) over before_it, 0) as previous_reassignments,
        coalesce(reopen_count > lag(reopen_count) over in_order, false) as is_reopened,
        {%- for field in watched %}
        lag({{ field }}) over in_order as previous_{{ field }}{{ ',' if not loop.last }}
        {%- endfor %}
    from updates
    window
        in_order as (partition by number order by happened_at, sys_updated_at, sys_mod_count),
        before_it as (
            partition by number order by happened_at, sys_updated_at, sys_mod_count
            rows between unbounded preceding and 1 preceding
        )
),

lives as (
    select
        *,
        sum(case when is_reopened then 1 else 0 end) over (
            partition by number order by happened_at, sys_updated_at, sys_mod_count rows unbounded preceding
        ) as life
    from compared
),

-- The vendor's own counter judges a reopening: an incident that leaves Resolved without it stays solved.
settled as (
    select
        *,
        coalesce(
            last_value(case when mapped_status in ('solved', 'closed') then mapped_status end ignore nulls) over in_life,
            last_value(mapped_status ignore nulls) over in_life,
            case when life > 0 then 'open' else 'new' end
        ) as status
    from lives
    window in_life as (
        partition by number, life order by happened_at, sys_updated_at, sys_mod_count rows unbounded preceding
    )
)

select
    number as ticket_id,
    happened_at,
    sys_updated_at as updated_at,
    sys_mod_count as modifications,
    update_number,
    opened_at,
    status,
    lag(status) over in_order as previous_status,
    is_reopened,
    incident_state,
    -- A state that the status doesn't tell: unknown, one of several kinds of waiting, or left without a reopening.
    incident_state is distinct from previous_state
        and (mapped_status is null or mapped_status = 'on_hold' or mapped_status <> status) as is_state_told_apart,
    contract_priority as priority,
    previous_priority,
    -- The first update carries the first assignment and whatever was counted before the log began.
    greatest(reassignment_count - previous_reassignments, 0) + case when update_number = 1 then 1 else 0 end as assignments,
    assignment_group,
    previous_group,
    assigned_to,
    previous_agent,
    sys_updated_by as updated_by,
    opened_by,
    contact_type,
    sys_created_by,
    {%- for field in watched %}
    {{ field }},
    previous_{{ field }},
    {%- endfor %}
    extra,
    batch_id,
    row_number
from settled
window in_order as (partition by number order by happened_at, sys_updated_at, sys_mod_count)
