-- The load on the queue and on the agent who holds the ticket, and how they have fared lately.
{%- set counts = spell_counts(['open', 'open_seconds', 'at_risk', 'at_risk_seconds', 'begun', 'escalated', 'solved',
                               'reassigned']) %}
{%- set keys = [('queue', ['queue']), ('agent', ['agent_id'])] %}
{%- set backs = [0, 1, 7, 28] %}
with moments as (
    select
        moment_id,
        agent_id,
        as_of as before_0d,
        as_of - interval 1 day as before_1d,
        as_of - interval 7 day as before_7d,
        as_of - interval 28 day as before_28d,
        cast({{ epoch_seconds('as_of') }} as double) as as_of_second
        {%- for name, columns in keys %},
        {{ key_of(columns) }} as key_{{ name }}
        {%- endfor %}
    from {{ ref('escalation_moments') }}
),

spells as (
    {{ keyed_spells(keys, {'backs': backs}) | indent(4) }}
),

holders as (
    select distinct agent_id from moments where agent_id is not null
),

agents as (
    {{ timeline(ref('agents'), 'agent_id', 'holders', ['team_id', 'site', 'role', 'hired_on'], 'valid_from') | indent(4) }}
),

now_agent as (
    select moments.moment_id, agents.team_id, agents.site, agents.role, agents.hired_on
    from moments
    {{ asof_left_join() }} agents on moments.agent_id = agents.agent_id and moments.before_0d >= agents.visible_from
)
{%- for name, _ in keys %},

{{ name }}_counters as (
    {{ spell_counters(name, counts, 'backs') | indent(4) }}
)
{%- for back in backs %},

{{ name }}_{{ back }}d as (
    select
        moments.moment_id
        {%- for count, _, _ in counts if count not in ['open_seconds', 'at_risk_seconds'] %},
        coalesce(counters.{{ count }}, 0) as {{ count }}
        {%- endfor %},
        coalesce(counters.open_seconds + counters.open * (moments.as_of_second - {{ back }} * 86400.0), 0) / 86400.0 as open_days
    from moments
    {{ asof_left_join() }} {{ name }}_counters as counters
        on moments.key_{{ name }} = counters.spell_key and moments.before_{{ back }}d >= counters.moment
)
{%- endfor %}
{%- endfor %}

select
    moments.moment_id,
    moments.agent_id,
    now_agent.team_id as agent_team,
    now_agent.site as agent_site,
    now_agent.role as agent_role,
    {{ days_between('cast(now_agent.hired_on as timestamp)', 'moments.before_0d') }} as agent_tenure_days,
    {%- for name, _ in keys %}
    {%- set measures = [
        ('open_tickets', name ~ '_0d.open', true),
        ('open_tickets_change_1d', name ~ '_0d.open - ' ~ name ~ '_1d.open', true),
        ('open_tickets_change_7d', name ~ '_0d.open - ' ~ name ~ '_7d.open', true),
        ('opened_1d', name ~ '_0d.begun - ' ~ name ~ '_1d.begun', true),
        ('opened_7d', name ~ '_0d.begun - ' ~ name ~ '_7d.begun', true),
        ('solved_1d', name ~ '_0d.solved - ' ~ name ~ '_1d.solved', true),
        ('solved_7d', name ~ '_0d.solved - ' ~ name ~ '_7d.solved', true),
        ('moved_on_7d', name ~ '_0d.reassigned - ' ~ name ~ '_7d.reassigned', true),
        ('escalated_28d', name ~ '_0d.escalated - ' ~ name ~ '_28d.escalated', true),
        ('load_to_usual', '(' ~ name ~ '_0d.open + 1) / ((' ~ name ~ '_0d.open_days - ' ~ name ~ '_28d.open_days) / 28.0 + 1)',
         false),
        ('escalations_to_solved_28d', '(' ~ name ~ '_0d.escalated - ' ~ name ~ '_28d.escalated + 0.5) / ('
         ~ name ~ '_0d.escalated - ' ~ name ~ '_28d.escalated + ' ~ name ~ '_0d.solved - ' ~ name ~ '_28d.solved + 5)', false),
    ] %}
    {%- for measure, expression, is_count in measures %}
    {%- set expression = whole(expression) if is_count else expression %}
    {%- if name == 'agent' %}
    case when moments.agent_id is not null then {{ expression }} end as {{ name }}_{{ measure }}{{ ',' if not loop.last }}
    {%- else %}
    {{ expression }} as {{ name }}_{{ measure }},
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
from moments
inner join now_agent on moments.moment_id = now_agent.moment_id
{%- for name, _ in keys %}
{%- for back in backs %}
inner join {{ name }}_{{ back }}d on moments.moment_id = {{ name }}_{{ back }}d.moment_id
{%- endfor %}
{%- endfor %}
