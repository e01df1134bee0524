"""Harken's settings: one typed class, read from `$HARKEN_HOME/harken.toml` and `HARKEN_*` variables.

This is the only module that reads or writes the process environment. What belongs here: every value a company may
change, how it is read, where it came from, and the variables that other tools (dbt, Dagster, MLflow, Great
Expectations) need to see. What doesn't: anything that acts on the settings.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from orchestration.settings_text import PREFIX, SettingsError, faults, own_variables, read_toml

REPOSITORY = Path(__file__).resolve().parent.parent

EscalationRule = Literal["priority_raised", "reopened", "reassigned_3", "sla_breached", "complaint_filed"]


LONGEST_LAG_MINUTES = 365 * 24 * 60
CRON_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
CRON_NAMES = set("jan feb mar apr may jun jul aug sep oct nov dec sun mon tue wed thu fri sat".split())  # noqa: SIM905


class Settings(BaseSettings):
    """What a company may change. Sources, strongest first: `HARKEN_*` variables, harken.toml, the defaults here."""

    # Pydantic's own messages would show what was given, secrets too; `load_settings` tells the rest.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", validate_default=True, hide_input_in_errors=True
    )

    home: Path = Field(Path("var"), description="Folder of all state; only as HARKEN_HOME, not in harken.toml.")

    time_zone: str = Field("Europe/Berlin", description="Local time of the published tables (IANA name).")
    holiday_country: str = Field("DE", description="Country whose public holidays count (ISO code; empty for none).")
    review_hour: int = Field(8, ge=0, le=23, description="Hour (UTC) of the morning review of open tickets.")
    horizon_days: int = Field(7, ge=1, le=60, description="Days ahead that an escalation is predicted for.")
    short_abandon_seconds: int = Field(5, ge=0, description="Contacts abandoned within this time count as short.")
    service_level_seconds: int = Field(20, ge=1, description="Answered within this time counts for the service level.")
    repeat_days: int = Field(7, ge=1, description="Another contact within these days is a repeat.")
    arrival_lag_minutes: dict[str, int] = Field(
        default_factory=dict, description="How late each source's export comes, in minutes; 0 where not named."
    )
    escalation_rules: list[EscalationRule] = Field(
        default=["priority_raised", "reopened", "reassigned_3"],
        description="What counts as an escalation where a source records none.",
    )
    sources_with_escalation_events: list[str] = Field(
        default=["harken"], description="Sources that record escalations themselves; the rules don't apply to them."
    )

    overlay: str = Field(
        "", description="Folder with sources of one's own (docs/OVERLAY.md), seen from the home; empty for none."
    )

    seed: int = Field(20260701, description="Seed of training and of the demo's simulation.")
    training_rows: int = Field(
        60_000, ge=1_000, description="Rows that a model learns from at most; more are thinned by a hash of their key."
    )
    capacity: float | None = Field(
        None, gt=0, le=1, description="Share of open tickets that can be reviewed a day; empty: the task's own."
    )

    drift_reference_rows: int = Field(
        10_000, ge=500, le=1_000_000, description="Training rows, at most, that each day's rows are compared with."
    )
    suspicion_days: int = Field(
        14, ge=1, le=90, description="A suspected drift that isn't confirmed within these days is dropped."
    )
    shadow_days: int = Field(
        7, ge=1, le=90, description="Matured days of shadow scores between two looks at a candidate."
    )
    shadow_looks: int = Field(4, ge=1, le=12, description="A candidate that hasn't won by this look is refused.")
    promotion_gain: float = Field(
        0.005, ge=0, le=0.5, description="What a candidate must gain at least in its task's metric (such as PR-AUC)."
    )
    watch_days: int = Field(
        28, ge=0, le=365, description="How long the former champion scores on in the shadow after a promotion."
    )
    cooling_days: int = Field(
        14, ge=0, le=365, description="After a promotion or a refusal, no drift leads to a retraining for these days."
    )
    alert_webhook: SecretStr = Field(
        SecretStr(""), description="Address that alerts are posted to (Slack's JSON); a secret. Empty: off."
    )
    webhook_seconds: float = Field(10, ge=1, le=300, description="Time that a run may spend on posting alerts in all.")

    keep_snapshots: int = Field(14, ge=1, description="Published snapshots kept at least.")
    keep_snapshot_days: int = Field(30, ge=0, description="Published snapshots younger than this are kept.")
    lock_wait_seconds: int = Field(0, ge=0, description="How long a run waits for another writer to finish.")
    threads: int = Field(2, ge=1, le=64, description="Threads that DuckDB, dbt and training use.")
    warehouse_memory: str = Field(
        "1500MB",
        pattern=r"^[1-9]\d*(\.\d+)?\s?(MB|GB|MiB|GiB)$",
        description="Memory DuckDB may use before it spills to disk.",
    )

    schedule: str = Field("0 7 * * *", description="When the daily job runs, in cron's notation, local time.")
    challenger_schedule: str = Field(
        "0 3 * * 1", description="When a new model challenges each champion, drift or not; local time."
    )
    backtest_schedule: str = Field(
        "0 4 1 * *", description="When each task is played through again in full; local time."
    )
    fresh_within_hours: int = Field(26, ge=1, description="Published tables older than this count as late.")
    dagster_port: int = Field(3000, ge=1, le=65535)
    mlflow_port: int = Field(5000, ge=1, le=65535)

    @field_validator("schedule", "challenger_schedule", "backtest_schedule")
    @classmethod
    def _cron(cls, value: str) -> str:
        fields = value.split()
        if len(fields) != len(CRON_FIELDS):
            raise ValueError("is not in cron's notation: minute, hour, day, month, weekday, such as 0 7 * * *")
        for (name, low, high), field in zip(CRON_FIELDS, fields, strict=True):
            for part in field.lower().split(","):
                span = re.fullmatch(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([1-9]\d*))?", part)
                names = CRON_NAMES if name in ("month", "weekday") else set()
                ends = [end for end in (span.groups()[:2] if span else ["?"]) if end and end not in names]
                if not all(end.isdecimal() and low <= int(end) <= high for end in ends):
                    raise ValueError(f"is not in cron's notation: the {name} {field} isn't within {low} and {high}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        from zoneinfo import available_timezones

        if value not in available_timezones():
            raise ValueError("is not an IANA time zone, such as Europe/Berlin")
        return value

    @field_validator("arrival_lag_minutes")
    @classmethod
    def _no_negative_lag(cls, value: dict[str, int]) -> dict[str, int]:
        if any(minutes < 0 for minutes in value.values()):
            raise ValueError("an arrival lag can't be negative")
        if any(minutes > LONGEST_LAG_MINUTES for minutes in value.values()):
            raise ValueError("an arrival lag can't be longer than a year")
        return value

    @field_validator("holiday_country")
    @classmethod
    def _known_country(cls, value: str) -> str:
        import holidays

        if value and value not in holidays.list_supported_countries():
            raise ValueError("is no country code that the library `holidays` knows, such as DE")
        return value

    @field_validator("alert_webhook")
    @classmethod
    def _web_address(cls, value: SecretStr) -> SecretStr:
        from urllib.parse import urlsplit

        if not (text := value.get_secret_value().strip()):
            return SecretStr("")
        try:
            parts = urlsplit(text)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("is not an http or https address")
        return SecretStr(text)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over what `load_settings` read from the file; no .env, no secrets folder."""
        return env_settings, init_settings

    @property
    def overlay_folder(self) -> Path | None:
        """The overlay's folder; a relative one counts from the home, wherever the command is called."""
        return (self.home / Path(self.overlay).expanduser()).resolve() if self.overlay else None

    @property
    def origins(self) -> dict[str, str]:
        """Where each value came from: a variable's name, the file, or `default`."""
        return dict(self._origins)

    _origins: dict[str, str] = {}

    def shown(self, name: str) -> str:
        """A value as a person may see it: of a secret, whether it is set."""
        value = getattr(self, name)
        if isinstance(value, SecretStr):
            return "set" if value.get_secret_value() else "not set"
        return str(value)

    def subprocess_environment(self) -> dict[str, str]:
        """What tools started by Harken, or called inside its process, must find in the environment."""
        home = self.home
        return {
            "HARKEN_HOME": str(home),
            "HARKEN_WAREHOUSE_FILE": str(home / "warehouse" / "harken.duckdb"),
            "DAGSTER_HOME": str(home / "dagster"),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
            "GX_ANALYTICS_ENABLED": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_TRACKING_URI": f"sqlite:///{home / 'mlflow' / 'mlflow.db'}",
            # Without it MLflow's own experiment `Default` names a folder under the working folder.
            "_MLFLOW_SERVER_ARTIFACT_ROOT": str(home / "mlflow" / "artifacts"),
        }

    def apply_environment(self) -> None:
        """Set those variables in this process, before any of the tools is imported."""
        os.environ.update(self.subprocess_environment())


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of a server started by Harken: this process's own, the settings, and the venv on the path."""
    folder = str(Path(sys.executable).parent)
    path = os.pathsep.join([folder, os.environ.get("PATH", "")])
    python_path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, **settings.subprocess_environment(), "PATH": path, "PYTHONPATH": python_path}


def load_settings(home: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of one home.

    `home` overrides HARKEN_HOME. `environment` only serves to look for unknown variables in tests; values are always
    read from the process. Raises `SettingsError`, one line, naming each fault and where it stands.
    """
    known = list(Settings.model_fields)
    variables = own_variables(os.environ if environment is None else environment, known)
    if home is None and not variables.get("home", "var").strip():
        # A script's unset variable must not decide that state lies in the working folder.
        raise SettingsError(f"{PREFIX}HOME is empty: name a folder, or unset it for ./var")
    folder = Path(home if home is not None else variables.get("home", "var")).expanduser().resolve()
    file = folder / "harken.toml"
    from_file = read_toml(file, known)
    origins = {
        name: f"{PREFIX}{name.upper()}" if name in variables else str(file) if name in from_file else "default"
        for name in known
    }
    if home is not None:
        origins["home"] = "command"
    try:
        settings = Settings(**from_file)
    except ValidationError as error:
        raise SettingsError(faults(error, origins, _secrets())) from None
    except Exception as error:  # pydantic-settings wraps a JSON error in its own SettingsError
        raise SettingsError(f"settings: {error} (lists and tables in HARKEN_* variables are written as JSON)") from None
    settings.home = folder
    settings._origins = origins
    return settings


def _secrets() -> set[str]:
    return {name for name, described in Settings.model_fields.items() if described.annotation is SecretStr}
