{{ quarantined('queue_intervals') }}
