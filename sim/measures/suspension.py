"""Who could not work? Officer-days suspended and restricted, and how many people were so at the end of each quarter. Every stream.

A person has one such spell at a time, whichever of their cases began it: the token that carries it is in the node `suspended` or
`restricted`. So tokens there are people, and each midnight of a token there is a day of one person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.compile import compiled
from sim.measures.cohort import AT_PERIOD_END, IN_PERIOD, View
from sim.measures.counting import Marks, run
from sim.measures.figures import Figures, by_group
from sim.measures.groups import ALL
from sim.measures.lens import Lens
from sim.measures.moves import Positions, has_events, moves_of
from sim.measures.periods import Ints
from sim.measures.rows import rows_of
from sim.plan import MINUTES_A_DAY
from sim.record import What

STATUSES = ("suspended", "restricted")
"""Nodes in which a person's legal status is that of the name."""

EMPLOYMENT = "person.employment"
UNKNOWN = -1

Find = Callable[[View, Ints, Ints], Ints]
"""What is found of spells from when each began and ended, for each period."""


class Spells(NamedTuple):
    """Stretches of time in one of `STATUSES`: from just after `start` up to and including `end`, in minutes."""

    status: Ints
    """The position in `STATUSES`."""
    case: Ints
    token: Ints
    start: Ints
    end: Ints


def figures(lens: Lens) -> Iterator[Figures]:
    """Of each status that is a node of the plan. By employment if the pathway says when a subject came to be so."""
    days = [day for day, _ in lens.quarter_ends]
    for status in (name for name in STATUSES if any(node.name == name for node in lens.plan.nodes)):
        levels = lens.levels(EMPLOYMENT) if lens.has(EMPLOYMENT, f"subject.{status}_on") else ()
        groups = [ALL, *(f"employment={level}" for level in levels)]
        for measure, basis, periods, find in (
            (f"officer_days_{status}", IN_PERIOD, lens.labels, _days_inside),
            (f"people_{status}", AT_PERIOD_END, days, _at_quarter_ends),
        ):
            values = partial(_by_group, status, len(levels), find)
            yield Figures((measure,), "person", by_group(basis, groups, periods), values, has_events)


def _by_group(status: str, levels: int, find: Find, view: View) -> Ints:
    """What is found of the spells of a status: all, then each employment."""
    spells = view.once(_spells, lambda: _spells(view))
    mine = spells.status == STATUSES.index(status)
    employment = view.once(_employment, lambda: _employment(view, spells)) if levels else spells.status
    parts = [mine, *(mine & (employment == level) for level in range(levels))]
    return np.stack([find(view, spells.start[part], spells.end[part]) for part in parts])


def _days_inside(view: View, start: Ints, end: Ints) -> Ints:
    """Midnights of spells in each period: those that end its days, so that a whole period has as many as it has days."""
    until = np.minimum(end, view.lens.extract)
    inside = [
        np.clip(until, period.start, period.end) // MINUTES_A_DAY
        - np.clip(start, period.start, period.end) // MINUTES_A_DAY
        for period in view.lens.periods
    ]
    return np.asarray([days.sum() for days in inside], dtype=np.int64)


def _at_quarter_ends(view: View, start: Ints, end: Ints) -> Ints:
    """How many spells went on at the midnight that ends each quarter."""
    midnights = np.asarray([midnight for _, midnight in view.lens.quarter_ends], dtype=np.int64)
    return np.searchsorted(np.sort(start), midnights) - np.searchsorted(np.sort(end), midnights)


def _spells(view: View) -> Spells:
    moves, nodes = moves_of(view), view.lens.plan.nodes
    status = np.full((len(What), len(nodes)), -1, dtype=np.int8)
    for number, name in enumerate(STATUSES):
        status[:, [node.name == name for node in nodes]] = number
    found = np.empty((len(moves.packed), len(Spells._fields)), dtype=np.int64)
    number = run(
        find_spells,
        found,
        moves.packed,
        moves.first,
        moves.state_bits,
        moves.token_bits,
        status.ravel(),
        view.record.ended_at,
    )
    return Spells(*found[:number].T)


@compiled
def find_spells(
    found: Ints,
    packed: Ints,
    first: Positions,
    state_bits: int,
    token_bits: int,
    status: Marks,
    ended_at: int,
) -> int:
    """Write every stretch of time in a state that has a status into `found`, a row each as in `Spells`, and return how many there are.

    Args:
        found: as many rows as there are moves.
        packed: moves, and so on to `token_bits`, as in `Moves`.
        status: of each state, -1 for none.
        ended_at: the minute play stopped.
    """
    state_mask, token_mask, minute_at = (1 << state_bits) - 1, (1 << token_bits) - 1, state_bits + token_bits
    number = 0
    for case in range(len(first) - 1):
        after_all = first[case + 1]
        for at in range(first[case], after_all):
            of_status = status[(packed[at] >> token_bits) & state_mask]
            if of_status < 0:
                continue
            token, end = packed[at] & token_mask, ended_at
            for after in range(at + 1, after_all):
                if packed[after] & token_mask == token:
                    end = packed[after] >> minute_at
                    break
            found[number, 0], found[number, 1], found[number, 2] = of_status, case, token
            found[number, 3], found[number, 4] = packed[at] >> minute_at, end
            number += 1
    return number


def _employment(view: View, spells: Spells) -> Ints:
    """The employment of the person of each spell, `UNKNOWN` where that cannot be told.

    Rows do not say whose a token is. In most cases all subjects have the same employment; in the others it is that of the
    subject who, by a date, came to be suspended or restricted when the token did.
    """
    rows = rows_of(view, "subject")
    levels = rows.attribute(EMPLOYMENT)
    cases = len(view.received)
    lowest, highest = np.full(cases, len(view.lens.levels(EMPLOYMENT))), np.full(cases, UNKNOWN)
    np.minimum.at(lowest, rows.case, levels)
    np.maximum.at(highest, rows.case, levels)
    same = lowest == highest
    employment = np.where(same, lowest, UNKNOWN)[spells.case]
    dated = [f"subject.{status}_on" for status in STATUSES if view.lens.has(f"subject.{status}_on")]
    dates = np.stack([rows.attribute(name) for name in dated])
    mixed = np.flatnonzero(~same[spells.case])
    known: dict[tuple[int, int], int] = {}
    taken: set[tuple[int, int]] = set()
    for case, token, start in zip(spells.case[mixed], spells.token[mixed], spells.start[mixed], strict=True):
        first, after = np.searchsorted(rows.case, [case, case + 1])
        for subject in range(first, after):
            if (case, token) not in known and (subject, start) not in taken and start in dates[:, subject]:
                known[case, token] = int(levels[subject])
                taken.add((subject, start))
    tokens = zip(spells.case[mixed], spells.token[mixed], strict=True)
    employment[mixed] = [known.get(token, UNKNOWN) for token in tokens]
    return employment
