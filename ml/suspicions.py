"""What is suspected: the new alarms of a day are a suspicion of their own, looked at again on rows that came after it.

Each has its own looks and its own end, so a false one keeps no true one waiting.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ml.answered import unanswered
from ml.settings import LifecycleSettings
from ml.status import Seen, Status


def news(status: Status, suspects: Iterable[str]) -> tuple[str, ...]:
    """The suspects that are neither answered nor suspected already, in their order."""
    known = {suspect for suspicion in status.suspicions for suspect in suspicion["suspects"]}
    return tuple(suspect for suspect in unanswered(status, suspects) if suspect not in known)


def looked_again(status: Status, seen: Seen, clock: pd.Timestamp, settings: LifecycleSettings) -> tuple[Status, bool]:
    """The status with its suspicions after this day (begun, looked at, dropped as too old), and whether any is
    confirmed. Then only the confirmed ones stay: they say what the retraining is for."""
    looked = [{**s, "looks": s["looks"] + (s["at"] in seen.confirmed)} for s in status.suspicions]
    sure = [s for s in looked if seen.confirmed.get(s["at"])]
    if sure:
        return status.remember(suspicions=sure), True
    life = pd.Timedelta(days=settings.suspicion_days)
    left = [s for s in looked if clock - pd.Timestamp(s["at"]) < life]
    fresh = news(status, seen.suspects) if seen.alarm else ()
    if fresh:
        left.append({"suspects": sorted(fresh), "at": clock.isoformat(), "looks": 0, "why": seen.why})
    return status.remember(suspicions=left) if left else status.forget("suspicions"), False


def why_suspected(status: Status) -> str:
    """What raised the suspicions that stand, in one line, the oldest first."""
    return "; ".join(suspicion["why"] for suspicion in status.suspicions)
