{%- set texts = servicenow_texts() %}
{%- set counts = servicenow_counts() %}
{%- set times = ['opened_at', 'sys_updated_at'] %}

with landed as (
    select
        {%- for column in texts + counts + times %}
        {{ servicenow_text('log.' ~ column) }} as {{ column }},
        {%- endfor %}
        log._extra as extra,
        log._batch as batch_id,
        log._row as row_number,
        files.landed_at
    from {{ source('landing', 'servicenow__incident_event_log') }} as log
    inner join {{ source('landing', 'files') }} as files on log._batch = files.batch_id
),

typed as (
    select
        {{ texts | join(', ') }},
        {%- for column in counts %}
        try_cast({{ column }} as bigint) as {{ column }},
        {{ column }} as {{ column }}_text,
        {%- endfor %}
        {%- for column in times %}
        {{ servicenow_time(column) }} as {{ column }},
        {{ column }} as {{ column }}_text,
        {%- endfor %}
        extra,
        batch_id,
        row_number,
        landed_at
    from landed
),

checked as (
    select
        {{ (texts + counts + times) | join(', ') }},
        extra,
        batch_id,
        row_number,
        {{ reasons_list([
            ("number is null", "'number is empty'"),
            ("incident_state is null", "'incident_state is empty'"),
            (servicenow_priority('priority') ~ " is null", "'priority does not begin with 1 to 5'"),
            ("coalesce(reassignment_count, -1) < 0", "'reassignment_count is not a count'"),
            ("reopen_count < 0 or (reopen_count is null and reopen_count_text is not null)", "'reopen_count is not a count'"),
            ("coalesce(sys_mod_count, -1) < 0", "'sys_mod_count is not a count'"),
            ("opened_at is null", "'opened_at is not a day/month/year time'"),
            ("sys_updated_at is null", "'sys_updated_at is not a day/month/year time'"),
            ("opened_at > landed_at + interval '5 minutes'", "'opened_at lies after the file was landed'"),
            ("sys_updated_at > landed_at + interval '5 minutes'", "'sys_updated_at lies after the file was landed'"),
        ]) }} as quarantine_reasons
    from typed
),

-- An update is known by incident, time and count of modifications: the count alone comes twice (seen).
repeated as (
    select
        *,
        {{ no_reasons('quarantine_reasons') }} as is_valid,
        row_number() over (
            partition by {{ (texts + counts + times) | join(', ') }}, extra
            order by batch_id, row_number
        ) > 1 as is_repeat
    from checked
)

select
    {{ (texts + counts + times) | join(',\n    ') }},
    -- Some updates are older than their incident's opening: nothing can have happened to it before.
    greatest(sys_updated_at, opened_at) as happened_at,
    extra,
    batch_id,
    row_number,
    quarantine_reasons,
    is_valid and not is_repeat and row_number() over (
        partition by number, sys_updated_at, sys_mod_count, is_valid, is_repeat
        order by batch_id desc, row_number desc
    ) = 1 as is_in_force
from repeated
