{{ config(materialized='view') }}
-- Spells of one ticket follow each other at each change of what is known; counters let those of one key flow together.
select
    source,
    ticket_id,
    visible_from as begins_at,
    visible_to as ends_at,
    escalated_at is null as is_at_risk,
    is_first,
    ends_escalated,
    ends_reassigned and escalated_at is null as ends_reassigned,
    ends_solved and escalated_at is null and not ends_escalated as ends_solved,
    least(reassignments, 2) as moves_so_far,
    agent_id is not null as has_agent,
    status,
    priority,
    queue,
    previous_queue,
    agent_id,
    category,
    product
    {%- for name in ticket_attributes() %},
    attribute_{{ name }}
    {%- endfor %}
from {{ ref('escalation_trail') }}
where is_open
