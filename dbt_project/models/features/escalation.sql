{{ config(
    incremental_strategy='append',
    sliced_by={'table': 'work.escalation_moments', 'column': 'moment_id', 'rows': 100000},
    pre_hook=["{{ forget_batches() }}", "{{ forget_moments() }}"],
    post_hook="{{ remember_batches() }}"
) }}
-- depends_on: {{ ref('escalation_window') }}
-- The families side by side, each made for the same moments; a column's meaning stands in the yml beside this file, its SQL in
-- the model escalation_<family>. `forget_moments` takes away what the run makes anew, in the same transaction.
select
    moments.ticket_id,
    moments.as_of,
    moments.moment_kind,
    ticket.source, ticket.channel, ticket.status, ticket.priority, ticket.first_priority, ticket.queue,
    ticket.first_queue, ticket.previous_queue, ticket.category, ticket.product, ticket.opened_by,
    ticket.attribute_subcategory, ticket.attribute_u_symptom, ticket.attribute_location,
    ticket.attribute_impact, ticket.attribute_urgency, ticket.attribute_knowledge,
    ticket.attribute_u_priority_confirmation, ticket.has_agent, ticket.queue_is_hidden,
    ticket.is_back_in_queue, ticket.reassignments, ticket.reopens, ticket.priority_changes,
    ticket.priority_raises, ticket.status_changes, ticket.queue_changes, ticket.queues_seen, ticket.waits,
    ticket.sla_breaches, ticket.hours_since_sla_breach, ticket.age_hours, ticket.hours_until_known,
    ticket.opened_hour, ticket.opened_weekday,
    exchange.customer_messages, exchange.agent_messages, exchange.notes, exchange.system_events,
    exchange.turns, exchange.unanswered_messages, exchange.last_side, exchange.hours_since_customer_message,
    exchange.hours_since_agent_message, exchange.hours_waiting, exchange.longest_message_gap_hours,
    exchange.silence_hours, exchange.longest_silence_hours, exchange.updates, exchange.updates_a_day,
    exchange.agent_changes, exchange.agent_assignments, exchange.agents_seen, exchange.people,
    exchange.last_actor, exchange.last_actor_holds_it,
    clock.first_reply_hours, clock.hours_without_reply, clock.usual_hours, clock.age_to_usual,
    clock.silence_to_usual, clock.hours_new, clock.hours_open, clock.hours_pending, clock.hours_on_hold,
    clock.hours_in_status, clock.hours_in_priority, clock.hours_in_queue, clock.hours_with_holder,
    clock.hours_to_first_agent, clock.hours_to_first_move, clock.working_hours_open, clock.weekend_hours_open,
    clock.night_hours_open, clock.hour_of_day, clock.weekday, clock.hours_to_weekend, clock.is_holiday,
    customer.segment, customer.plan, customer.region, customer.language, customer.monthly_value,
    customer.is_contactable, customer.tenure_days, customer.contract_days_left,
    customer.customer_open_tickets, customer.customer_past_tickets, customer.customer_past_escalations,
    customer.customer_past_escalation_rate, customer.customer_tickets_30d, customer.customer_escalations_30d,
    customer.last_csat, customer.last_nps, customer.days_since_answer, customer.surveys_sent,
    customer.surveys_answered, customer.contacts_7d, customer.contacts_voice_7d, customer.contacts_chat_7d,
    customer.contacts_email_7d, customer.contacts_abandoned_7d, customer.contacts_unresolved_7d,
    customer.contacts_30d, customer.contacts_voice_30d, customer.contacts_chat_30d,
    customer.contacts_email_30d, customer.contacts_abandoned_30d, customer.contacts_unresolved_30d,
    customer.account_events_7d, customer.payment_failures_7d, customer.outages_7d, customer.complaints_7d,
    customer.late_deliveries_7d, customer.account_events_30d, customer.payment_failures_30d,
    customer.outages_30d, customer.complaints_30d, customer.late_deliveries_30d, customer.last_account_event,
    customer.days_since_account_event,
    agent_queue.agent_id, agent_queue.agent_team, agent_queue.agent_site, agent_queue.agent_role,
    agent_queue.agent_tenure_days, agent_queue.queue_open_tickets, agent_queue.queue_open_tickets_change_1d,
    agent_queue.queue_open_tickets_change_7d, agent_queue.queue_opened_1d, agent_queue.queue_opened_7d,
    agent_queue.queue_solved_1d, agent_queue.queue_solved_7d, agent_queue.queue_moved_on_7d,
    agent_queue.queue_escalated_28d, agent_queue.queue_load_to_usual,
    agent_queue.queue_escalations_to_solved_28d, agent_queue.agent_open_tickets,
    agent_queue.agent_open_tickets_change_1d, agent_queue.agent_open_tickets_change_7d,
    agent_queue.agent_opened_1d, agent_queue.agent_opened_7d, agent_queue.agent_solved_1d,
    agent_queue.agent_solved_7d, agent_queue.agent_moved_on_7d, agent_queue.agent_escalated_28d,
    agent_queue.agent_load_to_usual, agent_queue.agent_escalations_to_solved_28d,
    wording.text, wording.text_characters, wording.customer_characters, wording.last_customer_characters,
    wording.exclamation_marks, wording.question_marks, wording.shouted_words,
    wording.exclamation_marks_per_hundred_characters,
    changes.updates_1d, changes.reassignments_1d, changes.agent_changes_1d, changes.status_changes_1d,
    changes.priority_raises_1d, changes.notes_1d, changes.people_1d, changes.customer_messages_1d,
    changes.agent_messages_1d, changes.updates_3d, changes.reassignments_3d, changes.agent_changes_3d,
    changes.status_changes_3d, changes.priority_raises_3d, changes.notes_3d, changes.people_3d,
    changes.customer_messages_3d, changes.agent_messages_3d, changes.updates_7d, changes.reassignments_7d,
    changes.agent_changes_7d, changes.status_changes_7d, changes.priority_raises_7d, changes.notes_7d,
    changes.people_7d, changes.customer_messages_7d, changes.agent_messages_7d,
    past_rates.all_escalations_a_day, past_rates.all_moves_a_day, past_rates.all_escalations_7d,
    past_rates.all_moves_7d, past_rates.stage_escalations_a_day, past_rates.stage_moves_a_day,
    past_rates.stage_move_share, past_rates.category_escalations_a_day, past_rates.category_move_share,
    past_rates.topic_escalations_a_day, past_rates.topic_moves_a_day, past_rates.topic_move_share,
    past_rates.queue_escalations_a_day, past_rates.queue_moves_a_day, past_rates.queue_move_share,
    past_rates.queue_escalations_7d, past_rates.queue_moves_7d, past_rates.queue_stage_escalations_a_day,
    past_rates.queue_stage_moves_a_day, past_rates.queue_stage_move_share, past_rates.queue_stage_days,
    past_rates.queue_stage_escalations_7d, past_rates.queue_stage_moves_7d,
    past_rates.queue_status_escalations_a_day, past_rates.queue_status_moves_a_day,
    past_rates.queue_status_move_share, past_rates.agent_stage_escalations_a_day,
    past_rates.agent_stage_moves_a_day, past_rates.agent_stage_move_share, past_rates.agent_stage_days,
    past_rates.queue_category_moves_a_day, past_rates.queue_category_move_share,
    past_rates.queue_topic_escalations_a_day, past_rates.queue_topic_move_share,
    past_rates.onward_escalations_a_day, past_rates.onward_moves_a_day
from {{ ref('escalation_moments') }} as moments
inner join {{ ref('escalation_ticket') }} as ticket on moments.moment_id = ticket.moment_id
inner join {{ ref('escalation_exchange') }} as exchange on moments.moment_id = exchange.moment_id
inner join {{ ref('escalation_clock') }} as clock on moments.moment_id = clock.moment_id
inner join {{ ref('escalation_customer') }} as customer on moments.moment_id = customer.moment_id
inner join {{ ref('escalation_agent_queue') }} as agent_queue on moments.moment_id = agent_queue.moment_id
inner join {{ ref('escalation_wording') }} as wording on moments.moment_id = wording.moment_id
inner join {{ ref('escalation_changes') }} as changes on moments.moment_id = changes.moment_id
inner join {{ ref('escalation_past_rates') }} as past_rates on moments.moment_id = past_rates.moment_id
where {{ in_slice('moments.moment_id') }}
