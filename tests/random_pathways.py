"""Small random pathways made of every kind of node, and what must be true of the record of any of them.

The same number gives the same pathway for ever, so that engines can be compared on it.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from desk import ONE_EACH, Given, series

from sim.pathway.kinds import (
    Assign,
    Attribute,
    Book,
    Branch,
    Clock,
    Decide,
    Diary,
    Duration,
    Exit,
    Fork,
    Guard,
    Hold,
    Join,
    Node,
    Pathway,
    Population,
    Set,
    Signal,
    Stage,
    Stream,
    Team,
    Wait,
    Work,
    Write,
)
from sim.plan import MINUTES_A_DAY, Kind, Known, Opening, Part, Plan, Told
from sim.record import EVENT_COLUMNS, Record, What
from sim.scenario.build import Frame, Series, build

START = date(2021, 3, 1)
DAYS = 150
GIVEN_BACK = "given back"
"""Opens the names of decisions that stand right after a slot is given back, so that the events show it."""


# --- the generator ----------------------------------------------------------------------------------------------------


class _Maker:
    """Writes a spine of segments; each segment is entered at its head and leads to the next head."""

    def __init__(self, number: int) -> None:
        self.number_of_it = number
        self.dice = np.random.default_rng(number)
        self.nodes: list[Node] = []
        self.numbers: dict[str, Given] = dict(ONE_EACH)
        self.guards: list[Guard] = []
        self.made = 0

    def chance(self, share: float) -> bool:
        return bool(self.dice.random() < share)

    def pick(self, *options: str) -> str:
        return options[int(self.dice.integers(len(options)))]

    def whole(self, low: int, high: int) -> int:
        return int(self.dice.integers(low, high + 1))

    def name(self, word: str) -> str:
        self.made += 1
        return f"{word} {self.made}"

    def number(self, unit: str, value: float) -> str:
        key = f"number.{len(self.numbers)}"
        self.numbers[key] = (unit, value)
        return key

    def steps(self, key: str, unit: str, low: int, high: int) -> str:
        """A number that steps up to three times."""
        days = sorted({0, *(self.whole(1, DAYS - 1) for _ in range(self.whole(0, 3)))})
        self.numbers[key] = (unit, {START + timedelta(day): float(self.whole(low, high)) for day in days})
        return key

    def duration(self, unit: str, low: float, high: float) -> Duration:
        mean = self.number(unit, round(float(self.dice.uniform(low, high)), 2))
        if self.chance(0.3):
            return Duration(mean)
        if self.chance(0.3):
            return Duration(mean, family="exponential")
        by = {"case.place": "slower"} if self.chance(0.3) else {}
        return Duration(mean, cv=self.number("ratio", round(float(self.dice.uniform(0.2, 1.5)), 2)), by=by)

    # Each of these appends nodes that start at `head` and go on to `after`.

    def pooled(self, head: str, after: str) -> None:
        self.nodes.append(Work(head, team="pool", effort=self.duration("hours", 0.5, 50), next=after))

    def owned(self, head: str, after: str) -> None:
        work, back = self.name("investigate"), self.name("give back")
        gives = self.chance(0.5)
        self.nodes.append(Assign(head, team="unit", next=work))
        self.nodes.append(Work(work, team="unit", effort=self.duration("hours", 2, 60), next=back if gives else after))
        if gives:
            seen = f"{GIVEN_BACK} {self.made}"
            self.nodes += [
                Assign(back, team=None, next=seen),
                Decide(seen, branches=(Branch(after, weight=2.0),)),
            ]

    def wait(self, head: str, after: str) -> None:
        unit = self.pick("hours", "days", "working_days")
        cut = "case.deadline_on" if self.chance(0.3) else None
        lasts = self.duration(unit, 0.5, 12)
        self.nodes.append(Wait(head, lasts=lasts, owner="them", time_is="another_body", next=after, no_later_than=cut))

    def hold(self, head: str, after: str) -> None:
        until = self.pick("case.mood >= 1", "gate = 1", "any subject.outcome = bad", "all subject.outcome = bad")
        cut_off = self.duration("days", 1, 15)
        way = {"cut_off_to": self.straight(after)} if self.chance(0.3) else {}
        self.nodes.append(
            Hold(head, until=(until,), owner="them", time_is="legal_pause", cut_off=cut_off, next=after, **way)
        )

    def straight(self, after: str) -> str:
        """A step on the way to `after`."""
        step = self.name("note")
        self.nodes.append(Set(step, writes=(Write("case.mood", "+1"),), next=after))
        return step

    def book(self, head: str, after: str) -> None:
        wanted = (("rooms", 1), ("chairs", self.whole(1, 2))) if self.chance(0.5) else (("rooms", 1),)
        notice = self.duration(self.pick("days", "working_days"), 1, 6)
        length = self.duration(self.pick("days", "working_days"), 0.5, 4)
        self.nodes.append(Book(head, diaries=wanted, notice=notice, length=length, owner="court", next=after))

    def note(self, head: str, after: str) -> None:
        writes = (
            Write("case.mood", self.pick("+1", "0", "count mood.mean"), when=("case.place != first",)),
            Write("case.deadline_on", "now"),
            Write("subject.worst", "max allegation.weight"),
            Write("person.seen", "+1", when=("subject.outcome = bad",)),
        )
        raises = (
            Signal(
                self.pick("calm", "storm"),
                to=self.pick("case", "person"),
                when=(self.pick("case.mood >= 1", "subject.outcome = bad"),),
            ),
        )
        self.nodes.append(Set(head, writes=writes, raises=raises, next=after))

    def judge(self, head: str, after: str) -> None:
        each, into = self.pick("subject subject.outcome", "allegation allegation.weight").split()
        levels = ("good", "bad") if each == "subject" else ("light", "heavy")
        branches = tuple(Branch(level, weight=self.number("ratio", self.whole(1, 3))) for level in levels)
        self.nodes.append(Decide(head, each=each, into=into, branches=branches, next=after))

    def turn(self, head: str, after: str, later: str) -> None:
        """Jump ahead, go on, or do a wait and come back."""
        again = self.name("think again")
        self.nodes.append(
            Decide(
                head,
                branches=(
                    Branch(after, weight=3.0),
                    Branch(later, weight=1.0, when=("case.place >= second",)),
                    Branch(again, weight=1.0),
                ),
            )
        )
        self.nodes.append(
            Wait(again, lasts=self.duration("days", 1, 3), owner="them", time_is="another_body", next=head)
        )

    def fork(self, head: str, after: str) -> None:
        side, by = self.chance(0.4), self.pick("case", "subject", "subject.outcome")
        when = ("subject.outcome = bad",) if self.chance(0.4) else ()
        first, end, join = self.name("part"), self.name("part ends"), self.name("together")
        self.nodes.append(Fork(head, start=first, by=by, when=when, side=side, next=after if side else join))
        if not side:
            self.nodes.append(Join(join, next=after))
        inner = self.segments(first, end, self.whole(1, 2), deep=True)
        self.nodes.append(Exit(end))
        self.guards.append(Guard(signal="storm", region=tuple(inner), to=end))

    def segments(self, head: str, end: str, count: int, *, deep: bool = False) -> list[str]:
        """A chain of segments from `head` to `end`. Returns the nodes in it where a token may be called away."""
        heads = [head, *(self.name("step") for _ in range(count - 1)), end]
        before = len(self.nodes)
        for at in range(count):
            kinds = ["pooled", "owned", "owned", "wait", "hold", "book", "note", "judge"]
            if not deep:
                kinds += ["turn", "fork", "fork"]
            kind = self.pick(*kinds)
            if kind == "turn":
                self.turn(heads[at], heads[at + 1], heads[self.whole(at + 1, count)])
            else:
                getattr(self, kind)(heads[at], heads[at + 1])
        calm = (Work, Wait, Hold, Book, Assign)
        return [node.name for node in self.nodes[before:] if isinstance(node, calm)]

    # What came later throws dice of its own, so that the rest of a pathway stays as it was.

    def shift(self) -> dict[str, Duration]:
        """How much later or earlier than now a date lies."""
        if self.chance(0.5):
            unit = self.pick("minutes", "hours", "working_days", "days", "weeks")
            return {"later": self.duration(unit, 0, 12)}
        return {"earlier": self.duration(self.pick("minutes", "days", "weeks", "months", "years"), 0, 3)}

    def shift_of_subjects(self) -> dict[str, Duration]:
        """The same, in days, and not as far for every subject."""
        length = dataclasses.replace(self.duration("days", 0, 20), by={"subject.outcome": "farther"})
        return {self.pick("later", "earlier"): length}

    def more_writes(self, teams: set[str]) -> list[Write]:
        """Dates that are not now, the load of a team, and what is read at a date of each row."""
        is_told = "subject.told_on != unset"
        writes = [
            Write("subject.told_on", "now", **self.shift_of_subjects()),
            Write("subject.told_on", "now", when=("subject.outcome = bad",), **self.shift()),
            Write("person.told_on", "now", **self.shift()),
            Write("case.deadline_on", "now", **self.shift()),
            Write("subject.worst", "+1", when=(is_told, f"{self.pick('any', 'all')} law.told = 1")),
            Write("case.any_told", "+1", when=(is_told, "any law.told = 1")),
            Write("case.all_told", "+1", when=(is_told, "all law.told = 1")),
            Write("case.mood", self.pick("0", "+1"), when=(is_told, f"{self.pick('any', 'all')} law.told = 1")),
            Write("allegation.weight", "heavy", when=("person.told_on != unset", "law.known != 1")),
        ]
        if "unit" in teams:
            writes += [Write("case.load", "load unit"), Write("case.mood", 1, when=("case.load >= 50",))]
        return [write for write in writes if self.chance(0.5)]

    def with_more_writes(self, teams: set[str]) -> tuple[Node, ...]:
        return tuple(
            dataclasses.replace(node, writes=(*node.writes, *self.more_writes(teams)))
            if isinstance(node, Set)
            else node
            for node in self.nodes
        )

    def stages(self, nodes: tuple[Node, ...]) -> tuple[Stage, ...]:
        """The nodes in two parts."""
        cut = self.whole(1, len(nodes))
        return (
            Stage("one", number=1, title="First", meaning="", nodes=nodes[:cut]),
            Stage("two", number=2, title="Then", meaning="", nodes=nodes[cut:]),
        )

    def pathway(self) -> Pathway:
        count = self.whole(4, 9)
        self.segments("start", "end", count)
        self.nodes.append(Exit("end"))
        spine = [
            n.name for n in self.nodes if isinstance(n, Wait | Hold | Book | Work) and not n.name.startswith("part")
        ]
        if spine:
            self.guards.append(Guard(signal="calm", region=tuple(spine[: self.whole(1, len(spine))]), to="end"))
        used = {node.name for node in self.nodes}
        works = {node.team for node in self.nodes if isinstance(node, Work)}
        diaries = {name for node in self.nodes if isinstance(node, Book) for name, _ in node.diaries}
        self.steps("pool.posts", "posts", 1, 3)
        self.steps("unit.posts", "posts", 2, 5)
        self.steps("unit.units", "ratio", 1, 2)
        self.steps("unit.slots", "ratio", 1, 3)
        self.steps("unit.pools", "ratio", 0, 1)
        self.steps("rooms", "rooms", 1, 3)
        self.steps("chairs", "ratio", 2, 4)
        self.steps("gate", "ratio", 0, 1)
        self.numbers |= {
            "rate": ("rate_per_year", float(self.whole(60, 250))),
            "mood.mean": ("ratio", 0.7),
            "hand_over": ("hours", 3.0),
            "share": ("ratio", 0.8),
            "places": ("ratio", 4),
            "ahead.third": ("days", 9.0),
            "slower.second": ("ratio", 1.7),
            "farther.bad": ("ratio", 2.5),
            "cases.spread": ("ratio", 0.8),
            "cases.subjects": ("ratio", 1.6),
            "cases.allegations": ("ratio", 1.5),
            **{f"place.{level}": ("ratio", 1.0) for level in PLACES},
            **{f"outcome.{level}": ("ratio", 1.0) for level in ("good", "bad")},
            **{f"weight.{level}": ("ratio", 1.0) for level in ("light", "heavy")},
            "people.seats": ("ratio", 30),
            "people.leaving": ("ratio", 0.5),
        }
        pool = Team(
            "pool",
            owner="desk",
            posts="pool.posts",
            calendar=self.pick("all_hours", "office"),
            oldest="case.received_on",
        )
        unit = Team(
            "unit",
            owner="unit",
            posts="unit.posts",
            slots="unit.slots",
            pools="unit.pools",
            units="unit.units",
            unit_of="case.place",
            places="places",
            head_start={"case.place": "ahead"},
            hand_over="hand_over",
            productive_share="share",
            calendar="office",
            oldest="case.received_on",
        )
        people = Population(
            seats="people.seats",
            leaving="people.leaving",
            joined="person.joined_on",
            leaves="person.leaves_on",
            before="person.before",
            marks="person.proven_on",
            marks_after="people.probation",
        )
        calendars = {"rooms": "office", "chairs": "office"}
        shared = self.chance(0.5)
        self.dice = np.random.default_rng((self.number_of_it, 1))
        for key in ("law.told", "law.known"):
            days = range(self.whole(-40, -1), DAYS, self.whole(3, 30))
            self.numbers[key] = ("ratio", {START + timedelta(day): float(at % 2) for at, day in enumerate(days)})
        guards = tuple(g for g in self.guards if g.region and g.to in used)
        nodes = tuple(_heard(node, {guard.signal for guard in guards}) for node in self.with_more_writes(works))
        self.numbers |= {
            "people.probation": ("months", float(self.whole(1, 30))),
            "trials.rate": ("per_person_year", float(self.whole(0, 3))),
            "limit": (self.pick("days", "working_days", "weeks", "months"), float(self.whole(0, 20))),
        }
        cases = Stream(
            "cases",
            start="start",
            rate="rate",
            spread="cases.spread",
            subjects="cases.subjects",
            allegations="cases.allegations",
        )
        trials = Stream(
            "trials",
            start="start",
            rate="trials.rate",
            spread=self.pick("cases.spread", "nothing"),
            subjects="one",
            allegations="cases.allegations",
            until="person.proven_on",
        )
        in_stages = self.chance(0.5)
        return Pathway(
            name="random",
            attributes=(
                Attribute("person.joined_on", date=True),
                Attribute("person.leaves_on", date=True),
                Attribute("person.before"),
                Attribute("person.seen"),
                Attribute("person.proven_on", date=True),
                Attribute("person.told_on", date=True),
                Attribute("case.received_on", date=True),
                Attribute("case.deadline_on", date=True),
                Attribute("case.place", levels=PLACES, drawn="place"),
                Attribute("case.mood"),
                Attribute("case.load"),
                Attribute("case.any_told"),
                Attribute("case.all_told"),
                Attribute("subject.outcome", levels=("good", "bad"), drawn="outcome"),
                Attribute("subject.worst"),
                Attribute("subject.told_on", date=True),
                Attribute("allegation.weight", levels=("light", "heavy"), drawn="weight"),
            ),
            teams=tuple(team for team in (pool, unit) if team.name in works),
            diaries=tuple(Diary(name, owner="court", size=name, calendar=calendars[name]) for name in sorted(diaries)),
            streams=(cases, trials) if shared and self.chance(0.5) else (cases,),
            nodes=() if in_stages else nodes,
            stages=self.stages(nodes) if in_stages else (),
            guards=guards,
            clocks=(
                Clock(
                    "case",
                    starts="case.received_on",
                    ends="case.deadline_on",
                    within="limit",
                    meaning="",
                    counted="case",
                ),
                Clock("told", starts="case.received_on", ends="subject.told_on", within="limit", meaning=""),
            ),
            population=people if shared else None,
        )


def _heard(node: Node, signals: set[str]) -> Node:
    """A node that raises only what some guard hears."""
    if not isinstance(node, Set):
        return node
    return dataclasses.replace(node, raises=tuple(signal for signal in node.raises if signal.name in signals))


PLACES = ("first", "second", "third", "fourth")
ATTACHED = {"law.told": "subject.told_on", "law.known": "person.told_on"}


def parts(number: int) -> tuple[Pathway, Mapping[str, Series], Frame]:
    """The random pathway of that number, its numbers and its dates, ready for `build`."""
    maker = _Maker(number)
    pathway = maker.pathway()
    ends = START + timedelta(DAYS)
    return pathway, series(maker.numbers, ATTACHED), Frame(f"random {number}", "", "", START, ends, START, ends, ends)


def random_plan(number: int) -> Plan:
    """The plan of the random pathway of that number."""
    return build(*parts(number))


def random_opening(plan: Plan, number: int) -> Plan:
    """The plan of a random pathway with up to four rows of cases that are open when it starts."""
    dice = np.random.default_rng((number, 2))
    nodes = [at for at, node in enumerate(plan.nodes) if node.kind != Kind.WORK or plan.teams[node.team].slots < 0]
    forks = [at for at, node in enumerate(plan.nodes) if node.kind == Kind.FORK]
    slots = [at for at, node in enumerate(plan.nodes) if node.kind == Kind.ASSIGN and node.team >= 0]

    def one(options: list[int]) -> int:
        return options[int(dice.integers(len(options)))]

    def minutes(most: int) -> int:
        return int(dice.integers(most)) if dice.random() < 0.7 else 0

    def known() -> tuple[Known, ...]:
        all_ = (
            Known(plan.find("case.deadline_on"), Told.AGO, minutes(90_000)),
            Known(plan.find("case.mood"), Told.IS, int(dice.integers(3))),
            Known(plan.find("case.place"), Told.IS, int(dice.integers(4))),
            Known(plan.find("subject.told_on"), Told.RECEIVED),
            Known(plan.find("subject.outcome"), Told.IS, int(dice.integers(2))),
            Known(plan.find("person.seen"), Told.MORE, int(dice.integers(3))),
            Known(plan.find("person.told_on"), Told.AGO, 1),
            Known(plan.find("allegation.weight"), Told.IS, 1),
        )
        return tuple(row for row in all_ if dice.random() < 0.4)

    rows = []
    for at in range(int(dice.integers(1, 5))):
        young = minutes(200_000)
        also = tuple(
            Part(one(forks), one(nodes), minutes(20_000)) for _ in range(int(dice.integers(3)) if forks else 0)
        )
        takes = one(slots) if slots and dice.random() < 0.4 else -1
        held = plan.nodes[takes].team
        further = [
            at
            for at, node in enumerate(plan.nodes)
            if (node.kind != Kind.WORK or node.team == held) and not node.name.startswith(GIVEN_BACK)
        ]  # of a token that stands at the latter the checker believes that it came by giving back
        row = Opening(
            name=f"row {at}",
            count=int(dice.integers(9)),
            stream=int(dice.integers(len(plan.streams))),
            node=takes if takes >= 0 else one(nodes),
            then=one(further) if takes >= 0 else -1,
            age_from=young,
            age_to=young + minutes(300_000),
            in_stage=minutes(20_000),
            sets=known(),
            also=also,
        )
        rows.append(row)
    return dataclasses.replace(plan, opening=tuple(rows))


# --- what is true of every record -------------------------------------------------------------------------------------

MAY_FOLLOW = {
    # From each state, what a token's next state may be; a token may be called away from each but its end.
    What.ARRIVED: set(What) - {What.ALLOCATED, What.STARTED, What.WORKED, What.ARRIVED},
    What.QUEUED: {What.ALLOCATED},
    What.ASKED: {What.STARTED, What.QUEUED},
    What.STARTED: {What.WORKED},
}


@dataclass
class _Mind:
    """What the rows told so far about one token."""

    node: int
    state: What
    parent: tuple[int, int] | None = None
    children: set[tuple[int, int]] = field(default_factory=set)
    """Forked to be joined, and still there."""
    waits_for: set[tuple[int, int]] = field(default_factory=set)
    """Those of them that were there when it came to the join."""
    slot: tuple[int, int] | None = None
    """Team and post."""
    post: tuple[int, int] | None = None
    """Team and post that attends to it."""
    days: range | list[int] = range(0)


class Checker:
    """Follows the rows in order of play and says where one breaks the rules of time."""

    def __init__(self, plan: Plan, record: Record) -> None:
        self.plan, self.record = plan, record
        self.tokens: dict[tuple[int, int], _Mind] = {}
        self.alive: dict[tuple[int, int], _Mind] = {}
        self.busy: dict[tuple[int, int], tuple[int, int]] = {}
        self.load: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
        self.used: dict[tuple[int, int], int] = defaultdict(int)
        self.sizes = [self.read(team.posts, 0) for team in plan.teams]
        self.place = record.cases.get("place")
        self.checked_waits = 0

    def read(self, value: int, minute: int) -> int:
        return round(self.plan.values[value].at(minute)) if value >= 0 else 0

    def is_open(self, calendar: int, minute: int) -> bool:
        one = self.plan.calendars[calendar]
        day, at = divmod(minute, MINUTES_A_DAY)
        return one.opens <= at < one.closes and one.open_days[day] == "1"

    def run(self) -> None:
        rows = list(zip(*(self.record.events[column].tolist() for column in EVENT_COLUMNS), strict=True))
        marks = sorted({t for team in self.plan.teams for t in self.plan.values[team.posts].times if t > 0})
        now = 0
        for row in rows:
            minute = row[0]
            assert now <= minute < self.plan.ends_at, f"row {row} is out of time"
            if minute > now:
                self.end_of_minute(now)
                while marks and marks[0] <= minute:
                    mark = marks.pop(0)
                    self.step(mark)
                    if mark < minute:
                        self.end_of_minute(mark)
            while marks and marks[0] <= minute:
                self.step(marks.pop(0))
            now = minute
            self.row(*row[:4], What(row[4]), *row[5:])
        self.end_of_minute(now)
        self.at_the_end()

    def step(self, minute: int) -> None:
        """Posts come and go; what an idle post held that has gone is held no more."""
        self.sizes = [self.read(team.posts, minute) for team in self.plan.teams]
        for team, post in list(self.load):
            if post >= self.sizes[team] and (team, post) not in self.busy:
                self.let_go_of(team, post)

    def let_go_of(self, team: int, post: int) -> None:
        for token in self.load.pop((team, post), set()):
            self.tokens[token].slot = None

    def give_back(self, token: tuple[int, int]) -> None:
        mind = self.tokens[token]
        if mind.slot is not None:
            self.load[mind.slot].discard(token)
            mind.slot = None

    def free_post(self, token: tuple[int, int]) -> None:
        mind = self.tokens[token]
        assert mind.post is not None
        assert self.busy.pop(mind.post) == token
        team, post = mind.post
        mind.post = None
        if post >= self.sizes[team]:
            self.let_go_of(team, post)

    def row(self, minute: int, case: int, number: int, node: int, what: What, item: int, value: int) -> None:
        where = f"{what.name} of case {case} token {number} at {self.plan.nodes[node].name!r}, minute {minute}"
        key = (case, number)
        if what == What.ARRIVED:
            assert key not in self.tokens, where
            assert number > 0 or minute == max(self.record.cases["received_on"][case], 0), where
            self.tokens[key] = self.alive[key] = _Mind(node, what)
            return
        mind = self.tokens[key]
        assert mind.state != What.LEFT, f"{where}: it had left"
        plan_node = self.plan.nodes[node]
        if what == What.CHOSE:
            if plan_node.name.startswith(GIVEN_BACK):
                self.give_back(key)
            return
        if what == What.FORKED:
            child = self.tokens[(case, value)]
            child.parent = None if plan_node.side else key
            if not plan_node.side:
                mind.children.add((case, value))
            return
        if mind.state == What.JOINING and what not in (What.CALLED, What.ALLOCATED):
            still = mind.waits_for & mind.children
            assert not still, f"{where}: it did not wait for {still}"
        if what == What.CALLED:
            if mind.post is not None:
                self.free_post(key)
            if mind.days:
                self.cancel(key, minute)
            mind.state = what
            mind.node = node
            return
        if what == What.WORKED:
            assert mind.state == What.STARTED, where
            assert mind.post is not None, where
            assert mind.post[1] == item, where
            self.free_post(key)
            mind.state = what
            return
        if mind.state in MAY_FOLLOW and what != What.ALLOCATED:
            assert what in MAY_FOLLOW[mind.state], f"{where}: after {mind.state.name}"
        if mind.state == What.BOOKED and mind.days and what != What.ALLOCATED:
            # Sitting days are over when the last has closed.
            assert minute >= mind.days[-1] * MINUTES_A_DAY + 1, where
            mind.days = range(0)
        if what == What.ALLOCATED:
            self.allocate(key, minute, item, where)
            if mind.state != What.QUEUED:
                return  # It had lost its slot while it did something else.
        elif what == What.STARTED:
            self.start(key, minute, plan_node.team, item, where)
        elif what == What.BOOKED:
            self.book(key, minute, node, item, value, where)
        elif what == What.JOINING:
            mind.waits_for = set(mind.children)
        elif what == What.LEFT:
            del self.alive[key]
            self.give_back(key)
            if mind.parent is not None:
                self.tokens[mind.parent].children.discard(key)
        mind.state, mind.node = what, node

    def unit_of_post(self, team: int, post: int, units: int) -> int:
        one = self.plan.teams[team]
        return one.stands[post % one.places] * units // one.places

    def posts_of(self, team: int, unit: int, units: int) -> list[int]:
        """The posts of a unit today."""
        return [post for post in range(self.sizes[team]) if self.unit_of_post(team, post, units) == unit]

    def allocate(self, key: tuple[int, int], minute: int, post: int, where: str) -> None:
        """Rule 8: of the posts of the unit with room, the least loaded, then the lowest number."""
        team = next(n for n, t in enumerate(self.plan.teams) if t.slots >= 0)
        rules = self.plan.teams[team]
        self.give_back(key)
        cap, units = self.read(rules.slots, minute), self.read(rules.units, minute)
        assert self.place is not None
        unit = int(self.place[key[0]]) * units // rules.places
        room = {n: len(self.load[(team, n)]) for n in self.posts_of(team, unit, units)}
        best = min(room, key=lambda n: (room[n], n))
        assert room[best] < cap, f"{where}: nobody had room"
        assert post == best, f"{where}: post {post} was chosen before {best} of {room}"
        self.load[(team, post)].add(key)
        self.tokens[key].slot = (team, post)

    def start(self, key: tuple[int, int], minute: int, team: int, post: int, where: str) -> None:
        mind, rules = self.tokens[key], self.plan.teams[team]
        assert mind.state == What.ASKED, where
        assert self.is_open(rules.calendar, minute), f"{where}: outside working hours"
        assert (team, post) not in self.busy, f"{where}: the post does two bouts at once"
        assert post < self.sizes[team], f"{where}: there is no such post"
        if rules.slots >= 0:
            assert mind.slot is not None, f"{where}: without a slot"
            units = self.read(rules.units, minute)
            if self.read(rules.pools, minute):
                unit = self.unit_of_post(team, mind.slot[1], units)
                assert unit == self.unit_of_post(team, post, units), f"{where}: a post of another unit"
            else:
                assert mind.slot == (team, post), f"{where}: not the post that holds it"
        self.busy[(team, post)] = key
        mind.post = (team, post)

    def book(self, key: tuple[int, int], minute: int, node: int, days: int, first: int, where: str) -> None:
        diaries = self.plan.nodes[node].diaries
        if days == 0:
            return  # No run of days before the end of the plan.
        run = [
            day
            for day in range(first // MINUTES_A_DAY, self.plan.ends_at // MINUTES_A_DAY)
            if all(self.plan.calendars[self.plan.diaries[d].calendar].open_days[day] == "1" for d, _ in diaries)
        ][:days]
        assert len(run) == days, where
        assert run[0] == first // MINUTES_A_DAY > minute // MINUTES_A_DAY, f"{where}: not a sitting day, or too soon"
        for diary, places in diaries:
            for day in run:
                self.used[(diary, day)] += places
                room = self.read(self.plan.diaries[diary].size, day * MINUTES_A_DAY)
                assert self.used[(diary, day)] <= room, f"{where}: the diary is over-full on day {day}"
        self.tokens[key].days = run

    def cancel(self, key: tuple[int, int], minute: int) -> None:
        mind = self.tokens[key]
        for diary, places in self.plan.nodes[mind.node].diaries:
            for day in mind.days:
                if day > minute // MINUTES_A_DAY:
                    self.used[(diary, day)] -= places
        mind.days = range(0)

    def end_of_minute(self, minute: int) -> None:
        """Nobody waits for what is free."""
        for (case, _), mind in self.alive.items():
            node = self.plan.nodes[mind.node]
            assert mind.state not in (What.ARRIVED, What.CALLED, What.WORKED, What.ALLOCATED), (
                f"case {case} stands still at {node.name!r} in minute {minute}"
            )
            if mind.state == What.ASKED:
                team = self.plan.teams[node.team]
                if self.is_open(team.calendar, minute):
                    if team.slots < 0:
                        free = list(range(self.sizes[node.team]))
                    elif mind.slot is None:
                        raise AssertionError(f"case {case} asks at {node.name!r} without a slot")
                    elif self.read(team.pools, minute):
                        units = self.read(team.units, minute)
                        unit = self.unit_of_post(node.team, mind.slot[1], units)
                        free = self.posts_of(node.team, unit, units)
                    else:
                        free = [mind.slot[1]] if mind.slot[1] < self.sizes[node.team] else []
                    assert all((node.team, post) in self.busy for post in free), (
                        f"case {case} waits at {node.name!r} in minute {minute} while a post is free"
                    )
                    self.checked_waits += 1
            elif mind.state == What.QUEUED:
                number = next(n for n, t in enumerate(self.plan.teams) if t.slots >= 0)
                team = self.plan.teams[number]
                units, cap = self.read(team.units, minute), self.read(team.slots, minute)
                assert self.place is not None
                unit = int(self.place[case]) * units // team.places
                for post in self.posts_of(number, unit, units):
                    assert len(self.load[(number, post)]) >= cap, (
                        f"case {case} queues at {node.name!r} in minute {minute} while post {post} has room"
                    )
                self.checked_waits += 1
            elif mind.state == What.JOINING:
                assert mind.children, f"case {case} joins at {node.name!r} though nobody is left to wait for"

    def at_the_end(self) -> None:
        """Every case in is out or alive, and what has ended holds nothing."""
        mains = {case for case, number in self.tokens if number == 0}
        assert mains == set(range(len(self.record.cases["received_on"])))
        for key, mind in self.tokens.items():
            if mind.state == What.LEFT:
                assert mind.slot is None, key
                assert mind.post is None, key
                assert not mind.days, key
        holders = {token for tokens in self.load.values() for token in tokens}
        live = {key for key, mind in self.tokens.items() if mind.state != What.LEFT}
        assert holders <= live
        assert set(self.busy.values()) <= live
        kinds = {
            What.QUEUED: {Kind.ASSIGN, Kind.WORK},
            What.ASKED: {Kind.WORK},
            What.STARTED: {Kind.WORK},
            What.WAITS: {Kind.WAIT},
            What.HELD: {Kind.HOLD},
            What.BOOKED: {Kind.BOOK},
            What.JOINING: {Kind.JOIN},
            What.LEFT: {Kind.EXIT},
        }
        for key, mind in self.tokens.items():
            assert self.plan.nodes[mind.node].kind in kinds[mind.state], key


def check(plan: Plan, record: Record) -> Checker:
    """Raise an AssertionError that names the first row that cannot be true."""
    checker = Checker(plan, record)
    checker.run()
    return checker
