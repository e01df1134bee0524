{#
    `core.<entity>`: the versions of an entity, typed. A row is what was known in [known_from, known_to); features read
    it by [visible_from, visible_to), which adds the source's arrival lag. known_to = 9999-12-31: still in force.
#}
{% macro versions(entity) %}
select
    {%- for column in contract_columns(entity) %}
    history.{{ column }},
    {%- endfor %}
    history.source,
    history.attributes,
    history.batch_id,
    history.row_number,
    history.known_from,
    history.known_to,
    {{ later('history.known_from') }} as visible_from,
    case
        when history.known_to < {{ in_force() }} then {{ later('history.known_to') }}
        else history.known_to
    end as visible_to
from {{ ref('history__' ~ entity) }} as history
left join {{ source('ops', 'arrival_lags') }} as lags on history.source = lags.source
where history.fate in ('accepted', 'superseded')
{% endmacro %}

{% macro later(time) -%}
    {{ time }} + coalesce(lags.lag_minutes, 0) * interval 1 minute
{%- endmacro %}

{#
    `quarantine.<entity>`: the rows that broke the contract, with what is needed to find and mend them. Values within
    reasons are masked; a key column that is itself personal is masked too.
#}
{% macro quarantined(entity, masked_keys=[]) %}
select
    {%- for column in contract(entity)['key'] %}
    {{ masked('history.' ~ column) ~ ' as ' ~ column if column in masked_keys else 'history.' ~ column }},
    {%- endfor %}
    history.reasons,
    history.source,
    files.name as file_name,
    history.row_number,
    history.batch_id,
    files.landed_at,
    files.run_id
from {{ ref('history__' ~ entity) }} as history
inner join {{ source('landing', 'files') }} as files on history.batch_id = files.batch_id
where history.fate = 'quarantined'
{% endmacro %}
