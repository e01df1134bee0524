{{ config(tags=['conformed']) }}

with contacts as (
    select
        source, contact_id, parent_contact_id, channel, coalesce(direction, 'inbound') as direction, queue, customer_id,
        ticket_id, offered_at, rings, answered_at, ended_at, agent_id, talk_seconds, hold_seconds, wrap_seconds, outcome,
        transferred_to, reason_code, resolved, product,
        answered_at is not null as is_handled,
        -- A contact that was answered was not lost, whatever its source calls the end of it.
        outcome = 'abandoned' and answered_at is null as is_abandoned,
        {{ seconds_between('offered_at', 'coalesce(answered_at, ended_at)') }} as wait_seconds
    from {{ ref('contacts') }}
    where {{ visible_at_clock() }}
),

-- The target of a queue as it was when the contact entered it.
targets as (
    select
        queue,
        service_level_seconds,
        coalesce(valid_from, timestamp '1900-01-01') as valid_from,
        coalesce(
            lead(valid_from) over (partition by queue order by valid_from nulls first), {{ in_force() }}
        ) as valid_to
    from {{ ref('queues') }}
    where {{ visible_at_clock() }}
)

select
    contacts.source,
    contacts.contact_id,
    contacts.parent_contact_id,
    contacts.ticket_id,
    contacts.customer_id,
    contacts.agent_id,
    contacts.channel,
    contacts.direction,
    contacts.queue,
    contacts.product,
    contacts.outcome,
    contacts.offered_at,
    {{ local('contacts.offered_at') }} as offered_at_local,
    cast({{ local('contacts.offered_at') }} as date) as offered_on,
    contacts.answered_at,
    contacts.ended_at,
    contacts.is_handled,
    contacts.is_abandoned,
    contacts.is_abandoned and contacts.wait_seconds <= {{ parameter('short_abandon_seconds') }} as is_short_abandoned,
    contacts.wait_seconds,
    coalesce(targets.service_level_seconds, {{ parameter('service_level_seconds') }}) as threshold_seconds,
    contacts.is_handled
        and contacts.wait_seconds <= coalesce(targets.service_level_seconds, {{ parameter('service_level_seconds') }})
        as is_answered_within_threshold,
    contacts.is_abandoned
        and contacts.wait_seconds <= coalesce(targets.service_level_seconds, {{ parameter('service_level_seconds') }})
        as is_abandoned_within_threshold,
    contacts.talk_seconds,
    contacts.hold_seconds,
    contacts.wrap_seconds,
    case when contacts.is_handled and coalesce(contacts.talk_seconds, contacts.hold_seconds, contacts.wrap_seconds) is not null
        then coalesce(contacts.talk_seconds, 0) + coalesce(contacts.hold_seconds, 0) + coalesce(contacts.wrap_seconds, 0)
    end as handle_seconds,
    contacts.rings,
    contacts.outcome = 'transferred' as is_transferred,
    contacts.transferred_to,
    contacts.reason_code,
    contacts.resolved as is_resolved
from contacts
left join targets
    on contacts.queue = targets.queue
    and contacts.offered_at >= targets.valid_from
    and contacts.offered_at < targets.valid_to
