{# The contract's entities as dbt knows them: what warehouse/contracts/harken.yml says, held equal by a test. #}

{% macro contract__tickets() %}
    {{ return({
        'key': ['ticket_id'],
        'columns': [
            {'name': 'ticket_id', 'type': 'text', 'required': true},
            {'name': 'opened_at', 'type': 'timestamp', 'required': true},
            {'name': 'customer_id', 'type': 'text'},
            {'name': 'channel', 'type': 'text'},
            {'name': 'queue', 'type': 'text'},
            {'name': 'product', 'type': 'text'},
            {'name': 'category', 'type': 'text'},
            {'name': 'subject', 'type': 'text'},
            {'name': 'body', 'type': 'text'},
            {'name': 'opened_by', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__ticket_events() %}
    {{ return({
        'key': ['ticket_id', 'event_seq'],
        'columns': [
            {'name': 'ticket_id', 'type': 'text', 'required': true},
            {'name': 'event_seq', 'type': 'integer', 'required': true},
            {'name': 'occurred_at', 'type': 'timestamp', 'required': true},
            {'name': 'kind', 'type': 'text', 'required': true,
             'values': ['status', 'priority', 'assignment', 'comment', 'escalation', 'sla', 'attribute']},
            {'name': 'field', 'type': 'text'},
            {'name': 'value', 'type': 'text'},
            {'name': 'actor_kind', 'type': 'text', 'values': ['customer', 'agent', 'system']},
            {'name': 'actor_id', 'type': 'text'},
            {'name': 'is_public', 'type': 'boolean'},
            {'name': 'body', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
        'rules': [
            ("kind = 'status' and coalesce(value, '') not in ('new', 'open', 'pending', 'on_hold', 'solved', 'closed')",
             'value is no status of the contract'),
            ("kind = 'priority' and coalesce(value, '') not in ('low', 'normal', 'high', 'urgent')",
             'value is no priority of the contract'),
            ("kind = 'assignment' and coalesce(field, '') not in ('agent', 'queue')",
             'field of an assignment is neither agent nor queue'),
            ("kind = 'escalation' and field not in ('hierarchical', 'functional')",
             'field of an escalation is neither hierarchical nor functional'),
            ("kind = 'sla' and coalesce(value, '') not in ('met', 'breached')",
             'value of an sla event is neither met nor breached'),
        ],
    }) }}
{% endmacro %}
