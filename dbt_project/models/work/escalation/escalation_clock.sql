-- Nights and weekends are those of UTC, as the review hour is; a working hour is one of Monday to Friday, 08:00 to 18:00.
{%- set counts = spell_counts(['at_risk', 'at_risk_seconds', 'escalated', 'solved']) %}
{%- set statuses = ['new', 'open', 'pending', 'on_hold'] %}
with moments as (
    select
        moment_id,
        ticket_id,
        as_of,
        state_from,
        {{ key_of(['queue', 'priority']) }} as key_queue_priority,
        cast({{ epoch_seconds('as_of') }} as double) as as_of_second
    from {{ ref('escalation_moments') }}
),

spells as (
    {{ keyed_spells([('queue_priority', ['queue', 'priority'])], {'now': [0]}) | indent(4) }}
),

counters as (
    {{ spell_counters('queue_priority', counts, 'now') | indent(4) }}
),

messages as (
    {{ of_moments(ref('escalation_messages'), ['visible_from', 'first_agent_message_at']) | indent(4) }}
),

-- The usual time open here: days at risk for each ticket that ended; a few days of everybody's make up for a new queue.
usual as (
    select
        moments.moment_id,
        24 * ({{ days_at_risk('counters', 'moments.as_of_second') }} + 3)
        / (coalesce(counters.solved + counters.escalated, 0) + 1) as usual_hours
    from moments
    {{ asof_left_join() }} counters
        on moments.key_queue_priority = counters.spell_key and moments.as_of >= counters.moment
),

replies as (
    select moments.moment_id, messages.first_agent_message_at, messages.ticket_id is not null as has_messages
    from moments
    {{ asof_left_join() }} messages
        on moments.ticket_id = messages.ticket_id and moments.as_of >= messages.visible_from
),

times as (
    select
        moments.moment_id,
        moments.as_of,
        trail.*,
        replies.first_agent_message_at,
        replies.has_messages,
        usual.usual_hours,
        {{ hours_between('trail.opened_at', 'moments.as_of') }} as age_hours,
        {{ working_hours('trail.opened_at') }} as working_hours_at_opening,
        {{ working_hours('moments.as_of') }} as working_hours_now,
        {{ weekend_hours('trail.opened_at') }} as weekend_hours_at_opening,
        {{ weekend_hours('moments.as_of') }} as weekend_hours_now
    from moments
    inner join {{ ref('escalation_trail') }} as trail
        on moments.ticket_id = trail.ticket_id and moments.state_from = trail.visible_from
    inner join replies on moments.moment_id = replies.moment_id
    inner join usual on moments.moment_id = usual.moment_id
)

select
    moment_id,
    {{ hours_between('opened_at', 'first_agent_message_at') }} as first_reply_hours,
    case when has_messages and first_agent_message_at is null then age_hours end as hours_without_reply,
    usual_hours,
    age_hours / usual_hours as age_to_usual,
    {{ hours_between('visible_from', 'as_of') }} / usual_hours as silence_to_usual,
    {%- for status in statuses %}
    (seconds_{{ status }} + case when status = '{{ status }}' then
        {{ epoch_seconds('as_of') }} - {{ epoch_seconds('visible_from') }} else 0 end) / 3600.0 as hours_{{ status }},
    {%- endfor %}
    {{ hours_between('status_since', 'as_of') }} as hours_in_status,
    {{ hours_between('priority_since', 'as_of') }} as hours_in_priority,
    {{ hours_between('queue_since', 'as_of') }} as hours_in_queue,
    {{ hours_between('agent_since', 'as_of') }} as hours_with_holder,
    {{ hours_between('first_known_at', 'first_agent_at') }} as hours_to_first_agent,
    {{ hours_between('first_known_at', 'first_move_at') }} as hours_to_first_move,
    working_hours_now - working_hours_at_opening as working_hours_open,
    weekend_hours_now - weekend_hours_at_opening as weekend_hours_open,
    age_hours - (working_hours_now - working_hours_at_opening) - (weekend_hours_now - weekend_hours_at_opening)
        as night_hours_open,
    {{ hours_between("date_trunc('day', as_of)", 'as_of') }} as hour_of_day,
    cast(extract(isodow from as_of) as bigint) as weekday,
    {{ hours_between('as_of', "date_trunc('week', as_of) + interval 5 day") }} as hours_to_weekend,
    coalesce(cast((
        select count(*) from {{ source('ops', 'holidays') }} as holidays where holidays.day = cast(times.as_of as date)
    ) as bigint), 0) > 0 as is_holiday
from times
