{# The contract's entities as dbt knows them: what warehouse/contracts/harken.yml says, held equal by a test. #}

{% macro contract__agents() %}
    {{ return({
        'key': ['agent_id', 'valid_from'],
        'columns': [
            {'name': 'agent_id', 'type': 'text', 'required': true},
            {'name': 'valid_from', 'type': 'timestamp', 'required': true},
            {'name': 'team_id', 'type': 'text'},
            {'name': 'site', 'type': 'text'},
            {'name': 'supervisor_id', 'type': 'text'},
            {'name': 'hired_on', 'type': 'date'},
            {'name': 'left_on', 'type': 'date'},
            {'name': 'role', 'type': 'text'},
            {'name': 'skills', 'type': 'text'},
            {'name': 'name', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
        'rules': [('left_on < hired_on', 'left_on lies before hired_on')],
    }) }}
{% endmacro %}

{% macro contract__agent_shifts() %}
    {{ return({
        'key': ['agent_id', 'starts_at', 'activity'],
        'columns': [
            {'name': 'agent_id', 'type': 'text', 'required': true},
            {'name': 'starts_at', 'type': 'timestamp', 'required': true, 'plan': {'activity': 'scheduled'}},

                        {'name': 'ends_at', 'type': 'timestamp', 'required': true, 'plan': {'activity': 'scheduled'},
             'not_before': 'starts_at'},
            {'name': 'activity', 'type': 'text', 'required': true,
             'values': ['scheduled', 'worked', 'break', 'training', 'meeting', 'absence']},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__agent_learning() %}
    {{ return({
        'key': ['agent_id', 'topic', 'stage', 'occurred_at'],
        'columns': [
            {'name': 'agent_id', 'type': 'text', 'required': true},
            {'name': 'topic', 'type': 'text', 'required': true},
            {'name': 'stage', 'type': 'text', 'required': true,
             'values': ['learned', 'checked', 'simulated', 'executed']},
            {'name': 'occurred_at', 'type': 'timestamp', 'required': true},
            {'name': 'score', 'type': 'double', 'minimum': 0, 'maximum': 1},
            {'name': 'passed', 'type': 'boolean'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__quality_reviews() %}
    {{ return({
        'key': ['review_id'],
        'columns': [
            {'name': 'review_id', 'type': 'text', 'required': true},
            {'name': 'reviewed_at', 'type': 'timestamp', 'required': true},
            {'name': 'agent_id', 'type': 'text', 'required': true},
            {'name': 'contact_id', 'type': 'text'},
            {'name': 'ticket_id', 'type': 'text'},
            {'name': 'score', 'type': 'double', 'minimum': 0, 'maximum': 1},
            {'name': 'critical_error', 'type': 'boolean'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}
