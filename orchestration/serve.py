"""Starts the Dagster and MLflow web servers as children of one process, on loopback, and ends them with it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from orchestration.instance import prepare
from orchestration.overlay import overlay_of
from orchestration.project import Project
from orchestration.settings import REPOSITORY, Settings, child_environment
from warehouse.errors import HarkenError
from warehouse.home import open_home

HOST = "127.0.0.1"


def serve(settings: Settings, ports: Mapping[str, int], tell: Callable[[str], None]) -> int:
    """Serve until Ctrl-C or until one of the two ends. Returns the exit code.

    Raises HarkenError where a port is taken.
    """
    for name, port in ports.items():
        if _taken(port):
            raise HarkenError(f"port {port} is taken: stop what uses it, or give another with --{name}-port")
    home = open_home(settings.home)
    prepare(home)
    # Made here, once, rather than by webserver, daemon and code server at the same time.
    Project(REPOSITORY / "dbt_project", home, overlay_of(settings)).manifest_path()
    environment = child_environment(settings)
    python = sys.executable
    bin_folder = Path(python).parent
    commands = {
        "dagster": [
            python, "-m", "dagster", "dev", "--workspace", str(REPOSITORY / "workspace.yaml"),
            "--host", HOST, "--port", str(ports["dagster"]), "--log-level", "warning",
        ],
        "mlflow": [
            str(bin_folder / "mlflow"), "ui", "--backend-store-uri", home.mlflow_uri,
            "--default-artifact-root", str(home.mlflow_artifacts), "--host", HOST, "--port", str(ports["mlflow"]),
            "--workers", "1",
        ],
    }  # fmt: skip
    children: dict[str, subprocess.Popen[bytes]] = {}
    # A service manager stops with SIGTERM, which would leave the servers behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for name, command in commands.items():
            log = (home.logs / f"{name}.log").open("ab")
            children[name] = subprocess.Popen(
                command, env=environment, cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True
            )
            tell(f"{name}: http://{HOST}:{ports[name]} (log: {home.logs / f'{name}.log'})")
        while True:
            for name, child in children.items():
                if child.poll() is not None:
                    raise HarkenError(f"{name} has ended (code {child.returncode}): see {home.logs / f'{name}.log'}")
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children.values():
            _stop(child)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _stop(child: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """End a server and the processes that it has started, more firmly each time it doesn't listen."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            os.killpg(child.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(patience)
