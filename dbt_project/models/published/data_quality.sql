{{ config(tags=['monitoring']) }}

with fates as (
    select
        batch_id,
        sum(case when fate = 'accepted' then rows else 0 end) as rows_accepted,
        sum(case when fate = 'superseded' then rows else 0 end) as rows_superseded,
        sum(case when fate = 'duplicate' then rows else 0 end) as rows_duplicate,
        sum(case when fate = 'no_change' then rows else 0 end) as rows_no_change,
        sum(case when fate = 'quarantined' then rows else 0 end) as rows_quarantined,
        sum(rows) as rows_settled
    from (
        {{ fates_by_file() }}
    ) as counted
    group by batch_id
),

quarantine_reasons as (
    select batch_id, {{ top_counted('reason', 'rows') }} as reasons
    from (
        {{ quarantine_reasons_by_file() }}
    ) as counted
    group by batch_id
),

reject_reasons as (
    select batch_id, {{ top_counted('reason', 'lines') }} as reasons
    from (
        select batch_id, reason, count(*) as lines from {{ source('landing', 'rejects') }} group by batch_id, reason
    ) as counted
    group by batch_id
),

-- What was left aside is not in the warehouse yet; each landing looks at it again.
looked_at as (
    select batch_id, run_id, landed_at, source, entity, name, status, reason, rows, rejected_lines
    from {{ source('landing', 'files') }}
    union all
    select
        null, run_id, seen_at, source, nullif(entity, ''), nullif(name, ''), status,
        'left aside, ' || status || ': ' || reason, 0, 0
    from {{ source('landing', 'left_aside') }}
),

files as (
    select
        'file' as kind,
        looked_at.run_id,
        looked_at.landed_at as recorded_at,
        looked_at.source,
        looked_at.entity,
        looked_at.name as file_name,
        cast(null as varchar) as task,
        case
            when looked_at.status in ('rejected', 'unreadable') then 'failed'
            when looked_at.status in ('waiting', 'unknown') then 'attention'
            when looked_at.rejected_lines > 0 or coalesce(fates.rows_quarantined, 0) > 0 then 'attention'
            -- A file with no row at all was perhaps cut short.
            when looked_at.status = 'landed' and looked_at.rows = 0 then 'attention'
            when looked_at.status = 'landed' and coalesce(fates.rows_settled, 0) < looked_at.rows then 'attention'
            else 'ok'
        end as status,
        looked_at.rows as rows_landed,
        coalesce(fates.rows_accepted, 0) as rows_accepted,
        coalesce(fates.rows_superseded, 0) as rows_superseded,
        coalesce(fates.rows_duplicate, 0) as rows_duplicate,
        coalesce(fates.rows_no_change, 0) as rows_no_change,
        coalesce(fates.rows_quarantined, 0) as rows_quarantined,
        case when looked_at.status = 'landed' then looked_at.rows - coalesce(fates.rows_settled, 0) else 0 end as rows_pending,
        looked_at.rejected_lines as lines_rejected,
        cast(null as varchar) as check_name,
        cast(null as varchar) as column_name,
        cast(null as varchar) as severity,
        cast(null as varchar) as observed,
        nullif(concat_ws(
            '; ',
            looked_at.reason,
            case when looked_at.status = 'landed' and looked_at.rows = 0 then 'the file holds no rows' end,
            'quarantined: ' || quarantine_reasons.reasons,
            'lines rejected: ' || reject_reasons.reasons
        ), '') as message
    from looked_at
    left join fates on looked_at.batch_id = fates.batch_id
    left join quarantine_reasons on looked_at.batch_id = quarantine_reasons.batch_id
    left join reject_reasons on looked_at.batch_id = reject_reasons.batch_id
),

latest_checks as (
    select task, max(checked_at) as checked_at from {{ source('ops', 'check_results') }} group by task
),

-- All results of a task's latest suite, and of earlier ones those that failed: what went well then is of no use.
checks as (
    select
        'check' as kind,
        results.run_id,
        results.checked_at as recorded_at,
        cast(null as varchar) as source,
        cast(null as varchar) as entity,
        cast(null as varchar) as file_name,
        results.task,
        case when results.success then 'ok' when results.severity = 'critical' then 'failed' else 'attention' end as status,
        cast(null as bigint) as rows_landed,
        cast(null as bigint) as rows_accepted,
        cast(null as bigint) as rows_superseded,
        cast(null as bigint) as rows_duplicate,
        cast(null as bigint) as rows_no_change,
        cast(null as bigint) as rows_quarantined,
        cast(null as bigint) as rows_pending,
        cast(null as bigint) as lines_rejected,
        results.expectation as check_name,
        results.column_name,
        results.severity,
        results.observed,
        results.message
    from {{ source('ops', 'check_results') }} as results
    inner join latest_checks on results.task = latest_checks.task
    where not results.success or results.checked_at = latest_checks.checked_at
),

both_kinds as (
    select * from files
    union all
    select * from checks
)

select
    kind,
    run_id,
    recorded_at,
    {{ local('recorded_at') }} as recorded_at_local,
    source,
    entity,
    file_name,
    task,
    status,
    rows_landed,
    cast(rows_accepted as bigint) as rows_accepted,
    cast(rows_superseded as bigint) as rows_superseded,
    cast(rows_duplicate as bigint) as rows_duplicate,
    cast(rows_no_change as bigint) as rows_no_change,
    cast(rows_quarantined as bigint) as rows_quarantined,
    cast(rows_pending as bigint) as rows_pending,
    lines_rejected,
    check_name,
    column_name,
    severity,
    observed,
    message
from both_kinds
