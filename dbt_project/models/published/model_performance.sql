{{ config(tags=['monitoring']) }}

select
    task,
    run_id,
    clock,
    day,
    model_version,
    metric,
    value,
    low,
    high,
    rows,
    positives
from {{ source('ml', 'model_performance') }}
where clock <= {{ clock() }}
