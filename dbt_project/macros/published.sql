{# What the published models share: what is visible at the run's clock, and what the project says of its own tables. #}

{# The run's moment, as an SQL expression. Null before the first run: then nothing is visible. #}
{% macro clock() -%}
    (select clock from {{ source('ops', 'clock') }})
{%- endmacro %}

{# A setting that models read, as an SQL expression. #}
{% macro parameter(name) -%}
    (select {{ name }} from {{ source('ops', 'parameters') }})
{%- endmacro %}

{# The versions that a run at the clock could see: one per record. Published tables read core in no other way. #}
{% macro visible_at_clock(alias='') -%}
    {%- set prefix = alias ~ '.' if alias else '' -%}
    {{ prefix }}visible_from <= {{ clock() }} and {{ clock() }} < {{ prefix }}visible_to
{%- endmacro %}

{# A time as local time in the company's zone. #}
{% macro local(utc) -%}
    {{ local_time(utc, parameter('time_zone')) }}
{%- endmacro %}

{#
    Every published table as its yml describes it: [{name, task, needs, uses, when_empty, written}], by name. `needs`
    are entities without which the table is empty, `uses` those without which some columns are null. `when_empty` says
    why there may be no row as yet of a table that shows what Python wrote into `written` (tables of `ml`).
#}
{% macro published_tables() %}
    {% set tables = [] %}
    {% for node in (graph.nodes.values() if execute else []) | sort(attribute='name') %}
        {% if node.resource_type == 'model' and node.schema == 'published' %}
            {% set tasks = [] %}
            {% for tag in node.tags if tag.startswith('task:') %}{% do tasks.append(tag[5:]) %}{% endfor %}
            {% set written = [] %}
            {% for parent in node.depends_on.nodes if parent in graph.sources %}
                {% set source_table = graph.sources[parent] %}
                {% if source_table.source_name == 'ml' %}
                    {% do written.append(source_table.schema ~ '.' ~ source_table.name) %}
                {% endif %}
            {% endfor %}
            {% do tables.append({
                'name': node.alias,
                'task': tasks[0] if tasks else none,
                'needs': node.config.meta.get('needs', []),
                'uses': node.config.meta.get('uses', []),
                'when_empty': node.config.meta.get('when_empty'),
                'written': written,
            }) %}
        {% endif %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}

{#
    The history of an entity by name, not by `ref`. The tables about the data's quality must also be built when a model
    or a test before them failed, since that is when they are wanted: an edge in dbt's graph would skip them then.
#}
{% macro history_of(entity) -%}
    {% if not is_built('history', entity) %}{{ return(none) }}{% endif %}
    {{ return('history.' ~ entity) }}
{%- endmacro %}

{#
    One row per file and fate of its rows. A landed row has one fate, in the history of one entity; where it makes
    several rows there (parts), the first of accepted, superseded, quarantined, duplicate and no_change counts.
#}
{% macro fates_by_file() %}
    {%- set built = [] -%}
    {%- for table in landed_tables() if history_of(table.fate_in) -%}{%- do built.append(table) -%}{%- endfor -%}
    {%- if not built -%}
    select cast(null as bigint) as batch_id, cast(null as varchar) as fate, cast(null as bigint) as rows where false
    {%- endif -%}
    {%- for table in built %}
    {%- if table.source == 'harken' %}
    select batch_id, fate, count(*) as rows
    from {{ history_of(table.fate_in) }}
    where source = 'harken' and part > 0
    group by batch_id, fate
    {%- else %}
    select batch_id, fate, count(*) as rows
    from (
        select
            batch_id,
            row_number,
            case
                min(case fate when 'accepted' then 1 when 'superseded' then 2 when 'quarantined' then 3
                    when 'duplicate' then 4 else 5 end)
                when 1 then 'accepted' when 2 then 'superseded' when 3 then 'quarantined' when 4 then 'duplicate'
                else 'no_change'
            end as fate
        from {{ history_of(table.fate_in) }}
        where source = '{{ table.source }}' and part > 0
        group by batch_id, row_number
    ) as landed_rows
    group by batch_id, fate
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# One row per file and quarantine reason, with the number of rows. Values within reasons are masked already. #}
{% macro quarantine_reasons_by_file() %}
    {%- set built = [] -%}
    {%- for table in landed_tables() if history_of(table.fate_in) -%}{%- do built.append(table) -%}{%- endfor -%}
    {%- if not built -%}
    select cast(null as bigint) as batch_id, cast(null as varchar) as reason, cast(null as bigint) as rows where false
    {%- endif -%}
    {%- for table in built %}
    select batch_id, reason, count(*) as rows
    from (
        select batch_id, {{ each_of('reasons') }} as reason
        from {{ history_of(table.fate_in) }}
        where source = '{{ table.source }}' and part > 0 and fate = 'quarantined'
    ) as quarantined_rows
    group by batch_id, reason
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}
