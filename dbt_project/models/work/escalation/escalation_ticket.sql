{{ config(materialized='view') }}
select
    moments.moment_id,
    trail.source,
    trail.channel,
    trail.status,
    trail.priority,
    trail.first_priority,
    trail.queue,
    trail.first_queue,
    trail.previous_queue,
    trail.category,
    trail.product,
    trail.opened_by,
    {%- for name in ticket_attributes() %}
    trail.attribute_{{ name }},
    {%- endfor %}
    trail.agent_id is not null as has_agent,
    trail.queue_is_hidden,
    trail.is_back_in_queue,
    cast(trail.reassignments as bigint) as reassignments,
    cast(trail.reopens as bigint) as reopens,
    trail.priority_changes,
    trail.priority_raises,
    trail.status_changes,
    trail.queue_changes,
    trail.queues_seen,
    trail.waits,
    trail.sla_breaches,
    {{ hours_between('trail.last_breach_at', 'moments.as_of') }} as hours_since_sla_breach,
    {{ hours_between('trail.opened_at', 'moments.as_of') }} as age_hours,
    {{ hours_between('trail.opened_at', 'trail.first_known_at') }} as hours_until_known,
    cast(extract(hour from trail.opened_at) as bigint) as opened_hour,
    cast(extract(isodow from trail.opened_at) as bigint) as opened_weekday
from {{ ref('escalation_moments') }} as moments
inner join {{ ref('escalation_trail') }} as trail
    on moments.ticket_id = trail.ticket_id and moments.state_from = trail.visible_from
