"""An interrupt while dbt builds: dbt lets go of its queries, and the run ends as it would have elsewhere."""

from __future__ import annotations

import signal

import pytest
from dagster._utils.interrupts import capture_interrupts

from orchestration.dbt_runner import interruptible
from orchestration.run import own_sigterm


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
