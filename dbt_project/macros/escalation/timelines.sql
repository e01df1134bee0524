{#
    SQL: what was known of each entity from one moment to the next, where an entity has several rows at once and one of them
    holds (a customer's latest version, their last answer). Grain: one row per (key, visible_from); a row with all columns
    null says that nothing is known any more.
    relation:  a model with visible_from and visible_to
    key:       the entity's column
    columns:   what to keep
    latest_by: the column by which the latest of the rows visible holds
    condition: SQL that a row has to meet to count
    entities:  a relation with the keys to look at
#}
{% macro timeline(relation, key, entities, columns, latest_by, condition='true') %}
with versions as (
    select {{ key }}, visible_from, visible_to
        {%- for column in columns if column != latest_by %}, {{ column }}{% endfor %}, {{ latest_by }}
    from {{ relation }}
    where {{ key }} in (select {{ key }} from {{ entities }}) and visible_from < visible_to and {{ condition }}
)

select
    moments.{{ key }},
    moments.moment as visible_from
    {%- for column in columns %},
    {{ last_of_all('versions.' ~ column, 'versions.' ~ latest_by, 'versions.visible_from') }} as {{ column }}
    {%- endfor %}
from (
    select {{ key }}, visible_from as moment from versions
    union
    select {{ key }}, visible_to from versions where visible_to < {{ in_force() }}
    union
    -- A version may begin to hold after it was known.
    select {{ key }}, {{ latest_by }} from versions where {{ latest_by }} > visible_from and {{ latest_by }} < visible_to
) as moments
left join versions
    on moments.{{ key }} = versions.{{ key }}
    and moments.moment >= versions.visible_from
    and moments.moment < versions.visible_to
    and moments.moment >= versions.{{ latest_by }}
group by moments.{{ key }}, moments.moment
{% endmacro %}

{#
    SQL: cumulative counts by key and moment, of rows of several relations at once: +1 where a row gets visible, -1 where it
    ceases to be. Grain: one row per key and moment at which a count changed. Sums are of whole numbers, as doubles (see
    spell_counts).
    counted: [{relation, counts: [(name, condition)]}]; a relation has `key`, visible_from and visible_to
    more:    SQL of further changes (key, moment, one column for each of more_counts)
    entities: a relation with the keys to look at
#}
{% macro row_counters(key, entities, counted, more, more_counts) %}
{%- set names = [] %}
{%- for part in counted %}{% for name, _ in part.counts %}{% do names.append(name) %}{% endfor %}{% endfor %}
{%- for name in more_counts %}{% do names.append(name) %}{% endfor %}
select
    {{ key }},
    moment
    {%- for name in names %},
    {{ whole('sum(sum(' ~ name ~ ')) over (partition by ' ~ key ~ ' order by moment rows unbounded preceding)') }} as {{ name }}
    {%- endfor %}
from (
    {%- for part in counted %}
    {%- for moment, sign in [('visible_from', '1.0'), ('visible_to', '-1.0')] %}
    select
        {{ key }},
        {{ moment }} as moment
        {%- for name in names %}
        {%- set condition = (part.counts | selectattr(0, 'equalto', name) | first or ('', ''))[1] %},
        {% if condition %}case when {{ condition }} then {{ sign }} else 0.0 end{% else %}0.0{% endif %} as {{ name }}
        {%- endfor %}
    from {{ part.relation }}
    where {{ key }} in (select {{ key }} from {{ entities }}) and visible_from < visible_to
        {%- if moment == 'visible_to' %} and visible_to < {{ in_force() }}{% endif %}
    union all
    {%- endfor %}
    {%- endfor %}
    select
        {{ key }},
        moment
        {%- for name in names %},
        {{ name if name in more_counts else '0.0' }} as {{ name }}
        {%- endfor %}
    from ({{ more }}) as more
    where {{ key }} in (select {{ key }} from {{ entities }})
) as changes
group by {{ key }}, moment
{% endmacro %}

{# SQL: rows of the tickets that `moments` (a relation where the macro is called) has: joins needn't sort all the others. #}
{% macro of_moments(relation, columns) -%}
    select {{ 'ticket_id, ' if columns != ['*'] }}{{ columns | join(', ') }} from {{ relation }} where ticket_id in (select ticket_id from moments)
{%- endmacro %}
