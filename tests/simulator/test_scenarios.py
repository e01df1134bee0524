"""Scenarios say what they change, change it from their start on, and nothing before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import Scale, hazard, scenarios, simulate
from simulator.clock import Clock
from simulator.customers import create_customers
from simulator.demand import Demand, no_returns
from simulator.engine import Engine
from simulator.learning import LAUNCH_LEAD_DAYS
from simulator.reference import CATEGORY_NAMES, LAUNCHED_CATEGORIES
from simulator.scenarios import Effect, Levers, load_levers
from simulator.watch import Shares
from tests.simulator.conftest import START
from tests.simulator.regression import recovered
from warehouse.contracts import load_contracts

SEED, DAYS = 7, 26
BEGINS = START + timedelta(days=12)
SMALL = Scale(contacts_per_day=110, customers=3000, agents=56)
SIMULATED = (
    "growth", "label_delay", "new_channel", "outage_storm", "product_launch", "staff_cut", "tariff_change",
    "unit_change",
)  # fmt: skip
# as strong as it takes to be seen within two weeks
SIZES = {"growth": 4.0, "new_channel": 1.5, "staff_cut": 2.0, "product_launch": 2.0}

Read = Callable[[str, str], pd.DataFrame]
Folder = Callable[[str], Path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Where a scenario's company has landed; `calm` is the same company without it."""
    root = tmp_path_factory.mktemp("scenarios")

    @lru_cache
    def landing(name: str) -> Path:
        wanted = () if name == "calm" else (f"{name}:{BEGINS}:{SIZES.get(name, 1.0)}",)
        simulate(
            root / name, root / f"{name}-truth", seed=SEED, start=START, days=DAYS, scale=SMALL, split="day",
            best_score=False, scenarios=wanted,
        )  # fmt: skip
        return root / name / "harken"

    return landing


@pytest.fixture(scope="module")
def read(folder: Folder) -> Read:
    """An entity's rows in a scenario; `before` is true of those exported before it begins."""

    @lru_cache
    def table(name: str, entity: str) -> pd.DataFrame:
        parts = [
            pd.read_csv(path, dtype=str, keep_default_na=False).assign(before=path.stem[-10:] < str(BEGINS))
            for path in sorted((folder(name) / entity).glob("*.csv"))
        ]
        return pd.concat(parts, ignore_index=True)

    return table


@pytest.mark.parametrize("name", scenarios.scenario_names())
def test_every_scenario_loads(name: str) -> None:
    levers = load_levers((name,), START)
    assert bool(levers.effects) == (name != "calm")
    assert load_levers((f"{name}:2025-08-01",), START).effects == tuple(
        Effect(e.lever, e.size, e.shape, e.days, 31 + e.starts - min(x.starts for x in levers.effects))
        for e in levers.effects
    )


def test_an_effect_takes_its_shape() -> None:
    step, ramp = Effect("volume", 2.0, "step", 0, 10), Effect("volume", 2.0, "ramp", 4, 10)
    pulse, wave = Effect("volume", 2.0, "pulse", 3, 10), Effect("volume", 2.0, "wave", 8, 10)
    days = (0, 9, 10, 11, 12, 13, 14, 18, 1000)
    assert [step.at(day) for day in days] == [0, 0, 2, 2, 2, 2, 2, 2, 2]
    assert [ramp.at(day) for day in days] == [0, 0, 0.5, 1, 1.5, 2, 2, 2, 2]
    assert [pulse.at(day) for day in days] == [0, 0, 2, 2, 2, 0, 0, 0, 0]
    assert [wave.at(day) for day in days] == pytest.approx([0, 0, 0, 0.2929, 1, 1.7071, 2, 0, 1], abs=1e-3)


def test_a_scenario_is_written_with_date_and_size(tmp_path: Path) -> None:
    by_default, moved, larger = (
        load_levers((text,), START).effects[0] for text in ("growth", "growth:2025-07-11", "growth:2025-07-11:0.5")
    )
    assert (by_default.starts, by_default.size) == (120, 0.4)
    assert (moved.starts, moved.size) == (10, 0.4)
    assert (larger.starts, larger.size) == (10, 0.2)
    own = tmp_path / "mine.yaml"
    effects = "effects:\n- {lever: volume, size: 0.1}\n- {lever: staff, size: -0.2, after: 5}\n"
    own.write_text(f"description: Ours.\nstarts: 3\n{effects}")
    first, second = load_levers((str(own),), START).effects
    assert (first.starts, second.starts) == (3, 8)
    assert load_levers((f"{own}:2025-07-02:2",), START).effects[0] == Effect("volume", 0.2, "step", 0, 1)
    # a file may be mended while we look on
    own.write_text("description: Ours.\neffects:\n- {lever: volume, size: 0.3}\n")
    assert load_levers((str(own),), START).effects == (Effect("volume", 0.3, "step", 0, 0),)


def test_two_scenarios_combine() -> None:
    levers = load_levers(("tariff_change:2025-07-11", "growth:2025-07-11:2", "growth:2025-07-21"), START)
    assert levers.at("price", 10) == 0.15
    assert levers.at("volume", 10) == pytest.approx(0.8 / 90)
    assert levers.at("volume", 200) == pytest.approx(1.2)
    assert levers.family("category", 12) == {"invoice_error": 1.2, "contract_change": 0.8}
    twice = load_levers(("unit_change:2025-07-11", "unit_change:2025-07-21"), START)
    assert twice.family("unit", 30)["contacts.talk_seconds"] == 1_000_000


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("groth", "'groth': unknown; there are calm, "),
        ("growth:2025-13-01", "write NAME, NAME:YYYY-MM-DD or"),
        ("growth:soon", "write NAME"),
        ("growth:2025-08-01:much", "write NAME"),
        ("growth:2025-08-01:nan", "write NAME"),
        ("nowhere.yaml", "unknown"),
    ],
)
def test_a_scenario_that_isnt_is_told(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        load_levers((text,), START)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("effects:\n- {lever: volumes, size: 1}", "effect 1: unknown lever 'volumes'"),
        ("effects:\n- {lever: staff, size: -1}\n- {lever: hazard.wating, size: 1}", "effect 2: unknown lever 'hazard"),
        ("effects:\n- {lever: category.invoices, size: 1}", "unknown lever"),
        ("effects:\n- {lever: product.toaster, size: 1}", "unknown lever"),
        ("effects:\n- {lever: channel.fax, size: 1}", "unknown lever"),
        ("effects:\n- {lever: unit.contacts, size: 1}", "unknown lever"),
        ("effects:\n- {lever: volume}", "needs lever and size"),
        ("effects:\n- {lever: volume, size: large}", "effect 1: size 'large' is no number"),
        ("effects:\n- {lever: volume, size: 1, colour: red}", "needs lever and size"),
        ("effects:\n- volume", "needs lever and size"),
        ("effects:\n- {lever: volume, size: 1, shape: cliff}", "shape 'cliff' is none of step, ramp"),
        ("effects:\n- {lever: volume, size: 1, shape: ramp}", "needs days, at least 1"),
        ("effects:\n- {lever: volume, size: 1, shape: ramp, days: some}", "days is to be a whole number"),
        ("starts: soon\neffects: []", "starts is to be a whole number"),
        ("effects: growth", "a list of `effects`"),
        ("volume", "a list of `effects`"),
        ("effects: [", "not YAML"),
        ("\x00", "not YAML"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content)
    with pytest.raises(ValueError, match=complaint) as error:
        load_levers((str(path),), START)
    assert "own.yaml" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", SIMULATED)
def test_before_its_start_a_scenario_changes_nothing(folder: Folder, name: str) -> None:
    """Byte by byte in the files of the days before.

    Two know of it earlier: agents are taught a product before its launch, and shifts are planned a week ahead.
    """
    since = BEGINS - timedelta(days=LAUNCH_LEAD_DAYS) if name == "product_launch" else BEGINS
    count = 0
    for path in sorted(folder("calm").rglob("*.csv")):
        if path.stem[-10:] >= str(since):
            continue
        theirs = folder(name) / path.parent.name / path.name
        if name == "staff_cut" and path.parent.name == "agent_shifts":
            ours, cut = (pd.read_csv(file, dtype=str) for file in (path, theirs))
            early = (ours.starts_at < str(BEGINS), cut.starts_at < str(BEGINS))
            assert ours[early[0]].equals(cut[early[1]].set_axis(ours[early[0]].index))
        else:
            assert path.read_bytes() == theirs.read_bytes(), path.name
        count += 1
    assert count > (20 if name == "product_launch" else 100)
    later = [path for path in folder("calm").rglob("*.csv") if path.stem[-10:] >= str(BEGINS)]
    assert any(path.read_bytes() != (folder(name) / path.parent.name / path.name).read_bytes() for path in later)


def test_growth_brings_more(read: Read) -> None:
    calm, grown = (read(name, "contacts") for name in ("calm", "growth"))
    # a ramp: four times 40 % in 90 days is a quarter more at the end of two weeks
    assert (~grown.before).sum() > 1.05 * (~calm.before).sum()


def test_a_product_is_launched_with_topics_and_words_of_its_own(read: Read) -> None:
    contacts, tickets = read("product_launch", "contacts"), read("product_launch", "tickets")
    new = set(CATEGORY_NAMES[LAUNCHED_CATEGORIES:])
    assert new == {"pairing", "esim_activation"}
    for table, column in ((contacts, "reason_code"), (tickets, "category")):
        assert not (table["product"] == "smart_watch")[table.before].any()
        assert not table[column].isin(new)[table.before].any()
        assert table[column].isin(new)[~table.before].sum() > 5
        assert set(table[column][table["product"] == "smart_watch"]) & new
    text = (tickets.subject + " " + tickets.body).str.lower()
    watch = tickets["product"] == "smart_watch"
    assert text[watch].str.contains("watch|reloj|手表").mean() > 0.2
    assert not text[tickets.before].str.contains("smart watch|esim").any()


def test_a_launch_brings_new_topics_and_words_in_each_language(read: Read) -> None:
    contacts, tickets = read("product_launch", "contacts"), read("product_launch", "tickets")
    language = read("product_launch", "customers").drop_duplicates("customer_id").set_index("customer_id").language
    calm = read("calm", "tickets")
    usual = (calm.subject + " " + calm.body).str.lower()
    theirs = {"en": ("smart watch",), "es": ("reloj",), "zh": ("手表",)}
    spoken, written = contacts.customer_id.map(language), tickets.customer_id.map(language)
    text = (tickets.subject + " " + tickets.body).str.lower()
    for name, words in theirs.items():
        new = contacts.reason_code.isin(CATEGORY_NAMES[LAUNCHED_CATEGORIES:]) & (spoken == name)
        assert set(contacts.reason_code[new]) == set(CATEGORY_NAMES[LAUNCHED_CATEGORIES:])
        mine = text[(written == name) & ~tickets.before & (tickets["product"] == "smart_watch")]
        assert mine.str.contains("|".join((*words, "esim"))).any()
        assert not usual.str.contains("|".join(words)).any()


def test_a_storm_brings_outages(read: Read) -> None:
    calm, storm = (read(name, "calendar") for name in ("calm", "outage_storm"))
    count = [((table.kind == "outage") & ~table.before).sum() for table in (calm, storm)]
    assert count[1] >= count[0] + 3
    contacts = [read(name, "contacts") for name in ("calm", "outage_storm")]
    asked = [((table.reason_code == "connectivity") & ~table.before).sum() for table in contacts]
    assert asked[1] > 1.2 * asked[0]


def test_fewer_agents_mean_longer_waits(read: Read) -> None:
    after = []
    for name in ("calm", "staff_cut"):
        contacts = read(name, "contacts")
        spoken = contacts[~contacts.before & contacts.channel.isin(["voice", "chat"])]
        waits = pd.to_datetime(spoken.answered_at.replace("", None)) - pd.to_datetime(spoken.offered_at)
        after.append((waits.dt.total_seconds().mean(), (spoken.outcome == "abandoned").mean()))
    assert after[1][0] > 1.5 * after[0][0]
    assert after[1][1] > 1.3 * after[0][1]
    shifts = [read(name, "agent_shifts") for name in ("calm", "staff_cut")]
    worked = [((table.activity == "worked") & (table.starts_at >= str(BEGINS))).sum() for table in shifts]
    assert worked[1] < 0.7 * worked[0]


def test_a_channel_opens(read: Read) -> None:
    contacts, calm = read("new_channel", "contacts"), read("calm", "contacts")
    assert not (contacts.channel == "app")[contacts.before].any()
    assert not (calm.channel == "app").any()
    written = contacts[~contacts.before & ~contacts.channel.isin(["voice", "chat"])]
    # half of what is written, in 30 days' ramp
    assert 0.05 < (written.channel == "app").mean() < 0.4


def test_a_tariff_becomes_dearer(read: Read) -> None:
    calm, dearer = (read(name, "customers") for name in ("calm", "tariff_change"))
    key = ["customer_id", "valid_from"]
    raised = dearer.merge(calm[key], on=key, how="left", indicator=True)
    raised = raised[raised._merge == "left_only"]
    assert (raised.plan == "basic").all()
    assert (raised.valid_from == f"{BEGINS}T02:00:00Z").all()
    before = dearer[dearer.valid_from < str(BEGINS)].sort_values("valid_from").groupby("customer_id").last()
    mine = before.loc[raised.customer_id.unique()]
    ratio = raised.set_index("customer_id").monthly_value.astype(float) / mine.monthly_value.astype(float)
    # a version recorded late may lie between the two
    assert (np.abs(ratio - 1.15) < 0.01).mean() > 0.97
    assert len(mine) > 0.9 * ((before.plan == "basic") & ~before.index.str.startswith("K5")).sum()
    # who takes the plan later takes it at the new price
    later = dearer[(dearer.plan == "basic") & (dearer.valid_from > f"{BEGINS}T03")].merge(calm, on=key)
    assert len(later) > 3
    ratio = later.monthly_value_x.astype(float) / later.monthly_value_y.astype(float)
    assert (np.abs(ratio - 1.15) < 0.01).all()
    topics = [read(name, "contacts") for name in ("calm", "tariff_change")]
    asked = [(~table.before & table.reason_code.isin(["invoice_error", "contract_change"])).sum() for table in topics]
    assert asked[1] > 1.3 * asked[0]


def test_a_tariff_change_drives_customers_away() -> None:
    calm, dearer = (
        Engine(SEED, START, Scale.of(200), load_levers(wanted, START), 22)
        for wanted in ((), (f"tariff_change:{START}",))
    )
    chance = []
    for engine in (calm, dearer):
        for _ in range(22):
            engine.day(Shares(mondays=1.0))
        # the first Monday: the two companies have only just parted
        chance.append(engine.observed.moments[0].chance.mean())
    assert chance[1] > 1.8 * chance[0]
    assert (dearer.state.memory.left_at >= 0).sum() > (calm.state.memory.left_at >= 0).sum()


def test_units_change_and_nothing_else(folder: Folder, read: Read) -> None:
    calm, changed = (read(name, "contacts") for name in ("calm", "unit_change"))
    for column in ("talk_seconds", "hold_seconds"):
        numbers = [pd.to_numeric(table[column]) for table in (calm, changed)]
        assert np.array_equal(numbers[1], numbers[0] * np.where(calm.before, 1, 1000), equal_nan=True)
    rest = [name for name in calm.columns if name not in ("talk_seconds", "hold_seconds")]
    assert calm[rest].equals(changed[rest])
    # what is sent in other units is lived in the true ones: nothing else differs
    assert differing(folder, "unit_change") == {"contacts", "customers"}


def test_after_a_change_of_units_the_crm_sends_everybody_again(read: Read) -> None:
    calm, changed = (read(name, "customers") for name in ("calm", "unit_change"))
    again = changed.recorded_at == f"{BEGINS}T03:00:00Z"
    dump, daily = changed[again].reset_index(drop=True), changed[~again].reset_index(drop=True)
    # every row sent before, in cents and recorded anew
    sent = calm[calm.before]
    key = ["customer_id", "valid_from"]
    both = sent.merge(dump, on=key, suffixes=("", "_again"), validate="one_to_one")
    assert len(both) == len(sent) == len(dump) > 2900
    cents = both.monthly_value_again
    assert cents.str.fullmatch(r"\d+").all()
    assert (cents.astype(int) == (both.monthly_value.astype(float) * 100).round()).all()
    same = [name for name in calm.columns if name not in (*key, "monthly_value", "recorded_at", "before")]
    assert all((both[name] == both[f"{name}_again"]).all() for name in same)
    # and what is sent day by day afterwards
    factor = np.where(calm.before, 1, 100)
    assert np.allclose(daily.monthly_value.astype(float), calm.monthly_value.astype(float) * factor)
    assert (~calm.before).sum() > 10
    kept = [name for name in calm.columns if name != "monthly_value"]
    assert daily[kept].equals(calm[kept])
    [limit] = [
        column.maximum for column in load_contracts().entity("harken", "customers").columns
        if column.name == "monthly_value"
    ]  # fmt: skip
    assert limit is not None and (changed.monthly_value.astype(float) < limit).all()


def differing(folder: Folder, name: str) -> set[str]:
    """The entities of which any file isn't as in the calm company."""
    calm, other = ({path.relative_to(folder(n)): path for path in folder(n).rglob("*.csv")} for n in ("calm", name))
    return {
        path.parent.name
        for path in calm.keys() | other.keys()
        if path not in calm or path not in other or calm[path].read_bytes() != other[path].read_bytes()
    }


def test_labels_come_late(folder: Folder, read: Read) -> None:
    calm, late = (read(name, "ticket_events") for name in ("calm", "label_delay"))
    key = ["ticket_id", "event_seq"]
    both = calm.merge(late, on=key, suffixes=("", "_late"))
    lag = pd.to_datetime(both.recorded_at_late) - pd.to_datetime(both.recorded_at)
    delayed = (both.kind == "escalation") & (both.occurred_at >= str(BEGINS))
    assert delayed.sum() > 10
    assert (lag[delayed] == pd.Timedelta(hours=48)).all()
    assert (lag[~delayed] == pd.Timedelta(0)).all()
    assert both[delayed].recorded_at_late.str[:10].gt(both[delayed].occurred_at.str[:10]).all()
    rest = [name for name in calm.columns if name not in (*key, "recorded_at", "before")]
    assert all((both[name] == both[f"{name}_late"]).all() for name in rest)
    assert set(late.kind[~late.set_index(key).index.isin(calm.set_index(key).index)]) <= {"escalation"}
    # what is delayed beyond the last day isn't there yet; everything else is
    assert differing(folder, "label_delay") == {"ticket_events"}
    missing = len(calm) - len(both)
    assert 0 < missing < 0.1 * (calm.kind == "escalation").sum() + 10


def test_a_new_policy_changes_what_escalates() -> None:
    """From the first day on, the coefficients recovered are those of the policy and not the old ones."""
    levers = load_levers((f"policy_change:{START}",), START)
    engine = Engine(29, START, Scale(), levers, 60)
    for _ in range(60):
        engine.day(Shares(hours=1.0))
    hours = engine.observed.hours
    columns = {name: np.concatenate([hour[name] for hour in hours]) for name in hours[0]}
    found = recovered({name: columns[name] for name in hazard.COEFFICIENTS}, columns["escalated"])
    old = hazard.COEFFICIENTS
    new = {name: value + levers.at(f"hazard.{name}", 0) for name, value in old.items()}
    z = np.array([(found[name][0] - new[name]) / found[name][1] for name in new if name in found])
    assert np.abs(z).max() < 4
    assert (z**2).mean() < 2.2
    moved = [name for name in ("threat", "reopens", "waiting_by_worth", "handoffs") if name in found]
    away = [(found[name][0] - old[name]) / found[name][1] for name in moved]
    assert len(moved) == 4
    assert np.abs(away).min() > 2
    assert np.abs(away).max() > 5


def test_the_seasons_mix_slowly() -> None:
    """Half a year on, twice as many late deliveries and less about connections; in any one week hardly a change."""
    clock, customers = Clock(START), create_customers(SEED, Scale.of(400), Levers())
    nobody = np.zeros(len(customers), dtype=bool)

    def mix(levers: Levers, days: range) -> np.ndarray:
        source = Demand(SEED, clock, levers, customers, 400.0)
        found = [source.day(day, no_returns(), nobody)[0].category for day in days]
        return np.bincount(np.concatenate(found), minlength=len(CATEGORY_NAMES))

    slow = load_levers(("slow_seasonal",), START)
    late, connection = CATEGORY_NAMES.index("delivery_late"), CATEGORY_NAMES.index("connectivity")
    calm, moved = mix(Levers(), range(168, 196)), mix(slow, range(168, 196))
    assert moved[late] > 1.7 * calm[late]
    assert moved[connection] < 0.75 * calm[connection]
    assert 1.05 < moved.sum() / calm.sum() < 1.25
    for day in range(0, 365, 7):
        assert abs(slow.at("category.delivery_late", day + 7) - slow.at("category.delivery_late", day)) < 0.07


def test_a_scenario_may_have_begun_before_the_first_day() -> None:
    customers = create_customers(3, Scale.of(100), load_levers(("tariff_change:2025-01-01",), date(2025, 7, 1)))
    plain = create_customers(3, Scale.of(100), Levers())
    assert customers.changes.num_rows > plain.changes.num_rows + 500
    assert min(customers.changes["at"].to_pylist()) >= 0
