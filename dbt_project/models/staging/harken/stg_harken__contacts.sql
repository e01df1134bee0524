{{ typed_rows('contacts') }}
