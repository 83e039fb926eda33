"""Who is there to do the work? Teams and diaries without anybody, and numbers that cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator

from sim.plan import Branch, Kind, Plan, Team, Term
from sim.scenario.check.levels import COMPARE
from sim.scenario.check.ways import goes_on_to


def problems(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Teams that nobody staffs, diaries without room, shares and numbers that cannot be meant."""
    for number, team in enumerate(plan.teams):
        yield from _team(plan, number, team)
    yield from _diaries(plan)
    yield from _numbers(plan)


def _team(plan: Plan, number: int, team: Team) -> Iterator[tuple[str, str, str]]:
    """A team may be set up later: before its first post, which may lie beyond the run, its work waits. It may be wound up once nothing is sent to it any more."""
    posts = plan.values[team.posts]
    if not any(node.team == number for node in plan.nodes):
        yield f"team {team.name}", "a team that does nothing", "a node whose work it does, or no such team"
    units_steps = plan.values[team.units].times if team.units >= 0 else ()
    times = sorted({max(time, 0) for time in (*posts.times, *units_steps)})
    opens = next((time for time in times if round(posts.at(time)) > 0), None)
    for time in times:
        size = round(posts.at(time))
        if opens is not None and time < opens and size == 0:
            continue
        units = round(plan.values[team.units].at(time)) if team.units >= 0 else 1
        covered = {team.stands[post % team.places] * units // team.places for post in range(size)}
        if len(covered) >= units or (size == 0 and opens is not None and not _sent_to(plan, number, time)):
            continue
        yield (
            f"team {team.name}",
            f"{posts.at(time):g} posts for {units} unit{'s' * (units > 1)} on {plan.day(time)} ({posts.name})",
            "at least one post in every unit",
        )


def _sent_to(plan: Plan, team: int, minute: int) -> bool:
    """Whether cases that arrive from a minute on can come to a node of this team."""
    seen: set[int] = set()
    frontier = [stream.start for stream in plan.streams]
    while frontier:
        at = frontier.pop()
        if at in seen:
            continue
        seen.add(at)
        node = plan.nodes[at]
        if node.team == team:
            return True
        if node.kind == Kind.DECIDE and node.into is None:
            frontier += [branch.goes_to for branch in node.branches if _opens(plan, branch, minute)]
        else:
            frontier += goes_on_to(node)
        frontier += [node.start] if node.start >= 0 else []
        frontier += [guard.goes_to for guard in plan.guards if at in guard.region]
    return False


def _opens(plan: Plan, branch: Branch, minute: int) -> bool:
    """Whether a branch may be taken from a minute on, as far as dated values read now say."""
    if branch.weight >= 0 and max(_from(plan, branch.weight, minute)) <= 0:
        return False
    if branch.weight < 0 and not branch.rest and branch.constant <= 0:
        return False
    return all(_may_hold(plan, term, minute) for term in branch.when)


def _may_hold(plan: Plan, term: Term, minute: int) -> bool:
    if term.left is not None:
        return True
    return any(COMPARE[term.operator](round(one), term.constant) for one in _from(plan, term.left_value, minute))


def _from(plan: Plan, value: int, minute: int) -> list[float]:
    """What a value may be from a minute on."""
    dated = plan.values[value]
    if dated.attach is not None:
        return list(dated.values)
    return [dated.at(minute), *(v for t, v in zip(dated.times, dated.values, strict=True) if minute < t < plan.ends_at)]


def _diaries(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for diary in plan.diaries:
        room = plan.values[diary.size]
        needed = max((n for node in plan.nodes for d, n in node.diaries if plan.diaries[d] == diary), default=0)
        if needed == 0:
            yield f"diary {diary.name}", "a diary that nothing is booked in", "a node that books it, or no such diary"
        elif round(max(room.values)) < needed:
            yield (
                f"diary {diary.name}",
                f"room for {max(room.values):g} ({room.name})",
                f"room for {needed} at some time",
            )


def _numbers(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for draw in plan.draws:
        for row in draw.shares:
            if sum(max(plan.values[value].values) for value in row) <= 0:
                yield plan.values[row[0]].name, "shares that add up to nothing", "a positive share somewhere"
    for dated in plan.values:
        if min(dated.values) < 0:
            yield dated.name, f"{min(dated.values):g} {dated.unit}", "nothing below 0"
    for stream in plan.streams:
        rate = plan.values[stream.rate]
        if max(rate.values) > stream.ceiling:
            yield (
                rate.name,
                f"{max(rate.values):g} cases a year",
                f"at most {stream.ceiling:g}: potential cases are drawn at three times the rate before reforms",
            )
