{# The contract's entities as dbt knows them: what warehouse/contracts/harken.yml says, held equal by a test. #}

{% macro contract__calendar() %}
    {{ return({
        'key': ['starts_at', 'kind', 'name'],
        'columns': [
            {'name': 'starts_at', 'type': 'timestamp', 'required': true, 'plan': true},
            {'name': 'ends_at', 'type': 'timestamp', 'required': true, 'plan': true, 'not_before': 'starts_at'},
            {'name': 'kind', 'type': 'text', 'required': true,
             'values': ['holiday', 'campaign', 'billing', 'outage', 'release', 'other']},
            {'name': 'name', 'type': 'text', 'required': true},
            {'name': 'queue', 'type': 'text'},
            {'name': 'region', 'type': 'text'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__targets() %}
    {{ return({
        'key': ['kpi', 'scope_kind', 'scope_value', 'valid_from'],
        'columns': [
            {'name': 'kpi', 'type': 'text', 'required': true},
            {'name': 'scope_kind', 'type': 'text', 'required': true,
             'values': ['company', 'department', 'queue', 'team']},
            {'name': 'scope_value', 'type': 'text'},
            {'name': 'valid_from', 'type': 'timestamp', 'required': true},
            {'name': 'target', 'type': 'double', 'required': true},
            {'name': 'weight', 'type': 'double'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}

{% macro contract__improvement_actions() %}
    {{ return({
        'key': ['action_id', 'recorded_at'],
        'columns': [
            {'name': 'action_id', 'type': 'text', 'required': true},
            {'name': 'title', 'type': 'text', 'required': true},
            {'name': 'kpi', 'type': 'text', 'required': true},
            {'name': 'queue', 'type': 'text'},
            {'name': 'team_id', 'type': 'text'},
            {'name': 'owner', 'type': 'text', 'required': true},
            {'name': 'suggested_by', 'type': 'text'},
            {'name': 'starts_on', 'type': 'date', 'required': true, 'plan': {'status': 'planned'}},
            {'name': 'due_on', 'type': 'date', 'plan': true},
            {'name': 'status', 'type': 'text', 'required': true, 'values': ['planned', 'running', 'done', 'dropped']},
            {'name': 'expected_change', 'type': 'double'},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
        'rules': [('due_on < starts_on', 'due_on lies before starts_on')],
    }) }}
{% endmacro %}

{% macro contract__interventions() %}
    {{ return({
        'key': ['intervention_id'],
        'columns': [
            {'name': 'intervention_id', 'type': 'text', 'required': true},
            {'name': 'task', 'type': 'text', 'required': true},
            {'name': 'entity_id', 'type': 'text', 'required': true},
            {'name': 'action', 'type': 'text', 'required': true},
            {'name': 'arm', 'type': 'text', 'required': true, 'values': ['treated', 'holdout']},
            {'name': 'assigned_at', 'type': 'timestamp', 'required': true},
            {'name': 'delivered_at', 'type': 'timestamp', 'not_before': 'assigned_at'},
            {'name': 'outcome', 'type': 'text'},
            {'name': 'was_useful', 'type': 'boolean'},
            {'name': 'cost', 'type': 'double', 'minimum': 0},
            {'name': 'recorded_at', 'type': 'timestamp'},
        ],
    }) }}
{% endmacro %}
