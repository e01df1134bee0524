{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='ticket_id',
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches(ticket_state_senders()) }}"
) }}
-- What is known of a ticket nearly always grows by appending. What isn't an append (a version that ends, an event that
-- slips in before others already known, another version of the ticket's row) starts a new era of the ticket. Within an
-- era one running window over the events in order gives the state at each moment; only revised tickets are walked again.
{%- if is_incremental() and nothing_pending(ticket_state_senders()) %}
select * from {{ this }} where false
{%- else %}
with rules as (
    select
        sources.source
        {%- for rule in escalation_rules() %},
        coalesce({{ dbt.bool_or("rules.rule = '" ~ rule ~ "'") }}, false) as has_{{ rule }}
        {%- endfor %}
    from (select distinct source from {{ ref('tickets') }}) as sources
    left join {{ source('ops', 'escalation_rules') }} as rules on rules.source in (sources.source, '*')
    group by sources.source
),

tickets as (
    select source, ticket_id, opened_at, customer_id, queue, visible_from, visible_to
    from {{ ref('tickets') }}
    where
        visible_from < visible_to
        {%- if is_incremental() %}
        and ticket_id in ({{ tickets_of_pending_batches() | indent(8) }})
        {%- endif %}
),

-- Complaints of the ticket's customer stand among its events: whether the ticket was open then is read off the window.
events as (
    select ticket_id, visible_from, visible_to, occurred_at, 1 as place, event_seq, kind, field, value
    from {{ ref('ticket_events') }}
    where visible_from < visible_to and ticket_id in (select ticket_id from tickets)

    union all

    select distinct
        tickets.ticket_id, complaints.visible_from, complaints.visible_to, complaints.occurred_at, 0, null,
        'complaint', null, null
    from tickets
    inner join rules on tickets.source = rules.source and rules.has_complaint_filed
    inner join {{ ref('account_events') }} as complaints
        on tickets.customer_id = complaints.customer_id and tickets.opened_at <= complaints.occurred_at
    where complaints.kind = 'complaint' and complaints.visible_from < complaints.visible_to
),

placed as (
    select
        *,
        row_number() over (partition by ticket_id order by occurred_at, place, event_seq, visible_from) as position
    from events
),

changes as (
    select ticket_id, visible_from as moment, position, false as is_break, kind <> 'complaint' as is_own
    from placed

    union all

    select ticket_id, visible_to, null, true, kind <> 'complaint'
    from placed
    where visible_to < {{ in_force() }}

    union all

    select ticket_id, visible_from, null, true, true
    from tickets
),

moments as (
    select
        ticket_id,
        moment,
        min(position) as first_position,
        max(position) as last_position,
        {{ dbt.bool_or('is_break') }} as is_break,
        {{ dbt.bool_or('is_own') }} as is_own
    from changes
    group by ticket_id, moment
),

compared as (
    select
        *,
        max(last_position) over (
            partition by ticket_id order by moment rows between unbounded preceding and 1 preceding
        ) as position_before
    from moments
),

numbered as (
    select
        *,
        sum(case when is_break or first_position < position_before then 1 else 0 end) over (
            partition by ticket_id order by moment rows unbounded preceding
        ) as era
    from compared
),

-- Before its ticket's row is visible an event says nothing.
eras as (
    select
        spans.ticket_id, spans.era, spans.starts_at, spans.ends_at, tickets.source, tickets.opened_at, tickets.queue
    from (
        select ticket_id, era, min(moment) as starts_at, max(moment) as ends_at
        from numbered
        group by ticket_id, era
    ) as spans
    inner join tickets
        on spans.ticket_id = tickets.ticket_id
        and spans.starts_at >= tickets.visible_from
        and spans.starts_at < tickets.visible_to
),

members as (
    select
        eras.ticket_id,
        eras.era,
        eras.source,
        greatest(placed.visible_from, eras.starts_at) as moment,
        placed.position,
        placed.occurred_at,
        placed.kind,
        placed.value,
        case when placed.kind = 'status' then placed.value end as new_status,
        case when placed.kind = 'priority' then placed.value end as new_priority,
        placed.kind = 'assignment' and placed.field = 'queue' as is_queue_assignment,
        case
            when placed.kind in ('assignment', 'attribute') and placed.field = 'queue' then placed.value
        end as new_queue,
        -- Empty text: the holder isn't visible any more.
        case
            when placed.kind in ('assignment', 'attribute') and placed.field = 'agent' then coalesce(placed.value, '')
        end as new_agent
    from eras
    inner join placed
        on eras.ticket_id = placed.ticket_id
        and eras.ends_at >= placed.visible_from
        and eras.starts_at < placed.visible_to
),

followed as (
    select
        *,
        coalesce({{ last_filled('new_status') }} over before_it, 'new') as status_before,
        {{ last_filled('new_priority') }} over before_it as priority_before,
        sum(case when is_queue_assignment then 1 else 0 end) over (
            partition by ticket_id, era order by position rows unbounded preceding
        ) as queue_assignments
    from members
    window before_it as (
        partition by ticket_id, era order by position rows between unbounded preceding and 1 preceding
    )
),

judged as (
    select
        followed.*,
        coalesce({{ is_done('status_before') }} and not {{ is_done('new_status') }}, false) as is_reopened,
        case
            when kind = 'escalation' then 'escalation_event'
            when
                rules.has_priority_raised and kind = 'priority'
                and {{ urgency('value') }} > {{ urgency('priority_before') }} then 'priority_raised'
            when
                rules.has_reopened
                and {{ is_done('status_before') }} and not {{ is_done('new_status') }} then 'reopened'
            when rules.has_reassigned_3 and is_queue_assignment and queue_assignments = 4 then 'reassigned_3'
            when rules.has_sla_breached and kind = 'sla' and value = 'breached' then 'sla_breached'
            when kind = 'complaint' and not {{ is_done('status_before') }} then 'complaint_filed'
        end as rule
    from followed
    inner join rules on followed.source = rules.source
),

walked as (
    select
        ticket_id,
        era,
        moment,
        lead(moment) over in_order as next_moment,
        coalesce(new_status, status_before) as status,
        coalesce(new_priority, priority_before) as priority,
        {{ last_filled('new_queue') }} over up_to_it as queue,
        {{ last_filled('new_agent') }} over up_to_it as agent_id,
        min(case when rule is not null then occurred_at end) over up_to_it as escalated_at,
        {{ first_filled('rule') }} over up_to_it as escalation_rule,
        queue_assignments,
        sum(case when is_reopened then 1 else 0 end) over up_to_it as reopens
    from judged
    window
        in_order as (partition by ticket_id, era order by position),
        up_to_it as (partition by ticket_id, era order by position rows unbounded preceding)
),

states as (
    select
        eras.source,
        eras.ticket_id,
        numbered.moment,
        numbered.is_own,
        eras.opened_at,
        coalesce(walked.status, 'new') as status,
        walked.priority,
        coalesce(walked.queue, eras.queue) as queue,
        nullif(walked.agent_id, '') as agent_id,
        walked.escalated_at,
        walked.escalation_rule,
        greatest(coalesce(walked.queue_assignments, 0) - 1, 0) as reassignments,
        coalesce(walked.reopens, 0) as reopens,
        lag(walked.escalated_at) over (partition by eras.ticket_id order by numbered.moment) as escalated_before
    from numbered
    inner join eras on numbered.ticket_id = eras.ticket_id and numbered.era = eras.era
    left join walked
        on numbered.ticket_id = walked.ticket_id
        and numbered.era = walked.era
        and numbered.moment = walked.moment
        and walked.next_moment is distinct from walked.moment
)

select
    source,
    ticket_id,
    moment as visible_from,
    coalesce(lead(moment) over (partition by ticket_id order by moment), {{ in_force() }}) as visible_to,
    opened_at,
    status,
    not {{ is_done('status') }} as is_open,
    priority,
    queue,
    agent_id,
    escalated_at,
    escalation_rule,
    cast(reassignments as integer) as reassignments,
    cast(reopens as integer) as reopens
from states
-- A complaint that escalates nothing changed nothing that is known of the ticket.
where is_own or escalated_at is distinct from escalated_before
{%- endif %}
