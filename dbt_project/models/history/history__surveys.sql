{{ config(
    incremental_strategy='delete+insert',
    unique_key='record_key',
    pre_hook="{{ forget_batches() }}",
    post_hook="{{ remember_batches(history_landed('surveys')) }}"
) }}

{{ history('surveys', first_fact={
    'known_at': 'sent_at',
    'when': 'responded_at',
    'hides': ['responded_at', 'csat', 'nps', 'ces', 'comment'],
}) }}
