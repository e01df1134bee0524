{# The contract's entities as dbt knows them: what warehouse/contracts/harken.yml says, held equal by a test. #}

{% macro contract__queues() %}
    {{ return({
        'key': ['queue', 'valid_from'],
        'columns': [
            {'name': 'queue', 'type': 'text', 'required': true},
            {'name': 'valid_from', 'type': 'timestamp'},
            {'name': 'channel', 'type': 'text'},
            {'name': 'time_zone', 'type': 'text'},
            {'name': 'opening_hours', 'type': 'text'},
            {'name': 'service_level_target', 'type': 'double', 'minimum': 0, 'maximum': 1},
            {'name': 'service_level_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'department', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__contacts() %}
    {{ return({
        'key': ['contact_id'],
        'columns': [
            {'name': 'contact_id', 'type': 'text', 'required': true},
            {'name': 'parent_contact_id', 'type': 'text'},
            {'name': 'channel', 'type': 'text', 'required': true,
             'values': ['voice', 'chat', 'email', 'web', 'social', 'app']},
            {'name': 'direction', 'type': 'text', 'values': ['inbound', 'outbound']},
            {'name': 'queue', 'type': 'text', 'required': true},
            {'name': 'customer_id', 'type': 'text'},
            {'name': 'ticket_id', 'type': 'text'},
            {'name': 'offered_at', 'type': 'timestamp', 'required': true},
            {'name': 'ivr_path', 'type': 'text'},
            {'name': 'rings', 'type': 'integer', 'minimum': 0},
            {'name': 'answered_at', 'type': 'timestamp', 'not_before': 'offered_at'},
            {'name': 'ended_at', 'type': 'timestamp', 'not_before': 'offered_at'},
            {'name': 'agent_id', 'type': 'text'},
            {'name': 'talk_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'hold_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'wrap_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'outcome', 'type': 'text', 'required': true,
             'values': ['answered', 'abandoned', 'callback', 'transferred']},
            {'name': 'transferred_to', 'type': 'text'},
            {'name': 'reason_code', 'type': 'text'},
            {'name': 'resolved', 'type': 'boolean'},
            {'name': 'product', 'type': 'text'},
            {'name': 'subject', 'type': 'text'},
            {'name': 'body', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
        'rules': [('ended_at < answered_at', 'ended_at lies before answered_at')],
    }) }}
{% endmacro %}

{% macro contract__queue_intervals() %}
    {#- Bounded, for the end is computed also of rows that go to quarantine for their length. -#}
    {%- set ends = 'interval_start + least(greatest(interval_minutes, 0), 1440) * interval 1 minute' %}
    {{ return({
        'key': ['queue', 'channel', 'interval_start'],
        'columns': [
            {'name': 'queue', 'type': 'text', 'required': true},
            {'name': 'channel', 'type': 'text', 'required': true},
            {'name': 'interval_start', 'type': 'timestamp', 'required': true},
            {'name': 'interval_minutes', 'type': 'integer', 'required': true, 'minimum': 1, 'maximum': 1440},
            {'name': 'offered', 'type': 'integer', 'required': true, 'minimum': 0},
            {'name': 'handled', 'type': 'integer', 'minimum': 0},
            {'name': 'abandoned', 'type': 'integer', 'minimum': 0},
            {'name': 'short_abandoned', 'type': 'integer', 'minimum': 0},
            {'name': 'answered_within_threshold', 'type': 'integer', 'minimum': 0},
            {'name': 'abandoned_within_threshold', 'type': 'integer', 'minimum': 0},
            {'name': 'threshold_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'wait_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'talk_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'hold_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'wrap_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'agents_available_seconds', 'type': 'double', 'minimum': 0},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
        'known_at': ends,
        'rules': [(ends ~ ' > landed_at + interval 5 minute', 'the interval ends after the file was landed')],
    }) }}
{% endmacro %}

{% macro contract__self_service() %}
    {{ return({
        'key': ['session_id'],
        'columns': [
            {'name': 'session_id', 'type': 'text', 'required': true},
            {'name': 'started_at', 'type': 'timestamp', 'required': true},
            {'name': 'ended_at', 'type': 'timestamp', 'not_before': 'started_at'},
            {'name': 'channel', 'type': 'text', 'required': true, 'values': ['ivr', 'bot', 'help_center', 'app']},
            {'name': 'customer_id', 'type': 'text'},
            {'name': 'intent', 'type': 'text'},
            {'name': 'article_id', 'type': 'text'},
            {'name': 'outcome', 'type': 'text', 'required': true, 'values': ['contained', 'abandoned', 'handed_over']},
            {'name': 'contact_id', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}
