{{ typed_rows('identities') }}
