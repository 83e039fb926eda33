"""Whose was each midnight? Every case is gone through by itself, and each midnight given away as it passes.

The midnights of a case are those after the day it was received, up to and including the one that begins the
day it was finalised, or the extract date: as many as its days. Each belongs to one live token of the main
line. Where several are alive the kind that comes first in `TimeIs` wins, then the lowest token. Side tokens
never own a midnight.

A midnight in which nobody did anything goes to what had ended last, of several the highest token. If nothing had ended yet it
goes to what ended first, of several the lowest token.
"""

from __future__ import annotations

import numpy as np

from sim.compile import compiled, inlined
from sim.measures.cohort import View
from sim.measures.counting import Marks, run
from sim.measures.moves import Positions, moves_of
from sim.measures.owners import Small
from sim.measures.periods import Ints
from sim.plan import MINUTES_A_DAY


def midnights(view: View, line: Ints, weight: Ints, lines: int) -> Ints:
    """Midnights by place: shape (lines, places).

    Args:
        view: of a record with events.
        line: where each case is counted, -1 for nowhere.
        weight: what each of its midnights counts.
        lines: how many there are.

    Raises:
        ValueError: no event says what happened to a case.
    """
    owners, moves = view.lens.owners, moves_of(view)
    given = view.received // MINUTES_A_DAY
    days = np.zeros((lines, len(owners.places)), dtype=np.int64)
    untold = run(
        give_midnights,
        days,
        moves.packed,
        moves.first,
        moves.state_bits,
        moves.token_bits,
        moves.side,
        owners.place.ravel(),
        owners.kind,
        line,
        weight,
        given,
        given + view.days,
        np.empty(moves.side.shape[1], dtype=np.int16),
    )
    if untold >= 0:
        raise ValueError(f"no event says what happened to case {untold}")
    return days


@compiled
def give_midnights(
    days: Ints,
    packed: Ints,
    first: Positions,
    state_bits: int,
    token_bits: int,
    side: Marks,
    place: Small,
    kind: Small,
    line: Ints,
    weight: Ints,
    received: Ints,
    last: Ints,
    doing: Small,
) -> int:
    """Give away every midnight of the cases that have a line.

    Args:
        days: what was given; shape (lines, places), at first 0.
        packed: moves, and so on to `side`, as in `Moves`.
        place: where time goes in each state, -1 for nowhere.
        kind: of each place.
        line: of each case, -1 for none.
        weight: what each of its midnights counts.
        received: the day before its first midnight.
        last: the day its last midnight begins.
        doing: for use while at work; as long as a case may have tokens.

    Returns:
        The first case with a midnight of which no event tells, -1 if there is none.
    """
    state_mask, token_mask = (1 << state_bits) - 1, (1 << token_bits) - 1
    for case in range(len(line)):
        if line[case] < 0:
            continue
        of_line, adds, given, until = line[case], weight[case], received[case], last[case]
        tokens, early, empty = 0, 0, -1
        ended, ended_at, ended_by = -1, -1, -1
        earliest, earliest_at, earliest_by = -1, -1, -1
        for at in range(first[case], first[case + 1]):
            move = packed[at]
            token, minute = move & token_mask, move >> (state_bits + token_bits)
            if side[case, token]:
                continue
            day = min(minute // MINUTES_A_DAY, until)
            if day > given:
                owner = foremost(doing, kind, tokens)
                if owner < 0:
                    owner, empty = ended, minute if minute == day * MINUTES_A_DAY else -1
                if owner >= 0:
                    days[of_line, owner] += (day - given) * adds
                else:
                    early += day - given
                given = day
            while tokens <= token:
                doing[tokens] = -1
                tokens += 1
            was, becomes = doing[token], place[(move >> token_bits) & state_mask]
            doing[token] = becomes
            if was < 0 or (becomes >= 0 and early == 0 and minute != empty):
                continue  # while a token owns something, nothing of its own that ended before is the last to have ended
            if earliest < 0 or (minute == earliest_at and token < earliest_by):
                earliest, earliest_at, earliest_by = was, minute, token
            if minute > ended_at or token >= ended_by:
                if minute == empty:  # the midnight that begins this minute was given away before this had ended
                    days[of_line, was] += adds
                    if ended >= 0:
                        days[of_line, ended] -= adds
                    else:
                        early -= 1
                ended, ended_at, ended_by = was, minute, token
        owner = foremost(doing, kind, tokens)
        if owner < 0:
            owner = ended
        if owner >= 0:
            days[of_line, owner] += max(until - given, 0) * adds
        else:
            early += max(until - given, 0)
        for token in range(tokens):
            if earliest < 0:
                earliest = doing[token]
        if early > 0:
            if earliest < 0:
                return case
            days[of_line, earliest] += early * adds
    return -1


@inlined
def foremost(doing: Small, kind: Small, tokens: int) -> int:
    """The place that a midnight goes to, of those where the tokens are; -1 if nobody does anything."""
    best = -1
    for token in range(tokens):
        if doing[token] >= 0 and (best < 0 or kind[doing[token]] < kind[best]):
            best = doing[token]
    return best
