"""What is wrong with a plan that could be built but cannot be meant: found before anything is run."""

from __future__ import annotations

from collections.abc import Iterator

from sim.evidence import Problem
from sim.plan import Kind, Node, Plan

STAYS = frozenset({Kind.WORK, Kind.WAIT, Kind.BOOK})
"""Kinds of node that always take time. A hold, a join and an assignment may let a token through at once."""


def problems_of(plan: Plan, pathway: str) -> list[Problem]:
    """Nodes nobody reaches, loops in which no time passes, teams nobody staffs, decisions that can never be made."""
    found = [*_unreached(plan), *_timeless_loops(plan), *_unstaffed(plan), *_undecidable(plan), *_negative(plan)]
    return [Problem(file=f"pathway {pathway}", key=key, found=what, expected=expected) for key, what, expected in found]


def leads_to(node: Node) -> list[int]:
    """Nodes a token may go to from here, forked tokens' starts included."""
    targets = [node.goes_to, node.cut_off_to, node.start, *(branch.goes_to for branch in node.branches)]
    return [target for target in targets if target >= 0]


def _unreached(plan: Plan) -> Iterator[tuple[str, str, str]]:
    reached: set[int] = set()
    frontier = [stream.start for stream in plan.streams]
    while frontier:
        at = frontier.pop()
        if at not in reached:
            reached.add(at)
            frontier += leads_to(plan.nodes[at])
            frontier += [guard.goes_to for guard in plan.guards if at in guard.region]
    for at, node in enumerate(plan.nodes):
        if at not in reached:
            yield (
                f"node {node.name}",
                "a node that nobody reaches",
                "a way there from a stream's start or a guard, or no such node",
            )


def _timeless_loops(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Depth-first over the nodes that may take no time; a way back to an open one is a loop."""
    state = dict.fromkeys(range(len(plan.nodes)), 0)
    for start in range(len(plan.nodes)):
        path: list[tuple[int, list[int]]] = []
        if state[start] == 0 and plan.nodes[start].kind not in STAYS:
            state[start] = 1
            path.append((start, leads_to(plan.nodes[start])))
        while path:
            at, targets = path[-1]
            if not targets:
                state[at] = 2
                path.pop()
                continue
            target = targets.pop()
            if plan.nodes[target].kind in STAYS:
                continue
            if state[target] == 1:
                circle = [plan.nodes[n].name for n, _ in path]
                circle = circle[circle.index(plan.nodes[target].name) :]
                yield (
                    f"node {plan.nodes[target].name}",
                    f"a loop in which no time need pass: {' > '.join(circle)}",
                    "a wait, a bout of work or a booking on every way round",
                )
            elif state[target] == 0:
                state[target] = 1
                path.append((target, leads_to(plan.nodes[target])))


def _unstaffed(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for team in plan.teams:
        posts = plan.values[team.posts]
        if not any(node.team == plan.teams.index(team) for node in plan.nodes):
            yield f"team {team.name}", "a team that does nothing", "a node whose work it does, or no such team"
        units_steps = plan.values[team.units].times if team.units >= 0 else ()
        for time in sorted({*posts.times, *units_steps}):
            size = posts.at(max(time, 0))
            units = round(plan.values[team.units].at(max(time, 0))) if team.units >= 0 else 1
            covered = {team.stands[post % team.places] * units // team.places for post in range(round(size))}
            not_set_up = (
                max((value for at, value in zip(posts.times, posts.values, strict=True) if at <= time), default=0)
                <= 0
                < max(posts.values)
            )
            if len(covered) < units and not not_set_up:
                day = plan.day(max(time, 0))
                yield (
                    f"team {team.name}",
                    f"{size:g} posts for {units} unit{'s' * (units > 1)} on {day} ({posts.name})",
                    "at least one post in every unit",
                )
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


def _undecidable(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for node in plan.nodes:
        if node.kind != Kind.DECIDE:
            continue
        if not node.branches:
            yield f"node {node.name}", "a decision without branches", "at least one branch"
        elif not any(b.rest for b in node.branches) and all(
            (max(plan.values[b.weight].values) if b.weight >= 0 else b.constant) <= 0 for b in node.branches
        ):
            yield f"node {node.name}", "weights that add up to nothing", "a positive weight somewhere"
    for draw in plan.draws:
        for row in draw.shares:
            names = [plan.values[value].name for value in row]
            if sum(max(plan.values[value].values) for value in row) <= 0:
                yield names[0], "shares that add up to nothing", "a positive share somewhere"


def _negative(plan: Plan) -> Iterator[tuple[str, str, str]]:
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
