{{ config(tags=['monitoring']) }}

select
    task,
    run_id,
    clock,
    {{ local('clock') }} as clock_local,
    number,
    event,
    model_version,
    former_version,
    reason,
    metric,
    difference,
    low,
    high,
    rows,
    positives
from {{ source('ml', 'model_events') }}
where clock <= {{ clock() }}
