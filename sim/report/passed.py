"""Which nodes did a token pass of which the record has no row? Those that lie on every way there was.

A record tells of nodes where time passes, of weighed decisions and of ends; a token goes through notes, plain routing, conditions that
already hold and the like without a word. Between two rows of a token it may have had several ways. What is said here is only what is
certain: nodes without which it could not have come from the one row to the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sim.engines.rules import is_weighed
from sim.plan import Kind, Node, Plan
from sim.record import What

SILENT = (Kind.SET, Kind.HOLD, Kind.JOIN, Kind.ASSIGN, Kind.FORK)
"""Kinds that a token may pass without a row; decisions beside them, unless each is told."""


def certain(plan: Plan, starts: Iterable[int], end: int) -> list[int]:
    """The nodes passed for certain between coming to one of `starts` and the row at `end`, in order; `end` is left out."""
    starts = tuple(starts)
    possible = [node for node in _reached(plan, starts, end, without=-1) if node != end]
    return [node for node in possible if end not in _reached(plan, starts, end, without=node)]


def comes_to(plan: Plan, node: int, what: What, value: int) -> tuple[int, ...]:
    """The nodes a token may come to next after a row of it at a node."""
    at = plan.nodes[node]
    if what is What.ARRIVED:
        return (node,)
    if what is What.CHOSE and at.into is None:
        return (at.branches[value].goes_to,)
    if what is What.CALLED:
        return tuple(guard.goes_to for guard in plan.guards if guard.signal == value and node in guard.region)
    if what is What.HELD and at.cut_off_to >= 0:
        return (at.goes_to, at.cut_off_to)
    return (at.goes_to,) if at.goes_to >= 0 else ()


def stays_at(plan: Plan, node: int, what: What, then: int, then_what: What) -> bool:
    """Whether a row of a token goes on with what the row before it was about, so that nothing was passed between them."""
    if node != then or what in (What.ARRIVED, What.CALLED, What.CHOSE, What.FORKED):
        return False
    within = plan.nodes[node].kind in (Kind.WORK, Kind.ASSIGN, Kind.BOOK)
    return within or then_what in (What.QUEUED, What.ALLOCATED, What.CALLED)


def _silent(node: Node) -> bool:
    return node.kind in SILENT or (node.kind == Kind.DECIDE and (node.into is not None or not is_weighed(node)))


def _next(node: Node) -> Iterator[int]:
    if node.kind == Kind.DECIDE and node.into is None:
        yield from (branch.goes_to for branch in node.branches)
    elif node.goes_to >= 0:
        yield node.goes_to


def _reached(plan: Plan, starts: Collection[int], end: int, without: int) -> list[int]:
    """The nodes on ways through silent nodes, nearest first; a way goes no further than `end` and never through `without`."""
    found = [start for start in dict.fromkeys(starts) if start != without]
    seen = set(found)
    for node in found:
        if node == end or not _silent(plan.nodes[node]):
            continue
        for after in _next(plan.nodes[node]):
            if after != without and after not in seen:
                seen.add(after)
                found.append(after)
    return found
