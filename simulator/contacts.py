"""A day's contacts: what each one's luck is, who takes it on the floor, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import causes
from simulator.clock import MISSING, Clock
from simulator.customers import Customers
from simulator.demand import Wishes
from simulator.draws import stream
from simulator.floor import maildesk, switchboard
from simulator.floor.shifts import Spans
from simulator.floor.switchboard import Calls, Switchboard
from simulator.frames import Columns
from simulator.learning import HANDLE_TIME, RESOLUTION
from simulator.reference import (
    CATEGORY_DEPARTMENT,
    CATEGORY_DIFFICULTY,
    CHAT,
    DAY,
    HOUR,
    LANGUAGES,
    QUEUES,
    SECOND_LINE,
    VOICE,
    queue_of,
)
from simulator.self_service import is_open
from simulator.workforce import Agents

TICKET_SHARE = np.array([0.13, 0.12, 0.53, 0.57, 0.57])  # of answered contacts, by channel, at mean difficulty
ANSWERED, ABANDONED, CALLBACK, TRANSFERRED = range(4)
OUTCOMES = ("answered", "abandoned", "callback", "transferred")
INBOUND, OUTBOUND = range(2)
TRANSFERS, TO_SECOND_LINE = 0.055, 0.3
WANTS_CALLBACK, PICKS_UP = 0.12, 0.8
# of those who hang up and come back, the share that dials again within two hours
REDIALS, LATEST_REDIAL = 0.65, 7200
# patience in seconds: some are in a hurry; the more a customer is worth, the longer they hold the line (by segment)
HURRIED_SHARE, HURRIED_MEAN, STEADY_MEAN = 0.127, 64.0, 501.0
PATIENCE_BY_SEGMENT = np.array([0.85, 1.0, 1.3, 1.7])
# talk: a few seconds in some cases, lognormal otherwise; by channel
TALK_LOG_MEAN, TALK_LOG_SPREAD = np.array([5.10, 5.85, 5.5, 5.4, 5.3]), np.array([0.92, 0.70, 0.70, 0.70, 0.70])
SHORT_SHARE, SHORT_LOG_MEAN, SHORT_LOG_SPREAD = 0.05, 1.53, 0.78
HOLD_SHARE, HOLD_MEAN, WRAP_MEAN = 0.22, 70.0, 45.0
UNANSWERED_DAYS = 7


@dataclass
class Contacts(Columns):
    """One entry per contact, in seconds since the first day; -1 or MISSING where there is none."""

    number: np.ndarray
    parent: np.ndarray
    channel: np.ndarray
    direction: np.ndarray
    queue: np.ndarray
    customer: np.ndarray
    ticket: np.ndarray
    offered: np.ndarray
    rings: np.ndarray
    answered: np.ndarray
    ended: np.ndarray
    agent: np.ndarray
    talk: np.ndarray
    hold: np.ndarray
    wrap: np.ndarray
    outcome: np.ndarray
    transferred_to: np.ndarray
    category: np.ndarray
    product: np.ndarray
    resolved: np.ndarray
    patience: np.ndarray  # hidden; seconds until they hang up
    comes_back: np.ndarray  # hidden: gets in touch again if they hang up
    dials_again: np.ndarray  # hidden: and does so on the same day


@dataclass(frozen=True)
class Staff:
    """The agents as they are on a day.

    stage: agents x categories; willing: per agent; free: when each is free again, in seconds.
    """

    agents: Agents
    stage: np.ndarray
    willing: np.ndarray
    free: np.ndarray

    @property
    def pace(self) -> np.ndarray:
        """agents x queues: the factor on the usual length of a contact."""
        departments = np.stack(
            [HANDLE_TIME[self.stage[:, d == CATEGORY_DEPARTMENT][:, :3]].mean(axis=1) for d in range(4)], axis=1
        )
        by_queue = np.repeat(departments, len(LANGUAGES), axis=1)
        lines = np.repeat(departments.mean(axis=1)[:, None], len(QUEUES) - by_queue.shape[1], axis=1)
        own = (1 - 0.06 * self.willing) / self.agents.speed
        return np.asarray(np.hstack([by_queue, lines]) * own[:, None])


def blank(customers: Customers, wishes: Wishes) -> Contacts:
    """Contacts as they are offered, not handled yet."""
    count = len(wishes)
    columns = {name: np.full(count, -1, dtype=np.int64) for name in Contacts.__dataclass_fields__}
    columns |= {"customer": wishes.customer, "category": wishes.category, "product": wishes.product}
    columns |= {"channel": wishes.channel, "offered": wishes.at, "direction": np.zeros(count, dtype=np.int64)}
    columns |= {"answered": np.full(count, MISSING), "ended": np.full(count, MISSING)}
    columns["queue"] = queue_of(wishes.category, customers.language[wishes.customer])
    return Contacts(**columns)


def _lengths(rng: np.random.Generator, contacts: Contacts) -> None:
    """Talk, hold and wrap as a usual agent would need them, in place."""
    count = len(contacts)
    middle = TALK_LOG_MEAN[contacts.channel] + 0.25 * CATEGORY_DIFFICULTY[contacts.category]
    usual = np.exp(middle + TALK_LOG_SPREAD[contacts.channel] * rng.standard_normal(count))
    short = (rng.random(count) < SHORT_SHARE) & (contacts.channel == VOICE)
    brief = np.exp(SHORT_LOG_MEAN + SHORT_LOG_SPREAD * rng.standard_normal(count))
    contacts.talk[:] = np.where(short, brief, usual).astype(np.int64) + 1
    held = (rng.random(count) < HOLD_SHARE) & (contacts.channel == VOICE)
    contacts.hold[:] = np.where(held, rng.exponential(HOLD_MEAN, count), 0)
    contacts.wrap[:] = rng.exponential(WRAP_MEAN, count).astype(np.int64) + 5


def patience(rng: np.random.Generator, segment: np.ndarray, temper: np.ndarray) -> np.ndarray:
    """Seconds until each hangs up; the short-tempered sooner."""
    count = len(segment)
    mean = np.where(rng.random(count) < HURRIED_SHARE, HURRIED_MEAN, STEADY_MEAN)
    mean = mean * PATIENCE_BY_SEGMENT[segment] / np.sqrt(temper)
    return np.asarray(rng.exponential(mean) + 1).astype(np.int64)


def answer_written(seed: int, day: int, contacts: Contacts, duty: Spans, staff: Staff) -> None:
    """Have the back desk answer e-mails and forms, in place."""
    rng = stream(seed, "written", day)
    _lengths(rng, contacts)
    work = ((contacts.talk + contacts.wrap) / staff.agents.speed.mean()).astype(np.int64)
    taken, agent = maildesk.answer(contacts.offered, contacts.queue, work, duty, staff.agents.skills, staff.free)
    reached = agent >= 0
    contacts.agent[:] = agent
    contacts.answered[:] = np.where(reached, taken, MISSING)
    contacts.ended[:] = np.where(reached, taken + contacts.talk, contacts.offered + UNANSWERED_DAYS * DAY)
    contacts.outcome[:] = np.where(reached, ANSWERED, ABANDONED)
    for column in (contacts.talk, contacts.hold, contacts.wrap):
        column[~reached] = -1
    _settle(rng, contacts, staff, duty)


def answer_spoken(
    seed: int, clock: Clock, day: int, contacts: Contacts, duty: Spans, staff: Staff, callers: Callers
) -> Contacts:
    """Play the day's calls and chats on the floor.

    contacts: in the order offered. Returns them with the legs after transfers, the calls of those who dial again
    and the calls back; `parent` of a leg is its first leg's position.
    """
    rng = stream(seed, "spoken", day)
    _lengths(rng, contacts)
    everyone, legs, again = _with_followers(rng, clock, contacts, callers)
    count, first = len(everyone), len(contacts)
    follows = np.arange(count) >= first
    leg, redial = np.full(count, -1), np.full(count, -1)
    leg[legs] = first + np.arange(len(legs))
    redial[again] = first + len(legs) + np.arange(len(again))
    work = everyone.talk + everyone.hold + everyone.wrap
    calls = Calls(
        offered=everyone.offered.copy(),
        queue=everyone.queue,
        chat=everyone.channel == CHAT,
        urgent=follows & (everyone.parent >= 0),
        patience=everyone.patience,
        work=work,
        leg=leg,
        redial=redial,
        redial_after=_redial_after(rng, count),
        follows=follows,
        wants_callback=(rng.random(count) < WANTS_CALLBACK) & (everyone.channel == VOICE) & ~follows,
        reachable=rng.random(count) < PICKS_UP,
    )
    found, outbound = Switchboard(calls, duty, staff.agents.skills, staff.pace, staff.free).run()
    np.maximum.at(staff.free, found.agent[found.agent >= 0], (found.answered + found.handled)[found.agent >= 0])
    np.maximum.at(staff.free, outbound.agent, outbound.dialled + outbound.handled)
    _enter(rng, everyone, found, work)
    back = _called_back(everyone, outbound)
    joined = Contacts.join([everyone, back])
    _settle(rng, joined, staff, duty)
    return joined.take(np.concatenate([found.fate >= 0, np.ones(len(back), dtype=bool)]))


@dataclass(frozen=True)
class Callers:
    """What decides how long customers hold the line, and whether they try again; one entry per customer."""

    segment: np.ndarray
    temper: np.ndarray
    discontent: np.ndarray


def _with_followers(
    rng: np.random.Generator, clock: Clock, contacts: Contacts, callers: Callers
) -> tuple[Contacts, np.ndarray, np.ndarray]:
    """The contacts, after them the legs that some are passed on to, and then the calls of those who may dial again.

    Also the positions of the contacts that have a leg, and of those that have a second call.
    """
    count = len(contacts)
    _prepare(rng, contacts, callers)
    legs_of = np.flatnonzero(rng.random(count) < TRANSFERS)
    legs = contacts.take(legs_of)
    _lengths(rng, legs)
    language = legs.queue % len(LANGUAGES)
    other = (legs.queue // len(LANGUAGES) + rng.integers(1, 4, len(legs))) % 4 * len(LANGUAGES) + language
    second = (rng.random(len(legs)) < TO_SECOND_LINE) & is_open(clock, np.full(len(legs), SECOND_LINE), legs.offered)
    legs.queue = np.where(second, SECOND_LINE, other)
    legs.parent[:] = legs_of
    _prepare(rng, legs, callers)
    contacts.transferred_to[legs_of] = legs.queue
    soon = is_open(clock, contacts.queue, contacts.offered + LATEST_REDIAL) & (rng.random(count) < REDIALS)
    again_of = np.flatnonzero((contacts.comes_back == 1) & soon & (contacts.ticket < 0))
    contacts.dials_again[again_of] = 1
    again = contacts.take(again_of)
    _lengths(rng, again)
    again.transferred_to[:] = -1
    _prepare(rng, again, callers)
    return Contacts.join([contacts, legs, again]), legs_of, again_of


def _prepare(rng: np.random.Generator, contacts: Contacts, callers: Callers) -> None:
    """How long each holds the line, and whether they come back if they hang up, in place."""
    who = contacts.customer
    contacts.patience[:] = patience(rng, callers.segment[who], callers.temper[who])
    contacts.comes_back[:] = rng.random(len(contacts)) < causes.REPEAT.chance(after_hanging_up(contacts, callers))
    contacts.dials_again[:] = 0


def after_hanging_up(contacts: Contacts, callers: Callers) -> dict[str, np.ndarray]:
    """The terms of coming back (causes.REPEAT) for those who hang up when their patience ends."""
    zeros = np.zeros(len(contacts))
    return {
        "gave_up": zeros + 1,
        "unresolved": zeros,
        "waited": np.log1p(contacts.patience / 60),
        "transferred": (contacts.parent >= 0) + zeros,
        "difficulty": CATEGORY_DIFFICULTY[contacts.category],
        "temper": np.log(callers.temper[contacts.customer]),
        "discontent": callers.discontent[contacts.customer],
    }


def _redial_after(rng: np.random.Generator, count: int) -> np.ndarray:
    """Seconds until somebody dials again: minutes mostly, an hour or so in the other cases."""
    mean = np.where(rng.random(count) < 0.55, 240.0, 2400.0)
    return np.minimum(rng.exponential(mean), LATEST_REDIAL).astype(np.int64) + 20


def _enter(rng: np.random.Generator, everyone: Contacts, found: switchboard.Outcomes, work: np.ndarray) -> None:
    """Write what became of the calls into the contacts, in place."""
    taken = found.fate == switchboard.TAKEN
    everyone.offered[:] = found.offered
    everyone.agent[:] = found.agent
    everyone.answered[:] = np.where(taken, found.answered, MISSING)
    ratio = np.where(taken, found.handled / np.maximum(work, 1), 0.0)
    for column in (everyone.talk, everyone.hold, everyone.wrap):
        column[:] = np.where(taken, np.floor(column * ratio), -1)
    everyone.ended[:] = np.where(taken, found.answered + everyone.talk + everyone.hold, found.ended)
    passed_on = taken & (everyone.transferred_to >= 0)
    everyone.transferred_to[~taken] = -1
    everyone.outcome[:] = np.select(
        [found.fate == switchboard.GAVE_UP, found.fate == switchboard.LEFT_NUMBER, passed_on],
        [ABANDONED, CALLBACK, TRANSFERRED], ANSWERED,
    )  # fmt: skip
    everyone.rings[:] = np.where(taken & (everyone.channel == VOICE), 1 + rng.poisson(0.6, len(everyone)), -1)


def _called_back(everyone: Contacts, outbound: switchboard.Outbound) -> Contacts:
    """The outbound contacts of those who had left a number; they name no parent, for they are no leg."""
    back = everyone.take(outbound.of)
    reached = outbound.reached == 1
    back.direction[:] = OUTBOUND
    back.offered[:] = outbound.dialled
    back.agent[:] = outbound.agent
    back.answered[:] = np.where(reached, outbound.dialled + switchboard.DIAL_SECONDS, MISSING)
    talk = np.maximum(outbound.handled - switchboard.DIAL_SECONDS, 1)
    back.talk[:] = np.where(reached, talk, -1)
    back.hold[:] = np.where(reached, 0, -1)
    back.wrap[:] = np.where(reached, 0, -1)
    back.ended[:] = outbound.dialled + np.where(reached, outbound.handled, switchboard.UNANSWERED_SECONDS)
    # whoever dialled has worked on it, picked up or not
    back.outcome[:] = np.where(reached, ANSWERED, ABANDONED)
    return back


def _duty_since(duty: Spans, agent: np.ndarray, at: np.ndarray) -> np.ndarray:
    """When the stretch of duty began in which an agent took a contact; the moment itself where nobody did."""
    if not len(duty):
        return at
    order = np.lexsort((duty.starts, duty.agent))
    key = duty.agent[order] * (10**11) + duty.starts[order]
    position = np.searchsorted(key, agent * (10**11) + np.maximum(at, 0), side="right") - 1
    return np.where(agent >= 0, duty.starts[order][np.maximum(position, 0)], at)


def _settle(rng: np.random.Generator, contacts: Contacts, staff: Staff, duty: Spans) -> None:
    """Whether each answered contact settled the matter, in place; passing on never does."""
    taken = (contacts.agent >= 0) & (contacts.answered != MISSING)
    since = _duty_since(duty, contacts.agent, contacts.answered)
    who = np.maximum(contacts.agent, 0)
    chance = causes.SOLUTION.chance({
        "difficulty": CATEGORY_DIFFICULTY[contacts.category],
        "ability": staff.agents.skill[who],
        "learned": RESOLUTION[staff.stage[who, contacts.category]],
        "willingness": staff.willing[who],
        "fatigue": np.clip((contacts.answered - since) / HOUR, 0, 9) * taken,
    })  # fmt: skip
    solved = (rng.random(len(contacts)) < chance) & (contacts.outcome != TRANSFERRED)
    contacts.resolved[:] = np.where(taken, solved, -1)


def opens_ticket(rng: np.random.Generator, contacts: Contacts) -> np.ndarray:
    """Which contacts become tickets (written ones even before anybody has looked at them)."""
    written = contacts.channel > CHAT
    reached = (contacts.outcome == ANSWERED) & (contacts.direction == INBOUND)
    share = TICKET_SHARE[contacts.channel] * np.exp(0.35 * CATEGORY_DIFFICULTY[contacts.category] - 0.08)
    return (written | reached) & (contacts.parent < 0) & (contacts.ticket < 0) & (rng.random(len(contacts)) < share)
