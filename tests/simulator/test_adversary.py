"""Nobody can predict better than the true chance: an adversary who reads all that has landed tries it.

If the adversary beat the true chance, a row would tell of the future, or the written-down chance would not be the
one that is drawn from. If it didn't beat the base rate, the test would be empty.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from simulator import simulate
from simulator.customers import TWIN_NUMBER
from simulator.reference import PRIORITIES, STATUSES
from simulator.truth import average_precision
from tests.simulator.conftest import START, read_landing

DAYS, CONTACTS_A_DAY = 120, 300.0
EARLIER = 0.6  # of the time: what the adversary learns from
DRAWS = 100
TRUTH = {
    "escalation": "escalation_mornings", "repeat_contact": "cause_repeat_contact", "complaint": "cause_complaint",
    "churn": "cause_churn", "low_csat": "cause_low_csat",
}  # fmt: skip
# what the adversary must gain over the base rate, as a factor, lest the test be empty
GAIN = {"escalation": 1.5, "repeat_contact": 2.0, "churn": 4.0, "complaint": 5.0, "low_csat": 2.0}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    root = tmp_path_factory.mktemp("adversary")
    simulate(root / "landing", root / "truth", seed=23, start=START, days=DAYS, contacts_per_day=CONTACTS_A_DAY)
    return Landed(root / "truth", read_landing(root / "landing"))


@dataclass
class Landed:
    """The landing files as the adversary reads them: each row with the moment it was known."""

    truth: Path
    tables: dict[str, pd.DataFrame]

    def labels(self, task: str) -> pd.DataFrame:
        """A task's rows: entity_id, at (its moment), chance and happened."""
        table = pq.read_table(self.truth / f"{TRUTH[task]}.parquet").to_pandas()
        table = table.rename(columns={"ticket_id": "entity_id", "as_of": "at", "escalated": "happened"})
        if task == "complaint":
            table = table.loc[:, ~table.columns.duplicated()]
        table["at"] = pd.to_datetime(table["at"], utc=True).dt.as_unit("us")
        return table[["entity_id", "at", "chance", "happened"]].sort_values("at", kind="stable", ignore_index=True)

    def more_mornings(self) -> pd.DataFrame:
        """Mornings of open tickets that the log itself has labelled by then: the truth's sample is small."""
        tickets = self.tables["tickets"].drop_duplicates("ticket_id")
        events = self.tables["ticket_events"]
        escalated = events[events.kind == "escalation"].groupby("ticket_id").recorded_at.min()
        ended = events[events.value == "closed"].groupby("ticket_id").recorded_at.min()
        mornings = pd.date_range(START_TIME + pd.Timedelta(hours=8), CUT - pd.Timedelta(days=7), freq="D", unit="us")
        panel = tickets[["ticket_id", "opened_at"]].merge(pd.DataFrame({"at": mornings}), how="cross")
        panel = panel[(panel["at"] > panel.opened_at) & (panel["at"] < panel.opened_at + pd.Timedelta(days=21))]
        first = panel.ticket_id.map(escalated)
        open_still = ~(panel.ticket_id.map(ended) < panel["at"]) & ~(first < panel["at"])
        panel = panel.assign(happened=(first < panel["at"] + pd.Timedelta(days=7)).astype(float), chance=np.nan)
        return panel[open_still].rename(columns={"ticket_id": "entity_id"}).reset_index(drop=True)

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """One row per contact as first exported, known when it ends; customers under one number."""
        table = self.tables["contacts"].drop_duplicates("contact_id").copy()
        table["customer"] = person(table.customer_id)
        table["known"] = table.ended_at.dt.as_unit("us")
        table["wait"] = (table.answered_at.fillna(table.ended_at) - table.offered_at).dt.total_seconds()
        table["talk"] = pd.to_numeric(table.talk_seconds, errors="coerce")
        table["hour"] = table.offered_at.dt.hour
        for name, values in (("gave_up", table.outcome == "abandoned"), ("unresolved", table.resolved == "false")):
            table[name] = values.astype(float)
        table["is_leg"] = (table.parent_contact_id != "").astype(float)
        return table

    @cached_property
    def histories(self) -> dict[str, pd.DataFrame]:
        """By name, what happened to customers: customer, known, and a size."""
        contacts, account, surveys = self.contacts, self.tables["account_events"], self.tables["surveys"]
        owner = self.tables["tickets"].drop_duplicates("ticket_id").set_index("ticket_id")
        events = self.tables["ticket_events"]
        escalated = events[events.kind == "escalation"]
        long = contacts[(contacts.wait > 300) & contacts.channel.isin(["voice", "chat"])]
        answered = surveys[surveys.csat != ""]
        found = {
            "contact": history(contacts.customer_id, contacts.known, contacts.wait),
            "unresolved": history(contacts[contacts.unresolved > 0].customer_id, contacts.known),
            "gave_up": history(contacts[contacts.gave_up > 0].customer_id, contacts.known),
            "long_wait": history(long.customer_id, long.known, long.wait),
            "ticket": history(owner.customer_id, owner.opened_at),
            "escalation": history(escalated.ticket_id.map(owner.customer_id), escalated.recorded_at),
            "survey": history(answered.customer_id, answered.responded_at, answered.csat.astype(float)),
        }
        for kind in ("payment_failed", "arrears", "complaint", "outage", "contract_expiring", "refund"):
            some = account[account.kind == kind]
            found[kind] = history(some.customer_id, some.occurred_at)
        return found

    def by_customer(self, customer: pd.Series, at: pd.Series) -> pd.DataFrame:
        """What was known of each customer at a moment: the master data, and counts and recency of all histories."""
        asked = pd.DataFrame({"customer": customer.to_numpy(), "at": at.to_numpy()})
        masters = self.tables["customers"].copy()
        masters["customer"] = person(masters.customer_id)
        masters["known"] = masters.recorded_at.fillna(masters.valid_from).dt.as_unit("us")
        latest = as_of(asked, masters.dropna(subset=["known"]))
        features = pd.DataFrame({
            "value": pd.to_numeric(latest.monthly_value), "age": (asked["at"] - latest.signed_up_at).dt.days,
            "contract": (latest.contract_ends_at - asked["at"]).dt.days % 365,
            **{name: latest[name].astype("category").cat.codes for name in ("segment", "plan", "region", "language")},
        })  # fmt: skip
        for name, events in self.histories.items():
            before = as_of(asked, events)
            features[f"{name}_count"] = before["count"].fillna(0)
            if name in SIZED:
                features[f"{name}_sum"] = before["sum"].fillna(0)
            features[f"{name}_days"] = (asked["at"] - before.known).dt.total_seconds() / 86400
            earlier = as_of(asked.assign(at=asked["at"] - pd.Timedelta(days=35)), events)
            features[f"{name}_35"] = features[f"{name}_count"] - earlier["count"].fillna(0)
        return features

    def by_contact(self, contact: pd.Series) -> pd.DataFrame:
        """The contact itself, all of which is known when it ends."""
        own = self.contacts.set_index("contact_id").reindex(contact.to_numpy()).reset_index()
        features = own[["wait", "talk", "hour", "gave_up", "unresolved", "is_leg"]].copy()
        for name in ("reason_code", "channel", "queue", "outcome", "product"):
            features[name] = own[name].astype("category").cat.codes
        return features

    def by_ticket(self, ticket: pd.Series, at: pd.Series) -> pd.DataFrame:
        """The ticket as its log told it at a moment."""
        own = self.tables["tickets"].drop_duplicates("ticket_id").set_index("ticket_id").reindex(ticket.to_numpy())
        own = own.reset_index()
        asked = pd.DataFrame({"customer": ticket.to_numpy(), "at": at.to_numpy()})
        features = pd.DataFrame({"age": hours_since(asked["at"], own.opened_at)})
        for name in ("category", "product", "channel", "queue"):
            features[name] = own[name].astype("category").cat.codes
        events = self.tables["ticket_events"].rename(columns={"ticket_id": "customer"})
        said = (events.kind == "comment") & (events.is_public == "true")
        groups = {
            "ours": said & (events.actor_kind == "agent"), "theirs": said & (events.actor_kind == "customer"),
            "status": events.kind == "status", "handed": events.kind == "assignment", "sla": events.kind == "sla",
            "priority": events.kind == "priority", "escalated": events.kind == "escalation",
            "loud": said & (events.actor_kind == "customer") & events.body.str.contains("!!|！！|¡"),
        }  # fmt: skip
        for name, chosen in groups.items():
            some = events[chosen]
            before = as_of(asked, history(some.customer, some.recorded_at, by_person=False))
            features[f"{name}_count"] = before["count"].fillna(0)
            features[f"{name}_hours"] = hours_since(asked["at"], before.known)
        heard = as_of(asked, self.messages)
        features["tone"], features["worst"] = heard.tone, heard.worst
        features["heard_hours"] = hours_since(asked["at"], heard.known)
        for kind in ("status", "priority"):
            some = events[events.kind == kind].assign(known=lambda table: table.recorded_at.dt.as_unit("us"))
            latest = as_of(asked, some[["customer", "known", "value"]])
            features[kind] = latest.value.map(RANKS)
        # whose turn it is, and for how long they have waited
        ours = features.status.fillna(0) <= 1
        silence = features.ours_hours.fillna(features.age)
        features["silence"], features["wait"] = silence, silence.where(ours, -1.0)
        features["wait"] = np.fmin(features.wait, features.status_hours.fillna(features.wait).where(ours, -1.0))
        return features

    @cached_property
    def messages(self) -> pd.DataFrame:
        """What customers wrote, and how much it sounds like what came before escalations in the adversary's past.

        Messages of that past are judged by a model that hasn't seen their tickets.
        """
        events, tickets = self.tables["ticket_events"], self.tables["tickets"].drop_duplicates("ticket_id")
        said = events[(events.kind == "comment") & (events.actor_kind == "customer")]
        columns = ["customer", "known", "body"]
        table = pd.concat([
            tickets[["ticket_id", "opened_at", "body"]].set_axis(columns, axis=1),
            said[["ticket_id", "recorded_at", "body"]].set_axis(columns, axis=1),
        ], ignore_index=True)  # fmt: skip
        table["known"] = table.known.dt.as_unit("us")
        first = table.customer.map(events[events.kind == "escalation"].groupby("ticket_id").recorded_at.min())
        came = (first >= table.known) & (first < table.known + pd.Timedelta(days=4))
        past = (table.known < CUT - pd.Timedelta(days=4)).to_numpy()
        words = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), min_df=60, sublinear_tf=True)
        matrix, model = words.fit_transform(table.body), LogisticRegression(C=1.0, solver="liblinear")
        folds = GroupKFold(3).split(matrix[past], came[past], table.customer[past])
        unseen = cross_val_predict(model, matrix[past], came[past], cv=folds, method="predict_proba")[:, 1]
        table["tone"] = model.fit(matrix[past], came[past]).predict_proba(matrix)[:, 1]
        table.loc[past, "tone"] = unseen
        table["worst"] = table.sort_values("known").groupby("customer").tone.cummax()
        return table


START_TIME = pd.Timestamp(START, tz="UTC")
CUT = START_TIME + EARLIER * pd.Timedelta(days=DAYS)
SIZED = ("contact", "survey")  # of which a size is known, by customer
RANKS = {name: rank for names in (STATUSES, PRIORITIES) for rank, name in enumerate(names)}


def hours_since(at: pd.Series, then: pd.Series) -> pd.Series:
    return (at - then).dt.total_seconds() / 3600


def person(numbers: pd.Series) -> pd.Series:
    """A customer's own number, also where they are held twice."""
    return numbers.str[1:].astype(float) % TWIN_NUMBER


def history(
    customer: pd.Series, known: pd.Series, size: pd.Series | None = None, by_person: bool = True
) -> pd.DataFrame:
    """What is known of a kind, by customer (or ticket) and time: how many so far, and the sum of their sizes."""
    who = person(customer) if by_person else customer
    table = pd.DataFrame({"customer": who, "known": known.loc[customer.index]})
    table["size"] = 1.0 if size is None else size.loc[customer.index]
    table["known"] = table.known.dt.as_unit("us")
    table = table.dropna(subset=["known", "customer"]).sort_values("known", kind="stable")
    table["count"] = table.groupby("customer").cumcount() + 1.0
    table["sum"] = table.groupby("customer")["size"].cumsum()
    return table


def as_of(asked: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The last row known of each customer at each moment, in the order asked."""
    left = asked.assign(order=np.arange(len(asked))).sort_values("at", kind="stable")
    right = rows.sort_values("known", kind="stable")
    found = pd.merge_asof(left, right, left_on="at", right_on="known", by="customer")
    return found.sort_values("order").reset_index(drop=True)


def features_of(landed: Landed, task: str, labels: pd.DataFrame) -> pd.DataFrame:
    """Everything useful that had landed before each row's moment."""
    entity, at = labels.entity_id, labels["at"]
    tickets = landed.tables["tickets"].drop_duplicates("ticket_id").set_index("ticket_id").customer_id
    contacts = landed.contacts.set_index("contact_id").customer_id
    if task == "churn":
        return landed.by_customer(person(entity), at)
    contact, ticket = entity, entity
    if task == "low_csat":
        surveys = landed.tables["surveys"].drop_duplicates("survey_id").set_index("survey_id").reindex(entity)
        contact, ticket = surveys.contact_id.reset_index(drop=True), surveys.ticket_id.reset_index(drop=True)
    owner = person(contact.map(contacts).fillna(ticket.map(tickets)))
    parts = [landed.by_customer(owner, at)]
    if task != "escalation":
        parts.append(landed.by_contact(contact).add_prefix("contact."))
    if task != "repeat_contact":
        parts.append(landed.by_ticket(ticket, at).add_prefix("ticket."))
    return pd.concat(parts, axis=1)


def margin_of(own: np.ndarray, true: np.ndarray, happened: np.ndarray, entity: np.ndarray) -> float:
    """Two standard errors of the difference between the PR-AUCs of two scores, resampled by entity."""
    rng = np.random.default_rng(1)
    names, group = np.unique(entity, return_inverse=True)
    orders = [np.argsort(-score, kind="stable") for score in (own, true)]
    found = []
    for _ in range(DRAWS):
        weight = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[group]
        mine, best = (precision(happened[order], weight[order]) for order in orders)
        found.append(mine - best)
    return float(2 * np.std(found))


def precision(happened: np.ndarray, weight: np.ndarray) -> float:
    """PR-AUC of rows in descending order of score, each counted `weight` times."""
    won = weight * happened
    return float((won.cumsum() / np.maximum(weight.cumsum(), 1) * won).sum() / won.sum())


@pytest.mark.parametrize("task", list(TRUTH))
def test_no_adversary_beats_the_true_chance(landed: Landed, task: str) -> None:
    assert task in json.loads((landed.truth / "best_possible.json").read_text())
    labels = landed.labels(task)
    if task == "escalation":
        labels = pd.concat([labels[labels["at"] >= CUT], landed.more_mornings()], ignore_index=True)
    features = features_of(landed, task, labels)
    train, test = (labels["at"] < CUT).to_numpy(), (labels["at"] >= CUT).to_numpy()
    happened, true = labels.happened.to_numpy(dtype=float), labels.chance.to_numpy()
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=12, min_samples_leaf=40, l2_regularization=5.0, random_state=0
    )
    features = features.loc[:, (features[train].min() < features[train].max())]
    # a second thread mostly spins while others use the machine
    with threadpool_limits(1):
        model.fit(features[train], happened[train])
    own = model.predict_proba(features[test])[:, 1]
    reached, best = average_precision(own, happened[test]), average_precision(true[test], happened[test])
    margin = margin_of(own, true[test], happened[test], labels.entity_id[test].to_numpy())
    base = happened[test].mean()
    print(f"{task}: rows {test.sum()}, base {base:.4f}, adversary {reached:.4f}, true chance {best:.4f} ± {margin:.4f}")
    assert reached <= best + margin
    assert reached > GAIN[task] * base
