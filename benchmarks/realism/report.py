"""Writes the report: Markdown with the pictures beside it, and one HTML file that holds them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from pathlib import Path

from matplotlib.figure import Figure as Picture

from benchmarks.realism.verdict import Figure, sentence, show

TITLE = "How real the simulated company is"
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}"
    "img{max-width:100%}table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}"
    "td:first-child,th:first-child{text-align:left}.differs td{background:#fbe9e0}.note{color:#555}"
)


@dataclass
class Section:
    """One comparison: a picture, the figures of both sides, and what to know when reading them."""

    key: str
    title: str
    note: str
    figures: list[Figure]
    picture: Picture


def write(out: Path, sections: list[Section], about: str) -> tuple[Path, Path]:
    """Write realism.md, realism.html and the pictures into a folder; gives back the two paths."""
    out.mkdir(parents=True, exist_ok=True)
    for section in sections:
        section.picture.savefig(_png(out, section))
    text, page = out / "realism.md", out / "realism.html"
    text.write_text(markdown(sections, about), encoding="utf-8")
    page.write_text(html(out, sections, about), encoding="utf-8")
    return text, page


def _png(out: Path, section: Section) -> Path:
    return out / f"realism_{section.key}.png"


def summary(sections: list[Section]) -> str:
    """One generated sentence over all comparisons."""
    figures = [figure for section in sections for figure in section.figures if figure.judged]
    apart = sum(figure.differs for figure in figures)
    return f"{apart} of {len(figures)} figures that could be judged lie further apart than their limits."


def markdown(sections: list[Section], about: str) -> str:
    """The report as Markdown; pictures are links to the files beside it."""
    parts = [f"# {TITLE}", about, summary(sections)]
    for section in sections:
        head, rows = table(section.figures)
        lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * (len(head) - 1)), *(" | ".join(row) for row in rows)]
        picture = f"![{section.title}]({_png(Path(), section).name})"
        parts += [f"## {section.title}", sentence(section.figures), picture]
        parts += ["\n".join(f"| {line} |" for line in lines), section.note]
    return "\n\n".join(parts) + "\n"


def html(out: Path, sections: list[Section], about: str) -> str:
    """The report as one page with its pictures inside."""
    parts = [f"<h1>{TITLE}</h1><p>{escape(about)}</p><p><b>{escape(summary(sections))}</b></p>"]
    for section in sections:
        picture = base64.b64encode(_png(out, section).read_bytes()).decode()
        head, rows = table(section.figures)
        body = "".join(
            f"<tr{' class=differs' if figure.differs else ''}>{_cells(row, 'td')}</tr>"
            for figure, row in zip(section.figures, rows, strict=True)
        )
        parts += [
            f"<h2>{escape(section.title)}</h2><p>{escape(sentence(section.figures))}</p>",
            f'<img alt="{escape(section.title)}" src="data:image/png;base64,{picture}">',
            f"<table><tr>{_cells(head, 'th')}</tr>{body}</table><p class=note>{escape(section.note)}</p>",
        ]
    head_tags = f'<meta charset="utf-8"><title>{TITLE}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head_tags}</head><body>{"".join(parts)}</body></html>\n'


def _cells(texts: list[str], tag: str) -> str:
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)


def table(figures: list[Figure]) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a row a figure, a column a side, and what counts as a difference."""
    centres = list(figures[0].real)
    head = ["", "simulated", *centres, "differs if", "verdict"]
    return head, [
        [
            figure.name + (f" ({figure.unit})" if figure.unit else ""),
            show(figure.simulated),
            *(show(figure.real[centre]) for centre in centres),
            figure.limit.told() if figure.limit else "not judged",
            ("differs" if figure.differs else "alike") if figure.judged else "–",
        ]
        for figure in figures
    ]
