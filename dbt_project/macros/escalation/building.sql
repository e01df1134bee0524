{#
    What a run has to build of `features.escalation`: the moments from `rebuild_from` on, and the run's own clock.
    A fact changes features from the moment it was visible; so the earliest such moment among the files that the features
    don't hold yet is where they have to be made again, however late those files came.
#}

{# The entities that features are made of. A file of any other entity changes nothing here. #}
{% macro escalation_entities() %}
    {{ return(['tickets', 'ticket_events', 'customers', 'agents', 'contacts', 'surveys', 'account_events']) }}
{% endmacro %}

{# SQL: the landed batches that `features.escalation` doesn't hold yet. #}
{% macro batches_new_to_escalation() %}
    select files.batch_id
    from {{ source('landing', 'files') }} as files
    where files.status = 'landed'
        and not exists (
            select 1
            from {{ source('ops', 'applied_batches') }} as applied
            where applied.model = 'features.escalation' and applied.batch_id = files.batch_id
        )
{% endmacro %}

{# True where the features have to be made from the first moment on. #}
{% macro escalation_from_scratch() %}
    {{ return(flags.FULL_REFRESH or not is_built('features', 'escalation')) }}
{% endmacro %}

{# Columns of the source beside the contract's (`attributes`) that are features of a ticket, as of the moment. #}
{% macro ticket_attributes() %}
    {{ return(var('ticket_attributes', ['subcategory', 'u_symptom', 'location', 'impact', 'urgency', 'knowledge',
                                        'u_priority_confirmation'])) }}
{% endmacro %}

{# Only a moment that its own ticket was open at and not escalated is worth a row. #}
{% macro is_at_risk(relation) -%}
    {{ relation }}.is_open and {{ relation }}.escalated_at is null
{%- endmacro %}

{# Pre-hook of the features, in their transaction: away with the moments that this run makes, and with clocks of former runs. #}
{% macro forget_moments() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} as held
        using {{ ref('escalation_window') }} as work
        where work.has_work
            and (held.as_of >= work.rebuild_from or held.moment_kind = 'now' or held.as_of > work.clock)
    {%- endif -%}
{%- endmacro %}
