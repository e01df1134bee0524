"""Which open tickets will escalate within the next seven days.

The columns are those of `features.escalation`; dbt_project/models/features/escalation.yml says what each means.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ml.task import WORDS, Compared, PredictionTask, ReasonGroup, Said, Sentence, SimpleRule, Values
from ml.words import as_often, beside_usual, duration, number, times, week_day

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def _most_reassigned(frame: pd.DataFrame) -> np.ndarray:
    return frame["reassignments"].to_numpy("float64")


def _longest_silence(frame: pd.DataFrame) -> np.ndarray:
    return frame["silence_hours"].to_numpy("float64")


def _silence(row: Values, usual: Values) -> Said:
    for column, words in (("hours_since_agent_message", "no reply from us"), ("silence_hours", "nothing has happened")):
        if column in row:
            return beside_usual(f"{words} for {duration(row[column])}", row, usual, column, duration)
    return None


def _waiting(row: Values, usual: Values) -> Said:
    for column, words in (
        ("hours_without_reply", "no first reply for {}"),
        ("hours_waiting", "the customer has waited {} for an answer"),
        ("first_reply_hours", "the first reply took {}"),
    ):
        if column in row:
            compared = "hours_waiting" if column == "hours_waiting" else "first_reply_hours"
            return beside_usual(words.format(duration(row[column])), row, usual, column, duration, compared)
    return None


def _handoffs(row: Values, usual: Values) -> Said:
    count = row.get("reassignments")
    if count is None:
        return None
    said = "not handed to another queue so far" if count < 1 else f"handed to another queue {times(count)}"
    return beside_usual(said, row, usual, "reassignments", number)


def _holders(row: Values, usual: Values) -> Said:
    if not row.get("has_agent", True):
        return "nobody holds it"
    if row.get("agent_changes"):
        return beside_usual(f"its agent has changed {times(row['agent_changes'])}", row, usual, "agent_changes", number)
    if "hours_with_holder" in row:
        held = f"the same agent has held it for {duration(row['hours_with_holder'])}"
        return beside_usual(held, row, usual, "hours_with_holder", duration)
    return None


def _time_in_queue(row: Values, usual: Values) -> Said:
    if "hours_in_queue" not in row:
        return None
    words = f"in its queue for {duration(row['hours_in_queue'])}"
    return beside_usual(words, row, usual, "hours_in_queue", duration)


def _status(row: Values, usual: Values) -> Said:
    if "hours_in_status" not in row or "status" not in row:
        return None
    words = f"its status is {str(row['status']).replace('_', ' ')} for {duration(row['hours_in_status'])}"
    return beside_usual(words, row, usual, "hours_in_status", duration)


def _age(row: Values, usual: Values) -> Said:
    if "age_hours" not in row:
        return None
    return beside_usual(f"opened {duration(row['age_hours'])} ago", row, usual, "age_hours", duration)


def _priority(row: Values, usual: Values) -> Said:
    raised = f", raised {times(row['priority_raises'])}" if row.get("priority_raises") else ""
    return f"priority {row['priority']}{raised}" if "priority" in row else None


def _reopened(row: Values, usual: Values) -> Said:
    return f"reopened {times(row['reopens'])}" if row.get("reopens") else None


def _activity(row: Values, usual: Values) -> Said:
    if "updates_1d" not in row:
        return None
    words = f"{_many(row['updates_1d'], 'update')} in the last day"
    return beside_usual(words, row, usual, "updates_1d", number)


def _messages(row: Values, usual: Values) -> Said:
    if not row.get("customer_messages"):
        return None
    ours = number(row.get("agent_messages", 0))
    said = f"{_many(row['customer_messages'], 'message')} from the customer and {ours} from us"
    return f"{said}, {number(row['unanswered_messages'])} unanswered" if row.get("unanswered_messages") else said


def _wording(row: Values, usual: Values) -> Said:
    if row.get("text" + WORDS):
        return "the words " + ", ".join(f'"{words}"' for words in row["text" + WORDS])
    for column, words in (("shouted_words", "capitalised word"), ("exclamation_marks", "exclamation mark")):
        if row.get(column):
            return f"the customer's wording, with {_many(row[column], words)}"
    return "the wording of the messages" if row.get("text") else None


def _queue_history(row: Values, usual: Values) -> Said:
    return _history(row, "queue_stage_escalations_a_day", "tickets at this stage in this queue")


def _topic_history(row: Values, usual: Values) -> Said:
    topic = " ".join(str(row[c]) for c in ("category", "product") if c in row)
    return _history(row, "topic_escalations_a_day", f"tickets about {topic}" if topic else "tickets of this kind")


def _author_history(row: Values, usual: Values) -> Said:
    return _history(row, "opened_by_escalations_a_day", "tickets opened by the same")


def _history(row: Values, column: str, whose: str) -> Said:
    if column not in row or "all_escalations_a_day" not in row:
        return None
    return as_often(whose, row[column], row["all_escalations_a_day"])


def _agent_history(row: Values, usual: Values) -> Said:
    if not row.get("has_agent", True):
        return None
    return _history(row, "agent_stage_escalations_a_day", "tickets at this stage with its agent")


def _agent_load(row: Values, usual: Values) -> Said:
    if "agent_open_tickets" not in row:
        return None
    words = f"its agent holds {_many(row['agent_open_tickets'], 'open ticket')}"
    return beside_usual(words, row, usual, "agent_open_tickets", number)


def _queue_load(row: Values, usual: Values) -> Said:
    if "queue_open_tickets" not in row:
        return None
    words = f"{_many(row['queue_open_tickets'], 'ticket')} open in its queue"
    return beside_usual(words, row, usual, "queue_open_tickets", number)


def _customer_history(row: Values, usual: Values) -> Said:
    if not row.get("customer_past_tickets"):
        return "the customer's first ticket" if row.get("customer_past_tickets") == 0 else None
    escalated, past = number(row.get("customer_past_escalations", 0)), row["customer_past_tickets"]
    words = f"{escalated} of the customer's {_many(past, 'earlier ticket')} escalated"
    return words if row.get("customer_past_escalations") else Compared(words, above=False)


def _customer(row: Values, usual: Values) -> Said:
    known = [f"{name} {row[name]}" for name in ("segment", "plan", "region") if name in row]
    return f"the customer: {', '.join(known)}" if known else None


def _satisfaction(row: Values, usual: Values) -> Said:
    if "last_csat" in row:
        return f"the customer's last satisfaction answer was {number(row['last_csat'])} of 5"
    return f"the customer's last recommendation was {number(row['last_nps'])} of 10" if "last_nps" in row else None


def _contacts(row: Values, usual: Values) -> Said:
    if "contacts_7d" not in row:
        return None
    words = f"{_many(row['contacts_7d'], 'contact')} of the customer in seven days"
    return beside_usual(words, row, usual, "contacts_7d", number)


def _account(row: Values, usual: Values) -> Said:
    if "last_account_event" not in row or "days_since_account_event" not in row:
        return None
    what = str(row["last_account_event"]).replace("_", " ")
    return f"{what} on the customer's account {duration(24 * row['days_since_account_event'])} ago"


def _clock(row: Values, usual: Values) -> Said:
    if "opened_weekday" not in row or "opened_hour" not in row:
        return None
    return f"opened on a {week_day(row['opened_weekday'])} at {int(row['opened_hour']):02d}:00 UTC"


def _everywhere(row: Values, usual: Values) -> Said:
    """What holds for every ticket alike moves the probability and is no reason for one of them."""
    return None


def _many(count: float, what: str) -> str:
    return f"{number(count)} {what}{'' if round(count) == 1 else 's'}"


def _channel(row: Values, usual: Values) -> Said:
    return f"came by {row['channel']}" if "channel" in row else None


# The first group that matches a column owns it: what is narrow stands before what is wide.
_COLUMNS: tuple[tuple[str, Sentence, str], ...] = (
    ("everywhere", _everywhere, "all_*"),
    ("silence", _silence, "silence_* longest_silence_hours longest_message_gap_hours hours_since_*_message last_side"),
    ("waiting", _waiting, "hours_waiting hours_without_reply first_reply_hours unanswered_messages"),
    ("messages", _messages, "customer_messages* agent_messages* turns"),
    ("wording", _wording, "text* *_characters *_marks exclamation_* shouted_words"),
    ("reopened", _reopened, "reopens*"),
    ("priority", _priority, "priority* first_priority hours_in_priority attribute_impact attribute_urgency"),
    ("priority", _priority, "attribute_u_priority_confirmation"),
    ("handoffs", _handoffs, "reassignments* queues_seen queue_changes stage_* is_back_in_queue"),
    ("handoffs", _handoffs, "first_queue previous_queue queue_is_hidden route_* onward_*"),
    ("time in queue", _time_in_queue, "hours_in_queue hours_to_first_move dwell_*"),
    ("holders", _holders, "has_agent agent_changes* agent_assignments agents_seen people* hours_with_holder"),
    ("holders", _holders, "hours_to_first_agent last_actor_holds_it"),
    ("agent history", _agent_history, "agent_stage_* agent_id agent_escalat* last_actor*"),
    ("agent load", _agent_load, "agent_*"),
    ("topic history", _topic_history, "category* topic_* product attribute_* queue_topic_*"),
    ("queue load", _queue_load, "queue_open* queue_solved_* queue_moved_on_* queue_load_*"),
    ("queue history", _queue_history, "queue*"),
    ("author", _author_history, "opened_by*"),
    ("customer history", _customer_history, "customer_*"),
    ("contacts", _contacts, "contacts_*"),
    ("satisfaction", _satisfaction, "last_csat last_nps days_since_answer surveys_*"),
    ("account", _account, "account_events_* payment_failures_* outages_* complaints_* late_deliveries_*"),
    ("account", _account, "last_account_event days_since_account_event"),
    ("customer", _customer, "segment plan region language monthly_value is_contactable tenure_days contract_days_left"),
    ("channel", _channel, "channel source"),
    ("activity", _activity, "updates* notes* system_events sla_breaches hours_since_sla_breach"),
    ("status", _status, "status* waits hours_in_status hours_new hours_pending hours_on_hold"),
    ("age", _age, "age_* usual_hours hours_open hours_until_known working_hours_open weekend_hours_open"),
    ("age", _age, "night_hours_open"),
    ("clock", _clock, "hour_of_day weekday hours_to_weekend is_holiday opened_hour opened_weekday"),
)
REASONS = tuple(ReasonGroup(name, tuple(columns.split()), sentence) for name, sentence, columns in _COLUMNS)

TASK = PredictionTask(
    name="escalation",
    entity="ticket",
    entity_key="ticket_id",
    feature_table="features.escalation",
    label_table="labels.escalation",
    horizon=timedelta(days=7),
    event_at="escalated_at",
    event_known_at="escalation_visible_from",
    description="The ticket's first escalation, as the escalation rules define it, in the horizon after the moment.",
    text=("text",),
    # ServiceNow's flag for the knowledge base was set on nearly every incident of the log's first week and on almost
    # none after the third: it tells the calendar week, not the ticket.
    excluded=("attribute_knowledge",),
    usual_by="queue",
    # Ages of people and contracts, counts of all that ever happened, and rates over all days so far.
    growing=(
        *("tenure_days", "agent_tenure_days", "contract_days_left", "customer_past_*", "surveys_*", "*_stage_days"),
        *("all_*_a_day", "*_escalations_a_day", "*_moves_a_day", "*_move_share", "days_since_answer"),
        *("days_since_account_event", "last_account_event", "last_csat", "last_nps"),
    ),
    # Within a day all morning rows share the clock; what the clock says of a ticket's opening follows the weekday.
    calendar=(
        *("hour_of_day", "weekday", "hours_to_weekend", "is_holiday", "opened_hour", "opened_weekday"),
        *("weekend_hours_open", "night_hours_open"),
    ),
    # Loads and rates of the past belong to a queue, an agent or a category, and a team to an agent: its tickets all
    # have the same.
    shared={
        "queue": (
            *("queue_open_*", "queue_opened_*", "queue_solved_*", "queue_moved_on_*", "queue_escalat*", "queue_load_*"),
            *("queue_move*", "queue_stage_*", "queue_status_*", "queue_category_*", "queue_topic_*", "onward_*"),
        ),
        "agent_id": (
            *("agent_open_*", "agent_opened_*", "agent_solved_*", "agent_moved_on_*", "agent_escalat*"),
            *("agent_load_*", "agent_tenure_days", "agent_stage_*", "agent_team", "agent_site", "agent_role"),
        ),
        "category": ("category_*", "topic_*"),
        "reassignments": ("stage_*",),
    },
    slices=("queue", "product", "language", "channel", "source"),
    rules=(
        SimpleRule("most_reassigned", "the tickets handed on most often first", _most_reassigned),
        SimpleRule("longest_silence", "the tickets first that nothing has happened to for longest", _longest_silence),
    ),
    reasons=REASONS,
)
