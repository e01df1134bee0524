{{ typed_rows('queues') }}
