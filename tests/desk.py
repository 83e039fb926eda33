"""Small pathways for tests: numbers given as (unit, value) or (unit, {date: value}), and one team that serves a stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sim.pathway.kinds import Attribute, Duration, Exit, Pathway, Set, Stream, Team, Work, Write
from sim.plan import Plan
from sim.scenario.build import Frame, Series, build

START = date(2010, 1, 1)

Given = tuple[str, float | Mapping[date, float]]


def series(numbers: Mapping[str, Given], attach: Mapping[str, str] | None = None) -> dict[str, Series]:
    """Numbers as the builder wants them."""
    made = {}
    for key, (unit, value) in numbers.items():
        steps = tuple(value.items()) if isinstance(value, Mapping) else ((START, float(value)),)
        made[key] = Series(key, unit, steps, (attach or {}).get(key, "now"))
    return made


def frame(days_to: date, name: str = "desk", start: date = START) -> Frame:
    """From the start to `days_to`, all of it observed."""
    return Frame(name, name, "", start, days_to, start, days_to, days_to)


ONE_EACH: dict[str, Given] = {"one": ("ratio", 1), "nothing": ("ratio", 0)}


def one_team(rate_per_year: float, posts: float, service_days: float, *, family: str, cv: float, to: date) -> Plan:
    """Poisson arrivals to one pooled team that works at all hours."""
    pathway = Pathway(
        name="one team",
        attributes=(Attribute("case.received_on", date=True), Attribute("case.done_on", date=True)),
        calendars=("all_hours",),
        teams=(Team("team", owner="us", posts="posts", calendar="all_hours", oldest="case.received_on"),),
        streams=(Stream("cases", start="serve", rate="rate", spread="nothing", subjects="one", allegations="one"),),
        nodes=(
            Work("serve", team="team", effort=Duration("service", cv="cv", family=family), next="note"),
            Set("note", writes=(Write("case.done_on", "now"),), next="end"),
            Exit("end"),
        ),
    )
    numbers = series(
        {
            **ONE_EACH,
            "rate": ("rate_per_year", rate_per_year),
            "posts": ("posts", posts),
            "service": ("days", service_days),
            "cv": ("ratio", cv),
        }
    )
    return build(pathway, numbers, frame(to))
