{{ config(materialized='view') }}
-- What was said, by whom and when, and how long nothing has been. Without messages (a source that sends none) the counts
-- are 0 and the times null.
with moments as (
    select moment_id, ticket_id, as_of, state_from from {{ ref('escalation_moments') }}
),

messages as (
    {{ of_moments(ref('escalation_messages'), ['*']) | indent(4) }}
),

said as (
    select moments.moment_id, messages.*
    from (select moment_id, ticket_id, as_of from moments) as moments
    {{ asof_left_join() }} messages
        on moments.ticket_id = messages.ticket_id and moments.as_of >= messages.visible_from
)

select
    moments.moment_id,
    coalesce(said.customer_messages, 0) as customer_messages,
    coalesce(said.agent_messages, 0) as agent_messages,
    trail.notes,
    trail.system_events,
    coalesce(said.turns, 0) as turns,
    cast(coalesce(said.unanswered_messages, 0) as bigint) as unanswered_messages,
    said.last_side,
    {{ hours_between('said.last_customer_message_at', 'moments.as_of') }} as hours_since_customer_message,
    {{ hours_between('said.last_agent_message_at', 'moments.as_of') }} as hours_since_agent_message,
    {{ hours_between('said.waiting_since', 'moments.as_of') }} as hours_waiting,
    greatest(
        said.longest_gap_seconds / 3600.0,
        {{ hours_between('greatest(said.last_customer_message_at, said.last_agent_message_at)', 'moments.as_of') }}
    ) as longest_message_gap_hours,
    {{ hours_between('trail.visible_from', 'moments.as_of') }} as silence_hours,
    greatest(
        coalesce(trail.longest_silence_seconds / 3600.0, 0), {{ hours_between('trail.visible_from', 'moments.as_of') }}
    ) as longest_silence_hours,
    trail.updates,
    trail.updates / (1 + {{ days_between('trail.opened_at', 'moments.as_of') }}) as updates_a_day,
    trail.agent_changes,
    trail.agent_assignments,
    trail.agents_seen,
    trail.people,
    trail.last_actor,
    trail.last_actor is not null and trail.last_actor = trail.agent_id as last_actor_holds_it
from moments
inner join {{ ref('escalation_trail') }} as trail
    on moments.ticket_id = trail.ticket_id and moments.state_from = trail.visible_from
inner join said on moments.moment_id = said.moment_id
