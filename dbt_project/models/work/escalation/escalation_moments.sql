with work as (
    select clock, rebuild_from, review_hour from {{ ref('escalation_window') }} where has_work
),

at_risk as (
    select
        states.ticket_id,
        states.opened_at,
        states.visible_from,
        states.visible_to,
        work.clock,
        work.rebuild_from,
        work.review_hour,
        -- Nothing before the ticket's opening, nothing before what has to be made.
        greatest(states.visible_from, states.opened_at, work.rebuild_from) as lasts_from
    from {{ ref('ticket_states') }} as states
    inner join work on states.visible_from <= work.clock and states.visible_to > least(work.rebuild_from, work.clock)
    where {{ is_at_risk('states') }}
),

mornings as (
    select
        ticket_id,
        visible_from,
        {{ each_day("date_trunc('day', lasts_from) + review_hour * interval 1 hour", 'least(visible_to, clock)') }} as as_of,
        lasts_from,
        visible_to
    from at_risk
    where date_trunc('day', lasts_from) + review_hour * interval 1 hour <= least(visible_to, clock)
),

events as (
    select ticket_id, visible_from, {{ ceil_to_minute('visible_from') }} as as_of, clock, rebuild_from, review_hour
    from at_risk
    where {{ ceil_to_minute('visible_from') }} < visible_to and {{ ceil_to_minute('visible_from') }} >= opened_at
),

kept as (
    select ticket_id, visible_from, as_of, 'morning' as moment_kind
    from mornings
    where as_of >= lasts_from and as_of < visible_to

    union all

    -- What falls on the review hour itself is a morning already.
    select ticket_id, visible_from, as_of, 'event'
    from events
    where as_of <= clock and as_of >= rebuild_from
        and as_of <> date_trunc('day', as_of) + review_hour * interval 1 hour

    union all

    select ticket_id, visible_from, clock, 'now'
    from at_risk
    where clock < visible_to and clock >= opened_at
        and clock <> {{ ceil_to_minute('visible_from') }}
        and clock <> date_trunc('day', clock) + review_hour * interval 1 hour
)

select
    row_number() over (order by kept.ticket_id, kept.as_of) as moment_id,
    trail.source,
    kept.ticket_id,
    kept.as_of,
    kept.moment_kind,
    kept.visible_from as state_from,
    trail.opened_at,
    trail.status,
    trail.priority,
    trail.queue,
    trail.agent_id,
    trail.reassignments,
    trail.customer_id,
    trail.category,
    trail.product,
    trail.previous_queue
    {%- for name in ticket_attributes() %},
    trail.attribute_{{ name }}
    {%- endfor %}
from kept
inner join {{ ref('escalation_trail') }} as trail
    on kept.ticket_id = trail.ticket_id and kept.visible_from = trail.visible_from
