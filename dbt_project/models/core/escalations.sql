{#- Until a run's clock is set, everything that landed counts as known. -#}
with clock as (
    select coalesce(max(clock), timestamp '9999-12-30 00:00:00') as now_at
    from {{ source('ops', 'clock') }}
),

-- In one pass: a ticket has many states, and joining those in force to the earlier ones would multiply them.
known as (
    select
        states.source,
        states.ticket_id,
        states.escalated_at,
        max(case when states.visible_to > clock.now_at then states.escalation_rule end) as rule,
        min(states.visible_from) as visible_from,
        max(case when states.visible_to > clock.now_at then 1 else 0 end) as is_in_force
    from {{ ref('ticket_states') }} as states
    inner join clock on states.visible_from <= clock.now_at
    where states.escalated_at is not null
    group by states.source, states.ticket_id, states.escalated_at
)

select source, ticket_id, escalated_at, rule, visible_from
from known
where is_in_force = 1
