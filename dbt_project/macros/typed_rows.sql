{#
    Staging of one entity from one landing table: the contract's types, one row per landed row, with what is wrong with
    the row in `quarantine_reasons` (empty: nothing). Reasons name the column; values are masked.

    Columns: the contract's (a value that doesn't read is null), then
        source, batch_id, row_number (where the row landed), part (1), attributes (JSON of unknown columns),
        own_known_at (recorded_at, else the latest time on the row that isn't a plan, else 1900-01-01: always known),
        quarantine_reasons (VARCHAR[]), maps_to_no_change.

    entity:      the contract's entity
    Of a source that has a shape of its own:
    landed:      its landing table, `<source>__<entity>`
    values:      contract column -> SQL over the landing table's columns (text); a column that isn't named is empty
    attributes:  columns of the landing table that are kept in `attributes`
    no_change:   SQL over the landing table's columns that holds for rows that say nothing of this entity
#}
{% macro typed_rows(entity, landed=none, values=none, attributes=[], no_change='false') %}
{%- set columns, rules = contract(entity)['columns'], contract(entity).get('rules', []) -%}
{%- set table = landed or 'harken__' ~ entity -%}
with landed as (
    select
        landed._batch as batch_id,
        landed._row as row_number,
        {{ json_of(attributes, '_extra') if attributes else 'landed._extra' }} as attributes,
        coalesce({{ no_change }}, false) as maps_to_no_change,
        files.file_landed_at as landed_at
        {%- for column in columns %},
        {{ landed_text(column.name, values) }} as {{ column.name }}__text
        {%- endfor %}
    from {{ source('landing', table) }} as landed
    -- A landing table may have any column names, such as those of landing.files.
    inner join (
        select batch_id as file_batch_id, landed_at as file_landed_at from {{ source('landing', 'files') }}
    ) as files on landed._batch = files.file_batch_id
),

typed as (
    select
        *
        {%- for column in columns %},
        {{ as_type(column.name ~ '__text', column.type) }} as {{ column.name }}
        {%- endfor %}
    from landed
)

select
    {%- for column in columns %}
    {{ column.name }},
    {%- endfor %}
    cast('{{ table.split('__')[0] }}' as varchar) as source,
    batch_id,
    row_number,
    1 as part,
    attributes,
    coalesce(
        recorded_at, {{ contract(entity).get('known_at') or latest_known_time(columns) }}, {{ always_known() }}
    ) as own_known_at,
    case
        when maps_to_no_change then {{ reasons_list([]) }}
        else {{ reasons_list(contract_rules(columns) + quoted_rules(rules)) | indent(8) }}
    end as quarantine_reasons,
    maps_to_no_change
from typed
{% endmacro %}

{# A column's text as it landed, or as `values` makes it; null where empty. #}
{% macro landed_text(name, values) -%}
    {%- if values is none -%}
    nullif(trim(landed.{{ adapter.quote(name) }}), '')
    {%- else -%}
    nullif(trim(cast({{ values.get(name, 'null') }} as varchar)), '')
    {%- endif -%}
{%- endmacro %}

{# Times that say when something happened: every time but plans and recorded_at. [(column, condition or none)] #}
{% macro happened_times(columns) %}
    {% set times = [] %}
    {% for column in columns if column.type in ('timestamp', 'date') and column.name != 'recorded_at' %}
        {% set plan = column.get('plan', false) %}
        {% if plan is mapping %}
            {% set kind, value = (plan.items() | list)[0] %}
            {% do times.append((column.name, "coalesce(" ~ kind ~ ", '') <> '" ~ value ~ "'")) %}
        {% elif not plan %}
            {% do times.append((column.name, none)) %}
        {% endif %}
    {% endfor %}
    {{ return(times) }}
{% endmacro %}

{% macro latest_known_time(columns) %}
    {% set expressions = [] %}
    {% for name, condition in happened_times(columns) %}
        {% set as_timestamp = 'cast(' ~ name ~ ' as timestamp)' %}
        {% do expressions.append(
            'case when ' ~ condition ~ ' then ' ~ as_timestamp ~ ' end' if condition else as_timestamp) %}
    {% endfor %}
    {{ return(latest_of(expressions) if expressions else 'cast(null as timestamp)') }}
{% endmacro %}

{% macro always_known() -%}
    timestamp '1900-01-01 00:00:00'
{%- endmacro %}

{# The end of an interval that hasn't ended. #}
{% macro in_force() -%}
    timestamp '9999-12-31 00:00:00'
{%- endmacro %}

{#
    The rules that follow from the contract's declaration of the columns: [(condition, SQL of the reason)].
    A file that lands late is no fault; a time later than the file itself (5 minutes for clocks that differ) is one.
#}
{% macro contract_rules(columns) %}
    {% set rules = [] %}
    {% for column in columns %}
        {% set name, text = column.name, column.name ~ '__text' %}
        {% if column.get('required') %}
            {% do rules.append((text ~ ' is null', "'" ~ name ~ " is missing'")) %}
        {% endif %}
        {% if column.type != 'text' %}
            {% do rules.append((text ~ ' is not null and ' ~ name ~ ' is null',
                "'" ~ name ~ " doesn''t read as " ~ type_in_words(column.type) ~ ": ' || " ~ masked(text))) %}
        {% endif %}
        {% if column.get('values') %}
            {% do rules.append((name ~ " not in ('" ~ column['values'] | join("', '") ~ "')",
                "'" ~ name ~ " is none of " ~ column['values'] | join(', ') ~ ": ' || " ~ masked(text))) %}
        {% endif %}
        {% if column.get('minimum') is not none %}
            {% do rules.append((name ~ ' < ' ~ column.minimum,
                "'" ~ name ~ " is below " ~ column.minimum ~ ": ' || " ~ masked(text))) %}
        {% endif %}
        {% if column.get('maximum') is not none %}
            {% do rules.append((name ~ ' > ' ~ column.maximum,
                "'" ~ name ~ " is above " ~ column.maximum ~ ": ' || " ~ masked(text))) %}
        {% endif %}
        {% if column.get('not_before') %}
            {% do rules.append((name ~ ' < ' ~ column.not_before,
                "'" ~ name ~ " lies before " ~ column.not_before ~ "'")) %}
        {% endif %}
    {% endfor %}
    {% for name, condition in happened_times(columns) + [('recorded_at', none)] %}
        {% do rules.append((name ~ ' > landed_at + interval 5 minute' ~ (' and ' ~ condition if condition else ''),
            "'" ~ name ~ " lies after the file was landed'")) %}
    {% endfor %}
    {% for name, condition in happened_times(columns) if is_a_moment(columns, name) %}
        {% do rules.append((name ~ " < timestamp '1980-01-02'", "'" ~ name ~ " lies before 1980-01-02: a placeholder'")) %}
        {% do rules.append((name ~ ' > recorded_at + interval 5 minute' ~ (' and ' ~ condition if condition else ''),
            "'" ~ name ~ " lies after recorded_at'")) %}
    {% endfor %}
    {{ return(rules) }}
{% endmacro %}

{# Whether a time says when something happened, to the minute, rather than since when something holds. #}
{% macro is_a_moment(columns, name) %}
    {% set column = columns | selectattr('name', 'equalto', name) | first %}
    {{ return(column.type == 'timestamp' and name not in ['valid_from', 'signed_up_at']) }}
{% endmacro %}

{% macro quoted_rules(rules) %}
    {% set quoted = [] %}
    {% for condition, reason in rules %}
        {% do quoted.append((condition, "'" ~ reason | replace("'", "''") ~ "'")) %}
    {% endfor %}
    {{ return(quoted) }}
{% endmacro %}
