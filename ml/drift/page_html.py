"""The bricks of the page of a day: its style, tables and bars. Everything that comes from data is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1d2733}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .3rem}p{margin:.4rem 0;max-width:56rem}
.day,.rest,.note,th{color:#5b6875}.note{font-size:.9rem}
.verdict{border-left:.5rem solid;padding:.9rem 1.2rem;margin:1rem 0;border-radius:.2rem}
.verdict h2{margin:0 0 .3rem;font-size:1.35rem}.verdict b{display:inline-block;width:6.5rem;font-weight:600}
.verdict p{padding-left:6.5rem;text-indent:-6.5rem}.verdict b{text-indent:0}
.quiet{border-color:#20603d;background:#eef5f0}.quiet h2{color:#20603d}
.moving{border-color:#1f5fa8;background:#eef3f9}.moving h2{color:#1f5fa8}
.alarm{border-color:#c77700;background:#fdf4e6}.alarm h2{color:#8a5200}
.fault{border-color:#a4161a;background:#fbeeee}.fault h2{color:#a4161a}
table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{text-align:left;padding:.35rem .6rem;vertical-align:top}
th{font-weight:600;font-size:.85rem;border-bottom:2px solid #1d2733}td{border-bottom:1px solid #d8dee5}
.number{text-align:right;white-space:nowrap}.fixed{white-space:nowrap}
.bar{position:relative;background:#e6eaef;height:.7rem;width:9rem;border-radius:.2rem;margin-top:.35rem}
.bar i{position:absolute;left:0;top:0;bottom:0;border-radius:.2rem;background:#9aa7b4}.bar.raised i{background:#c77700}
.bar u{position:absolute;left:50%;top:-.2rem;bottom:-.2rem;border-left:2px solid #1d2733}
.bad{color:#a4161a;font-weight:600}.good{color:#20603d;font-weight:600}
.pictures{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
.pictures div{min-width:24rem}.pictures img{width:22rem;max-width:100%;height:auto}
.caution{border:1px dashed #c77700;padding:.3rem 1rem;border-radius:.2rem}
"""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], classes: Sequence[str] | None = None) -> str:
    """A table of cells that are HTML already; `classes` by column."""
    names = classes or [""] * len(heads)
    head = "".join(f"<th{_class(n)}>{escape(h)}</th>" for h, n in zip(heads, names, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{_class(n)}>{cell}</td>" for cell, n in zip(row, names, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def bar(times_limit: float | None, alarm: bool) -> str:
    """An effect against the size that matters, which is the mark in the middle; coloured where it raised an alarm."""
    if times_limit is None:
        return "–"
    width = min(100.0, 50 * times_limit)
    raised = " raised" if alarm else ""
    words = f"{times_limit:.1f} times the size that matters"
    return f'<div class="bar{raised}" title="{words}"><i style="width:{width:.0f}%"></i><u></u></div>'


def picture(uri: str, words: str) -> str:
    """An image inside the page, with its words for those who can't see it."""
    return f'<img src="{escape(uri, quote=True)}" alt="{escape(words, quote=True)}">'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
