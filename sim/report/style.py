"""What does every figure look like? One restrained style that survives a photocopier."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

STAMP = "Illustrative, not calibrated. A force like the Met, internal conduct."
"""What every table and figure says until the model is calibrated."""

WIDTH = 7.4
"""Inches: the text of an A4 page."""
RESOLUTION = 200

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
}


@dataclass(frozen=True)
class Look:
    """How a world is drawn: never by colour alone."""

    colour: str
    line: str | tuple[int, tuple[float, ...]]
    marker: str


LOOKS = (
    Look(BLUE, "-", "o"),
    Look(OCHRE, (0, (5, 2)), "s"),
    Look(SKY, (0, (1.2, 1.2)), "^"),
    Look(PLUM, (0, (6, 2, 1.2, 2)), "v"),
    Look(SOFT, (0, (3, 3)), "P"),
    Look(INK, (0, (8, 2)), "X"),
)


def looks(worlds: Sequence[str]) -> dict[str, Look]:
    """One look for each world, the same in every figure."""
    return {world: LOOKS[number % len(LOOKS)] for number, world in enumerate(worlds)}


@contextmanager
def house_style() -> Iterator[None]:
    """matplotlib as this project uses it, whatever the user's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


@dataclass(frozen=True)
class Drawn:
    """A figure, its heading as a sentence, and what it shows for those who cannot see it."""

    figure: Figure
    title: str
    description: str


def page(height: float, title: str, foot: Sequence[str]) -> Figure:
    """An empty figure with its sentence above and its footnotes below.

    Args:
        height: inches, heading and footnotes included.
        title: what is counted, on which basis, over which window.
        foot: footnotes, the stamp last.
    """
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    heading = fill(title, 92)
    lines = [line for text in foot for line in fill(text, 128).splitlines()]
    above = 0.10 + 0.175 * len(heading.splitlines()) + 0.08
    below = 0.06 + 0.128 * len(lines) + 0.06
    figure.text(0.012, 1 - 0.09 / height, heading, size=9.5, weight="bold", va="top", linespacing=1.25)
    for number, line in enumerate(reversed(lines)):
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
    said = {"Title": drawn.title, "Description": drawn.description}
    drawn.figure.savefig(png, dpi=RESOLUTION, metadata={"Software": None, **said})
    drawn.figure.savefig(svg, metadata={"Date": None, "Creator": None, **said})
    text = svg.read_text(encoding="utf-8")
    described = f"<desc>{escape(drawn.description)}</desc>"
    text = re.sub(r"(</title>)", lambda found: found[1] + "\n " + described, text, count=1)
    text = text.replace("<svg ", '<svg role="img" ', 1)
    svg.write_text(text, encoding="utf-8", newline="\n")
    return [png, svg]


def rule(axes: Axes, at: float, *, colour: str = SOFT) -> None:
    """A thin upright line that something is read against."""
    axes.axvline(at, color=colour, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)


def rows_only(axes: Axes) -> None:
    """An axis of named rows: no ticks, no line on the left."""
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(visible=True, axis="x")
