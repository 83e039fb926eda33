"""How many took how many days? Tables of days, from which every figure about days is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compile import compiled
from sim.measures.counting import Codes, run
from sim.measures.figures import ratio
from sim.measures.groups import Groups
from sim.measures.periods import Bools, Floats, Ints
from sim.measures.rows import Rows

Counts = NDArray[np.int32]


class Days(NamedTuple):
    """Rows by the days they took; the last axis is days, from 0."""

    received: Counts
    """Received in the window, finalised or still open: shape (2, groups, days)."""
    finalised: Counts
    """Finalised in the window: shape (groups, days)."""
    by_year: Counts
    """Finalised, by year of receipt or by year in which they were: shape (2, groups by year, years, days)."""


def days_of(rows: Rows, groups: Groups, groups_by_year: Groups, least: int) -> Days:
    """The tables of some rows, up to the longest days and at least so many."""
    view, lens = rows.view, rows.view.lens
    longest = max(int(view.days.max(initial=0)), least)
    shape = (2, len(groups_by_year.labels), len(lens.years), longest + 1)
    window = view.memory.zeros(("window", rows.kind), np.int32, 3, len(groups.labels), longest + 1)
    by_year = view.memory.zeros(("by year", rows.kind), np.int32, *shape)
    run(
        tally_days,
        window,
        by_year,
        rows.case,
        groups.cells.of(rows),
        groups.families,
        groups_by_year.families,
        view.days,
        view.closed,
        view.received_in,
        view.finalised_in,
        lens.window_of_piece,
        lens.year_of_piece,
    )
    return Days(window[:2], window[2], by_year)


@compiled
def tally_days(
    window: Counts,
    by_year: Counts,
    case: Ints,
    cell: Ints,
    group: Codes,
    group_by_year: Codes,
    days: Ints,
    closed: Bools,
    received_in: Ints,
    finalised_in: Ints,
    in_window: Bools,
    year: Ints,
) -> None:
    """Count rows by their days.

    Args:
        window: received in the window and finalised, or still open; finalised in it: shape (3, groups, days), at first 0.
        by_year: finalised, by year of receipt, and by year in which they were: shape (2, groups by year, years, days), at first 0.
        case: of each row.
        cell: of each row.
        group: of each cell, shape (cells, families), -1 for no more.
        group_by_year: the same, for the years.
        days: of each case.
        closed: whether each case was finalised.
        received_in: the piece each case was received in.
        finalised_in: the piece each case was finalised in.
        in_window: of each piece.
        year: of each piece, -1 for none.
    """
    for row in range(len(case)):
        of_case, of_cell = case[row], cell[row]
        took, received, finalised = days[of_case], received_in[of_case], finalised_in[of_case]
        came, went = in_window[received], in_window[finalised]
        if came or went:
            table = 0 if closed[of_case] else 1
            for family in range(group.shape[1]):
                of_group = group[of_cell, family]
                if of_group < 0:
                    break
                window[table, of_group, took] += came
                window[2, of_group, took] += went
        for family in range(group_by_year.shape[1]):
            of_group = group_by_year[of_cell, family]
            if of_group < 0:
                break
            if closed[of_case] and year[received] >= 0:
                by_year[0, of_group, year[received], took] += 1
            if year[finalised] >= 0:
                by_year[1, of_group, year[finalised], took] += 1


class Described(NamedTuple):
    """What a table of days amounts to; each of the shape (tables,)."""

    number: Ints
    mean: Floats
    median: Floats
    within: Ints
    """How many took no more than each of the days asked for; shape (marks, tables)."""


def describe(tables: Counts, marks: Sequence[int]) -> Described:
    """Number, mean and median, null of nothing, of tables of the shape (tables, days)."""
    found = np.zeros((len(tables), 4 + len(marks)), dtype=np.int64)
    run(describe_days, found, tables, np.asarray(marks))
    number, total, lower, upper, *within = found.T
    median = np.where(number > 0, (lower + upper) / 2, np.nan)
    return Described(number, ratio(total, number), median, np.asarray(within))


@compiled
def describe_days(found: Ints, tables: Counts, marks: Ints) -> None:
    """Of each table of how many took 0, 1, 2... days: how many, all their days, the days of the two in the middle, and how many took no more than each of `marks`.

    `tables` has the shape (tables, days), `found` (tables, 4 + marks), at first 0. The two in the middle are the same one if the number is odd.
    """
    for table in range(len(tables)):
        number, total = 0, 0
        for day in range(tables.shape[1]):
            number += tables[table, day]
            total += tables[table, day] * day
        found[table, 0], found[table, 1] = number, total
        for middle in range(2):
            left, day = (number - 1 + middle) // 2, 0
            while number > 0 and left >= tables[table, day]:
                left -= tables[table, day]
                day += 1
            found[table, 2 + middle] = day
        for mark in range(len(marks)):
            for day in range(marks[mark] + 1):
                found[table, 4 + mark] += tables[table, day]
