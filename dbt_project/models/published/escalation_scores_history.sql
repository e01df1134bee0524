{# A view: the scores are there already, and the snapshot copies only the months that are new. #}
{{ config(tags=['task:escalation'], materialized='view') }}

select
    entity_id as ticket_id,
    as_of,
    p as probability,
    rank,
    share_riskier,
    reason_1,
    reason_2,
    reason_3,
    model_name,
    model_version,
    trained_to,
    scored_at,
    run_id
from {{ source('ml', 'scores') }}
where task = 'escalation' and as_of <= {{ clock() }}
