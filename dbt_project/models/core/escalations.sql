{#- Until a run's clock is set, everything that landed counts as known. -#}
with clock as (
    select coalesce(max(clock), timestamp '9999-12-30 00:00:00') as now_at
    from {{ source('ops', 'clock') }}
),

visible as (
    select
        states.source, states.ticket_id, states.escalated_at, states.escalation_rule, states.visible_from,
        states.visible_to
    from {{ ref('ticket_states') }} as states
    inner join clock on states.visible_from <= clock.now_at
    where states.escalated_at is not null
),

current_ones as (
    select visible.source, visible.ticket_id, visible.escalated_at, visible.escalation_rule
    from visible
    inner join clock on visible.visible_to > clock.now_at
)

select
    current_ones.source,
    current_ones.ticket_id,
    current_ones.escalated_at,
    current_ones.escalation_rule as rule,
    min(visible.visible_from) as visible_from
from current_ones
inner join visible
    on current_ones.ticket_id = visible.ticket_id
    and current_ones.escalated_at = visible.escalated_at
group by current_ones.source, current_ones.ticket_id, current_ones.escalated_at, current_ones.escalation_rule
