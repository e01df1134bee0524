"""Keeps the state at the end of a simulation, so that the next day costs a day."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from simulator.contacts import Returns
from simulator.engine import State
from simulator.outbox import Outbox
from simulator.scale import Scale
from simulator.tickets import History, Tickets

FOLDER = "state"
# raised whenever the simulated world changes, so that an older state isn't carried on
VERSION = 1


@dataclass(frozen=True)
class SimulatedWorld:
    """Which company was simulated, and up to which day."""

    seed: int
    start: date
    scale: Scale
    day: int


def _identity(seed: int, start: date, scale: Scale) -> dict[str, object]:
    return {"version": VERSION, "seed": seed, "start": start.isoformat(), "scale": asdict(scale)}


def save(truth: Path, seed: int, start: date, scale: Scale, state: State) -> None:
    """Write the state beside the old one and put it in its place."""
    folder, fresh = truth / FOLDER, truth / f".{FOLDER}.part"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    arrays = {f"tickets.{name}": values for name, values in state.tickets.arrays().items()}
    arrays |= {f"returns.{name}": values for name, values in state.returns.arrays().items()}
    arrays |= {
        "escalations": state.history.escalations,
        "failed_day": state.history.failed_day,
        "usual": state.usual_backlog,
    }
    np.savez(fresh / "state.npz", **arrays)  # type: ignore[arg-type]
    state.outbox.save(fresh)
    counters = {"day": state.day, "next_contact": state.next_contact, "next_ticket": state.next_ticket}
    (fresh / "world.json").write_text(json.dumps(_identity(seed, start, scale) | counters, indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def _read(truth: Path) -> dict[str, object] | None:
    path = truth / FOLDER / "world.json"
    return json.loads(path.read_text()) if path.is_file() else None


def load(truth: Path, seed: int, start: date, scale: Scale, day: int) -> State | None:
    """The kept state if it is of this very company and day; None means: simulate from the start."""
    kept = _read(truth)
    if (
        kept is None
        or any(kept.get(key) != value for key, value in _identity(seed, start, scale).items())
        or kept["day"] != day
    ):
        return None
    folder = truth / FOLDER
    with np.load(folder / "state.npz") as arrays:
        tickets = Tickets(**{name: arrays[f"tickets.{name}"] for name in Tickets.__dataclass_fields__})
        returns = Returns(**{name: arrays[f"returns.{name}"] for name in Returns.__dataclass_fields__})
        history = History(arrays["escalations"], arrays["failed_day"])
        usual = arrays["usual"]
    counters = {name: int(str(kept[name])) for name in ("next_contact", "next_ticket")}
    return State(day, tickets, history, returns, usual, Outbox.load(folder), **counters)


def world(truth: Path) -> SimulatedWorld:
    """The company simulated into this folder. Raises FileNotFoundError or ValueError with a line to show."""
    kept = _read(truth)
    if kept is None:
        raise FileNotFoundError(f"{truth}: nothing was simulated here yet; run `harken simulate` first")
    if kept["version"] != VERSION:
        raise ValueError(f"{truth}: simulated by another version of the simulator; simulate anew")
    scale = kept["scale"]
    assert isinstance(scale, dict)
    return SimulatedWorld(
        int(str(kept["seed"])), date.fromisoformat(str(kept["start"])), Scale(**scale), int(str(kept["day"]))
    )
