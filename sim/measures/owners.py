"""To whom does time belong? The owner and kind of time of a token in each state at each node.

A token that waits for a slot or for attention waits for the team's staff, one in a bout is being worked on;
where the team is not the force's own both are another body's time. Outside waits, holds and sittings belong
to whom their node names. A token waiting for those forked from it owns nothing: they do.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.plan import Kind, Node, Plan, TimeIs
from sim.record import What

Small = NDArray[np.int16]


class Place(NamedTuple):
    """Where time goes in the ledger."""

    owner: str
    kind: str
    stage: str
    """The node's name."""


class Owners(NamedTuple):
    """For each state and node, the place in the ledger its time goes to."""

    places: list[Place]
    place: Small
    """Shape (states, nodes); -1 where it owns nothing."""
    kind: Small
    """`TimeIs` of each place."""


def owners_of(plan: Plan) -> Owners:
    """Every place of a plan, in the order of its nodes."""
    number: dict[Place, int] = {}
    kinds: list[TimeIs] = []
    place = np.full((len(What), len(plan.nodes)), -1, dtype=np.int16)
    for at, node in enumerate(plan.nodes):
        for what in What:
            if found := _owner(plan, node, what):
                owner, kind = found
                entry = Place(owner, kind.name.lower(), node.name)
                if entry not in number:
                    number[entry] = len(number)
                    kinds.append(kind)
                place[what, at] = number[entry]
    return Owners(list(number), place, np.asarray(kinds, dtype=np.int16))


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
