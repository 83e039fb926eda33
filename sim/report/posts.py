"""How many posts and people has each team, and when does that change? A line for each change of a window, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pandas as pd

from sim.experiment.staffing import quarter_days
from sim.plan import Plan
from sim.report import words

SHOWN = ("posts_funded", "in_post", "full_speed_equivalent", "vacancies", "leavers")
HEADINGS = ("team", "in", "quarter", "posts", "in post", "as at full speed", "vacant", "leavers")
DECIMALS = 2
HOW_ALL = (
    "Every quarter, also before and after, and who gives posts up: --all, as CSV. A sheet to add rows to: --out FILE."
)

_Line = tuple[str, ...]


def lines(table: pd.DataFrame, plan: Plan) -> Iterator[str]:
    """The teams in order, worlds that agree together: how things stand in the first quarter of a window, and each later one in which a number is another.

    Args:
        table: `sim.experiment.staffing.STAFFING`, of one arm in one world or several.
        plan: its window, and the teams there are besides.
    """
    opens_on, ends_on = plan.day(plan.observation.window_from), plan.day(plan.observation.window_to)
    last = ends_on - timedelta(days=1)
    yield f"Posts and people by team, means of calendar quarters, {words.day(opens_on)} to {words.day(last)}: the first quarter, and those in which anything changes."
    yield ""
    worlds = list(dict.fromkeys(table["world"]))
    within = [quarter for quarter in dict.fromkeys(table["quarter"]) if _overlaps(str(quarter), opens_on, ends_on)]
    mine = table[table["quarter"].isin(within)]
    rows = [HEADINGS if any(worlds) else tuple(one for one in HEADINGS if one != "in")]
    for team in dict.fromkeys(mine["team"]):
        told: dict[tuple[_Line, ...], list[str]] = {}
        for world in worlds:
            of_it = mine[(mine["team"] == team) & (mine["world"] == world)]
            told.setdefault(tuple(_changes(of_it)), []).append(world)
        for changed, where in told.items():
            named = [("every world" if len(told) == 1 and len(worlds) > 1 else ", ".join(where))] if any(worlds) else []
            for at, (quarter, *cells) in enumerate(changed):
                first = [str(team), *named] if at == 0 else ["", *("" for _ in named)]
                rows.append((*first, f"{quarter} ({_months(quarter)})", *cells))
    yield from _aligned(rows, numbers=len(SHOWN))
    yield ""
    teams = set(table["team"])
    of_the_force = [(team.name, plan.values[team.posts].name) for team in plan.teams if team.own_staff]  # noqa: PD011 (a plan's)
    others = [f"{team} ({number})" for team, number in of_the_force if team not in teams]
    if others:
        yield f"No sheet plans {words.listed(others)}, nor who sits at hearings: a single change does, as compare --arm NUMBER@DATE=+1."
    yield HOW_ALL


def _changes(table: pd.DataFrame) -> Iterator[_Line]:
    """Quarter and numbers of the first row, and of each that differs from the one before it as it is shown."""
    before: Sequence[str] = ()
    for row in table.to_dict("records"):
        cells = [_number(float(row[name])) for name in SHOWN]
        if cells != before:
            yield str(row["quarter"]), *cells
        before = cells


def _number(value: float) -> str:
    text = f"{value:,.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _overlaps(quarter: str, opens_on: date, ends_on: date) -> bool:
    first, after = quarter_days(quarter)
    return first < ends_on and opens_on < after


def _months(quarter: str) -> str:
    first, after = quarter_days(quarter)
    return f"{first:%b} to {after - timedelta(days=1):%b}"


def _aligned(rows: Sequence[_Line], *, numbers: int) -> Iterator[str]:
    """Rows of text in columns, the last so many to the right; a rule below the first."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [
            cell.rjust(width) if at >= len(row) - numbers else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
        if number == 0:
            yield "-" * (sum(widths) + 2 * (len(widths) - 1))
