"""Which nodes did a token pass? A record is silent on notes and plain routing; a plan whose every decision is told leaves no doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.plan import Branch, Kind, Node, Plan
from sim.record import EVENT_COLUMNS, Ints, Record, What

STEP = 2.0**-60
MOST_BRANCHES = 17
"""Weights of plain routing go down to `STEP` ** 16, about 10 ** -289: still a full-precision number."""

SILENT = frozenset({Kind.SET, Kind.HOLD, Kind.JOIN, Kind.ASSIGN, Kind.FORK})
STAYS = frozenset({Kind.WORK, Kind.ASSIGN, Kind.BOOK})
"""Kinds of node at which several rows may tell of one visit."""


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


@dataclass(frozen=True)
class Stay:
    """A token at a node: from the minute it came there to the minute it went on, the same where no time passed."""

    node: int
    came: int
    left: int
    token: int
    queued: tuple[tuple[int, int], ...] = ()
    """From when to when it queued there, each time, for a slot or for attention."""


def stays_of(plan: Plan, case: Ints, chosen: Sequence[int], record: Record) -> Mapping[int, list[Stay]]:
    """Every node that the tokens of some cases passed or stood at, in order, by case.

    Args:
        plan: what was played; its record, that of `told(plan)`, has its node numbers.
        case: the column `case` of the events.
        chosen: numbers of the cases.
        record: of `told(plan)`, with events.
    """
    wanted = np.flatnonzero(np.isin(case, np.asarray(chosen, dtype=np.int64)))
    columns = {name: record.events[name][wanted] for name in EVENT_COLUMNS}
    order = np.lexsort((columns["token"], columns["case"]))  # stable: the rows of a token stay in order
    rows = list(zip(*(columns[name][order].tolist() for name in EVENT_COLUMNS), strict=True))
    found: dict[int, list[Stay]] = {int(one): [] for one in chosen}
    way = _Ways(plan)
    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at][1:3] != rows[start][1:3]:
            found[rows[start][1]] += _stays(way, rows[start:at], record.ended_at)
            start = at
    return found


Row = tuple[int, int, int, int, int, int, int]


def _stays(way: _Ways, rows: Sequence[Row], ended_at: int) -> Iterator[Stay]:
    """The stays of one token."""
    here: Stay | None = None
    before: Row | None = None
    for row in (*rows, None):
        minute = row[0] if row is not None else ended_at
        if here is not None and before is not None and before[4] in (What.QUEUED, What.ASKED):
            here = replace(here, queued=(*here.queued, (before[0], minute)))
        if row is None:
            break
        entered = (row[3],) if before is None else way.between(before, row)
        if entered:
            if here is not None:
                yield replace(here, left=minute)
            for passed in entered[:-1]:
                yield Stay(passed, minute, minute, row[2])
            here = Stay(row[3], minute, minute, row[2])
        before = row
    if here is not None and before is not None:
        yield replace(here, left=here.came if before[4] == What.LEFT else ended_at)


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
