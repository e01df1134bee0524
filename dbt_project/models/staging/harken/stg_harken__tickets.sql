{{ typed_rows('tickets') }}
