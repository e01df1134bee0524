{{ typed_rows('agents', rules=[
    ('left_on < hired_on', 'left_on lies before hired_on'),
]) }}
