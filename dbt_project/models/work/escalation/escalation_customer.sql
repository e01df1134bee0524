-- Customers as they were known at the moment. Contacts and account events count from when they were known, so "within a
-- week" means learnt within a week.
{%- set dims = ['segment', 'plan', 'region', 'language', 'signed_up_at', 'contract_ends_at', 'monthly_value',
                'is_contactable'] %}
{%- set contact_counts = [
    ('contacts', "direction is distinct from 'outbound'"),
    ('voice', "channel = 'voice' and direction is distinct from 'outbound'"),
    ('chat', "channel = 'chat' and direction is distinct from 'outbound'"),
    ('email', "channel = 'email' and direction is distinct from 'outbound'"),
    ('abandoned', "outcome = 'abandoned'"),
    ('unresolved', "resolved = false"),
] %}
{%- set event_counts = [
    ('account_events', 'true'),
    ('payment_failures', "kind in ('payment_failed', 'arrears')"),
    ('outages', "kind = 'outage'"),
    ('complaints', "kind = 'complaint'"),
    ('late_deliveries', "kind = 'delivery_late'"),
] %}
{%- set contact_days, event_days = [7, 30], [7, 30] %}
with moments as (
    select
        moment_id,
        customer_id,
        as_of,
        as_of - interval 7 day as before_7d,
        as_of - interval 30 day as before_30d
    from {{ ref('escalation_moments') }}
),

customers as (
    {{ timeline(ref('customers'), 'customer_id', dims, 'valid_from') | indent(4) }}
),

answers as (
    {{ timeline(ref('surveys'), 'customer_id', ['csat', 'nps', 'responded_at'], 'responded_at',
                'responded_at is not null and (csat is not null or nps is not null)') | indent(4) }}
),

surveys as (
    {{ row_counters(ref('surveys'), 'customer_id', [('sent', 'true'), ('answered', 'responded_at is not null')]) | indent(4) }}
),

contacts as (
    {{ row_counters(ref('contacts'), 'customer_id', contact_counts) | indent(4) }}
),

events as (
    {{ row_counters(ref('account_events'), 'customer_id', event_counts) | indent(4) }}
),

last_events as (
    {{ timeline(ref('account_events'), 'customer_id', ['kind', 'occurred_at'], 'occurred_at') | indent(4) }}
),

-- Tickets of the customer: opened, closed and escalated as it got known, this one among them.
ticket_changes as (
    select customer_id, visible_from as moment, 1.0 as opened, 1.0 as open, 0.0 as escalated
    from {{ ref('escalation_trail') }} where is_first and customer_id is not null
    union all
    select customer_id, visible_to, 0.0, -1.0, 0.0
    from {{ ref('escalation_trail') }} where ends_solved and customer_id is not null
    union all
    select customer_id, visible_from, 0.0, 1.0, 0.0
    from {{ ref('escalation_trail') }} where is_reopening and customer_id is not null
    union all
    select customer_id, visible_to, 0.0, 0.0, 1.0
    from {{ ref('escalation_trail') }} where ends_escalated and customer_id is not null
),

tickets as (
    select
        customer_id,
        moment
        {%- for name in ['opened', 'open', 'escalated'] %},
        {{ whole('sum(sum(' ~ name ~ ')) over (partition by customer_id order by moment rows unbounded preceding)') }} as {{ name }}
        {%- endfor %}
    from ticket_changes
    group by customer_id, moment
),

now_customer as (
    select moments.moment_id{% for name in dims %}, customers.{{ name }}{% endfor %}
    from moments
    {{ asof_left_join() }} customers
        on moments.customer_id = customers.customer_id and moments.as_of >= customers.visible_from
),

now_answers as (
    select moments.moment_id, answers.csat, answers.nps, answers.responded_at
    from moments
    {{ asof_left_join() }} answers on moments.customer_id = answers.customer_id and moments.as_of >= answers.visible_from
),

now_surveys as (
    select moments.moment_id, surveys.sent, surveys.answered
    from moments
    {{ asof_left_join() }} surveys on moments.customer_id = surveys.customer_id and moments.as_of >= surveys.moment
),

now_last_events as (
    select moments.moment_id, last_events.kind, last_events.occurred_at
    from moments
    {{ asof_left_join() }} last_events
        on moments.customer_id = last_events.customer_id and moments.as_of >= last_events.visible_from
),
{%- for relation, counts, days in [
    ('contacts', contact_counts, [0, 7, 30]), ('events', event_counts, [0, 7, 30]),
    ('tickets', [('opened', ''), ('open', ''), ('escalated', '')], [0, 30]),
] %}
{%- for back in days %}

{{ relation }}_{{ back }}d as (
    select
        moments.moment_id
        {%- for name, _ in counts %},
        case when moments.customer_id is not null then coalesce(counters.{{ name }}, 0) end as {{ name }}
        {%- endfor %}
    from moments
    {{ asof_left_join() }} {{ relation }} as counters
        on moments.customer_id = counters.customer_id
        and moments.{{ 'before_' ~ back ~ 'd' if back else 'as_of' }} >= counters.moment
),
{%- endfor %}
{%- endfor %}

-- Null where the source tells no customer; 0 where it does and nothing happened.
joined as (
    select
        moments.moment_id,
        now_customer.segment,
        now_customer.plan,
        now_customer.region,
        now_customer.language,
        now_customer.monthly_value,
        now_customer.is_contactable,
        {{ days_between('now_customer.signed_up_at', 'moments.as_of') }} as tenure_days,
        {{ days_between('moments.as_of', 'now_customer.contract_ends_at') }} as contract_days_left,
        -- Without this ticket; it isn't among them where its customer was corrected later.
        case when tickets_0d.open is not null then greatest(tickets_0d.open - 1, 0) end as customer_open_tickets,
        case when tickets_0d.opened is not null then greatest(tickets_0d.opened - 1, 0) end as customer_past_tickets,
        tickets_0d.escalated as customer_past_escalations,
        (tickets_0d.escalated + 0.3) / (greatest(tickets_0d.opened - 1, 0) + 3.0) as customer_past_escalation_rate,
        tickets_0d.opened - tickets_30d.opened as customer_tickets_30d,
        tickets_0d.escalated - tickets_30d.escalated as customer_escalations_30d,
        now_answers.csat as last_csat,
        now_answers.nps as last_nps,
        {{ days_between('now_answers.responded_at', 'moments.as_of') }} as days_since_answer,
        case when moments.customer_id is not null then coalesce(now_surveys.sent, 0) end as surveys_sent,
        case when moments.customer_id is not null then coalesce(now_surveys.answered, 0) end as surveys_answered,
        {%- for days in contact_days %}
        {%- for name, _ in contact_counts %}
        contacts_0d.{{ name }} - contacts_{{ days }}d.{{ name }} as {{ name if name == 'contacts' else 'contacts_' ~ name }}_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        {%- for days in event_days %}
        {%- for name, _ in event_counts %}
        events_0d.{{ name }} - events_{{ days }}d.{{ name }} as {{ name }}_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        now_last_events.kind as last_account_event,
        {{ days_between('now_last_events.occurred_at', 'moments.as_of') }} as days_since_account_event
    from moments
    inner join now_customer on moments.moment_id = now_customer.moment_id
    inner join now_answers on moments.moment_id = now_answers.moment_id
    inner join now_surveys on moments.moment_id = now_surveys.moment_id
    inner join now_last_events on moments.moment_id = now_last_events.moment_id
    {%- for relation, days in [('contacts', [0, 7, 30]), ('events', [0, 7, 30]), ('tickets', [0, 30])] %}
    {%- for back in days %}
    inner join {{ relation }}_{{ back }}d on moments.moment_id = {{ relation }}_{{ back }}d.moment_id
    {%- endfor %}
    {%- endfor %}
)

select * from joined
