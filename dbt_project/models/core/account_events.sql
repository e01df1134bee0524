{{ versions('account_events') }}
