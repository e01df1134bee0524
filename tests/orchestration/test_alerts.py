"""Alerts are raised once and reach a webhook, without ever holding up a run or telling the address."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import alerts
from orchestration.alerts import Alert, Delivery, raise_alerts, send_pending
from orchestration.settings import Settings
from warehouse.schema import create_schema

CLOCK = datetime(2026, 3, 10, 8)
PATH = "/services/T0000/B0000/do-not-show"
DRIFT = Alert("escalation", "run-7", CLOCK, "warning", "drift", "category", "category is invoice twice as often")


@dataclass
class Webhook:
    """A server on this machine. `answers`: the status of each request in turn, the last one for all that follow.

    `refuses`: a message with these words in it is answered 400.
    """

    address: str = ""
    answers: list[int] = field(default_factory=lambda: [200])
    refuses: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    behave: Callable[[BaseHTTPRequestHandler], bool] = lambda handler: False
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.taken]


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A running webhook; `behave` may take a request out of its hands by returning True."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setattr(alerts, "FIRST_PAUSE_SECONDS", 0.01)
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.asked.append(self.path)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if hook.behave(self):
                return
            status = hook.answers.pop(0) if len(hook.answers) > 1 else hook.answers[0]
            if hook.refuses and hook.refuses in body["text"]:
                status = 400
            if status < 300:
                hook.taken.append(body)
            self.send_response(status)
            for name, value in hook.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: Any) -> None:
            pass  # a client that gave up

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook.address = f"http://127.0.0.1:{server.server_port}{PATH}"
    yield hook
    server.shutdown()
    server.server_close()


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    create_schema(connection)
    yield connection
    connection.close()


def settings(address: str, seconds: float = 10) -> Settings:
    return Settings(home=Path("x"), alert_webhook=address, webhook_seconds=seconds)  # type: ignore[arg-type]


def state(con: duckdb.DuckDBPyConnection) -> list[tuple[int, bool]]:
    """Attempts, and whether it was sent, of each alert by its clock."""
    return con.execute("select attempts, sent_at is not null from ml.alerts order by clock, kind, subject").fetchall()


def test_an_alert_is_raised_once_for_its_clock(con: duckdb.DuckDBPyConnection) -> None:
    other = replace(DRIFT, subject="site")
    assert raise_alerts(con, [DRIFT, DRIFT, other]) == 2
    again = replace(DRIFT, run_id="run-8", message="the same, said otherwise")
    assert raise_alerts(con, [again, other]) == 0
    assert raise_alerts(con, [replace(DRIFT, clock=CLOCK + timedelta(days=1)), replace(DRIFT, task=None)]) == 2
    assert raise_alerts(con, []) == 0
    assert con.execute("select distinct run_id, attempts, sent_at from ml.alerts").fetchall() == [("run-7", 0, None)]


def test_nothing_is_sent_unless_an_address_is_set(con: duckdb.DuckDBPyConnection) -> None:
    raise_alerts(con, [DRIFT])
    assert send_pending(con, Settings(home=Path("x")), CLOCK) == Delivery()
    assert state(con) == [(0, False)]


def test_what_is_pending_is_sent_once(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    raise_alerts(con, [DRIFT])
    assert send_pending(con, settings(webhook.address), CLOCK) == Delivery(1, 0, "1 sent")
    assert webhook.taken == [
        {"text": "[warning] escalation, 2026-03-10 08:00 UTC, drift: category is invoice twice as often"}
    ]
    assert send_pending(con, settings(webhook.address), CLOCK) == Delivery()
    raise_alerts(con, [DRIFT])
    send_pending(con, settings(webhook.address), CLOCK)
    assert len(webhook.asked) == 1 and state(con) == [(1, True)]


def test_several_go_in_few_messages_oldest_first(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    raise_alerts(con, [replace(DRIFT, clock=CLOCK - timedelta(hours=n), subject=f"s{n}") for n in range(23)])
    assert send_pending(con, settings(webhook.address), CLOCK).sent == 23
    first, second = webhook.texts
    assert first.startswith("Harken: 20 alerts\n- [warning] escalation, 2026-03-09 10:00 UTC")
    assert second.startswith("Harken: 3 alerts\n") and "2026-03-10 08:00" in second


def test_only_what_the_clock_has_reached_and_is_of_its_week(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    raise_alerts(con, [replace(DRIFT, clock=CLOCK + timedelta(days=days)) for days in (-30, -6, 1)])
    assert send_pending(con, settings(webhook.address), CLOCK).sent == 1
    assert state(con) == [(0, False), (1, True), (0, False)]


def test_signs_of_slack_are_escaped(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    raise_alerts(con, [replace(DRIFT, task=None, message="a new value <!channel> & more")])
    send_pending(con, settings(webhook.address), CLOCK)
    assert webhook.texts == ["[warning] 2026-03-10 08:00 UTC, drift: a new value &lt;!channel&gt; &amp; more"]


def test_a_fault_that_passes_is_tried_again(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    webhook.answers = [500, 429, 200]
    raise_alerts(con, [DRIFT])
    assert send_pending(con, settings(webhook.address), CLOCK).sent == 1
    assert len(webhook.asked) == 3 and state(con) == [(1, True)]


def test_a_fault_that_lasts_leaves_it_for_the_next_run(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    webhook.answers = [503]
    raise_alerts(con, [DRIFT, replace(DRIFT, subject="site")])
    found = send_pending(con, settings(webhook.address), CLOCK)
    assert found == Delivery(0, 2, "2 not sent: the webhook answered 503")
    assert len(webhook.asked) == alerts.TRIES and state(con) == [(1, False), (1, False)]
    webhook.answers = [200]
    assert send_pending(con, settings(webhook.address), CLOCK).sent == 2
    assert state(con) == [(2, True), (2, True)]


def test_a_refusal_for_good_is_tried_once(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    webhook.answers = [404]
    raise_alerts(con, [DRIFT])
    assert send_pending(con, settings(webhook.address), CLOCK).note.endswith("the webhook answered 404")
    assert len(webhook.asked) == 1


def test_an_alert_that_is_never_taken_holds_up_no_other(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    old = replace(DRIFT, clock=CLOCK - timedelta(days=1))
    raise_alerts(con, [replace(old, subject=f"s{n:02d}", message=f"about s{n:02d}") for n in range(20)])
    webhook.refuses = "about s07"
    assert send_pending(con, settings(webhook.address), CLOCK).sent == 0
    raise_alerts(con, [replace(DRIFT, subject="new", message="about the new one")])
    sent = [send_pending(con, settings(webhook.address), CLOCK).sent for _ in range(6)]
    # The new one first, then the others by halves, until only the one that is refused is left.
    assert "the new one" in webhook.texts[0] and sum(sent) == 20
    assert con.execute("select subject from ml.alerts where sent_at is null").fetchall() == [("s07",)]


def test_redirects_are_not_followed(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    webhook.answers, webhook.headers = [307], {"Location": f"{webhook.address}-elsewhere"}
    raise_alerts(con, [DRIFT])
    found = send_pending(con, settings(webhook.address), CLOCK)
    assert found.note.endswith("the webhook answered 307 (redirects aren't followed)")
    assert webhook.asked == [PATH]


def test_a_server_that_wants_a_long_pause_isnt_waited_for(con: duckdb.DuckDBPyConnection, webhook: Webhook) -> None:
    webhook.answers, webhook.headers = [429], {"Retry-After": "3600"}
    raise_alerts(con, [DRIFT])
    started = time.monotonic()
    assert send_pending(con, settings(webhook.address), CLOCK).waiting == 1
    assert time.monotonic() - started < 5 and len(webhook.asked) == 1


def _hang(handler: BaseHTTPRequestHandler) -> bool:
    time.sleep(6)
    return True


def _trickle(handler: BaseHTTPRequestHandler) -> bool:
    """An answer whose bytes keep coming, so that no socket times out."""
    for _ in range(60):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" if _ == 0 else b"X")
        handler.wfile.flush()
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("behaviour", [_hang, _trickle])
def test_a_server_that_hangs_costs_a_bounded_time(
    con: duckdb.DuckDBPyConnection, webhook: Webhook, behaviour: Callable[[BaseHTTPRequestHandler], bool]
) -> None:
    webhook.behave = behaviour
    raise_alerts(con, [replace(DRIFT, subject=f"s{n}") for n in range(30)])
    started = time.monotonic()
    found = send_pending(con, settings(webhook.address, seconds=1), CLOCK)
    assert time.monotonic() - started < 3
    assert found == Delivery(0, 30, "30 not sent: the webhook gave no answer in time")


def test_a_host_that_isnt_there_is_a_line(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(alerts, "FIRST_PAUSE_SECONDS", 0.01)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    raise_alerts(con, [DRIFT])
    found = send_pending(con, settings(f"http://127.0.0.1:{port}{PATH}"), CLOCK)
    assert found == Delivery(0, 1, "1 not sent: the webhook can't be reached")
    assert state(con) == [(1, False)]


def test_killed_between_the_post_and_its_mark_it_is_sent_again(
    con: duckdb.DuckDBPyConnection, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once: better told twice than never."""

    def killed(*args: Any, **given: Any) -> None:
        raise KeyboardInterrupt

    raise_alerts(con, [DRIFT])
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(alerts, "_mark", killed)
        send_pending(con, settings(webhook.address), CLOCK)
    assert state(con) == [(0, False)] and len(webhook.taken) == 1
    assert send_pending(con, settings(webhook.address), CLOCK).sent == 1
    assert len(webhook.taken) == 2 and state(con) == [(1, True)]


def test_a_table_that_cant_be_read_doesnt_fail_the_run(webhook: Webhook) -> None:
    with duckdb.connect() as empty:
        found = send_pending(empty, settings(webhook.address), CLOCK)
    assert found == Delivery(0, 0, "not sent: CatalogException")


def _garbled(handler: BaseHTTPRequestHandler) -> bool:
    """Headers that can't be read: urllib3 warns of them by another logger than of all else."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nno header at all\r\n\r\n")
    return True


@pytest.mark.parametrize("answers", [[200], [500, 200], [500], [404], [302], []])
def test_the_address_is_told_nowhere(
    con: duckdb.DuckDBPyConnection,
    webhook: Webhook,
    answers: list[int],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    loggers = [logging.getLogger(f"urllib3.{name}") for name in alerts.LOGGERS_OF_URLLIB3]
    before = [list(logger.filters) for logger in loggers]
    webhook.answers = answers
    if not answers:
        webhook.behave = _garbled
    raise_alerts(con, [DRIFT])
    found = [send_pending(con, settings(webhook.address), CLOCK)]
    unreachable = settings(f"http://127.0.0.1:9{PATH}", seconds=2)
    found += [send_pending(con, unreachable, CLOCK)]
    told = capfd.readouterr()
    rows = con.execute("select * from ml.alerts").fetchall()
    everything = "\n".join([told.out, told.err, caplog.text, repr(found), repr(rows), repr(unreachable)])
    assert "do-not-show" not in everything
    for logger, old in zip(loggers, before, strict=True):
        assert [f for f in logger.filters if f not in old] == []
