{{ typed_rows('ticket_events') }}
