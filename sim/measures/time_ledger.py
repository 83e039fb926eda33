"""Where did the days go? Each midnight of a case, given to one owner and one kind of time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.measures.cohort import RECEIVED_COHORT, View
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL
from sim.measures.lens import Lens
from sim.measures.midnights import midnights
from sim.measures.moves import has_events
from sim.measures.owners import Place
from sim.measures.periods import Floats, Ints
from sim.plan import Plan, TimeIs
from sim.record import Record

COLUMNS = ("case", "owner", "kind", "stage", "days")


def ledger(plan: Plan, record: Record) -> pd.DataFrame:
    """Days of each internal case received in the window, by owner, kind of time and stage (the node's name).

    A case's rows add up to its days: from receipt to the end, or to the extract date while open. Cases of 0
    days have no row.

    Raises:
        ValueError: the record has no events, or none of a case; or play stopped before the extract date.
    """
    if not has_events(record):
        raise ValueError("this record has no events: the ledger needs a run that kept them")
    view = View(Lens(plan), record)
    cohort = np.flatnonzero(view.in_window)
    line = np.full(len(view.received), -1)
    line[cohort] = np.arange(len(cohort))
    days = midnights(view, line, np.ones_like(line), len(cohort))
    row, place = days.nonzero()
    names = np.asarray([*view.lens.owners.places, Place("", "", "")], dtype=object)[place]
    columns = (cohort[row], *names.T, days[row, place])
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def figures(lens: Lens) -> Iterator[Figures]:
    """Mean days by kind, and by owner, weighted by allegations like the headline mean, so that over kinds, and over owners, they
    add up to it."""
    if not lens.has("case.finalised_on"):
        return
    for kind in TimeIs:
        yield _figures(lens, kind.name.lower())
    yield _by_owner(lens)


def _by_owner(lens: Lens) -> Figures:
    """Days of each owner, of whatever kind."""
    places = lens.owners.places
    owners = list(dict.fromkeys(place.owner for place in places))
    belongs = np.asarray([[int(place.owner == owner) for place in places] for owner in owners], dtype=np.int64)

    def values(view: View) -> Floats:
        days, number = view.once(midnights, lambda: _days(view))
        return ratio(belongs.reshape(len(owners), len(places)) @ days, number)

    lines = by_period(RECEIVED_COHORT, [f"owner={owner}" for owner in owners], [lens.window.label])
    return Figures(("mean_days_by_owner",), "allegation", lines, values, has_events)


def _figures(lens: Lens, kind: str) -> Figures:
    """Days of one kind: all, by owner, by stage."""
    places = lens.owners.places
    mine = [place for place in places if place.kind == kind]
    parts = [f"owner={place.owner}" for place in mine] + [f"stage={place.stage}" for place in mine]
    labels = tuple(dict.fromkeys([ALL, *parts]))
    belongs = np.zeros((len(labels), len(places)), dtype=np.int64)
    for number, place in enumerate(places):
        for label in (ALL, f"owner={place.owner}", f"stage={place.stage}"):
            if place.kind == kind:
                belongs[labels.index(label), number] = 1

    def values(view: View) -> Floats:
        days, number = view.once(midnights, lambda: _days(view))
        return ratio(belongs @ days, number)

    lines = by_period(RECEIVED_COHORT, labels, [lens.window.label])
    return Figures((f"days_in_{kind}",), "allegation", lines, values, has_events)


def _days(view: View) -> tuple[Ints, Ints]:
    """Days of finalised allegations by place, shape (places,), and how many allegations there were."""
    closed = view.in_window & view.closed
    weight = view.allegations * closed
    return midnights(view, np.where(view.in_window, 0, -1), weight, 1)[0], weight.sum()
