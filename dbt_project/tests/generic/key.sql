{#
    The columns identify a row: none is null, and no two rows have the same. So are the columns `filled` never null. One
    reading and one node for what `not_null` and `unique` take several of. Fails with each key that breaks it.
#}
{% test key(model, columns, filled=[]) %}
select {{ columns | join(', ') }}, count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
    {%- for column in columns + filled %}
    or count({{ column }}) < count(*)
    {%- endfor %}
{% endtest %}
