"""The rows fit together: references, order in time, and accounts that add up."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq

from tests.simulator.conftest import CONTACTS_A_DAY, DAYS, Company


def first_rows(table: pd.DataFrame, key: str) -> pd.DataFrame:
    return table.drop_duplicates(key).set_index(key)


def given(column: pd.Series) -> pd.Series:
    return column[column != ""]


def person(company: Company, numbers: pd.Series) -> pd.Series:
    """The customers behind these numbers: twins joined by what the identities share in the CRM."""
    identities = company["identities"]
    joined = identities[identities.kind == "crm"].set_index("customer_id").value
    return numbers.map(joined).fillna(numbers)


def test_the_report_counts_what_was_written(company: Company) -> None:
    assert company.report.rows == {entity: len(table) for entity, table in company.tables.items()}
    assert company.report.tickets_opened == company["tickets"].ticket_id.nunique()
    assert abs(len(company["contacts"]) / (CONTACTS_A_DAY * DAYS) - 1) < 0.25
    assert 0.24 < company.report.tickets_opened / len(company["contacts"]) < 0.36


def test_contacts_follow_from_their_customers_agents_and_tickets(company: Company) -> None:
    contacts = company["contacts"]
    joined = first_rows(company["customers"], "customer_id").signed_up_at
    assert (contacts.customer_id.map(joined) < contacts.offered_at).all()
    tickets = set(company["tickets"].ticket_id)
    assert set(given(contacts.ticket_id)) <= tickets
    # the contacts of the last tickets may not have been exported yet
    assert len(tickets - set(given(contacts.ticket_id))) < 0.01 * len(tickets)
    assert set(given(contacts.parent_contact_id)) <= set(contacts.contact_id)
    assert set(contacts.queue) <= set(company["queues"].queue)
    answered = contacts[contacts.outcome.isin(["answered", "transferred"])]
    assert (answered.answered_at >= answered.offered_at).all()
    assert (contacts.ended_at >= contacts.offered_at).all()
    assert (answered.ended_at >= answered.answered_at).all()
    assert (answered.agent_id != "").all()
    abandoned = contacts[contacts.outcome == "abandoned"]
    # a call back that nobody picks up has cost the time of who dialled
    assert ((abandoned.agent_id == "") == (abandoned.direction == "inbound")).all()
    assert (contacts[contacts.outcome == "transferred"].transferred_to != "").all()


def test_agents_act_only_while_they_are_employed(company: Company) -> None:
    agents = company["agents"]
    hired = agents.groupby("agent_id").valid_from.min()
    left = pd.to_datetime(agents[agents.left_on != ""].set_index("agent_id").left_on, utc=True)
    contacts = company["contacts"]
    contacts = contacts[contacts.agent_id != ""]
    events = company["ticket_events"]
    events = events[events.actor_id.str.startswith("A")]
    for who, when in (
        (contacts.agent_id, contacts.answered_at.fillna(contacts.offered_at)),
        (events.actor_id, events.occurred_at),
    ):
        assert (who.map(hired) <= when).all()
        gone = who.map(left)
        # the last day counts, and a contact taken on it
        assert (gone.isna() | (when <= gone + pd.Timedelta(days=1))).mean() > 0.999


def test_tickets_open_once_from_one_contact(company: Company) -> None:
    tickets, contacts = company["tickets"], company["contacts"]
    opened = first_rows(tickets, "ticket_id")
    opened = opened[opened.index.isin(contacts.ticket_id)]
    again = tickets[tickets.ticket_id.duplicated()]
    assert again.recorded_at.notna().all()
    linked = contacts[contacts.ticket_id != ""].drop_duplicates("contact_id")
    owner = linked.ticket_id.map(opened.customer_id)
    assert (person(company, linked.customer_id).to_numpy() == person(company, owner).to_numpy()).all()
    first = linked.sort_values("offered_at").drop_duplicates("ticket_id").set_index("ticket_id")
    first = first.loc[opened.index]
    assert (first.offered_at <= opened.opened_at).all()
    assert (opened.queue == first.queue).all()


def test_events_rise_within_a_ticket_and_never_precede_it(company: Company) -> None:
    events = company["ticket_events"]
    opened = first_rows(company["tickets"], "ticket_id").opened_at
    assert (events.occurred_at >= events.ticket_id.map(opened)).all()
    assert (events.recorded_at >= events.occurred_at).all()
    ordered = events.assign(seq=events.event_seq.astype(int)).sort_values(["ticket_id", "seq"])
    same = ordered.ticket_id == ordered.ticket_id.shift()
    step = ordered.seq[same] - ordered.seq.shift()[same]
    assert (step >= 1).all()
    # gaps only where an event is recorded after the end
    assert (step == 1).mean() > 0.995
    assert (ordered.seq[~same] == 1).mean() > 0.98
    assert (ordered.occurred_at[same] >= ordered.occurred_at.shift()[same]).all()


def test_statuses_and_holders_change_from_what_they_were(company: Company) -> None:
    events = (
        company["ticket_events"].assign(seq=lambda table: table.event_seq.astype(int)).sort_values(["ticket_id", "seq"])
    )
    for chosen in (
        events.kind == "status",
        events.kind == "priority",
        events.field == "queue",
        events.field == "agent",
    ):
        some = events[chosen]
        repeated = (some.ticket_id == some.ticket_id.shift()) & (some.value == some.value.shift())
        assert not repeated.any()
    statuses = events[events.kind == "status"]
    before = statuses.value.shift().where(statuses.ticket_id == statuses.ticket_id.shift(), "new")
    assert not (before == "closed").any()
    assert set(statuses.value[before == "solved"]) <= {"open", "closed"}


def test_escalations_in_the_log_are_the_true_ones(company: Company) -> None:
    [path] = company.truth.glob("escalations_*.parquet")
    truth = pq.read_table(path).to_pandas().set_index("ticket_id").escalated_at
    events = company["ticket_events"]
    logged = events[events.kind == "escalation"].set_index("ticket_id").occurred_at
    assert logged.index.is_unique
    late = set(truth.index) - set(logged.index)
    assert len(late) <= 0.02 * len(truth)
    assert (pd.to_datetime(truth[logged.index], utc=True) == logged).all()
    assert len(truth) == company.report.escalations


def test_rows_are_exported_when_they_are_known(company: Company) -> None:
    """Monthly files hold no row known after the month, and few known before it (late slices, corrections)."""
    for entity, known in (("contacts", "ended_at"), ("ticket_events", "recorded_at"), ("tickets", "opened_at")):
        table = company[entity]
        month = pd.to_datetime(table.file.str[-11:-4], utc=True)
        assert (table[known] < month + pd.offsets.MonthBegin()).all()
        assert (table[known] >= month).mean() > 0.97


def test_versioning_has_something_to_do(company: Company) -> None:
    customers, agents = company["customers"], company["agents"]
    assert customers.customer_id.duplicated().sum() > 20
    back_dated = customers.recorded_at - customers.valid_from > pd.Timedelta(days=1)
    assert 0 < back_dated.sum() < 0.2 * customers.recorded_at.notna().sum()
    assert agents.agent_id.duplicated().any()
    assert company["contacts"].contact_id.duplicated().any()
    assert company["tickets"].ticket_id.duplicated().any()
    lag = company["ticket_events"].recorded_at - company["ticket_events"].occurred_at
    assert 0.005 < (lag > pd.Timedelta(hours=1)).mean() < 0.03


def test_keys_are_unique_but_for_corrections(company: Company) -> None:
    for entity, key in (
        ("calendar", ["starts_at", "kind", "name"]),
        ("customers", ["customer_id", "valid_from"]),
        ("identities", ["customer_id", "kind", "value"]),
        ("ticket_events", ["ticket_id", "event_seq"]),
        ("surveys", ["survey_id", "responded_at"]),
    ):
        assert not company[entity].duplicated(key).any(), entity


def test_surveys_and_account_events_point_to_what_they_are_about(company: Company) -> None:
    surveys = company["surveys"]
    assert ((surveys.ticket_id != "") ^ (surveys.contact_id != "")).all()
    assert set(given(surveys.ticket_id)) <= set(company["tickets"].ticket_id)
    assert set(given(surveys.contact_id)) <= set(company["contacts"].contact_id)
    assert (surveys.responded_at.isna() | (surveys.responded_at > surveys.sent_at)).all()
    assert ((surveys.csat != "") == surveys.responded_at.notna()).all()
    account = company["account_events"]
    joined = first_rows(company["customers"], "customer_id").signed_up_at
    assert (account.customer_id.map(joined) < account.occurred_at).all()
    assert not account.duplicated(["customer_id", "occurred_at", "kind"]).any()


def test_tickets_live_a_day_or_two_with_a_long_tail(company: Company) -> None:
    events = company["ticket_events"]
    opened = first_rows(company["tickets"], "ticket_id").opened_at
    solved = events[(events.kind == "status") & (events.value == "solved")].groupby("ticket_id").occurred_at.max()
    hours = (solved - opened[solved.index]).dt.total_seconds() / 3600
    assert 8 < hours.median() < 60
    assert hours.quantile(0.98) > 240
    assert 6 < len(events) / len(opened) < 12
    assert 0.07 < company.report.escalations / len(opened) < 0.16


def test_teams_have_a_lead_of_their_own_and_a_mix_of_tenure(company: Company) -> None:
    agents = company["agents"]
    first = first_rows(agents, "agent_id")
    assert first.groupby("team_id").supervisor_id.agg(lambda leads: len(set(leads)) == 1).all()
    assert (first.supervisor_id.map(first.team_id) == first.team_id).all()
    years = (first.valid_from.max() - first.valid_from).dt.days / 365
    assert years.quantile(0.9) - years.quantile(0.1) > 1.5


def test_nobody_uses_self_service_before_signing_up_or_after_leaving(company: Company) -> None:
    sessions, account = company["self_service"], company["account_events"]
    joined = first_rows(company["customers"], "customer_id").signed_up_at
    assert (sessions.customer_id.map(joined) < sessions.started_at).all()
    left = account[account.kind == "churned"].set_index("customer_id").occurred_at
    gone = sessions.customer_id.map(left)
    # the day of leaving counts
    assert (gone.isna() | (sessions.started_at < gone + pd.Timedelta(days=1))).all()
