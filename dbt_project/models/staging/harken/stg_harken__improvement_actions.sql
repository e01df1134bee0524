{{ typed_rows('improvement_actions') }}
