"""Which numbers of a scenario does a staffing sheet change? Posts are set, speed and files that come back are scaled, units brought together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sim.evidence import Problem
from sim.pathway.kinds import Pathway, Team
from sim.scenario.build import Series
from sim.scenario.lay import Laid
from sim.scenario.staffing.columns import AS_IT_IS, SKILLS, Row
from sim.scenario.staffing.roster import Before, Roster, Steps, Terms, roster, value_on
from sim.scenario.staffing.sheet import Sheet, problems_at

TURNOVER = "staffing.turnover."
"""Keys of the rates at which people leave, by team."""


def staffed_teams(pathway: Pathway) -> dict[str, bool]:
    """The teams that can be staffed by a sheet, and whether each has units that can be pooled."""
    return {team.name: team.units is not None for team in pathway.teams if team.staffing}


def staff(
    pathway: Pathway, numbers: Mapping[str, Series], sheet: Sheet | None, start: date, end: date
) -> tuple[list[Laid], tuple[Roster, ...], list[Problem]]:
    """What a sheet, and people who leave, change of a scenario's numbers.

    Args:
        pathway: its teams say which numbers hold their posts and speed.
        numbers: as laid so far.
        sheet: None where there is none; people leave all the same where a rate of turnover says so.
        start: first day of play.
        end: the day after the last.

    Returns:
        Changes to lay on top, each team's roster, and problems of rows.
    """
    rows = sheet.rows if sheet else ()
    problems = problems_at(sheet, _outside(rows, start, end)) if sheet else []
    if problems:
        return [], (), problems
    source = sheet.path if sheet else "turnover"
    laid: list[Laid] = []
    rosters = []
    for team in pathway.teams:
        if not team.staffing:
            continue
        before = Before(numbers[team.posts].steps, numbers[TURNOVER + team.name].steps)
        made = roster(team.name, rows, before, _Terms(numbers), start, end)
        rosters.append(made)
        if sheet:
            problems += problems_at(sheet, iter(made.problems))
        laid += _changes(team, made, source, end)
    return [] if problems else laid, tuple(rosters), problems


def _outside(rows: Sequence[Row], start: date, end: date) -> Iterator[tuple[int, str, str]]:
    for at, row in enumerate(rows):
        if not start <= row.on < end and not (row.how == AS_IT_IS and row.on < start):
            yield at, f"the date {row.on}", f"a day from {start} to before {end}, while it is played"


class _Terms:
    """The numbers of staffing on a day."""

    def __init__(self, numbers: Mapping[str, Series]) -> None:
        skills = [skill for skill in SKILLS if skill != "none"]
        words = (
            "recruitment_lead",
            "vetting_delay",
            "training",
            "ramp",
            "start_speed",
            "mentoring",
            "set_up",
            "set_up_share",
        )
        self.single = {word: numbers[f"staffing.{word}"].steps for word in words}
        self.by_skill = {
            word: {skill: numbers[f"staffing.{word}.{skill}"].steps for skill in skills}
            for word in ("speed_by_skill", "returned_by_skill")
        }

    def __call__(self, day: date) -> Terms:
        single = {word: value_on(steps, day) for word, steps in self.single.items()}
        by_skill = {
            word: {skill: value_on(steps, day) for skill, steps in skills.items()}
            for word, skills in self.by_skill.items()
        }
        return Terms(**single, **by_skill)  # type: ignore[arg-type]


def _changes(team: Team, made: Roster, source: str, end: date) -> Iterator[Laid]:
    """Only what is not as it was, and from the day on it is not."""
    assert team.staffing is not None
    posts = _from_the_first(made.posts, made.before.posts, end)
    if posts:
        yield Laid(source, "set", team.posts, posts)
    for key, factor in ((team.staffing, made.speed), (team.returned, made.returned)):
        steps = _from_the_first(factor, ((date.min, 1.0),), end)
        if key and steps:
            yield Laid(source, "scale", key, steps)
    if made.pooled_on and made.pooled_on < end and team.units:
        yield Laid(source, "set", team.units, ((made.pooled_on, 1.0),))
        if team.pools:
            yield Laid(source, "set", team.pools, ((made.pooled_on, 1.0),))


def _from_the_first(steps: Steps, before: Steps, end: date) -> Steps:
    """A step function from the first day of play on which it is not what was there before; empty if it never is."""
    days = sorted({day for day, _ in (*steps, *before) if steps[0][0] <= day < end})
    first = next((day for day in days if value_on(steps, day) != value_on(before, day)), None)
    if first is None:
        return ()
    return ((first, value_on(steps, first)), *(step for step in steps if step[0] > first))


def present_rows(rosters: Sequence[Roster], start: date, end: date) -> list[Row]:
    """The posts of a scenario as rows of a sheet: laid over that scenario in the same world, they change nothing. In another they would."""
    rows = []
    for made in rosters:
        steps = (*made.before.posts, *made.before.turnover)
        days = sorted({max(day, start) for day, _ in steps if day < end})
        for day in days:
            posts, leaving = (value_on(of, day) for of in (made.before.posts, made.before.turnover))
            rows.append(Row(made.team, day, posts, "established", reason="present", turnover=leaving))
    return rows


def rows_of_any_world(rosters: Sequence[Roster], start: date) -> list[Row]:
    """A row for each team that leaves it as it is: laid over any world they change nothing, and other rows can be written below them."""
    return [Row(made.team, start, 0.0, AS_IT_IS, reason="present") for made in rosters]


def replaced(sheet: Sheet, rosters: Sequence[Roster]) -> dict[tuple[str, date], tuple[float, float]]:
    """Where rows that tell of posts there are put another number in place of a world's own: by team and day, its number and theirs.

    Args:
        sheet: what was laid over the world.
        rosters: of that world, with it.
    """
    before = {made.team: made.before.posts for made in rosters}
    told = {(row.team, row.on): row.posts for row in sheet.rows if row.how == "established"}
    own = {key: value_on(before[key[0]], key[1]) for key in told}
    return {key: (own[key], posts) for key, posts in told.items() if own[key] != posts}
