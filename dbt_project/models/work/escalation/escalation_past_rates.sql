{%- set keys = rate_keys() %}
{%- set counts = spell_counts(['at_risk', 'at_risk_seconds', 'escalated', 'reassigned', 'solved']) %}
with moments as (
    select
        moment_id,
        as_of,
        as_of - interval 7 day as week_before,
        cast({{ epoch_seconds('as_of') }} as double) as as_of_second,
        {%- for key in keys %}
        {{ key_of(key.at_moment or key.columns) }} as key_{{ key.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select moments.*, least(reassignments, 2) as moves_so_far, agent_id is not null as has_agent
        from {{ ref('escalation_moments') }} as moments
    ) as staged
),

spells as (
    {%- set keyed = [] %}
    {%- for key in keys %}{% do keyed.append((key.name, key.columns)) %}{% endfor %}
    {{ keyed_spells(keyed, {'now': [0], 'recent': [0, 7]}) | indent(4) }}
),
{%- for key in keys %}

counters_{{ key.name }} as (
    {{ spell_counters(key.name, counts, 'recent' if 'recent' in key.shows else 'now') | indent(4) }}
),

past_{{ key.name }} as (
    select
        moments.moment_id,
        counters.escalated,
        counters.reassigned,
        counters.solved,
        {{ days_at_risk('counters', 'moments.as_of_second') }} as days
    from moments
    {{ asof_left_join() }} counters_{{ key.name }} as counters
        on moments.key_{{ key.name }} = counters.spell_key and moments.as_of >= counters.moment
),
{%- if 'recent' in key.shows %}

week_before_{{ key.name }} as (
    select
        moments.moment_id,
        coalesce(counters.escalated, 0) as escalated,
        coalesce(counters.reassigned, 0) as reassigned
    from moments
    {{ asof_left_join() }} counters_{{ key.name }} as counters
        on moments.key_{{ key.name }} = counters.spell_key and moments.week_before >= counters.moment
),
{%- endif %}
{%- endfor %}

rates as (
    select
        moments.moment_id
        {%- for key in keys %}
        {%- for rate in ['escalations', 'moves', 'move_share'] if rate in key.shows %},
        {{ smoothed_rate(key, rate) }} as {{ key.name }}_{{ rate if rate == 'move_share' else rate ~ '_a_day' }}
        {%- endfor %}
        {%- if 'days' in key.shows %},
        past_{{ key.name }}.days as {{ key.name }}_days
        {%- endif %}
        {%- if 'recent' in key.shows %}
        {%- for count, name in [('escalated', 'escalations'), ('reassigned', 'moves')] %},
        {{ whole('coalesce(past_' ~ key.name ~ '.' ~ count ~ ', 0) - week_before_' ~ key.name ~ '.' ~ count) }}
            as {{ key.name }}_{{ name }}_7d
        {%- endfor %}
        {%- endif %}
        {%- endfor %}
    from moments
    {%- for key in keys %}
    inner join past_{{ key.name }} on moments.moment_id = past_{{ key.name }}.moment_id
    {%- if 'recent' in key.shows %}
    inner join week_before_{{ key.name }} on moments.moment_id = week_before_{{ key.name }}.moment_id
    {%- endif %}
    {%- endfor %}
)

select * from rates
