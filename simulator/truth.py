"""What only a simulator knows: hidden traits, the true chance of escalating, and the best possible score."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator import causes, hazard, rows
from simulator.aftermath import Moment
from simulator.draws import stream
from simulator.dynamics import DRAWS, STEP_HOURS, live_step
from simulator.engine import Engine
from simulator.reference import CLOSED, OPEN, SOLVED
from simulator.scale import Scale
from simulator.tickets import Tickets
from simulator.watch import Shares

HORIZON_HOURS = 7 * 24
MORNINGS = 2500  # sampled ticket-mornings
STEPS = 120_000  # sampled ticket-steps
MOMENTS = 120_000  # sampled contacts, for what follows from them
REPLICATES = 16
CUSTOMER_WEEKS = 250_000  # sampled Mondays of customers
# ticket-mornings open per contact, measured on the demo
OPEN_PER_CONTACT = 0.73
# the tasks besides escalation: how their entity is written, and the written-down cause
CAUSES: dict[str, tuple[Callable[[np.ndarray], pa.Array], float, dict[str, float]]] = {
    "repeat_contact": (rows.contact_id, causes.REPEAT.intercept, causes.REPEAT.coefficients),
    "complaint": (rows.contact_id, causes.COMPLAINT.intercept, causes.COMPLAINT.coefficients),
    "churn": (rows.customer_id, causes.CHURN.intercept, causes.CHURN.coefficients),
    "low_csat": (lambda number: rows.label("S", number, 8), 0.0, {}),
}


def shares(scale: Scale, from_day: int, to_day: int) -> Shares:
    """What to sample over a window, for about MORNINGS, STEPS and MOMENTS rows."""
    contacts = scale.contacts_per_day * (to_day - from_day)
    mornings = contacts * OPEN_PER_CONTACT
    weeks = scale.customers * max((to_day - from_day) / 7, 1)
    return Shares(
        min(1.0, MORNINGS / mornings), min(1.0, STEPS / (24 // STEP_HOURS * mornings)), min(1.0, MOMENTS / contacts),
        min(1.0, CUSTOMER_WEEKS / weeks),
    )  # fmt: skip


def write(truth: Path, engine: Engine, from_day: int, best_score: bool) -> dict[str, Any] | None:
    """Write the window's truth; returns the best possible scores by task where they were asked for and can be known."""
    to_day = engine.state.day
    happened = np.concatenate(engine.observed.escalations)
    pq.write_table(
        pa.table({"ticket_id": rows.ticket_id(happened[:, 0]), "escalated_at": engine.clock.times(happened[:, 1])}),
        truth / f"escalations_{from_day}_{to_day}.parquet",
    )
    if engine.told.effects:
        pq.write_table(pa.concat_tables(engine.told.effects), truth / f"interventions_{from_day}_{to_day}.parquet")
    if not best_score:
        return None
    best: dict[str, Any] = {}
    for name in CAUSES:
        found = [moment for moment in engine.observed.moments if moment.name == name]
        if sum(len(moment.entity) for moment in found):
            best[name] = _write_cause(truth, engine, name, found)
    if engine.observed.hours:
        hours = engine.observed.hours
        kept = {key: np.concatenate([h[key] for h in hours]) for key in hours[0]}
        pq.write_table(pa.table(kept), truth / "hazard_hours.parquet")
    escalation = _escalation(truth, engine, happened, to_day)
    if escalation is not None:
        best["escalation"] = escalation
    (truth / "best_possible.json").write_text(json.dumps(best, indent=1) + "\n")
    return best


def _write_cause(truth: Path, engine: Engine, name: str, found: list[Moment]) -> dict[str, Any]:
    """The sampled rows of a cause with their terms, and the PR-AUC of the true chance on them."""
    entity = np.concatenate([moment.entity for moment in found])
    chance = np.concatenate([moment.chance for moment in found])
    outcome = np.concatenate([moment.happened for moment in found]).astype(float)
    escalated = np.concatenate([moment.terms.get("escalated", np.zeros(len(moment.at))) for moment in found])
    label, intercept, coefficients = CAUSES[name]
    ids = label(entity)
    if name == "complaint":
        # after a contact, or at the escalation of a ticket
        ids = pc.if_else(pa.array(escalated > 0), rows.ticket_id(entity), ids)
    columns = {
        "entity_id": ids,
        "at": engine.clock.times(np.concatenate([moment.at for moment in found])),
        "chance": pa.array(chance),
        "happened": pa.array(outcome),
    }
    columns |= {term: pa.array(np.concatenate([m.terms[term] for m in found])) for term in found[0].terms}
    pq.write_table(pa.table(columns), truth / f"cause_{name}.parquet")
    low, high = _interval(np.arange(len(entity)), chance, outcome)
    return {
        "rows": len(entity),
        "positives": int(outcome.sum()),
        "mean_chance": round(float(chance.mean()), 4),
        "best_pr_auc": round(average_precision(chance, outcome), 4),
        "best_pr_auc_interval": [low, high],
        "expected_best_pr_auc": round(average_precision(chance, chance), 4),
        "coefficients": {"intercept": intercept} | coefficients,
    }


def _escalation(truth: Path, engine: Engine, happened: np.ndarray, to_day: int) -> dict[str, Any] | None:
    observed = engine.observed
    hours = np.concatenate(observed.morning_hours) if observed.morning_hours else np.zeros(0, dtype=np.int64)
    known = hours + HORIZON_HOURS <= to_day * 24
    if not known.any():
        return None
    mornings, hours = Tickets.join(observed.mornings).take(known), hours[known]
    chance = chance_within(engine, mornings, hours)
    first = dict(happened.tolist())
    moment = np.array([first.get(number, -1) for number in mornings.number])
    escalated = (moment >= hours * 3600) & (moment < (hours + HORIZON_HOURS) * 3600)
    _write_mornings(truth, engine, mornings, hours, chance, escalated)
    return best_possible(engine, mornings, hours, chance, escalated)


def chance_within(engine: Engine, mornings: Tickets, hours: np.ndarray) -> np.ndarray:
    """The chance that each ticket escalates within the horizon, from its whole state at that hour.

    Each is carried on REPLICATES times along paths without escalation; one minus the product of (1 - hourly
    chance) is the chance along a path, and the mean over paths is the answer. Other tickets enter by the
    backlog as it came to be.
    """
    copies = np.repeat(np.arange(len(mornings)), REPLICATES)
    tickets, start = mornings.take(copies), hours[copies]
    survived = np.zeros(len(copies))
    slot = np.arange(len(copies))
    for step in range(0, HORIZON_HOURS, STEP_HOURS):
        uniform = stream(engine.seed, "nested", step).random((DRAWS, len(tickets)))
        chance, _, _ = live_step(tickets, engine.world, start + step, uniform, escalating=False)
        survived[slot] += np.log1p(-chance)
        if step % 12 == 10:
            alive = tickets.status != CLOSED
            tickets, start, slot = tickets.take(alive), start[alive], slot[alive]
    return 1 - np.exp(survived).reshape(len(mornings), REPLICATES).mean(axis=1)


def average_precision(score: np.ndarray, outcome: np.ndarray) -> float:
    """PR-AUC as average precision; `outcome` is 0 or 1, or its chance."""
    order = np.argsort(-score, kind="stable")
    return _precision(outcome[order], np.ones(len(order)))


def _precision(outcome: np.ndarray, weight: np.ndarray) -> float:
    """Average precision of rows in descending order of score. weight: how often each row counts."""
    won = weight * outcome
    precision = won.cumsum() / np.maximum(weight.cumsum(), 1e-12)
    return float((precision * won).sum() / max(won.sum(), 1e-12))


def best_possible(
    engine: Engine, mornings: Tickets, hours: np.ndarray, chance: np.ndarray, escalated: np.ndarray
) -> dict[str, Any]:
    """PR-AUC of the true chance on the sampled mornings, beside simple rules on the same rows."""
    ours = mornings.status <= OPEN
    rules = {
        "longest_waiting": np.where(ours, hours - mornings.wait_hour, -1.0),
        "oldest": (hours - mornings.opened_hour).astype(float),
        "most_handoffs": mornings.handoffs + 1e-6 * (hours - mornings.opened_hour),
        "most_unanswered": mornings.unanswered * ours + 1e-6 * (hours - mornings.wait_hour),
        "priority": mornings.priority + 1e-6 * (hours - mornings.opened_hour),
        "hourly_hazard": hazard.chance(
            mornings, hours, engine.world.backlog_of(mornings.queue, hours), np.ones(len(hours))
        ),
    }
    low, high = _interval(mornings.number, chance, escalated.astype(float))
    return {
        "task": "escalation within 7 days, open tickets at 08:00 UTC",
        "mornings": len(hours),
        "positives": int(escalated.sum()),
        "mean_chance": round(float(chance.mean()), 4),
        "best_pr_auc": round(average_precision(chance, escalated.astype(float)), 4),
        "best_pr_auc_interval": [low, high],
        "expected_best_pr_auc": round(average_precision(chance, chance), 4),
        "rules_pr_auc": {
            name: round(average_precision(score, escalated.astype(float)), 4) for name, score in rules.items()
        },
        "coefficients": {"intercept": hazard.INTERCEPT} | hazard.COEFFICIENTS,
    }


def _interval(entity: np.ndarray, chance: np.ndarray, outcome: np.ndarray, draws: int = 200) -> tuple[float, float]:
    """A 95 % interval of the PR-AUC, resampled by entity."""
    rng = stream(0, "bootstrap")
    names, position = np.unique(entity, return_inverse=True)
    order = np.argsort(-chance, kind="stable")
    position, outcome = position[order], outcome[order]
    found = []
    for _ in range(draws):
        taken = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        found.append(_precision(outcome, taken[position].astype(float)))
    low, high = np.quantile(found, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


def _write_mornings(
    truth: Path, engine: Engine, mornings: Tickets, hours: np.ndarray, chance: np.ndarray, escalated: np.ndarray
) -> None:
    table = {
        "ticket_id": rows.ticket_id(mornings.number),
        "as_of": engine.clock.times(hours * 3600),
        "chance": pa.array(chance),
        "escalated": pa.array(escalated),
        "anger": pa.array(mornings.anger),
        "difficulty": pa.array(mornings.difficulty),
        "temper": pa.array(mornings.temper),
        "is_open": pa.array(mornings.status < SOLVED),
    }
    pq.write_table(pa.table(table), truth / "escalation_mornings.parquet")
