"""The customers: who they are, how they change over time, and their rows for the warehouse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator import rows
from simulator.clock import HORIZON_DAYS, MISSING, Clock, day_of
from simulator.draws import stream
from simulator.reference import CHAT, DAY, HOUR, LANGUAGES, LAUNCHED_PRODUCTS, PLANS, REGION_SHARE, REGIONS, SEGMENTS
from simulator.scale import Scale
from simulator.scenarios import Levers

SIGN_UPS_A_YEAR = 0.15
CHANGES_A_DAY = 0.0009
BACK_DATED_SHARE = 0.06
CONTRACT_DAYS = 365
CHEAPEST_PLAN = 0
MIGRATED_HOUR = 3
TWINS = 0.02
# the other number of a customer who is held twice
TWIN_NUMBER = 5_000_000
FIRST_NAMES = (
    ("Anna", "James", "Olivia", "Peter", "Grace", "Liam", "Ruth", "Omar", "Zoe", "Noah"),
    ("Lucía", "Mateo", "Carmen", "Diego", "Elena", "Javier", "Sofía", "Andrés", "Marta", "Pablo"),
    ("伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "杰"),
)
LAST_NAMES = (
    ("Smith", "Taylor", "Brown", "Evans", "Khan", "Walker", "Hughes", "Reed", "Lopez", "Young"),
    ("García", "Martínez", "López", "Sánchez", "Pérez", "Gómez", "Ruiz", "Díaz", "Moreno", "Álvarez"),
    ("王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"),
)


@dataclass
class Customers:
    """One entry per customer ever, ordered by region and then by sign-up.

    Attributes of the first version; `changes` hold the later ones. Seconds are since the first day.
    """

    region: np.ndarray
    language: np.ndarray
    signed_up: np.ndarray
    segment: np.ndarray
    plan: np.ndarray
    value: np.ndarray
    contract_end: np.ndarray
    products: np.ndarray
    name: np.ndarray
    twin: np.ndarray  # held twice in the CRM: what they write comes under the other number
    contactable: np.ndarray
    activity: np.ndarray  # cumulative weight of contacting us, across all customers
    temper: np.ndarray  # hidden: how quickly patience runs out, mean about 1
    payer: np.ndarray  # hidden: chance of a failed payment in a month
    bias: np.ndarray  # hidden: how a customer answers surveys
    receptive: np.ndarray  # hidden: what attention is worth to them, mean 1; below 0 it does harm
    region_start: np.ndarray
    changes: pa.Table  # customer, at, recorded, segment, plan, value

    def __len__(self) -> int:
        return len(self.region)

    def active_end(self, day: int) -> np.ndarray:
        """For each region, the position after its last customer who had signed up before the day."""
        bounds = np.append(self.region_start, len(self))
        return np.array([
            bounds[r] + np.searchsorted(self.signed_up[bounds[r] : bounds[r + 1]], day * DAY)
            for r in range(len(REGIONS))
        ])  # fmt: skip

    def exported(self, customer: np.ndarray, channel: np.ndarray) -> np.ndarray:
        """The customer's number as the source knows it: twins write under their other one."""
        return customer + TWIN_NUMBER * (self.twin[customer] & (channel > CHAT))

    def draw(self, region: np.ndarray, day: int, uniform: np.ndarray) -> np.ndarray:
        """Customers of these regions who had signed up before the day, by their activity."""
        total = np.append(0.0, self.activity)
        low = total[self.region_start][region]
        high = total[self.active_end(day)][region]
        return np.searchsorted(self.activity, low + uniform * (high - low), side="right")


def _monthly_value(segment: np.ndarray, plan: np.ndarray, noise: np.ndarray) -> np.ndarray:
    base = np.array([18.0, 35.0, 90.0, 420.0])[segment] * np.array([0.7, 1.0, 1.35, 1.9])[plan]
    return np.round(base * np.exp(0.35 * noise), 2)


def create_customers(seed: int, scale: Scale, levers: Levers) -> Customers:
    """Everyone who is a customer on the first day, and all who will sign up within the horizon."""
    rng = stream(seed, "customers")
    coming = round(scale.customers * SIGN_UPS_A_YEAR * HORIZON_DAYS / 365)
    count = scale.customers + coming
    region = rng.choice(len(REGIONS), size=count, p=REGION_SHARE)
    signed_up = np.where(
        np.arange(count) < scale.customers,
        -rng.gamma(1.4, 500 * DAY, count) - DAY,
        rng.random(count) * HORIZON_DAYS * DAY,
    ).astype(np.int64)
    order = np.lexsort((signed_up, region))
    region, signed_up = region[order], signed_up[order]
    shares = np.cumsum(np.array([r[4] for r in REGIONS]), axis=1)
    segment = rng.choice(4, size=count, p=[0.6, 0.24, 0.12, 0.04])
    plan = rng.choice(4, size=count, p=[0.3, 0.38, 0.22, 0.1])
    activity = rng.gamma(0.9, 1.0, count) * np.array([1.0, 1.1, 1.6, 3.0])[segment]
    products = rng.integers(0, LAUNCHED_PRODUCTS, (count, 2))
    products[:, 0] = np.where((segment >= 2) & (rng.random(count) < 0.5), 5, products[:, 0])
    customers = Customers(
        region=region,
        language=(shares[region] < rng.random(count)[:, None]).sum(axis=1),
        signed_up=signed_up,
        segment=segment,
        plan=plan,
        value=_monthly_value(segment, plan, rng.standard_normal(count)),
        contract_end=(rng.random(count) * CONTRACT_DAYS).astype(np.int64),
        products=products,
        name=rng.integers(0, 10, (count, 2)),
        twin=rng.random(count) < TWINS,
        contactable=rng.random(count) < 0.86,
        activity=np.cumsum(activity),
        temper=np.exp(0.55 * rng.standard_normal(count)),
        payer=rng.beta(0.5, 16, count),
        bias=rng.standard_normal(count),
        receptive=1 + 0.8 * rng.standard_normal(count),
        region_start=np.searchsorted(region, np.arange(len(REGIONS))),
        changes=pa.table({}),
    )
    customers.changes = _changes(seed, customers, scale)
    for starts, size in levers.starts("price"):
        _raise_price(customers, max(starts, 0), size)
    return customers


def _raise_price(customers: Customers, starts: int, size: float) -> None:
    """Make the cheapest plan dearer from a day on, in place.

    Who has it gets a new version; who takes it later does so at the new price.
    """
    profile, begins = Profile.of(customers, starts), starts * DAY
    newcomers = (customers.plan == CHEAPEST_PLAN) & (customers.signed_up >= begins)
    customers.value[newcomers] = np.round(customers.value[newcomers] * (1 + size), 2)
    changes = customers.changes
    value, taken = changes["value"].to_numpy(), changes["plan"].to_numpy() == CHEAPEST_PLAN
    later = np.round(np.where(taken & (changes["at"].to_numpy() >= begins), value * (1 + size), value), 2)
    changes = changes.set_column(changes.column_names.index("value"), "value", pa.array(later))
    who = np.flatnonzero((profile.plan == CHEAPEST_PLAN) & (customers.signed_up < begins))
    at = np.full(len(who), begins + 2 * HOUR)
    more = pa.table({
        "customer": who, "at": at, "recorded": at + HOUR, "segment": profile.segment[who], "plan": profile.plan[who],
        "value": np.round(profile.value[who] * (1 + size), 2),
    })  # fmt: skip
    joined = pa.concat_tables([changes, more])
    customers.changes = joined.sort_by([("recorded", "ascending"), ("customer", "ascending")])


def _changes(seed: int, customers: Customers, scale: Scale) -> pa.Table:
    """Later versions, in the order in which the CRM recorded them; a few recorded long after they took effect."""
    rng = stream(seed, "customer changes")
    count = round(scale.customers * CHANGES_A_DAY * HORIZON_DAYS)
    at = np.sort((rng.random(count) * HORIZON_DAYS * DAY).astype(np.int64))
    customer = rng.integers(0, len(customers), count)
    segment = np.where(rng.random(count) < 0.35, rng.integers(0, 4, count), customers.segment[customer])
    plan = rng.integers(0, 4, count)
    late = rng.random(count) < BACK_DATED_SHARE
    lag = np.where(late, rng.uniform(2, 25, count) * DAY, rng.uniform(30, HOUR, count)).astype(np.int64)
    value = _monthly_value(segment, plan, rng.standard_normal(count))
    keep = (customers.signed_up[customer] < at - DAY) & (at > 0)
    table = pa.table({
        "customer": customer, "at": at, "recorded": at + lag, "segment": segment, "plan": plan, "value": value,
    })  # fmt: skip
    return table.filter(pa.array(keep)).sort_by([("recorded", "ascending"), ("customer", "ascending")])


@dataclass
class Profile:
    """What is true of every customer on one day: the version in force."""

    segment: np.ndarray
    plan: np.ndarray
    value: np.ndarray

    @classmethod
    def of(cls, customers: Customers, day: int) -> Profile:
        profile = cls(customers.segment.copy(), customers.plan.copy(), customers.value.copy())
        profile.advance(customers, 0, day)
        return profile

    def advance(self, customers: Customers, from_day: int, to_day: int) -> None:
        """Apply the changes that took effect on days [from_day, to_day)."""
        at = customers.changes["at"].to_numpy()
        chosen = customers.changes.filter(pa.array((at >= from_day * DAY) & (at < to_day * DAY))).sort_by("at")
        who = chosen["customer"].to_numpy()
        self.segment[who] = chosen["segment"].to_numpy()
        self.plan[who] = chosen["plan"].to_numpy()
        self.value[who] = chosen["value"].to_numpy()


def _table(
    customers: Customers, clock: Clock, who: np.ndarray, at: np.ndarray, version: dict[str, np.ndarray], other: int = 0
) -> pa.Table:
    """Contract rows of `customers`; other: added to the numbers."""
    if not len(who):
        return pa.table({})
    language = customers.language[who]
    first = np.array(FIRST_NAMES)[language, customers.name[who, 0]]
    last = np.array(LAST_NAMES)[language, customers.name[who, 1]]
    chinese = language == 2
    full = np.where(chinese, np.char.add(last, first), np.char.add(np.char.add(first, " "), last))
    # contracts run for a year and are renewed: the end after this version's start
    since = day_of(at)
    end = (
        customers.contract_end[who]
        + np.ceil((since - customers.contract_end[who] + 1) / CONTRACT_DAYS).astype(int) * CONTRACT_DAYS
    )
    return pa.table({
        "customer_id": rows.customer_id(who + other),
        "valid_from": clock.times(at),
        "segment": rows.word(SEGMENTS, version["segment"]),
        "plan": rows.word(PLANS, version["plan"]),
        "region": rows.word([region[0] for region in REGIONS], customers.region[who]),
        "language": rows.word(LANGUAGES, language),
        "signed_up_at": clock.times(customers.signed_up[who]),
        "contract_ends_at": clock.times(end * DAY),
        "monthly_value": rows.decimal(version["value"]),
        "is_contactable": rows.flag(customers.contactable[who]),
        "email": _email(who + other),
        "phone": _phone(who),
        "name": pa.array(full.tolist(), pa.string()),
        "recorded_at": clock.times(version["recorded"]),
    })  # fmt: skip


def customer_rows(customers: Customers, clock: Clock, day: int) -> pa.Table:
    """The rows that the CRM exports on a day: new customers (on the first day all), then changed ones.

    Twins have a second row from the same day on.
    """
    joined, recorded = day_of(customers.signed_up), day_of(customers.changes["recorded"].to_numpy())
    return _versions(customers, clock, joined <= 0 if day == 0 else joined == day, recorded == day)


def all_customer_rows(customers: Customers, clock: Clock, day: int) -> pa.Table:
    """Everything that the CRM exported before a day, sent again as of that day's early morning."""
    joined, recorded = day_of(customers.signed_up), day_of(customers.changes["recorded"].to_numpy())
    return _versions(customers, clock, joined < day, recorded < day, day * DAY + MIGRATED_HOUR * HOUR)


def _versions(
    customers: Customers, clock: Clock, joined: np.ndarray, changed: np.ndarray, recorded: int = MISSING
) -> pa.Table:
    """First versions of the customers who joined, then later versions. recorded: when, where it was all at once."""
    who = np.nonzero(joined)[0]
    first = {
        "segment": customers.segment[who],
        "plan": customers.plan[who],
        "value": customers.value[who],
        "recorded": np.full(len(who), recorded),
    }
    tables = [_table(customers, clock, who, customers.signed_up[who], first)]
    twins = customers.twin[who]
    again = {name: values[twins] for name, values in first.items()}
    tables.append(_table(customers, clock, who[twins], customers.signed_up[who[twins]], again, TWIN_NUMBER))
    later = customers.changes.filter(pa.array(changed))
    version = {name: later[name].to_numpy() for name in ("segment", "plan", "value", "recorded")}
    if recorded != MISSING:
        version["recorded"] = np.full(later.num_rows, recorded)
    tables.append(_table(customers, clock, later["customer"].to_numpy(), later["at"].to_numpy(), version))
    some = [table for table in tables if table.num_rows]
    return pa.concat_tables(some) if some else tables[0]


def _email(number: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(pc.utf8_lower(rows.customer_id(number)), "example.com", "@")


def _phone(customer: np.ndarray) -> pa.Array:
    return rows.label("+000", customer * 7919 % 10**8, 8)


def identity_rows(customers: Customers, clock: Clock, day: int) -> pa.Table:
    """E-mail and telephone of each customer who joined, known since then.

    A twin's two numbers have an e-mail each, and share the telephone and the number in the CRM.
    """
    joined = day_of(customers.signed_up)
    who = np.nonzero(joined <= 0 if day == 0 else joined == day)[0]
    twins = who[customers.twin[who]]
    number = np.concatenate([who, who, twins, twins, twins])
    owner = rows.customer_id(np.concatenate([who, who, twins + TWIN_NUMBER, twins + TWIN_NUMBER, twins + TWIN_NUMBER]))
    value = pa.concat_arrays([
        _email(who), _phone(who), _email(twins + TWIN_NUMBER), _phone(twins), rows.customer_id(twins),
    ])  # fmt: skip
    counts = [len(who), len(who), len(twins), len(twins), len(twins)]
    kind = rows.word(("email", "phone", "crm"), np.repeat([0, 1, 0, 1, 2], counts))
    since = clock.times(customers.signed_up[number])
    return pa.table({"customer_id": owner, "kind": kind, "value": value, "valid_from": since})
