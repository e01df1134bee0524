{# The contract's entities as dbt knows them: what warehouse/contracts/harken.yml says, held equal by a test. #}

{% macro contract__customers() %}
    {{ return({
        'key': ['customer_id', 'valid_from'],
        'columns': [
            {'name': 'customer_id', 'type': 'text', 'required': true},
            {'name': 'valid_from', 'type': 'timestamp', 'required': true},
            {'name': 'segment', 'type': 'text'},
            {'name': 'plan', 'type': 'text'},
            {'name': 'region', 'type': 'text'},
            {'name': 'language', 'type': 'text'},
            {'name': 'signed_up_at', 'type': 'timestamp'},
            {'name': 'contract_ends_at', 'type': 'timestamp', 'plan': true},
            {'name': 'monthly_value', 'type': 'double', 'minimum': -1000000000000, 'maximum': 1000000000000},
            {'name': 'is_contactable', 'type': 'boolean'},
            {'name': 'email', 'type': 'text'},
            {'name': 'phone', 'type': 'text'},
            {'name': 'name', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__identities() %}
    {{ return({
        'key': ['customer_id', 'kind', 'value'],
        'columns': [
            {'name': 'customer_id', 'type': 'text', 'required': true},
            {'name': 'kind', 'type': 'text', 'required': true,
             'values': ['email', 'phone', 'crm', 'helpdesk', 'device', 'social']},
            {'name': 'value', 'type': 'text', 'required': true},
            {'name': 'valid_from', 'type': 'timestamp'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__account_events() %}
    {{ return({
        'key': ['customer_id', 'occurred_at', 'kind'],
        'columns': [
            {'name': 'customer_id', 'type': 'text', 'required': true},
            {'name': 'occurred_at', 'type': 'timestamp', 'required': true},
            {'name': 'kind', 'type': 'text', 'required': true},
            {'name': 'amount', 'type': 'double', 'minimum': -1000000000000, 'maximum': 1000000000000},
            {'name': 'detail', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__surveys() %}
    {{ return({
        'key': ['survey_id'],
        'columns': [
            {'name': 'survey_id', 'type': 'text', 'required': true},
            {'name': 'sent_at', 'type': 'timestamp', 'required': true},
            {'name': 'responded_at', 'type': 'timestamp', 'not_before': 'sent_at'},
            {'name': 'contact_id', 'type': 'text'},
            {'name': 'ticket_id', 'type': 'text'},
            {'name': 'customer_id', 'type': 'text'},
            {'name': 'csat', 'type': 'integer', 'minimum': 1, 'maximum': 5},
            {'name': 'nps', 'type': 'integer', 'minimum': 0, 'maximum': 10},
            {'name': 'ces', 'type': 'integer', 'minimum': 1, 'maximum': 7},
            {'name': 'comment', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
        'rules': [
            ('responded_at is null and recorded_at is null and coalesce(csat, nps, ces) is not null',
             'responded_at is missing though there is an answer'),
        ],
    }) }}
{% endmacro %}
