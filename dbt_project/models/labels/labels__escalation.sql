-- A closed ticket stays under observation until its horizon is over: it may be reopened.
select
    moments.ticket_id,
    moments.as_of,
    moments.moment_kind,
    moments.source,
    coalesce(
        escalations.escalated_at <= {{ dbt.dateadd('day', 'parameters.horizon_days', 'moments.as_of') }}, false
    ) as label,
    escalations.escalated_at,
    escalations.visible_from as escalation_visible_from,
    {{ dbt.dateadd(
        'second', 'delays.label_delay_seconds', dbt.dateadd('day', 'parameters.horizon_days', 'moments.as_of')
    ) }} as matures_at
from {{ ref('escalation') }} as moments
cross join {{ source('ops', 'parameters') }} as parameters
inner join {{ ref('labels__escalation_delay') }} as delays on moments.source = delays.source
left join {{ ref('escalations') }} as escalations on moments.ticket_id = escalations.ticket_id
where escalations.escalated_at is null or escalations.escalated_at > moments.as_of
