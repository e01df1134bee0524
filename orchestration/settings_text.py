"""What a person has written of the settings, as variables and as a file, and its faults in one line.

What belongs here: finding names and texts, and saying what is wrong with them without showing a secret. What doesn't:
the settings themselves, and reading the environment (`settings.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from warehouse.errors import HarkenError

PREFIX = "HARKEN_"
# Variables with our prefix that aren't settings: the data folder of the tests, and the warehouse's path that
# dbt_project/profiles.yml reads (Harken sets it itself before it calls dbt).
FOREIGN_VARIABLES = frozenset({"HARKEN_TEST_DATA", "HARKEN_WAREHOUSE_FILE", "HARKEN_DBT_THREADS"})


class SettingsError(HarkenError):
    """A setting is unknown or its value can't be used; the message names it and where it stands."""


def own_variables(environment: Mapping[str, str], known: Collection[str]) -> dict[str, str]:
    """Setting name -> text of every HARKEN_* variable; unknown ones are an error."""
    found = {
        name.removeprefix(PREFIX).lower(): text
        for name, text in environment.items()
        if name.startswith(PREFIX) and name not in FOREIGN_VARIABLES
    }
    unknown = sorted(f"{PREFIX}{name.upper()}" for name in found if name not in known)
    if unknown:
        names = ", ".join(f"{PREFIX}{name.upper()}" for name in known)
        raise SettingsError(f"unknown variable {', '.join(unknown)}: known are {names}")
    return found


def read_toml(file: Path, known: Collection[str]) -> dict[str, Any]:
    """The file's keys, or nothing where there is no file."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: can't be read: {error}") from None
    if "home" in values:
        raise SettingsError(f"{file}: home can't be set in the file that lies in it; use HARKEN_HOME")
    unknown = sorted(set(values) - set(known))
    if unknown:
        names = ", ".join(name for name in known if name != "home")
        raise SettingsError(f"{file}: unknown key {', '.join(unknown)}: known are {names}")
    return values


def faults(error: ValidationError, origins: Mapping[str, str], secrets: Collection[str]) -> str:
    """Each fault with its value and where it stands; of `secrets` the value isn't told."""
    told = []
    for fault in error.errors():
        name = str(fault["loc"][0]) if fault["loc"] else "settings"
        value = "" if name in secrets else f" = {fault['input']!r}"
        message = fault["msg"].removeprefix("Value error, ")
        told.append(f"{name}{value} ({origins.get(name, 'settings')}): {message}")
    return "; ".join(told)
