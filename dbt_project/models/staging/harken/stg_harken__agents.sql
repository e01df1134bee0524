{{ typed_rows('agents') }}
