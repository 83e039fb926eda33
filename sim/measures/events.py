"""What was each token doing, and until when? The event rows as stretches of time in one state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.measures.cohort import distinct
from sim.measures.periods import Bools, Ints
from sim.plan import Plan
from sim.record import Record, What

MOMENTS = (What.CHOSE, What.FORKED, What.CALLED, What.WORKED)
"""Rows that say something happened and leave the token in the state it was in."""


@dataclass(frozen=True)
class States:
    """One row for each stretch of a token in one state, by case, token and time.

    A stretch runs from just after `start` up to and including `end`, so that a midnight belongs to what the
    token had been doing, not to what it was about to do. The last stretch of a token alive at the end runs to
    the end of play.
    """

    case: Ints
    token: Ints
    node: Ints
    what: Ints
    start: Ints
    end: Ints
    side: Bools
    """Of a side token: made by a side fork, or by a side token."""
    next_what: Ints
    """The state that follows, -1 where none does."""


def has_events(record: Record) -> bool:
    """Whether rows were asked for."""
    return len(record.events.get("minute", ())) > 0


def states(plan: Plan, record: Record) -> States:
    """The stretches of every token."""
    rows = record.events
    tokens = int(max(rows["token"].max(initial=0), rows["value"][rows["what"] == What.FORKED].max(initial=0))) + 1
    moment = np.zeros(len(What), bool)
    moment[list(MOMENTS)] = True
    kept = np.flatnonzero(~moment[rows["what"]])

    # One number a row, so that an ordinary sort keeps the order of play within each token.
    key = rows["case"][kept] * tokens + rows["token"][kept]
    in_order = np.sort(key * len(kept) + np.arange(len(kept)))
    order = kept[in_order % len(kept)]
    key = in_order // len(kept)

    minute, what = rows["minute"][order], rows["what"][order]
    last = np.append(key[1:] != key[:-1], True)
    end = np.where(last, record.ended_at, np.append(minute[1:], 0))
    stays = what != What.LEFT
    return States(
        case=(key // tokens)[stays],
        token=(key % tokens)[stays],
        node=rows["node"][order][stays],
        what=what[stays],
        start=minute[stays],
        end=end[stays],
        side=_of_side_tokens(plan, record, key, tokens)[stays],
        next_what=np.where(last, -1, np.append(what[1:], -1))[stays],
    )


def _of_side_tokens(plan: Plan, record: Record, key: Ints, tokens: int) -> Bools:
    """Which rows are of side tokens; `key` (ascending) is case times `tokens` plus token."""
    rows = record.events
    fork = np.flatnonzero(rows["what"] == What.FORKED)
    first = rows["case"][fork] * tokens
    known = distinct(key)
    parent = np.searchsorted(known, first + rows["token"][fork])
    child = np.searchsorted(known, first + rows["value"][fork])
    side = np.zeros(len(known), bool)
    side_node = np.asarray([node.side for node in plan.nodes])
    side[child[side_node[rows["node"][fork]]]] = True
    while (inherits := side[parent] & ~side[child]).any():
        side[child[inherits]] = True
    return side[np.searchsorted(known, key)]
