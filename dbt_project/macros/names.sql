{# Where models live: the schema is the folder's, used as it stands, without the profile's schema before it. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

{#
    The relation's name. dbt wants every model's name to be unique, but `history.tickets`, `core.tickets` and
    `quarantine.tickets` share theirs: a model named `<schema>__<name>` becomes the relation `<schema>.<name>`.
#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- set prefix = (node.config.schema or '') ~ '__' -%}
    {%- if custom_alias_name -%}
        {{ custom_alias_name | trim }}
    {%- elif node.name.startswith(prefix) -%}
        {{ node.name[prefix | length :] }}
    {%- else -%}
        {{ node.name }}
    {%- endif -%}
{%- endmacro %}
