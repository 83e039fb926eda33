"""The vocabulary: what a pathway can be made of.

Everything here is frozen data without behaviour. Numbers are never written in a pathway: a node names them by dotted key
(``"psu.hours_a_bout"``), and the evidence files give each key its unit, dates, range and source. `DESIGN.md` section 3
explains the words and shows one small pathway that uses them all.

Attributes are written ``scope.name`` with scope ``person``, ``case``, ``subject`` or ``allegation``. A condition is three
words, ``"subject.severity >= misconduct"``, optionally opened by ``any`` (the default) or ``all`` when the token has several
such rows. On its right stands a level, a whole number, ``now``, ``unset`` or another attribute; on its left may stand a dated
value instead of an attribute (``"law.resignation_barred = 1"``). Several conditions in one tuple must all hold.

A dated value on the left that is attached to a date is read once for each row that carries the date, at that row's date: ``any`` asks
whether it holds at one of them, ``all`` whether at each. Rows whose date is unset have no say; where all are unset, play stops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "Assign",
    "Attribute",
    "Book",
    "Branch",
    "Clock",
    "Decide",
    "Diary",
    "Duration",
    "Exit",
    "Fork",
    "Guard",
    "Hold",
    "Join",
    "Pathway",
    "Set",
    "Signal",
    "Stage",
    "Stream",
    "Team",
    "Wait",
    "Work",
    "Write",
]

Conditions = tuple[str, ...]
By = Mapping[str, str]
"""Factors: attribute -> key prefix. A row at level L is multiplied by the number ``<prefix>.<L>``, or by 1 where there is none."""


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """A whole number carried by every row of a scope: a level, a count, or a date (minutes from the plan's start; unset is -1)."""

    name: str = field(kw_only=False)
    levels: tuple[str, ...] = ()
    """Names of the values 0, 1, 2...; mild to severe, so that comparisons mean something. Empty for counts and dates."""
    date: bool = False
    drawn: str | None = None
    """Key prefix of the shares of its levels at arrival, ``<prefix>.<level>``; without it the row starts at 0, or unset for a date."""
    given: str | None = None
    """A levelled attribute drawn earlier (same row, or one above it): the shares are then ``<prefix>.<level of given>.<level>``."""
    lead: str | None = None
    """A person attribute copied from the first subject when the case arrives."""
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Duration:
    """A length of time or effort: mean and coefficient of variation. The unit of the mean's key is minutes, days, weeks, months (30.4375 days) or years
    (365.25 days) on the calendar, or hours or working days of working time.

    Lognormal unless `family` says ``exponential``; a missing `cv` means exactly the mean.
    """

    mean: str = field(kw_only=False)
    cv: str | None = None
    by: By = field(default_factory=dict)
    family: str = "lognormal"


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One way a decision can go. `name` is a node to go to, or the level written when the decision is made for each row."""

    name: str = field(kw_only=False)
    weight: str | float = 1.0
    """A key, a number, or ``"rest"``: what the open branches before it leave of 1."""
    by: By = field(default_factory=dict)
    when: Conditions = ()
    otherwise: bool = False
    """Open only if no other branch is."""


@dataclass(frozen=True, kw_only=True)
class Write:
    """Give an attribute of every row of its scope (within the token) that meets `when` a new value.

    `to` is a whole number, a level, ``"now"``, ``"unset"``, another attribute, ``"+1"``/``"-1"``, a dated value ``"value key"``, a
    duration to sample ``"count key"`` (a whole number drawn round that mean), or a fold of a row kind below:
    ``"max allegation.severity"``, ``"min …"``, ``"count …"`` (how many are not 0), over the rows that meet `where`. It may also be
    ``"load TEAM"``: how many per cent of the caseload slots of that team are held now, in the unit of the token's case.
    """

    attribute: str = field(kw_only=False)
    to: str | int = field(kw_only=False)
    when: Conditions = ()
    where: Conditions = ()
    later: Duration | None = None
    """With `to="now"`: the date so much later. One draw for the token; the mean and its factors are read for each row."""
    earlier: Duration | None = None
    """With `to="now"`: the date so much earlier, perhaps before the plan starts; never in working time."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Raised now, delivered in the same instant. `to` is ``"case"`` (its tokens) or ``"person"`` (all tokens of the token's people who meet `when`)."""

    name: str = field(kw_only=False)
    to: str = "case"
    when: Conditions = ()


@dataclass(frozen=True, kw_only=True)
class Set:
    name: str = field(kw_only=False)
    next: str
    writes: tuple[Write, ...] = ()
    raises: tuple[Signal, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Decide:
    """With `each`, every such row of the token takes a level into `into`, then the token goes to `next`; else the token takes one branch."""

    name: str = field(kw_only=False)
    branches: tuple[Branch, ...]
    each: str | None = None
    into: str | None = None
    when: Conditions = ()
    """With `each`: only the rows that meet this decide; the others keep what they have."""
    next: str | None = None
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Work:
    name: str = field(kw_only=False)
    team: str
    effort: Duration
    next: str
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Wait:
    name: str = field(kw_only=False)
    lasts: Duration
    owner: str
    time_is: str
    next: str
    no_later_than: str | None = None
    """A date attribute at which the wait ends if it has not."""
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Hold:
    name: str = field(kw_only=False)
    until: Conditions
    owner: str
    time_is: str
    next: str
    cut_off: Duration | None = None
    cut_off_to: str | None = None
    """Where a token goes that the cut-off freed; `next` if not said."""
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Assign:
    name: str = field(kw_only=False)
    team: str | None
    next: str
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Book:
    name: str = field(kw_only=False)
    diaries: tuple[tuple[str, int], ...]
    notice: Duration
    length: Duration
    """Whole sitting days, at least one."""
    owner: str
    next: str
    time_is: str = "listing"
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Fork:
    """`by` is ``"case"`` (one token for all its subjects that meet `when`), ``"subject"``, or a subject attribute (one token for each level present)."""

    name: str = field(kw_only=False)
    start: str
    next: str
    by: str = "case"
    when: Conditions = ()
    side: bool = False
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Join:
    name: str = field(kw_only=False)
    next: str
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Exit:
    name: str = field(kw_only=False)
    meaning: str = ""


Node = Set | Decide | Work | Wait | Hold | Assign | Book | Fork | Join | Exit


@dataclass(frozen=True, kw_only=True)
class Guard:
    """While a token is in `region`, this signal takes it to `to` if `when` holds. The first guard that fits is taken."""

    signal: str
    region: tuple[str, ...]
    to: str
    when: Conditions = ()


@dataclass(frozen=True, kw_only=True)
class Team:
    name: str = field(kw_only=False)
    owner: str
    posts: str
    calendar: str
    oldest: str
    """The date attribute that queues are ordered by."""
    slots: str | None = None
    """Caseload cap per post. Without it nobody is assigned: any free post does the next bout."""
    pools: str | None = None
    """With slots: 1 when any post of the unit may do the bout of a case a colleague holds, 0 (default) when only the holder may."""
    units: str | None = None
    unit_of: str | None = None
    """The case attribute (a count from 0) that places a case in a unit, and `places`, how many values it has."""
    places: str | None = None
    head_start: By = field(default_factory=dict)
    """Attribute -> key prefix of days by which the level is treated as older than it is."""
    productive_share: str | None = None
    """Share of the calendar's hours a post can give to this work."""
    away: tuple[str, ...] = ()
    """Shares of the calendar's hours, each of what those before it leave, in which a post is not there: leave, sickness. What is left is present."""
    seasons: By = field(default_factory=dict)
    """Key of `away` -> key prefix of its size in a month relative to the year's mean, ``<prefix>.january`` to ``<prefix>.december``."""
    other_hours: str | None = None
    """Hours a working day that the whole team gives to other work (smaller complaints), taken from its productive hours."""
    staffing: str | None = None
    """Speed of the team, of that of as many full-time people at full speed: newcomers, mentoring, part-time posts. 1 where not said."""
    returned: str | None = None
    """A ratio of files that come back, which the skill of the posts scales."""
    hand_over: str | None = None
    """Hours that reading in costs the next holder of a case whose post has gone."""
    own_staff: bool = True
    """Whether its time counts as the force's own work."""
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Diary:
    name: str = field(kw_only=False)
    owner: str
    size: str
    calendar: str
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Where cases come from: potential incidents of people in the force, at `rate` cases a year over the whole force."""

    name: str = field(kw_only=False)
    start: str
    rate: str
    until: str | None = None
    """The date attribute of people (the population's `marks`) after which they have no more incidents of this stream. `rate` is then per person and year
    before that date, in ``per_person_year``, and a case has one subject."""
    spread: str
    """Coefficient of variation between people of the rate of being reported (lognormal)."""
    subjects: str
    """Mean subjects a case; one, and further ones geometric."""
    allegations: str
    """Mean allegations a subject; one, and further ones geometric."""
    unrecorded: str | None = None
    """Share of potential cases that find nobody named still in the force; the rest come to `rate`."""
    relative: By = field(default_factory=dict)
    """Relative rate of being recorded by a person's level; the force-wide rate stays as it is."""
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Population:
    """The people in whom incidents arise. `seats` posts are always filled; a person's stay is exponential, then a successor comes."""

    seats: str
    leaving: str
    """Ordinary leaving, per person per year."""
    joined: str
    leaves: str
    """Date attributes of `person` that receive the start and the natural end of the stay."""
    before: str
    """Count attribute of `person`: potential cases of the first stream in the stay before the plan starts."""
    before_share: str | None = None
    """The share of those that came about; all of them if not said. Read on the first day."""
    place: str | None = None
    places: str | None = None
    """Count attribute of `person` that says where a seat is, from 0, and how many places there are; seats are spread over them in turn."""
    marks: str | None = None
    marks_after: str | None = None
    """Date attribute of `person` that receives a day so long after joining (the end of probation)."""


@dataclass(frozen=True, kw_only=True)
class Midway:
    """How far cases have come that are said to be in a stage when a run begins, where no more is said of them."""

    stands: tuple[str, ...]
    """Waits in which they stand, as many in each. The time since receipt is the time there, unless bouts are counted."""
    when: tuple[str, ...] = ()
    """Levels of which one has to be said: ``("case.handled_by=psu",)``; whatever is said if there are none."""
    takes: str = ""
    """The assignment that gives them the place in a caseload that they hold there."""
    left: str = ""
    """The count of what has still to be done, here at least 1. At least one has been done before the first of these waits."""
    of: str = ""
    """The key of how many there are in all."""
    of_for: By = field(default_factory=dict)
    """The key instead for some levels: ``{"case.stream=public": "public.bouts"}``."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A part of the pathway that a reader meets as one; no engine knows of it."""

    name: str = field(kw_only=False)
    number: int
    title: str
    meaning: str
    nodes: tuple[Node, ...]
    opens_at: str = ""
    """Where a case stands that is said to be in this stage when a run begins; none may be if not said."""
    opens_for: By = field(default_factory=dict)
    """Where it stands instead for some levels: ``{"case.handled_by=psu": "to_psu"}``."""
    opens_with: By = field(default_factory=dict)
    """What is so of a case that stands there, if it can be and nothing else is known: a level; ``received``, of a date; or ``case.severity``, for as severe as the case is said to be."""
    opens_in: tuple[tuple[str, str], ...] = ()
    """The forks it has gone through, from the outermost, each with the node where what was forked from waits for it: ``((join, fork), …)``. A stage whose tokens run beside the case
    has one, its side fork, and no such node."""
    opens_midway: tuple[Midway, ...] = ()
    """Of these the first whose levels are said; where there is none, the stage is begun anew."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A limit of time that somebody set, from one date to another; no engine acts on it, measures count what kept to it."""

    name: str = field(kw_only=False)
    starts: str
    ends: str
    """Date attributes, both of a case or both of a subject; of a subject, it may start at a date of the case."""
    within: str
    """A key in days, working days, weeks or months (30.4375 days); 0 means that no such limit is in force at that date."""
    meaning: str
    counted: str = "subject"
    """The kind of row that is counted: ``"case"``, ``"subject"`` or ``"allegation"``, none above that of `ends`."""


@dataclass(frozen=True, kw_only=True)
class Pathway:
    """What happens to a case. The nodes are given as such, or in stages; `nodes` is then all nodes of the stages in order."""

    name: str
    attributes: tuple[Attribute, ...]
    nodes: tuple[Node, ...] = ()
    stages: tuple[Stage, ...] = ()
    streams: tuple[Stream, ...]
    calendars: tuple[str, ...] = ("all_hours", "office")
    teams: tuple[Team, ...] = ()
    diaries: tuple[Diary, ...] = ()
    guards: tuple[Guard, ...] = ()
    clocks: tuple[Clock, ...] = ()
    population: Population | None = None
    """Without it each case has people of its own who stay."""
    opens_with: By = field(default_factory=dict)
    """What is so of every case that is open when a run begins, as `Stage.opens_with`."""
    told: tuple[str, ...] = ()
    """Numbers that no node reads and measures do."""

    def __post_init__(self) -> None:
        """Nodes that are told in stages need not be told twice."""
        if self.stages and not self.nodes:
            object.__setattr__(self, "nodes", tuple(node for stage in self.stages for node in stage.nodes))
