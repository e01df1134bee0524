{{ config(materialized='view') }}
with moments as (
    select moment_id, ticket_id, as_of from {{ ref('escalation_moments') }}
),

messages as (
    {{ of_moments(ref('escalation_messages'), ['visible_from', 'text', 'customer_characters', 'last_customer_characters',
                                               'exclamation_marks', 'question_marks', 'shouted_words']) | indent(4) }}
)

select
    moments.moment_id,
    messages.text,
    cast(length(messages.text) as bigint) as text_characters,
    messages.customer_characters,
    messages.last_customer_characters,
    messages.exclamation_marks,
    messages.question_marks,
    messages.shouted_words,
    messages.exclamation_marks / (1 + messages.customer_characters / 100.0) as exclamation_marks_per_hundred_characters
from moments
{{ asof_left_join() }} messages
    on moments.ticket_id = messages.ticket_id and moments.as_of >= messages.visible_from
