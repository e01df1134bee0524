{{ typed_rows('calendar') }}
