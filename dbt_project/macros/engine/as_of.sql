{# What only DuckDB can say of moments. Another engine needs its own version of this file. #}

{# The join that finds, for each row on the left, the latest row on the right at or before a time. #}
{% macro asof_left_join() -%}
    asof left join
{%- endmacro %}

{# The value on the row that comes last in the order of `by`, as an aggregate; nulls of `value` don't count. #}
{% macro last_by(value, by) -%}
    arg_max({{ value }}, {{ by }})
{%- endmacro %}

{# A time rounded up to the full minute. #}
{% macro ceil_to_minute(time) -%}
    date_trunc('minute', {{ time }} + interval '59999999 microseconds')
{%- endmacro %}

{# Whole seconds since 1970, for sums of times in integers. #}
{% macro epoch_seconds(time) -%}
    (epoch_us({{ time }}) // 1000000)
{%- endmacro %}

{# Hours from one time to another; null where either is. #}
{% macro hours_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 3600000000.0)
{%- endmacro %}

{# Days from one time to another; null where either is. #}
{% macro days_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 86400000000.0)
{%- endmacro %}

{# One row per time from `first` to `last`, both inclusive, a day apart. #}
{% macro each_day(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}, interval 1 day))
{%- endmacro %}

{# A sum of counts as it comes out of a window or a group, as an integer that fits a table. #}
{% macro whole(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}

{# The text under `name` in a JSON object; null where it isn't there. #}
{% macro json_text(object, name) -%}
    json_extract_string({{ object }}, '$."{{ name }}"')
{%- endmacro %}

{# The texts of a group that come last in the order of `by`, latest first, one under the other, each cut at `characters`. #}
{% macro latest_texts(text, by, most, characters) -%}
    array_to_string(list(left({{ text }}, {{ characters }}) order by {{ by }} desc)
        filter (where {{ text }} is not null)[1:{{ most }}], chr(10))
{%- endmacro %}

{# How often a pattern comes in a text. #}
{% macro count_matches(text, pattern) -%}
    len(regexp_extract_all({{ text }}, '{{ pattern }}'))
{%- endmacro %}

{# A number for the values of several columns, nulls being values. For joins within one run only: it isn't kept. #}
{% macro key_of(columns) -%}
    hash(source{% for column in columns %}, {{ column }}{% endfor %})
{%- endmacro %}

{# The value on the row that comes last in the order of the other arguments, as an aggregate; a null there is the value. #}
{% macro last_of_all(value) -%}
    last({{ value }} order by {{ varargs | join(', ') }})
{%- endmacro %}
