"""The simulated contact centre beside a home: its files land there, and it acts on what the home publishes.

Shared by `harken simulate` and `harken loop`: only the command line may know the simulator.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from warehouse.errors import HarkenError

if TYPE_CHECKING:
    from simulator import SimulationReport
    from warehouse.home import Home

# what the simulated company can act on: the option's word, the published table, and the simulator's name for it
ACTED_ON = {
    "interventions": ("intervention_queue", "interventions"),
    "shift_plan": ("shift_plan", "shift_plan"),
}


def tables_to_act_on(home: Home, wanted: Sequence[str]) -> dict[str, Any]:
    """The published tables that the simulated company reads today, as arguments of the simulator."""
    from warehouse.tables import read_published

    return {ACTED_ON[name][1]: read_published(home, ACTED_ON[name][0]) for name in wanted}


def must_be_empty(home: Home) -> None:
    """Two companies in one landing folder would be taken for one: their identifiers are the same."""
    if (home.truth / "state").exists():
        raise HarkenError(
            f"{home.root} holds a simulation already: go on with --advance, or give this one another home"
        )
    folder = home.landing / "harken"
    if any(path.is_file() for path in folder.rglob("*")):
        raise HarkenError(f"{folder} holds files already: empty it, or give the simulation another home")


@contextmanager
def one_line_errors() -> Iterator[None]:
    """What the simulator complains of, and a disk that is full, as an error of Harken's."""
    try:
        yield
    except ValueError as error:
        raise HarkenError(str(error)) from None
    except OSError as error:
        named = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise HarkenError(named + "; nothing of it was kept: make room and run it again" * full) from None


@dataclass(frozen=True)
class SimulatedCentre:
    """A centre that `orchestration.loop` plays. `start`: its first day; `contacts_a_day`: on average."""

    home: Home
    seed: int
    start: date
    contacts_a_day: float
    scenarios: tuple[str, ...] = ()
    acts_on: tuple[str, ...] = ()

    def days_lived(self) -> int:
        """Whole days simulated so far. Raises HarkenError where the home holds another company, or a damaged state."""
        from simulator import checkpoint
        from simulator.scale import Scale

        try:
            world = checkpoint.world(self.home.truth)
        except FileNotFoundError:
            return 0
        except ValueError as error:
            raise HarkenError(str(error)) from None
        mine = (self.seed, self.start, Scale.of(self.contacts_a_day), self.scenarios)
        if (world.seed, world.start, world.scale, world.scenarios) != mine:
            raise HarkenError(
                f"{self.home.root} holds another simulation (from {world.start}, scenarios "
                f"{', '.join(world.scenarios) or 'none'}): repeat its options, or give the loop another HARKEN_HOME"
            )
        return world.day

    def live(self, days: int, act: bool) -> int:
        """Simulate until so many days are lived, one file an entity and day after the first time; rows written.

        act: read the published tables (where it acts on any). A stretch that was cut short is simulated again, into
        the same files.
        """
        lived = self.days_lived()
        if days <= lived:
            return 0
        with one_line_errors():
            report = self._go_on(days - lived, act) if lived else self._begin(days)
        return sum(report.rows.values())

    def _begin(self, days: int) -> SimulationReport:
        from simulator import simulate

        return simulate(
            self.home.landing, self.home.truth, seed=self.seed, start=self.start, days=days,
            contacts_per_day=self.contacts_a_day, scenarios=self.scenarios, best_score=False,
        )  # fmt: skip

    def _go_on(self, days: int, act: bool) -> SimulationReport:
        from simulator import advance

        orders = tables_to_act_on(self.home, self.acts_on) if act else {}
        return advance(self.home.landing, self.home.truth, days=days, **orders)
