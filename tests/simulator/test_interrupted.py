"""A simulation cut off at any step leaves nothing, or all of it as soon as anything is simulated there again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from simulator import advance, alone, simulate, staging
from tests.simulator.conftest import START
from tests.simulator.test_files import SMALL, contents

DAYS = 4
SLOW_WRITER = """
import sys
from datetime import date
from pathlib import Path
from simulator import Scale, simulate, writer
if __name__ == "__main__":
    writer.WORTH_A_PROCESS = 0
    root = Path(sys.argv[1])
    simulate(root / "landing", root / "truth", start=date(2025, 7, 1), days=300, split="day")
"""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("past")
    simulate(root / "landing", root / "truth", seed=3, start=START, days=DAYS, scale=SMALL, split="day")
    return root


@pytest.fixture(scope="module")
def after(past: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Two days later, undisturbed."""
    root = tmp_path_factory.mktemp("after") / "company"
    shutil.copytree(past, root)
    for _ in range(2):
        advance(root / "landing", root / "truth")
    return seen(root)


def seen(root: Path) -> dict[str, bytes]:
    truth = {
        f"truth/{path.name}": path.read_bytes() for path in (root / "truth").glob("[!.]*") if path.is_file()
    }  # fmt: skip
    return contents(root / "landing") | truth


class Cut(BaseException):
    """As sudden as a kill: nothing in the code catches it."""


@pytest.mark.parametrize("step", range(1, 31, 3))
def test_cut_off_while_moving_into_place(
    past: Path, after: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    root = tmp_path / "company"
    shutil.copytree(past, root)
    left = [step]

    def counted(plain):  # type: ignore[no-untyped-def]
        def move(*given: object, **how: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Cut
            return plain(*given, **how)

        return move

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", counted(Path.rename))
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(shutil, "rmtree", counted(shutil.rmtree))
        with suppress(Cut):
            advance(root / "landing", root / "truth")
    whole = (root / "truth" / staging.WHOLE).exists()
    report = advance(root / "landing", root / "truth")
    assert report.finished_first == whole
    while report.to_day < DAYS + 2:
        report = advance(root / "landing", root / "truth")
    assert seen(root) == after
    assert not list(root.glob("*/.sim*"))


def test_an_error_leaves_nothing(past: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "company"
    shutil.copytree(past, root)
    before = seen(root)
    monkeypatch.setattr("simulator.checkpoint.save", lambda *given: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(OSError, match="no space"):
        advance(root / "landing", root / "truth")
    assert seen(root) == before
    assert not list(root.glob("*/.sim*"))


def test_one_at_a_time(past: Path, tmp_path: Path) -> None:
    root = tmp_path / "company"
    shutil.copytree(past, root)
    held = f"from pathlib import Path; from simulator import alone\nwith alone(Path({str(root / 'truth')!r})): input()"
    other = subprocess.Popen([sys.executable, "-c", held], stdin=subprocess.PIPE, cwd=Path(staging.__file__).parents[1])
    lock = root / "truth" / ".lock"
    while not (lock.exists() and lock.read_text() == str(other.pid)):
        assert other.poll() is None
        time.sleep(0.02)
    with pytest.raises(ValueError, match=f"process {other.pid} is simulating here; wait until it ends"):
        advance(root / "landing", root / "truth")
    other.kill()
    other.wait()
    with alone(root / "truth"):
        advance(root / "landing", root / "truth")


def test_the_writer_ends_with_the_simulation_it_writes_for(tmp_path: Path) -> None:
    """Or it would go on writing into the folder of the next one."""
    script = tmp_path / "slow.py"
    script.write_text(SLOW_WRITER)
    repository = Path(staging.__file__).parents[1]
    parent = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], env={**os.environ, "PYTHONPATH": str(repository)}
    )
    while not list((tmp_path / "landing").glob(f"{staging.UNDER_WAY}/harken/*/*")):
        assert parent.poll() is None
        time.sleep(0.05)
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    writers = [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    assert writers
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in writers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{child}").exists() for child in writers)
    assert not (tmp_path / "landing" / "harken").exists()
