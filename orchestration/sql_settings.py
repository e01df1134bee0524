"""The settings that SQL reads, in the shape of the `ops` tables, and their fingerprint.

A changed value among them changes what tables hold, so that a run after it builds everything anew.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from orchestration.overlay import contracts_of
from orchestration.settings import Settings

HOLIDAY_YEARS = range(2000, 2041)


def sql_settings(settings: Settings) -> dict[str, Any]:
    """Arguments of `warehouse.operations.write_settings`."""
    return {
        "parameters": {
            "review_hour": settings.review_hour,
            "horizon_days": settings.horizon_days,
            "time_zone": settings.time_zone,
            "short_abandon_seconds": settings.short_abandon_seconds,
            "service_level_seconds": settings.service_level_seconds,
            "repeat_days": settings.repeat_days,
        },
        "arrival_lags": settings.arrival_lag_minutes,
        "rules": _rules(settings),
        "holidays": _holidays(settings.holiday_country),
    }


def table_settings_fingerprint(settings: Settings) -> str:
    """Hash of those values; the holidays follow from their country and the library's version."""
    from importlib.metadata import version

    values = {**sql_settings(settings)["parameters"], "lags": settings.arrival_lag_minutes, "rules": _rules(settings)}
    values["holidays"] = [settings.holiday_country, version("holidays")]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def _rules(settings: Settings) -> list[tuple[str, str]]:
    """(source, rule) for each source that doesn't record escalations itself."""
    sources = sorted(
        {entity.source for entity in contracts_of(settings)} - set(settings.sources_with_escalation_events)
    )
    return [(source, rule) for source in sources for rule in sorted(set(settings.escalation_rules))]


def _holidays(country: str) -> list[tuple[date, str]]:
    if not country:
        return []
    import holidays

    return sorted(holidays.country_holidays(country, years=HOLIDAY_YEARS).items())
