{#- Bounded, for the end is computed also of rows that go to quarantine for their length. -#}
{%- set ends = 'interval_start + least(greatest(interval_minutes, 0), 1440) * interval 1 minute' -%}
{{ typed_rows('queue_intervals', known_at=ends, rules=[
    (ends ~ ' > landed_at + interval 5 minute', 'the interval ends after the file was landed'),
]) }}
