"""Who could not work? Officer-days suspended and restricted, how many people were so at the end of each quarter, and how often it was reviewed. Every stream.

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
from sim.measures.counting import Codes, Marks, run
from sim.measures.figures import Figures, by_group
from sim.measures.groups import ALL
from sim.measures.lens import Lens
from sim.measures.moves import REVIEWS, STATUSES, Positions, has_events, moves_of
from sim.measures.periods import Ints, Pieces
from sim.measures.rows import rows_of
from sim.plan import MINUTES_A_DAY, UNSET
from sim.record import What

PARTS = ("employment", "command")
"""Attributes of a person by which spells are told apart: what they are, and who gives them up."""

NONE = -1

Find = Callable[[View, "Grouped"], Ints]
"""What is found of spells, for each group and period."""


class Spells(NamedTuple):
    """Stretches of time in one of `STATUSES`: from just after `start` up to and including `end`, in minutes. A review that changes nothing ends none."""

    status: Ints
    """The position in `STATUSES`."""
    case: Ints
    start: Ints
    end: Ints


class Grouped(NamedTuple):
    """Spells of one status: when each began and ended, and the groups it is in, `NONE` where that cannot be told; shape (spells, kinds of group)."""

    start: Ints
    end: Ints
    group: Ints
    number: int
    """How many groups there are."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Of each status that is a node of the plan, then of their reviews. By parts if the pathway says when a subject came to be so."""
    nodes = [node.name for node in lens.plan.nodes]
    days = [day for day, _ in lens.quarter_ends]
    for status in (name for name in STATUSES if name in nodes):
        parts = _parts(lens) if lens.has(f"subject.{status}_on") else ()
        groups = [ALL, *(f"{part}={level}" for part in parts for level in lens.levels(f"person.{part}"))]
        for measure, basis, periods, find in (
            (f"officer_days_{status}", IN_PERIOD, lens.labels, partial(_days_inside, lens.pieces)),
            (f"people_{status}", AT_PERIOD_END, days, _at_quarter_ends),
        ):
            values = partial(_by_group, status, parts, find)
            yield Figures((measure,), "person", by_group(basis, groups, periods), values, has_events)
        quarters = by_group(IN_PERIOD, [ALL], [quarter.label for quarter in lens.quarters])
        values = partial(_by_group, status, (), partial(_days_inside, Pieces(lens.quarters)))
        yield Figures((f"officer_days_{status}",), "person", quarters, values, has_events)
    reviewed = {status: nodes.index(review) for status, review in REVIEWS.items() if review in nodes}
    if reviewed:
        lines = by_group(IN_PERIOD, [ALL, *(f"duty={status}" for status in reviewed)], lens.labels)
        values = partial(_reviews, tuple(reviewed.values()))
        yield Figures(("suspension_reviews",), "subject", lines, values, has_events)


def _parts(lens: Lens) -> tuple[str, ...]:
    """Those of `PARTS` that the pathway has."""
    return tuple(part for part in PARTS if lens.has(f"person.{part}"))


def _by_group(status: str, parts: tuple[str, ...], find: Find, view: View) -> Ints:
    """What is found of the spells of a status: all, then each level of each part."""
    return find(view, _grouped(view, status, parts))


def _grouped(view: View, status: str, parts: tuple[str, ...]) -> Grouped:
    """The spells of a status: in the group of all, and in that of each part's level."""
    return view.once((_grouped, status, parts), lambda: _put_into_groups(view, status, parts))


def _put_into_groups(view: View, status: str, parts: tuple[str, ...]) -> Grouped:
    spells = spells_of(view)
    mine = np.flatnonzero(spells.status == STATUSES.index(status))
    group, number = np.zeros((len(mine), 1 + len(parts)), dtype=np.int64), 1
    if parts:
        levels = view.once(_levels, lambda: _levels(view, spells))[:, mine]
        for place, part in enumerate(parts):
            group[:, 1 + place] = np.where(levels[place] == NONE, NONE, number + levels[place])
            number += len(view.lens.levels(f"person.{part}"))
    return Grouped(spells.start[mine], spells.end[mine], group, number)


def _reviews(nodes: tuple[int, ...], view: View) -> Ints:
    """How many reviews were held before the extract date in each period: all, then those at each of these nodes."""
    lens, moves = view.lens, moves_of(view)
    review = np.full((len(What), len(lens.plan.nodes)), NONE, dtype=np.int8)
    review[What.CHOSE, list(nodes)] = range(len(nodes))
    counts = np.zeros((len(nodes), len(lens.pieces)), dtype=np.int64)
    reviews = moves.kept.packed[moves.kept.reviews]
    bits = (moves.state_bits, moves.token_bits)
    run(tally_reviews, counts, reviews, *bits, review.ravel(), lens.piece_of_day, lens.extract)
    held = lens.pieces.add_up(counts)
    return np.concatenate([held.sum(axis=0, keepdims=True), held])


@compiled
def tally_reviews(
    counts: Ints, reviews: Ints, state_bits: int, token_bits: int, review: Marks, piece_of_day: Codes, extract: int
) -> None:
    """Add each review held before the extract date to `counts` (reviews, pieces).

    `reviews` are packed, and the bits those of `Moves`; `review` says of each state which it is, `NONE` for none.
    """
    state_mask, minute_at = (1 << state_bits) - 1, state_bits + token_bits
    for row in range(len(reviews)):
        which, minute = review[(reviews[row] >> token_bits) & state_mask], reviews[row] >> minute_at
        if which != NONE and minute < extract:
            counts[which, piece_of_day[minute // MINUTES_A_DAY]] += 1


def _days_inside(pieces: Pieces, view: View, spells: Grouped) -> Ints:
    """Midnights of spells in each period: those that end its days, so that a whole period has as many as it has days."""
    edges = np.minimum(pieces.edges, view.lens.extract) // MINUTES_A_DAY
    by_piece = np.diff(days_before(spells, edges), prepend=0, append=0)
    return pieces.add_up(by_piece)


def suspended_before(view: View, days: Ints) -> Ints:
    """Midnights of all people suspended, up to and with the one that begins each of `days`."""
    before: Ints = days_before(_grouped(view, STATUSES[0], ()), days)[0]
    return before


def days_before(spells: Grouped, days: Ints) -> Ints:
    """Midnights of spells up to and with the one that begins each of `days`: shape (groups, days)."""
    before = np.zeros((spells.number, len(days)), dtype=np.int64)
    run(add_days_before, before, spells.start, spells.end, spells.group, days)
    return before


@compiled
def add_days_before(before: Ints, start: Ints, end: Ints, group: Ints, days: Ints) -> None:
    """Add to `before` (groups, days) the midnights of each spell, from just after `start` up to and including `end`, that come no later than each of `days` begins."""
    for spell in range(len(start)):
        began, ended = start[spell] // MINUTES_A_DAY, end[spell] // MINUTES_A_DAY
        for kind in range(group.shape[1]):
            of_group = group[spell, kind]
            if of_group != NONE:
                for at in range(len(days)):
                    before[of_group, at] += min(ended, days[at]) - min(began, days[at])


def _at_quarter_ends(view: View, spells: Grouped) -> Ints:
    """How many spells went on at the midnight that ends each quarter: shape (groups, quarters)."""
    midnights = view.lens.quarter_end_days * MINUTES_A_DAY
    there = np.zeros((spells.number, len(midnights)), dtype=np.int64)
    run(count_at, there, spells.start, spells.end, spells.group, midnights)
    return there


@compiled
def count_at(there: Ints, start: Ints, end: Ints, group: Ints, midnights: Ints) -> None:
    """Add each spell to `there` (groups, midnights) where it went on."""
    for spell in range(len(start)):
        for kind in range(group.shape[1]):
            of_group = group[spell, kind]
            if of_group != NONE:
                for at in range(len(midnights)):
                    there[of_group, at] += start[spell] < midnights[at] <= end[spell]


def spells_of(view: View) -> Spells:
    """Every spell of a record with events."""
    return view.once(spells_of, lambda: _spells(view))


def _spells(view: View) -> Spells:
    moves, nodes = moves_of(view), view.lens.plan.nodes
    status = np.full((len(What), len(nodes)), NONE, dtype=np.int8)
    for number, name in enumerate(STATUSES):
        status[:, [node.name == name for node in nodes]] = number
    tokens, most = moves.side.shape[1], int(moves.kept.at_status.sum())
    found = view.memory.take(_spells, np.int64, most, len(Spells._fields))
    number = run(
        find_spells,
        found,
        np.flatnonzero(moves.kept.at_status),
        moves.packed,
        moves.first,
        moves.state_bits,
        moves.token_bits,
        status.ravel(),
        view.record.ended_at,
        np.full(tokens, NONE, dtype=np.int8),
        np.zeros(tokens, dtype=np.int64),
    )
    return Spells(*found[:number].T)


@compiled
def find_spells(
    found: Ints,
    cases: Ints,
    packed: Ints,
    first: Positions,
    state_bits: int,
    token_bits: int,
    status: Marks,
    ended_at: int,
    doing: Marks,
    since: Ints,
) -> int:
    """Write every stretch of time in states of one status into `found`, a row each as in `Spells`, and return how many there are.

    Args:
        found: as many rows as there may be.
        cases: those that may have any.
        packed: moves, and so on to `token_bits`, as in `Moves`.
        status: of each state, `NONE` for none.
        ended_at: the minute play stopped.
        doing: for use while at work, at first `NONE`, and so is `since`; as long as a case may have tokens.
    """
    state_mask, token_mask, minute_at = (1 << state_bits) - 1, (1 << token_bits) - 1, state_bits + token_bits
    number = 0
    for which in range(len(cases)):
        case, tokens = cases[which], 0
        for at in range(first[case], first[case + 1]):
            move = packed[at]
            token, becomes = move & token_mask, status[(move >> token_bits) & state_mask]
            was = doing[token]
            if becomes == was:
                continue
            if was != NONE:
                found[number, 0], found[number, 1] = was, case
                found[number, 2], found[number, 3] = since[token], move >> minute_at
                number += 1
            doing[token], since[token] = becomes, move >> minute_at
            tokens = max(tokens, token + 1)
        for token in range(tokens):
            if doing[token] != NONE:
                found[number, 0], found[number, 1] = doing[token], case
                found[number, 2], found[number, 3] = since[token], ended_at
                number += 1
                doing[token] = NONE
    return number


def _levels(view: View, spells: Spells) -> Ints:
    """The level of the person of each spell in each of `_parts`, `NONE` where that cannot be told: shape (parts, spells).

    Rows do not say whose a token is. In a case of several subjects it is the one whose date of coming to that status is the day and minute at which
    the spell began. Where there is none, the level is known if all of them have the same.
    """
    named = np.zeros(len(view.received), dtype=bool)
    named[spells.case] = True
    rows = (all_rows := rows_of(view, "subject")).where(all_rows.of_case(named))
    names = [f"subject.{status}_on" for status in STATUSES]
    known = [rows.attribute(name) if view.lens.has(name) else np.full(len(rows), UNSET) for name in names]
    dates, levels = np.stack(known), np.stack([rows.attribute(f"person.{part}") for part in _parts(view.lens)])
    found = np.empty((len(levels), len(spells.case)), dtype=np.int64)
    run(
        find_levels,
        found,
        spells.status,
        spells.start,
        np.searchsorted(rows.case, spells.case),
        np.searchsorted(rows.case, spells.case, side="right"),
        levels,
        dates,
        np.full_like(dates, UNSET),
    )
    return found


@compiled
def find_levels(
    found: Ints, status: Ints, start: Ints, first: Ints, after: Ints, levels: Ints, dates: Ints, taken: Ints
) -> None:
    """Write the levels of each spell's person into `found` (parts, spells).

    Args:
        found: what is found.
        status: of each spell.
        start: when each spell began.
        first: where the subjects of each spell's case begin.
        after: where they end.
        levels: of each subject; shape (parts, subjects).
        dates: when each subject came to each status; shape (statuses, subjects).
        taken: the same of those whose spell was found, so that of two who came to it in one instant each has one; at first `UNSET`.
    """
    for spell in range(len(start)):
        begins, ends = first[spell], after[spell]
        whose = begins if ends - begins == 1 else NONE
        if whose == NONE:
            for subject in range(begins, ends):
                on = dates[status[spell], subject]
                if whose == NONE and on == start[spell] and taken[status[spell], subject] != on:
                    whose = subject
                    taken[status[spell], subject] = on
        for part in range(len(found)):
            level = levels[part, begins if whose == NONE else whose]
            if whose == NONE:
                for subject in range(begins, ends):
                    if levels[part, subject] != levels[part, begins]:
                        level = NONE
            found[part, spell] = level
