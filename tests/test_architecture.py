"""The rules between the rooms, read from the code itself (docs: README, "The rooms")."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
ROOMS = {"orchestration", "warehouse", "expectations", "ml", "simulator"}
ORCHESTRATORS = {"dagster", "dagster_dbt", "dagster_shared", "dbt"}
LEARNERS = {"catboost", "mlflow", "sklearn", "lightgbm"}
FORBIDDEN = {
    "warehouse": (ROOMS - {"warehouse"}) | ORCHESTRATORS | LEARNERS | {"great_expectations"},
    "expectations": (ROOMS - {"expectations"}) | ORCHESTRATORS | LEARNERS | {"duckdb"},
    "ml": (ROOMS - {"ml"}) | ORCHESTRATORS | {"duckdb", "great_expectations"},
    "simulator": (ROOMS - {"simulator"}) | ORCHESTRATORS | LEARNERS | {"duckdb", "great_expectations"},
}
HEAVY = {"great_expectations", "mlflow", "catboost", "sklearn", "matplotlib", "scipy", "simulator", "pandas", "numpy"}
# Statements as a person writes them; "select" alone is also an argument's name.
SQL = re.compile(r"\b(select\s+[\w*(].*\bfrom\b|insert\s+into|create\s+(or\s+replace\s+)?(table|view|schema)|"
                 r"delete\s+from|update\s+\w+\.\w+\s+set)\b", re.IGNORECASE | re.DOTALL)  # fmt: skip


def modules(room: str) -> list[Path]:
    return sorted((TOP / room).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def shown(file: Path, line: int) -> str:
    return f"{file.relative_to(TOP)}:{line}"


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    wrong = [
        f"{shown(file, line)} imports {name}"
        for file in modules(room)
        for name, line in imports(parsed(file))
        if name in FORBIDDEN[room]
    ]
    assert not wrong


def test_only_the_command_line_imports_the_simulator() -> None:
    wrong = [
        shown(file, line)
        for file in modules("orchestration")
        for name, line in imports(parsed(file))
        if name == "simulator" and "cli" not in file.parts
    ]
    assert not wrong


def test_orchestration_holds_no_sql() -> None:
    wrong = [
        shown(file, node.lineno)
        for file in modules("orchestration")
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert not wrong


def test_only_the_settings_read_the_environment() -> None:
    wrong = []
    for room in sorted(ROOMS):
        for file in modules(room):
            if file.relative_to(TOP) == Path("orchestration/settings.py"):
                continue
            tree = parsed(file)
            written = {
                id(node.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
            }
            wrong += [
                shown(file, node.lineno)
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} and id(node) not in written
            ]
    assert not wrong


def test_definitions_import_nothing_heavy_at_their_top() -> None:
    """Loading the definitions must stay quick: what takes seconds is imported where it is used."""
    files = [*modules("orchestration/defs"), *(TOP / "orchestration").glob("*.py")]
    wrong = []
    for file in files:
        top_level = [node for node in parsed(file).body if isinstance(node, ast.Import | ast.ImportFrom)]
        wrong += [
            f"{shown(file, line)} imports {name}"
            for node in top_level
            for name, line in imports(ast.Module([node], []))
            if name in HEAVY
        ]
    assert not wrong


def test_features_never_ask_for_the_time_of_day() -> None:
    """Rule 1 of time: everything is as of a moment."""
    asking = re.compile(r"current_timestamp|current_date|now\s*\(|today\s*\(|get_current_timestamp", re.IGNORECASE)
    folders = ["features", "work", "labels", "core", "history", "staging"]
    files = [file for folder in folders for file in (TOP / "dbt_project" / "models" / folder).rglob("*.sql")]
    without_comments = {file: re.sub(r"--[^\n]*|\{#.*?#\}", "", file.read_text(), flags=re.DOTALL) for file in files}
    assert files
    assert not [str(file.relative_to(TOP)) for file, sql in without_comments.items() if asking.search(sql)]


def test_every_model_has_its_yml_beside_it() -> None:
    models = (TOP / "dbt_project" / "models").rglob("*.sql")
    assert not [str(file.relative_to(TOP)) for file in models if not file.with_suffix(".yml").exists()]


def test_no_module_is_longer_than_a_reader_stands() -> None:
    # lists of words aren't read from top to bottom
    files = [file for room in sorted(ROOMS) for file in modules(room) if file.parent.name != "texts"]
    assert not [f"{f.relative_to(TOP)}" for f in files if len(f.read_text(encoding="utf-8").splitlines()) > 400]
