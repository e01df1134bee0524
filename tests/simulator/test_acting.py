"""What is decided outside acts on the simulated company: interventions on tickets and customers, and shifts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator import Scale, actions, advance, hazard, simulate
from simulator.actions import ACTIONS, DELIVERED, QUEUE_COLUMNS
from simulator.customers import create_customers
from simulator.engine import Engine
from simulator.memory import Memory
from simulator.reference import SOLVED
from simulator.scenarios import Levers
from simulator.simulate import SimulationReport
from simulator.tickets import NEVER, Tickets
from simulator.truth import HORIZON_HOURS, chance_within
from simulator.workforce import create_agents
from tests.simulator.conftest import START
from tests.simulator.test_files import contents
from warehouse.contracts import load_contracts

SEED, SMALL = 5, Scale(contacts_per_day=60, customers=2000, agents=56)
BEFORE = 8  # days simulated before anything is done
ACTS_FROM, ACTS_TO = "08:00", "10:00"


def queue_of(lines: list[dict[str, object]]) -> pa.Table:
    """An `intervention_queue` of these rows; what they don't say is as usual."""
    usual: dict[str, object] = {
        "task": "escalation", "customer_id": None, "action": "call_back", "arm": "treated",
        "due_at": "2025-07-09T18:00:00Z",
    }  # fmt: skip
    columns = {name: [line.get(name, usual.get(name)) for line in lines] for name in QUEUE_COLUMNS}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


@dataclass
class Acted:
    """A company that was given a queue for three days, and what it made of it."""

    queue: pd.DataFrame
    made: pd.DataFrame
    truth: pd.DataFrame
    landing: Path
    report: SimulationReport


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company before anything is done: `landing` and `truth`."""
    root = tmp_path_factory.mktemp("past")
    simulate(
        root / "landing", root / "truth", seed=SEED, start=START, days=BEFORE, scale=SMALL, split="day",
        best_score=False,
    )  # fmt: skip
    return root


@pytest.fixture(scope="module")
def queue(past: Path) -> pa.Table:
    """Tickets under way, half of them held out; and some rows that can't be carried out."""
    tickets = read(past / "landing", "tickets").drop_duplicates("ticket_id").set_index("ticket_id")
    events = read(past / "landing", "ticket_events")
    status = events[events.kind == "status"].groupby("ticket_id").value.last()
    under_way = tickets[~tickets.index.map(status).isin(["solved", "closed"])].index
    closed = status.index[status == "closed"]
    lines: list[dict[str, object]] = [
        {
            "intervention_id": f"escalation-{ticket}", "entity_id": ticket, "arm": ("treated", "holdout")[number % 2],
            "customer_id": tickets.customer_id[ticket], "action": list(ACTIONS)[number // 2 % len(ACTIONS)],
        }
        for number, ticket in enumerate(under_way)
    ]  # fmt: skip
    lines += [
        {"intervention_id": "odd", "entity_id": under_way[0], "action": "send_flowers"},
        {"intervention_id": "gone", "entity_id": closed[0], "customer_id": tickets.customer_id[closed[0]]},
        {"intervention_id": "nobody", "entity_id": "K9999999", "task": "churn"},
        {"intervention_id": "twice", "entity_id": "K0000012", "task": "churn", "action": "goodwill_credit"},
        {"intervention_id": "twice", "entity_id": "K0000012", "task": "churn", "action": "goodwill_credit"},
    ]
    lines += [
        {"intervention_id": f"churn-{number}", "entity_id": f"K{number:07d}", "task": "churn"}
        for number in range(100, 140)
    ]
    return queue_of(lines)


def read(landing: Path, entity: str) -> pd.DataFrame:
    files = sorted((landing / "harken" / entity).glob("*.csv"))
    return pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in files], ignore_index=True)


def copy_of(past: Path, folder: Path) -> tuple[Path, Path]:
    shutil.copytree(past, folder)
    return folder / "landing", folder / "truth"


@pytest.fixture(scope="module")
def acted(past: Path, queue: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Acted:
    landing, truth = copy_of(past, tmp_path_factory.mktemp("acted") / "company")
    report = simulate(
        landing, truth, seed=SEED, start=START, from_day=BEFORE, to_day=BEFORE + 3, scale=SMALL, split="day",
        best_score=False, interventions=queue,
    )  # fmt: skip
    effects = pq.read_table(truth / f"interventions_{BEFORE}_{BEFORE + 3}.parquet").to_pandas()
    return Acted(queue.to_pandas(), read(landing, "interventions"), effects, landing, report)


def test_interventions_land_in_the_shape_of_the_contract(acted: Acted) -> None:
    entity = load_contracts().entity("harken", "interventions")
    made = acted.made
    assert set(entity.required) <= set(made.columns) <= set(entity.column_names)
    assert (made[list(entity.required)] != "").all(axis=None)
    assert made.intervention_id.is_unique
    assert set(made.intervention_id) == set(acted.queue.intervention_id)
    assert acted.report.rows["interventions"] == acted.report.interventions == len(made)
    day = "2025-07-09"
    assert (made.assigned_at == f"{day}T{ACTS_FROM}:00Z").all()
    delivered = made[made.outcome == "delivered"]
    assert delivered.delivered_at.between(f"{day}T{ACTS_FROM}", f"{day}T{ACTS_TO}:59").all()
    assert (delivered.cost.astype(float) == delivered.action.map(lambda name: ACTIONS[name].cost)).all()
    assert set(delivered.was_useful) == {"true", "false"}
    rest = made[made.outcome != "delivered"]
    assert (rest[["delivered_at", "was_useful"]] == "").all(axis=None)


def test_treated_rows_are_mostly_delivered_and_held_out_ones_never(acted: Acted) -> None:
    made = acted.made.set_index("intervention_id")
    assert (made.outcome[made.arm == "holdout"] == "held_out").all()
    treated = made[(made.arm == "treated") & made.index.str.contains("-")]
    assert set(treated.outcome) == {"delivered", "not_delivered"}
    # some tickets are solved before anybody rings
    assert 0.7 < (treated.outcome == "delivered").mean() <= 1
    churn = treated[treated.task == "churn"]
    assert (churn.outcome == "delivered").mean() > DELIVERED - 0.15
    for impossible in ("odd", "gone", "nobody"):
        assert made.outcome[impossible] == "not_delivered"


def test_the_truth_tells_what_each_did(acted: Acted) -> None:
    both = acted.made.merge(acted.truth, on="intervention_id")
    assert len(both) == len(acted.made)
    assert (both.outcome_x == both.outcome_y).all()
    assert (both[both.outcome_x != "delivered"][["receptive", "change_in_logit"]] == 0).all(axis=None)
    tickets = both[(both.outcome_x == "delivered") & (both.task == "escalation")]
    assert len(tickets) > 15
    assert (tickets.change_in_logit <= 0)[tickets.receptive > 0].all()
    assert (tickets.change_in_logit >= 0)[tickets.receptive < 0].all()
    assert (both[both.task == "churn"].change_in_logit == 0).all()


def test_the_same_queue_acts_once_however_the_days_are_cut(
    acted: Acted, past: Path, queue: pa.Table, tmp_path: Path
) -> None:
    """Day by day with the queue still naming what was done; and from a company without a kept state."""
    landing, truth = copy_of(past, tmp_path / "by-day")
    counts = [advance(landing, truth, interventions=queue).interventions for _ in range(3)]
    assert counts == [acted.queue.intervention_id.nunique(), 0, 0]
    assert contents(landing) == contents(acted.landing)
    simulate(
        tmp_path / "l", tmp_path / "t", seed=SEED, start=START, from_day=BEFORE, to_day=BEFORE + 3, scale=SMALL,
        split="day", best_score=False, interventions=queue,
    )  # fmt: skip
    expected = {name: text for name, text in contents(acted.landing).items() if name[-14:-4] >= "2025-07-09"}
    assert contents(tmp_path / "l") == expected


def test_what_isnt_done_changes_nothing(past: Path, acted: Acted, tmp_path: Path) -> None:
    """All held out gives the company that was left alone; treated ones don't."""
    queue = acted.queue[acted.queue.arm == "holdout"]
    left, watched = copy_of(past, tmp_path / "left"), copy_of(past, tmp_path / "watched")
    advance(*left, days=2)
    advance(*watched, days=2, interventions=pa.Table.from_pandas(queue, preserve_index=False))
    alone, same = contents(left[0]), contents(watched[0])
    assert {name for name in same if name not in alone} == {"harken/interventions/interventions_2025-07-09.csv"}
    assert all(same[name] == text for name, text in alone.items())
    treated = contents(acted.landing)
    assert any(treated[name] != text for name, text in alone.items() if "ticket_events" in name)


def test_a_queue_without_a_column_is_told(past: Path, queue: pa.Table, tmp_path: Path) -> None:
    landing, truth = copy_of(past, tmp_path / "company")
    with pytest.raises(ValueError, match="intervention_queue: column arm, due_at is missing"):
        advance(landing, truth, interventions=queue.drop_columns(["arm", "due_at"]))


def test_an_intervention_is_delivered_after_its_assignment_and_by_its_due_time(past: Path, tmp_path: Path) -> None:
    day = "2025-07-09"
    by_due = {
        "yesterday": "2025-07-08T18:00:00Z", "too soon": f"{day}T07:59:59Z", "at once": f"{day}T08:00:00Z",
        "soon": f"{day}T08:20:00+00:00", "elsewhere": f"{day}T10:30:00+02:00", "as usual": "2025-07-12",
        "whenever": None,
    }  # fmt: skip
    lines: list[dict[str, object]] = [
        {"intervention_id": f"{name}-{number}", "entity_id": f"K{100 + 40 * kind + number:07d}", "task": "churn",
         "due_at": due}
        for kind, (name, due) in enumerate(by_due.items()) for number in range(40)
    ]  # fmt: skip
    landing, truth = copy_of(past, tmp_path / "company")
    advance(landing, truth, interventions=queue_of(lines))
    made = read(landing, "interventions")
    kind = made.intervention_id.str.rpartition("-")[0]
    delivered = made[made.outcome == "delivered"].set_index(kind[made.outcome == "delivered"]).delivered_at
    assert set(made.outcome[kind.isin(["yesterday", "too soon"])]) == {"not_delivered"}
    assert (made.assigned_at == f"{day}T08:00:00Z").all()
    assert set(delivered.index) == set(by_due) - {"yesterday", "too soon"}
    assert delivered.groupby(level=0).size().min() > 25
    assert (delivered["at once"] == f"{day}T08:00:00Z").all()
    assert delivered["soon"].between(f"{day}T08:00:00Z", f"{day}T08:20:00Z").all()
    assert delivered["elsewhere"].between(f"{day}T08:00:00Z", f"{day}T08:30:00Z").all()
    for name in ("as usual", "whenever"):
        assert delivered[name].between(f"{day}T08:00:00Z", f"{day}T10:00:00Z").all()
        assert delivered[name].max() > f"{day}T09:00:00Z"


def test_a_due_time_that_is_none_is_told(past: Path, tmp_path: Path) -> None:
    landing, truth = copy_of(past, tmp_path / "company")
    wrong = queue_of([{"intervention_id": "v7", "entity_id": "K0000100", "due_at": "soon"}])
    with pytest.raises(ValueError, match="intervention_queue: v7: due_at 'soon' is no time"):
        advance(landing, truth, interventions=wrong)


def test_an_empty_queue_is_no_fault(past: Path, queue: pa.Table, tmp_path: Path) -> None:
    report = advance(*copy_of(past, tmp_path / "company"), interventions=queue.slice(0, 0))
    assert report.interventions == 0


@pytest.mark.parametrize("action", list(ACTIONS))
def test_each_action_does_what_it_says_and_to_some_harm(action: str) -> None:
    """Mood, good will, difficulty and priority before and after, ticket by ticket."""
    engine = Engine(SEED, START, Scale.of(300), Levers(), 6)
    for _ in range(6):
        engine.day()
    tickets, memory, customers = engine.state.tickets, engine.state.memory, engine.customers
    chosen = np.flatnonzero(tickets.status < SOLVED)
    # one ticket a customer, so that good will moves once
    chosen = chosen[np.unique(tickets.customer[chosen], return_index=True)[1]]
    names = [f"T{number:07d}" for number in tickets.number[chosen]]
    queue = queue_of([{"intervention_id": name, "entity_id": name, "action": action} for name in names])
    before, will = tickets.take(chosen), memory.will.copy()
    done = actions.act(SEED, engine.clock, 6, queue, frozenset(), tickets, customers, memory)
    after, effects = tickets.take(chosen), done.effects.to_pandas().set_index("intervention_id").loc[names]
    receptive, meant = effects.receptive.to_numpy(), ACTIONS[action]
    reached = (effects.outcome == "delivered").to_numpy()
    assert abs(reached.mean() - DELIVERED) < 4 * np.sqrt(DELIVERED * (1 - DELIVERED) / len(chosen))
    assert np.array_equal(receptive[reached], customers.receptive[before.customer[reached]])
    assert 0.02 < (receptive[reached] < 0).mean() < 0.25
    assert np.allclose(after.anger, np.clip(before.anger - meant.calms * receptive, 0, 5))
    assert np.allclose(effects.change_in_logit, hazard.COEFFICIENTS["anger"] * (after.anger - before.anger))
    assert np.allclose(after.difficulty, before.difficulty - meant.eases * np.maximum(receptive, 0))
    won = memory.will[before.customer] - np.clip(will[before.customer] + meant.wins * receptive, -3, 1)
    assert np.allclose(won[reached], 0)
    assert (memory.will == will)[np.setdiff1d(np.arange(len(will)), before.customer[reached])].all()
    raised = (after.priority > before.priority)[reached]
    assert raised.any() == meant.raises
    assert np.array_equal(after.priority[~reached], before.priority[~reached])


@dataclass
class Trial:
    """Tickets of a randomised trial, as they stood just before and after what was done."""

    engine: Engine
    before: Tickets
    after: Tickets
    hours: np.ndarray
    treated: np.ndarray


def run_trial(days: int) -> Trial:
    """Every ticket on its first morning goes into an arm by its number; then a week passes."""
    company = Engine(41, START, Scale(), Levers(), days + 8)
    parts: list[tuple[Tickets, Tickets, np.ndarray]] = []
    plain = actions.act

    def watched(*given: object) -> actions.Acted:
        state = company.state
        rows = np.flatnonzero(np.isin(state.tickets.number, fresh) & (state.tickets.escalated_hour == NEVER))
        before = state.tickets.take(rows)
        done = plain(*given)  # type: ignore[arg-type]
        parts.append((before, state.tickets.take(rows), np.full(len(rows), state.day * 24 + 10)))
        return done

    last = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions, "act", watched)
        for day in range(days + 8):
            tickets = company.state.tickets
            new = (tickets.number > last) & (tickets.status < SOLVED) & (tickets.escalated_hour == NEVER)
            fresh, last = tickets.number[new], company.state.next_ticket - 1
            lines: list[dict[str, object]] = [
                {
                    "intervention_id": f"T{number:07d}", "entity_id": f"T{number:07d}",
                    "arm": "treated" if in_treatment(number) else "holdout", "due_at": None,
                }
                for number in fresh.tolist()
            ]  # fmt: skip
            company.told.interventions = queue_of(lines) if 3 <= day < days else None
            company.day()
    before, after = (Tickets.join([part[at] for part in parts]) for at in (0, 1))
    hours = np.concatenate([part[2] for part in parts])
    return Trial(company, before, after, hours, in_treatment(before.number))


def in_treatment(number: np.ndarray) -> np.ndarray:
    # of no pattern that opening hours or numbering share
    return number * 2654435761 % 2**32 < 2**31


def test_treated_tickets_escalate_less_by_what_the_truth_implies() -> None:
    trial = run_trial(70)
    escalated = dict(np.concatenate(trial.engine.observed.escalations).tolist())
    moment = np.array([escalated.get(number, -1) for number in trial.before.number.tolist()])
    came = (moment >= trial.hours * 3600) & (moment < (trial.hours + HORIZON_HOURS) * 3600)
    treated, held = trial.treated, ~trial.treated
    assert min(treated.sum(), held.sum()) > 3000
    # the truth: the chance of every ticket as it was left alone, or as it stood after what was done
    chance = chance_within(trial.engine, trial.after, trial.hours)
    untouched = chance_within(trial.engine, trial.before, trial.hours)
    # the paths that the chance is a mean of are drawn anew
    assert abs(chance[held].mean() - untouched[held].mean()) < 0.004
    for arm in (treated, held):
        said = chance[arm]
        assert abs(came[arm].mean() - said.mean()) < 4 * np.sqrt((said * (1 - said)).sum()) / arm.sum()
    spread = np.sqrt(sum(came[arm].var() / arm.sum() for arm in (treated, held)))
    less, implied = came[held].mean() - came[treated].mean(), (untouched - chance)[treated].mean()
    print(f"held out {came[held].mean():.4f}, treated {came[treated].mean():.4f} ± {spread:.4f}, implied {implied:.4f}")
    assert implied > 0.01
    assert less > 2 * spread
    assert abs(less - implied) < 3.5 * spread


def shifts_of(lines: list[tuple[str, str, str, str]]) -> pa.Table:
    columns = zip(*lines, strict=True) if lines else ([], [], [], [])
    names = ("agent_id", "starts_at", "ends_at", "activity")
    return pa.table({name: pa.array(list(v), pa.string()) for name, v in zip(names, columns, strict=True)})


def nobody_on_the_phones(days: tuple[str, ...]) -> pa.Table:
    """All the front desk is in training around the clock, one hour of it written down."""
    agents = create_agents(SEED, SMALL)
    front = [f"A{number:04d}" for number in np.flatnonzero(agents.front[: SMALL.agents])]
    return shifts_of([(front[0], f"{day}T12:00:00Z", f"{day}T13:00:00Z", "training") for day in days])


def test_with_nobody_on_the_phones_everybody_waits(past: Path, tmp_path: Path) -> None:
    plan = nobody_on_the_phones(("2025-07-08", "2025-07-09", "2025-07-10", "2025-07-11"))
    left, idle = copy_of(past, tmp_path / "left"), copy_of(past, tmp_path / "idle")
    advance(*left, days=3)
    advance(*idle, days=3, shift_plan=plan)
    usual, empty = (read(folder[0], "contacts") for folder in (left, idle))
    spoken = empty[empty.channel.isin(["voice", "chat"]) & (empty.direction == "inbound")]
    middle = spoken[spoken.offered_at.between("2025-07-10T00:00", "2025-07-10T23:59")]
    assert len(middle) > 15
    assert middle.outcome.isin(["abandoned", "callback"]).all()
    assert (middle.agent_id == "").all()
    same_day = usual[usual.channel.isin(["voice", "chat"]) & (usual.offered_at.str[:10] == "2025-07-10")]
    assert (same_day.outcome == "answered").mean() > 0.6
    # the back desk works on
    written = empty[~empty.channel.isin(["voice", "chat"]) & (empty.offered_at.str[:10] == "2025-07-09")]
    assert (written.outcome == "answered").mean() > 0.8


def test_a_plan_is_lived_and_exported(past: Path, tmp_path: Path) -> None:
    """Who is planned works, at the hours planned; an agent of the back desk who is planned works once."""
    agents = create_agents(SEED, SMALL)
    here = agents.employed(BEFORE + 1)[: SMALL.agents]
    front = np.flatnonzero(agents.front[: SMALL.agents] & here)
    back = np.flatnonzero(~agents.front[: SMALL.agents] & here & (agents.site == 0)[: SMALL.agents])
    chosen = [*front, back[0]]
    plan = shifts_of([
        (f"A{number:04d}", "2025-07-10T08:00:00Z", "2025-07-10T16:00:00Z", "scheduled") for number in chosen
    ])  # fmt: skip
    landing, truth = copy_of(past, tmp_path / "company")
    advance(landing, truth, days=4, shift_plan=plan)
    worked = read(landing, "agent_shifts").query("activity == 'worked'")
    worked = worked[worked.starts_at.str[:10] == "2025-07-10"]
    mine = worked[worked.agent_id.isin([f"A{number:04d}" for number in chosen])]
    assert mine.starts_at.between("2025-07-10T08:00", "2025-07-10T09:59").mean() > 0.8
    assert len(mine) > 0.8 * len(chosen)
    assert (mine.agent_id == f"A{back[0]:04d}").sum() <= 1


def test_a_plan_acts_the_same_however_the_days_are_cut(past: Path, tmp_path: Path) -> None:
    plan = nobody_on_the_phones(("2025-07-10", "2025-07-11"))
    at_once, by_day = copy_of(past, tmp_path / "at-once"), copy_of(past, tmp_path / "by-day")
    advance(*at_once, days=3, shift_plan=plan)
    for _ in range(3):
        advance(*by_day, shift_plan=plan)
    assert contents(at_once[0]) == contents(by_day[0])


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (("A9999", "2025-07-09T08:00:00Z", "2025-07-09T16:00:00Z", "scheduled"), "agent_id 'A9999' is no agent"),
        (("Mary", "2025-07-09T08:00:00Z", "2025-07-09T16:00:00Z", "scheduled"), "agent_id 'Mary' is no agent"),
        (("A0001", "2025-07-09T08:00:00Z", "2025-07-09T16:00:00Z", "worked"), "activity 'worked' is none of scheduled"),
        (("A0001", "2025-07-09T08:00:00Z", "2025-07-09T07:00:00Z", "scheduled"), "row 1 ends before it starts"),
        (("A0001", "soon", "2025-07-09T07:00:00Z", "scheduled"), "row 1: starts_at 'soon' is no time"),
    ],
)
def test_a_plan_that_cant_be_is_told(
    past: Path, tmp_path: Path, line: tuple[str, str, str, str], complaint: str
) -> None:
    landing, truth = copy_of(past, tmp_path / "company")
    with pytest.raises(ValueError, match=f"shift_plan: {complaint}"):
        advance(landing, truth, shift_plan=shifts_of([line]))
    plan = shifts_of([line]).drop_columns(["activity"])
    with pytest.raises(ValueError, match="shift_plan: column activity is missing"):
        advance(landing, truth, shift_plan=plan)


def test_an_empty_plan_leaves_the_company_its_own(past: Path, tmp_path: Path) -> None:
    left, told = copy_of(past, tmp_path / "left"), copy_of(past, tmp_path / "told")
    advance(*left)
    advance(*told, shift_plan=shifts_of([]))
    assert contents(left[0]) == contents(told[0])


def test_who_has_left_isnt_rung_up() -> None:
    customers = create_customers(SEED, SMALL, Levers())
    memory = Memory.none(len(customers))
    memory.left_at[:50] = 86400
    lines: list[dict[str, object]] = [
        {"intervention_id": f"{number:03d}", "entity_id": f"K{number:07d}", "task": "churn"} for number in range(100)
    ]
    engine = Engine(SEED, START, SMALL, Levers(), 1)
    done = actions.act(SEED, engine.clock, 3, queue_of(lines), frozenset(), engine.state.tickets, customers, memory)
    outcome = np.array(done.effects["outcome"].to_pylist())
    assert (outcome[:50] == "not_delivered").all()
    assert (outcome[50:] == "delivered").mean() > 0.7
