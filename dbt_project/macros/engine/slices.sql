{#
    A wide table is made a slice of its rows at a time, so that the memory it takes doesn't grow with their number: DuckDB
    holds the other side of every join, and for each thread the columns of 122,880 rows before it writes them.

    A model says `sliced_by={'table': 'work.x', 'column': 'x_id', 'rows': 100000}`, where the column is a number from 1 on
    without gaps, and takes its rows `where {{ in_slice('x.x_id') }}`.
#}
{% macro in_slice(column) -%}
    {{ column }} between getvariable('slice_from') and getvariable('slice_to')
{%- endmacro %}

{# What is run before the model's SQL for each slice; once, and nothing, for a model without slices. #}
{% macro slices_of(sliced_by) %}
    {%- if not sliced_by -%}{{ return(['']) }}{%- endif -%}
    {%- set last = run_query('select coalesce(max(' ~ sliced_by.column ~ '), 1) from ' ~ sliced_by.table).columns[0][0] | int -%}
    {%- set slices = [] -%}
    {%- for start in range(1, last + 1, sliced_by.rows) -%}
        {%- do slices.append('set variable slice_from = ' ~ start ~ '; set variable slice_to = ' ~ (start + sliced_by.rows - 1) ~ '; ') -%}
    {%- endfor -%}
    {{ return(slices) }}
{% endmacro %}
