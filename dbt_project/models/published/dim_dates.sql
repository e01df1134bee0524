{{ config(tags=['conformed']) }}

with first_days as (
    select min(opened_on) as day from {{ ref('fct_tickets') }}
    union all
    select min(offered_on) from {{ ref('fct_contacts') }}
    union all
    select min(sent_on) from {{ ref('fct_surveys') }}
),

-- Whole years, so that a year to date can be compared with all of the year before; the next one too, for plans.
bounds as (
    select
        date_trunc('year', least(coalesce(min(day), cast({{ clock() }} as date)), cast({{ clock() }} as date))) as first_day,
        date_trunc('year', cast({{ clock() }} as date)) + interval 2 year - interval 1 day as last_day
    from first_days
),

days as (
    {{ days_from_to('first_day', 'last_day') }} from bounds
),

-- The company's own calendar names holidays that a country's list doesn't; one day may have several names.
named as (
    select day, name from {{ source('ops', 'holidays') }}

    union

    select days.day, calendar.name
    from days
    inner join {{ ref('calendar') }} as calendar
        on days.day >= cast({{ local('calendar.starts_at') }} as date)
        and days.day <= cast(coalesce({{ local("calendar.ends_at - interval 1 second") }}, {{ local('calendar.starts_at') }}) as date)
    where calendar.kind = 'holiday' and calendar.queue is null and calendar.region is null and {{ visible_at_clock('calendar') }}
),

holidays as (
    select day, min(name) as name from named group by day
)

select
    days.day,
    cast(extract(year from days.day) as integer) as year,
    cast(extract(quarter from days.day) as integer) as quarter,
    cast(extract(month from days.day) as integer) as month,
    cast(date_trunc('month', days.day) as date) as month_starts_on,
    cast(extract(isoyear from days.day) as integer) as iso_year,
    cast(extract(week from days.day) as integer) as iso_week,
    cast(date_trunc('week', days.day) as date) as week_starts_on,
    cast(extract(isodow from days.day) as integer) as day_of_week,
    case extract(isodow from days.day)
        when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday' when 5 then 'Friday'
        when 6 then 'Saturday' else 'Sunday'
    end as day_name,
    extract(isodow from days.day) >= 6 as is_weekend,
    holidays.name is not null as is_holiday,
    holidays.name as holiday_name,
    extract(isodow from days.day) < 6 and holidays.name is null as is_working_day,
    {{ utc_time('cast(days.day as timestamp)', parameter('time_zone')) }} as starts_at,
    {{ utc_time("cast(days.day as timestamp) + interval 1 day", parameter('time_zone')) }} as ends_at
from days
left join holidays on days.day = holidays.day
