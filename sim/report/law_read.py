"""What did the law say, and as of which day? The values of the law that a node reads, for one token of one case.

What is exact: which values a node reads (they stand in its conditions, weights and lengths of time), and what a value read now said on the
day. A value attached to a date that the row carries is read here at that date as the record holds it at the end: exact for days that are
written once, as receipt and first referral are; a day written again later (a second hearing, say) may have been another one then.
A node whose conditions were settled by their first word may not have looked at the rest: its values are those it may look at.
Where a token has several subjects whose days differ, a number is read at the earliest and a condition at each: all of them are given.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engines.reading import COMPARE
from sim.measures.named import of_node, of_terms
from sim.plan import UNSET, Dated, Node, Plan, Ref, Scope, Term
from sim.record import Ints, Record
from sim.report.conditions import DAY, LAW
from sim.report.words import day, plain


@dataclass(frozen=True)
class Reading:
    """One value of the law, as read."""

    key: str
    value: float
    unit: str
    read_at: int
    """Minute of the day it is read at."""
    attached: str
    """The attribute that holds that day; empty where it is read now."""
    since: int | None
    """Minute from which it has been so; None if it was so before the run."""


def values_of(node: Node) -> list[int]:
    """Every dated value that a node's conditions, weights, factors and lengths name, by position, each once."""
    return list(dict.fromkeys(value for value in of_node(node) if value >= 0))


def read_law(plan: Plan, record: Record, node: Node, minute: int, case: int, subjects: Sequence[int]) -> list[Reading]:
    """What the law said where a token is at a node.

    Args:
        plan: what was played.
        record: what happened.
        node: where the token is.
        minute: when.
        case: whose token it is.
        subjects: the subjects of the token, positions in the cast.
    """
    return readings(plan, record, values_of(node), minute, case, subjects)


def read_guards(
    plan: Plan, record: Record, node: int, signal: int, minute: int, case: int, subjects: Sequence[int]
) -> list[Reading]:
    """What the law said where a guard called a token away from a node."""
    values = [
        value
        for guard in plan.guards
        if guard.signal == signal and node in guard.region
        for value in of_terms(guard.when)
    ]
    return readings(plan, record, values, minute, case, subjects)


def readings(
    plan: Plan, record: Record, values: Iterable[int], minute: int, case: int, subjects: Sequence[int]
) -> list[Reading]:
    """Those of some values that are the law's, as read; one attached to a day that was never set is left out."""
    found = []
    for value in dict.fromkeys(values):
        dated = plan.values[value]
        if dated.name.startswith(LAW):
            found += [_read(plan, dated, at) for at in days_read(plan, record, dated, minute, case, subjects)]
    return found


def days_read(plan: Plan, record: Record, dated: Dated, minute: int, case: int, subjects: Sequence[int]) -> list[int]:
    """The minutes a value is read at: now, or the days of the rows it is attached to, as the record holds them, the earliest first."""
    if dated.attach is None:
        return [minute]
    ref = dated.attach
    column = _table(record, ref.scope)[attribute_name(plan, ref).partition(".")[2]]
    days = column[_rows(record, ref.scope, case, subjects)]
    return sorted({int(one) for one in days if one != UNSET})


def value_at(plan: Plan, record: Record, value: int, minute: int, case: int, subjects: Sequence[int]) -> float | None:
    """Any dated value as a number that a token reads; None if the day it is attached to was never set."""
    dated = plan.values[value]
    days = days_read(plan, record, dated, minute, case, subjects)
    return dated.at(days[0]) if days else None


def closes(plan: Plan, record: Record, term: Term, minute: int, case: int, subjects: Sequence[int]) -> bool:
    """Whether a condition on a dated value did not hold."""
    dated = plan.values[term.left_value]
    days = days_read(plan, record, dated, minute, case, subjects)
    holds = [COMPARE[term.operator](round(dated.at(day)), term.constant) for day in days]
    return bool(holds) and not (all(holds) if term.every else any(holds))


def _table(record: Record, scope: Scope) -> Mapping[str, Ints]:
    tables = {
        Scope.CASE: record.cases,
        Scope.SUBJECT: record.subjects,
        Scope.PERSON: record.people,
        Scope.ALLEGATION: record.allegations,
    }
    return tables[scope]


def _rows(record: Record, scope: Scope, case: int, subjects: Sequence[int]) -> Ints:
    """The rows of a scope that belong to a token."""
    if scope == Scope.CASE:
        return np.asarray([case])
    if scope == Scope.ALLEGATION:
        return np.flatnonzero(np.isin(record.allegations["subject"], subjects))
    rows = np.asarray(subjects, dtype=np.int64)
    return record.subjects["person"][rows] if scope == Scope.PERSON else rows


def attribute_name(plan: Plan, ref: Ref) -> str:
    """ "subject.referred_on"."""
    return [a.name for a in plan.attributes if a.scope == ref.scope][ref.index]


def _read(plan: Plan, dated: Dated, at: int) -> Reading:
    step = max(bisect_right(dated.times, at) - 1, 0)
    since = dated.times[step] if step > 0 else None
    attached = attribute_name(plan, dated.attach) if dated.attach else ""
    return Reading(dated.name, dated.values[step], dated.unit, at, attached, since)


def said(plan: Plan, reading: Reading, labels: Mapping[str, str]) -> str:
    """A reading as a sentence: "chief officer chairs: yes, since 7 May 2024; read at the subject's day “panel”, 3 June 2024"."""
    name = labels.get(reading.key, "")
    title = f"{plain(reading.key.removeprefix(LAW))}" + (f" ({name})" if name else "")
    if reading.unit == "switch":
        value = "yes" if reading.value else "no"
    else:
        value = f"{reading.value:g} {plain(reading.unit)}"
    since = f", since {day(plan.day(reading.since))}" if reading.since is not None else ""
    on = day(plan.day(reading.read_at))
    if not reading.attached:
        return f"{title}: {value}{since}; as of that day, {on}"
    scope, _, short = reading.attached.partition(".")
    return f"{title}: {value}{since}; attaches to the {scope}'s day “{plain(short.removesuffix(DAY))}”, {on}"
