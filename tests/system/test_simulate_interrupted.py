"""`harken simulate` killed, failing or started twice: nothing half-written counts, and going on gives the same."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.staging import UNDER_WAY, WHOLE
from tests.support.cli import REPOSITORY, harken, one_line
from warehouse.home import Home, open_home

FIRST = ("simulate", "--contacts", "1500", "--days", "20", "--start", "2026-06-01")
NEXT = ("simulate", "--advance", "1d")


def files(home: Home) -> dict[str, bytes]:
    """What others may read of landing and truth, hidden files apart; the state's bytes aren't anybody's."""
    found = {}
    for root in (home.landing, home.truth):
        for path in sorted(root.rglob("*")):
            name = path.relative_to(home.root)
            if path.is_file() and not any(part.startswith(".") or part == "state" for part in name.parts):
                found[str(name)] = path.read_bytes()
    return found


def hidden(home: Home) -> list[str]:
    """Folders aside that are still there."""
    return [path.name for root in (home.landing, home.truth) for path in root.glob(".sim*")]


def start(home: Home, *arguments: str, **how: object) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARKEN_")}
    environment = {**kept, "HARKEN_HOME": str(home.root), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200"}
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    return subprocess.Popen(
        command, env=environment, cwd=home.root.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        **how,  # type: ignore[call-overload]
    )  # fmt: skip


def kill_when(home: Home, moment: Callable[[Home], bool], *arguments: str) -> bool:
    """Run the command and kill it as soon as the moment has come; false if it ended before."""
    process = start(home, *arguments)
    deadline = time.monotonic() + 120
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if moment(home):
                process.send_signal(signal.SIGKILL)
                return process.wait() == -signal.SIGKILL
        return False
    finally:
        process.kill()
        process.communicate()


def aside(count: int) -> Callable[[Home], bool]:
    """When so many landing files lie aside."""
    return lambda home: sum(1 for _ in (home.landing / UNDER_WAY).glob("harken/*/*")) >= count


def state_aside(home: Home) -> bool:
    return (home.truth / UNDER_WAY / "state").exists()


def whole(home: Home) -> bool:
    return (home.truth / WHOLE).exists()


MOMENTS = {"at the tenth file": aside(10), "as the state is written": state_aside, "as all is whole": whole}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """The files after the start and after each of two further days."""
    home = open_home(tmp_path_factory.mktemp("undisturbed") / "home")
    after = []
    for arguments in (FIRST, NEXT, NEXT):
        assert harken(home.root, *arguments).returncode == 0
        after.append(files(home))
    return after


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_the_next_ones_give_the_same_bytes(
    undisturbed: list[dict[str, bytes]], tmp_path: Path, moment: str
) -> None:
    home = open_home(tmp_path / "home")
    hits = 0
    for arguments in (FIRST, NEXT):
        hits += kill_when(home, MOMENTS[moment], *arguments)
        seen = files(home)
        # what is there is whole, and either nothing or on its way to being all
        assert all(any(day.get(name) == text for day in undisturbed) for name, text in seen.items())
        if moment != "as all is whole":
            assert seen == ({} if arguments is FIRST else undisturbed[0])
        again = harken(home.root, *arguments)
        if arguments is FIRST and again.returncode:
            assert "holds a simulation already: go on with --advance" in again.stderr
        assert not hidden(home)
    # an advance that was whole when it was killed counts: the next one is the day after
    days = len(list((home.landing / "harken" / "contacts").glob("contacts_2026-06-2?.csv")))
    assert files(home) == undisturbed[days]
    # the last moments are gone in a wink; how often they are met isn't ours to say
    assert hits == 2 or moment.startswith("as ")


def small_files_only() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))


def test_a_full_disk_leaves_nothing_and_is_told_in_one_line(
    undisturbed: list[dict[str, bytes]], tmp_path: Path
) -> None:
    home = open_home(tmp_path / "home")
    for arguments, before in ((FIRST, {}), (NEXT, undisturbed[0])):
        process = start(home, *arguments, preexec_fn=small_files_only)
        _, complaint = process.communicate(timeout=300)
        assert process.returncode == 1
        assert "make room and run it again" in one_line(complaint)
        assert files(home) == before and not hidden(home)
        assert harken(home.root, *arguments).returncode == 0
    assert files(home) == undisturbed[1]


def test_the_second_of_two_at_once_is_told_in_one_line(undisturbed: list[dict[str, bytes]], tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    first = start(home, *FIRST)
    while not (home.landing / UNDER_WAY).exists():
        assert first.poll() is None
        time.sleep(0.01)
    os.kill(first.pid, signal.SIGSTOP)
    for arguments in (FIRST, NEXT, ("demo", "--contacts", "1000", "--days", "60")):
        second = harken(home.root, *arguments)
        assert second.returncode == 1
        assert f"process {first.pid} is simulating here; wait until it ends" in one_line(second.stderr)
    os.kill(first.pid, signal.SIGCONT)
    first.communicate()
    assert first.returncode == 0
    assert files(home) == undisturbed[0]
