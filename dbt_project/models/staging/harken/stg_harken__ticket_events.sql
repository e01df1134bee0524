{{ typed_rows('ticket_events', rules=[
    ("kind = 'status' and coalesce(value, '') not in ('new', 'open', 'pending', 'on_hold', 'solved', 'closed')",
     'value is no status of the contract'),
    ("kind = 'priority' and coalesce(value, '') not in ('low', 'normal', 'high', 'urgent')",
     'value is no priority of the contract'),
    ("kind = 'assignment' and coalesce(field, '') not in ('agent', 'queue')",
     'field of an assignment is neither agent nor queue'),
    ("kind = 'escalation' and field not in ('hierarchical', 'functional')",
     'field of an escalation is neither hierarchical nor functional'),
    ("kind = 'sla' and coalesce(value, '') not in ('met', 'breached')",
     'value of an sla event is neither met nor breached'),
]) }}
