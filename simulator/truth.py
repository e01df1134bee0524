"""What only a simulator knows: hidden traits, the true chance of escalating, and the best possible score."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator import causes, hazard, rows
from simulator.draws import stream
from simulator.dynamics import DRAWS, STEP_HOURS, live_step
from simulator.engine import Engine
from simulator.reference import CLOSED, DAY, OPEN, SOLVED
from simulator.scale import Scale
from simulator.tickets import Tickets
from simulator.watch import RIPENING, Shares, Unripe

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


def write(
    truth: Path, engine: Engine, from_day: int, best_score: bool, going_on: bool = False
) -> dict[str, Any] | None:  # fmt: skip
    """Write the window's truth; returns the best possible scores by task where they were asked for and can be known.

    best_score: whether anything was sampled. going_on: the window goes on from a kept state: its samples get files of
    their own, named by its days, and the best scores stay those of the start.
    """
    to_day = engine.state.day
    window = f"_{from_day}_{to_day}"
    happened = np.concatenate(engine.observed.escalations)
    pq.write_table(
        pa.table({"ticket_id": rows.ticket_id(happened[:, 0]), "escalated_at": engine.clock.times(happened[:, 1])}),
        truth / f"escalations{window}.parquet",
    )
    if engine.told.effects:
        pq.write_table(pa.concat_tables(engine.told.effects), truth / f"interventions{window}.parquet")
    if not best_score:
        return None
    tables = {f"cause_{name}": table for name in CAUSES if (table := _cause(engine, name)) is not None}
    if engine.observed.hours:
        hours = engine.observed.hours
        tables["hazard_hours"] = pa.table({key: np.concatenate([h[key] for h in hours]) for key in hours[0]})
    ripe = _ripe(engine, happened, to_day)
    if ripe is not None:
        tables["escalation_mornings"] = _mornings(engine, ripe)
    for name, table in tables.items():
        if table.num_rows or not going_on:
            pq.write_table(table, truth / f"{name}{window if going_on else ''}.parquet")
    if going_on:
        return None
    best = {name: _best_of_cause(name, tables[f"cause_{name}"]) for name in CAUSES if f"cause_{name}" in tables}
    if ripe is not None:
        best["escalation"] = best_possible(engine, ripe)
    (truth / "best_possible.json").write_text(json.dumps(best, indent=1) + "\n")
    return best


def read(truth: Path, name: str) -> pa.Table:
    """All rows of a sampled table (`cause_churn`, `escalation_mornings`, …): those of the start, then of each advance.

    Raises FileNotFoundError where there are none.
    """
    windows = [
        (int(path.stem.split("_")[-2]), path)
        for path in truth.glob(f"{name}_*.parquet")
        if path.stem.removeprefix(f"{name}_").replace("_", "").isdigit()
    ]
    first = truth / f"{name}.parquet"
    paths = [first] * first.is_file() + [path for _, path in sorted(windows)]
    if not paths:
        raise FileNotFoundError(f"{truth}: no {name} was sampled here")
    return pa.concat_tables([pq.read_table(path) for path in paths])


def _cause(engine: Engine, name: str) -> pa.Table | None:
    """The sampled rows of a cause with their terms."""
    found = [moment for moment in engine.observed.moments if moment.name == name]
    if not sum(len(moment.entity) for moment in found):
        return None
    entity = np.concatenate([moment.entity for moment in found])
    escalated = np.concatenate([moment.terms.get("escalated", np.zeros(len(moment.at))) for moment in found])
    ids = CAUSES[name][0](entity)
    if name == "complaint":
        # after a contact, or at the escalation of a ticket
        ids = pc.if_else(pa.array(escalated > 0), rows.ticket_id(entity), ids)
    columns = {
        "entity_id": ids,
        "at": engine.clock.times(np.concatenate([moment.at for moment in found])),
        "chance": pa.array(np.concatenate([moment.chance for moment in found])),
        "happened": pa.array(np.concatenate([moment.happened for moment in found]).astype(float)),
    }
    columns |= {term: pa.array(np.concatenate([m.terms[term] for m in found])) for term in found[0].terms}
    return pa.table(columns)


def _best_of_cause(name: str, sampled: pa.Table) -> dict[str, Any]:
    """The PR-AUC of the true chance on the sampled rows."""
    _, intercept, coefficients = CAUSES[name]
    chance, outcome = sampled["chance"].to_numpy(), sampled["happened"].to_numpy()
    low, high = _interval(np.arange(len(chance)), chance, outcome)
    return {
        "rows": len(chance),
        "positives": int(outcome.sum()),
        "mean_chance": round(float(chance.mean()), 4),
        "best_pr_auc": round(average_precision(chance, outcome), 4),
        "best_pr_auc_interval": [low, high],
        "expected_best_pr_auc": round(average_precision(chance, chance), 4),
        "coefficients": {"intercept": intercept} | coefficients,
    }


@dataclass(frozen=True)
class Ripe:
    """Sampled mornings of open tickets whose week has passed: their hour, true chance, and what came."""

    mornings: Tickets
    hours: np.ndarray
    chance: np.ndarray
    escalated: np.ndarray


def _ripe(engine: Engine, happened: np.ndarray, to_day: int) -> Ripe | None:
    """Those that have become ripe by the end of the window; the others are left in the state."""
    before = engine.state.unripe
    mornings = Tickets.join([before.mornings, *engine.observed.mornings])
    hours = np.concatenate([before.hours, *engine.observed.morning_hours])
    happened = np.concatenate([before.escalations, happened])
    known = hours + HORIZON_HOURS <= to_day * 24
    since = max(to_day - RIPENING, 0)
    kept = (since * 24 - engine.world.first_hour, to_day * 24 - engine.world.first_hour)
    engine.state.unripe = Unripe(
        mornings.take(~known), hours[~known], happened[happened[:, 1] >= since * DAY],
        engine.world.backlog[:, kept[0] : kept[1]].copy(),
    )  # fmt: skip
    if not known.any():
        return None
    mornings, hours = mornings.take(known), hours[known]
    first = dict(happened.tolist())
    moment = np.array([first.get(number, -1) for number in mornings.number.tolist()])
    escalated = (moment >= hours * 3600) & (moment < (hours + HORIZON_HOURS) * 3600)
    return Ripe(mornings, hours, chance_within(engine, mornings, hours), escalated)


def chance_within(engine: Engine, mornings: Tickets, hours: np.ndarray) -> np.ndarray:
    """The chance that each ticket escalates within the horizon, from its whole state at that hour.

    Each is carried on REPLICATES times along paths without escalation; one minus the product of (1 - hourly
    chance) is the chance along a path, and the mean over paths is the answer. Other tickets enter by the
    backlog as it came to be.
    """
    order = np.argsort(hours, kind="stable")
    copies = np.repeat(order, REPLICATES)
    tickets, start, slot = mornings.take(copies), hours[copies], copies
    survived = np.zeros((len(hours), REPLICATES))
    path = np.tile(np.arange(REPLICATES), len(hours))
    # a day's mornings are drawn for by themselves, so that they come out the same in whatever window
    days, of_day = np.unique(start // 24, return_inverse=True)
    draws = [stream(engine.seed, "nested", int(day)) for day in days]
    for step in range(0, HORIZON_HOURS, STEP_HOURS):
        counts = np.bincount(of_day, minlength=len(days)).tolist()
        uniform = np.concatenate([rng.random((DRAWS, n)) for rng, n in zip(draws, counts, strict=True)], axis=1)
        chance, _, _ = live_step(tickets, engine.world, start + step, uniform, escalating=False)
        survived[slot, path] += np.log1p(-chance)
        if step % 12 == 10:
            alive = tickets.status != CLOSED
            tickets, start, slot, path, of_day = (
                tickets.take(alive), start[alive], slot[alive], path[alive], of_day[alive],
            )  # fmt: skip
    return np.asarray(1 - np.exp(survived).mean(axis=1))


def average_precision(score: np.ndarray, outcome: np.ndarray) -> float:
    """PR-AUC as average precision; `outcome` is 0 or 1, or its chance."""
    order = np.argsort(-score, kind="stable")
    return _precision(outcome[order], np.ones(len(order)))


def _precision(outcome: np.ndarray, weight: np.ndarray) -> float:
    """Average precision of rows in descending order of score. weight: how often each row counts."""
    won = weight * outcome
    precision = won.cumsum() / np.maximum(weight.cumsum(), 1e-12)
    return float((precision * won).sum() / max(won.sum(), 1e-12))


def best_possible(engine: Engine, ripe: Ripe) -> dict[str, Any]:
    """PR-AUC of the true chance on the sampled mornings, beside simple rules on the same rows."""
    mornings, hours, chance, escalated = ripe.mornings, ripe.hours, ripe.chance, ripe.escalated
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


def _mornings(engine: Engine, ripe: Ripe) -> pa.Table:
    return pa.table({
        "ticket_id": rows.ticket_id(ripe.mornings.number),
        "as_of": engine.clock.times(ripe.hours * 3600),
        "chance": pa.array(ripe.chance),
        "escalated": pa.array(ripe.escalated),
        "anger": pa.array(ripe.mornings.anger),
        "difficulty": pa.array(ripe.mornings.difficulty),
        "temper": pa.array(ripe.mornings.temper),
        "is_open": pa.array(ripe.mornings.status < SOLVED),
    })  # fmt: skip
