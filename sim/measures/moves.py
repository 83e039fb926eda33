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


class Kept(NamedTuple):
    """Rows of the record, in order, that are read one by one: of forks and bookings, and whatever is at a node of `STATUSES` or `REVIEWS`."""

    packed: Ints
    """As moves are, whether they are moves or not."""
    case: Positions
    value: Positions


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
    packed, whose = memory.take("packed", np.int64, rows), memory.take("whose", np.int32, rows)
    columns, bits = (minute, case, token, node, what), (state_bits, token_bits)
    number = run(pack, packed, whose, *columns, len(nodes), *bits)
    kept = Kept(
        memory.take("kept", np.int64, rows),
        memory.take("cases of kept", np.int32, rows),
        memory.take("values of kept", np.int32, rows),
    )
    many = run(keep, *kept, *columns, value, _is_kept(nodes).ravel(), len(nodes), *bits)
    kept = Kept(kept.packed[:many], kept.case[:many], kept.value[:many])
    ordered, first = memory.take("ordered", np.int64, number), np.zeros(cases + 1, dtype=np.int32)
    run(order_by_case, ordered, first, np.empty(cases, dtype=np.int32), packed, whose)
    side, side_nodes = memory.zeros("side", np.int8, cases, tokens), np.asarray([n.side for n in nodes], dtype=np.int8)
    run(mark_side_tokens, side, *kept, side_nodes, FORKED * len(nodes), *bits)
    return Moves(ordered, first, state_bits, token_bits, side, kept)


def _is_kept(nodes: Sequence[Node]) -> Marks:
    """Whether rows of each state are `Kept`: shape (whats, nodes)."""
    states = np.zeros((len(What), len(nodes)), dtype=np.int8)
    states[[FORKED, BOOKED]] = 1
    states[:, [node.name in (*STATUSES, *REVIEWS.values()) for node in nodes]] = 1
    return states


@compiled
def pack(
    packed: Ints,
    whose: Positions,
    minute: Ints,
    case: Ints,
    token: Ints,
    node: Ints,
    what: Ints,
    nodes: int,
    state_bits: int,
    token_bits: int,
) -> int:
    """Write down the moves among the events, and the case of each, and return how many there are; the rest of the arrays holds anything."""
    number = 0
    for row in range(len(what)):
        to, of_case = what[row], case[row]
        packed[number] = (((minute[row] << state_bits) | (to * nodes + node[row])) << token_bits) | token[row]
        whose[number] = of_case
        # What is no move is written over by the next row, which is quicker than to skip it.
        number += FIRST_STATE <= to <= LAST_STATE
    return number


@compiled
def keep(
    packed: Ints,
    whose: Positions,
    told: Positions,
    minute: Ints,
    case: Ints,
    token: Ints,
    node: Ints,
    what: Ints,
    value: Ints,
    is_kept: Marks,
    nodes: int,
    state_bits: int,
    token_bits: int,
) -> int:
    """Write down the events in states that are `Kept`, and return how many there are. As a part of `pack` this takes longer than both by themselves."""
    number = 0
    for row in range(len(what)):
        state = what[row] * nodes + node[row]
        if is_kept[state]:
            packed[number] = (((minute[row] << state_bits) | state) << token_bits) | token[row]
            whose[number], told[number] = case[row], value[row]
            number += 1
    return number


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


@compiled
def mark_side_tokens(
    side: Marks,
    kept: Ints,
    case: Positions,
    made: Positions,
    side_node: Marks,
    first_fork: int,
    state_bits: int,
    token_bits: int,
) -> None:
    """Mark the tokens made by side forks or by side tokens, from what is `Kept`; `first_fork` is the state of a fork at the first node."""
    state_mask, token_mask = (1 << state_bits) - 1, (1 << token_bits) - 1
    for at in range(len(kept)):
        node = ((kept[at] >> token_bits) & state_mask) - first_fork
        if not (0 <= node < len(side_node) and made[at] < side.shape[1]):
            continue
        if side_node[node] or side[case[at], kept[at] & token_mask]:
            side[case[at], made[at]] = 1
