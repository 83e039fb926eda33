"""What exactly will be run? A frozen plan, and the rules by which every engine plays it.

A plan is flat tables of numbers; names stand beside them for people. It is all that an engine reads, it can be written as
JSON and read back equal, and its fingerprint names its results.

The rules of time
-----------------
1.  Time is whole minutes from 00:00 of the plan's first day. A date means 00:00 of that day. There is no daylight saving.
2.  An instant is played in rounds until nothing more can happen in it. Its first round holds everything that is due: steps of dated values
    and posts, then arrivals, ended bouts, ended waits and ended sittings.
3.  In a round the due tokens move one at a time, lowest case first, then lowest token, each as far as it can without time passing. What one writes is
    seen by those after it.
4.  Then the signals raised in the round are delivered in the order raised, each to its tokens in the order of rule 3. A token called away by a guard gives
    back what it was doing (its place in a queue, the bout under way, its sitting days from the next day on), and is due in the next round.
    A slot stays held: only `Assign` and the token's end give it back.
5.  Then holds are read again whose case or people were written to, or whose dated values stepped. Those that are now true are due in the next round.
6.  Grants come last, when no token is due: slots, then attention (teams in their order, units and posts by number), then diaries (tokens in the order of rule 3). What a grant
    sets moving is due in the next round. An instant of more than 1,000 rounds is refused as a loop in which no time passes.
7.  A queue is ordered by reference date less head start, then case, then token, all as they were when the token joined it. A token that cannot be served does not block those behind it.
8.  A slot is given by the unit of the case: of the posts with room, the least loaded, then the lowest number. A unit covers neighbouring
    places: place x of X is in unit x * units // X. A case is in a place; post p stands in place `stands`[p modulo X], every place once before any twice.
    The load of a team is 100 * held // capacity, in whole per cent, of today's posts in the unit of the token's case; 100 where they have no capacity.
9.  A post gives attention to one bout at a time and is not interrupted by other work. Effort longer than the team's longest bout is done in several, queueing again between them with
    the same key. Where posts pool, the free post with the lowest number of the holder's unit serves. A bout that starts outside the calendar's hours begins with the next open minute.
10. Durations are drawn when the token enters a node (a token that comes back draws anew, by visit) and are at least one minute. Waits in working time
    run on the calendar `office`. Effort is divided by the team's speed, read when the bout starts. A date may be written that lies such a duration (here 0 is
    allowed) after or before now: it is drawn by the token, order of the write and visit, and ends as a wait would. Should it be -1, which is unset, -2 is written;
    beyond 2**30 minutes either way, those.
11. When the number of posts falls, the highest numbers go: each ends the bout it is in, and what it held queues for a slot again under its old reference date;
    the next holder's first bout is longer by the cost of handing over. When the number of units changes, queued cases move to their new unit; held cases stay.
12. A dated value is a right-continuous step function, read at the date it is attached to, or now. As a number it is read at the earliest such date of the token's rows; as a condition
    at the date of each row, and has to hold at any of them, or at all. Rows whose date is unset do not count; if there are no others, that is an error in play.
13. Sitting days are booked as one run of consecutive days on which every diary named sits and has room, the earliest that begins on or after the day that follows the notice. When a diary
    grows smaller, days already booked are kept and no new ones are given while it is over-full.
14. A draw is the hash of seed, replication, stable name of the row, name of the node, purpose and visit (`engines/draws.py`).
15. A decision goes through its open branches in declared order with one uniform; where no branch has a weight, the first open one is taken. One whose open weights add up to nothing is an error
    in play. A factor multiplies a branch's weight; where the token has several rows, by their highest level.
16. The token that ends gives back its slot. Play stops at the plan's end; nothing of that minute or later is played.
17. Cases of the opening caseload arrive at minute 0, before all others, in the order of their keys: lowest first. Their main token comes to the node in which the row says they stand, as it would
    come there at minute 0; then tokens of what else is under way (`Part`), in order, each forked from the main line's last token before it, to be joined unless their fork is a side one.
    A row may say that its cases are further than the slot they take (`then`): once given one, the main token goes there instead of the next node. One that a guard calls away before goes on as any other.
18. What is left of a wait, or of a hold's cut-off, in which a token begins after `in_stage` minutes of its calendar: the duration is drawn given that it is longer, and ends when the rest of it has passed,
    at least one minute. With F its distribution and u the uniform, that is the duration at F(in_stage) + (1 - F(in_stage)) u. Where no duration is longer, one minute is left. Effort, notice and sitting days
    are drawn in full: a file half read is read again. No other case knows how long it has been where it begins.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cache, cached_property
from typing import Any, get_args, get_type_hints

PLAN_VERSION = 4
"""Raised when the meaning of a plan's fields changes; engines refuse another one."""

MINUTES_A_DAY = 1440
UNSET = -1
FARTHEST = 1 << 30
"""No date that is written lies more minutes from the plan's start than this (2,041 years)."""


class Kind(IntEnum):
    SET = 0
    DECIDE = 1
    WORK = 2
    WAIT = 3
    HOLD = 4
    ASSIGN = 5
    BOOK = 6
    FORK = 7
    JOIN = 8
    EXIT = 9


class Scope(IntEnum):
    PERSON = 0
    CASE = 1
    SUBJECT = 2
    ALLEGATION = 3


class Operator(IntEnum):
    EQUAL = 0
    NOT_EQUAL = 1
    LESS = 2
    AT_MOST = 3
    MORE = 4
    AT_LEAST = 5


class Put(IntEnum):
    """How a write finds its value."""

    CONSTANT = 0
    NOW = 1
    ATTRIBUTE = 2
    ADD = 3
    VALUE = 4
    COUNT = 5
    FOLD_MAX = 6
    FOLD_MIN = 7
    FOLD_COUNT = 8
    LOAD = 9


class TimeIs(IntEnum):
    """Kinds of time in the ledger, in order of precedence."""

    OWN_WORK = 0
    WAITING_FOR_OWN_STAFF = 1
    ANOTHER_BODY = 2
    OFFICER_AND_REPRESENTATIVES = 3
    VICTIM_AND_WITNESSES = 4
    LEGAL_PAUSE = 5
    LISTING = 6


@dataclass(frozen=True)
class Ref:
    """An attribute: its scope and its position among the attributes of that scope."""

    scope: Scope
    index: int


@dataclass(frozen=True)
class Attribute:
    name: str
    scope: Scope
    levels: tuple[str, ...]
    start: int
    """Value at arrival unless drawn: 0, or `UNSET` for dates."""


@dataclass(frozen=True)
class Dated:
    """A number that steps on dates. `times` are minutes, ascending, the first at or before 0."""

    name: str
    unit: str
    times: tuple[int, ...]
    values: tuple[float, ...]
    attach: Ref | None

    def at(self, minute: int) -> float:
        """The value in force at a minute; before the first step, the first."""
        return self.values[max(bisect_right(self.times, minute) - 1, 0)]


@dataclass(frozen=True)
class Factor:
    """Multiplies by the dated value at the attribute's level; -1 stands for 1."""

    attribute: Ref
    values: tuple[int, ...]


@dataclass(frozen=True)
class Term:
    """`left` (or the dated value `left_value`) compared with `constant`, `right` or, if `now`, the minute. `every`: for all rows, not any."""

    left: Ref | None
    left_value: int
    operator: Operator
    constant: int
    right: Ref | None
    now: bool
    every: bool


@dataclass(frozen=True)
class Sample:
    """A distribution of unit mean, times the dated mean and factors, times `minutes` for each unit.

    `shapes` are positions in `Plan.shapes`, stepping at `shape_times`. `calendar` is the calendar it runs on, -1 for all hours.
    """

    mean: int
    factors: tuple[Factor, ...]
    minutes: int
    calendar: int
    shapes: tuple[int, ...]
    shape_times: tuple[int, ...]


@dataclass(frozen=True)
class Shape:
    """A distribution with mean 1: ``lognormal`` or ``exponential`` with its coefficient of variation; ``fixed`` is exactly 1."""

    family: str
    cv: float


@dataclass(frozen=True)
class Branch:
    name: str
    goes_to: int
    """Node, or -1 where a level is written."""
    level: int
    weight: int
    """Dated value, or -1 for `constant`."""
    constant: float
    rest: bool
    """Its weight is what the open branches before it leave of 1."""
    factors: tuple[Factor, ...]
    when: tuple[Term, ...]
    otherwise: bool


@dataclass(frozen=True)
class Write:
    attribute: Ref
    put: Put
    constant: int
    source: Ref | None
    value: int
    """Dated value of `VALUE` and `COUNT`."""
    when: tuple[Term, ...]
    where: tuple[Term, ...]
    shift: Sample | None = None
    """Of `NOW`: how much later, or if `back`, earlier."""
    back: bool = False
    team: int = -1
    """Of `LOAD`."""


@dataclass(frozen=True)
class Raise:
    signal: int
    to_people: bool
    when: tuple[Term, ...]


@dataclass(frozen=True)
class Node:
    """One row of the node table. Fields that its kind does not use keep their defaults."""

    name: str
    kind: Kind
    goes_to: int = -1
    owner: str = ""
    time_is: TimeIs = TimeIs.OWN_WORK
    writes: tuple[Write, ...] = ()
    raises: tuple[Raise, ...] = ()
    branches: tuple[Branch, ...] = ()
    into: Ref | None = None
    when: tuple[Term, ...] = ()
    """Of `DECIDE` with `into`, which rows decide; of `FORK`, which subjects; of `HOLD`, until what."""
    team: int = -1
    lasts: Sample | None = None
    """Of `WORK` the effort, of `WAIT` the wait, of `HOLD` the cut-off, of `BOOK` the notice."""
    length: Sample | None = None
    no_later_than: Ref | None = None
    cut_off_to: int = -1
    diaries: tuple[tuple[int, int], ...] = ()
    start: int = -1
    fork_by: int = 0
    """0 the whole case, 1 each subject, 2 each level of `into`."""
    side: bool = False


@dataclass(frozen=True)
class Guard:
    signal: int
    region: tuple[int, ...]
    goes_to: int
    when: tuple[Term, ...]


@dataclass(frozen=True)
class Calendar:
    """Working time: minutes `opens` to `closes` of each open day. `open_days` is one digit a day from the plan's start, 1 for open."""

    name: str
    opens: int
    closes: int
    open_days: str


@dataclass(frozen=True)
class Team:
    name: str
    owner: str
    calendar: int
    posts: int
    slots: int
    """Dated value of the caseload cap, -1 where nobody is assigned."""
    pools: int
    units: int
    unit_of: Ref | None
    places: int
    stands: tuple[int, ...]
    """The places in the order in which posts are put there, early ones far apart."""
    oldest: Ref
    head_start: tuple[Factor, ...]
    """Days; factors here add."""
    speed: int
    """Dated value: productive minutes in a working minute."""
    hand_over: int
    """Dated value, hours; -1 for none."""
    longest_bout: int
    """Working minutes."""
    own_staff: bool


@dataclass(frozen=True)
class Diary:
    name: str
    owner: str
    size: int
    calendar: int


@dataclass(frozen=True)
class Draw:
    """Shares of an attribute's levels at arrival: one row of dated values for each level of `given` (a single row without)."""

    attribute: Ref
    given: Ref | None
    shares: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Copy:
    """A case attribute copied from a person attribute of the first subject."""

    attribute: Ref
    person: Ref


@dataclass(frozen=True)
class Stream:
    name: str
    start: int
    rate: int
    ceiling: float
    """Most the rate may reach, in its own unit; potential incidents are drawn at this rate and thinned."""
    spread: int
    """Position in `Plan.shapes`."""
    subjects: int
    allegations: int
    unrecorded: int
    """Dated value: share of potential cases that will find nobody named still there; -1 for none."""
    relative: tuple[Factor, ...]
    until: Ref | None = None
    """The date of people before which their incidents lie; `rate` is then cases of each person a year, else cases of the whole force a year."""


@dataclass(frozen=True)
class Population:
    seats: int
    leaving: int
    joined: Ref
    leaves: Ref
    before: Ref
    before_share: int
    """Dated value, -1 for 1."""
    place: Ref | None
    places: int
    marks: Ref | None
    marks_after: int
    """Minutes after joining."""


class Told(IntEnum):
    """How what is known of an opening case says a value."""

    IS = 0
    """The whole number itself."""
    RECEIVED = 1
    """The minute the case was received."""
    AGO = 2
    """So many minutes before the plan's start."""
    MORE = 3
    """So much more than it would be; of a person, for each of their opening cases."""


@dataclass(frozen=True)
class Known:
    """What is known of every row of one scope of an opening case, and of its person. A date that would be -1, which is unset, is -2."""

    attribute: Ref
    told: Told
    value: int = 0


@dataclass(frozen=True)
class Part:
    """A token beside the main one of an opening case, at a node, as forked at a fork."""

    fork: int
    node: int
    in_stage: int = 0


@dataclass(frozen=True)
class Opening:
    """Cases of one kind that are open when the plan starts, each with one subject. Allegations and whatever is not known are drawn as for any case."""

    name: str
    """Draws of its cases are named by it and the case's number, so no other row disturbs them."""
    count: int
    stream: int
    node: int
    age_from: int
    """Minutes from receipt to the plan's start: at least so many,"""
    age_to: int
    """and at most; each case's age is drawn evenly between them."""
    in_stage: int = 0
    """Minutes that it has been in the node, on the calendar of the node's duration; 0 if not known."""
    sets: tuple[Known, ...] = ()
    also: tuple[Part, ...] = ()
    then: int = -1
    """The node in which it stands as soon as it has the slot that it takes at `node`, an `ASSIGN` with a team; `in_stage` is then of this one. -1 where it goes on as any case does."""


@dataclass(frozen=True)
class Clock:
    """A limit from one date to another, for measures."""

    name: str
    counted: Scope
    """What kind of row is counted."""
    starts: Ref
    ends: Ref
    within: int
    """Dated value; 0 where no such limit is in force."""
    minutes: int
    """Minutes of its unit: of all hours, or of the open hours of `calendar`."""
    calendar: int
    """-1 for all hours."""


@dataclass(frozen=True)
class Observation:
    """What is measured: cases received from `window_from` until before `window_to`, as known at `extract_on` (minutes)."""

    window_from: int
    window_to: int
    extract_on: int


@dataclass(frozen=True)
class Plan:
    version: int
    name: str
    world: str
    title: str
    starts_on: date
    ends_at: int
    """Minute at which play stops."""
    observation: Observation
    attributes: tuple[Attribute, ...]
    """By scope, in the order of `Ref.index` within each."""
    values: tuple[Dated, ...]
    shapes: tuple[Shape, ...]
    calendars: tuple[Calendar, ...]
    teams: tuple[Team, ...]
    diaries: tuple[Diary, ...]
    signals: tuple[str, ...]
    nodes: tuple[Node, ...]
    guards: tuple[Guard, ...]
    draws: tuple[Draw, ...]
    copies: tuple[Copy, ...]
    streams: tuple[Stream, ...]
    population: Population | None
    received: Ref
    """The case attribute that holds the minute of arrival."""
    clocks: tuple[Clock, ...] = ()
    opening: tuple[Opening, ...] = ()
    """The cases that are open at minute 0."""

    def minute(self, day: date) -> int:
        """Minutes from the plan's start to 00:00 of a day."""
        return (day - self.starts_on).days * MINUTES_A_DAY

    def day(self, minute: int) -> date:
        """The day a minute lies in."""
        return self.starts_on + timedelta(days=minute // MINUTES_A_DAY)

    def find(self, name: str) -> Ref:
        """The attribute ``scope.name``.

        Raises:
            KeyError: there is none of that name.
        """
        count = [0] * len(Scope)
        for attribute in self.attributes:
            if attribute.name == name:
                return Ref(attribute.scope, count[attribute.scope])
            count[attribute.scope] += 1
        raise KeyError(name)

    def level(self, name: str, level: str) -> int:
        """The whole number of a level, ``level("subject.outcome", "dismissed")``."""
        return next(a for a in self.attributes if a.name == name).levels.index(level)

    def value(self, name: str) -> Dated:
        """The dated value of that name.

        Raises:
            KeyError: there is none.
        """
        for dated in self.values:
            if dated.name == name:
                return dated
        raise KeyError(name)

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that name exactly this plan."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()[:16]


def to_json(plan: Plan) -> str:
    """The plan as canonical JSON (sorted keys; dates as ISO text); floats round-trip exactly."""
    return json.dumps(plan, sort_keys=True, separators=(",", ":"), default=_plain)


def from_json(text: str) -> Plan:
    """The plan that `to_json` wrote.

    Raises:
        ValueError: the text is of another plan version.
    """
    raw = json.loads(text)
    if raw.get("version") != PLAN_VERSION:
        raise ValueError(f"this plan has version {raw.get('version')!r}; this program reads version {PLAN_VERSION}")
    plan = _build(Plan, raw)
    assert isinstance(plan, Plan)
    return plan


def _plain(value: object) -> str | dict[str, object]:
    """What stands in JSON for a part of a plan: a record of its fields, or a date as text."""
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        return {name: getattr(value, name) for name in _fields(type(value))}  # type: ignore[arg-type]
    raise TypeError(f"{type(value).__name__} does not belong in a plan")


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _build(kind: Any, raw: Any) -> Any:
    """Rebuild frozen dataclasses, tuples, enums and dates from plain JSON, guided by their annotations."""
    if raw is None:
        return None
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _build(hints[name], raw[name]) for name in raw})  # type: ignore[operator]
    arguments = get_args(kind)
    if arguments and type(None) in arguments:
        return _build(next(a for a in arguments if a is not type(None)), raw)
    if arguments:
        inner = arguments[:1] * len(raw) if arguments[-1] is Ellipsis else arguments
        return tuple(_build(i, r) for i, r in zip(inner, raw, strict=True))
    if kind is date:
        return date.fromisoformat(raw)
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        return kind(raw)
    return raw
