-- A change is what was known at the moment less what was known so long before; before the ticket was known, all was 0.
{%- set of_trail = ['updates', 'reassignments', 'agent_changes', 'status_changes', 'priority_raises', 'notes', 'people'] %}
{%- set of_messages = ['customer_messages', 'agent_messages'] %}
{%- set spans = [1, 3, 7] %}
with moments as (
    select
        moment_id,
        ticket_id,
        as_of,
        state_from
        {%- for days in spans %},
        as_of - interval {{ days }} day as before_{{ days }}d
        {%- endfor %}
    from {{ ref('escalation_moments') }}
),

trail as (
    {{ of_moments(ref('escalation_trail'), ['visible_from'] + of_trail) | indent(4) }}
),

messages as (
    {{ of_moments(ref('escalation_messages'), ['visible_from'] + of_messages) | indent(4) }}
),

now_trail as (
    select moments.moment_id{% for name in of_trail %}, trail.{{ name }}{% endfor %}
    from moments
    inner join trail
        on moments.ticket_id = trail.ticket_id and moments.state_from = trail.visible_from
),

now_messages as (
    select moments.moment_id{% for name in of_messages %}, coalesce(messages.{{ name }}, 0) as {{ name }}{% endfor %}
    from moments
    {{ asof_left_join() }} messages
        on moments.ticket_id = messages.ticket_id and moments.as_of >= messages.visible_from
)
{%- for days in spans %},

trail_{{ days }}d as (
    select moments.moment_id{% for name in of_trail %}, trail.{{ name }}{% endfor %}
    from moments
    {{ asof_left_join() }} trail
        on moments.ticket_id = trail.ticket_id and moments.before_{{ days }}d >= trail.visible_from
),

messages_{{ days }}d as (
    select moments.moment_id{% for name in of_messages %}, messages.{{ name }}{% endfor %}
    from moments
    {{ asof_left_join() }} messages
        on moments.ticket_id = messages.ticket_id and moments.before_{{ days }}d >= messages.visible_from
)
{%- endfor %}

select
    now_trail.moment_id
    {%- for days in spans %}
    {%- for name in of_trail %},
    {{ whole('now_trail.' ~ name ~ ' - coalesce(trail_' ~ days ~ 'd.' ~ name ~ ', 0)') }} as {{ name }}_{{ days }}d
    {%- endfor %}
    {%- for name in of_messages %},
    {{ whole('now_messages.' ~ name ~ ' - coalesce(messages_' ~ days ~ 'd.' ~ name ~ ', 0)') }} as {{ name }}_{{ days }}d
    {%- endfor %}
    {%- endfor %}
from now_trail
inner join now_messages on now_trail.moment_id = now_messages.moment_id
{%- for days in spans %}
inner join trail_{{ days }}d on now_trail.moment_id = trail_{{ days }}d.moment_id
inner join messages_{{ days }}d on now_trail.moment_id = messages_{{ days }}d.moment_id
{%- endfor %}
