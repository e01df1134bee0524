{{ versions('ticket_events') }}
