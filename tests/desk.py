"""Small pathways for tests: numbers given as (unit, value) or (unit, {date: value}), one team that serves a stream, and a record told by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from agreement import play

from sim.pathway.kinds import (
    Attribute,
    Duration,
    Exit,
    Guard,
    Node,
    Pathway,
    Population,
    Set,
    Stream,
    Team,
    Work,
    Write,
)
from sim.pathway.kinds import Diary as DiaryKind
from sim.plan import Plan
from sim.record import EVENT_COLUMNS, Record, What
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


# --- any small pathway ------------------------------------------------------------------------------------------------

DAY = 1440
OPENS, CLOSES = 9 * 60, 17 * 60


def small(
    nodes: Sequence[Node],
    numbers: Mapping[str, Given],
    *,
    to: date,
    start: date = START,
    attributes: Sequence[Attribute] = (),
    teams: Sequence[Team] = (),
    diaries: Sequence[DiaryKind] = (),
    guards: Sequence[Guard] = (),
    streams: Sequence[Stream] = (),
    population: Population | None = None,
    attach: Mapping[str, str] | None = None,
) -> Plan:
    """A pathway whose stream `cases` starts at the first node; `rate`, `one` and `nothing` are given unless said."""
    pathway = Pathway(
        name="small",
        attributes=(Attribute("case.received_on", date=True), *attributes),
        teams=tuple(teams),
        diaries=tuple(diaries),
        streams=tuple(streams)
        or (Stream("cases", start=nodes[0].name, rate="rate", spread="nothing", subjects="one", allegations="one"),),
        nodes=tuple(nodes),
        guards=tuple(guards),
        population=population,
    )
    given = series({**ONE_EACH, "rate": ("rate_per_year", 100), **numbers}, attach)
    return build(pathway, given, frame(to, start=start))


def attached(plan: Plan, dates: Mapping[str, str]) -> Plan:
    """The plan with some values read at dates that nothing in it sets: rows made by hand may carry them. Built so, it would be refused."""
    values = (replace(v, attach=plan.find(dates[v.name])) if v.name in dates else v for v in plan.values)
    return replace(plan, values=tuple(values))


class Row(NamedTuple):
    """One row of the events, node by name."""

    minute: int
    case: int
    token: int
    node: str
    what: What
    item: int
    value: int


@dataclass(frozen=True)
class Story:
    """A record whose events can be asked for by name."""

    plan: Plan
    record: Record
    all: list[Row]

    def rows(
        self, what: What | None = None, *, case: int | None = None, token: int | None = None, node: str | None = None
    ) -> list[Row]:
        """The rows that fit, in order of play."""
        return [
            row
            for row in self.all
            if (what is None or row.what == what)
            and (case is None or row.case == case)
            and (token is None or row.token == token)
            and (node is None or row.node == node)
        ]

    def minutes(
        self, what: What, *, case: int | None = None, token: int | None = None, node: str | None = None
    ) -> list[int]:
        return [row.minute for row in self.rows(what, case=case, token=token, node=node)]

    def of(self, attribute: str) -> list[int]:
        """A column of the cast at the end, ``case.kind``."""
        scope, _, column = attribute.partition(".")
        tables = {
            "person": self.record.people,
            "case": self.record.cases,
            "subject": self.record.subjects,
            "allegation": self.record.allegations,
        }
        values: list[int] = tables[scope][column].tolist()
        return values

    @property
    def received(self) -> list[int]:
        return self.of("case.received_on")

    @property
    def cases(self) -> range:
        return range(len(self.received))

    def minute(self, *day: int) -> int:
        """00:00 of a day, ``minute(2010, 1, 4)``."""
        return self.plan.minute(date(*day))


def told(plan: Plan, seed: int = 1, replication: int = 0) -> Story:
    """Play with both engines and keep the rows."""
    record = play(plan, seed, replication)
    columns = zip(*(record.events[column].tolist() for column in EVENT_COLUMNS), strict=True)
    rows = [Row(m, c, t, plan.nodes[n].name, What(w), i, v) for m, c, t, n, w, i, v in columns]
    return Story(plan, record, rows)
