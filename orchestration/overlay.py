"""A company's own sources, in a folder outside the repository, and the dbt project that is made with them.

    contracts/<source>.yml                                 what the source sends, as warehouse/contracts/servicenow.yml
    dbt_project.yml                                        vars: other_sources, as in dbt_project/dbt_project.yml
    models/staging/<source>/stg_<source>__<entity>.sql     the mapping to the landing contract
    macros/, tests/                                        its own, where it has any

What belongs here: reading such a folder, saying in one line what is wrong with it, and laying its files beside
Harken's. What doesn't: parsing or running dbt (`project.py`, `dbt_runner.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import Settings
from warehouse.contracts import Contracts, load_contracts
from warehouse.errors import ContractError, HarkenError

LINE = {"source", "landed", "entities", "fate_in"}
MAY = {"rereads"}
SUFFIXES = frozenset({".sql", ".yml", ".yaml"})


class OverlayError(HarkenError):
    """The overlay can't be used; the message names the file at fault and what it lacks."""


@dataclass(frozen=True)
class Overlay:
    """One overlay folder that was found whole. `lines` are those of its var `other_sources`."""

    folder: Path
    contracts: Contracts
    lines: tuple[Mapping[str, Any], ...]

    @property
    def sources(self) -> list[str]:
        """The sources that it brings."""
        return sorted({line["source"] for line in self.lines})

    def files(self) -> Iterator[tuple[Path, Path]]:
        """Each file that dbt is to read, with its place in the dbt project."""
        for source in self.sources:
            yield from _files(self.folder / "models" / "staging" / source, Path("models", "staging", source))
        for kind in ("macros", "tests"):
            yield from _files(self.folder / kind, Path(kind, "overlay"))

    def lay_into(self, project: Path) -> None:
        """Put the files into a copy of the dbt project, and make the landing tables and `other_sources` known to it."""
        for file, place in self.files():
            (project / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, project / place)
        for source in self.sources:
            landed = [
                {"name": entity.table, "description": f"Rows of the entity `{entity.name}` of {source}, as text."}
                for entity in self.contracts.sources[source].values()
            ]
            declared = {"version": 2, "sources": [{"name": "landing", "schema": "landing", "tables": landed}]}
            _write_yaml(project / "models" / "staging" / source / "_landing.yml", declared)
        settings = _read_yaml(project / "dbt_project.yml")
        settings["vars"]["other_sources"] += [dict(line) for line in self.lines]
        _write_yaml(project / "dbt_project.yml", settings)


def overlay_of(settings: Settings) -> Overlay | None:
    """The overlay that the settings name, or None. Raises OverlayError where it isn't whole."""
    folder = settings.overlay_folder
    return None if folder is None else read_overlay(folder)


def contracts_of(settings: Settings) -> Contracts:
    """The built-in contracts, with those of the overlay where there is one."""
    overlay = overlay_of(settings)
    return load_contracts() if overlay is None else overlay.contracts


def read_overlay(folder: Path) -> Overlay:
    """Read and check an overlay. Raises OverlayError, one line, for the first thing that is wrong."""
    if not folder.is_dir():
        raise OverlayError(f"the overlay {folder} isn't a folder: mend the setting `overlay`, or make the folder")
    try:
        contracts = load_contracts(folder / "contracts")
    except ContractError as error:
        raise OverlayError(f"the overlay can't be used: {_one_line(error)}") from error
    lines = _lines(folder / "dbt_project.yml")
    overlay = Overlay(folder, contracts, tuple(lines))
    _check_contracts(overlay)
    for line in lines:
        _check_line(overlay, line)
    _check_models(overlay)
    return overlay


def _lines(file: Path) -> list[dict[str, Any]]:
    """The var `other_sources` of the overlay's dbt_project.yml."""
    document = _read_yaml(file)
    variables = document.get("vars") if isinstance(document, dict) else None
    lines = variables.get("other_sources") if isinstance(variables, dict) else None
    if not isinstance(lines, list) or not lines:
        raise OverlayError(f"{file}: vars: other_sources: must list the landing tables that the overlay maps")
    for line in lines:
        keys = set(line) if isinstance(line, dict) else set()
        if not (LINE <= keys <= LINE | MAY) or not isinstance(line["entities"], list):
            raise OverlayError(
                f"{file}: other_sources: {line}: each needs source, landed, entities (a list) and fate_in; "
                "it may have rereads"
            )
    return lines


def _check_contracts(overlay: Overlay) -> None:
    """Each landing table has one line, else its rows would have no fate, and built-in sources stay as they are."""
    built_in = load_contracts().sources
    declared = {path.stem for path in (overlay.folder / "contracts").glob("*.yml")}
    brought = {name for name in overlay.contracts.sources if name not in built_in}
    if declared != brought:
        raise OverlayError(
            f"{overlay.folder / 'contracts'}: the files must be called after their sources, and none as a built-in "
            f"one ({', '.join(sorted(built_in))}): wrong are {', '.join(sorted(declared ^ brought))}"
        )
    given = sorted((line["source"], line["landed"]) for line in overlay.lines)
    wanted = sorted((e.source, e.name) for e in overlay.contracts if e.source in brought)
    if given != wanted:
        raise OverlayError(
            f"{overlay.folder / 'dbt_project.yml'}: other_sources must name each landing table of contracts/ once: "
            f"there are {_names(wanted)}, named are {_names(given)}"
        )
    mapped = sorted((line["source"], entity) for line in overlay.lines for entity in line["entities"])
    twice = sorted({pair for pair in mapped if mapped.count(pair) > 1})
    if twice:
        raise OverlayError(
            f"{overlay.folder / 'dbt_project.yml'}: other_sources: an entity of a source comes from one landing table: "
            f"{_names(twice)} from several; give the others a source of their own"
        )


def _check_line(overlay: Overlay, line: Mapping[str, Any]) -> None:
    known = overlay.contracts.sources["harken"]
    unknown = [str(entity) for entity in line["entities"] if entity not in known]
    if unknown or line["fate_in"] not in line["entities"]:
        fault = f"no entity {', '.join(unknown)}" if unknown else f"fate_in {line['fate_in']} isn't among its entities"
        raise OverlayError(
            f"{overlay.folder / 'dbt_project.yml'}: other_sources: {line['source']}/{line['landed']}: {fault}; "
            f"entities of the contract are {', '.join(known)}"
        )
    for entity in line["entities"]:
        model = overlay.folder / "models" / "staging" / line["source"] / f"stg_{line['source']}__{entity}.sql"
        if not model.is_file():
            raise OverlayError(f"{model} is missing: it maps {line['source']}/{line['landed']} to {entity}")


def _check_models(overlay: Overlay) -> None:
    """Nothing may lie where Harken wouldn't look for it."""
    taken = {file for file, _ in overlay.files()}
    left = sorted(file for file, _ in _files(overlay.folder / "models", Path()) if file not in taken)
    if left:
        raise OverlayError(f"{left[0]}: the models of an overlay lie in models/staging/<source>/")


def _files(folder: Path, place: Path) -> Iterator[tuple[Path, Path]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in SUFFIXES:
            yield file, place / file.relative_to(folder)


def _read_yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OverlayError(f"{file} can't be read: {_one_line(error)}") from error


def _write_yaml(file: Path, document: Any) -> None:
    file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _names(pairs: list[tuple[str, str]]) -> str:
    return ", ".join(f"{source}/{name}" for source, name in pairs) or "none"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
