{#
    Rows in force that point to a parent of the same source which never landed. Parents that the source doesn't send at
    all aren't missed: any entity may be absent. Fails with one row per missing parent.
#}
{% test parent_is_known(model, column_name, parent, parent_column) %}
select
    child.source,
    child.{{ column_name }},
    count(*) as rows_without_parent
from {{ model }} as child
where child.{{ column_name }} is not null
    and child.visible_to = {{ in_force() }}
    and child.source in (select source from {{ parent }})
    and child.{{ column_name }} not in (
        select {{ parent_column }} from {{ parent }} where {{ parent_column }} is not null
    )
group by child.source, child.{{ column_name }}
{% endtest %}
