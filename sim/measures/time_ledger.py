"""Where did the days go? Each midnight of a case, given to one owner and one kind of time.

The midnights of a case are those after the day it was received, up to and including the one that begins the
day it was finalised, or the extract date: as many as its days. Each belongs to one live token of the main
line. Where several are alive the kind that comes first in `TimeIs` wins, then the lowest token. Side tokens
never own a midnight.

A token that waits for a slot or for attention waits for the team's staff, one in a bout is being worked on;
where the team is not the force's own both are another body's time. Outside waits, holds and sittings belong
to whom their node names. A token waiting for those forked from it owns nothing: they do. A midnight in which
nobody did anything goes to what ended last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.measures.cohort import INTERNAL, RECEIVED_COHORT, RECEIVED_IN_PERIOD, Figure, View, ratio
from sim.measures.events import States, has_events, states
from sim.measures.periods import Bools, Ints
from sim.plan import MINUTES_A_DAY, Kind, Node, Plan, TimeIs
from sim.record import Record, What

COLUMNS = ("case", "owner", "kind", "stage", "days")
NOBODY = int(np.iinfo(np.int64).max)


def ledger(plan: Plan, record: Record) -> pd.DataFrame:
    """Days of each internal case received in the window, by owner, kind of time and stage (the node's name).

    A case's rows add up to its days: from receipt to the end, or to the extract date while open. Cases of 0
    days have no row.

    Raises:
        ValueError: the record has no events, or none of a case.
    """
    if not has_events(record):
        raise ValueError("this record has no events: the ledger needs a run that kept them")
    view = View(plan, record)
    return _table(view, states(plan, record))


def figures(view: View, stretches: States) -> Iterator[Figure]:
    """Mean days by kind, weighted by allegations like the headline mean, so that over kinds they add up to
    it."""
    if not view.has("case.finalised_on"):
        return
    table = _table(view, stretches)
    cohort = view.on_basis(RECEIVED_COHORT, view.window) & view.stream(INTERNAL)
    weight = np.bincount(view.case_of("allegation"), minlength=len(cohort)) * cohort
    weighted = table.assign(days=table["days"] * weight[table["case"]])
    places = pd.DataFrame(_owners(view.plan).places, columns=["owner", "kind", "stage"])
    for kind in TimeIs:
        name = kind.name.lower()
        mine = weighted[weighted["kind"] == name]
        totals = {"": mine["days"].sum()}
        for part in ("owner", "stage"):
            possible = places.loc[places["kind"] == name, part].unique()
            summed = mine.groupby(part)["days"].sum()
            totals |= {f"{part}={level}": summed.get(level, 0) for level in possible}
        for group, total in totals.items():
            yield Figure(
                f"days_in_{name}",
                "allegation",
                RECEIVED_COHORT,
                group,
                view.window.label,
                ratio(total, weight.sum()),
            )


@dataclass(frozen=True)
class _Owners:
    """For each state and node, the place in the ledger its time goes to; -1 where it owns nothing."""

    places: list[tuple[str, str, str]]
    place: Ints
    """Shape (states, nodes)."""
    kind: Ints
    """`TimeIs` of each place."""


def _owner(plan: Plan, node: Node, what: What) -> tuple[str, TimeIs] | None:
    """To whom a node's time belongs in a state, and what kind of time it is."""
    if what not in _STATES_OF.get(node.kind, ()) or (node.kind == Kind.ASSIGN and node.team < 0):
        return None
    if node.kind not in (Kind.WORK, Kind.ASSIGN):
        return node.owner, node.time_is
    team = plan.teams[node.team]
    if not team.own_staff:
        return team.owner, TimeIs.ANOTHER_BODY
    return team.owner, TimeIs.OWN_WORK if what == What.STARTED else TimeIs.WAITING_FOR_OWN_STAFF


_WAITING = (What.QUEUED, What.ALLOCATED, What.ASKED)
_STATES_OF = {
    Kind.ASSIGN: _WAITING,
    Kind.WORK: (*_WAITING, What.STARTED),
    Kind.WAIT: (*_WAITING, What.WAITS),
    Kind.HOLD: (*_WAITING, What.HELD),
    Kind.BOOK: (*_WAITING, What.HELD, What.BOOKED),
}
"""The states in which time passes at a node. A case may queue for a new post while an outside wait goes on:
it is still that wait."""


def _owners(plan: Plan) -> _Owners:
    places: dict[tuple[str, str, str], TimeIs] = {}
    place = np.full((len(What), len(plan.nodes)), -1, dtype=np.int64)
    for number, node in enumerate(plan.nodes):
        for what in What:
            if found := _owner(plan, node, what):
                owner, kind = found
                entry = (owner, kind.name.lower(), node.name)
                places.setdefault(entry, kind)
                place[what, number] = list(places).index(entry)
    return _Owners(list(places), place, np.asarray(list(places.values()), dtype=np.int64))


def _table(view: View, stretches: States) -> pd.DataFrame:
    owners = _owners(view.plan)
    cohort = view.on_basis(RECEIVED_IN_PERIOD, view.window) & view.stream(INTERNAL)
    case, place, days = _share_out(view, stretches, owners, cohort)
    width = max(len(owners.places), 1)
    both, inverse = np.unique(case * width + place, return_inverse=True)
    total = np.bincount(inverse, weights=days, minlength=len(both)).astype(np.int64)
    names = np.asarray(owners.places or [("", "", "")], dtype=object)[both % width]
    columns = (both // width, names[:, 0], names[:, 1], names[:, 2], total)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def _share_out(view: View, stretches: States, owners: _Owners, cohort: Bools) -> tuple[Ints, Ints, Ints]:
    """Case, place and days. A case's time is cut at every day on which a token's state changed; each piece
    has one owner."""
    who = np.flatnonzero(cohort & (view.days > 0))
    first_day = view.received // MINUTES_A_DAY
    last_day = first_day + view.days
    place = owners.place[stretches.what, stretches.node]
    mine = cohort[stretches.case] & ~stretches.side & (place >= 0)
    case, token, place = stretches.case[mine], stretches.token[mine], place[mine]
    start, end = stretches.start[mine], stretches.end[mine]

    # Days are counted by the midnight that begins them: a stretch has those after `since`, up to `until`.
    since = np.clip(start // MINUTES_A_DAY, first_day[case], last_day[case])
    until = np.clip(end // MINUTES_A_DAY, first_day[case], last_day[case])
    span = view.record.ended_at // MINUTES_A_DAY + 2
    cuts = np.unique(
        np.concatenate(
            [
                case * span + since,
                case * span + until,
                who * span + first_day[who],
                who * span + last_day[who],
            ]
        )
    )
    from_piece, to_piece = (
        np.searchsorted(cuts, case * span + since),
        np.searchsorted(cuts, case * span + until),
    )
    pieces = to_piece - from_piece
    stretch = np.repeat(np.arange(len(case)), pieces)
    piece = np.arange(len(stretch)) + np.repeat(from_piece - (np.cumsum(pieces) - pieces), pieces)

    tokens = int(token.max(initial=0)) + 1
    rank = (owners.kind[place] * tokens + token) * max(len(case), 1) + np.arange(len(case))
    best = np.full(max(len(cuts) - 1, 0), NOBODY)
    np.minimum.at(best, piece, rank[stretch])

    of_one_case = np.flatnonzero(cuts[1:] // span == cuts[:-1] // span)
    piece_case, since = cuts[of_one_case] // span, cuts[of_one_case] % span
    days = np.diff(cuts)[of_one_case]
    winner = best[of_one_case] % max(len(case), 1)
    gap = np.flatnonzero(best[of_one_case] == NOBODY)
    winner[gap] = _ended_last(case, end, piece_case[gap], (since[gap] + 1) * MINUTES_A_DAY, view.record.ended_at + 1)
    return piece_case, place[winner], days


def _ended_last(case: Ints, end: Ints, of: Ints, by: Ints, span: int) -> Ints:
    """For each case of `of`, the stretch that ended last by a minute; the first to end if none had."""
    order = np.lexsort((end, case))
    line = (case * span + end)[order]
    found = np.searchsorted(line, of * span + by, side="right") - 1
    begins = np.searchsorted(line, of * span)
    found = np.maximum(found, begins)
    nothing = (found >= len(order)) | (case[order[np.minimum(found, len(order) - 1)]] != of) if len(order) else of >= 0
    if nothing.any():
        raise ValueError(f"no event says what happened to case {of[nothing][0]}")
    return order[found]
