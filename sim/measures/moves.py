"""What did every case go through? The rows that move a token into a state, case by case.

Such a row begins a stretch of time in that state. It runs from just after its minute up to and including the minute of the token's next one, so that a
midnight belongs to what the token had been doing, not to what it was about to do. The last one of a token alive at the end runs to the end of play.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compile import compiled
from sim.measures.cohort import View
from sim.measures.counting import Marks, run
from sim.measures.periods import Ints
from sim.plan import Node
from sim.record import EVENT_COLUMNS, Record, What

FIRST_STATE, LAST_STATE = int(What.QUEUED), int(What.LEFT)
"""A token that has arrived does nothing yet. What comes after the last state in `What` tells of a moment and moves no token."""

FORKED, BOOKED = int(What.FORKED), int(What.BOOKED)

STATUSES = ("suspended", "restricted")
"""Nodes in which a person's legal status is that of the name."""

REVIEWS = {"suspended": "suspension_review", "restricted": "restriction_review"}
"""The weighed decision that each review of a status is. Whoever a guard takes out of the status does not come to it."""

Positions = NDArray[np.int32]
Bits = NDArray[np.uint8]


class Kept(NamedTuple):
    """Rows of the record, in order, that are read one by one: of forks and bookings, and whatever is at a node of `STATUSES` or `REVIEWS`."""

    packed: Ints
    """As moves are, whether they are moves or not."""
    case: Positions
    value: Positions
    bookings: Positions
    """Which of them are bookings."""
    reviews: Positions
    """Which of them are decisions at a node of `REVIEWS`."""
    at_status: Positions
    """How many rows of each case are at a node of `STATUSES`, whatever happens there."""


class Moves(NamedTuple):
    """Moves of all cases, each packed into one number: its minute, then its state, then its token, so many bits each.

    A state here is a `What` at a node: `what` times the number of nodes, plus the node.
    """

    packed: Ints
    """Case by case, in the order of play."""
    first: Positions
    """Where the moves of each case begin, and last where they end."""
    state_bits: int
    token_bits: int
    side: Marks
    """Whether a token is a side one, made by a side fork or by a side token; shape (cases, tokens)."""
    kept: Kept


def has_events(record: Record) -> bool:
    """Whether rows were asked for."""
    return len(record.events.get("minute", ())) > 0


def moves_of(view: View) -> Moves:
    """The moves of a record with events."""
    return view.once(moves_of, lambda: _sorted(view))


def _sorted(view: View) -> Moves:
    events, nodes, cases, memory = view.record.events, view.lens.plan.nodes, len(view.received), view.memory
    minute, case, token, node, what, value = (events[name] for name in EVENT_COLUMNS if name != "item")
    rows, tokens = len(minute), int(token.max(initial=0)) + 1
    state_bits, token_bits = (len(What) * len(nodes) - 1).bit_length(), (tokens - 1).bit_length()
    marks = view.lens.once(_marks, lambda: _marks(nodes))
    packed, whose = memory.take("packed", np.int64, rows), memory.take("whose", np.int32, rows)
    kept = (
        memory.take("kept", np.int64, rows),
        memory.take("cases of kept", np.int32, rows),
        memory.take("values of kept", np.int32, rows),
    )
    many = np.zeros(2, dtype=np.int64)
    columns = (minute, case, token, node, what, value)
    run(pack, packed, whose, *kept, many, *columns, marks, len(nodes), state_bits, token_bits)
    number, those = many.tolist()
    kept_packed, kept_case, kept_value = (column[:those] for column in kept)
    ordered, first = memory.take("ordered", np.int64, number), np.zeros(cases + 1, dtype=np.int32)
    run(order_by_case, ordered, first, np.empty(cases, dtype=np.int32), packed, whose)
    side, side_nodes = memory.zeros("side", np.int8, cases, tokens), np.asarray([n.side for n in nodes], dtype=np.int8)
    parts, ends = memory.take("parts of kept", np.int32, 2, those), np.zeros(2, dtype=np.int64)
    at_status, bits = np.zeros(cases, dtype=np.int32), (state_bits, token_bits)
    found, first_fork = (kept_packed, kept_case, kept_value), FORKED * len(nodes)
    run(read_kept, side, parts, ends, at_status, *found, marks, side_nodes, first_fork, *bits)
    bookings, reviews = (part[:end] for part, end in zip(parts, ends.tolist(), strict=True))
    return Moves(ordered, first, *bits, side, Kept(*found, bookings, reviews, at_status))


IS_MOVE, IS_FORK, IS_BOOKING, IS_AT_STATUS, IS_REVIEW = (1 << bit for bit in range(5))


def _marks(nodes: Sequence[Node]) -> Bits:
    """What rows of each state are: `IS_MOVE` and so on, added up. Whatever is more than `IS_MOVE` is `Kept`."""
    marks = np.zeros((len(What), len(nodes)), dtype=np.uint8)
    marks[FIRST_STATE : LAST_STATE + 1] |= IS_MOVE
    marks[FORKED] |= IS_FORK
    marks[BOOKED] |= IS_BOOKING
    marks[:, [node.name in STATUSES for node in nodes]] |= IS_AT_STATUS
    marks[What.CHOSE, [node.name in REVIEWS.values() for node in nodes]] |= IS_REVIEW
    return marks.ravel()


@compiled
def pack(
    packed: Ints,
    whose: Positions,
    kept: Ints,
    case_of_kept: Positions,
    told: Positions,
    many: Ints,
    minute: Ints,
    case: Ints,
    token: Ints,
    node: Ints,
    what: Ints,
    value: Ints,
    marks: Bits,
    nodes: int,
    state_bits: int,
    token_bits: int,
) -> None:
    """Write down the moves among the events, and the case of each; and those that are `Kept`, with the case and value of each.

    How many there are of either is written into `many`; the rest of the arrays holds anything.
    """
    number, those = 0, 0
    for row in range(len(what)):
        state = what[row] * nodes + node[row]
        mark = marks[np.uint32(state)]  # what may be below 0 is looked up more slowly
        move = (((minute[row] << state_bits) | state) << token_bits) | token[row]
        packed[number], whose[number] = move, case[row]
        # What is no move is written over by the next row, which is quicker than to skip it.
        number += mark & IS_MOVE
        if mark > IS_MOVE:
            kept[those], case_of_kept[those], told[those] = move, case[row], value[row]
            those += 1
    many[0], many[1] = number, those


@compiled
def read_kept(
    side: Marks,
    parts: Positions,
    ends: Ints,
    at_status: Positions,
    kept: Ints,
    case: Positions,
    value: Positions,
    marks: Bits,
    side_node: Marks,
    first_fork: int,
    state_bits: int,
    token_bits: int,
) -> None:
    """Mark the tokens made by side forks or by side tokens, list bookings and reviews, and count rows at a status.

    Args:
        side: what is marked; shape (cases, tokens), at first 0.
        parts: bookings and reviews, as positions in `kept`; shape (2, kept).
        ends: how many of each, at first 0.
        at_status: rows of each case, at first 0.
        kept: rows that are `Kept`, packed; `case` and `value` are theirs.
        marks: what rows of each state are.
        side_node: whether each node makes side tokens.
        first_fork: the state of a fork at the first node.
        state_bits: as in `Moves`, and so is `token_bits`.
    """
    state_mask, token_mask = (1 << state_bits) - 1, (1 << token_bits) - 1
    for at in range(len(kept)):
        state = (kept[at] >> token_bits) & state_mask
        mark = marks[state]
        if mark & IS_FORK:
            if value[at] < side.shape[1] and (side_node[state - first_fork] or side[case[at], kept[at] & token_mask]):
                side[case[at], value[at]] = 1
        elif mark & IS_BOOKING:
            parts[0, ends[0]] = at
            ends[0] += 1
        if mark & IS_AT_STATUS:
            at_status[case[at]] += 1
        elif mark & IS_REVIEW:
            parts[1, ends[1]] = at
            ends[1] += 1


@compiled
def order_by_case(ordered: Ints, first: Positions, place: Positions, packed: Ints, whose: Positions) -> None:
    """Put the moves of each case together, in their order.

    `first` (cases + 1), at first 0, says where those of each case begin; `place` (cases) is for use while at work.
    """
    for move in range(len(ordered)):
        first[whose[move] + 1] += 1
    for case in range(len(place)):
        place[case] = first[case]
        first[case + 1] += first[case]
    for move in range(len(ordered)):
        case = whose[move]
        at = place[case]
        place[case] = at + 1
        ordered[at] = packed[move]
