"""What only a simulator knows: hidden traits, the true chance of escalating, and the best possible score."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator import hazard, rows
from simulator.draws import stream
from simulator.dynamics import DRAWS, STEP_HOURS, live_step
from simulator.engine import Engine
from simulator.reference import CLOSED, OPEN, SOLVED
from simulator.scale import Scale
from simulator.tickets import Tickets

HORIZON_HOURS = 7 * 24
MORNINGS = 2500  # sampled ticket-mornings
STEPS = 120_000  # sampled ticket-steps
REPLICATES = 16
# ticket-mornings open per contact, measured on the demo
OPEN_PER_CONTACT = 0.45


def shares(scale: Scale, from_day: int, to_day: int) -> tuple[float, float]:
    """The shares of mornings and of steps to sample over a window, for about MORNINGS and STEPS rows."""
    mornings = scale.contacts_per_day * OPEN_PER_CONTACT * (to_day - from_day)
    return min(1.0, MORNINGS / mornings), min(1.0, STEPS / (24 // STEP_HOURS * mornings))


def write(truth: Path, engine: Engine, from_day: int, best_score: bool) -> dict[str, object] | None:
    """Write the window's truth; returns the best possible score where it was asked for and can be known."""
    to_day = engine.state.day
    happened = np.concatenate(engine.observed.escalations)
    pq.write_table(
        pa.table({"ticket_id": rows.ticket_id(happened[:, 0]), "escalated_at": engine.clock.times(happened[:, 1])}),
        truth / f"escalations_{from_day}_{to_day}.parquet",
    )
    if not best_score:
        return None
    if engine.observed.hours:
        found = engine.observed.hours
        pq.write_table(
            pa.table({key: np.concatenate([h[key] for h in found]) for key in found[0]}), truth / "hazard_hours.parquet"
        )
    hours = (
        np.concatenate(engine.observed.morning_hours) if engine.observed.morning_hours else np.zeros(0, dtype=np.int64)
    )
    known = hours + HORIZON_HOURS <= to_day * 24
    if not known.any():
        return None
    mornings = Tickets.join(engine.observed.mornings).take(known)
    hours = hours[known]
    chance = chance_within(engine, mornings, hours)
    first = dict(happened.tolist())
    moment = np.array([first.get(number, -1) for number in mornings.number])
    escalated = (moment >= hours * 3600) & (moment < (hours + HORIZON_HOURS) * 3600)
    best = best_possible(engine, mornings, hours, chance, escalated)
    _write_mornings(truth, engine, mornings, hours, chance, escalated)
    (truth / "escalation_best.json").write_text(json.dumps(best, indent=1) + "\n")
    return best


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


def average_precision(score: np.ndarray, outcome: np.ndarray, weight: np.ndarray | None = None) -> float:
    """PR-AUC as average precision; `outcome` is 0 or 1, or its chance; `weight`: how often each row counts."""
    order = np.argsort(-score, kind="stable")
    counts = np.ones(len(order)) if weight is None else weight[order]
    won = counts * outcome[order]
    precision = won.cumsum() / np.maximum(counts.cumsum(), 1e-12)
    return float((precision * won).sum() / max(won.sum(), 1e-12))


def best_possible(
    engine: Engine, mornings: Tickets, hours: np.ndarray, chance: np.ndarray, escalated: np.ndarray
) -> dict[str, object]:
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


def _interval(ticket: np.ndarray, chance: np.ndarray, escalated: np.ndarray, draws: int = 200) -> tuple[float, float]:
    """A 95 % interval of the PR-AUC, resampled by ticket."""
    rng = stream(0, "bootstrap")
    names, position = np.unique(ticket, return_inverse=True)
    found = []
    for _ in range(draws):
        taken = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        found.append(average_precision(chance, escalated, taken[position]))
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
