"""Alerts: rows of `ml.alerts`, raised once, and sent to a webhook that takes Slack's JSON.

What belongs here: what an alert is, and posting those that nobody was told of yet. What doesn't: when something is
worth an alert (the steps that raise them), and the table itself (`warehouse/`).

The address is a secret: it stands in no message, log or error of this module. An alert is sent at least once: a run
killed after the post and before it is marked leaves it to be sent again.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from orchestration.settings import Settings

Severity = Literal["critical", "warning", "notice"]

# A message of more lines isn't read; what is left over goes into the next message.
MOST_IN_A_MESSAGE = 20
# Older ones are history: a webhook that is set for the first time must not be flooded with it.
TOLD_WITHIN = timedelta(days=7)
TRIES = 4
FIRST_PAUSE_SECONDS = 0.5
LONGEST_MESSAGE = 1_000
# Too many requests, and faults that pass by themselves. Any other refusal stays one however often it is tried.
PASSING = {408, 425, 429, 500, 502, 503, 504}
LOGGERS_OF_URLLIB3 = ("connection", "connectionpool", "poolmanager", "response", "util.retry")


@dataclass(frozen=True)
class Alert:
    """What somebody should know. `subject` is the feature, metric or version; `message` one or two sentences."""

    task: str | None
    run_id: str
    clock: datetime
    severity: Severity
    kind: str
    subject: str | None
    message: str

    @property
    def alert_id(self) -> str:
        """The same for the same task, kind, subject and clock, so that a run done again raises nothing twice."""
        named = "\x1f".join([self.task or "", self.kind, self.subject or "", self.clock.isoformat()])
        return hashlib.sha256(named.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Delivery:
    """What became of the pending alerts: how many were sent, how many still wait, and why, in a line for the run."""

    sent: int = 0
    waiting: int = 0
    note: str = ""


def raise_alerts(con: duckdb.DuckDBPyConnection, alerts: Sequence[Alert]) -> int:
    """Write the alerts that aren't there yet; how many they were."""
    import pandas as pd

    from warehouse.operations import append_new

    rows = [{**asdict(alert), "alert_id": alert.alert_id, "attempts": 0, "sent_at": pd.NaT} for alert in alerts]
    return append_new(con, "ml.alerts", pd.DataFrame(rows), "alert_id") if rows else 0


def send_pending(con: duckdb.DuckDBPyConnection, settings: Settings, clock: datetime) -> Delivery:
    """Post what nobody was told of yet, in messages of at most twenty. Off without `alert_webhook`.

    What was refused before comes last and in ever smaller messages, so that one that is never taken holds up no other;
    among the rest the oldest comes first.

    Takes at most `webhook_seconds` in all and never raises: a run mustn't fail for want of a chat.
    """
    address = settings.alert_webhook.get_secret_value()
    if not address:
        return Delivery()
    until = time.monotonic() + settings.webhook_seconds
    sent = 0
    try:
        while True:
            pending = _pending(con, clock)
            if pending.empty:
                return Delivery(sent, 0, f"{sent} sent" if sent else "")
            tried = int(pending["attempts"].iloc[0])
            message = pending[(pending["attempts"] == tried).to_numpy(bool)].head(max(1, MOST_IN_A_MESSAGE >> tried))
            refused = _post(address, {"text": _text(message)}, until)
            _mark(con, message, sent=not refused)
            if refused:
                return Delivery(sent, len(pending), f"{len(pending)} not sent: the webhook {refused}")
            sent += len(message)
    except Exception as error:
        # Its words may hold the address.
        return Delivery(sent, 0, f"not sent: {type(error).__name__}")


def _pending(con: duckdb.DuckDBPyConnection, clock: datetime) -> pd.DataFrame:
    from warehouse.operations import read

    return read(
        con,
        "ml.alerts",
        "sent_at is null and clock > ? and clock <= ?",
        [clock - TOLD_WITHIN, clock],
        order_by="attempts, clock, task, kind, subject, alert_id",
    )


def _mark(con: duckdb.DuckDBPyConnection, alerts: pd.DataFrame, sent: bool) -> None:
    from warehouse.operations import mark_alerts

    mark_alerts(con, alerts["alert_id"].tolist(), datetime.now(UTC).replace(tzinfo=None) if sent else None)


def _text(alerts: pd.DataFrame) -> str:
    """One line an alert. Slack's own signs are escaped: a value in the data must not call a whole channel."""
    lines = []
    for alert in alerts.itertuples(index=False):
        task = f"{alert.task}, " if isinstance(alert.task, str) else ""
        message = str(alert.message)[:LONGEST_MESSAGE]
        lines.append(_escaped(f"[{alert.severity}] {task}{alert.clock:%Y-%m-%d %H:%M} UTC, {alert.kind}: {message}"))
    return (
        lines[0] if len(lines) == 1 else "\n".join([f"Harken: {len(lines)} alerts", *(f"- {line}" for line in lines)])
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _post(address: str, body: dict[str, Any], until: float) -> str:
    """Why the webhook didn't take it, in words that follow `the webhook`; empty where it did.

    A thread posts and this one waits: a name that can't be looked up, or an answer that comes byte by byte, passes by
    every timeout that a socket has.
    """
    outcome: list[str] = []
    thread = threading.Thread(target=lambda: outcome.append(_try(address, body, until)), daemon=True)
    thread.start()
    thread.join(max(0.0, until - time.monotonic()))
    return outcome[0] if outcome else "gave no answer in time"


def _try(address: str, body: dict[str, Any], until: float) -> str:
    """Post until it is taken, refused for good, or the time is over."""
    import requests

    pause, why = FIRST_PAUSE_SECONDS, "gave no answer in time"
    with _Unlogged(), requests.Session() as session:
        for attempt in range(TRIES):
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                # No redirect is followed: it may lead to another host, which the alert isn't for.
                answer = session.post(address, json=body, timeout=left, allow_redirects=False, stream=True)
                answer.close()
            except requests.Timeout:
                why = "gave no answer in time"
            except (requests.RequestException, OSError, ValueError):
                why = "can't be reached"
            else:
                if answer.status_code < 300:
                    return ""
                why = f"answered {answer.status_code}" + (" (redirects aren't followed)" if answer.is_redirect else "")
                if answer.status_code not in PASSING:
                    break
                pause = max(pause, _asked_to_wait(answer.headers.get("Retry-After")))
            if attempt + 1 == TRIES or time.monotonic() + pause >= until:
                break
            time.sleep(pause)
            pause *= 2
    return why


def _asked_to_wait(header: str | None) -> float:
    """Seconds that the server wants to be left alone; a date in its place isn't worth reading for so short a while."""
    return float(header) if header and header.isascii() and header.isdigit() else 0.0


class _Unlogged:
    """Within it nothing of what urllib3 logs in this thread comes out: it names the path, which is the secret."""

    def __enter__(self) -> None:
        self._loggers = [logging.getLogger(f"urllib3.{name}") for name in LOGGERS_OF_URLLIB3]
        thread = threading.get_ident()
        self._filter: Callable[[logging.LogRecord], bool] = lambda record: record.thread != thread
        for logger in self._loggers:
            logger.addFilter(self._filter)

    def __exit__(self, *error: object) -> None:
        for logger in self._loggers:
            logger.removeFilter(self._filter)
