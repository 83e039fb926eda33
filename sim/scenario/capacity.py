"""How do the posts of the model add up to what was published, by date and world, and what do they cost against the budget?

The published totals count the central directorate; the model has posts of it that do this work. Between them stand posts that do other work or are not
filled (`capacity.*`, all assumed). ``days_of`` and ``years_of`` add them up from a scenario's numbers as laid; whatever does not fit is told as missing and
nowhere hidden. ``python -m sim.scenario.capacity docs/capacity.md`` writes the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from sim.evidence import Evidence
from sim.pathway.misconduct import PATHWAY
from sim.scenario.build import Series
from sim.scenario.load import Scenario, load_scenario

DIRECTORATE = ("dps", "specialist", "anti_corruption")
"""Teams whose investigators are among the published totals."""
OTHER_WORK = ("intelligence", "vetting", "management", "complaints", "support")
BRIDGE = (*OTHER_WORK, "vacant", "loan_elsewhere")
"""What lies between the model's posts and the published total: keys `capacity.*`."""
WORLDS = ("slack", "dps_saturated", "psu_saturated")
PRICES = "2024-25"
"""The year of whose pounds every unit cost (`costs.*`) is."""
FIRST_YEAR, LAST_YEAR = 2019, 2023
"""Financial years, by the year they begin in, of which a budget was read."""
STEPS = (
    "res_dps_nov21_extra",
    "res_dps_staff_sept22_inferred",
    "res_dps_new_investigators",
    "res_dps_increase_apr23",
    "res_dps_seconded_apr23",
    "res_aca_size",
)
"""Rows of the register that state a step or a size of the directorate; its budgets beside."""


@dataclass(frozen=True)
class Day:
    """The directorate on a day."""

    on: date
    teams: Mapping[str, float]
    """Posts that do this work, by team."""
    bridge: Mapping[str, float]
    """Posts that do not, by what they do instead."""
    total: float
    """The total taken, with those on loan: derived from published steps, and assumed before the first."""

    @property
    def modelled(self) -> float:
        return sum(self.teams.values())

    @property
    def missing(self) -> float:
        """Posts of the total that neither do this work nor stand in the bridge; below zero where there are more than that."""
        return self.total - self.modelled - sum(self.bridge.values())


@dataclass(frozen=True)
class Year:
    """A financial year in pounds: posts at unit costs of 2024-25, against a budget in pounds of the year."""

    begins: int
    this_work: float
    """Investigators of the directorate."""
    other_work: float
    """Filled posts of the bridge, those on loan left out: other budgets pay them."""
    local_units: float
    budget: float

    @property
    def missing(self) -> float:
        """What of the budget is not explained: pay beyond the unit costs, premises, systems, other staff."""
        return self.budget - self.this_work - self.other_work - self.local_units


def value_on(series: Series, day: date) -> float:
    """The value in force on a day."""
    return next((value for start, value in reversed(series.steps) if start <= day), series.steps[0][1])


def posts_keys() -> dict[str, str]:
    """Of each team, the key of its posts."""
    return {team.name: team.posts for team in PATHWAY.teams}


def days_of(numbers: Mapping[str, Series]) -> list[Day]:
    """The directorate on each day on which a number of it changes."""
    posts = posts_keys()
    keys = [
        *(posts[team] for team in DIRECTORATE),
        *(f"capacity.{part}" for part in BRIDGE),
        "capacity.published",
        "capacity.on_loan",
    ]
    days = sorted({day for key in keys for day, _ in numbers[key].steps})

    def read(key: str, day: date) -> float:
        return value_on(numbers[key], day)

    return [
        Day(
            on=day,
            teams={team: read(posts[team], day) for team in DIRECTORATE},
            bridge={part: read(f"capacity.{part}", day) for part in BRIDGE},
            total=read("capacity.published", day) + read("capacity.on_loan", day),
        )
        for day in days
    ]


def taken_up(numbers: Mapping[str, Series]) -> list[tuple[date, float, float]]:
    """Each day on which posts were published to be added, how many, and how many of them do this work."""
    by_day = {day.on: day.modelled for day in days_of(numbers)}
    before = dict(pairwise(reversed(list(by_day))))
    steps = numbers["capacity.published"].steps
    return [(day, more - less, by_day[day] - by_day[before[day]]) for (_, less), (day, more) in pairwise(steps)]


def years_of(numbers: Mapping[str, Series]) -> list[Year]:
    """Money by financial year, posts weighed by the days that they were there."""
    return [_year(numbers, begins) for begins in range(FIRST_YEAR, LAST_YEAR + 1)]


def _year(numbers: Mapping[str, Series], begins: int) -> Year:
    start, end = date(begins, 4, 1), date(begins + 1, 4, 1)
    posts = posts_keys()

    def cost(keys: Iterable[str]) -> float:
        return _mean_product([numbers[key] for key in keys], start, end)

    return Year(
        begins=begins,
        this_work=sum(cost((posts[team], f"costs.{team}_investigator")) for team in DIRECTORATE),
        other_work=sum(cost((f"capacity.{part}", "capacity.other_post")) for part in OTHER_WORK),
        local_units=cost((posts["psu"], "costs.psu_investigator", "capacity.local_units_in_budget")),
        budget=value_on(numbers["capacity.budget"], start),
    )


def _mean_product(factors: list[Series], start: date, end: date) -> float:
    """The mean over the days from `start` to before `end` of the product of dated numbers."""
    cuts = sorted({start, end, *(day for one in factors for day, _ in one.steps if start < day < end)})
    total = 0.0
    for one, other in pairwise(cuts):
        product = 1.0
        for factor in factors:
            product *= value_on(factor, one)
        total += product * (other - one).days
    return total / (end - start).days


# --- as lines and as a page -------------------------------------------------------------------------------------------------


def capacity_lines(scenario: Scenario) -> Iterator[str]:
    """A scenario's posts by date against the published total, and money by year against the budget."""
    numbers = scenario.numbers
    yield f"{scenario.name}, world {scenario.plan.world or 'none'}: posts of the directorate"
    for day in days_of(numbers):
        yield f"  {day.on}  total taken {day.total:g} = {_sum(day.teams)} for this work, {_sum(day.bridge)} for other work or none{_missing(day)}"
    yield "posts of other teams; those of intake and case_managers stand within support above"
    for team, key in posts_keys().items():
        if team not in DIRECTORATE:
            yield f"  {team}: " + ", ".join(f"{value:g} from {day}" for day, value in numbers[key].steps)
    yield f"pounds by financial year: posts at prices of {PRICES}, budget at those of the year"
    for year in years_of(numbers):
        yield (
            f"  {year.begins}/{(year.begins + 1) % 100:02}  budget {year.budget:,.0f} = {year.this_work:,.0f} this work, {year.other_work:,.0f} other work, "
            f"{year.local_units:,.0f} local units, {year.missing:,.0f} not explained"
        )


def _sum(parts: Mapping[str, float]) -> str:
    told = " + ".join(f"{value:g} {name.replace('_', ' ')}" for name, value in parts.items() if value)
    return f"{sum(parts.values()):g} ({told})"


def _missing(day: Day) -> str:
    if abs(day.missing) < 1e-9:
        return ", and adds up exactly"
    return f", and misses by {day.missing:g}"


def page(scenarios: Mapping[str, Scenario]) -> str:
    """The page in Markdown, from one scenario in each of its worlds."""
    first = next(iter(scenarios.values()))
    return (
        "\n".join(
            [
                *_opening(first.evidence),
                *_by_date(scenarios),
                *_bridge(first.evidence),
                *_other_teams(scenarios),
                *_money(scenarios),
            ]
        )
        + "\n"
    )


def _opening(evidence: Evidence) -> Iterator[str]:
    yield "# Posts and money against what was published"
    yield ""
    yield "Made from `scenarios/evidence` and `scenarios/worlds` by `make docs`; a test keeps them the same. `misconduct show SCENARIO --capacity` prints it for"
    yield "any scenario, world and reform. Worlds have different posts because the published figures do not say how many do this work: these sums show what each"
    yield "world takes for granted, and fit none of them."
    yield ""
    yield "## What was published"
    yield ""
    yield "| id | what | figure | when | source |"
    yield "|---|---|---|---|---|"
    budgets = tuple(
        row_id
        for step in evidence.numbers["capacity.budget"].steps
        if step.grade == "published"
        for row_id in step.source
    )
    for row_id in (*STEPS, *budgets):
        row = evidence.register[row_id]
        yield f"| `{row_id}` | {row.label} | {row.value:,.0f} {row.unit} | {row.period} | {row.title} |"
    yield ""
    yield "150 probably holds the 130, so they are not added up. About 400 is a requester's inference for September 2022, not a count."
    yield ""


def _by_date(scenarios: Mapping[str, Scenario]) -> Iterator[str]:
    yield "## Posts by date and world"
    yield ""
    yield "*Total taken* holds those on loan; before November 2021 it is assumed, since then derived from published steps (the bridge below says how)."
    yield "*Missing* is what that total holds beyond the posts for this work and the bridge below: posts of which that world says only that they do not do"
    yield "this work. The bridge was put in so that `slack` adds up; that it does is no finding."
    for world, scenario in scenarios.items():
        yield ""
        yield f"### {world}"
        yield ""
        yield f"| from | {' | '.join(DIRECTORATE)} | for this work | bridge | total taken | missing |"
        yield "|---" * (len(DIRECTORATE) + 5) + "|"
        for day in days_of(scenario.numbers):
            cells = [
                *(f"{day.teams[team]:g}" for team in DIRECTORATE),
                *(f"{one:g}" for one in (day.modelled, sum(day.bridge.values()), day.total, day.missing)),
            ]
            yield f"| {day.on} | {' | '.join(cells)} |"
        yield ""
        told = (
            f"of the {more:g} posted on {day}, {mine:g} do this work" for day, more, mine in taken_up(scenario.numbers)
        )
        yield f"In this world {'; '.join(told)}."
    yield ""


def _bridge(evidence: Evidence) -> Iterator[str]:
    yield "## The bridge"
    yield ""
    yield "| number | from | posts | range | grade | why |"
    yield "|---|---|--:|---|---|---|"
    for key in ("published", "on_loan", *BRIDGE):
        number = evidence.numbers[f"capacity.{key}"]
        for step in number.steps:
            why = " ".join(step.because.split())
            yield f"| {number.label} (`{number.key}`) | {step.from_} | {step.value:g} | {step.low:g} to {step.high:g} | {step.grade} | {why} |"
    yield ""


def _other_teams(scenarios: Mapping[str, Scenario]) -> Iterator[str]:
    yield "## Posts of other teams"
    yield ""
    yield "Local units belonged to the boroughs until 2022 at least; those of intake and of case managers and lawyers stand within *support* above, so the total"
    yield "holds them. Of the rest no total was read."
    yield ""
    yield f"| team | {' | '.join(scenarios)} |"
    yield "|---" * (len(scenarios) + 1) + "|"
    for team, key in posts_keys().items():
        if team not in DIRECTORATE:
            cells = [
                ", ".join(f"{value:g} from {day}" for day, value in one.numbers[key].steps)
                for one in scenarios.values()
            ]
            yield f"| {team} (`{key}`) | {' | '.join(cells)} |"
    yield ""


def _money(scenarios: Mapping[str, Scenario]) -> Iterator[str]:
    yield "## Money by financial year, in millions of pounds"
    yield ""
    yield "Posts times the days that they were there, at assumed unit costs of 2024-25 (`costs.*`, `capacity.other_post`): derived from assumptions. Posts not filled"
    yield "and people on loan cost the directorate nothing here. The budget is published, in pounds of its year, and nothing was deflated. *Not explained* is what is"
    yield "left: pay beyond these unit costs, premises, systems, and posts that the table above tells as missing; below zero, posts cost more than the budget."
    yield ""
    yield "| year | world | this work | other work | local units | sum | budget (published) | not explained |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|"
    for world, scenario in scenarios.items():
        for year in years_of(scenario.numbers):
            explained = year.budget - year.missing
            cells = (year.this_work, year.other_work, year.local_units, explained, year.budget, year.missing)
            yield f"| {year.begins}/{(year.begins + 1) % 100:02} | {world} | {' | '.join(f'{cell / 1e6:.2f}' for cell in cells)} |"


def shipped() -> dict[str, Scenario]:
    """The scenario of the page in each of its worlds."""
    return {world: load_scenario("casey_2022", world=world) for world in WORLDS}


if __name__ == "__main__":
    (target,) = sys.argv[1:] or ("docs/capacity.md",)
    Path(target).write_text(page(shipped()), encoding="utf-8")
