{{ versions('queues') }}
