{{ config(tags=['conformed']) }}

with tickets as (
    select source, ticket_id, opened_at, customer_id, channel, queue, product, category, opened_by
    from {{ ref('tickets') }}
    where {{ visible_at_clock() }}
),

states as (
    select ticket_id, status, is_open, priority, queue, agent_id, escalated_at, reassignments, reopens
    from {{ ref('ticket_states') }}
    where {{ visible_at_clock() }}
),

events as (
    select source, ticket_id, event_seq, occurred_at, kind, value, actor_kind, is_public
    from {{ ref('ticket_events') }}
    where kind in ('status', 'comment') and {{ visible_at_clock() }}
),

-- A source that never sends a comment leaves replies unknown: null, not none.
telling_sources as (
    select distinct source, true as tells_comments from events where kind = 'comment'
),

comments as (
    select
        tickets.ticket_id,
        min(case when events.actor_kind = 'agent' and events.is_public is distinct from false
            then events.occurred_at end) as first_reply_at,
        count(case when events.actor_kind = 'agent' and events.is_public is distinct from false
            then 1 end) as agent_replies,
        count(case when events.actor_kind = 'customer' then 1 end) as customer_comments,
        count(case when events.actor_kind = 'agent' and not events.is_public then 1 end) as internal_notes
    from tickets
    inner join events
        on tickets.ticket_id = events.ticket_id
        and events.kind = 'comment'
        and events.occurred_at >= tickets.opened_at
    group by tickets.ticket_id
),

status_changes as (
    select ticket_id, opened_at as starts_at, -1 as event_seq, 'new' as status
    from tickets

    union all

    select events.ticket_id, greatest(events.occurred_at, tickets.opened_at), events.event_seq, events.value
    from events
    inner join tickets on events.ticket_id = tickets.ticket_id
    where events.kind = 'status'
),

status_intervals as (
    select
        ticket_id,
        status,
        lag(status) over in_order as status_before,
        starts_at,
        coalesce(lead(starts_at) over in_order, {{ clock() }}) as ends_at
    from status_changes
    window in_order as (partition by ticket_id order by starts_at, event_seq)
),

resolutions as (
    select
        ticket_id,
        max(case when status in ('solved', 'closed') and status_before not in ('solved', 'closed')
            then starts_at end) as solved_at,
        sum(case when status in ('new', 'open', 'on_hold')
            then {{ seconds_between('starts_at', 'ends_at') }} else 0 end) / 60.0 as requester_wait_minutes
    from status_intervals
    group by ticket_id
)

select
    tickets.source,
    tickets.ticket_id,
    tickets.customer_id,
    tickets.channel,
    tickets.product,
    tickets.category,
    tickets.opened_by,
    tickets.queue as opened_in_queue,
    states.queue,
    states.agent_id,
    states.priority,
    states.status,
    states.is_open,
    tickets.opened_at,
    {{ local('tickets.opened_at') }} as opened_at_local,
    cast({{ local('tickets.opened_at') }} as date) as opened_on,
    comments.first_reply_at,
    case when not states.is_open then resolutions.solved_at end as solved_at,
    cast({{ local('case when not states.is_open then resolutions.solved_at end') }} as date) as solved_on,
    {{ seconds_between('tickets.opened_at', 'comments.first_reply_at') }} / 60.0 as first_reply_time_calendar_minutes,
    case when not states.is_open
        then {{ seconds_between('tickets.opened_at', 'resolutions.solved_at') }} / 60.0
    end as full_resolution_calendar_minutes,
    resolutions.requester_wait_minutes as requester_wait_time_calendar_minutes,
    case when telling_sources.tells_comments then coalesce(comments.agent_replies, 0) end as agent_replies,
    case when telling_sources.tells_comments then coalesce(comments.customer_comments, 0) end as customer_comments,
    case when telling_sources.tells_comments then coalesce(comments.internal_notes, 0) end as internal_notes,
    cast(states.reopens as bigint) as count_reopens,
    cast(states.reassignments as bigint) as count_reassignments,
    case when telling_sources.tells_comments and not states.is_open
        then coalesce(comments.agent_replies, 0) = 1
    end as is_one_touch_resolution,
    states.escalated_at is not null as is_escalated,
    states.escalated_at
from tickets
left join states on tickets.ticket_id = states.ticket_id
left join comments on tickets.ticket_id = comments.ticket_id
left join resolutions on tickets.ticket_id = resolutions.ticket_id
left join telling_sources on tickets.source = telling_sources.source
