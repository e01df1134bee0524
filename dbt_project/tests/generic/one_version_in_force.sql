{#
    Versions of a record follow each other without gap or overlap, and exactly one is in force. The lengths of its
    intervals add up to the whole span only where that is so. Fails with one row per record that breaks it.
#}
{% test one_version_in_force(model) %}
select
    record_key,
    count(*) as versions,
    count(case when fate = 'accepted' then 1 end) as in_force
from {{ model }}
where fate in ('accepted', 'superseded')
group by record_key
having count(case when fate = 'accepted' then 1 end) <> 1
    or sum({{ microseconds_between('known_from', 'known_to') }})
        <> {{ microseconds_between('min(known_from)', 'max(known_to)') }}
    or max(known_to) <> {{ in_force() }}
{% endtest %}
