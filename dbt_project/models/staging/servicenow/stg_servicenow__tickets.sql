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
    opening_attributes as attributes,
    happened_at as own_known_at,
    quarantine_reasons,
    false as maps_to_no_change
from {{ ref('stg_servicenow__updates') }}
where is_in_force and update_number = 1
