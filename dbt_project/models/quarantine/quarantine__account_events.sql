{{ quarantined('account_events') }}
