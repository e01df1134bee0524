{{ config(
    incremental_strategy='append',
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches() }}"
) }}
{%- set tables = landed_tables() -%}
{%- if is_incremental() and nothing_pending() %}
select * from {{ this }} where false
{%- else %}
with pending as (
    {{ pending_batches() | indent(4) }}
),

known as (
    {%- for table in tables %}
    select source, batch_id, max(own_known_at) as latest_known_at
    from {{ ref('stg_' ~ table.source ~ '__' ~ table.fate_in) }}
    where {{ no_reasons('quarantine_reasons') }}
        {%- if is_incremental() %}
        and batch_id in (select batch_id from pending)
        {%- endif %}
    group by source, batch_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    files.batch_id,
    files.source,
    files.entity,
    known.latest_known_at
from {{ source('landing', 'files') }} as files
left join known on files.batch_id = known.batch_id
where files.batch_id in (select batch_id from pending)
{%- endif %}
