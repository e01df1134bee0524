"""What the report says of an injected change: when it was first seen, and when fresh rows confirmed it."""

from datetime import date, datetime
from pathlib import Path

import pandas as pd

from orchestration.loop_report import Stretch, markdown, report_tables
from tests.orchestration.two_tasks import task
from warehouse.connect import connect
from warehouse.home import open_home
from warehouse.operations import append

CHANGED = date(2026, 5, 15)
MORNING = datetime(2026, 5, 28, 8)


def event(clock: datetime, name: str) -> dict[str, object]:
    return {"task": "calm", "run_id": "r", "clock": clock, "event": name, "model_version": "1", "reason": name}


def test_a_change_is_told_with_its_alarm_its_confirmation_and_what_followed_in_order(tmp_path: Path) -> None:
    confirmed = datetime(2026, 6, 4, 8)
    finding = {
        "task": "calm", "run_id": "r", "clock": MORNING, "day": MORNING.date(), "model_version": "1",
        "kind": "performance", "subject": "pr_auc", "p_value": 0.001, "alarm": True, "sentence": "PR-AUC fell",
    }  # fmt: skip
    happened = [(MORNING, "drift suspected")]
    happened += [(confirmed, name) for name in ("drift confirmed", "retraining asked for", "in the shadow")]
    stretch = Stretch("t", datetime(2026, 5, 1, 8), datetime(2026, 6, 30, 8), {"policy_change": CHANGED})
    with connect(open_home(tmp_path / "home")) as con:
        append(con, "ml.drift", pd.DataFrame([finding]))
        append(con, "ml.model_events", pd.DataFrame([event(*what) for what in happened]))
        detections, events, *_ = report_tables(con, stretch, {"calm": task("calm")})
    assert detections.rows == [
        ("policy_change", "2026-05-15", "2026-05-28", "0", "2026-06-04", "0", "PR-AUC fell"),
    ]
    assert [row[1] for row in events.rows] == [name for _, name in happened]
    assert "| 2026-06-04 | in the shadow | 1 |" in markdown("t", [events])
