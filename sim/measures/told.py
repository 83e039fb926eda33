"""Which nodes did a token pass? A record is silent on notes and plain routing; a plan whose every decision is told leaves no doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim.plan import Branch, Kind, Node, Plan
from sim.record import EVENT_COLUMNS, Record, What

STEP = 2.0**-60
MOST_BRANCHES = 17
"""Weights of plain routing go down to `STEP` ** 16, about 10 ** -289: still a full-precision number."""

SILENT = frozenset({Kind.SET, Kind.HOLD, Kind.JOIN, Kind.ASSIGN, Kind.FORK})
STAYS = frozenset({Kind.WORK, Kind.ASSIGN, Kind.BOOK})
"""Kinds of node at which several rows may tell of one visit."""


QUEUES = (What.QUEUED, What.ASKED)
"""What a row says of a token that waits for a team."""


def is_plain(node: Node) -> bool:
    """Whether a decision of the token is made by conditions alone, so that no row tells of it (`sim/plan.py`, rule 15)."""
    weighed = any(b.rest or b.weight >= 0 or b.factors or b.constant != 1 for b in node.branches)
    return node.kind == Kind.DECIDE and node.into is None and not weighed and len(node.branches) > 1


def told(plan: Plan) -> Plan:
    """A plan that plays the same future, with a ``CHOSE`` row for every decision of a token.

    Plain routing takes the first branch that is open. It becomes a weighed decision that does the same: each branch weighs 2 ** -60
    times the one before it, so that beside the first open one the others are lost in rounding, and no uniform below 1 reaches them. Draws are named
    by node and purpose, so nothing else is disturbed (`untold` gives the record of the plan itself, a test compares them).

    Raises:
        ValueError: a plain decision has more than 17 branches.
    """
    return replace(plan, nodes=tuple(_told(node) for node in plan.nodes))


def _told(node: Node) -> Node:
    if not is_plain(node):
        return node
    if len(node.branches) > MOST_BRANCHES:
        raise ValueError(f"{node.name!r} has {len(node.branches)} branches; at most {MOST_BRANCHES} can be told apart")
    branches: list[Branch] = [replace(one, constant=STEP**place) for place, one in enumerate(node.branches)]
    return replace(node, branches=tuple(branches))


def untold(plan: Plan, record: Record) -> Record:
    """The record of a plan, from that of `told(plan)`."""
    plain = np.array([is_plain(node) for node in plan.nodes], bool)
    kept = ~((record.events["what"] == What.CHOSE) & plain[record.events["node"]])
    events = {name: record.events[name][kept] for name in EVENT_COLUMNS}
    return replace(record, plan=plan.fingerprint, events=events)


class Stay(NamedTuple):
    """A token at a node: from the minute it came there to the minute it went on, the same where no time passed."""

    node: int
    came: int
    left: int
    token: int
    queued: tuple[tuple[int, int], ...] = ()
    """From when to when it queued there, each time, for a slot or for attention."""


def stays_of(plan: Plan, record: Record, chosen: Sequence[int], since: int = 0) -> Mapping[int, list[Stay]]:
    """Every node that the tokens of some cases passed or stood at from a minute on, token by token, in order, by case.

    Args:
        plan: what was played.
        record: of `told(plan)`, with events.
        chosen: numbers of the cases.
        since: stays that ended before this minute are left out.
    """
    wanted = np.zeros(len(record.cases["stream"]), bool)
    wanted[list(chosen)] = True
    at = np.flatnonzero(wanted[record.events["case"]])
    at = at[np.lexsort((record.events["token"][at], record.events["case"][at]))]  # stable: a token's rows stay in order
    columns = {name: record.events[name][at] for name in EVENT_COLUMNS}
    late = columns["minute"] >= since
    last = np.ones(len(at), bool)  # of its token, or of those before `since`
    last[:-1] = (
        late[1:] | (columns["case"][1:] != columns["case"][:-1]) | (columns["token"][1:] != columns["token"][:-1])
    )
    kept = late | (last & (columns["what"] != What.LEFT))
    rows = list(zip(*(columns[name][kept].tolist() for name in EVENT_COLUMNS), strict=True))
    found: dict[int, list[Stay]] = {int(one): [] for one in chosen}
    way = _Ways(plan)
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end][1:3] != rows[start][1:3]:
            found[rows[start][1]] += _stays(way, rows[start:end], record.ended_at)
            start = end
    return found


Row = tuple[int, int, int, int, int, int, int]


def _stays(way: _Ways, rows: Sequence[Row], ended_at: int) -> Iterator[Stay]:
    """The stays of one token."""
    before, token = rows[0], rows[0][2]
    node, came = before[3], before[0]
    queued: list[tuple[int, int]] = []
    for row in rows[1:]:
        minute = row[0]
        if before[4] in QUEUES:
            queued.append((before[0], minute))
        entered = way.between(before, row)
        if entered:
            yield Stay(node, came, minute, token, tuple(queued))
            for passed in entered[:-1]:
                yield Stay(passed, minute, minute, token)
            node, came, queued = row[3], minute, []
        before = row
    if before[4] in QUEUES:
        queued.append((before[0], ended_at))
    yield Stay(node, came, came if before[4] == What.LEFT else ended_at, token, tuple(queued))


class _Ways:
    """The nodes entered between two rows of a token, the second row's included if it came there anew."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._known: dict[tuple[int, int, int, int, int, bool], tuple[int, ...]] = {}

    def between(self, one: Row, other: Row) -> tuple[int, ...]:
        at = (
            one[3],
            one[4],
            one[6] if one[4] in (What.CHOSE, What.CALLED) else -1,
            other[3],
            other[4],
            one[0] == other[0],
        )
        if at not in self._known:
            self._known[at] = self._find(*at)
        return self._known[at]

    def _find(self, node: int, what: int, value: int, then: int, then_what: int, at_once: bool) -> tuple[int, ...]:
        if self._goes_on(node, what, then, then_what, at_once):
            return ()
        for start in self._starts(node, what, value):
            passed = self._along(start, then)
            if passed:
                return tuple(passed[1:] if what == What.ARRIVED else passed)
        return (then,)

    def _goes_on(self, node: int, what: int, then: int, then_what: int, at_once: bool) -> bool:
        """Whether the second row goes on with the visit that the first is of."""
        if node != then:
            return False
        if then_what == What.CALLED or what == What.ARRIVED:
            return True
        if what in (What.CHOSE, What.FORKED):
            return at_once and then_what == what and (what == What.FORKED or self.plan.nodes[node].into is not None)
        return what != What.CALLED and self.plan.nodes[node].kind in STAYS

    def _starts(self, node: int, what: int, value: int) -> Iterable[int]:
        """Where a token may go on to from a row; a guard's targets in their order."""
        at = self.plan.nodes[node]
        if what == What.ARRIVED:
            return (node,)
        if what == What.CHOSE and at.into is None:
            return (at.branches[value].goes_to,)
        if what == What.CALLED:
            return [guard.goes_to for guard in self.plan.guards if guard.signal == value and node in guard.region]
        return [one for one in (at.goes_to, at.cut_off_to) if one >= 0]

    def _along(self, start: int, end: int) -> list[int]:
        """The way from a node to another through nodes that leave no row; empty if there is none."""
        passed = [start]
        while passed[-1] != end:
            node = self.plan.nodes[passed[-1]]
            each = node.kind == Kind.DECIDE and node.into is not None
            only = node.kind == Kind.DECIDE and node.into is None and len(node.branches) == 1
            if not (node.kind in SILENT or each or only) or len(passed) > len(self.plan.nodes):
                return []
            passed.append(node.branches[0].goes_to if only else node.goes_to)
        return passed
