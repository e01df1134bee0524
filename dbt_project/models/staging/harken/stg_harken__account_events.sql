{{ typed_rows('account_events') }}
