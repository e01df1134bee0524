"""An interrupt ends the run wherever it comes, while dbt builds or amid a query; what follows doesn't begin."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import nullcontext
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._utils.interrupts import capture_interrupts

from orchestration.dbt_runner import interruptible
from orchestration.report import Report
from orchestration.run import Session, own_sigterm
from orchestration.settings import load_settings
from warehouse.home import open_home


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_dbt_sees_a_keyboard_interrupt_and_the_handler_of_before_is_back(number: signal.Signals) -> None:
    class Stopped(BaseException):
        pass

    def as_under_dagster(number: int, frame: object) -> None:
        raise Stopped

    before = signal.signal(number, as_under_dagster)
    try:
        with interruptible() as interrupted, pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert interrupted == [number]
        with pytest.raises(Stopped):
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)


def test_a_run_in_the_background_of_a_script_can_be_ended_after_dagster_had_its_signals() -> None:
    ignored, term = signal.signal(signal.SIGINT, signal.SIG_IGN), signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with own_sigterm(), capture_interrupts():
            pass
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, ignored)
        signal.signal(signal.SIGTERM, term)


def test_a_signal_that_ends_the_process_goes_on_doing_so() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with interruptible():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("in_a_step", [True, False])
def test_an_interrupt_amid_a_query_ends_more_than_its_step(tmp_path: Path, in_a_step: bool) -> None:
    """DuckDB drops what the handler raised, and raises an error like any other; also between the report's steps."""
    home, report = open_home(tmp_path), Report()
    later = []

    @dg.op(out=dg.Out(dg.Nothing))
    def long_query() -> None:
        con = duckdb.connect()
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
        with report.step("long query") if in_a_step else nullcontext():
            while True:
                con.execute("select count(distinct hash(range)) from range(1000000)")

    @dg.op(ins={"after": dg.In(dg.Nothing)})
    def what_follows() -> None:
        later.append(1)

    @dg.job
    def both() -> None:
        what_follows(long_query())

    definitions = dg.Definitions(jobs=[both])
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(KeyboardInterrupt):
        Session(load_settings(home=home.root), home, definitions, instance, report).run("both")
    assert later == []
    assert report.stopped is in_a_step
    assert [str(line).split()[-1] for line in report.steps] == ["stopped"] * in_a_step
