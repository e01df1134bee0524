{#
    `not_null` of several columns in one reading, for models that are dear to read. Fails with one row per column that
    has nulls.
#}
{% test never_null(model, columns) %}
with counted as (
    select
        {%- for column in columns %}
        count(case when {{ column }} is null then 1 end) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
)

{%- for column in columns %}
select '{{ column }}' as column_name, {{ column }} as rows_without_value
from counted
where {{ column }} > 0
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endtest %}
