"""Scenarios: what changes in the simulated company, from when and by how much. One YAML file each, combinable.

A scenario is a list of effects on levers, the numbers that the simulator looks up day by day:

    volume               relative change of demand
    category.<name>      relative change of a category's weight among the contacts about each product
    product.<name>       share of contacts that are about a product launched on that day
    channel.<name>       share of written contacts that come through a channel opened on that day
    outages, outage_size further outages a day, and how much larger they are
    staff                relative change of the agents at work
    price                relative change of what customers of the cheapest plan pay
    churn                added to the log odds of leaving
    hazard.<term>        added to a coefficient of the escalation hazard
    label_delay          hours by which escalations are recorded later
    unit.<entity>.<column>   what the source multiplies a column by when it exports it, rounded to whole numbers; for
                         customers, whose rows are seldom sent, the day it changes brings them all again
    fault.<kind>         chance a day of a fault in the files (faults.py names the kinds)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from simulator.reference import APP, CATEGORY_NAMES, CHANNELS, PRODUCTS

FOLDER = Path(__file__).parent
LARGEST = 100.0
SHAPES = ("step", "ramp", "pulse", "wave")
PLAIN = ("volume", "outages", "outage_size", "staff", "price", "churn", "label_delay")
FAMILIES = ("category", "product", "channel", "hazard", "unit", "fault")


@dataclass(frozen=True)
class Effect:
    """One lever moved. step: from the start on; ramp: rising over `days`; pulse: for `days`; wave: period `days`."""

    lever: str
    size: float
    shape: str
    days: int
    starts: int  # days after the first of the simulation

    def at(self, day: int) -> float:
        since = day - self.starts
        if since < 0:
            return 0.0
        if self.shape == "ramp":
            return self.size * min((since + 1) / self.days, 1.0)
        if self.shape == "pulse":
            return self.size if since < self.days else 0.0
        if self.shape == "wave":
            return self.size * (1 - float(np.cos(2 * np.pi * since / self.days))) / 2
        return self.size


@dataclass(frozen=True)
class Levers:
    """All effects in force. Effects on one lever add up; a unit's factors multiply."""

    effects: tuple[Effect, ...] = ()

    def at(self, lever: str, day: int) -> float:
        return sum(effect.at(day) for effect in self.effects if effect.lever == lever)

    def family(self, name: str, day: int) -> dict[str, float]:
        """The levers `name.<rest>` that are moved on the day, by their rest."""
        found: dict[str, float] = {}
        for effect in self.effects:
            moved = effect.at(day)
            if moved and effect.lever.startswith(f"{name}."):
                rest = effect.lever.removeprefix(f"{name}.")
                found[rest] = found[rest] * moved if name == "unit" and rest in found else found.get(rest, 0.0) + moved
        return found

    def starts(self, lever: str) -> list[tuple[int, float]]:
        """When a lever is first moved and by how much, effect by effect."""
        return [(effect.starts, effect.size) for effect in self.effects if effect.lever == lever]


def scenario_names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load_levers(wanted: tuple[str, ...], start: date) -> Levers:
    """The levers of scenarios written `NAME`, `NAME:DATE` or `NAME:DATE:SIZE`; NAME may be a YAML file of one's own.

    DATE is when it starts (by default the file's `starts`, in days after `start`), SIZE multiplies its effects.
    Raises ValueError that names the scenario and what is wrong with it.
    """
    effects: list[Effect] = []
    for text in wanted:
        name, _, rest = text.partition(":")
        when, _, size = rest.partition(":")
        path = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
        if not path.is_file():
            raise ValueError(f"scenario {name!r}: unknown; there are {', '.join(scenario_names())}")
        try:
            first = (date.fromisoformat(when) - start).days if when else None
            factor = _number(size) if size else 1.0
        except ValueError:
            raise ValueError(f"scenario {text!r}: write NAME, NAME:YYYY-MM-DD or NAME:YYYY-MM-DD:SIZE") from None
        effects += _effects(name, _read(path), first, factor)
    return Levers(tuple(effects))


def _read(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(found, dict) or not isinstance(found.get("effects"), list):
        raise ValueError(f"{path}: a scenario needs `description`, `starts` and a list of `effects`")
    return found


def _number(given: Any) -> float:
    """Raises ValueError for what is no finite number."""
    try:
        number = float(given)
    except TypeError:
        raise ValueError(f"{given!r} is no number") from None
    if not isfinite(number):
        raise ValueError(f"{given!r} is no finite number")
    return number


def _size(given: Any, where: str) -> float:
    try:
        if isinstance(given, bool):
            raise ValueError
        return _number(given)
    except ValueError:
        raise ValueError(f"{where}: size {given!r} is no number") from None


def _days(given: Any, what: str) -> int:
    if not isinstance(given, int):
        raise ValueError(f"{what} is to be a whole number of days; found {given!r}")
    return given


def _is_lever(lever: str) -> bool:
    # the hazard knows tickets, and so, by some steps, this module
    from simulator import hazard

    family, _, rest = lever.partition(".")
    named: dict[str, tuple[str, ...]] = {
        "category": CATEGORY_NAMES, "product": PRODUCTS, "channel": (CHANNELS[APP],),
        "hazard": tuple(hazard.COEFFICIENTS),
    }  # fmt: skip
    if lever in PLAIN:
        return True
    if family == "unit":
        return rest.count(".") == 1
    return family in FAMILIES and rest in named.get(family, (rest,))


def _effects(name: str, file: dict[str, Any], first: int | None, factor: float) -> list[Effect]:
    made = []
    starts = _days(file.get("starts", 0), f"scenario {name!r}: starts") if first is None else first
    for number, line in enumerate(file["effects"], start=1):
        where = f"scenario {name!r}, effect {number}"
        if not isinstance(line, dict):
            raise ValueError(f"{where}: needs lever and size; found {line!r}")
        unknown = set(line) - {"lever", "size", "shape", "days", "after"}
        if unknown or "lever" not in line or "size" not in line:
            raise ValueError(f"{where}: needs lever and size, may have shape, days and after; found {sorted(line)}")
        lever, shape = str(line["lever"]), str(line.get("shape", "step"))
        if not _is_lever(lever):
            raise ValueError(f"{where}: unknown lever {lever!r}")
        if shape not in SHAPES:
            raise ValueError(f"{where}: shape {shape!r} is none of {', '.join(SHAPES)}")
        days, after = (_days(line.get(key, 0), f"{where}: {key}") for key in ("days", "after"))
        if shape != "step" and days < 1:
            raise ValueError(f"{where}: shape {shape} needs days, at least 1")
        # a unit's factor says what it becomes: it isn't a matter of more or less
        size = _size(line["size"], where) * (1.0 if lever.startswith("unit.") else factor)
        if lever == "staff" and size > 0:
            raise ValueError(f"{where}: staff can only be cut; a size of {size:g} would add agents that nobody hired")
        if abs(size) > LARGEST and not lever.startswith("unit."):
            raise ValueError(f"{where}: a size of {size:g} is beyond {LARGEST:g}")
        made.append(Effect(lever, size, shape, days, starts + after))
    return made
