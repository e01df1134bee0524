"""An overlay folder: what is wrong with one is said in a line, and a whole one is in the definitions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.overlay import OverlayError, contracts_of, read_overlay
from orchestration.settings import load_settings
from orchestration.sql_settings import sql_settings
from tests.support.overlay import write_example


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_example(tmp_path / "overlay")


def replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return damage


def drop(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def put(file: str, text: str = "select 1") -> Callable[[Path], None]:
    def add(folder: Path) -> None:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")

    return add


MODELS = "models/staging/acme/"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (drop("dbt_project.yml"), "dbt_project.yml can't be read: [Errno 2] No such file"),
        (replace("dbt_project.yml", "other_sources", "sources"), "other_sources: must list the landing tables"),
        (put("dbt_project.yml", "vars: [a"), "dbt_project.yml can't be read: while parsing"),
        (replace("dbt_project.yml", ", fate_in: tickets}", "}"), "each needs source, landed, entities (a list)"),
        (replace("dbt_project.yml", "landed: case_log", "landed: log"), "named are acme/cases, acme/log"),
        (replace("dbt_project.yml", "[tickets]", "[tickets, calls]"), "acme/cases: no entity calls; entities of the"),
        (replace("dbt_project.yml", "fate_in: tickets}", "fate_in: surveys}"), "fate_in surveys isn't among"),
        (replace("dbt_project.yml", "[tickets]", "[tickets, ticket_events]"), "acme/ticket_events from several"),
        (drop("contracts/acme.yml"), "named are acme/case_log, acme/cases"),
        (
            replace("contracts/acme.yml", "source: acme", "source: harken"),
            "none as a built-in one (harken,",
        ),
        (replace("contracts/acme.yml", "key: [case_no]", "keys: [case_no]"), "acme.yml: KeyError: 'key'"),
        (drop(MODELS + "stg_acme__tickets.sql"), "stg_acme__tickets.sql is missing: it maps acme/cases to tickets"),
        (put("models/core/mine.sql"), "mine.sql: the models of an overlay lie in models/staging/<source>/"),
        (put("models/staging/harken/stg_harken__tickets.sql"), "the models of an overlay lie in"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_place(
    folder: Path, damage: Callable[[Path], None], message: str
) -> None:
    damage(folder)
    with pytest.raises(OverlayError) as caught:
        read_overlay(folder)
    assert message in str(caught.value)
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_folder_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(OverlayError, match=r"nowhere isn't a folder: mend the setting `overlay`"):
        read_overlay(tmp_path / "nowhere")


def test_a_relative_folder_counts_from_the_home(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "harken.toml").write_text('overlay = "../overlay"\n', encoding="utf-8")
    monkeypatch.chdir("/")
    settings = load_settings(home)
    assert settings.overlay_folder == folder
    assert set(contracts_of(settings).sources) == {"harken", "servicenow", "acme"}
    # A source that isn't said to record escalations has them derived.
    assert ("acme", "reopened") in sql_settings(settings)["rules"]
