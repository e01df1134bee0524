select
    sources.source,
    cast(ceil(coalesce(
        percentile_cont(0.99) within group (
            order by {{ dbt.datediff('escalations.escalated_at', 'escalations.visible_from', 'second') }}
        ), 0
    )) as bigint) as label_delay_seconds
from (select distinct source from {{ ref('tickets') }}) as sources
left join {{ ref('escalations') }} as escalations on sources.source = escalations.source
group by sources.source
