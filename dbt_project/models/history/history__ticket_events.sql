{#
    An event before its ticket's opening is quarantined. Which opening counts mustn't depend on what is learnt later, or
    yesterday's features would change: it is that of the ticket's first known version. A ticket that lands after its
    events has them judged again; an event whose ticket never lands stands.
#}
{%- set opening -%}
    select source, ticket_id, {{ first_value_by('opened_at', 'known_from', 'batch_id', 'row_number') }} as opened_at
    from {{ ref('history__tickets') }}
    where fate in ('accepted', 'superseded') and known_from < known_to
        and ticket_id in (select ticket_id from landed)
    group by source, ticket_id
{%- endset -%}
{%- set parent_check = {
    'entity': 'tickets',
    'relation': opening,
    'column': 'ticket_id',
    'condition': 'landed.occurred_at < parent.opened_at',
    'reason': 'occurred_at lies before the opening of the ticket',
} -%}
{{ config(
    incremental_strategy='delete+insert',
    unique_key=['source', 'ticket_id'],
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches(history_landed('ticket_events', {'entity': 'tickets'})) }}"
) }}

{{ history('ticket_events', recompute_by='ticket_id', parent_check=parent_check) }}
