"""What became of a case, line by line, and where that is not the path its file wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from case_files import Case, Step

from sim.plan import Plan
from sim.record import EVENT_COLUMNS, Record, What

ENTERED = (What.ARRIVED, What.QUEUED, What.ASKED, What.WAITS, What.HELD, What.BOOKED, What.JOINING, What.LEFT)
SAME_VISIT = (What.ARRIVED, What.QUEUED, What.ALLOCATED, What.ASKED)
"""Rows after which another row at the same step is still the same visit."""


@dataclass(frozen=True)
class Played:
    """One line of what happened to a case."""

    minute: int
    token: int
    node: str
    branch: str | None = None
    sits: bool = False
    """The first sitting day of a booking begins; only if the token is still there."""


def seen(plan: Plan, record: Record, case: int) -> list[Played]:
    """What happened to a case, in order: every step it came to that leaves a row, every way it took, every hearing that sat."""
    mine = record.events["case"] == case
    rows = zip(*(record.events[column][mine].tolist() for column in EVENT_COLUMNS), strict=True)
    last: dict[int, tuple[int, What]] = {}
    booked: dict[int, Played] = {}
    lines: list[Played] = []
    for minute, _, token, at, what, _, value in rows:
        node = plan.nodes[at]
        if token in booked and booked[token].minute <= minute:
            lines.append(booked[token])
        booked.pop(token, None)
        if what == What.CHOSE:
            chosen = (b.name for n, b in enumerate(node.branches) if (n if node.into is None else b.level) == value)
            lines.append(Played(minute, token, node.name, branch=next(chosen)))
        elif what == What.FORKED:
            if not lines or lines[-1] != Played(minute, token, node.name):
                lines.append(Played(minute, token, node.name))
        else:
            before, how = last.get(token, (-1, What.LEFT))
            if what in ENTERED and (before != at or how not in SAME_VISIT):
                lines.append(Played(minute, token, node.name))
            if what == What.BOOKED and value >= 0:
                booked[token] = Played(value, token, node.name, sits=True)
            last[token] = (at, What(what))
    lines += [sitting for sitting in booked.values() if sitting.minute < record.ended_at]
    return sorted(lines, key=lambda line: line.minute)


def matches(plan: Plan, step: Step, line: Played) -> bool:
    """Whether a line is what a step speaks of; for ``never`` on whatever day."""
    if line.node != step.node or (step.branch is not None and line.branch != step.branch):
        return False
    if step.sits != line.sits and step.on is not None:
        return False
    return step.on is None or plan.day(line.minute) == step.on


def path_report(plan: Plan, case: Case, lines: Sequence[Played]) -> str:
    """The path seen beside the path wanted; empty where it is as wanted."""
    beside: dict[int, Step] = {}
    missing: dict[int, list[str]] = {}
    at = 0
    for step in case.path:
        found = next(
            (n for n in range(0 if step.on is None else at, len(lines)) if matches(plan, step, lines[n])), None
        )
        if step.on is None:
            if found is not None:
                missing.setdefault(found, []).append(f"{step.said}  <-- but it came to it")
        elif found is None:
            by_then = [n for n, line in enumerate(lines) if n >= at - 1 and plan.day(line.minute) <= step.on]
            missing.setdefault(max(by_then, default=at - 1), []).append(f"{step.said}  <-- not so")
        else:
            beside[found] = step
            at = found + 1
    if not missing:
        return ""
    table = [("seen", "wanted")]
    table += [("", text) for text in missing.get(-1, ())]
    for n, line in enumerate(lines):
        table.append((told_line(plan, line), beside[n].said if n in beside else ""))
        table += [("", text) for text in missing.get(n, ())]
    width = max(len(left) for left, _ in table)
    return "\n".join(f"  {left:<{width}}  {right}".rstrip() for left, right in table)


def told_line(plan: Plan, line: Played) -> str:
    text = f"{plan.day(line.minute)} {line.minute // 60 % 24:02}:{line.minute % 60:02}  {line.node}"
    if line.branch is not None:
        text += f" = {line.branch}"
    text += " sits" if line.sits else ""
    return text + (f"  (token {line.token})" if line.token else "")
