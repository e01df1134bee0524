{#- The rules of CONTRACT.md, section Escalation, that a source may be given in `ops.escalation_rules`. -#}

{%- macro escalation_rules() -%}
    {{ return(['priority_raised', 'reopened', 'reassigned_3', 'sla_breached', 'complaint_filed']) }}
{%- endmacro -%}

{%- macro urgency(priority) -%}
    case {{ priority }} when 'low' then 1 when 'normal' then 2 when 'high' then 3 when 'urgent' then 4 end
{%- endmacro -%}

{%- macro is_done(status) -%}
    {#- A ticket is open while it is neither solved nor closed. -#}
    {{ status }} in ('solved', 'closed')
{%- endmacro -%}

{%- macro ticket_state_senders() -%}
    {#- The landing tables that can change a ticket's state. -#}
    {{ return(senders_of('tickets') + senders_of('ticket_events') + senders_of('account_events')) }}
{%- endmacro -%}

{%- macro tickets_of_pending_batches() -%}
    {#- SQL: the tickets whose state may be changed by the batches that `this` doesn't hold yet. -#}
    select ticket_id from {{ ref('tickets') }} where batch_id in ({{ pending_batches(senders_of('tickets')) }})
    union
    select ticket_id from {{ ref('ticket_events') }}
    where batch_id in ({{ pending_batches(senders_of('ticket_events')) }})
    union
    select tickets.ticket_id
    from {{ ref('tickets') }} as tickets
    inner join {{ ref('account_events') }} as complaints on tickets.customer_id = complaints.customer_id
    where complaints.kind = 'complaint' and complaints.batch_id in ({{ pending_batches(senders_of('account_events')) }})
{%- endmacro -%}
