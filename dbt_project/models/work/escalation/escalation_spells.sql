with spells as (
    select
        trail.*,
        least(trail.reassignments, 2) as moves_so_far,
        trail.agent_id is not null as has_agent
    from {{ ref('escalation_trail') }} as trail
    where trail.is_open
),

bands as (
    {%- for band, lowest, highest in dwell_bands() %}
    select
        '{{ band }}' as dwell,
        {{ lowest }} as lowest_seconds,
        {{ highest if highest is not none else 'null' }} as highest_seconds
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A spell that outlasts a band of the time in its queue goes on as another spell in the next.
pieces as (
    select
        spells.*,
        bands.dwell,
        bands.lowest_seconds,
        greatest(spells.visible_from, spells.queue_since + bands.lowest_seconds * interval 1 second) as begins_at,
        least(
            spells.visible_to,
            case
                when bands.highest_seconds is null then spells.visible_to
                else spells.queue_since + bands.highest_seconds * interval 1 second
            end
        ) as ends_at
    from spells
    cross join bands
)

select
    source,
    ticket_id,
    begins_at,
    ends_at,
    escalated_at is null as is_at_risk,
    is_first and begins_at = visible_from as is_first,
    ends_escalated and ends_at = visible_to as ends_escalated,
    ends_reassigned and escalated_at is null and ends_at = visible_to as ends_reassigned,
    ends_solved and escalated_at is null and not ends_escalated and ends_at = visible_to as ends_solved,
    moves_so_far,
    dwell,
    has_agent,
    status,
    priority,
    channel,
    queue,
    previous_queue,
    agent_id,
    customer_id,
    category,
    product,
    opened_by,
    last_actor
    {%- for name in ticket_attributes() %},
    attribute_{{ name }}
    {%- endfor %}
from pieces
where begins_at < ends_at
