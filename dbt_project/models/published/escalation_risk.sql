{{ config(tags=['task:escalation']) }}

with scores as (
    select
        entity_id as ticket_id, as_of, p, rank, share_riskier, reason_1, reason_2, reason_3, model_name, model_version,
        trained_to, run_id, scored_at
    from {{ source('ml', 'scores') }}
    where
        task = 'escalation'
        and as_of = (
            select max(as_of) from {{ source('ml', 'scores') }} where task = 'escalation' and as_of <= {{ clock() }}
        )
)

select
    scores.ticket_id,
    scores.as_of,
    scores.p as probability,
    scores.rank,
    scores.share_riskier,
    scores.reason_1,
    scores.reason_2,
    scores.reason_3,
    tickets.source,
    tickets.customer_id,
    states.queue,
    states.agent_id,
    states.priority,
    states.status,
    tickets.channel,
    tickets.product,
    tickets.category,
    tickets.opened_at,
    {{ local('tickets.opened_at') }} as opened_at_local,
    {{ seconds_between('tickets.opened_at', 'scores.as_of') }} / 3600.0 as age_hours,
    {{ parameter('horizon_days') }} as horizon_days,
    scores.model_name,
    scores.model_version,
    scores.trained_to,
    scores.scored_at,
    {{ local('scores.scored_at') }} as scored_at_local,
    scores.run_id
from scores
-- What was known of the ticket when it was scored, not what is known now.
left join {{ ref('tickets') }} as tickets
    on scores.ticket_id = tickets.ticket_id
    and tickets.visible_from <= scores.as_of
    and scores.as_of < tickets.visible_to
left join {{ ref('ticket_states') }} as states
    on scores.ticket_id = states.ticket_id
    and states.visible_from <= scores.as_of
    and scores.as_of < states.visible_to
