{{ config(tags=['conformed']) }}

select
    source,
    survey_id,
    ticket_id,
    contact_id,
    customer_id,
    sent_at,
    {{ local('sent_at') }} as sent_at_local,
    cast({{ local('sent_at') }} as date) as sent_on,
    responded_at,
    responded_at is not null as is_answered,
    csat,
    csat >= 4 as is_satisfied,
    nps,
    case when nps >= 9 then 'promoter' when nps >= 7 then 'passive' when nps >= 0 then 'detractor' end as nps_group,
    ces,
    case when responded_at is not null then coalesce(length(trim(comment)), 0) > 0 end as has_comment
from {{ ref('surveys') }}
where {{ visible_at_clock() }}
