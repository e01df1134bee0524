{# What only DuckDB can say, for the published tables. Another engine needs its own version of this file. #}

{# A UTC time without zone, as the clock on the wall of `zone` (an SQL expression of an IANA name) showed it. #}
{% macro local_time(utc, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ utc }}))
{%- endmacro %}

{# The reverse: the UTC moment at which the wall clock of `zone` showed `local`. #}
{% macro utc_time(local, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ local }}))
{%- endmacro %}

{# Seconds from one time to another, as a double. #}
{% macro seconds_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1000000.0)
{%- endmacro %}

{# One row per day from `first` to `last`, both inclusive, in a column `day`. No row where either is null. #}
{% macro days_from_to(first, last) -%}
    select cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date) as day
{%- endmacro %}

{# The `most` texts of a group with the largest counts, as one text: 'reason (12); other reason (3)'. #}
{% macro top_counted(text, number, most=3) -%}
    array_to_string(list({{ text }} || ' (' || {{ number }} || ')' order by {{ number }} desc, {{ text }})[1:{{ most }}], '; ')
{%- endmacro %}

{# Whether `schema.table` is there, asked of the database while the model runs. #}
{% macro is_built(schema, table) %}
    {% if not execute %}{{ return(false) }}{% endif %}
    {{ return(adapter.get_relation(database=target.database, schema=schema, identifier=table) is not none) }}
{% endmacro %}

{# One row per element of a list. #}
{% macro each_of(list) -%}
    unnest({{ list }})
{%- endmacro %}
