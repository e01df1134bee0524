{#
    Hours since a Monday long past, counted by kind, so that the difference of two of them is the hours of that kind in between.
    Working hours are those of Monday to Friday, 08:00 to 18:00; weekends are whole Saturdays and Sundays.
#}

{% macro hours_into_week(time) -%}
    {{ hours_between("date_trunc('week', " ~ time ~ ")", time) }}
{%- endmacro %}

{% macro weeks_since_start(time) -%}
    round({{ days_between("timestamp '2000-01-03'", "date_trunc('week', " ~ time ~ ")") }} / 7)
{%- endmacro %}

{% macro weekend_hours(time) -%}
    ({{ weeks_since_start(time) }} * 48 + greatest({{ hours_into_week(time) }} - 120, 0))
{%- endmacro %}

{% macro working_hours(time) -%}
    ({{ weeks_since_start(time) }} * 50 + case
        when {{ hours_into_week(time) }} >= 120 then 50
        else floor({{ hours_into_week(time) }} / 24) * 10
            + least(greatest({{ hours_between("date_trunc('day', " ~ time ~ ")", time) }} - 8, 0), 10)
    end)
{%- endmacro %}
