"""What happened? One row of the record, as long as there is room."""

from __future__ import annotations

from typing import Any

from sim.compile import inlined
from sim.engines.fast.layout import KEEPS_EVENTS, NONE, NOW, ROWS, SHORT_OF_ROWS
from sim.engines.fast.read import fault, its_case, its_number


@inlined
def log(play: Any, t: int, what: int, item: int, value: int) -> None:
    row = play.seen[ROWS]
    if row >= len(play.minute):
        if play.seen[KEEPS_EVENTS]:
            fault(play, SHORT_OF_ROWS, NONE, NONE)
        return
    play.seen[ROWS] = row + 1
    play.minute[row] = play.seen[NOW]
    play.case[row] = its_case(play, t)
    play.token[row] = its_number(play, t)
    play.node[row] = play.tokens[t].node
    play.what[row] = what
    play.item[row] = item
    play.value[row] = value


@inlined
def stay(play: Any, t: int, what: int, item: int, value: int) -> None:
    """A token enters a state and stays there."""
    play.tokens[t].state = what
    log(play, t, what, item, value)
