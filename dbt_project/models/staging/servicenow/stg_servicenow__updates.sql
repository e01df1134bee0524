{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='ticket_id',
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches(servicenow_log()) }}"
) }}
{#-
    A table, unlike other staging models: an update only means something beside the one before it, and a day's files
    must not cost the comparison of the whole log. With new files, all updates of the incidents that they touch are
    compared again.
#}
{%- set watched = servicenow_watched_fields() %}
{%- set fields = servicenow_texts() + servicenow_counts() + ['opened_at', 'sys_updated_at', 'extra'] %}
{%- set in_order = 'partition by number, is_in_force order by sys_updated_at, sys_mod_count' %}
{%- if is_incremental() and nothing_pending(servicenow_log()) %}
select * from {{ this }} where false
{%- else %}
with log as (
    select * from {{ ref('stg_servicenow__incident_event_log') }}
    {%- if is_incremental() %}
    where
        batch_id in ({{ pending_batches(servicenow_log()) }})
        or number in (
            select {{ servicenow_text('landed.number') }}
            from {{ source('landing', 'servicenow__incident_event_log') }} as landed
            where landed._batch in ({{ pending_batches(servicenow_log()) }})
        )
    {%- endif %}
),

repeated as (
    select
        *,
        {{ no_reasons('quarantine_reasons') }} as is_valid,
        row_number() over (partition by content order by batch_id, row_number) > 1 as is_repeat
    from (select *, cast({{ fingerprint(fields) }} as varchar) as content from log) as log
),

-- An update is known by incident, time and count of modifications: the count alone comes twice (seen). The last that
-- landed with new content is in force.
ranked as (
    select
        *,
        dense_rank() over (partition by number, is_valid order by sys_updated_at, sys_mod_count) as update_number,
        first_value(opened_at) over (
            partition by number, is_valid order by sys_updated_at, sys_mod_count, batch_id desc, row_number desc
        ) as first_opened_at,
        is_valid and not is_repeat and row_number() over (
            partition by number, sys_updated_at, sys_mod_count, is_valid, is_repeat
            order by batch_id desc, row_number desc
        ) = 1 as is_in_force
    from repeated
),

-- Everything from here on looks back only, so that an update never depends on a later one.
compared as (
    select
        *,
        {{ servicenow_status('incident_state') }} as mapped_status,
        {{ servicenow_priority('priority') }} as contract_priority,
        lag(incident_state) over in_order as previous_state,
        coalesce(max(reassignment_count) over before_it, 0) as previous_reassignments,
        coalesce(reopen_count > lag(reopen_count) over in_order, false) as is_reopened,
        lag(assignment_group) over in_order as previous_assignment_group,
        lag(assigned_to) over in_order as previous_assigned_to,
        {%- for field in watched %}
        lag({{ field }}) over in_order as previous_{{ field }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ranked
    window
        in_order as ({{ in_order }}),
        before_it as ({{ in_order }} rows between unbounded preceding and 1 preceding)
),

-- A life ends where the vendor counts a reopening.
lives as (
    select *, sum(case when is_reopened then 1 else 0 end) over ({{ in_order }} rows unbounded preceding) as life
    from compared
),

-- The vendor's own count judges a reopening: an incident that leaves Resolved without it stays solved.
settled as (
    select
        *,
        coalesce(
            {{ last_filled("case when mapped_status in ('solved', 'closed') then mapped_status end") }} over in_life,
            {{ last_filled('mapped_status') }} over in_life,
            case when life > 0 then 'open' else 'new' end
        ) as status
    from lives
    window in_life as (
        partition by number, is_in_force, life order by sys_updated_at, sys_mod_count rows unbounded preceding
    )
)

select
    number as ticket_id,
    update_number,
    is_in_force,
    -- Some updates are older than their incident's opening: nothing can have happened to it before.
    greatest(sys_updated_at, first_opened_at) as happened_at,
    opened_at,
    status,
    lag(status) over ({{ in_order }}) as previous_status,
    is_reopened,
    -- A state that the status doesn't tell: unknown, one of several kinds of waiting, or left without a reopening.
    incident_state is distinct from previous_state
    and (mapped_status is null or mapped_status = 'on_hold' or mapped_status <> status) as is_state_told_apart,
    incident_state,
    contract_priority as priority,
    lag(contract_priority) over ({{ in_order }}) as previous_priority,
    -- The first update carries the first assignment, and whatever was counted before the log began.
    greatest(reassignment_count - previous_reassignments, 0) + case when update_number = 1 then 1 else 0 end
        as assignments,
    assignment_group,
    previous_assignment_group,
    assigned_to,
    previous_assigned_to,
    sys_mod_count as modifications,
    sys_updated_by as updated_by,
    opened_by,
    contact_type,
    {%- for field in watched %}
    {{ field }},
    previous_{{ field }},
    {%- endfor %}
    {{ json_of(servicenow_opening_fields(), 'extra') }} as opening_attributes,
    {{ json_of(['content'], 'extra') }} as update_attributes,
    batch_id,
    row_number,
    quarantine_reasons
from settled
{%- endif %}
