{{ typed_rows('self_service') }}
