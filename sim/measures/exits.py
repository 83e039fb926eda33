"""How did people leave? Ways out side by side, leaving while under investigation, and the barred list."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.measures.cells import Cells
from sim.measures.cohort import IN_PERIOD, View
from sim.measures.decisions import by_employment, can_tell_dismissal, decided_on, removed
from sim.measures.figures import Figures, by_group
from sim.measures.groups import ALL, Group, Groups, by_level, with_probation
from sim.measures.lens import Lens
from sim.measures.periods import Ints
from sim.measures.rows import Rows, rows_of
from sim.measures.stocks import LEAVING

BY_OUTCOME = {
    "dismissed": "dismissed",
    "dismissed_with_notice": "dismissed_with_notice",
    "would_have_been_dismissed": "would_have_been_dismissed",
    "discharged": "regulation_13",
    "vetting_removed": "vetting",
    "incompetence": "incompetence",
}
"""Level of ``subject.outcome`` -> exit it is."""

STAFF_ROUTE, STAFF_EXIT = "staff_hearing", "staff_procedure"
OF_STAFF = ("dismissed", "dismissed_with_notice")
"""Outcomes that are the exit `STAFF_EXIT` where the employer's own procedure came to them."""

EXITS = (
    *list(BY_OUTCOME.values())[:3],
    *LEAVING,
    *list(BY_OUTCOME.values())[3:],
    STAFF_EXIT,
)
"""Ways out, in the order of tables."""

NOT_BARRED = ("discharged",)
"""Removals that put nobody on the barred list."""

BARRED_LIST = "law.barred_list"
"""Dated value: whether there is a barred list. Before it there was a disapproved register."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Each part needs the attributes and levels it reads."""
    can_tell_leaving = lens.has("person.gone", "person.gone_on", "subject.ended_on") and bool(_leaving(lens))
    if can_tell_dismissal(lens) and can_tell_leaving:
        yield _exits(lens)
    if can_tell_leaving:
        yield _while_under_investigation(lens)
        yield _by_way_of_leaving(lens)
    if can_tell_barred(lens):
        yield _barred(lens)


def can_tell_barred(lens: Lens) -> bool:
    """Whether the pathway says who is barred, and the plan from when there is a list."""
    return can_tell_dismissal(lens) and lens.has("person.barred=yes") and lens.has_value(BARRED_LIST)


def _leaving(lens: Lens) -> tuple[str, ...]:
    return lens.among("person.gone", *LEAVING)


def _left_meanwhile(view: View) -> Rows:
    """Subjects who left, other than by removal, between the receipt of the case and the end of their part of it."""

    def find() -> Rows:
        left = rows_of(view, "subject").having("person.gone", *_leaving(view.lens))
        left_on = left.date("person.gone_on")
        return left.where((left.of_case(view.received) <= left_on) & (left_on <= left.date("subject.ended_on")))

    return view.once(_left_meanwhile, find)


def _exits(lens: Lens) -> Figures:
    """Subjects by way out. Whoever would have been dismissed had left before, and is counted there too."""
    mine = with_probation(cells := Cells(lens, "subject"))
    ways = [way for way in EXITS if way in _ways(lens)]
    of_outcome, of_leaving = _codes(lens, "subject.outcome", ways), _codes(lens, "person.gone", ways)
    staff = ways.index(STAFF_EXIT) if STAFF_EXIT in ways else -1

    def count(rows: Rows, way: Ints, days: Ints) -> Ints:
        """How many of the rows that count went each way in each period."""
        counted, shape = mine[cells.of(rows)], (len(ways), len(lens.pieces))
        place = (way * len(lens.pieces) + lens.pieces.of(days))[counted]
        return lens.pieces.add_up(np.bincount(place, minlength=np.prod(shape).item()).reshape(shape))

    def values(view: View) -> Ints:
        out, left = removed(view), _left_meanwhile(view)
        way = of_outcome[out.attribute("subject.outcome")]
        if staff >= 0:
            of_staff = out.at_level("subject.outcome", *lens.among("subject.outcome", *OF_STAFF))
            way[of_staff & out.at_level("subject.route", STAFF_ROUTE)] = staff
        removals = count(out, way, decided_on(out))
        return removals + count(left, of_leaving[left.attribute("person.gone")], left.date("person.gone_on"))

    lines = by_group(IN_PERIOD, [f"exit={way}" for way in ways], lens.labels)
    return Figures(("exits",), "subject", lines, values)


def _ways(lens: Lens) -> set[str]:
    """Ways out that the pathway has."""
    found = {BY_OUTCOME[level] for level in lens.among("subject.outcome", *BY_OUTCOME)} | set(_leaving(lens))
    return found | ({STAFF_EXIT} if lens.has(f"subject.route={STAFF_ROUTE}") else set())


def _codes(lens: Lens, name: str, ways: list[str]) -> Ints:
    """The position in `ways` of each level of an attribute; 0 for levels that are none, of which no row is looked at."""
    exits = [BY_OUTCOME.get(level, level) for level in lens.levels(name)]
    return np.asarray([ways.index(way) if way in ways else 0 for way in exits])


def _while_under_investigation(lens: Lens) -> Figures:
    """Different people, also by stream, employment and where a probationer's matter was."""
    of_people = by_employment(lens, probation=True)
    mine = with_probation(of_people.cells)
    routes = by_level(of_people.cells, "route", "subject.route", mine)
    groups = Groups(of_people.cells, [*of_people.groups, *(r for r in routes if r.label == "route=regulation_13")])

    def values(view: View) -> Ints:
        left = _left_meanwhile(view)
        return groups.different_people(left, lens.pieces.of(left.date("person.gone_on")))

    lines = by_group(IN_PERIOD, groups.labels, lens.labels)
    return Figures(("exits_while_under_investigation",), "person", lines, values)


def _by_way_of_leaving(lens: Lens) -> Figures:
    """The same people by how they left."""
    cells = Cells(lens, "subject")
    groups = Groups(cells, [Group(ALL, with_probation(cells))])

    def values(view: View) -> Ints:
        left = _left_meanwhile(view)
        parts = [left.having("person.gone", way) for way in _leaving(lens)]
        return np.stack([groups.different_people(p, lens.pieces.of(p.date("person.gone_on"))) for p in parts])

    lines = by_group(IN_PERIOD, [f"exit={way}" for way in _leaving(lens)], lens.labels)
    return Figures(("exits_while_under_investigation",), "person", lines, values)


def barred_on(view: View) -> Ints:
    """The day of each person who is barred: of the first removal that puts anybody on a list, if that was the barred list. Every stream."""
    lens = view.lens
    levels = [level for level in lens.among("subject.outcome", *BY_OUTCOME) if level not in NOT_BARRED]
    law = lens.value(BARRED_LIST)
    times, in_force = np.asarray(law.times, dtype=np.int64), np.asarray(law.values) > 0

    def find() -> Ints:
        rows = removed(view)
        rows = rows.having("person.barred", "yes").having("subject.outcome", *levels)
        days = decided_on(rows)
        order = np.argsort(days, kind="stable")
        _, first = np.unique(rows.person[order], return_index=True)
        on: Ints = days[order][first]
        return on[in_force[np.maximum(np.searchsorted(times, on, side="right") - 1, 0)]]

    return view.once(barred_on, find)


def _barred(lens: Lens) -> Figures:
    def values(view: View) -> Ints:
        barred_in = lens.pieces.of(barred_on(view))
        return lens.pieces.add_up(np.bincount(barred_in, minlength=len(lens.pieces)))

    return Figures(("added_to_barred_list",), "person", by_group(IN_PERIOD, [ALL], lens.labels), values)
