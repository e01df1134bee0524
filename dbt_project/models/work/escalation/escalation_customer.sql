-- Customers as they were known at the moment. Contacts, account events, surveys and tickets count from when they were known,
-- so "within a week" means learnt within a week.
{%- set dims = ['segment', 'plan', 'region', 'language', 'signed_up_at', 'contract_ends_at', 'monthly_value',
                'is_contactable'] %}
{%- set inbound = "direction is distinct from 'outbound'" %}
{%- set contacts = [
    ('contacts', inbound),
    ('contacts_voice', "channel = 'voice' and " ~ inbound),
    ('contacts_chat', "channel = 'chat' and " ~ inbound),
    ('contacts_email', "channel = 'email' and " ~ inbound),
    ('contacts_abandoned', "outcome = 'abandoned'"),
    ('contacts_unresolved', 'resolved = false'),
] %}
{%- set events = [
    ('account_events', 'true'),
    ('payment_failures', "kind in ('payment_failed', 'arrears')"),
    ('outages', "kind = 'outage'"),
    ('complaints', "kind = 'complaint'"),
    ('late_deliveries', "kind = 'delivery_late'"),
] %}
{%- set surveys = [('surveys_sent', 'true'), ('surveys_answered', 'responded_at is not null')] %}
{%- set tickets = ['opened', 'open', 'escalated'] %}
{#- Tickets of the customer: opened, closed and escalated as it got known, this one among them. #}
{%- set ticket_changes %}
    select customer_id, visible_from as moment, 1.0 as opened, 1.0 as open, 0.0 as escalated
    from {{ ref('escalation_trail') }}
    where is_first
    union all
    select customer_id, visible_to, 0.0, -1.0, 0.0 from {{ ref('escalation_trail') }} where ends_solved
    union all
    select customer_id, visible_from, 0.0, 1.0, 0.0 from {{ ref('escalation_trail') }} where is_reopening
    union all
    select customer_id, visible_to, 0.0, 0.0, 1.0 from {{ ref('escalation_trail') }} where ends_escalated
{%- endset %}
with moments as (
    select
        moment_id,
        customer_id,
        as_of as before_0d,
        as_of - interval 7 day as before_7d,
        as_of - interval 30 day as before_30d
    from {{ ref('escalation_moments') }}
),

known as (
    select distinct customer_id from moments where customer_id is not null
),

customers as (
    {{ timeline(ref('customers'), 'customer_id', 'known', dims, 'valid_from') | indent(4) }}
),

answers as (
    {{ timeline(ref('surveys'), 'customer_id', 'known', ['csat', 'nps', 'responded_at'], 'responded_at',
                'responded_at is not null and (csat is not null or nps is not null)') | indent(4) }}
),

last_events as (
    {{ timeline(ref('account_events'), 'customer_id', 'known', ['kind', 'occurred_at'], 'occurred_at') | indent(4) }}
),

counters as (
    {{ row_counters('customer_id', 'known', [
        {'relation': ref('contacts'), 'counts': contacts},
        {'relation': ref('account_events'), 'counts': events},
        {'relation': ref('surveys'), 'counts': surveys},
    ], ticket_changes, tickets) | indent(4) }}
),

-- Null where the source tells no customer; 0 where it does and nothing happened.
{%- for back in [0, 7, 30] %}
counted_{{ back }}d as (
    select
        moments.moment_id
        {%- for name in (contacts + events + surveys) | map(attribute=0) | list + tickets %},
        case when moments.customer_id is not null then coalesce(counters.{{ name }}, 0) end as {{ name }}
        {%- endfor %}
    from moments
    {{ asof_left_join() }} counters
        on moments.customer_id = counters.customer_id and moments.before_{{ back }}d >= counters.moment
),
{% endfor %}
now_customer as (
    select moments.moment_id{% for name in dims %}, customers.{{ name }}{% endfor %}
    from moments
    {{ asof_left_join() }} customers
        on moments.customer_id = customers.customer_id and moments.before_0d >= customers.visible_from
),

now_answers as (
    select moments.moment_id, answers.csat, answers.nps, answers.responded_at
    from moments
    {{ asof_left_join() }} answers
        on moments.customer_id = answers.customer_id and moments.before_0d >= answers.visible_from
),

now_last_events as (
    select moments.moment_id, last_events.kind, last_events.occurred_at
    from moments
    {{ asof_left_join() }} last_events
        on moments.customer_id = last_events.customer_id and moments.before_0d >= last_events.visible_from
)

select
    moments.moment_id,
    now_customer.segment,
    now_customer.plan,
    now_customer.region,
    now_customer.language,
    now_customer.monthly_value,
    now_customer.is_contactable,
    {{ days_between('now_customer.signed_up_at', 'moments.before_0d') }} as tenure_days,
    {{ days_between('moments.before_0d', 'now_customer.contract_ends_at') }} as contract_days_left,
    -- Without this ticket; it isn't among them where its customer was corrected later.
    case when counted_0d.open is not null then greatest(counted_0d.open - 1, 0) end as customer_open_tickets,
    case when counted_0d.opened is not null then greatest(counted_0d.opened - 1, 0) end as customer_past_tickets,
    counted_0d.escalated as customer_past_escalations,
    (counted_0d.escalated + 0.3) / (greatest(counted_0d.opened - 1, 0) + 3.0) as customer_past_escalation_rate,
    counted_0d.opened - counted_30d.opened as customer_tickets_30d,
    counted_0d.escalated - counted_30d.escalated as customer_escalations_30d,
    now_answers.csat as last_csat,
    now_answers.nps as last_nps,
    {{ days_between('now_answers.responded_at', 'moments.before_0d') }} as days_since_answer,
    counted_0d.surveys_sent,
    counted_0d.surveys_answered,
    {%- for counts in [contacts, events] %}
    {%- for days in [7, 30] %}
    {%- for name, _ in counts %}
    counted_0d.{{ name }} - counted_{{ days }}d.{{ name }} as {{ name }}_{{ days }}d,
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
    now_last_events.kind as last_account_event,
    {{ days_between('now_last_events.occurred_at', 'moments.before_0d') }} as days_since_account_event
from moments
inner join counted_0d on moments.moment_id = counted_0d.moment_id
inner join counted_7d on moments.moment_id = counted_7d.moment_id
inner join counted_30d on moments.moment_id = counted_30d.moment_id
inner join now_customer on moments.moment_id = now_customer.moment_id
inner join now_answers on moments.moment_id = now_answers.moment_id
inner join now_last_events on moments.moment_id = now_last_events.moment_id
