{#
    Growing tables: in one transaction the rows of a run take the place of those with the same `unique_key`; without one
    they are added. dbt's own way asks for the columns of both sides, three queries for each of the many small increments
    here. A model whose columns change is rebuilt (its fingerprint does), so that both sides always have the same.
#}
{% materialization incremental, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and not existing.is_table -%}
        {{ adapter.drop_relation(existing) }}
    {%- endif -%}
    {%- set slices = slices_of(config.get('sliced_by')) -%}
    {% call statement('main') -%}
        {%- for slice in slices -%}
            {{ slice }}
            {%- if is_incremental() or not loop.first -%}
                {{ grown(target, sql, config.get('unique_key')) }};
            {%- else -%}
                drop table if exists {{ target }};
                {{ create_table_as(False, target, sql) }};
            {%- endif -%}
        {%- endfor -%}
    {%- endcall %}
    {%- if config.get('persist_docs') -%}
        {%- do persist_docs(target, model) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro grown(target, sql, unique_key) -%}
    {%- if unique_key -%}
        {%- set key = ([unique_key] if unique_key is string else unique_key) | join(', ') -%}
        create temporary table {{ target.identifier }}__increment as (
            {{ sql }}
        );
        delete from {{ target }} where ({{ key }}) in (select {{ key }} from {{ target.identifier }}__increment);
        insert into {{ target }} by name select * from {{ target.identifier }}__increment;
        drop table {{ target.identifier }}__increment
    {%- else -%}
        insert into {{ target }} by name (
            {{ sql }}
        )
    {%- endif -%}
{%- endmacro %}
