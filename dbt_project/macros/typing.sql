{#
    From landing's text to types. Each takes an SQL expression of trimmed text (null where empty) and gives null where
    the text doesn't read as the type; `typed_rows` turns that into a quarantine reason.
#}

{% macro as_text(text) -%}
    {{ text }}
{%- endmacro %}

{# ISO 8601 only, in UTC: '01/07/2025' and 'infinity' don't read. An explicit offset is honoured. #}
{% macro as_time(text) -%}
    case
        when not {{ is_iso_time(text) }} then null
        when {{ text }} like '%:%+%' or {{ text }} like '%:%-%' then {{ try_cast_with_offset(text) }}
        else {{ try_cast(text, 'timestamp') }}
    end
{%- endmacro %}

{% macro as_date(text) -%}
    case when {{ is_iso_time(text) }} then {{ try_cast(text, 'date') }} end
{%- endmacro %}

{# Whole numbers; '3.0' is one (Parquet and JSON turn integers with gaps into it), '3.5' isn't: a cast would round it. #}
{% macro as_int(text) -%}
    case
        when {{ try_cast(text, 'double') }} = {{ try_cast(text, 'bigint') }} then {{ try_cast(text, 'bigint') }}
    end
{%- endmacro %}

{# Finite numbers: 'nan' and 'inf' don't read. #}
{% macro as_number(text) -%}
    case when isfinite({{ try_cast(text, 'double') }}) then {{ try_cast(text, 'double') }} end
{%- endmacro %}

{% macro as_bool(text) -%}
    {{ try_cast(text, 'boolean') }}
{%- endmacro %}

{# A column of the contract, cast to its declared type. #}
{% macro as_type(text, type) -%}
    {%- if type == 'text' -%}{{ as_text(text) }}
    {%- elif type == 'timestamp' -%}{{ as_time(text) }}
    {%- elif type == 'date' -%}{{ as_date(text) }}
    {%- elif type == 'integer' -%}{{ as_int(text) }}
    {%- elif type == 'double' -%}{{ as_number(text) }}
    {%- elif type == 'boolean' -%}{{ as_bool(text) }}
    {%- else -%}{{ exceptions.raise_compiler_error("no type '" ~ type ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{# How a type is called in a reason. #}
{% macro type_in_words(type) -%}
    {{ {'timestamp': 'an ISO 8601 time', 'date': 'an ISO 8601 date', 'integer': 'a whole number', 'double': 'a number',
        'boolean': 'true or false', 'text': 'text'}[type] }}
{%- endmacro %}
