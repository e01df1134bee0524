{{ typed_rows('queue_intervals') }}
