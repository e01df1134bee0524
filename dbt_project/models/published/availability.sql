{{ config(tags=['monitoring']) }}
{#
    Built from the names of entities and tables, not by `ref`: it must be there also when what it speaks of isn't.
    `ops.task_state` may hold a row for a single table in place of a task, where that table alone wasn't built.
#}
{%- set tables = published_tables() %}

with entities as (
    select entity, landed_rows > 0 as has_landed, has_rows
    from (
        {%- for entity in contract_entities() %}
        select
            '{{ entity }}' as entity,
            (
                select coalesce(sum(files.rows), 0)
                from {{ source('landing', 'files') }} as files
                where files.status = 'landed' and ({{ landed_condition(senders_of(entity)) }})
            ) as landed_rows,
            {% if history_of(entity) -%}
            exists (select 1 from {{ history_of(entity) }} where fate in ('accepted', 'superseded'))
            {%- else -%}
            false
            {%- endif %} as has_rows
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as looked_at
),

tables as (
    {%- for table in tables %}
    select
        '{{ table.name }}' as table_name,
        {{ "'" ~ table.task ~ "'" if table.task else 'cast(null as varchar)' }} as task,
        '{{ table.needs | join(', ') }}' as needs
    {{ 'union all' if not loop.last }}
    {%- else %}
    select cast(null as varchar) as table_name, cast(null as varchar) as task, '' as needs where false
    {%- endfor %}
),

wanted as (
    {%- for table in tables %}
    {%- for entity in table.needs + table.uses %}
    select '{{ table.name }}' as table_name, '{{ entity }}' as entity, {{ entity in table.needs }} as is_needed
    union all
    {%- endfor %}
    {%- endfor %}
    select cast(null as varchar), cast(null as varchar), false where false
),

gaps as (
    select
        wanted.table_name,
        bool_or(wanted.is_needed) as is_empty,
        min(case when wanted.is_needed then
            case when entities.has_landed
                then 'no row of ' || wanted.entity || ' could be read: see data_quality'
                else 'no rows of ' || wanted.entity || ' have landed'
            end
        end) as reason,
        string_agg(case when not wanted.is_needed then wanted.entity end, ', ' order by wanted.entity) as unused
    from wanted
    inner join entities on wanted.entity = entities.entity
    where not entities.has_rows
    group by wanted.table_name
),

-- Tables of what Python wrote that hold no row yet. Their models show the rows up to the clock.
unwritten as (
    {%- for table in tables if table.when_empty %}
    select '{{ table.name }}' as table_name, '{{ table.when_empty | replace("'", "''") }}' as reason
    where true
        {%- for relation in table.written %}
        and not exists (select 1 from {{ relation }} as written where written.clock <= {{ clock() }})
        {%- endfor %}
    union all
    {%- endfor %}
    select cast(null as varchar), cast(null as varchar) where false
),

states as (
    select task, status, reason, fresh_as_of, clock from {{ source('ops', 'task_state') }}
)

select
    tables.table_name,
    tables.task,
    case
        when coalesce(gaps.is_empty, false) then 'empty'
        when unwritten.table_name is not null then 'empty'
        when own_state.task is not null then own_state.status
        when tables.task is null then 'fresh'
        when task_state.task is null then 'empty'
        -- Nothing was ever published that could be carried over.
        when task_state.status = 'stale' and task_state.fresh_as_of is null then 'empty'
        when task_state.status = 'fresh' and task_state.clock < {{ clock() }} then 'stale'
        else task_state.status
    end as status,
    case
        when coalesce(gaps.is_empty, false) then gaps.reason
        when unwritten.table_name is not null then unwritten.reason
        when own_state.task is not null then own_state.reason
        when tables.task is not null and task_state.task is null then 'the task ' || tables.task || ' has not run yet'
        when task_state.status = 'fresh' and task_state.clock < {{ clock() }}
            then 'the task ' || tables.task || ' did not run to its end this time'
        when tables.task is not null and task_state.status <> 'fresh' then task_state.reason
        when gaps.unused is not null then 'some columns are null: no rows of ' || gaps.unused
    end as reason,
    case
        when coalesce(gaps.is_empty, false) then null
        when own_state.task is not null then own_state.fresh_as_of
        when tables.task is not null then task_state.fresh_as_of
        else {{ clock() }}
    end as fresh_as_of,
    nullif(tables.needs, '') as needs,
    {{ clock() }} as clock
from tables
left join gaps on tables.table_name = gaps.table_name
left join unwritten on tables.table_name = unwritten.table_name
left join states as own_state on tables.table_name = own_state.task
left join states as task_state on tables.task = task_state.task
