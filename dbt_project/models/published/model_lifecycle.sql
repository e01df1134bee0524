{{ config(tags=['monitoring']) }}
{# What the steps remember for each other (`memory`) is no promise to readers. #}

select
    task,
    number,
    run_id,
    clock,
    {{ local('clock') }} as clock_local,
    state,
    champion as champion_version,
    candidate as candidate_version,
    former as former_version,
    action,
    reason,
    number = max(number) over (partition by task) as is_current
from {{ source('ml', 'lifecycle') }}
where clock <= {{ clock() }}
