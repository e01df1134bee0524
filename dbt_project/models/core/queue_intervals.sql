{{ versions('queue_intervals') }}
