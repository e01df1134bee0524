{{ typed_rows('improvement_actions', rules=[
    ('due_on < starts_on', 'due_on lies before starts_on'),
]) }}
