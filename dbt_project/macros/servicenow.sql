{#- Words of the ServiceNow incident log, said once. -#}

{%- macro servicenow_text(column) -%}
    {#- `?` is the vendor's mark for missing. -#}
    nullif(nullif(trim({{ column }}), '?'), '')
{%- endmacro -%}

{%- macro servicenow_texts() -%}
    {#- Columns of the log that stay text. Left out on purpose, since the exporter stamps the record's end on every row:
        closed_code, resolved_by, resolved_at, closed_at, caused_by; made_sla, which is judged only at closing; active,
        which says no more than the state. docs/SERVICENOW.md has the evidence. -#}
    {{ return(['number', 'incident_state', 'caller_id', 'opened_by', 'sys_created_by', 'sys_updated_by', 'contact_type',
               'location', 'category', 'subcategory', 'u_symptom', 'cmdb_ci', 'impact', 'urgency', 'priority',
               'assignment_group', 'assigned_to', 'knowledge', 'u_priority_confirmation', 'notify', 'problem_id', 'rfc',
               'vendor']) }}
{%- endmacro -%}

{%- macro servicenow_counts() -%}
    {{ return(['reassignment_count', 'reopen_count', 'sys_mod_count']) }}
{%- endmacro -%}

{%- macro servicenow_opening_fields() -%}
    {#- Fields without a column in the contract: the ticket's `attributes`, as they stood on the first update. -#}
    {{ return(['subcategory', 'u_symptom', 'location', 'impact', 'urgency', 'contact_type', 'notify', 'knowledge',
               'u_priority_confirmation', 'sys_created_by']) }}
{%- endmacro -%}

{%- macro servicenow_watched_fields() -%}
    {#- Fields whose every later change becomes an `attribute` event. -#}
    {{ return(['caller_id', 'category', 'subcategory', 'u_symptom', 'cmdb_ci', 'location', 'impact', 'urgency',
               'knowledge', 'u_priority_confirmation', 'notify', 'problem_id', 'rfc', 'vendor']) }}
{%- endmacro -%}

{%- macro servicenow_status(state) -%}
    {#- The contract's status; null for a state that isn't known, which leaves the status as it was. -#}
    case {{ state }}
        when 'New' then 'new'
        when 'Active' then 'open'
        when 'In Progress' then 'open'
        when 'Awaiting User Info' then 'pending'
        when 'Awaiting Problem' then 'on_hold'
        when 'Awaiting Vendor' then 'on_hold'
        when 'Awaiting Evidence' then 'on_hold'
        when 'On Hold' then 'on_hold'
        when 'Resolved' then 'solved'
        when 'Closed' then 'closed'
        when 'Canceled' then 'closed'
    end
{%- endmacro -%}

{%- macro servicenow_priority(priority) -%}
    {#- `1 - Critical` down to `5 - Planning`; only the digit counts, for companies translate the words. -#}
    case left({{ priority }}, 1)
        when '1' then 'urgent'
        when '2' then 'high'
        when '3' then 'normal'
        when '4' then 'low'
        when '5' then 'low'
    end
{%- endmacro -%}

{%- macro servicenow_channel(contact_type) -%}
    case lower({{ contact_type }})
        when 'phone' then 'voice'
        when 'email' then 'email'
        when 'chat' then 'chat'
        when 'virtual_agent' then 'chat'
        when 'self-service' then 'web'
        when 'web' then 'web'
    end
{%- endmacro -%}

{%- macro servicenow_log() -%}
    {#- The landing table that the adapter reads, as the ledger's macros want it. -#}
    {{ return([{'source': 'servicenow', 'landed': 'incident_event_log'}]) }}
{%- endmacro -%}
