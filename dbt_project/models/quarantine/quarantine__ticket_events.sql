{{ quarantined('ticket_events') }}
