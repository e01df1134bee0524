{{ config(tags=['conformed']) }}

with versions as (
    select
        source, agent_id, valid_from, team_id, site, supervisor_id, hired_on, left_on, role, skills, name,
        coalesce(
            lead(valid_from) over (partition by agent_id order by valid_from, source), {{ in_force() }}
        ) as valid_to
    from {{ ref('agents') }}
    where {{ visible_at_clock() }}
)

select
    source,
    agent_id,
    valid_from,
    valid_to,
    valid_from <= {{ clock() }} and {{ clock() }} < valid_to as is_current,
    name as agent_name,
    team_id,
    site,
    supervisor_id,
    role,
    skills,
    hired_on,
    left_on
from versions
