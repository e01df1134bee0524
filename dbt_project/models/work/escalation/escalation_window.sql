-- Read past dbt's graph: the features are made after this, and what they hold decides what is left to do.
{%- set from_scratch = escalation_from_scratch() %}
with clock as (
    select coalesce(
        (select max(clock) from {{ source('ops', 'clock') }}),
        (select max(visible_from) from {{ ref('ticket_states') }})
    ) as clock
),

pending as (
    {{ batches_new_to_escalation() }}
),

learnt as (
    {%- for entity in escalation_entities() %}
    select min(visible_from) as visible_from from {{ ref(entity) }} where batch_id in (select batch_id from pending)
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

held as (
    {%- if from_scratch %}
    select cast(null as timestamp) as last_moment, cast(null as timestamp) as last_clock
    {%- else %}
    select
        -- A clock that was set back hides what lies after it.
        max(case when features.moment_kind <> 'now' and features.as_of <= clock.clock then features.as_of end) as last_moment,
        max(features.as_of) as last_clock
    from features.escalation as features
    cross join clock
    {%- endif %}
),

work as (
    select
        clock.clock,
        coalesce((select max(review_hour) from {{ source('ops', 'parameters') }}), 8) as review_hour,
        held.last_moment,
        {% if from_scratch %}true{% else %}exists (select 1 from pending) or held.last_clock is distinct from clock.clock{% endif %}
            as has_work,
        (select min(visible_from) from learnt) as learnt_from
    from clock
    cross join held
)

select
    clock,
    review_hour,
    has_work,
    case
        when not has_work then null
        when last_moment is null then timestamp '1900-01-01'
        else least(coalesce(learnt_from, last_moment), last_moment) + case
            when coalesce(learnt_from > last_moment, true) then interval '1 microsecond' else interval '0 microseconds'
        end
    end as rebuild_from
from work
