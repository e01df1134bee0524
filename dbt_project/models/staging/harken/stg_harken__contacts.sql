{{ typed_rows('contacts', rules=[
    ('ended_at < answered_at', 'ended_at lies before answered_at'),
]) }}
