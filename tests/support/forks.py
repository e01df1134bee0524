"""Processes that don't pay for Python's start: forked from one that has imported the large libraries.

A command that runs the daily job spends some 15 s of processor time on imports; the tests call dozens of them.
A fork has a life of its own as any process: environment, folder, output, exit code, and it can be killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.support.preloaded"])


class Fork:
    """A process that calls `main()` in `folder`; what it tells goes into two files of `output`.

    `main` must be found by its name in a module; `arguments`: what it sees as sys.argv.
    """

    def __init__(
        self,
        main: Callable[[], object],
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        output: Path,
    ) -> None:
        self.arguments = list(arguments)
        self._out, self._err = output / "stdout", output / "stderr"
        self._process = _CONTEXT.Process(
            target=_live, args=(main, self.arguments, dict(environment), folder, self._out, self._err)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float = 900) -> int:
        self._process.join(seconds)
        if self._process.exitcode is None:
            self.kill()
            raise subprocess.TimeoutExpired(self.arguments, seconds, self.stdout, self.stderr)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    @property
    def stdout(self) -> str:
        return self._out.read_text(encoding="utf-8") if self._out.exists() else ""

    @property
    def stderr(self) -> str:
        return self._err.read_text(encoding="utf-8") if self._err.exists() else ""

    def wait_for_line(self, beginning: str) -> str:
        """What it told up to the first line that begins so."""
        while True:
            ended = self.poll() is not None
            told = self.stdout
            lines = told.splitlines(keepends=True)
            for number, line in enumerate(lines):
                if line.startswith(beginning) and line.endswith("\n"):
                    return "".join(lines[: number + 1])
            assert not ended, f"it ended without {beginning!r}: {told}{self.stderr}"
            time.sleep(0.05)

    def completed(self) -> subprocess.CompletedProcess[str]:
        code = self.wait()
        return subprocess.CompletedProcess(self.arguments, code, self.stdout, self.stderr)


def _live(
    main: Callable[[], object], arguments: list[str], environment: dict[str, str], folder: Path, out: Path, err: Path
) -> None:
    import tests.support.preloaded  # noqa: F401 - where it wasn't found before the fork

    for number, file in ((1, out), (2, err)):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] - somebody may wait for a line
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = arguments
    main()
