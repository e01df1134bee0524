"""What staging will quarantine, said before landing: the contract's rules as SQL over a landing table.

The reasons are worded as the staging models word them; a test holds the two together.
"""

from __future__ import annotations

from warehouse.connect import literal, quoted
from warehouse.contracts import SQL_TYPES, Column, Entity

_IN_WORDS = {
    "timestamp": "an ISO 8601 time", "date": "an ISO 8601 date", "integer": "a whole number", "double": "a number",
    "boolean": "true or false",
}  # fmt: skip
_ISO_TIME = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?$"
# What programs write for "no time": the year 1, and the first day of their own calendar.
PLACEHOLDERS_END = "1980-01-02"
# Since when something holds, which may lie far back or ahead of when it was recorded.
SINCE = ("valid_from", "signed_up_at")
# Clocks differ by a little; more than this after the file's landing is a time in the future.
FUTURE_MINUTES = 5


def quarantine_query(entity: Entity) -> str:
    """SQL for (_row, reasons VARCHAR[]) of every row with a fault. The parameter $landed_at is the file's landing."""
    texts = ", ".join(f"{_text(entity, column.name)} AS {_raw(column.name)}" for column in entity.columns)
    typed = ", ".join(f"{_typed(entity, column)} AS {quoted(column.name)}" for column in entity.columns)
    cases = ", ".join(f"CASE WHEN {condition} THEN {reason} END" for condition, reason in _rules(entity))
    return (
        f"WITH texts AS (SELECT _row, {texts} FROM landing.{quoted(entity.table)}), "
        f"typed AS (SELECT *, $landed_at::TIMESTAMP AS landed_at, {typed} FROM texts), "
        f"judged AS (SELECT _row, list_filter([{cases}], lambda reason: reason IS NOT NULL) AS reasons FROM typed) "
        "SELECT _row, reasons FROM judged WHERE len(reasons) > 0 ORDER BY _row"
    )


def repeated_keys_query(entity: Entity) -> str:
    """SQL for the number of rows whose key stands in an earlier row of the file already."""
    key = ", ".join(_text(entity, name) for name in entity.key)
    return f"SELECT count(*) - count(DISTINCT row({key})) FROM landing.{quoted(entity.table)}"


def _rules(entity: Entity) -> list[tuple[str, str]]:
    """(condition, SQL of the reason)."""
    rules: list[tuple[str, str]] = []
    for column in entity.columns:
        rules += _column_rules(column, entity.timestamp_format)
    rules += [(rule.broken_when, literal(rule.reason)) for rule in entity.rules]
    for column in entity.columns:
        if column.type in ("timestamp", "date") and column.plan is not True:
            late = f"{quoted(column.name)} > $landed_at::TIMESTAMP + INTERVAL {FUTURE_MINUTES} MINUTE"
            if isinstance(column.plan, tuple):
                late += f" AND coalesce({quoted(column.plan[0])}, '') <> {literal(column.plan[1])}"
            rules.append((late, literal(f"{column.name} lies after the file was landed")))
    if any(column.name == "recorded_at" for column in entity.columns):
        rules += _moment_rules(entity)
    return rules


def _moment_rules(entity: Entity) -> list[tuple[str, str]]:
    """Of the contract's own entities: what happened has a date that somebody meant, and is recorded after it."""
    rules = []
    for column in entity.columns:
        if column.type != "timestamp" or column.plan is True or column.name in (*SINCE, "recorded_at"):
            continue
        name = quoted(column.name)
        unknowable = f"{name} > recorded_at + INTERVAL {FUTURE_MINUTES} MINUTE"
        if isinstance(column.plan, tuple):
            unknowable += f" AND coalesce({quoted(column.plan[0])}, '') <> {literal(column.plan[1])}"
        placeholder = literal(f"{column.name} lies before {PLACEHOLDERS_END}: a placeholder")
        rules.append((f"{name} < TIMESTAMP '{PLACEHOLDERS_END}'", placeholder))
        rules.append((unknowable, literal(f"{column.name} lies after recorded_at")))
    return rules


def _column_rules(column: Column, timestamp_format: str | None) -> list[tuple[str, str]]:
    name, raw = quoted(column.name), _raw(column.name)
    shown = f" || left(regexp_replace(regexp_replace({raw}, '\\p{{L}}', 'x', 'g'), '\\d', '9', 'g'), 40)"
    rules: list[tuple[str, str]] = []
    if column.required:
        rules.append((f"{raw} IS NULL", literal(f"{column.name} is missing")))
    if column.type != "text":
        form = timestamp_format if column.type == "timestamp" else None
        words = literal(f"{column.name} doesn't read as {f'a time like {form}' if form else _IN_WORDS[column.type]}: ")
        rules.append((f"{raw} IS NOT NULL AND {name} IS NULL", words + shown))
    if column.values:
        allowed = ", ".join(literal(value) for value in column.values)
        words = literal(f"{column.name} is none of {', '.join(column.values)}: ")
        rules.append((f"{name} NOT IN ({allowed})", words + shown))
    if column.minimum is not None:
        rules.append((f"{name} < {column.minimum}", literal(f"{column.name} is below {column.minimum}: ") + shown))
    if column.maximum is not None:
        rules.append((f"{name} > {column.maximum}", literal(f"{column.name} is above {column.maximum}: ") + shown))
    if column.not_before:
        words = literal(f"{column.name} lies before {column.not_before}")
        rules.append((f"{name} < {quoted(column.not_before)}", words))
    return rules


def _raw(name: str) -> str:
    return quoted(f"{name}__text")


def _text(entity: Entity, name: str) -> str:
    text = f"nullif(trim({quoted(name)}), '')"
    return f"nullif({text}, {literal(entity.null_text)})" if entity.null_text else text


def _is_iso_time(raw: str) -> str:
    return f"regexp_matches({raw}, {literal(_ISO_TIME)})"


def _typed(entity: Entity, column: Column) -> str:
    raw, type_ = _raw(column.name), SQL_TYPES[column.type]
    if column.type == "timestamp" and entity.timestamp_format:
        return f"try_strptime({raw}, {literal(entity.timestamp_format)})"
    if column.type == "timestamp":
        # A cast to TIMESTAMP drops an offset without a word, hence the way through TIMESTAMPTZ.
        return (
            f"CASE WHEN NOT {_is_iso_time(raw)} THEN NULL "
            f"WHEN {raw} LIKE '%:%+%' OR {raw} LIKE '%:%-%' THEN TRY_CAST({raw} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' "
            f"ELSE TRY_CAST({raw} AS TIMESTAMP) END"
        )
    if column.type == "date":
        return f"CASE WHEN {_is_iso_time(raw)} THEN TRY_CAST({raw} AS DATE) END"
    if column.type == "integer":
        # A cast alone would round 3.5.
        return f"CASE WHEN TRY_CAST({raw} AS DOUBLE) = TRY_CAST({raw} AS BIGINT) THEN TRY_CAST({raw} AS BIGINT) END"
    if column.type == "double":
        return f"CASE WHEN isfinite(TRY_CAST({raw} AS DOUBLE)) THEN TRY_CAST({raw} AS DOUBLE) END"
    return f"TRY_CAST({raw} AS {type_})"
