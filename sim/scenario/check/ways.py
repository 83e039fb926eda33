"""Which ways are there? What can be seen from the nodes and their edges alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.plan import Kind, Node, Plan, Ref, Term
from sim.scenario.check.levels import COMPARE, Had

STAYS = frozenset({Kind.WORK, Kind.WAIT, Kind.BOOK})
"""Kinds of node that always take time. A hold, a join and an assignment may let a token through at once."""


def goes_on_to(node: Node) -> list[int]:
    """Nodes the token itself may go to from here."""
    return [at for at in (node.goes_to, node.cut_off_to, *(branch.goes_to for branch in node.branches)) if at >= 0]


def leads_to(node: Node) -> list[int]:
    """Nodes a token may go to from here, forked tokens' starts included."""
    return [*goes_on_to(node), *([node.start] if node.start >= 0 else [])]


def reach(plan: Plan, starts: Iterable[int], *, forks: bool = True, blocked: frozenset[Kind] = frozenset()) -> set[int]:
    """Nodes that can be reached from some, guards included.

    Args:
        plan: whose nodes.
        starts: where from; these are reached.
        forks: whether the tokens made on the way count, else the token itself alone.
        blocked: kinds of node that are reached and not passed.
    """
    led_away: dict[int, list[int]] = {}
    for guard in plan.guards:
        for at in guard.region:
            led_away.setdefault(at, []).append(guard.goes_to)
    reached: set[int] = set()
    frontier = list(starts)
    while frontier:
        at = frontier.pop()
        if at not in reached:
            reached.add(at)
            node = plan.nodes[at]
            if node.kind not in blocked:
                frontier += leads_to(node) if forks else goes_on_to(node)
            frontier += led_away.get(at, ())
    return reached


def unreached(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Nodes that no stream, fork or guard leads to."""
    reached = reach(plan, [stream.start for stream in plan.streams])
    for at, node in enumerate(plan.nodes):
        if at not in reached:
            yield (
                f"node {node.name}",
                "a node that nobody reaches",
                "a way there from a stream's start or a guard, or no such node",
            )


def timeless_loops(plan: Plan) -> Iterator[tuple[str, str, str]]:
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


def joins_of(plan: Plan, fork: Node) -> frozenset[int]:
    """The joins at which a token may first stand after it has forked."""
    passed = reach(plan, [fork.goes_to], forks=False, blocked=frozenset({Kind.JOIN}))
    return frozenset(at for at in passed if plan.nodes[at].kind == Kind.JOIN)


def unfed_joins(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Joins at which a token has never forked anything that is to be joined."""
    fed: set[int] = set()
    for node in plan.nodes:
        if node.kind == Kind.FORK and not node.side:
            fed |= reach(plan, [node.goes_to], forks=False)
    for at, node in enumerate(plan.nodes):
        if node.kind == Kind.JOIN and at not in fed:
            yield (
                f"node {node.name}",
                "a join that no fork feeds",
                "a fork on the way to it whose tokens are no side ones, or no such join",
            )


def endless_holds(plan: Plan, had: Had) -> Iterator[tuple[str, str, str]]:
    """Holds without cut-off whose condition can never come true and from which no guard leads away."""
    guarded = {at for guard in plan.guards for at in guard.region}
    for at, node in enumerate(plan.nodes):
        if node.kind != Kind.HOLD or node.lasts is not None or at in guarded:
            continue
        for term in node.when:
            if not _can_hold(plan, had, term):
                yield (
                    f"node {node.name}",
                    f"a hold that nobody can end: {what_is_read(plan, term)} never comes to what it waits for",
                    "a write or a step that makes it true, a cut-off, or a guard that leads away",
                )


def _can_hold(plan: Plan, had: Had, term: Term) -> bool:
    """Whether anything in the pathway or its dated values can make a condition true."""
    if term.left is None:
        steps = plan.values[term.left_value].values
        return any(COMPARE[term.operator](round(value), term.constant) for value in steps)
    true = had.true_of(term)
    if true is not None:
        return bool(true & had.masks[term.left])
    whole = had.constants.get(term.left)
    if whole is None or term.right is not None or term.now:
        return True
    return any(COMPARE[term.operator](value, term.constant) for value in whole)


def what_is_read(plan: Plan, term: Term) -> str:
    """The attribute or dated value on the left of a condition."""
    return plan.values[term.left_value].name if term.left is None else attribute_name(plan, term.left)


def attribute_name(plan: Plan, ref: Ref) -> str:
    """``scope.name`` of an attribute."""
    return [one.name for one in plan.attributes if one.scope == ref.scope][ref.index]
