{#
    Tables, made in place of the former one in one transaction: until it commits, readers and a rollback see the former.
    dbt's own way (create beside, look for keys and indexes, rename twice, commit, drop, commit) is made for databases whose
    DDL can't be undone, and takes longer than most of the tables here.
#}
{% materialization table, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and not existing.is_table -%}
        {{ adapter.drop_relation(existing) }}
    {%- endif -%}
    {% call statement('main') -%}
        drop table if exists {{ target }};
        {{ create_table_as(False, target, sql) }}
    {%- endcall %}
    {%- if config.get('persist_docs') -%}
        {%- do persist_docs(target, model) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
