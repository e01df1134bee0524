{{ config(
    description='The account: every landed row has exactly one fate. Fails with one row per file that does not add up.',
    meta={'dagster': {'ref': {'name': 'history__batch_knowledge'}}}
) }}
{#
    A landed row of the contract's shape is one row of its history, with a fate. One of another source may be several
    (parts), but no part twice. Rows of a history that no file landed are as wrong as rows missing.
#}
{%- for table in landed_tables() %}
select
    '{{ table.source }}' as source,
    '{{ table.landed }}' as entity,
    coalesce(landed.batch_id, settled.batch_id) as batch_id,
    coalesce(landed.landed_rows, 0) as landed_rows,
    coalesce(settled.settled_rows, 0) as rows_with_a_fate,
    coalesce(settled.fates, 0) as fates
from (
    select _batch as batch_id, count(*) as landed_rows, sum(_row) as row_numbers
    from {{ source('landing', table.source ~ '__' ~ table.landed) }}
    group by _batch
) as landed
full outer join (
    select
        batch_id,
        count(distinct row_number) as settled_rows,
        sum({{ 'distinct ' if table.source != 'harken' }}row_number) as row_numbers,
        count(*) as fates,
        count(distinct {{ fingerprint(['row_number', 'part']) if table.source != 'harken' else 'row_number' }}) as parts
    from {{ ref('history__' ~ table.fate_in) }}
    where source = '{{ table.source }}'
        and part > 0
        and fate in ('accepted', 'superseded', 'duplicate', 'quarantined', 'no_change')
    group by batch_id
) as settled on landed.batch_id = settled.batch_id
where coalesce(landed.landed_rows, 0) <> coalesce(settled.settled_rows, 0)
    or landed.row_numbers <> settled.row_numbers
    or settled.fates <> settled.parts
{{ 'union all' if not loop.last }}
{%- endfor %}
