"""What do these rows do to one team, and when? Posts that take cases, how fast they are, and an account of both.

Whoever is recruited is in post after the lead and the vetting, takes cases after training, and is up to full speed after the ramp, in
monthly steps; until then each takes part of a colleague's time. People who leave go one by one, spread evenly over the year, and are
replaced in the same way. Posts of a team are alike to an engine, so what newcomers lack is taken from the mean speed of the team.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from sim.scenario.staffing.columns import FROM_UNITS, Row

Steps = tuple[tuple[date, float], ...]
"""A step function: each value holds from its day on, ascending; before the first day the first holds."""

DAYS_A_MONTH = 30.4375
DAYS_A_YEAR = 365.25
LONGEST_DAYS = 40_000.0
"""No lead, training or ramp is longer: a post that comes so late does not come while anything is played."""


@dataclass(frozen=True)
class Terms:
    """The numbers of a day: what becomes of somebody who is funded or leaves then."""

    recruitment_lead: float
    """Months."""
    vetting_delay: float
    """Months."""
    training: float
    """Weeks."""
    ramp: float
    """Months."""
    start_speed: float
    """Share of full speed."""
    mentoring: float
    """Share of a colleague's time."""
    speed_by_skill: Mapping[str, float]
    returned_by_skill: Mapping[str, float]
    set_up: float
    """Months."""
    set_up_share: float


@dataclass(frozen=True)
class Before:
    """A team as a scenario has it."""

    posts: Steps
    turnover: Steps
    """People who leave in a year, of each person."""


@dataclass(frozen=True)
class Quarter:
    """A team in one quarter of a calendar year, as far as it is played."""

    team: str
    quarter: str
    """As 2027Q2."""
    posts_funded: float
    """Mean over the days, like the next three."""
    in_post: float
    full_speed_equivalent: float
    vacancies: float
    leavers: int
    officer_days_from: Mapping[str, float]
    """By unit: calendar days in post of those who came from there, full-time equivalent, less those given to it. A post has 365 a year."""
    training_days: float
    """How many of the days of those who came are training, before they take cases."""


@dataclass(frozen=True)
class Roster:
    """What rows do to a team."""

    team: str
    before: Before
    posts: Steps
    """Posts that take cases."""
    speed: Steps
    """Of as many full-time people at full speed."""
    returned: Steps
    """Files that come back, relative to those of people without a skill."""
    pooled_on: date | None
    ledger: tuple[Quarter, ...]
    problems: tuple[tuple[int, str, str], ...]
    """Row, what was found and what would be right."""


@dataclass(frozen=True)
class _Spell:
    """So many posts alike, from the day in post to the day they are gone."""

    count: float
    in_post: date
    works: date
    """The day they take cases."""
    speeds: Steps
    """Share of full speed, from `works` on."""
    full: date
    until: date
    fte: float
    skill: float
    returned: float
    mentoring: float
    unit: str | None
    """Who gives them up; None for whoever fills the place of a leaver."""
    funds: date | None
    """From when it is a post more; None where it fills one that is there."""

    def on(self, day: date) -> bool:
        return self.works <= day < self.until

    def effort(self, day: date) -> float:
        """Full-speed equivalent on a day it works."""
        return self.count * self.fte * self.skill * value_on(self.speeds, day)


def months(number: float) -> timedelta:
    """So many mean months in whole days."""
    return _whole_days(number * DAYS_A_MONTH)


def _whole_days(number: float) -> timedelta:
    return timedelta(days=round(min(number, LONGEST_DAYS)))


def value_on(steps: Steps, day: date) -> float:
    """The value of a step function on a day."""
    return steps[max(bisect_right(steps, (day, math.inf)) - 1, 0)][1]


def roster(
    team: str, rows: Sequence[Row], before: Before, terms_on: Callable[[date], Terms], start: date, end: date
) -> Roster:
    """What rows do to a team from `start` until before `end`.

    Args:
        team: its name; rows of other teams are left out.
        rows: of a staffing sheet, in any order, each dated from `start` to before `end`.
        before: posts and turnover of the scenario.
        terms_on: the numbers of a day.
        start: first day.
        end: the day after the last.
    """
    mine = [(at, row) for at, row in enumerate(rows) if row.team == team]
    return _Team(team, mine, before, terms_on, start, end).roster()


class _Team:
    def __init__(
        self,
        team: str,
        rows: Sequence[tuple[int, Row]],
        before: Before,
        terms_on: Callable[[date], Terms],
        start: date,
        end: date,
    ) -> None:
        self.team, self.rows, self.before, self.terms_on = team, rows, before, terms_on
        self.start, self.end = start, end
        told = sorted((row for _, row in rows if row.how == "established"), key=lambda row: row.on)
        self.funded_before = _with_told(before.posts, [(row.on, row.posts) for row in told])
        filled = [(row.on, row.posts if row.in_post is None else row.in_post) for row in told]
        self.there_before = _with_told(before.posts, filled)
        self.fte_before = _with_told(((date.min, 1.0),), [(row.on, row.fte) for row in told])
        rates = {row.on: row.turnover for _, row in rows if row.turnover is not None}
        asked = sorted(rates.items())
        self.turnover = _with_told(before.turnover, asked)
        self.gone: list[tuple[date, float]] = [
            (row.on, -row.posts) for _, row in rows if row.posts < 0 and row.how in ("transfer", "leaver")
        ]
        self.leavers = [(row.on, -row.posts) for _, row in rows if row.how == "leaver"]
        self.spells = [spell for _, row in rows for spell in self._spells_of(row)]
        self._turn_over()
        self.spells = self._after_whoever_goes()

    # --- who comes, who goes ----------------------------------------------------------------------------------------------

    def _spells_of(self, row: Row) -> list[_Spell]:
        if row.how == "leaver":
            return [self._comes(replace(row, posts=-row.posts, how="recruit", fte=1.0, skill="none"), replaces=True)]
        if row.how in ("recruit", "transfer", "secondee") and row.posts > 0:
            return [self._comes(row, replaces=False)]
        return []

    def _comes(self, row: Row, *, replaces: bool) -> _Spell:
        """Whoever is funded by a row, or fills the place of somebody who leaves on its day."""
        terms = self.terms_on(row.on)
        lead = terms.recruitment_lead if row.how == "recruit" else 0.0
        in_post = row.on + months(lead + terms.vetting_delay)
        works = in_post + _whole_days(7 * terms.training if row.skill == "none" else 0.0)
        return _Spell(
            count=row.posts,
            in_post=in_post,
            works=works,
            speeds=_ramp(works, terms),
            full=works + months(terms.ramp),
            until=row.until or date.max,
            fte=row.fte,
            skill=terms.speed_by_skill.get(row.skill, 1.0),
            returned=terms.returned_by_skill.get(row.skill, 1.0),
            mentoring=terms.mentoring,
            unit=None if replaces else row.from_unit,
            funds=None if replaces or row.reason == "replacement" else row.on,
        )

    def _turn_over(self) -> None:
        """One leaver whenever the rate, summed over people and days, has come half a person beyond the last."""
        if not any(rate for _, rate in self.turnover):
            return
        expected, left, day = 0.0, 0, self.start
        while day < self.end:
            expected += value_on(self.turnover, day) * max(self._posts(day), 0.0) / DAYS_A_YEAR
            if expected >= left + 0.5 and self._settled(day) >= 1:
                left += 1
                self.gone.append((day, 1.0))
                self.leavers.append((day, 1.0))
                self.spells.append(self._comes(Row(self.team, day, 1.0, "recruit"), replaces=True))
            day += timedelta(days=1)

    def _after_whoever_goes(self) -> list[_Spell]:
        """Spells, where one that begins on a day on which others go begins the day after: an engine sees the sum of a day, and what
        leavers hold is to be handed over."""
        busy = {day for day, _ in self.gone} | {spell.until for spell in self.spells}
        moved = []
        for spell in self.spells:
            days = 0
            while spell.works + timedelta(days=days) in busy:
                days += 1
            later = timedelta(days=days)
            speeds = tuple((day + later, share) for day, share in spell.speeds)
            moved.append(replace(spell, works=spell.works + later, full=spell.full + later, speeds=speeds))
        return moved

    # --- a day ------------------------------------------------------------------------------------------------------------

    def _stayed(self, day: date) -> float:
        """Of those there before, less whoever has gone. Below zero where people have gone who came later."""
        return value_on(self.there_before, day) - sum(count for on, count in self.gone if on <= day)

    def _posts(self, day: date) -> float:
        """Posts that take cases."""
        return self._stayed(day) + sum(spell.count for spell in self.spells if spell.on(day))

    def _settled(self, day: date) -> float:
        """People at full speed who stay."""
        settled = (s.count for s in self.spells if s.on(day) and s.full <= day and s.until == date.max)
        return self._stayed(day) + sum(settled)

    def _set_up(self, day: date) -> float:
        """Part of everybody's time that bringing units together takes."""
        shares = [
            (row.on, terms.set_up_share)
            for _, row in self.rows
            if row.how == "pool" and row.on <= day < row.on + months((terms := self.terms_on(row.on)).set_up)
        ]
        return max((share for _, share in shares), default=0.0)

    def _full_speed_equivalent(self, day: date) -> float:
        working = [spell for spell in self.spells if spell.on(day)]
        colleagues = self._stayed(day) * value_on(self.fte_before, day)
        colleagues += sum(spell.effort(day) for spell in working if spell.full <= day)
        learning = [spell for spell in working if day < spell.full]
        mentoring = min(sum(spell.count * spell.mentoring for spell in learning), max(colleagues, 0.0))
        return (colleagues + sum(spell.effort(day) for spell in learning) - mentoring) * (1 - self._set_up(day))

    def _speed(self, day: date) -> float:
        posts = self._posts(day)
        return self._full_speed_equivalent(day) / posts if posts > 0 else 1.0

    def _returned(self, day: date) -> float:
        posts = self._posts(day)
        told = self._stayed(day) + sum(spell.count * spell.returned for spell in self.spells if spell.on(day))
        return told / posts if posts > 0 else 1.0

    def _in_post(self, day: date) -> float:
        return self._stayed(day) + sum(s.count for s in self.spells if s.in_post <= day < s.until)

    def _funded(self, day: date) -> float:
        given_up = sum(-row.posts for _, row in self.rows if row.how == "transfer" and row.posts < 0 and row.on <= day)
        more = sum(s.count for s in self.spells if s.funds is not None and s.funds <= day < s.until)
        return value_on(self.funded_before, day) - given_up + more

    def _from(self, unit: str, day: date) -> float:
        came = sum(s.count * s.fte for s in self.spells if s.unit == unit and s.in_post <= day < s.until)
        given = (r for _, r in self.rows if r.how == "transfer" and r.posts < 0 and r.from_unit == unit and r.on <= day)
        return came + sum(row.posts * row.fte for row in given)

    def _in_training(self, day: date) -> float:
        """Of those whom rows bring in, how many are in post and take no cases yet, full-time equivalent."""
        come = (s for s in self.spells if s.unit is not None and s.in_post <= day < min(s.works, s.until))
        return sum(spell.count * spell.fte for spell in come)

    # --- all of it --------------------------------------------------------------------------------------------------------

    def _days(self) -> list[date]:
        """Every day on which anything may change."""
        days = {self.start} | {day for day, _ in self.gone} | {row.on for _, row in self.rows}
        for steps in (self.funded_before, self.there_before, self.fte_before):
            days |= {day for day, _ in steps}
        for spell in self.spells:
            days |= {spell.in_post, spell.works, spell.full, spell.until, *(day for day, _ in spell.speeds)}
        days |= {row.on + months(self.terms_on(row.on).set_up) for _, row in self.rows if row.how == "pool"}
        return sorted(day for day in days if self.start <= day < self.end)

    def roster(self) -> Roster:
        days = self._days()
        pools = [row.on + months(self.terms_on(row.on).set_up) for _, row in self.rows if row.how == "pool"]
        return Roster(
            team=self.team,
            before=self.before,
            posts=_steps(days, self._posts),
            speed=_steps(days, self._speed),
            returned=_steps(days, self._returned),
            pooled_on=min(pools, default=None),
            ledger=tuple(self._ledger(days)),
            problems=tuple(self._problems()),
        )

    def _ledger(self, days: Sequence[date]) -> Iterable[Quarter]:
        funded, in_post, speed = (_steps(days, of) for of in (self._funded, self._in_post, self._full_speed_equivalent))
        units = {unit: _steps(days, lambda day, unit=unit: self._from(unit, day)) for unit in FROM_UNITS}  # type: ignore[misc]
        training = _steps(days, self._in_training)
        day = self.start
        while day < self.end:
            quarter = (day.month - 1) // 3
            after = min(date(day.year + quarter // 3, (quarter * 3 + 3) % 12 + 1, 1), self.end)
            long = (after - day).days
            yield Quarter(
                team=self.team,
                quarter=f"{day.year}Q{quarter + 1}",
                posts_funded=_sum(funded, day, after) / long,
                in_post=_sum(in_post, day, after) / long,
                full_speed_equivalent=_sum(speed, day, after) / long,
                vacancies=_sum(funded, day, after) / long - _sum(in_post, day, after) / long,
                leavers=round(sum(count for on, count in self.leavers if day <= on < after)),
                officer_days_from={unit: _sum(steps, day, after) for unit, steps in units.items()},
                training_days=_sum(training, day, after),
            )
            day = after

    def _problems(self) -> Iterable[tuple[int, str, str]]:
        for at, row in self.rows:
            if row.posts < 0 and self._settled(row.on) < 0:
                found = f"{-row.posts:g} fewer on {row.on}, when {self._settled(row.on) - row.posts:g} are there at full speed"
                yield at, found, "no more than are there"
            elif row.reason == "replacement" and self._in_post(
                arrival := self._comes(row, replaces=False).in_post
            ) > self._funded(arrival):
                found = f"{row.posts:g} to fill vacant posts, when {self._in_post(arrival) - row.posts:g} of {self._funded(arrival):g} are filled"
                yield at, found, "no more than are vacant; growth funds new ones"


def _ramp(works: date, terms: Terms) -> Steps:
    """Share of full speed in monthly steps: the start, then so much more each month, full when the ramp is over."""
    if terms.ramp <= 0:
        return ((works, 1.0),)
    rise = (1 - terms.start_speed) / terms.ramp
    steps = [(works + months(month), terms.start_speed + rise * month) for month in range(math.ceil(terms.ramp))]
    return (*steps, (works + months(terms.ramp), 1.0))


def _with_told(steps: Steps, told: Sequence[tuple[date, float]]) -> Steps:
    """A step function that from the first day told of on is what is told."""
    if not told:
        return steps
    first = told[0][0]
    return (*(step for step in steps if step[0] < first), *told)


def _steps(days: Sequence[date], of: Callable[[date], float]) -> Steps:
    """A step function by its value on every day on which it may change; equal neighbours merged."""
    steps: list[tuple[date, float]] = []
    for day in days:
        value = of(day)
        if not steps or steps[-1][1] != value:
            steps.append((day, value))
    return tuple(steps)


def _sum(steps: Steps, day: date, after: date) -> float:
    """Value times days, from a day until before another."""
    cuts = [day, *(start for start, _ in steps if day < start < after), after]
    return sum(value_on(steps, one) * (other - one).days for one, other in pairwise(cuts))
