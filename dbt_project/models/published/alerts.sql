{{ config(tags=['monitoring']) }}

select
    alert_id,
    task,
    run_id,
    clock,
    {{ local('clock') }} as clock_local,
    severity,
    kind,
    subject,
    message,
    attempts,
    sent_at
from {{ source('ml', 'alerts') }}
where clock <= {{ clock() }}
