"""Contract rows of `contacts`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator import rows
from simulator.clock import Clock
from simulator.contacts import ANSWERED, INBOUND, OUTCOMES, TRANSFERRED, Contacts
from simulator.customers import Customers
from simulator.reference import CATEGORY_NAMES, CHANNELS, CHAT, PRODUCTS, QUEUES, VOICE
from simulator.texts.grammar import texts
from simulator.texts.voices import SLIPS, manners, spare


def contact_table(rng: np.random.Generator, clock: Clock, contacts: Contacts, customers: Customers) -> pa.Table:
    """Contract rows of `contacts`, one per contact."""
    written, language = contacts.channel > CHAT, customers.language[contacts.customer]
    count = len(contacts)
    wording = texts()
    uniform, topic = rng.random(count), contacts.category * len(PRODUCTS) + contacts.product
    slipped = spare(uniform) < SLIPS[manners(contacts.customer)]
    subject = wording.join(np.where(written, wording.pick("subject", language, uniform, topic, slipped), 0))
    handled = np.isin(contacts.outcome, (ANSWERED, TRANSFERRED))
    keys = pc.binary_join_element_wise(
        rows.whole(1 + contacts.queue // 3), rows.whole(1 + contacts.category % 3), ">"
    )  # fmt: skip
    by_menu = (contacts.channel == VOICE) & (contacts.parent < 0) & (contacts.direction == INBOUND)
    return pa.table({
        "contact_id": rows.contact_id(contacts.number),
        "parent_contact_id": rows.contact_id(contacts.parent),
        "channel": rows.word(CHANNELS, contacts.channel),
        "direction": rows.word(("inbound", "outbound"), contacts.direction),
        "queue": rows.word(QUEUES, contacts.queue),
        "customer_id": rows.customer_id(customers.exported(contacts.customer, contacts.channel)),
        "ticket_id": rows.ticket_id(contacts.ticket),
        "offered_at": clock.times(contacts.offered),
        "ivr_path": rows.blank(keys, ~by_menu),
        "rings": rows.whole(contacts.rings),
        "answered_at": clock.times(contacts.answered),
        "ended_at": clock.times(contacts.ended),
        "agent_id": rows.agent_id(contacts.agent),
        "talk_seconds": rows.whole(contacts.talk),
        "hold_seconds": rows.whole(contacts.hold),
        "wrap_seconds": rows.whole(contacts.wrap),
        "outcome": rows.word(OUTCOMES, contacts.outcome),
        "transferred_to": rows.word(QUEUES, contacts.transferred_to),
        "reason_code": rows.word(CATEGORY_NAMES, np.where(handled, contacts.category, -1)),
        "resolved": rows.word(("false", "true"), contacts.resolved),
        "product": rows.word(PRODUCTS, np.where(handled, contacts.product, -1)),
        "subject": subject,
    })  # fmt: skip
