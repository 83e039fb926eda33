"""How do a plan and a play lie in memory? Record arrays: one row for each node, term, token, post..., one named field for each number.

`-1` stands for "none" in every position. A *span* is two fields, the first position and the one after the last.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.plan import Put

Table = NDArray[Any]
"""A record array."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def _span(name: str) -> list[tuple[str, str]]:
    return [(f"{name}_from", "i4"), (f"{name}_to", "i4")]


def _ref(name: str) -> list[tuple[str, str]]:
    return [(f"{name}_scope", "i4"), (f"{name}_index", "i4")]


# --- the plan ---------------------------------------------------------------------------------------------------------

TERM = np.dtype(
    [
        ("alone", "i4"),
        ("form", "i4"),
        ("index", "i4"),
        ("low", "i8"),
        ("high", "i8"),
        ("outside", "i4"),
        *_ref("left"),
        *_ref("right"),
        ("left_value", "i4"),
        ("operator", "i4"),
        ("constant", "i8"),
        ("now", "i4"),
        ("every", "i4"),
        ("ordered", "i4"),
    ]
)
"""`alone`: the only one of its span, and about a number of the case. `form` is one of the four below; in all but the last, what is at `index` is compared with a constant, which comes to whether it lies from `low` to
`high`, or `outside`. `ordered`: dates of which an unset one is neither before nor after anything."""

OF_CASE, OF_VALUE, OF_ROWS, OTHERWISE = (np.int64(form) for form in range(4))
"""A number of the case, a dated value as it is now, a number of every or any row of the left scope; anything else."""

FACTOR = np.dtype([*_ref("at"), *_span("level")])
"""The span is of `Tables.levels`: a dated value for each level, -1 where there is none."""

VALUE = np.dtype([*_span("step"), *_ref("attach")])

SAMPLE = np.dtype(
    [
        ("mean_value", "i4"),
        ("attached", "i4"),
        ("minutes", "i4"),
        ("calendar", "i4"),
        *_span("factor"),
        ("only_shape", "i4"),
        *_span("shape"),
        ("place", "u8"),
    ]
)
"""`attached`: whether the mean is read at a date. `only_shape`: -1 where it steps."""


BRANCH = np.dtype(
    [
        ("at", "i4"),
        ("goes_to", "i4"),
        ("level", "i4"),
        ("weight", "i4"),
        ("weight_is", "i4"),
        ("bare", "i4"),
        *_span("factor"),
        *_span("when"),
        ("constant", "f8"),
    ]
)
"""Those for otherwise stand last; `at` is the declared position, `weight_is` how its weight is found, and one that is `bare` has neither conditions nor factors."""

REST, FIXED, AS_NOW, DATED = (np.int64(size) for size in range(4))
"""What the other weights leave of 1, the constant, a dated value as it is now or at its date."""

WRITE = np.dtype(
    [
        ("bare", "i4"),
        ("heard", "i4"),
        *_ref("into"),
        *_ref("source"),
        ("how", "i4"),
        ("value", "i4"),
        ("constant", "i8"),
        *_span("when"),
        *_span("where"),
        ("place", "u8"),
        ("shift", "i4"),
        ("back", "i4"),
        ("team", "i4"),
    ]
)
"""`bare`: to the case, come what may. `heard`: a hold reads what is written. `how` is a `Put`, or `SHIFTED` for a date that lies by the sample `shift` after or before now."""

SHIFTED = np.int64(len(Put))

RAISE = np.dtype([("signal", "i4"), ("to_people", "i4"), *_span("when")])

NODE = np.dtype(
    [
        ("kind", "i4"),
        ("goes_to", "i4"),
        ("visit", "i4"),
        *_span("write"),
        *_span("raise"),
        *_span("branch"),
        ("branch_otherwise", "i4"),
        ("weighed", "i4"),
        *_ref("into"),
        ("heard", "i4"),
        *_span("when"),
        ("team", "i4"),
        ("lasts", "i4"),
        ("length", "i4"),
        *_ref("no_later_than"),
        ("cut_off_to", "i4"),
        *_span("diary"),
        ("start", "i4"),
        ("fork_by", "i4"),
        ("side", "i4"),
        ("place", "u8"),
    ]
)
"""`visit`: column in which a token counts its visits, -1 where it can come but once. `branch_otherwise`: where those for otherwise begin. `heard`: a hold reads what each row is given."""

PART = np.dtype([("node", "i4"), ("in_stage", "i4"), ("fork", "i4"), ("then", "i4"), ("side", "i8"), ("place", "u8")])
"""A token with which an opening case begins: where, how long it has been there, and the fork it came from, -1 for the main one; and where it goes once it has the slot it takes, -1 for
wherever the node leads."""

GUARD = np.dtype([("goes_to", "i4"), *_span("when")])

TEAM = np.dtype(
    [
        ("calendar", "i4"),
        ("posts", "i4"),
        ("slots", "i4"),
        ("pools", "i4"),
        ("units", "i4"),
        *_ref("unit_of"),
        ("places", "i4"),
        ("stands", "i4"),
        *_ref("oldest"),
        *_span("head_start"),
        ("speed", "i4"),
        ("hand_over", "i4"),
        ("longest_bout", "i4"),
        ("post", "i4"),
        ("most_posts", "i4"),
        ("unit", "i4"),
        ("most_units", "i4"),
        ("queue", "i4"),
    ]
)
"""`stands`: first of its places in `Tables.stands`; `post`, `unit`: its first row in the tables of posts and units. `queue`: the queue for attention of its first unit."""

CALENDAR = np.dtype([("opens", "i4"), ("closes", "i4"), ("open_days", "i4"), ("opened", "i4"), ("always", "i4")])
"""`always`: at all hours of every day. `open_days`: how many the plan has; `opened`: its first in `Tables.opened`, the days on which it is open, in order."""

MARK = np.dtype([("minute", "i4"), *_span("team"), ("holds", "i4")])
"""A minute at which teams change (a span of `Tables.marked`) or a value steps that a hold reads."""

STEP = np.dtype([("minute", "i8"), ("value", "i4"), ("becomes", "f8")])


class Tables(NamedTuple):
    """A plan, flat. Everything is read only."""

    ends_at: Ints
    """One number, like `days`: a handle takes arrays only."""
    days: Ints
    visits: Ints
    """In how many columns tokens count their visits; one number."""
    people_heard: Ints
    """Whether signals are raised about people, or a hold reads what is written of them; one number."""
    nodes: Table
    branches: Table
    terms: Table
    factors: Table
    levels: Ints
    values: Table
    step_times: Ints
    step_values: Floats
    samples: Table
    sample_shapes: Ints
    """Two columns: the shape, and the minute from which it holds."""
    quantiles: Floats
    """Shape (shapes, quantiles)."""
    writes: Table
    raises: Table
    guards: Table
    guard_from: Ints
    """First guard of each signal and node, in that order, and last the number of guards."""
    teams: Table
    stands: Ints
    marks: Table
    marked: Ints
    calendars: Table
    opened: Ints
    before: Ints
    """Open minutes before each day; shape (calendars, days + 1)."""
    is_open: Ints
    """Shape (calendars, days + 1): the last, beyond the plan, is open."""
    diaries: Ints
    """Two columns: diary and places of each that a booking needs."""
    diary_calendar: Ints
    diary_limit: Ints
    """Shape (diaries, days): places a day."""
    starts: Ints
    """First node of each stream."""
    parts: Table
    """Tokens of the opening caseload, the main one of each row first."""
    part_from: Ints
    """The first of each row, and last how many there are."""
    steps: Table
    at_start: Floats
    """Each dated value as it is before play."""
    month_ends: Ints
    """Where each month ends, in minutes."""
    month_ends_open: Ints
    """The same in open minutes; shape (calendars, months)."""


# --- the play ---------------------------------------------------------------------------------------------------------

TOKEN = np.dtype(
    [
        ("key", "u8"),
        ("order", "i8"),
        ("turn", "i8"),
        ("effort", "f8"),
        ("due", "i4"),
        ("next", "i4"),
        ("child", "i4"),
        ("last", "i4"),
        ("post", "i4"),
        ("serving", "i4"),
        ("node", "i2"),
        ("team", "i1"),
        ("state", "i1"),
        ("is_ready", "i1"),
        ("timed_out", "i1"),
        ("read_in", "i1"),
        ("begins", "i1"),
        # Here the second line begins.
        ("subject_from", "i4"),
        ("subject_to", "i4"),
        ("subject", "i4"),
        ("place", "i4"),
        ("next_held", "i4"),
        ("last_held", "i4"),
        ("next_live", "i4"),
        ("last_live", "i4"),
        ("parent", "i4"),
        ("children", "i4"),
        ("booked_day", "i4"),
        ("booked_days", "i4"),
        ("side", "i1"),
        ("in_slot_queue", "i1"),
        ("unused", "V14"),
    ]
)
"""Two lines of the processor's memory, and what most moves of a token touch stands in the first. `order` is its case, then its number in the case. A token is due, or asks for attention, or neither: `next` is the one after it
among those due in the same bucket, or with `child` and `last` its place in the queue, of which `turn` is the key (`heap.py`). `next_…` and `last_…` are the neighbours in a list. `subject` is the first of its subjects.
`begins`: which of the parts of its row of the opening caseload, until it comes to the node of which is known how long it has been there."""

CASE_BITS = 20
"""A token's number has so many bits of its order."""

HEAP = np.dtype([("turn", "i8"), ("order", "i8"), ("child", "i4"), ("next", "i4"), ("last", "i4"), ("unused", "i4")])
"""A token in a queue for slots (`heap.py`)."""

SERVER = np.dtype(
    [
        ("posts", "i4"),
        ("cap", "i4"),
        ("units", "i4"),
        ("pooled", "i4"),
        ("opens_at", "i4"),
        ("wants_slots", "i4"),
        ("grants", "i4"),
        ("changed", "i4"),
        ("speed", "f8"),
    ]
)
"""A team as it is today; `wants_slots` and `grants` say that it may have something to give, now or when it opens, `changed` in how many queues."""

POST = np.dtype(
    [
        ("doing", "i4"),
        ("holds", "i4"),
        ("first_held", "i4"),
        ("unit", "i4"),
        ("at", "i4"),
        ("stands_in", "i4"),
        ("queue", "i4"),
        ("unused", "i4"),
    ]
)
"""The token attended to; how many slots are held, the first of their tokens; its unit, -1 once it has gone, and its place in `unit_posts`; the unit that covers its place,
gone or not; the queue for its attention: its unit's where posts pool, its own where they do not, the team's where nobody is assigned."""

UNIT = np.dtype([*_span("post"), ("free", "i4"), ("waiting", "i4"), ("fill", "i4")])
"""Its posts as a span of `unit_posts`; how many are free; first of the queue for slots; whether to look."""

CASE = np.dtype([("first_live", "i4"), ("final_live", "i4"), ("made", "i4"), ("held", "i4"), ("touched", "i4")])
"""Its live tokens in the order made; tokens made; tokens on hold; whether holds are to be read again."""

OPEN = np.dtype([("next", "i4"), ("last", "i4")])
"""A subject's place in the list of the live cases of its person."""

RAISED = np.dtype([("signal", "i4"), ("case", "i4"), ("people_from", "i4"), ("people_to", "i4")])
"""A signal not yet delivered; an empty span of people from -1 on is one to the case."""


class Play(NamedTuple):
    """Everything that changes while a plan is played."""

    seen: Ints
    """Single numbers, by the positions below."""
    now: Floats
    """Each dated value as it is now."""
    people: Ints
    cases: Ints
    subjects: Ints
    allegations: Ints
    received: Ints
    case_stream: Ints
    opening: Ints
    """Row of the opening caseload of each case, -1 for none."""
    case_of: Ints
    """Of each subject."""
    person_of: Ints
    case_keys: NDArray[np.uint64]
    subject_keys: NDArray[np.uint64]
    allegation_keys: NDArray[np.uint64]
    subject_from: Ints
    """First subject of each case, and last the number of subjects."""
    allegation_from: Ints
    tokens: Table
    visits: Ints
    slot_heap: Table
    pool: Ints
    """Subjects of tokens, each a span; first every subject once."""
    free_tokens: Ints
    case_state: Table
    open_cases: Table
    first_open: Ints
    """Of each person."""
    buckets: Ints
    bucket: Ints
    """Tokens of the bucket being played, by minute and order."""
    ready: Ints
    moving: Ints
    raised: Table
    told: Ints
    """People whom raised signals are about."""
    hearers: Ints
    """Cases in which a signal is heard."""
    touched: Ints
    servers: Table
    posts: Table
    units: Table
    want_slots: Ints
    """Teams that may have slots to give, ascending; those that may have attention to give."""
    granting: Ints
    unit_posts: Ints
    free_posts: Ints
    """Which places of `unit_posts` hold a free post: a bit for each, `PLACES` to a number."""
    turns: Ints
    """First token of each queue for attention: one a post and one a unit, by team."""
    changed: Ints
    """Queues for attention that have changed, from the first of each team's on."""
    is_changed: Ints
    used: Ints
    """Places taken; shape (diaries, days)."""
    want_days: Ints
    open_weights: Floats
    open_branches: Ints
    used_by_month: Ints
    """Of each team and month, what bouts and slots add up to (`meter.py`); shape (teams, 3, months)."""
    minute: NDArray[np.int32]
    case: NDArray[np.int32]
    token: NDArray[np.int32]
    node: NDArray[np.int16]
    what: NDArray[np.int8]
    item: NDArray[np.int32]
    value: NDArray[np.int32]


(
    NOW,
    MONTH,
    MONTH_ENDS,
    ROWS,
    KEEPS_EVENTS,
    ARRIVED,
    MADE,
    FREE,
    POOLED,
    READY,
    RAISED_NOW,
    TOLD,
    TOUCHED,
    WANT_DAYS,
    WANT_SLOTS,
    GRANTING,
    WAKE,
    BUCKET,
    BUCKET_AT,
    BUCKET_TO,
    SHIFT,
    STEP_AT,
    MARK_AT,
    FAULT,
    FAULT_A,
    FAULT_B,
    SEEN,
) = range(27)
"""Positions in `Play.seen`: the minute, its month and when that ends; event rows written, and whether they are; cases that have arrived; token rows ever used, and free again;
subjects in the pool; lengths of lists; teams that want to give slots or attention, and when the next of them opens; the bucket
being played, the next and the end of its tokens; minutes a bucket as a power of two; the next step of a value and the next mark; what went wrong, and where."""

# What went wrong. The first few are the plan's fault, those from SHORT_OF_ROWS on ask for more room.
NO_BRANCH, DATE_UNSET, NO_SUCH_PLACE, NO_SLOT, CIRCLE, NO_LEVEL = (np.int64(n) for n in range(1, 7))
SHORT_OF_ROWS, SHORT_OF_TOKENS, SHORT_OF_POOL, SHORT_OF_SIGNALS = (np.int64(n) for n in range(100, 104))

PLACES = 32
"""Of `Play.free_posts`, to a number."""

NONE = np.int64(-1)
"""No subject, no allegation, nothing. A plain -1 as an argument would make the compiler write another version of what it calls."""
