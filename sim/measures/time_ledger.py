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

from sim.measures.cohort import INTERNAL, RECEIVED_COHORT, RECEIVED_IN_PERIOD, Figure, View, distinct, ratio
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
    key = case * width + place
    both = distinct(key)
    total = np.bincount(np.searchsorted(both, key), weights=days, minlength=len(both)).astype(np.int64)
    names = np.asarray(owners.places or [("", "", "")], dtype=object)[both % width]
    columns = (both // width, names[:, 0], names[:, 1], names[:, 2], total)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def _share_out(view: View, stretches: States, owners: _Owners, cohort: Bools) -> tuple[Ints, Ints, Ints]:
    """Case, place and days of every piece of a case's time.

    A case's time is cut at each day on which one of its stretches begins or ends, so a piece has one owner.
    Days are counted by the midnight that begins them: from one cut (left out) to the next (included).
    """
    who = np.flatnonzero(cohort & (view.days > 0))
    first = view.received // MINUTES_A_DAY
    last = first + view.days
    place = owners.place[stretches.what, stretches.node]
    mine = cohort[stretches.case] & ~stretches.side & (place >= 0)
    case, token, place = stretches.case[mine], stretches.token[mine], place[mine]
    end = stretches.end[mine]

    # A case and a day as one ascending number.
    span = view.record.ended_at // MINUTES_A_DAY + 2
    since = case * span + np.clip(stretches.start[mine] // MINUTES_A_DAY, first[case], last[case])
    until = case * span + np.clip(end // MINUTES_A_DAY, first[case], last[case])
    cuts = distinct(np.concatenate([since, until, who * span + first[who], who * span + last[who]]))
    within_a_case = np.flatnonzero(cuts[1:] // span == cuts[:-1] // span)
    piece_case, piece_since, days = (column[within_a_case] for column in (cuts // span, cuts % span, np.diff(cuts)))

    # The best stretch over each piece: by kind of time, then token.
    rank = owners.kind[place] * (token.max(initial=0) + 1) + token
    rank = rank * max(len(rank), 1) + np.arange(len(rank))
    stretch, piece = _expand(np.searchsorted(cuts, since), np.searchsorted(cuts, until))
    best = np.full(len(cuts), NOBODY)
    np.minimum.at(best, piece, rank[stretch])
    best = best[within_a_case]
    winner = best % max(len(rank), 1)
    gap = np.flatnonzero(best == NOBODY)
    if len(gap):
        midnight = (piece_since[gap] + 1) * MINUTES_A_DAY
        winner[gap] = _ended_last(case, end, piece_case[gap], midnight, view.record.ended_at + 1)
    return piece_case, place[winner], days


def _expand(begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Ranges written out: for each number from `begins` until before `ends`, whose it is, and the number."""
    size = ends - begins
    whose = np.repeat(np.arange(len(size)), size)
    return whose, np.arange(len(whose)) + np.repeat(begins - (np.cumsum(size) - size), size)


def _ended_last(case: Ints, end: Ints, of: Ints, by: Ints, span: int) -> Ints:
    """For each case of `of`, the stretch that had ended last by a minute; the first to end if none had."""
    order = np.lexsort((end, case))
    line = (case * span + end)[order]
    own_first = np.searchsorted(line, of * span)
    unknown = ~np.isin(of, case)
    if unknown.any():
        raise ValueError(f"no event says what happened to case {of[unknown][0]}")
    return order[np.maximum(np.searchsorted(line, of * span + by, side="right") - 1, own_first)]
