{#
    Past rates. A ticket that is open spends time in a queue, with an agent, for a customer, …; each such spell ends in an
    escalation, in a reassignment, in its solving, or goes on. Counting spells and the time spent in them needs no ticket to
    be finished, so nothing about a rate is bent by what hasn't had time to happen yet.

    Counters are cumulative by key and moment: +1 where a spell begins, -1 where it ends, in whole seconds where it is time.
    A counter is looked up as of a moment, so that only what was visible then is in it.
#}

{#
    The keys that rates are kept for, in an order in which a parent comes before its children.
    columns:   what makes the key; columns of `escalation_spells` and, under the same names, of `escalation_moments`
    at_moment: the moment's columns where they differ: `onward` asks how tickets fared that had left the queue this one is in
    parent:    the key towards whose rate a sparse one is drawn
    shows:     the rates that become features, and `recent`: the counts of the last seven days
#}
{% macro rate_keys() %}
    {%- set topics = ['attribute_subcategory', 'attribute_u_symptom'] %}
    {{ return([
        {'name': 'all', 'columns': [], 'shows': ['escalations', 'moves', 'recent']},
        {'name': 'stage', 'columns': ['moves_so_far', 'status', 'has_agent'], 'parent': 'all',
         'shows': ['escalations', 'moves', 'move_share']},
        {'name': 'category', 'columns': ['category'], 'parent': 'all', 'shows': ['escalations', 'move_share']},
        {'name': 'topic', 'columns': ['category', 'product'] + topics, 'parent': 'category',
         'shows': ['escalations', 'moves', 'move_share']},
        {'name': 'queue', 'columns': ['queue'], 'parent': 'all', 'shows': ['escalations', 'moves', 'move_share', 'recent']},
        {'name': 'queue_stage', 'columns': ['queue', 'moves_so_far'], 'parent': 'queue',
         'shows': ['escalations', 'moves', 'move_share', 'days', 'recent']},
        {'name': 'queue_status', 'columns': ['queue', 'moves_so_far', 'status', 'has_agent'], 'parent': 'queue_stage',
         'shows': ['escalations', 'moves', 'move_share']},
        {'name': 'agent_stage', 'columns': ['queue', 'moves_so_far', 'agent_id'], 'parent': 'queue_stage',
         'shows': ['escalations', 'moves', 'move_share', 'days']},
        {'name': 'queue_category', 'columns': ['queue', 'category'], 'parent': 'queue', 'shows': ['moves', 'move_share']},
        {'name': 'queue_topic', 'columns': ['queue', 'product'] + topics, 'parent': 'queue',
         'shows': ['escalations', 'move_share']},
        {'name': 'onward', 'columns': ['previous_queue'], 'at_moment': ['queue'], 'parent': 'all',
         'shows': ['escalations', 'moves']},
    ]) }}
{% endmacro %}

{#
    What is counted of spells: name, and the SQL of its change where a spell begins and where it ends. The sums are of whole
    numbers far below 2^53, so doubles hold them exactly, in whatever order they are added; DuckDB sums them twice as fast.
#}
{% macro spell_counts(names=none) %}
    {%- set counts = [
        ('open', '1.0', '-1.0'),
        ('at_risk', 'cast(is_at_risk as double)', '-cast(is_at_risk as double)'),
        ('at_risk_seconds', 'case when is_at_risk then -begins_at_second else 0.0 end',
         'case when is_at_risk then ends_at_second else 0.0 end'),
        ('open_seconds', '-begins_at_second', 'ends_at_second'),
        ('begun', 'cast(is_first as double)', '0.0'),
        ('escalated', '0.0', 'cast(ends_escalated as double)'),
        ('reassigned', '0.0', 'cast(ends_reassigned as double)'),
        ('solved', '0.0', 'cast(ends_solved as double)'),
    ] %}
    {{ return(counts if names is none else counts | selectattr(0, 'in', names) | list) }}
{% endmacro %}

{#
    SQL: the spells with what counters need of them, and one number for each key. keys: [(name, columns)]
    asked: name -> the days before each moment at which counters are looked up (0: at the moment itself). What happened
    between two such stretches of time is moved to the start of the later one: it is first asked for there, so no lookup
    sees another count, and few changes are left to be added up.
#}
{% macro keyed_spells(keys, asked) %}
select
    {%- for name, columns in keys %}
    {{ key_of(columns) }} as key_{{ name }},
    {%- endfor %}
    {%- for name, days in asked.items() %}
    {{ first_asked_at('begins_at', days) }} as begins_{{ name }},
    {{ first_asked_at('ends_at', days) }} as ends_{{ name }},
    {%- endfor %}
    ends_at < {{ in_force() }} as has_ended,
    cast({{ epoch_seconds('begins_at') }} as double) as begins_at_second,
    cast({{ epoch_seconds('ends_at') }} as double) as ends_at_second,
    is_at_risk,
    is_first,
    ends_escalated,
    ends_reassigned,
    ends_solved
from {{ ref('escalation_spells') }}
cross join (
    select
        coalesce(min(as_of), {{ in_force() }}) as first_moment,
        coalesce(max(as_of), {{ in_force() }}) as last_moment
    from {{ ref('escalation_moments') }}
) as asked
{% endmacro %}

{# SQL: when a change at `time` is first asked for, by lookups `days` (a list) before the moments. See keyed_spells. #}
{% macro first_asked_at(time, days) -%}
    case
        {%- for back in days | sort(reverse=true) %}
        when {{ time }} <= first_moment - interval {{ back }} day then first_moment - interval {{ back }} day
        when {{ time }} <= last_moment - interval {{ back }} day then {{ time }}
        {%- endfor %}
        else {{ time }}
    end
{%- endmacro %}

{#
    SQL: cumulative counts of spells by key, from `spells` (made by keyed_spells). Grain: one row per key and moment at which
    one of its counts changed; a spell that ends where the ticket's next begins under the same key leaves none.
    asked: the name under which keyed_spells has the lookups.
#}
{% macro spell_counters(key, counts, asked) %}
select
    spell_key,
    moment
    {%- for name, _, _ in counts %},
    sum({{ name }}) over up_to_it as {{ name }}
    {%- endfor %}
from (
    select
        spell_key,
        moment
        {%- for name, _, _ in counts %},
        sum({{ name }}) as {{ name }}
        {%- endfor %}
    from (
        select
            key_{{ key }} as spell_key, begins_{{ asked }} as moment
            {%- for name, at_begin, _ in counts %}, {{ at_begin }} as {{ name }}{% endfor %}
        from spells
        union all
        select
            key_{{ key }}, ends_{{ asked }}
            {%- for _, _, at_end in counts %}, {{ at_end }}{% endfor %}
        from spells
        where has_ended
    ) as changes
    group by spell_key, moment
    having {% for name, _, _ in counts %}sum({{ name }}) <> 0{{ ' or ' if not loop.last }}{% endfor %}
) as summed
window up_to_it as (partition by spell_key order by moment rows unbounded preceding)
{% endmacro %}

{# Days at risk up to `time` (in seconds), from a counter's row: the spells still running count up to that time. #}
{% macro days_at_risk(row, time) -%}
    (coalesce({{ row }}.at_risk_seconds + {{ row }}.at_risk * {{ time }}, 0) / 86400.0)
{%- endmacro %}

{#
    A rate of a key, drawn towards its parent's as if the parent had been watched for a while under this key too: five days at
    risk, or three endings. Sources that begin get half an event in twenty days.
    rate: escalations or moves (per day at risk), or move_share (moves of all endings that were moves or solvings)
#}
{% macro smoothed_rate(key, rate) -%}
    {%- set row = 'past_' ~ key.name -%}
    {%- set events = {'escalations': 'escalated', 'moves': 'reassigned', 'move_share': 'reassigned'}[rate] -%}
    {%- set events = 'coalesce(' ~ row ~ '.' ~ events ~ ', 0)' -%}
    {%- if rate == 'move_share' -%}
        {%- set chances, weight, start = 'coalesce(' ~ row ~ '.reassigned + ' ~ row ~ '.solved, 0)', 3, (0.5, 1.0) -%}
    {%- else -%}
        {%- set chances, weight, start = row ~ '.days', 5, (0.5, 20.0) -%}
    {%- endif -%}
    {%- if key.parent -%}
        {%- set parent = rate_keys() | selectattr('name', 'equalto', key.parent) | first -%}
        (({{ events }} + {{ weight }} * {{ smoothed_rate(parent, rate) }}) / ({{ chances }} + {{ weight }}))
    {%- else -%}
        (({{ events }} + {{ start[0] }}) / ({{ chances }} + {{ start[1] }}))
    {%- endif -%}
{%- endmacro %}
