{#- What only DuckDB can say of the incident log. -#}

{%- macro servicenow_time(column) -%}
    {#- The vendor's times: day/month/year as people see them, or the system's own ISO form; null where neither fits. -#}
    try_strptime({{ column }}, ['%d/%m/%Y %H:%M', '%d/%m/%Y %H:%M:%S', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M'])
{%- endmacro -%}

{%- macro repeated_rows(relation, count_column) -%}
    {#- Each row of `relation` as often as its count says, numbered from 1 in `step`. -#}
    (
        select *, unnest(range(1, {{ count_column }} + 1)) as step
        from {{ relation }}
        where {{ count_column }} > 0
    ) as repeated
{%- endmacro -%}
