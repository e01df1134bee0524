{# What only DuckDB can say, for landing's text, versions and lists. Another engine needs its own version of this file. #}

{# The cast of a text, or null where it doesn't parse. #}
{% macro try_cast(text, type) -%}
    try_cast({{ text }} as {{ type }})
{%- endmacro %}

{#
    A text with an explicit offset, as UTC without zone. DuckDB's cast to TIMESTAMP drops the offset without a word,
    hence the way through TIMESTAMPTZ.
#}
{% macro try_cast_with_offset(text) -%}
    (try_cast({{ text }} as timestamptz) at time zone 'UTC')
{%- endmacro %}

{# Whether a text is a date or a time in ISO 8601: DuckDB's cast reads more (`01:00 PM` as 01:00, zone names as UTC). #}
{% macro is_iso_time(text) -%}
    regexp_matches({{ text }}, '^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?$')
{%- endmacro %}

{# A 128-bit fingerprint of expressions, nulls told apart from empty text. Stable across versions, unlike hash(). #}
{% macro fingerprint(expressions) -%}
    md5_number(concat_ws(chr(31)
    {%- for expression in expressions -%}, coalesce(cast({{ expression }} as varchar), chr(30)){%- endfor -%}))
{%- endmacro %}

{# The latest of several times; nulls don't count. #}
{% macro latest_of(expressions) -%}
    greatest({{ expressions | join(', ') }})
{%- endmacro %}

{# The list of those reasons whose condition holds: [(condition, text expression)]. Rows without fault build no list. #}
{% macro reasons_list(rules) -%}
    {%- if not rules -%}
    cast([] as varchar[])
    {%- else -%}
    case
        when {% for condition, _ in rules %}({{ condition }}){{ ' or ' if not loop.last }}{% endfor %}
        then list_filter([
            {%- for condition, text in rules %}
            case when {{ condition }} then {{ text }} end{{ ',' if not loop.last }}
            {%- endfor %}
        ], lambda reason: reason is not null)
        else cast([] as varchar[])
    end
    {%- endif -%}
{%- endmacro %}

{% macro no_reasons(list) -%}
    len({{ list }}) = 0
{%- endmacro %}

{% macro join_lists(one, other) -%}
    list_concat({{ one }}, {{ other }})
{%- endmacro %}

{# A value as it may be shown: letters become x, digits 9, cut at 40 characters. #}
{% macro masked(text) -%}
    left(regexp_replace(regexp_replace({{ text }}, '\p{L}', 'x', 'g'), '\d', '9', 'g'), 40)
{%- endmacro %}

{# The value of the row that comes first in the order of the other arguments, as an aggregate. #}
{% macro first_value_by(value) -%}
    first({{ value }} order by {{ varargs | join(', ') }})
{%- endmacro %}

{# A length of time in microseconds, as an integer that can be summed without rounding. #}
{% macro microseconds_between(start, end) -%}
    (epoch_us({{ end }}) - epoch_us({{ start }}))
{%- endmacro %}

{# A JSON object of the columns that aren't null, over the keys of the JSON text `rest`. #}
{% macro json_of(columns, rest) -%}
    cast(json_merge_patch(coalesce(cast({{ rest }} as json), '{}'), json_object(
        {%- for column in columns %}'{{ column }}', {{ column }}{{ ', ' if not loop.last }}{% endfor -%}
    )) as varchar)
{%- endmacro %}

{#
    A vendor's time as the ISO 8601 text of the contract, in UTC. `format`: as in strptime; `zone`: where its clock
    stands. A text that doesn't fit stays as it is, so that the row is quarantined for it.
#}
{% macro iso_time(text, format, zone='UTC') -%}
    coalesce(
        strftime((try_strptime({{ text }}, '{{ format }}') at time zone '{{ zone }}') at time zone 'UTC', '%Y-%m-%dT%H:%M:%S'),
        {{ text }}
    )
{%- endmacro %}
