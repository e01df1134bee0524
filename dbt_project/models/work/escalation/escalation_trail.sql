{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='ticket_id',
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches(ticket_state_senders()) }}"
) }}
-- depends_on: {{ ref('account_events') }}
-- Sums of whole numbers are taken as doubles, which hold them exactly and cost DuckDB half as much as its 128-bit integers.
-- Everything here looks back over a ticket's states, each of which is what was known from one moment to the next. So an
-- event that was taken back later is still in the states in which it was known.
{%- set counted = ['notes', 'system_events', 'agent_assignments', 'sla_breaches', 'priority_changes'] %}
{%- set attributes = ticket_attributes() %}
{%- if is_incremental() and nothing_pending(ticket_state_senders()) %}
select * from {{ this }} where false
{%- else %}
with states as (
    select *
    from {{ ref('ticket_states') }}
    {%- if is_incremental() %}
    where ticket_id in ({{ tickets_of_pending_batches() | indent(8) }})
    {%- endif %}
),

events as (
    select
        events.ticket_id,
        greatest(events.visible_from, firsts.first_known_at) as learnt_at,
        greatest(events.visible_to, firsts.first_known_at) as unlearnt_at,
        events.event_seq,
        events.kind,
        events.field,
        events.value,
        events.actor_kind,
        events.actor_id,
        events.is_public
    from {{ ref('ticket_events') }} as events
    inner join (select ticket_id, min(visible_from) as first_known_at from states group by ticket_id) as firsts
        on events.ticket_id = firsts.ticket_id
    where events.visible_from < events.visible_to
),

signed as (
    select *, learnt_at as moment, 1 as sign from events
    union all
    select *, unlearnt_at as moment, -1 as sign from events where unlearnt_at < {{ in_force() }}
),

-- What each moment added to the counts, and the latest words it brought.
marks as (
    select
        ticket_id,
        moment,
        sum(case when kind = 'comment' and not coalesce(is_public, true) then sign else 0.0 end) as notes,
        sum(case when actor_kind = 'system' then sign else 0.0 end) as system_events,
        sum(case when kind = 'assignment' and field = 'agent' and value is not null then sign else 0.0 end) as agent_assignments,
        sum(case when kind = 'sla' and value = 'breached' then sign else 0.0 end) as sla_breaches,
        sum(case when kind = 'priority' then sign else 0.0 end) as priority_changes,
        max(case when kind = 'sla' and value = 'breached' and sign = 1 then 1 else 0 end) = 1 as is_breach,
        {{ last_by("case when sign = 1 and actor_kind <> 'system' then actor_id end", 'event_seq') }} as last_actor,
        {{ last_by("case when sign = 1 and kind in ('assignment', 'attribute') and field = 'queue' then value is null end",
                   'event_seq') }} as queue_is_hidden,
        {{ last_by("case when sign = 1 and kind = 'attribute' and field = 'category' then value end", 'event_seq') }} as category,
        {{ last_by("case when sign = 1 and kind = 'attribute' and field = 'product' then value end", 'event_seq') }} as product
        {%- for name in attributes %},
        {{ last_by("case when sign = 1 and kind = 'attribute' and field = '" ~ name ~ "' then value end", 'event_seq') }}
            as attribute_{{ name }}
        {%- endfor %}
    from signed
    group by ticket_id, moment
),

newcomers as (
    select ticket_id, learnt_at as moment, cast(count(*) as double) as people
    from (
        select ticket_id, actor_id, min(learnt_at) as learnt_at
        from events
        where actor_kind <> 'system' and actor_id is not null
        group by ticket_id, actor_id
    ) as actors
    group by ticket_id, learnt_at
),

before as (
    select
        states.*,
        lag(states.visible_from) over in_order as visible_before,
        lag(states.is_open) over in_order as is_open_before,
        lag(states.status) over in_order as status_before,
        lag(states.priority) over in_order as priority_before,
        lag(states.queue) over in_order as queue_before,
        lag(states.agent_id) over in_order as agent_before,
        lag(states.reassignments) over in_order as reassignments_before,
        lead(states.is_open) over in_order as next_is_open,
        lead(states.escalated_at) over in_order as next_escalated_at,
        lead(states.reassignments) over in_order as next_reassignments,
        row_number() over (partition by states.ticket_id, states.queue order by states.visible_from) = 1 as is_new_queue,
        row_number() over (partition by states.ticket_id, states.agent_id order by states.visible_from) = 1
            and states.agent_id is not null as is_new_agent
    from states
    window in_order as (partition by states.ticket_id order by states.visible_from)
),

changes as (
    select
        *,
        visible_before is null as is_first,
        visible_before is null or status is distinct from status_before as is_status_change,
        visible_before is null or priority is distinct from priority_before as is_priority_change,
        visible_before is null or queue is distinct from queue_before or reassignments > reassignments_before as is_queue_change,
        visible_before is null or agent_id is distinct from agent_before as is_agent_change,
        -- Until a ticket is first known it stood in its first status.
        case when visible_before is null then status else status_before end as status_until_now,
        {{ epoch_seconds('visible_from') }} - {{ epoch_seconds('coalesce(visible_before, opened_at)') }} as seconds_until_now
    from before
)

select
    changes.source,
    changes.ticket_id,
    changes.visible_from,
    changes.visible_to,
    changes.opened_at,
    changes.is_open,
    changes.escalated_at,
    changes.status,
    changes.priority,
    changes.queue,
    changes.agent_id,
    changes.reassignments,
    changes.reopens,
    tickets.customer_id,
    tickets.channel,
    tickets.opened_by,
    coalesce({{ last_filled('marks.category') }} over up_to_it, tickets.category) as category,
    coalesce({{ last_filled('marks.product') }} over up_to_it, tickets.product) as product,
    {%- for name in attributes %}
    coalesce({{ last_filled('marks.attribute_' ~ name) }} over up_to_it, {{ json_text('tickets.attributes', name) }})
        as attribute_{{ name }},
    {%- endfor %}
    {{ last_filled('marks.last_actor') }} over up_to_it as last_actor,
    coalesce({{ last_filled('marks.queue_is_hidden') }} over up_to_it, false) as queue_is_hidden,
    {%- for name in counted %}
    {{ whole('coalesce(sum(marks.' ~ name ~ ') over up_to_it, 0)') }} as {{ name }},
    {%- endfor %}
    {{ whole('coalesce(sum(newcomers.people) over up_to_it, 0)') }} as people,
    row_number() over in_order as updates,
    count(case when changes.is_status_change then 1 end) over up_to_it - 1 as status_changes,
    count(case when changes.is_queue_change then 1 end) over up_to_it - 1 as queue_changes,
    count(case when changes.is_new_queue then 1 end) over up_to_it as queues_seen,
    count(case when changes.is_agent_change and not changes.is_first then 1 end) over up_to_it
        as agent_changes,
    count(case when changes.is_new_agent then 1 end) over up_to_it as agents_seen,
    count(case when changes.is_status_change and changes.status in ('pending', 'on_hold') then 1 end) over up_to_it
        as waits,
    count(case when {{ urgency('changes.priority') }} > {{ urgency('changes.priority_before') }} then 1 end) over up_to_it
        as priority_raises,
    {%- for status in ['new', 'open', 'pending', 'on_hold'] %}
    {{ whole("sum(case when changes.status_until_now = '" ~ status ~ "' then cast(changes.seconds_until_now as double) else 0.0 end) over up_to_it") }}
        as seconds_{{ status }},
    {%- endfor %}
    {{ whole('max(case when changes.is_first then 0 else changes.seconds_until_now end) over up_to_it') }}
        as longest_silence_seconds,
    {{ first_filled('changes.priority') }} over up_to_it as first_priority,
    {{ first_filled('changes.queue') }} over up_to_it as first_queue,
    {{ last_filled('case when changes.queue is distinct from changes.queue_before then changes.queue_before end') }}
        over up_to_it as previous_queue,
    {{ last_filled('case when changes.is_first or changes.queue is distinct from changes.queue_before then not changes.is_new_queue end') }}
        over up_to_it as is_back_in_queue,
    min(changes.visible_from) over up_to_it as first_known_at,
    min(case when changes.agent_id is not null then changes.visible_from end) over up_to_it as first_agent_at,
    min(case when changes.reassignments > 0 then changes.visible_from end) over up_to_it as first_move_at,
    max(case when changes.is_status_change then changes.visible_from end) over up_to_it as status_since,
    max(case when changes.is_priority_change then changes.visible_from end) over up_to_it as priority_since,
    max(case when changes.is_queue_change then changes.visible_from end) over up_to_it as queue_since,
    max(case when changes.is_agent_change then changes.visible_from end) over up_to_it as agent_since,
    max(case when marks.is_breach then changes.visible_from end) over up_to_it as last_breach_at,
    changes.is_first,
    coalesce(changes.is_open and not changes.is_open_before, false) as is_reopening,
    coalesce(changes.escalated_at is null and changes.next_escalated_at is not null, false) as ends_escalated,
    coalesce(changes.next_reassignments > changes.reassignments, false) as ends_reassigned,
    coalesce(changes.is_open and not changes.next_is_open, false) as ends_solved
from changes
inner join {{ ref('tickets') }} as tickets
    on changes.ticket_id = tickets.ticket_id
    and changes.visible_from >= tickets.visible_from
    and changes.visible_from < tickets.visible_to
left join marks on changes.ticket_id = marks.ticket_id and changes.visible_from = marks.moment
left join newcomers on changes.ticket_id = newcomers.ticket_id and changes.visible_from = newcomers.moment
window
    in_order as (partition by changes.ticket_id order by changes.visible_from),
    up_to_it as (partition by changes.ticket_id order by changes.visible_from rows unbounded preceding)
{%- endif %}
