{{ config(tags=['conformed']) }}

with versions as (
    select
        source, customer_id, valid_from, segment, plan, region, language, signed_up_at, contract_ends_at, monthly_value,
        is_contactable,
        coalesce(
            lead(valid_from) over (partition by customer_id order by valid_from, source), {{ in_force() }}
        ) as valid_to
    from {{ ref('customers') }}
    where {{ visible_at_clock() }}
)

select
    source,
    customer_id,
    valid_from,
    valid_to,
    valid_from <= {{ clock() }} and {{ clock() }} < valid_to as is_current,
    segment,
    plan,
    region,
    language,
    signed_up_at,
    contract_ends_at,
    monthly_value,
    is_contactable
from versions
