{{ config(
    incremental_strategy='delete+insert',
    unique_key='record_key',
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches(history_landed('account_events')) }}"
) }}

{{ history('account_events') }}
