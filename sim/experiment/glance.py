"""What is a study at a glance? A few lines for a prompt or a notebook: what was played, the headline, where to go on."""

from __future__ import annotations

from html import escape
from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from sim.experiment.study import Study

DAYS = {"measure": "mean_days_to_finalise", "counted": "allegation", "basis": "received_cohort", "group": ""}
TRUE_DAYS = {**DAYS, "basis": "survival"}
"""Counts open cases too. It stands beside the days of those finalised, which fall where slow cases stay open."""
OPEN = {"measure": "cases_open", "counted": "case", "basis": "at_period_end", "group": ""}
"""Stands beside the days, which fall too where old cases are never closed."""
HEADLINE = "Mean days of allegations finalised; true mean days, open ones counted; cases open at the end (95% computing interval)"
MOST_ARMS = 6
"""Arms of a comparison that are shown; more are counted."""


def opening(study: Study) -> list[str]:
    """What was played, how often, and how far to believe it."""
    worlds = ", ".join(world or "without a world" for world in study.worlds)
    times = f"{study.replications} replication{'s' if study.replications != 1 else ''}"
    return [
        f"{study.caption}: {study.title}",
        f"in {worlds}; {times}, seed {study.seed}; {study.limits}",
    ]


def text_lines(study: Study) -> Iterator[str]:
    """The headline of the base, and what the other arms change in it, a line for each arm and world."""
    for heading, rows in _tables(study):
        yield f"{heading}:"
        named = [(", ".join(filter(None, (label, world))), value) for label, world, value in rows]
        width = max(len(name) for name, _ in named)
        yield from (f"  {name:<{width}}  {value}" for name, value in named)


def way_on(study: Study) -> list[str]:
    """Where the rest is."""
    more = max(len(study.labels) - 1 - MOST_ARMS, 0)
    lines = [f"and {more} more arms"] if more else []
    tables = ".summary, .differences, .measures" if len(study.labels) > 1 else ".summary, .measures"
    lines.append(f"tables: {tables}; pictures: sim.figure(study, 'quarters'); notes: .notes")
    return [*lines, *([f"written to {study.folder}"] if study.folder is not None else [])]


def as_html(study: Study) -> str:
    """The same as a piece of a page, all text escaped."""
    parts = [f"<p><b>{escape(opening(study)[0])}</b><br>{escape(opening(study)[1])}</p>"]
    for heading, rows in _tables(study):
        cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        parts.append(f"<table><caption>{escape(heading)}</caption>{cells}</table>")
    return "".join([*parts, *(f"<p>{escape(line)}</p>" for line in way_on(study))])


def _tables(study: Study) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Heading, and label, world and value in rows: the headline, and its change."""
    level = list(_cells(study, study.summary, [study.base], sign=False))
    if level:
        yield HEADLINE, level
    moved = list(_cells(study, study.differences, study.labels[1 : 1 + MOST_ARMS], sign=True))
    if moved:
        yield f"Change from {study.base} in them, in the same futures", moved


def _cells(study: Study, table: pd.DataFrame, labels: Sequence[str], *, sign: bool) -> Iterator[tuple[str, str, str]]:
    """Means with their computing interval, as ``390 days (372..408); true 440 days (421..459); 56 open (53..58)``; of a change with sign and a decimal."""
    if table.empty:
        return
    days, true, left = (_chosen(table, where) for where in (DAYS, TRUE_DAYS, OPEN))
    days, true = (rows[rows["period"].str.contains("/")] for rows in (days, true))
    left = left[left["period"] == left["period"].max()]
    columns = (("", days, "days"), ("true ", true, "days"), ("", left, "open"))
    for label in labels:
        put_in = "; follows from assumption" if sign and study.assumptions(label) else ""
        for world in study.worlds:
            found = [
                (name, rows[(rows["scenario"] == label) & (rows["world"] == world)], unit)
                for name, rows, unit in columns
            ]
            parts = [name + _said(rows, unit, sign=sign) for name, rows, unit in found if len(rows)]
            if parts:
                yield label, world, "; ".join(parts) + put_in


def _chosen(table: pd.DataFrame, where: Mapping[str, str]) -> pd.DataFrame:
    """The rows of a figure with their computing interval."""
    mine = table["interval"].str.startswith("computing")
    for column, value in where.items():
        mine &= table[column] == value
    return table[mine]


def _said(rows: pd.DataFrame, unit: str, *, sign: bool) -> str:
    """One mean with its interval."""
    form = "+,.1f" if sign else ",.0f"
    mean, low, high = (float(rows[name].iloc[0]) for name in ("mean", "low", "high"))
    spread = "" if isnan(low) else f" ({low:{form}}..{high:{form}})"
    return "-" if isnan(mean) else f"{mean:{form}} {unit}{spread}"
