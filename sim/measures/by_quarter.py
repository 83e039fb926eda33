"""How many in each quarter? Hearings and removals by calendar quarter, so that half-years and calendar years can be put together.

Unlike financial years they go on beyond the window, to the extract date: what was published is of such spans.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.measures.cohort import IN_PERIOD, View
from sim.measures.decisions import (
    HEARD,
    OUTCOMES,
    by_employment,
    can_tell_dismissal,
    can_tell_heard,
    decided_on,
    heard_officers,
    removed,
)
from sim.measures.exits import barred_on, can_tell_barred
from sim.measures.figures import Figures, by_group
from sim.measures.groups import ALL, Groups, by_stream
from sim.measures.lens import Lens
from sim.measures.periods import Ints
from sim.measures.rows import Rows
from sim.measures.stocks import can_tell_referral, referred

ENDINGS = ("dismissals", "removals")


def figures(lens: Lens) -> Iterator[Figures]:
    """Each part needs the attributes and levels it reads."""
    quarters = [quarter.label for quarter in lens.quarters]
    by_streams = by_stream(lens, "subject")
    if can_tell_heard(lens):

        def heard(view: View) -> Ints:
            rows = heard_officers(view)
            parts = [rows.having("subject.route", route) for route in HEARD.values()]
            return np.stack([_count(by_streams, part, part.date("subject.heard_on")) for part in parts])

        yield Figures(tuple(HEARD), "subject", by_group(IN_PERIOD, by_streams.labels, quarters), heard)
    if can_tell_referral(lens):

        def listed(view: View) -> Ints:
            rows = referred(view)
            return _count(by_streams, rows, rows.date("subject.referred_on"))

        yield Figures(("referred_to_hearing",), "subject", by_group(IN_PERIOD, by_streams.labels, quarters), listed)
    if can_tell_dismissal(lens):
        by_employments = by_employment(lens, probation=True)

        def out(view: View) -> Ints:
            rows = removed(view)
            levels = [lens.among("subject.outcome", *OUTCOMES[ending]) for ending in ENDINGS]
            parts = [rows.having("subject.outcome", *some) for some in levels]
            return np.stack([_count(by_employments, part, decided_on(part)) for part in parts])

        yield Figures(ENDINGS, "subject", by_group(IN_PERIOD, by_employments.labels, quarters), out)
    if can_tell_barred(lens):
        yield Figures(
            ("added_to_barred_list",),
            "person",
            by_group(IN_PERIOD, [ALL], quarters),
            lambda view: _in_quarters(lens, barred_on(view)),
        )


def _count(groups: Groups, rows: Rows, days: Ints) -> Ints:
    """How many rows of each group have their day in each quarter: shape (groups, quarters)."""
    cell = groups.cells.of(rows)
    return np.stack([_in_quarters(groups.cells.lens, days[group.cells[cell]]) for group in groups.groups])


def _in_quarters(lens: Lens, days: Ints) -> Ints:
    """How many days lie in each quarter."""
    edges = [quarter.start for quarter in lens.quarters] + [quarter.end for quarter in lens.quarters[-1:]]
    place = np.searchsorted(edges, days, side="right")
    return np.bincount(place, minlength=len(edges) + 1)[1 : len(edges)]
