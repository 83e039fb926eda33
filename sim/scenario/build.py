"""A pathway and its numbers become a plan: names turn into positions, units into minutes, dates into minutes from the start.

Every problem is collected and all are raised at once. What a pathway error is, and where it was found, is said by `check.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import prod
from operator import itemgetter
from typing import TypeVar

import holidays

from sim.evidence import Problem
from sim.pathway import kinds
from sim.plan import (
    MINUTES_A_DAY,
    PLAN_VERSION,
    Branch,
    Calendar,
    Clock,
    Copy,
    Dated,
    Diary,
    Draw,
    Factor,
    Guard,
    Kind,
    Node,
    Observation,
    Plan,
    Population,
    Raise,
    Ref,
    Sample,
    Scope,
    Shape,
    Stream,
    Team,
    TimeIs,
)
from sim.scenario.files import known_one
from sim.scenario.words import SCOPES, WordError, Words, nearest

Steps = tuple[tuple[date, float], ...]
A = TypeVar("A")
T = TypeVar("T")

OPENS, CLOSES = 9 * 60, 17 * 60
"""Hours of the calendar `office`, Monday to Friday but for the bank holidays of England and Wales."""
WORKING_DAY = CLOSES - OPENS
OFFICE = "office"
ALL_HOURS = "all_hours"

MINUTES: Mapping[str, tuple[int, bool]] = {
    "minutes": (1, False),
    "hours": (60, True),
    "working_days": (WORKING_DAY, True),
    "days": (MINUTES_A_DAY, False),
    "weeks": (7 * MINUTES_A_DAY, False),
    "months": (round(30.4375 * MINUTES_A_DAY), False),
    "years": (round(365.25 * MINUTES_A_DAY), False),
}
"""Minutes of a unit of time, and whether it is working time. A month and a year are a mean one."""

CLOCK_UNITS = ("days", "working_days", "weeks", "months")
PER_PERSON = "per_person_year"
"""The unit of a stream's rate that ends at a date of each person."""

MONTHS = tuple(date(2000, month, 1).strftime("%B").lower() for month in range(1, 13))

LEAST_SPEED = 0.05
"""A team that gives all but this of its time to other work is a mistake."""

CLOCK_SCOPES = ((Scope.CASE, Scope.CASE), (Scope.SUBJECT, Scope.SUBJECT), (Scope.CASE, Scope.SUBJECT))
"""What a clock may run between."""

HEADROOM = 3.0
"""Potential cases are drawn at this many times the highest rate of the scenario before reforms, so that reforms may add."""


class ScenarioError(Exception):
    """What was asked for cannot be built; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Series:
    """A number ready for a plan: its unit, the date it is read at, and its dated steps."""

    key: str
    unit: str
    steps: tuple[tuple[date, float], ...]
    attach: str = "now"
    highest_before_reforms: float | None = None
    """Of a stream's rate: what the ceiling of potential cases is set by; its own maximum if not said."""


@dataclass(frozen=True)
class Frame:
    """What a plan needs beside its pathway and numbers."""

    name: str
    title: str
    world: str
    starts_on: date
    ends_on: date
    window_from: date
    window_to: date
    extract_on: date
    received: str = "case.received_on"


def build(pathway: kinds.Pathway, numbers: Mapping[str, Series], frame: Frame) -> Plan:
    """The plan of a pathway with its numbers.

    Raises:
        ScenarioError: with every problem found: unknown names, numbers missing or of a unit that does not fit, a node nobody reaches, a loop in which no
            time passes, weights that add up to nothing, a team nobody staffs, a rate beyond its ceiling.
    """
    from sim.scenario.check import problems_of  # here, since it reads what this module defines

    try:
        builder = _Builder(pathway, numbers, frame)
    except WordError as error:
        place = Problem(file=f"pathway {pathway.name}", key="attributes", found="an unknown scope", expected=str(error))
        raise ScenarioError([place]) from None
    plan = builder.plan()
    if not builder.problems and plan is not None:
        builder.problems += problems_of(plan, pathway.name)
    if builder.problems or plan is None:
        raise ScenarioError(builder.problems)
    return plan


@cache
def open_days(starts_on: date, days: int, office: bool) -> str:
    """Which days of so many are open, one digit each: all of them, or those of the calendar `office`."""
    if not office:
        return "1" * days
    years = range(starts_on.year, (starts_on + timedelta(days)).year + 1)
    closed = set(holidays.country_holidays("GB", subdiv="ENG", years=years))
    every = (starts_on + timedelta(n) for n in range(days))
    return "".join("1" if day.weekday() < 5 and day not in closed else "0" for day in every)


class _Builder:
    def __init__(self, pathway: kinds.Pathway, numbers: Mapping[str, Series], frame: Frame) -> None:
        self.pathway, self.numbers, self.frame = pathway, numbers, frame
        self.problems: list[Problem] = []
        self.values: list[Dated] = []
        self.value_at: dict[str, int] = {}
        self.shapes: list[Shape] = []
        self.ends_at = (frame.ends_on - frame.starts_on).days * MINUTES_A_DAY
        self.words = Words(pathway.attributes, self.value, self._shift, self._caseload)
        self.node_at = {node.name: at for at, node in enumerate(pathway.nodes)}
        self.team_at = {team.name: at for at, team in enumerate(pathway.teams)}
        self.diary_at = {diary.name: at for at, diary in enumerate(pathway.diaries)}
        self.signal_at = {name: at for at, name in enumerate(sorted({guard.signal for guard in pathway.guards}))}
        self.calendar_at = {name: at for at, name in enumerate(pathway.calendars)}

    # --- problems -----------------------------------------------------------------------------------------------------

    def problem(self, place: str, found: str, expected: str) -> None:
        self.problems.append(Problem(file=f"pathway {self.pathway.name}", key=place, found=found, expected=expected))

    def attempt(self, place: str, make: Callable[[A], T], of: A) -> T | None:
        """What `make` gives of something; where it cannot, a problem at `place` and None."""
        try:
            return make(of)
        except WordError as error:
            self.problem(place, "a word that cannot be read", str(error))
        except KeyError as error:
            self.problem(
                place,
                f"the number {error.args[0]!r} missing",
                nearest(str(error.args[0]), list(self.numbers), "number"),
            )
        return None

    # --- numbers ------------------------------------------------------------------------------------------------------

    def value(self, key: str) -> int:
        """The position of a number among the plan's values.

        Raises:
            KeyError: no number has this key.
        """
        if key not in self.value_at:
            series = self.numbers[key]
            attach = None if series.attach == "now" else self.words.ref(series.attach)
            self.value_at[key] = self._dated(key, series.unit, series.steps, attach)
        return self.value_at[key]

    def _dated(self, key: str, unit: str, steps: tuple[tuple[date, float], ...], attach: Ref | None) -> int:
        """Steps from the start of the plan on; those before it count as one. A value attached to a date keeps its earlier steps too."""
        minutes = [(day - self.frame.starts_on).days * MINUTES_A_DAY for day, _ in steps]
        first = 0 if attach else max((at for at, minute in enumerate(minutes) if minute <= 0), default=0)
        times, values = minutes[first:], [value for _, value in steps[first:]]
        if not attach:
            times[0] = min(times[0], 0)
        self.values.append(Dated(key, unit, tuple(times), tuple(values), attach))
        return len(self.values) - 1

    def optional(self, key: str | None) -> int:
        return -1 if key is None else self.value(key)

    def shape(self, family: str, cv: float) -> int:
        shape = Shape(family, cv) if cv > 0 else Shape("fixed", 0.0)
        if shape not in self.shapes:
            self.shapes.append(shape)
        return self.shapes.index(shape)

    def factors(self, by: kinds.By) -> tuple[Factor, ...]:
        return tuple(self._factor(attribute, prefix) for attribute, prefix in by.items())

    def _factor(self, attribute: str, prefix: str) -> Factor:
        levels = self.words.declared[attribute].levels if attribute in self.words.declared else ()
        ref = self.words.ref(attribute)
        found = tuple(self.value(key) if (key := f"{prefix}.{level}") in self.numbers else -1 for level in levels)
        if all(value < 0 for value in found):
            raise KeyError(f"{prefix}.{levels[-1]}" if levels else prefix)
        return Factor(ref, found)

    def sample(self, duration: kinds.Duration | None) -> Sample | None:
        if duration is None:
            return None
        mean = self.value(duration.mean)
        minutes, working = self._minutes_of(duration.mean)
        if duration.family == "exponential":
            shapes, times = [self.shape("exponential", 1.0)], [0]
        elif duration.cv is None:
            shapes, times = [self.shape("fixed", 0.0)], [0]
        else:
            cv = self.values[self.value(duration.cv)]
            shapes, times = [self.shape(duration.family, one) for one in cv.values], list(cv.times)
        calendar = self.calendar_at[OFFICE] if working and OFFICE in self.calendar_at else -1
        return Sample(mean, self.factors(duration.by), minutes, calendar, tuple(shapes), tuple(times))

    def _minutes_of(self, key: str, units: Iterable[str] = MINUTES) -> tuple[int, bool]:
        """Minutes of the unit of a length of time, and whether it is working time."""
        unit = self.numbers[key].unit
        if unit not in units:
            raise WordError(f"{key!r} is a length of time, so its unit is one of {', '.join(units)}, not {unit!r}")
        return MINUTES[unit]

    def _shift(self, write: kinds.Write) -> Sample | None:
        """How far from now a date lies that is written."""
        length = write.later or write.earlier
        if length is None:
            return None
        if write.to != "now":
            raise WordError(f"{write.attribute} is given {write.to!r}; only 'now' can be later or earlier")
        if write.later and write.earlier:
            raise WordError(f"{write.attribute} is to lie both later and earlier than now")
        if write.earlier and self._minutes_of(length.mean)[1]:
            raise WordError(
                f"{write.attribute} lies earlier by {length.mean!r}, which is working time; it runs forward only"
            )
        return self.sample(length)

    def _caseload(self, name: str) -> int:
        """The position of a team whose cases have slots."""
        team = self._named(self.team_at, name, "team")
        if self.pathway.teams[team].slots is None:
            raise WordError(f"team {name!r} has no slots, so it has no load")
        return team

    # --- the tables ---------------------------------------------------------------------------------------------------

    def plan(self) -> Plan | None:
        frame = self.frame
        if not frame.starts_on <= frame.window_from < frame.window_to <= frame.extract_on <= frame.ends_on:
            self.problem("dates", "dates out of order", "start <= window from < window to <= extract <= end")
        pathway, attempt = self.pathway, self.attempt
        teams = [attempt(f"team {team.name}", self._team, team) for team in pathway.teams]
        diaries = [attempt(f"diary {diary.name}", self._diary, diary) for diary in pathway.diaries]
        nodes = [attempt(f"node {node.name}", self._node, node) for node in pathway.nodes]
        guards = [attempt(f"guard {guard.signal} to {guard.to}", self._guard, guard) for guard in pathway.guards]
        draws = [attempt(one.name, self._draw, one) for one in pathway.attributes if one.drawn]
        copies = [attempt(one.name, self._copy, one) for one in pathway.attributes if one.lead]
        streams = [attempt(f"stream {stream.name}", self._stream, stream) for stream in pathway.streams]
        people = pathway.population
        population = attempt("population", self._population, people) if people else None
        for key in pathway.told:
            attempt(f"told {key}", self.value, key)
        clocks = [attempt(f"clock {clock.name}", self._clock, clock) for clock in pathway.clocks]
        self._check_stages()
        received = attempt("received", self.words.ref, frame.received)
        for what, names in (
            ("node", [node.name for node in pathway.nodes]),
            ("stage", [stage.name for stage in pathway.stages]),
            ("clock", [clock.name for clock in pathway.clocks]),
        ):
            for twice in sorted({name for name in names if names.count(name) > 1}):
                self.problem(f"{what} {twice}", "the name twice", f"a name of its own for every {what}")
        if self.problems or received is None:
            return None
        return Plan(
            version=PLAN_VERSION,
            name=frame.name,
            world=frame.world,
            title=frame.title,
            starts_on=frame.starts_on,
            ends_at=self.ends_at,
            observation=Observation(
                self._minute(frame.window_from), self._minute(frame.window_to), self._minute(frame.extract_on)
            ),
            attributes=tuple(self.words.tables),
            values=tuple(self.values),
            shapes=tuple(self.shapes),
            calendars=tuple(self._calendar(name) for name in self.pathway.calendars),
            teams=_all(teams),
            diaries=_all(diaries),
            signals=tuple(self.signal_at),
            nodes=_all(nodes),
            guards=_all(guards),
            draws=_all(draws),
            copies=_all(copies),
            streams=_all(streams),
            population=population,
            received=received,
            clocks=_all(clocks),
        )

    def _minute(self, day: date) -> int:
        return (day - self.frame.starts_on).days * MINUTES_A_DAY

    def _calendar(self, name: str) -> Calendar:
        office = name == OFFICE
        days = open_days(self.frame.starts_on, self.ends_at // MINUTES_A_DAY, office)
        return Calendar(name, OPENS if office else 0, CLOSES if office else MINUTES_A_DAY, days)

    def _named(self, table: Mapping[str, int], name: str, what: str) -> int:
        if name not in table:
            raise WordError(nearest(name, list(table), what))
        return table[name]

    def _goes_to(self, name: str) -> int:
        return self._named(self.node_at, name, "node")

    def _team(self, team: kinds.Team) -> Team:
        calendar = self._named(self.calendar_at, team.calendar, "calendar")
        places = 1
        if team.unit_of:
            if team.places is None or team.units is None:
                raise WordError(f"team {team.name!r} says unit_of, so it must say units and places")
            places = round(self.numbers[team.places].steps[0][1])
        return Team(
            name=team.name,
            owner=team.owner,
            calendar=calendar,
            posts=self.value(team.posts),
            slots=self.optional(team.slots),
            pools=self.optional(team.pools),
            units=self.optional(team.units),
            unit_of=self.words.ref(team.unit_of) if team.unit_of else None,
            places=places,
            stands=_far_apart(places),
            oldest=self.words.ref(team.oldest),
            head_start=self.factors(team.head_start),
            speed=self._speed(team),
            hand_over=self.optional(team.hand_over),
            longest_bout=(5 * WORKING_DAY if team.calendar == OFFICE else 7 * MINUTES_A_DAY),
            own_staff=team.own_staff,
        )

    def _speed(self, team: kinds.Team) -> int:
        """Productive minutes in a working minute of a post: the productive share times the part of its time that it is there times how far its people
        are from full speed, less what other work takes of all posts' hours.

        Posts are played in whole numbers; speed makes up for what rounding adds or takes.
        """
        share = self.numbers[team.productive_share].steps if team.productive_share else ((self.frame.starts_on, 1.0),)
        other = self.numbers[team.other_hours].steps if team.other_hours else ((self.frame.starts_on, 0.0),)
        staffing = self.numbers[team.staffing].steps if team.staffing else ((self.frame.starts_on, 1.0),)
        posts = self.numbers[team.posts].steps
        there = self._there(team)
        dated = (share, there, staffing, other, posts)
        days = sorted({day for steps in dated for day, _ in steps} | {self.frame.starts_on})
        speeds = {}
        for day in days:
            wanted, played = _on(posts, day), max(round(_on(posts, day)), 1)
            given = wanted * _on(share, day) * _on(there, day) * _on(staffing, day)
            speeds[day] = (given - _on(other, day) * 60 / WORKING_DAY) / played
        short = next((day for day in days if _on(posts, day) > 0 and speeds[day] < LEAST_SPEED), None)
        if short is not None:
            left = f"{max(speeds[short], 0):.2f} productive hours left in a working hour on {short}"
            why = f"{_on(other, short):g} hours a day of other work ({team.other_hours}) from {_on(posts, short):g} posts ({team.posts})"
            self.problem(f"team {team.name}", f"{left}, after {why}", f"at least {LEAST_SPEED}")
        steps = tuple((day, max(speed, LEAST_SPEED)) for day, speed in speeds.items())
        return self._dated(f"{team.name}.speed", "ratio", steps, None)

    def _there(self, team: kinds.Team) -> Steps:
        """The part of a post's working time that nothing of `away` takes: the product of what each leaves, month by month where one has seasons."""
        parts = [(self.numbers[key].steps, self._season(team.seasons.get(key))) for key in team.away]
        days = {day for steps, _ in parts for day, _ in steps} | {self.frame.starts_on}
        if team.seasons:
            days.update(months_from(self.frame.starts_on, self.frame.ends_on))
        return tuple(
            (day, prod(max(1 - _on(steps, day) * season[day.month - 1], 0) for steps, season in parts))
            for day in sorted(days)
        )

    def _season(self, prefix: str | None) -> tuple[float, ...]:
        """How much of something falls in each month from January on, relative to the year's mean; one profile for all years."""
        if prefix is None:
            return (1.0,) * len(MONTHS)
        return tuple(self.numbers[f"{prefix}.{month}"].steps[0][1] for month in MONTHS)

    def _diary(self, diary: kinds.Diary) -> Diary:
        return Diary(
            diary.name, diary.owner, self.value(diary.size), self._named(self.calendar_at, diary.calendar, "calendar")
        )

    def _guard(self, guard: kinds.Guard) -> Guard:
        region = tuple(self._goes_to(name) for name in guard.region)
        return Guard(self.signal_at[guard.signal], region, self._goes_to(guard.to), self.words.terms(guard.when))

    def _draw(self, attribute: kinds.Attribute) -> Draw:
        assert attribute.drawn is not None
        if not attribute.levels:
            raise WordError(f"{attribute.name} is drawn, so it needs levels")
        if attribute.given is None:
            rows = [attribute.drawn]
        else:
            given, mine = self.words.ref(attribute.given), self.words.refs[attribute.name]
            order = list(self.words.declared)
            above = given.scope == mine.scope or (given.scope < mine.scope and mine.scope > Scope.CASE)
            if not above or order.index(attribute.given) > order.index(attribute.name):
                raise WordError(
                    f"{attribute.name} is drawn given {attribute.given}, which must be declared before it, of its own row or one above"
                )
            rows = [f"{attribute.drawn}.{level}" for level in self.words.declared[attribute.given].levels]
        shares = tuple(tuple(self.value(f"{row}.{level}") for level in attribute.levels) for row in rows)
        return Draw(
            self.words.refs[attribute.name], self.words.refs[attribute.given] if attribute.given else None, shares
        )

    def _copy(self, attribute: kinds.Attribute) -> Copy:
        assert attribute.lead is not None
        ref, person = self.words.refs[attribute.name], self.words.ref(attribute.lead)
        if ref.scope != Scope.CASE or person.scope != Scope.PERSON:
            raise WordError(
                f"{attribute.name} copies {attribute.lead}; a case attribute copies a person attribute of the first subject"
            )
        return Copy(ref, person)

    def _clock(self, clock: kinds.Clock) -> Clock:
        starts, ends = self.words.ref(clock.starts), self.words.ref(clock.ends)
        for name in (clock.starts, clock.ends):
            if not self.words.declared[name].date:
                raise WordError(f"{name} is no date")
        if (starts.scope, ends.scope) not in CLOCK_SCOPES:
            raise WordError(
                f"a clock runs between dates of a case, of a subject, or from one of the case to one of a subject, not from {clock.starts} to {clock.ends}"
            )
        counted = SCOPES.get(clock.counted, Scope.PERSON)
        if counted < ends.scope:
            raise WordError(
                f"what is counted is a case, subject or allegation, and none above {clock.ends}, not {clock.counted!r}"
            )
        within = self.value(clock.within)
        minutes, working = self._minutes_of(clock.within, CLOCK_UNITS)
        calendar = self._named(self.calendar_at, OFFICE, "calendar") if working else -1
        return Clock(clock.name, counted, starts, ends, within, minutes, calendar)

    def _check_stages(self) -> None:
        stages = self.pathway.stages
        if stages and self.pathway.nodes != tuple(node for stage in stages for node in stage.nodes):
            self.problem("stages", "nodes beside those of the stages", "either nodes or stages")
        numbers = [stage.number for stage in stages]
        for twice in sorted({number for number in numbers if numbers.count(number) > 1}):
            self.problem(f"stage number {twice}", "the number twice", "a number of its own for every stage")
        of: dict[str, str] = {}
        for stage in stages:
            for name in sorted({node.name for node in stage.nodes}):
                if name in of:
                    self.problem(f"node {name}", f"a node of stages {of[name]!r} and {stage.name!r}", "one stage")
                of[name] = stage.name
            self._check_opening(stage)
        self._check_opens_with("opens_with", self.pathway.opens_with)

    def _check_opening(self, stage: kinds.Stage) -> None:
        """Names with which a stage says where an open case stands and what is so of it."""
        where = f"stage {stage.name}"
        named = {stage.opens_at, *stage.opens_for.values(), *(name for pair in stage.opens_in for name in pair)} - {""}
        for name in sorted(named - self.node_at.keys()):
            self.problem(where, f"a case that stands at {name!r}", f"a node, {known_one(name, list(self.node_at))}")
        forks = {node.name for node in self.pathway.nodes if isinstance(node, kinds.Fork)}
        for _, fork in stage.opens_in:
            if fork in self.node_at and fork not in forks:
                self.problem(where, f"a case that went through {fork!r}", f"a fork, {known_one(fork, sorted(forks))}")
        for told in stage.opens_for:
            self.attempt(where, lambda one: self.words.level(one.partition("=")[0], one.partition("=")[2]), told)
        self._check_opens_with(where, stage.opens_with)
        for midway in stage.opens_midway:
            self._check_midway(where, midway)

    def _check_midway(self, where: str, midway: kinds.Midway) -> None:
        """Names with which a stage says how far its open cases have come."""
        waits = [node.name for node in self.pathway.nodes if isinstance(node, kinds.Wait)]
        places = [node.name for node in self.pathway.nodes if isinstance(node, kinds.Assign) and node.team]
        for name in midway.stands:
            if name not in waits:
                self.problem(where, f"cases that stand at {name!r}", f"a wait, {known_one(name, waits)}")
        if midway.takes and midway.takes not in places:
            self.problem(
                where, f"cases that take a place at {midway.takes!r}", f"a place, {known_one(midway.takes, places)}"
            )
        for told in (*midway.when, *midway.of_for):
            self.attempt(where, lambda one: self.words.level(one.partition("=")[0], one.partition("=")[2]), told)
        if midway.left:
            self.attempt(where, self.words.ref, midway.left)
        for key in (midway.of, *midway.of_for.values()) if midway.left else ():
            self.attempt(where, self.value, key)

    def _check_opens_with(self, where: str, opens_with: Mapping[str, str]) -> None:
        for name, word in opens_with.items():
            if word == "received" and name in self.words.refs and self.words.declared[name].date:
                continue
            if word in self.words.refs:
                self.attempt(where, self.words.ref, name)
            else:
                self.attempt(where, lambda pair: self.words.level(*pair), (name, word))

    def _until(self, stream: kinds.Stream) -> Ref | None:
        """The date at which a person's incidents end."""
        own_rate = self.numbers[stream.rate].unit == PER_PERSON
        if stream.until is None:
            if own_rate:
                raise WordError(
                    f"{stream.rate!r} is a rate of each person, so the stream says until which date of theirs"
                )
            return None
        until, people = self.words.ref(stream.until), self.pathway.population
        if people is None or people.marks != stream.until:
            raise WordError(f"incidents end at the date that marks people in the population, not at {stream.until}")
        if not own_rate:
            raise WordError(f"{stream.rate!r} is a rate of each person, so its unit is {PER_PERSON}")
        if any(mean != 1 for _, mean in self.numbers[stream.subjects].steps):
            raise WordError(
                f"further subjects may be anyone, so {stream.subjects!r} is 1 for a stream that ends at {stream.until}"
            )
        return until

    def _stream(self, stream: kinds.Stream) -> Stream:
        rate = self.numbers[stream.rate]
        highest = rate.highest_before_reforms or max(value for _, value in rate.steps)
        return Stream(
            name=stream.name,
            start=self._goes_to(stream.start),
            rate=self.value(stream.rate),
            ceiling=HEADROOM
            * highest
            * (2 if stream.until else 1),  # a rate of few people may be far above the mean of all
            spread=self.shape("lognormal", self.numbers[stream.spread].steps[0][1]),
            subjects=self.value(stream.subjects),
            allegations=self.value(stream.allegations),
            unrecorded=self.optional(stream.unrecorded),
            relative=self.factors(stream.relative),
            until=self._until(stream),
        )

    def _population(self, people: kinds.Population) -> Population:
        ref = self.words.ref
        place = ref(people.place) if people.place else None
        places = round(self.numbers[people.places].steps[0][1]) if people.places else 1
        marks_after = 0
        if people.marks_after:
            minutes, working = self._minutes_of(people.marks_after)
            if working:
                raise WordError(
                    f"{people.marks_after!r} is working time; people are marked so long after joining by the calendar"
                )
            marks_after = round(self.numbers[people.marks_after].steps[0][1] * minutes)
        return Population(
            self.value(people.seats),
            self.value(people.leaving),
            ref(people.joined),
            ref(people.leaves),
            ref(people.before),
            self.optional(people.before_share),
            place,
            places,
            ref(people.marks) if people.marks else None,
            marks_after,
        )

    # --- nodes --------------------------------------------------------------------------------------------------------

    def _node(self, node: kinds.Node) -> Node:
        make: Mapping[type, Callable[..., Node]] = {
            kinds.Set: self._set,
            kinds.Decide: self._decide,
            kinds.Work: self._work,
            kinds.Wait: self._wait,
            kinds.Hold: self._hold,
            kinds.Assign: self._assign,
            kinds.Book: self._book,
            kinds.Fork: self._fork,
            kinds.Join: lambda join: Node(join.name, Kind.JOIN, goes_to=self._goes_to(join.next)),
            kinds.Exit: lambda end: Node(end.name, Kind.EXIT),
        }
        return make[type(node)](node)

    def _time_is(self, word: str) -> TimeIs:
        kinds_of_time = {kind.name.lower(): kind for kind in TimeIs}
        if word not in kinds_of_time:
            raise WordError(nearest(word, list(kinds_of_time), "kind of time"))
        return kinds_of_time[word]

    def _set(self, node: kinds.Set) -> Node:
        raises = []
        for signal in node.raises:
            if signal.to not in ("case", "person"):
                raise WordError(f"a signal goes to 'case' or 'person', not {signal.to!r}")
            if signal.name not in self.signal_at:
                expected = f"a signal that a guard hears, {known_one(signal.name, list(self.signal_at))}"
                self.problem(f"node {node.name}", f"the signal {signal.name!r}, which no guard hears", expected)
                continue
            raises.append(Raise(self.signal_at[signal.name], signal.to == "person", self.words.terms(signal.when)))
        writes = tuple(self.words.write(write) for write in node.writes)
        return Node(node.name, Kind.SET, goes_to=self._goes_to(node.next), writes=writes, raises=tuple(raises))

    def _decide(self, node: kinds.Decide) -> Node:
        if (node.each is None) != (node.into is None) or (node.each is None) != (node.next is None):
            raise WordError("a decision for each row says each, into and next; one for the token says none of them")
        into = self.words.ref(node.into) if node.into else None
        if into is not None and into.scope not in (Scope.SUBJECT, Scope.ALLEGATION):
            raise WordError(f"{node.into} belongs to neither a subject nor an allegation")
        branches = tuple(self._branch(node, branch) for branch in node.branches)
        goes_to = self._goes_to(node.next) if node.next else -1
        when = self.words.terms(node.when)
        return Node(
            node.name,
            Kind.DECIDE,
            goes_to=goes_to,
            branches=branches,
            into=into,
            when=when,
        )

    def _branch(self, node: kinds.Decide, branch: kinds.Branch) -> Branch:
        keyed = isinstance(branch.weight, str) and branch.weight != "rest"
        return Branch(
            name=branch.name,
            goes_to=-1 if node.into else self._goes_to(branch.name),
            level=self.words.level(node.into, branch.name) if node.into else -1,
            weight=self.value(str(branch.weight)) if keyed else -1,
            constant=0.0 if isinstance(branch.weight, str) else branch.weight,
            rest=branch.weight == "rest",
            factors=self.factors(branch.by),
            when=self.words.terms(branch.when),
            otherwise=branch.otherwise,
        )

    def _work(self, node: kinds.Work) -> Node:
        team = self._named(self.team_at, node.team, "team")
        owner = self.pathway.teams[team].owner
        return Node(
            node.name,
            Kind.WORK,
            goes_to=self._goes_to(node.next),
            owner=owner,
            team=team,
            lasts=self.sample(node.effort),
        )

    def _wait(self, node: kinds.Wait) -> Node:
        return Node(
            node.name,
            Kind.WAIT,
            goes_to=self._goes_to(node.next),
            owner=node.owner,
            time_is=self._time_is(node.time_is),
            lasts=self.sample(node.lasts),
            no_later_than=self.words.ref(node.no_later_than) if node.no_later_than else None,
        )

    def _hold(self, node: kinds.Hold) -> Node:
        return Node(
            node.name,
            Kind.HOLD,
            goes_to=self._goes_to(node.next),
            owner=node.owner,
            time_is=self._time_is(node.time_is),
            when=self.words.terms(node.until),
            lasts=self.sample(node.cut_off),
            cut_off_to=self._goes_to(node.cut_off_to) if node.cut_off_to else -1,
        )

    def _assign(self, node: kinds.Assign) -> Node:
        team = self._named(self.team_at, node.team, "team") if node.team else -1
        if node.team and self.pathway.teams[team].slots is None:
            raise WordError(f"team {node.team!r} has no slots, so nobody is assigned to it")
        owner = self.pathway.teams[team].owner if node.team else ""
        return Node(node.name, Kind.ASSIGN, goes_to=self._goes_to(node.next), owner=owner, team=team)

    def _book(self, node: kinds.Book) -> Node:
        if not node.diaries:
            raise WordError("sitting days are booked in at least one diary")
        diaries = tuple((self._named(self.diary_at, name, "diary"), places) for name, places in node.diaries)
        return Node(
            node.name,
            Kind.BOOK,
            goes_to=self._goes_to(node.next),
            owner=node.owner,
            time_is=self._time_is(node.time_is),
            diaries=diaries,
            lasts=self.sample(node.notice),
            length=self.sample(node.length),
        )

    def _fork(self, node: kinds.Fork) -> Node:
        by = {"case": 0, "subject": 1}.get(node.by, 2)
        into = self.words.ref(node.by) if by == 2 else None
        if into is not None and into.scope != Scope.SUBJECT:
            raise WordError(f"a fork is by 'case', by 'subject' or by a subject attribute, not {node.by!r}")
        return Node(
            node.name,
            Kind.FORK,
            goes_to=self._goes_to(node.next),
            start=self._goes_to(node.start),
            fork_by=by,
            into=into,
            when=self.words.terms(node.when),
            side=node.side,
        )


def months_from(start: date, end: date) -> Iterator[date]:
    """The first days of the months after the one of `start`, before `end`."""
    day = start
    while (day := (day.replace(day=1) + timedelta(days=32)).replace(day=1)) < end:
        yield day


def _on(steps: Steps, day: date) -> float:
    return steps[max(bisect_right(steps, day, key=itemgetter(0)) - 1, 0)][1]


def _far_apart(places: int) -> tuple[int, ...]:
    """The places in an order that keeps early ones far apart: the ranks of multiples of the golden ratio, without their whole parts."""
    parts = [at * 0.6180339887498949 % 1 for at in range(places)]
    order = sorted(parts)
    return tuple(order.index(part) for part in parts)


def _all(items: list[T | None]) -> tuple[T, ...]:
    return tuple(item for item in items if item is not None)
