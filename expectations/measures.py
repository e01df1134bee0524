"""The SQL that measures a feature table for its suite. Text in, text out: nothing here runs a query.

Every query reads rows with as_of <= clock, but for the count of those that aren't.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


def quoted(name: str) -> str:
    """A column name, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text value, quoted for SQL."""
    return "'" + value.replace("'", "''") + "'"


_EXTREMES = ("min", "max")


def _finite(column: str) -> str:
    value = f"cast({column} as double)"
    return f"case when isnan({value}) then cast('infinity' as double) else {value} end"


@dataclass(frozen=True)
class Table:
    """A feature table keyed by (entity, as_of), looked at from `clock`.

    `has_kind`: it has a `moment_kind`. Rows of the kind `now` are made at each run's clock and dropped by the next, so
    only the newest day would hold any: they are left out where days are compared.
    """

    name: str
    entity: str
    clock: datetime
    has_kind: bool = True

    @property
    def _clock(self) -> str:
        return f"timestamp {literal(self.clock.isoformat(sep=' '))}"

    @property
    def _lasting(self) -> str:
        return "moment_kind is distinct from 'now'" if self.has_kind else "true"

    @property
    def _day(self) -> str:
        """Whole days between as_of and the clock: day 0 is (clock - 24 h, clock]."""
        return f"cast(floor(epoch({self._clock} - as_of) / 86400) as integer)"

    def _since(self, days: int) -> str:
        return f"as_of > {self._clock} - interval {days} day and as_of <= {self._clock}"

    def newest_rows(self, without: Sequence[str] = ()) -> str:
        """All rows of day 0, with no text columns."""
        left_out = f" exclude ({', '.join(quoted(c) for c in without)})" if without else ""
        # A null as_of has no day: such rows are shown to the key expectations rather than lost.
        return f"select *{left_out} from {self.name} where ({self._since(1)}) or as_of is null"

    def whole(self) -> str:
        """One row: rows, distinct keys, rows after the clock, hours from the newest row to the clock."""
        return f"""
            select
                count(*) as rows,
                count(distinct ({quoted(self.entity)}, as_of)) as keys,
                count(*) filter (where as_of > {self._clock}) as rows_after_clock,
                coalesce(
                    epoch({self._clock} - max(as_of) filter (where as_of <= {self._clock})) / 3600.0, 1e9
                ) as hours_behind_clock
            from {self.name}"""

    def extremes(self, columns: Sequence[str]) -> str:
        """Two rows, the smallest and the largest value of each numeric column over the whole table.

        Not-a-number counts as infinite: pandas would take it for a null, and it would go unseen.
        """
        extremes = ", ".join(
            f"{extreme}({quoted(c)}) as {quoted(f'{extreme} {c}')}" for extreme in _EXTREMES for c in columns
        )
        # One reading for both: the table grows, and each reading of it takes half a second within months.
        picked = [", ".join(f"{_finite(quoted(f'{e} {c}'))} as {quoted(c)}" for c in columns) for e in _EXTREMES]
        return (
            f"with found as materialized (select {extremes} from {self.name}) "
            f"select {picked[0]} from found union all select {picked[1]} from found"
        )

    def daily(self, columns: Sequence[str], past_days: int) -> str:
        """One row per day 0..past_days, empty ones too: day, ends_at, rows and the non-null count of each column."""
        counts = "".join(f", count({quoted(c)}) as {quoted(c)}" for c in columns)
        filled = "".join(f", coalesce(counted.{quoted(c)}, 0) as {quoted(c)}" for c in columns)
        return f"""
            with counted as (
                select {self._day} as "#day", count(*) as "#rows"{counts}
                from {self.name}
                where {self._since(past_days + 1)} and {self._lasting}
                group by 1
            )
            select
                days.day, {self._clock} - to_days(days.day) as ends_at, coalesce(counted."#rows", 0) as rows{filled}
            from (select cast(range as integer) as day from range({past_days + 1})) as days
            left join counted on counted."#day" = days.day
            order by days.day"""

    def categories(self, columns: Sequence[str], past_days: int, least: int) -> str:
        """A row per category that `least` entities had on every past day with rows: column_name, name, rows_newest."""
        each = " union all ".join(
            f"select {literal(c)} as column_name, cast({quoted(c)} as varchar) as category, day, count(*) as rows, "
            f"count(distinct {quoted(self.entity)}) as entities from recent where {quoted(c)} is not null group by all"
            for c in columns
        )
        return f"""
            with recent as (
                select {", ".join(map(quoted, [self.entity, *columns]))}, {self._day} as day
                from {self.name}
                where {self._since(past_days + 1)} and {self._lasting}
            ),
            past_days as (select count(distinct day) as days from recent where day > 0),
            counted as ({each}),
            judged as (
                select
                    column_name, category,
                    count(*) filter (where day > 0 and entities >= {least}) as days,
                    coalesce(sum(rows) filter (where day = 0), 0) as rows_newest
                from counted
                group by all
            )
            select column_name, column_name || ' = ' || category as name, rows_newest
            from judged inner join past_days on judged.days = past_days.days
            order by all"""

    def labels(self, label_table: str, past_days: int) -> str:
        """One row: rows that matured in the last days, the positives among them and their rate."""
        return f"""
            select
                count(*) as rows, count(*) filter (where label) as positives,
                coalesce(count(*) filter (where label) / nullif(count(*), 0), 0.0) as rate
            from {label_table}
            where matures_at > {self._clock} - interval {past_days} day and matures_at <= {self._clock}"""
