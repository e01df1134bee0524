"""What a finding says, in words that someone understands who has never heard of a test statistic."""

from __future__ import annotations

from ml.drift.pool import BEYOND, RARE, RARE_WORDS


def share(value: float) -> str:
    """A share as a percentage with one decimal."""
    return f"{100 * value:.1f} %"


def plain_number(value: float) -> str:
    """A number with as many digits as it takes."""
    if value != value:
        return "unknown"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3g}"


def count_of(count: int, what: str) -> str:
    """`1 ticket`, `3,050 tickets`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def told(
    kind: str,
    subject: str,
    value: str | None,
    reference: float,
    observed: float,
    effect: float,
    *,
    hit: int,
    rows: int,
    entity: str,
    where: str | None,
    growing: bool,
) -> str:
    """One sentence: which column, from what to what, how many rows, and where."""
    many = count_of(rows, entity if rows == 1 else f"{entity} row")
    most = f", most of it in {where}" if where else ""
    moved = f"{share(reference)} -> {share(observed)} ({hit:,} of {many})"
    if kind == "missing":
        return f"{subject}: null in {moved}{most}"
    if kind == "words":
        what = "rare words" if value == RARE_WORDS else f'"{value}"'
        return f"{subject}: share of texts with {what} {moved}{most}"
    if value == BEYOND:
        return f"{subject}: share outside of its usual range {moved}{most}"
    if kind in ("share", "new value", "vanished value"):
        what = "rare values" if value == RARE else str(value)
        news = {"new value": ", a new value", "vanished value": ", which has vanished"}.get(kind, "")
        return f"{subject}: share of {what} {moved}{news}{most}"
    size = f"{abs(effect):.2f} sd {'up' if effect > 0 else 'down'}"
    what = "the predictions" if kind == "prediction" else subject
    if kind == "spread" or value == "spread":
        wide = "wider" if effect > 0 else "narrower"
        return (
            f"{what}: middle half spans {plain_number(reference)} -> {plain_number(observed)}, {wide} by "
            f"{abs(effect):.2f} sd of rank (over {many}){most}"
        )
    expected = " expected by its trend" if growing else ""
    return f"{what}: median {plain_number(reference)}{expected} -> {plain_number(observed)}, {size} (over {many}){most}"
