{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='ticket_id',
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches(ticket_state_senders()) }}"
) }}
-- depends_on: {{ ref('account_events') }}, {{ ref('ticket_events') }}
-- The text holds the newest messages only: what was said earlier stood in the rows of the time, and a ticket of a hundred
-- messages would otherwise cost a hundred times its words at every moment.
{%- set newest, characters = 4, 300 %}
{%- if is_incremental() and nothing_pending(ticket_state_senders()) %}
select * from {{ this }} where false
{%- else %}
with tickets as (
    select ticket_id, opened_at, subject, body, visible_from, visible_to
    from {{ ref('tickets') }}
    where visible_from < visible_to
    {%- if is_incremental() %}
        and ticket_id in ({{ tickets_of_pending_batches() | indent(8) }})
    {%- endif %}
),

firsts as (
    select ticket_id, min(visible_from) as first_known_at from tickets group by ticket_id
),

-- The words a ticket was opened with are its customer's first message.
messages as (
    select
        ticket_id, visible_from as learnt_at, visible_to as unlearnt_at, opened_at as occurred_at, 0 as event_seq,
        'customer' as side, body
    from tickets
    where subject is not null or body is not null

    union all

    select
        comments.ticket_id, greatest(comments.visible_from, firsts.first_known_at),
        greatest(comments.visible_to, firsts.first_known_at), comments.occurred_at, comments.event_seq,
        case when coalesce(comments.is_public, true) then comments.actor_kind else 'note' end, comments.body
    from {{ ref('ticket_events') }} as comments
    inner join firsts on comments.ticket_id = firsts.ticket_id
    where
        comments.kind = 'comment' and comments.visible_from < comments.visible_to
        and (comments.actor_kind in ('customer', 'agent') or not coalesce(comments.is_public, true))
),

measured as (
    select
        *,
        case when side <> 'note' then side end as public_side,
        length(body) as characters,
        {{ count_matches('body', '[!！]') }} as exclamation_marks,
        {{ count_matches('body', '[?？]') }} as question_marks,
        {{ count_matches('body', '[A-ZÁÉÍÓÚÑÄÖÜ]{3,}') }} as shouted_words,
        row_number() over (partition by ticket_id order by occurred_at, event_seq, learnt_at) as position
    from messages
),

moments as (
    select ticket_id, learnt_at as moment from messages
    union
    select ticket_id, unlearnt_at from messages where unlearnt_at < {{ in_force() }}
),

known as (
    select
        moments.moment,
        measured.*,
        lag(measured.public_side) over in_order as side_before,
        lag(measured.occurred_at) over in_order as occurred_before,
        sum(case when measured.side = 'customer' then 1 else 0 end) over (
            partition by moments.ticket_id, moments.moment, measured.side = 'note'
            order by measured.position rows unbounded preceding
        ) as customer_messages_so_far
    from moments
    inner join measured
        on moments.ticket_id = measured.ticket_id
        and moments.moment >= measured.learnt_at
        and moments.moment < measured.unlearnt_at
    window in_order as (
        partition by moments.ticket_id, moments.moment, measured.side = 'note' order by measured.position
    )
),

summed as (
    select
        ticket_id,
        moment,
        count(*) filter (where side = 'customer') as customer_messages,
        count(*) filter (where side = 'agent') as agent_messages,
        count(*) filter (where side_before is not null and side <> side_before) as turns,
        count(*) filter (where side = 'customer')
        - coalesce(max(case when side = 'agent' then customer_messages_so_far end), 0) as unanswered_messages,
        max(case when side = 'customer' then occurred_at end) as last_customer_message_at,
        max(case when side = 'agent' then occurred_at end) as last_agent_message_at,
        min(case when side = 'agent' then occurred_at end) as first_agent_message_at,
        max(case when side = 'customer' and side_before is distinct from 'customer' then occurred_at end) as turn_began_at,
        {{ last_by('public_side', 'position') }} as last_side,
        {{ whole('max(' ~ epoch_seconds('occurred_at') ~ ' - ' ~ epoch_seconds('occurred_before') ~ ')') }}
            as longest_gap_seconds,
        {{ whole("sum(case when side = 'customer' then characters end)") }} as customer_characters,
        {{ last_by("case when side = 'customer' then characters end", 'position') }} as last_customer_characters,
        {{ whole("sum(case when side = 'customer' then exclamation_marks end)") }} as exclamation_marks,
        {{ whole("sum(case when side = 'customer' then question_marks end)") }} as question_marks,
        {{ whole("sum(case when side = 'customer' then shouted_words end)") }} as shouted_words,
        {{ latest_texts('body', 'position', newest, characters) }} as bodies
    from known
    group by ticket_id, moment
)

select
    summed.ticket_id,
    summed.moment as visible_from,
    summed.customer_messages,
    summed.agent_messages,
    summed.turns,
    summed.unanswered_messages,
    summed.last_customer_message_at,
    summed.last_agent_message_at,
    summed.first_agent_message_at,
    -- Since when the customer has waited for us: the first message after our last.
    case when summed.last_side = 'customer' then summed.turn_began_at end as waiting_since,
    summed.last_side,
    summed.longest_gap_seconds,
    summed.customer_characters,
    summed.last_customer_characters,
    summed.exclamation_marks,
    summed.question_marks,
    summed.shouted_words,
    concat_ws(chr(10), left(tickets.subject, {{ characters }}), summed.bodies) as text
from summed
inner join tickets
    on summed.ticket_id = tickets.ticket_id
    and summed.moment >= tickets.visible_from
    and summed.moment < tickets.visible_to
{%- endif %}
