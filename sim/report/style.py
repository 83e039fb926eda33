"""What does every figure look like? One restrained style that survives a photocopier."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from html import escape
from math import ceil
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, FigureBase

# matplotlib is imported where something is drawn, so that a table is on the screen without it.

WIDTH = 7.4
"""Inches: the text of an A4 page."""
RESOLUTION = 200
WORLDS_IN_A_ROW = 5
FOOT_CHARACTERS = 142
"""A line of a footnote, so that none of them is cut off at the right."""

INK, SOFT, FAINT, PAPER = "#1f2328", "#5b636c", "#c9ced4", "#ffffff"
BLUE, OCHRE, SKY, PLUM = "#1d3f66", "#b4661a", "#6fa3c4", "#7d4b73"
PUBLISHED = "#a11d1d"
"""Published figures: always an open diamond as well, so that nothing rests on the colour."""

SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 8,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "grid.color": "#e3e6ea",
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "lines.linewidth": 1.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.hashsalt": "police misconduct model",
    "svg.fonttype": "none",
    "path.simplify": False,
    "text.parse_math": False,
}


@dataclass(frozen=True)
class Look:
    """How a world is drawn: never by colour alone."""

    colour: str
    line: tuple[int, tuple[float, ...]]
    marker: str


LOOKS = (
    Look(BLUE, (0, ()), "o"),
    Look(OCHRE, (0, (5, 2)), "s"),
    Look(SKY, (0, (1.2, 1.2)), "^"),
    Look(PLUM, (0, (6, 2, 1.2, 2)), "v"),
    Look(SOFT, (0, (3, 3)), "P"),
    Look(INK, (0, (8, 2)), "X"),
)


def looks(worlds: Sequence[str]) -> dict[str, Look]:
    """One look for each world, the same in every figure."""
    return {world: LOOKS[number % len(LOOKS)] for number, world in enumerate(worlds)}


def marker_on_line(look: Look, worlds: Sequence[str]) -> str:
    """The mark that names a world on its line; none where there is one world, whose line needs no name and whose marks would look like data."""
    return look.marker if len(worlds) > 1 else ""


@contextmanager
def house_style() -> Iterator[None]:
    """matplotlib as this project uses it, whatever the user's own settings are."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(cast(Any, SETTINGS))
        yield


@dataclass(frozen=True)
class Drawn:
    """A figure, its heading as a sentence, and what it shows for those who cannot see it."""

    figure: Figure
    title: str
    description: str


def page(
    height: float, title: str, foot: Sequence[str], key: Mapping[str, Look] | None = None, *, lines: bool = False
) -> Figure:
    """An empty figure with its sentence above and its footnotes below.

    Args:
        height: inches, heading and footnotes included.
        title: what is counted, on which basis, over which window.
        foot: footnotes, the stamp last.
        key: worlds to name under the heading, if there are several.
        lines: whether worlds are lines, not only marks.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    heading = fill(title, len(title) // ceil(len(title) / 92) + 8)  # lines of about the same length
    small = [line for text in foot for line in fill(text, FOOT_CHARACTERS).splitlines()]
    above = 0.10 + 0.175 * len(heading.splitlines()) + 0.08
    if key and len(key) > 1:
        rows = ceil(len(key) / WORLDS_IN_A_ROW)
        _name_worlds(figure, key, 1 - above / height, lines=lines)
        above += 0.06 + 0.17 * rows
    below = 0.06 + 0.128 * len(small) + 0.06
    figure.text(0.012, 1 - 0.09 / height, heading, size=9.5, weight="bold", va="top", linespacing=1.25)
    for number, line in enumerate(reversed(small)):
        is_stamp = number == 0
        figure.text(
            0.012,
            (0.06 + 0.128 * number) / height,
            line,
            size=6.8,
            color=INK if is_stamp else SOFT,
            weight="bold" if is_stamp else "normal",
            va="bottom",
        )
    engine = ConstrainedLayoutEngine(
        rect=(0.005, below / height, 0.99, 1 - (above + below) / height), w_pad=0.06, h_pad=0.05
    )
    figure.set_layout_engine(engine)
    return figure


def save(drawn: Drawn, stem: Path) -> list[Path]:
    """The figure as PNG and SVG; the same figure gives the same bytes."""
    png, svg = stem.with_suffix(".png"), stem.with_suffix(".svg")
    if engine := drawn.figure.get_layout_engine():
        engine.execute(drawn.figure)  # once for both
        drawn.figure.set_layout_engine("none")
    said = {"Title": drawn.title, "Description": drawn.description}
    with house_style():
        drawn.figure.savefig(png, dpi=RESOLUTION, metadata={"Software": None, **said})
        drawn.figure.savefig(svg, metadata={"Date": None, "Creator": None, **said})
    text = svg.read_text(encoding="utf-8")
    described = f"<desc>{escape(drawn.description, quote=False)}</desc>"
    text = re.sub(r"(</title>)", lambda found: found[1] + "\n " + described, text, count=1)
    text = text.replace("<svg ", '<svg role="img" ', 1)
    # Some ids hang on where in memory a shape lay; they are numbered instead, in order of appearance.
    seen: dict[str, str] = {}
    text = re.sub(r"\bp[0-9a-f]{10}\b", lambda found: seen.setdefault(found[0], f"p{len(seen)}"), text)
    svg.write_text(text, encoding="utf-8", newline="\n")
    return [png, svg]


def _name_worlds(figure: Figure, key: Mapping[str, Look], top: float, *, lines: bool) -> None:
    """Which mark, or which line, is which world."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            label=world,
            color=one.colour,
            marker=one.marker,
            markersize=4.6,
            linestyle=one.line if lines else "none",
        )
        for world, one in key.items()
    ]
    named = figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.008, top), ncols=min(len(key), WORLDS_IN_A_ROW), handlelength=3.2 if lines else 1.0,
        borderaxespad=0.0, columnspacing=1.8, handletextpad=0.6,
    )  # fmt: skip
    named.set_in_layout(False)


def row_of_axes(figure: FigureBase, count: int, *, share_rows: bool = False) -> list[Axes]:
    """Panels side by side."""
    return list(figure.subplots(1, count, sharey=share_rows, squeeze=False)[0])


def storeys(figure: Figure, heights: Sequence[float]) -> list[FigureBase]:
    """Parts of a figure, one above the other."""
    return list(figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0])


def on_axis(day: date) -> float:
    """Where a day is on an axis of dates."""
    return float((day - date(1970, 1, 1)).days)


def years(axes: Axes) -> None:
    """An axis of dates with a tick for a year, few enough to read."""
    from matplotlib.dates import AutoDateLocator, YearLocator

    axes.xaxis_date()
    first, last = axes.get_xlim()
    span = (last - first) / 365
    every = YearLocator(2 if span > 5 else 1) if span > 2 else AutoDateLocator(maxticks=5)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(every)
    axes.grid(visible=True, axis="y")


def beside(row: float, place: int, count: int, *, room: float = 0.42) -> float:
    """Where in a row the mark of one world of several stands, so that equal marks do not hide each other."""
    return row + (place - (count - 1) / 2) * room / max(count, 2)


def rule(axes: Axes, at: float, *, colour: str = SOFT) -> None:
    """A thin upright line that something is read against."""
    axes.axvline(at, color=colour, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)


def rows_only(axes: Axes) -> None:
    """An axis of named rows: no ticks, no line on the left."""
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(visible=True, axis="x")
