"""The writer lock: one process, named in the error, freed by the kernel when its holder dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from warehouse.connect import connect
from warehouse.errors import WarehouseLocked
from warehouse.home import Home, open_home
from warehouse.lock import lock_holder, writer_lock

_HOLD = """
import sys, time
from warehouse.home import open_home
from warehouse.lock import writer_lock
home = open_home(sys.argv[1])
with writer_lock(home, "harken run"):
    {before}
    print("held", flush=True)
    time.sleep(60)
"""


def _hold(home: Home, before: str = "pass") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD.format(before=before), str(home.root)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_holds_it_and_kill_9_frees_it(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    process = _hold(home)
    try:
        with pytest.raises(WarehouseLocked, match=rf"pid {process.pid} \(harken run\)"), writer_lock(home, "test"):
            pass
        assert f"pid {process.pid}" in (lock_holder(home) or "")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with writer_lock(home, "test"):
        assert f"pid {os.getpid()} (test)" in (lock_holder(home) or "")
    assert lock_holder(home) is None


def test_a_child_forked_by_the_holder_does_not_keep_the_lock(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    process = _hold(home, "import os\n    if os.fork() == 0: time.sleep(60); os._exit(0)")
    process.kill()
    process.wait()
    try:
        # The child lets go as soon as it is first scheduled.
        with writer_lock(home, "test", wait_seconds=20):
            pass
    finally:
        os.killpg(process.pid, signal.SIGKILL)


def test_waiting_gets_the_lock_when_it_becomes_free(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    process = _hold(home)
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -9 {process.pid}"])
    started = time.monotonic()
    with writer_lock(home, "test", wait_seconds=20):
        assert time.monotonic() - started < 10
    killer.wait()
    process.wait()


def test_the_lock_is_re_entrant_within_the_process(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with writer_lock(home, "outer"):
        with writer_lock(home, "inner"):
            pass
        assert "outer" in (lock_holder(home) or "")
    assert lock_holder(home) is None


def test_a_warehouse_open_elsewhere_is_one_line_with_the_pid(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with connect(home):
        pass
    process = _hold(home, "from warehouse.connect import connect; con = connect(home)")
    try:
        with pytest.raises(WarehouseLocked, match=f"pid {process.pid}") as caught:
            connect(home)
        assert "\n" not in str(caught.value)
    finally:
        process.kill()
        process.wait()
