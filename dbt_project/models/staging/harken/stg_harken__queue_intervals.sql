{{ typed_rows('queue_intervals', known_at='interval_start + interval_minutes * interval 1 minute') }}
