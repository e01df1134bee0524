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
)

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
        ("coalesce(reopen_count, case when reopen_count_text is null then 0 else -1 end) < 0",
         "'reopen_count is not a count'"),
        ("coalesce(sys_mod_count, -1) < 0", "'sys_mod_count is not a count'"),
        ("opened_at is null", "'opened_at is not a day/month/year time'"),
        ("sys_updated_at is null", "'sys_updated_at is not a day/month/year time'"),
        ("opened_at > landed_at + interval '5 minutes'", "'opened_at lies after the file was landed'"),
        ("sys_updated_at > landed_at + interval '5 minutes'", "'sys_updated_at lies after the file was landed'"),
    ]) }} as quarantine_reasons
from typed
