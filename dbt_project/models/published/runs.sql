{{ config(tags=['monitoring']) }}

select
    run_id,
    job,
    clock,
    started_at,
    {{ local('started_at') }} as started_at_local,
    finished_at,
    {{ seconds_between('started_at', 'finished_at') }} as duration_seconds,
    status,
    files_landed,
    rows_landed,
    rows_quarantined,
    checks_passed,
    checks_failed,
    snapshot_id,
    message
from {{ source('ops', 'runs') }}
