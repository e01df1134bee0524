{{ typed_rows('targets') }}
