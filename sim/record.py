"""What can be recorded? One row type for what happened, the cast at the end, and the exposure.

A record is the only thing an engine writes. `events` has one row for each change of a token, in the order of play:

==========  ==========================================================================================
column      meaning
==========  ==========================================================================================
minute      when, whole minutes from 00:00 of the plan's first day
case        number of the case in the cast
token       number of the token within its case; 0 is the main one
node        position of the node in the plan
what        one of `WHAT`
item        subject or allegation (position in the cast) a `CHOSE` row is about; post for `STARTED` and `ALLOCATED`; else -1
value       level or branch chosen, first sitting minute for `BOOKED`, token made for `FORKED`, signal for `CALLED`; else -1
==========  ==========================================================================================

A token's row other than `CHOSE`, `FORKED` and `WORKED` says which state it enters; it stays there until its next such row. Rows of one minute keep the
order of play, so the state at the end of a minute is that of its last row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class What(IntEnum):
    """What a row of `events` says."""

    ARRIVED = 0
    """The token begins (the case's arrival, or a fork)."""
    QUEUED = 1
    """It waits for a slot."""
    ALLOCATED = 2
    """It has a slot (item: the post)."""
    ASKED = 3
    """It waits for attention."""
    STARTED = 4
    """A bout of work begins (item: the post)."""
    WAITS = 5
    """An outside wait begins."""
    HELD = 6
    """It is held until a condition is true."""
    BOOKED = 7
    """Its sitting days are in the diaries (value: the minute the first begins)."""
    JOINING = 8
    """It waits for tokens forked from it."""
    LEFT = 9
    """The token ends."""
    CHOSE = 10
    """A weighed decision (item: the row decided for, -1 for the token; value: level or branch). Plain routing is not told."""
    FORKED = 11
    """A token was made (value: its number)."""
    CALLED = 12
    """A guard took it away (value: the signal); its next row says where it went."""
    WORKED = 13
    """A bout ended."""


EVENT_COLUMNS = ("minute", "case", "token", "node", "what", "item", "value")


@dataclass(frozen=True)
class Record:
    """What happened in one replication.

    `events`: column name -> int64 array, all of one length (`EVENT_COLUMNS`); empty arrays when rows were not asked for.
    `people`, `cases`, `subjects`, `allegations`: the cast at the end of play, attribute name -> int64 array. `cases` also has
    `stream`; `subjects` has `case` and `person`; `allegations` has `subject` and `case`; each is sorted by that parent.
    `people` holds only those with at least one potential case, and `seat`.
    `exposure`: name -> array, what was at risk: ``person_days`` by levelled person attributes is added by the cast as
    ``person_days.<attribute>`` (one row per financial year from the plan's start, one column per level), and capacity as
    ``busy_minutes.<team>`` and ``open_minutes.<team>`` by calendar month from the plan's start, ``slots_held.<team>`` and ``slots.<team>`` in slot-minutes by month.
    """

    plan: str
    """Fingerprint of the plan that was played."""
    seed: int
    replication: int
    ended_at: int
    """Minute at which play stopped."""
    events: Mapping[str, Ints]
    people: Mapping[str, Ints]
    cases: Mapping[str, Ints]
    subjects: Mapping[str, Ints]
    allegations: Mapping[str, Ints]
    exposure: Mapping[str, NDArray[np.float64]]
