{#
    The ledger `ops.applied_batches`: which landed files a growing model holds already. A model reads what is pending,
    and writes it down in its own transaction (post-hook), so that a killed or skipped run is caught up by the next one.

    A growing model looks like this:

        {{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=...,
                  pre_hook="{{ forget_batches() }}", post_hook="{{ remember_batches() }}") }}
        select ... {% if is_incremental() %} where batch_id in ({{ pending_batches() }}) {% endif %}

    `landed` narrows all three to some landing tables: [{source, landed}], as `senders_of(entity)` gives them.
#}

{# SQL: the batches landed and not yet in this model. After `forget_batches` that is all of them. #}
{% macro pending_batches(landed=none) -%}
    select files.batch_id
    from {{ source('landing', 'files') }} as files
    where files.status = 'landed'
    {%- if landed is not none %}
        and ({{ landed_condition(landed) }})
    {%- endif %}
        and not exists (
            select 1
            from {{ source('ops', 'applied_batches') }} as applied
            where applied.model = '{{ ledger_name() }}' and applied.batch_id = files.batch_id
        )
{%- endmacro %}

{% macro landed_condition(landed) -%}
    {%- for table in landed -%}
        (files.source = '{{ table.source }}' and files.entity = '{{ table.landed }}'){{ ' or ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro ledger_name() -%}
    {{ this.schema }}.{{ this.identifier }}
{%- endmacro %}

{# Pre-hook: a model that is built anew starts with an empty ledger. #}
{% macro forget_batches() -%}
    {%- if not is_incremental() -%}
        delete from {{ source('ops', 'applied_batches') }} where model = '{{ ledger_name() }}'
    {%- endif -%}
{%- endmacro %}

{# Post-hook, in the model's own transaction: what was pending is now in the model. #}
{% macro remember_batches(landed=none) -%}
    insert into {{ source('ops', 'applied_batches') }} (model, batch_id)
    select '{{ ledger_name() }}', pending.batch_id
    from ({{ pending_batches(landed) }}) as pending
{%- endmacro %}

{# True where an increment has nothing to do, so that the model needn't scan anything. A query of its own, 1 ms. #}
{% macro nothing_pending(landed=none) %}
    {% if not execute %}
        {{ return(false) }}
    {% endif %}
    {{ return(run_query('select count(*) from (' ~ pending_batches(landed) ~ ')').columns[0].values()[0] == 0) }}
{% endmacro %}
