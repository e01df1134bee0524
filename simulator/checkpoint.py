"""Keeps the state at the end of a simulation, so that the next day costs a day."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from simulator.demand import Returns
from simulator.engine import State
from simulator.memory import Memory
from simulator.outbox import Outbox
from simulator.scale import Scale
from simulator.staging import STATE
from simulator.tickets import Tickets
from simulator.watch import Shares, Unripe

# raised whenever the simulated world changes, so that an older state isn't carried on
VERSION = 4


@dataclass(frozen=True)
class SimulatedWorld:
    """Which company was simulated, and up to which day."""

    seed: int
    start: date
    scale: Scale
    scenarios: tuple[str, ...]
    day: int


def _identity(world: SimulatedWorld) -> dict[str, object]:
    return {
        "version": VERSION, "seed": world.seed, "start": world.start.isoformat(), "scale": asdict(world.scale),
        "scenarios": list(world.scenarios),
    }  # fmt: skip


def save(truth: Path, world: SimulatedWorld, state: State) -> None:
    """Write the state into a folder of `truth`, where none is yet."""
    folder = truth / STATE
    folder.mkdir()
    arrays = {f"tickets.{name}": values for name, values in state.tickets.arrays().items()}
    arrays |= {f"returns.{name}": values for name, values in state.returns.arrays().items()}
    arrays |= {f"memory.{name}": values for name, values in state.memory.arrays().items()}
    arrays |= {f"unripe.{name}": values for name, values in state.unripe.mornings.arrays().items()}
    arrays |= {name: getattr(state.unripe, name) for name in ("hours", "escalations", "backlog")}
    arrays |= {"usual": state.usual_backlog, "free": state.free, "done": np.array(sorted(state.done), dtype=str)}
    np.savez(folder / "state.npz", **arrays)  # type: ignore[arg-type]
    state.outbox.save(folder)
    counters = {
        "waiting": sorted(path.name for path in folder.glob("waiting_*")),
        "day": state.day,
        "next_contact": state.next_contact,
        "next_ticket": state.next_ticket,
        "shares": asdict(state.shares),
    }
    (folder / "world.json").write_text(json.dumps(_identity(world) | counters, indent=1) + "\n")


def _read(truth: Path) -> dict[str, Any] | None:
    path = truth / STATE / "world.json"
    try:
        return json.loads(path.read_text()) if path.is_file() else None
    except ValueError:
        raise ValueError(f"{path}: damaged; simulate anew in another home") from None


def load(truth: Path, world: SimulatedWorld) -> State | None:
    """The kept state if it is of this very company and day; None means: simulate from the start."""
    kept = _read(truth)
    if (
        kept is None
        or any(kept.get(key) != value for key, value in _identity(world).items())
        or kept["day"] != world.day
    ):
        return None
    folder = truth / STATE
    try:
        return _state(folder, world.day, kept)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ValueError(f"{folder}: damaged ({error}); simulate anew in another home") from None


def _state(folder: Path, day: int, kept: dict[str, Any]) -> State:
    lost = [name for name in kept["waiting"] if not (folder / name).is_file()]
    if lost:
        raise FileNotFoundError(f"{lost[0]} is missing")
    with np.load(folder / "state.npz") as arrays:
        tickets = Tickets(**{name: arrays[f"tickets.{name}"] for name in Tickets.__dataclass_fields__})
        returns = Returns(**{name: arrays[f"returns.{name}"] for name in Returns.__dataclass_fields__})
        memory = Memory(**{name: arrays[f"memory.{name}"] for name in Memory.__dataclass_fields__})
        mornings = Tickets(**{name: arrays[f"unripe.{name}"] for name in Tickets.__dataclass_fields__})
        unripe = Unripe(mornings, arrays["hours"], arrays["escalations"], arrays["backlog"])
        usual, free, done = arrays["usual"], arrays["free"], frozenset(arrays["done"].tolist())
    counters = {name: int(str(kept[name])) for name in ("next_contact", "next_ticket")}
    box, shares = Outbox.load(folder), Shares(**kept["shares"])
    return State(day, tickets, memory, returns, usual, free, box, done, shares, unripe, **counters)


def world(truth: Path) -> SimulatedWorld:
    """The company simulated into this folder. Raises FileNotFoundError or ValueError with a line to show."""
    kept = _read(truth)
    if kept is None:
        raise FileNotFoundError(f"{truth}: nothing was simulated here yet; run `harken simulate` first")
    if kept["version"] != VERSION:
        raise ValueError(f"{truth}: simulated by another version of the simulator; simulate anew")
    scale = kept["scale"]
    return SimulatedWorld(
        int(str(kept["seed"])), date.fromisoformat(str(kept["start"])), Scale(**scale),
        tuple(str(name) for name in kept["scenarios"]), int(str(kept["day"])),
    )  # fmt: skip
