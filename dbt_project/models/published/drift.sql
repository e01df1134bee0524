{{ config(tags=['monitoring']) }}

select
    task,
    run_id,
    clock,
    {{ local('clock') }} as clock_local,
    day,
    model_version,
    kind,
    subject,
    value,
    slice,
    rows,
    entities,
    reference,
    observed,
    effect,
    effect_limit,
    p_value,
    alarm,
    cause,
    sentence
from {{ source('ml', 'drift') }}
where clock <= {{ clock() }}
