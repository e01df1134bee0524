{# Looking things up in the contract: entities, their columns and the sources that send them. #}

{% macro contract_entities() %}
    {{ return(['customers', 'identities', 'agents', 'queues', 'contacts', 'queue_intervals', 'self_service', 'tickets',
               'ticket_events', 'surveys', 'account_events', 'agent_shifts', 'agent_learning', 'quality_reviews',
               'calendar', 'targets', 'improvement_actions', 'interventions']) }}
{% endmacro %}

{#
    One entity: key; columns (name, type; maybe required, plan, values, minimum, maximum, not_before); maybe rules, a list
    of (condition that quarantines, reason) on the typed columns; maybe known_at, SQL for the knowledge time of a row
    without recorded_at where it isn't the latest time that is no plan.
#}
{% macro contract(entity) %}
    {{ return(context['contract__' ~ entity]()) }}
{% endmacro %}

{# The names of an entity's columns, in the contract's order, `recorded_at` last. #}
{% macro contract_columns(entity) %}
    {{ return(contract(entity)['columns'] | map(attribute='name') | list) }}
{% endmacro %}

{#
    Who sends an entity: a list of {source, landed (the entity as its landing table calls it), rereads}. `harken` sends
    every entity in the contract's own shape; the others are named in the project's var `other_sources`.
#}
{% macro senders_of(entity) %}
    {% set senders = [{'source': 'harken', 'landed': entity, 'rereads': none}] %}
    {% for other in var('other_sources', []) if entity in other.entities %}
        {% do senders.append({'source': other.source, 'landed': other.landed, 'rereads': other.get('rereads')}) %}
    {% endfor %}
    {{ return(senders) }}
{% endmacro %}

{# Every landing table and the entity in whose history its rows find their fate. #}
{% macro landed_tables() %}
    {% set tables = [] %}
    {% for entity in contract_entities() %}
        {% do tables.append({'source': 'harken', 'landed': entity, 'fate_in': entity}) %}
    {% endfor %}
    {% for other in var('other_sources', []) %}
        {% do tables.append({'source': other.source, 'landed': other.landed, 'fate_in': other.fate_in}) %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}
