select
    ticket_id,
    opened_at,
    caller_id as customer_id,
    {{ servicenow_channel('contact_type') }} as channel,
    assignment_group as queue,
    cmdb_ci as product,
    category,
    cast(null as varchar) as subject,
    cast(null as varchar) as body,
    opened_by,
    happened_at as recorded_at,
    'servicenow' as source,
    batch_id,
    row_number,
    1 as part,
    {{ json_of(servicenow_opening_fields(), 'extra') }} as attributes,
    happened_at as own_known_at,
    cast([] as varchar[]) as quarantine_reasons,
    false as maps_to_no_change
from {{ ref('stg_servicenow__updates') }}
where update_number = 1
