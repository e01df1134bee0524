{{ config(
    incremental_strategy='delete+insert',
    unique_key='record_key',
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches(history_landed('improvement_actions')) }}"
) }}

{{ history('improvement_actions') }}
