{#
    The version chain of one entity: every landed row with its fate, and the interval in which it was what we knew.

    HOW A SOURCE PLUGS IN
    One line in dbt_project.yml's var `other_sources`:
        - {source: servicenow, landed: incident_event_log, entities: [tickets, ticket_events], fate_in: ticket_events,
           rereads: ticket_id}
    and a staging model `stg_<source>__<entity>` for each of its entities, which exposes
        the contract's columns, typed (recorded_at among them, mostly null), then
        source VARCHAR, batch_id BIGINT, row_number BIGINT (the landed row), part INTEGER (1, 2, … where one landed row
        makes several rows here), attributes VARCHAR (JSON), own_known_at TIMESTAMP (recorded_at, else the latest time on
        the row that isn't a plan), quarantine_reasons VARCHAR[] (empty: valid), maps_to_no_change BOOLEAN (true: the
        landed row says nothing of this entity; its columns don't matter).
    `fate_in` is the entity in whose history the source's landed rows are accounted for: there each landed row must
    appear at least once. `rereads` names a column of the staging models by which rows depend on each other (a diff to
    the row before): with pending batches all rows of that value are read again from landing, instead of from here.

    THE RULES (CONTRACT.md, "Rules for all entities")
    A row's record is its source and contract key. Rows of a record first seen in its file are known at own_known_at.
    A record seen in an earlier file: at recorded_at, else at the later of own_known_at and the file's watermark (the
    largest own_known_at of any valid row of the source in earlier files). Versions stand in the order (known_from,
    batch, row, part); each ends where the next begins, so an interval may be empty. All of this is a function of
    landing alone: with new files, all rows of the records they touch are computed again, and day by day equals at once.

    Fates: accepted (in force), superseded (its interval has ended), duplicate (the same content: as any earlier row of
    the record where recorded_at is given, else as the version landed just before), quarantined, no_change.
    A duplicate's known_from is when it would have been known; its interval, like a quarantined row's, is empty.

    entity:         the contract's entity
    recompute_by:   columns whose rows hang together; default the record itself. Use it as `unique_key` with source.
    first_fact:     {known_at, when, hides}: a row without recorded_at whose column `when` is filled says two things; the
                    first of them, without the columns `hides`, was known at the column `known_at` already (part 0)
    parent_check:   {entity, relation, column, condition, reason}: a rule about the row and its parent, found by `column`
                    (= recompute_by) in the SQL `relation`; `entity` is the parent's, whose new files touch rows here too
#}
{% macro history(entity, recompute_by=none, first_fact=none, parent_check=none) %}
{%- set columns = contract_columns(entity) -%}
{%- set senders = senders_of(entity) -%}
{%- for parent in (senders_of(parent_check.entity) if parent_check else []) -%}
    {#- Named outside of any condition, or dbt doesn't see the dependency when it parses. -#}
    {%- do ref('stg_' ~ parent.source ~ '__' ~ parent_check.entity) -%}
{%- endfor -%}
{%- if is_incremental() and nothing_pending(history_landed(entity, parent_check)) %}
select * from {{ this }} where false
{%- else %}
with landed as (
    {{ landed_rows(entity, columns, senders, recompute_by, parent_check) | indent(4) }}
),

judged as (
    select
        landed.*,
        {{ all_reasons(parent_check) }} as reasons,
        {{ no_reasons(all_reasons(parent_check)) }} and not maps_to_no_change as is_valid
    from landed
    {{ parent_join(parent_check) | indent(4) }}
),

-- Nearly every record has one row, which needs no chain: windows over all of them would be most of a build's time.
repeated as (
    select record_key
    from judged
    where is_valid
    group by record_key
    having count(*) > 1{{ ' or count(' ~ first_fact['when'] ~ ') > 0' if first_fact }}
),

flagged as (
    select
        judged.*,
        judged.is_valid and repeated.record_key is not null as is_chained
    from judged
    left join repeated on judged.record_key = repeated.record_key
),

seen as (
    select
        *,
        min(batch_id) over (partition by record_key) as first_batch,
        recorded_at is not null and row_number() over (
            partition by record_key, content order by batch_id, row_number, part
        ) > 1 as is_repeat
    from (select *, {{ fingerprint(columns + ['attributes']) }} as content from flagged where is_chained) as contents
),

compared as (
    select
        *,
        lag(content) over (partition by record_key, is_repeat order by batch_id, row_number, part) as content_before
    from seen
),

dated as (
    select
        compared.*,
        is_repeat or (recorded_at is null and content is not distinct from content_before) as is_duplicate,
        case
            when recorded_at is not null or compared.batch_id = first_batch then own_known_at
            else {{ latest_of(['own_known_at', 'watermarks.watermark']) }}
        end as known_from,
        watermarks.watermark
    from compared
    left join (
        {{ watermarks() | indent(8) }}
    ) as watermarks on compared.batch_id = watermarks.batch_id
),

{{ facts(columns, first_fact) }}

chained as (
    select
        {{ carried_columns(columns) | indent(8) }},
        is_duplicate,
        known_from,
        case
            when is_duplicate then known_from
            else coalesce(lead(known_from) over (
                partition by record_key, is_duplicate order by known_from, batch_id, row_number, part
            ), {{ in_force() }})
        end as known_to
    from facts

    union all

    select
        {{ carried_columns(columns) | indent(8) }},
        false,
        own_known_at,
        case when is_valid then {{ in_force() }} else own_known_at end
    from flagged
    where not is_chained
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    source,
    attributes,
    batch_id,
    row_number,
    part,
    own_known_at,
    known_from,
    known_to,
    case
        when maps_to_no_change and {{ no_reasons('reasons') }} then 'no_change'
        when not is_valid then 'quarantined'
        when is_duplicate then 'duplicate'
        when known_to < {{ in_force() }} then 'superseded'
        else 'accepted'
    end as fate,
    reasons,
    row_reasons,
    maps_to_no_change,
    record_key
from chained
{%- endif %}
{% endmacro %}

{# The landing tables whose files make this history pending. #}
{% macro history_landed(entity, parent_check=none) %}
    {{ return(senders_of(entity) + (senders_of(parent_check.entity) if parent_check else [])) }}
{% endmacro %}

{# All rows on a full refresh; else the pending rows and those already here that hang together with them. #}
{% macro landed_rows(entity, columns, senders, recompute_by, parent_check) %}
{%- set pending = pending_batches(history_landed(entity, parent_check)) -%}
{%- if not is_incremental() -%}
    {%- for sender in senders %}
select {{ landed_columns(entity, columns) }}
from {{ ref('stg_' ~ sender.source ~ '__' ~ entity) }}
{{ 'union all' if not loop.last }}
    {%- endfor %}
{%- else -%}
with pending as (
    {{ pending }}
),

fresh as (
    {%- for sender in senders %}
    {%- set staged = ref('stg_' ~ sender.source ~ '__' ~ entity) %}
    select {{ landed_columns(entity, columns) }}
    from {{ staged }}
    where batch_id in (select batch_id from pending)
        {%- if sender.rereads %}
        or {{ sender.rereads }} in (
            select {{ sender.rereads }} from {{ staged }} where batch_id in (select batch_id from pending)
        )
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

touched as (
    select distinct source, {{ recompute_by or 'record_key' }} as touched_key from fresh
    {%- for parent in (senders_of(parent_check.entity) if parent_check else []) %}
    union
    select source, {{ recompute_by }} from {{ ref('stg_' ~ parent.source ~ '__' ~ parent_check.entity) }}
    where batch_id in (select batch_id from pending)
    {%- endfor %}
)

select * from fresh
union all
select
    {{ columns | join(', ') }}, source, attributes, batch_id, row_number, part, own_known_at, maps_to_no_change,
    row_reasons, record_key
from {{ this }}
where part > 0
    and (source, {{ recompute_by or 'record_key' }}) in (select source, touched_key from touched)
    {%- for sender in senders if sender.rereads %}
    and source <> '{{ sender.source }}'
    {%- endfor %}
{%- endif %}
{% endmacro %}

{% macro landed_columns(entity, columns) -%}
    {{ columns | join(', ') }}, source, attributes, batch_id, row_number, part, own_known_at, maps_to_no_change,
    quarantine_reasons as row_reasons, {{ record_key(entity) }} as record_key
{%- endmacro %}

{# The record as text: source and key, null where a required part of the key is. #}
{% macro record_key(entity) -%}
    {%- set contract = contract(entity) -%}
    source
    {%- for column in contract['columns'] if column.name in contract['key'] %}
        {%- set text = 'cast(' ~ column.name ~ ' as varchar)' %} || chr(31) ||{{ ' ' }}
        {{- text if column.get('required') else 'coalesce(' ~ text ~ ", '')" }}
    {%- endfor %}
{%- endmacro %}

{# One row per landed file: the largest knowledge time of its source in the files before it. #}
{% macro watermarks() %}
select
    batch_id,
    max(latest_known_at) over (
        partition by source order by batch_id rows between unbounded preceding and 1 preceding
    ) as watermark
from {{ ref('history__batch_knowledge') }}
{% endmacro %}

{% macro all_reasons(parent_check) -%}
    {%- if parent_check -%}
    {{ join_lists('row_reasons', reasons_list(quoted_rules([(parent_check.condition, parent_check.reason)]))) }}
    {%- else -%}
    row_reasons
    {%- endif -%}
{%- endmacro %}

{% macro parent_join(parent_check) -%}
    {%- if parent_check -%}
left join ({{ parent_check.relation }}) as parent
    on landed.source = parent.source and landed.{{ parent_check.column }} = parent.{{ parent_check.column }}
    {%- endif -%}
{%- endmacro %}

{# What every row carries through to the end. #}
{% macro carried_columns(columns) -%}
    {{ columns | join(', ') }}, source, attributes, batch_id, row_number, part, own_known_at, reasons, row_reasons,
    maps_to_no_change, record_key, is_valid
{%- endmacro %}

{# The rows as they enter the chain; with a first fact, part 0 before the row itself. #}
{% macro facts(columns, first_fact) %}
facts as (
    select {{ carried_columns(columns) | indent(4) }}, is_duplicate, known_from
    from dated
    {%- if first_fact %}

    union all

    select
        {%- for column in columns %}
        {{ 'null as ' if column in first_fact.hides }}{{ column }},
        {%- endfor %}
        source, attributes, batch_id, row_number, 0, {{ first_fact.known_at }}, reasons, row_reasons, maps_to_no_change,
        record_key, is_valid, is_duplicate,
        case
            when batch_id = first_batch then {{ first_fact.known_at }}
            else {{ latest_of([first_fact.known_at, 'watermark']) }}
        end
    from dated
    where not is_duplicate and recorded_at is null and {{ first_fact['when'] }} is not null
    {%- endif %}
),
{% endmacro %}
