{{ quarantined('queues') }}
