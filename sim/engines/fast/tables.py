"""What does the kernel read? A plan as flat tables (`layout.Tables`); names, owners and units stay behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.clock import WorkingTime
from sim.engines.draws import name, quantile_table
from sim.engines.exposure import month_starts
from sim.engines.fast import layout
from sim.engines.fast.layout import Tables
from sim.engines.rules import is_weighed
from sim.plan import (
    MINUTES_A_DAY,
    UNSET,
    Branch,
    Factor,
    Kind,
    Node,
    Opening,
    Operator,
    Part,
    Plan,
    Put,
    Raise,
    Ref,
    Sample,
    Scope,
    Team,
    Term,
    Write,
)

Fields = dict[str, Any]

PURPOSE = {Kind.WORK: "effort", Kind.WAIT: "lasts", Kind.HOLD: "cut-off", Kind.BOOK: "notice"}
"""What a node's first duration is called in the names of draws."""


def lower(plan: Plan) -> Tables:
    """The tables of a plan."""
    return _Lowering(plan).tables()


@dataclass
class _Lowering:
    """Rows of each table as they are found; a row is known by its position."""

    plan: Plan
    terms: list[Fields] = field(default_factory=list)
    factors: list[Fields] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    samples: list[Fields] = field(default_factory=list)
    sample_shapes: list[tuple[int, int]] = field(default_factory=list)
    branches: list[Fields] = field(default_factory=list)
    writes: list[Fields] = field(default_factory=list)
    raises: list[Fields] = field(default_factory=list)
    diaries: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heard = _heard(self.plan)

    def tables(self) -> Tables:
        plan = self.plan
        columns = _visit_columns(plan)
        nodes = [self._node(node, column) for node, column in zip(plan.nodes, columns, strict=True)]
        guards, guard_from = self._guards()
        teams = self._teams()
        hours = [WorkingTime(calendar) for calendar in plan.calendars]
        months = month_starts(plan)
        marks, marked = _marks(plan)
        return Tables(
            ends_at=_ints([plan.ends_at]),
            days=_ints([plan.ends_at // MINUTES_A_DAY]),
            visits=_ints([max(columns, default=-1) + 1]),
            people_heard=_ints([_people_heard(plan, self.heard)]),
            nodes=_table(layout.NODE, nodes),
            branches=_table(layout.BRANCH, self.branches),
            terms=_table(layout.TERM, self.terms),
            factors=_table(layout.FACTOR, self.factors),
            levels=_ints(self.levels),
            **self._values(),
            samples=_table(layout.SAMPLE, self.samples),
            sample_shapes=_ints(self.sample_shapes, 2),
            quantiles=np.asarray([quantile_table(shape.family, shape.cv) for shape in plan.shapes]).reshape(
                len(plan.shapes), -1
            ),
            writes=_table(layout.WRITE, self.writes),
            raises=_table(layout.RAISE, self.raises),
            guards=guards,
            guard_from=guard_from,
            teams=teams,
            stands=_ints([place for team in plan.teams for place in team.stands]),
            marks=marks,
            marked=marked,
            **_calendars(hours),
            diaries=_ints(self.diaries, 2),
            diary_calendar=_ints([diary.calendar for diary in plan.diaries]),
            diary_limit=_diary_limits(plan, hours),
            starts=_ints([stream.start for stream in plan.streams]),
            parts=_table(layout.PART, [part for opening in plan.opening for part in self._parts(opening)]),
            part_from=_ints([0, *accumulate(1 + len(opening.also) for opening in plan.opening)]),
            month_ends=months[1:],
            month_ends_open=np.asarray([clock.count_array(months[1:]) for clock in hours]).reshape(len(hours), -1),
        )

    # --- spans: rows that belong together -------------------------------------------------------------------------------

    def _terms(self, terms: Iterable[Term], called: str = "when") -> Fields:
        begin = len(self.terms)
        self.terms += [self._term(term) for term in terms]
        first = self.terms[begin : begin + 1]
        for row in first:
            row["alone"] = row["form"] == layout.OF_CASE and begin + 1 == len(self.terms)
        return _span(called, begin, len(self.terms))

    def _term(self, term: Term) -> Fields:
        ordered = (
            term.left is not None
            and self._is_date(term.left)
            and term.operator not in (Operator.EQUAL, Operator.NOT_EQUAL)
        )
        form = self._form(term) if not ordered else layout.OTHERWISE
        low, high, outside = _range(term.operator, term.constant)
        return {
            "alone": False,
            "form": form,
            "index": term.left.index if term.left is not None else term.left_value,
            "low": low,
            "high": high,
            "outside": outside,
            **_ref("left", term.left),
            **_ref("right", term.right),
            "left_value": term.left_value,
            "operator": term.operator,
            "constant": term.constant,
            "now": term.now,
            "every": term.every,
            "ordered": ordered,
        }

    def _form(self, term: Term) -> np.int64:
        """How a term is read."""
        if term.left is None:
            return layout.OTHERWISE if self._attach(term.left_value) else layout.OF_VALUE
        if term.now or term.right is not None:
            return layout.OTHERWISE
        return layout.OF_CASE if term.left.scope == Scope.CASE else layout.OF_ROWS

    def _attach(self, value: int) -> Ref | None:
        """What a dated value is attached to; one that never steps is read nowhere."""
        dated = self.plan.values[value]
        return dated.attach if len(dated.values) > 1 else None

    def _is_heard(self, ref: Ref | None) -> bool:
        """Whether holds are to be read again once an attribute has been written."""
        return ref is not None and (self.heard is None or ref in self.heard)

    def _is_date(self, ref: Ref) -> bool:
        return [x for x in self.plan.attributes if x.scope == ref.scope][ref.index].start == UNSET

    def _factors(self, factors: Iterable[Factor], called: str = "factor") -> Fields:
        begin = len(self.factors)
        for factor in factors:
            first = len(self.levels)
            self.levels += factor.values
            self.factors.append({**_ref("at", factor.attribute), **_span("level", first, len(self.levels))})
        return _span(called, begin, len(self.factors))

    def _sample(self, sample: Sample | None, node: Node, purpose: str) -> int:
        if sample is None:
            return -1
        begin = len(self.sample_shapes)
        self.sample_shapes += zip(sample.shapes, sample.shape_times or (0,), strict=True)
        self.samples.append(
            {
                "mean_value": sample.mean,
                "attached": self._attach(sample.mean) is not None,
                "only_shape": sample.shapes[0] if len(sample.shapes) == 1 else -1,
                "minutes": sample.minutes,
                "calendar": sample.calendar,
                "place": name(f"{node.name} {purpose}"),
                **self._factors(sample.factors),
                **_span("shape", begin, len(self.sample_shapes)),
            }
        )
        return len(self.samples) - 1

    # --- nodes ----------------------------------------------------------------------------------------------------------

    def _node(self, node: Node, visit: int) -> Fields:
        write, raise_, branch, diary = (len(t) for t in (self.writes, self.raises, self.branches, self.diaries))
        self.writes += [self._write(node, order, one) for order, one in enumerate(node.writes)]
        self.raises += [self._raise(one) for one in node.raises]
        in_order = sorted(enumerate(node.branches), key=lambda pair: pair[1].otherwise)
        self.branches += [self._branch(at, one) for at, one in in_order]
        self.diaries += node.diaries
        return {
            "kind": node.kind,
            "goes_to": node.goes_to,
            "visit": visit,
            **_span("write", write, len(self.writes)),
            **_span("raise", raise_, len(self.raises)),
            **_span("branch", branch, len(self.branches)),
            "branch_otherwise": branch + sum(not one.otherwise for one in node.branches),
            "weighed": is_weighed(node),
            **_ref("into", node.into),
            "heard": self._is_heard(node.into),
            **self._terms(node.when),
            "team": node.team,
            "lasts": self._sample(node.lasts, node, PURPOSE.get(node.kind, "")),
            "length": self._sample(node.length, node, "length"),
            **_ref("no_later_than", node.no_later_than),
            "cut_off_to": node.cut_off_to,
            **_span("diary", diary, len(self.diaries)),
            "start": node.start,
            "fork_by": node.fork_by,
            "side": node.side,
            "place": name(node.name),
        }

    def _branch(self, at: int, branch: Branch) -> Fields:
        return {
            "at": at,
            "goes_to": branch.goes_to,
            "level": branch.level,
            "weight": branch.weight,
            "weight_is": self._weight_is(branch),
            "bare": not branch.when and not branch.factors,
            "constant": branch.constant,
            **self._factors(branch.factors),
            **self._terms(branch.when),
        }

    def _weight_is(self, branch: Branch) -> np.int64:
        """How the weight of a branch is found."""
        if branch.rest:
            return layout.REST
        if branch.weight < 0:
            return layout.FIXED
        return layout.DATED if self._attach(branch.weight) else layout.AS_NOW

    def _write(self, node: Node, order: int, write: Write) -> Fields:
        return {
            "bare": write.attribute.scope == Scope.CASE and not write.when,
            "heard": self._is_heard(write.attribute),
            **_ref("into", write.attribute),
            **_ref("source", write.source),
            "how": write.put if write.shift is None else layout.SHIFTED,
            "value": write.value,
            "constant": write.constant,
            "place": name(f"{node.name} {order}"),
            "shift": self._sample(write.shift, node, f"{order} shift"),
            "back": write.back,
            "team": write.team,
            **self._terms(write.when),
            **self._terms(write.where, "where"),
        }

    def _raise(self, raised: Raise) -> Fields:
        return {"signal": raised.signal, "to_people": raised.to_people, **self._terms(raised.when)}

    def _parts(self, opening: Opening) -> list[Fields]:
        main = {
            "node": opening.node,
            "in_stage": opening.in_stage,
            "fork": -1,
            "side": 0,
            "then": opening.then,
            "place": 0,
        }
        return [main, *(self._part(part) for part in opening.also)]

    def _part(self, part: Part) -> Fields:
        fork = self.plan.nodes[part.fork]
        return {
            "node": part.node,
            "in_stage": part.in_stage,
            "fork": part.fork,
            "side": fork.side,
            "then": -1,
            "place": name(f"{fork.name} opening"),
        }

    def _guards(self) -> tuple[layout.Table, layout.Ints]:
        """Guards by signal and node, the first declared first."""
        rows: dict[tuple[int, int], list[Fields]] = {}
        for guard in self.plan.guards:
            when = self._terms(guard.when)
            for node in guard.region:
                rows.setdefault((guard.signal, node), []).append({"goes_to": guard.goes_to, **when})
        flat: list[Fields] = []
        first = []
        for signal in range(len(self.plan.signals)):
            for node in range(len(self.plan.nodes)):
                first.append(len(flat))
                flat += rows.get((signal, node), ())
        return _table(layout.GUARD, flat), _ints([*first, len(flat)])

    # --- what nodes refer to --------------------------------------------------------------------------------------------

    def _values(self) -> dict[str, Any]:
        """Dated values, and their steps in the order in which play comes to them."""
        times: list[int] = []
        numbers: list[float] = []
        rows, steps = [], []
        for at, dated in enumerate(self.plan.values):
            rows.append(
                {**_span("step", len(times), len(times) + len(dated.times)), **_ref("attach", self._attach(at))}
            )
            times += dated.times
            numbers += dated.values
            steps += [(t, at, v) for t, v in zip(dated.times, dated.values, strict=True) if t > 0]
        return {
            "values": _table(layout.VALUE, rows),
            "step_times": _ints(times),
            "step_values": np.asarray(numbers, dtype=np.float64),
            "steps": np.asarray(sorted(steps), dtype=layout.STEP),
            "at_start": np.asarray([dated.at(0) for dated in self.plan.values], dtype=np.float64),
        }

    def _teams(self) -> layout.Table:
        rows = []
        stands = post = unit = 0
        for team in self.plan.teams:
            most_posts, most_units = self._most(team.posts), self._most(team.units) if team.units >= 0 else 1
            rows.append({**self._team(team), "stands": stands, "post": post, "unit": unit})
            rows[-1] |= {"most_posts": most_posts, "most_units": most_units, "queue": post + unit + most_posts}
            stands, post, unit = stands + len(team.stands), post + most_posts, unit + most_units
        return _table(layout.TEAM, rows)

    def _team(self, team: Team) -> Fields:
        return {
            "calendar": team.calendar,
            "posts": team.posts,
            "slots": team.slots,
            "pools": team.pools,
            "units": team.units,
            **_ref("unit_of", team.unit_of),
            "places": team.places,
            **_ref("oldest", team.oldest),
            **self._factors(team.head_start, "head_start"),
            "speed": team.speed,
            "hand_over": team.hand_over,
            "longest_bout": team.longest_bout,
        }

    def _most(self, value: int) -> int:
        return max(round(v) for v in self.plan.values[value].values)


def _heard(plan: Plan) -> frozenset[Ref] | None:
    """What holds read, so that writing it may end one; None where any write may, since time alone can make one true."""
    terms = [term for node in plan.nodes if node.kind == Kind.HOLD for term in node.when]
    if any(term.now for term in terms):
        return None
    attached = [plan.values[term.left_value].attach for term in terms if term.left_value >= 0]
    return frozenset(ref for ref in (*(t.left for t in terms), *(t.right for t in terms), *attached) if ref is not None)


def _people_heard(plan: Plan, heard: frozenset[Ref] | None) -> bool:
    """Whether play has to know the open cases of a person."""
    raised = any(one.to_people for node in plan.nodes for one in node.raises)
    written = {write.attribute for node in plan.nodes for write in node.writes if write.attribute.scope == Scope.PERSON}
    return raised or (bool(written) if heard is None else not written.isdisjoint(heard))


def _visit_columns(plan: Plan) -> list[int]:
    """For each node a token may come to more than once and that draws by visit, a column; -1 for the others."""
    onward = [
        {to for to in (node.goes_to, node.cut_off_to, *(branch.goes_to for branch in node.branches)) if to >= 0}
        for node in plan.nodes
    ]
    for guard in plan.guards:
        for covered in guard.region:
            onward[covered].add(guard.goes_to)
    columns: list[int] = []
    for number, node in enumerate(plan.nodes):
        draws = node.kind not in (Kind.SET, Kind.ASSIGN, Kind.JOIN, Kind.EXIT) or any(
            write.put == Put.COUNT or write.shift is not None for write in node.writes
        )
        again = draws and number in _reached(onward, onward[number])
        columns.append(max(columns, default=-1) + 1 if again else -1)
    return columns


def _reached(onward: Sequence[set[int]], begin: Iterable[int]) -> set[int]:
    """Every node that can be come to from these, themselves among them."""
    found: set[int] = set()
    todo = list(begin)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += onward[node]
    return found


_EVERYTHING = np.iinfo(np.int64)


def _range(operator: Operator, constant: int) -> tuple[int, int, bool]:
    """The whole numbers that compare so with a constant: the first and the last, or that they lie outside those."""
    low, high = _EVERYTHING.min, _EVERYTHING.max
    return {
        Operator.EQUAL: (constant, constant, False),
        Operator.NOT_EQUAL: (constant, constant, True),
        Operator.LESS: (low, constant - 1, False),
        Operator.AT_MOST: (low, constant, False),
        Operator.MORE: (constant + 1, high, False),
        Operator.AT_LEAST: (constant, high, False),
    }[operator]


def _marks(plan: Plan) -> tuple[layout.Table, layout.Ints]:
    """When teams change and when values step that holds read, as `engines/reference.py` has them."""
    teams: dict[int, list[int]] = {}
    for number, team in enumerate(plan.teams):
        sources = [team.posts, team.units, team.slots, team.pools, team.speed]
        for minute in {t for source in sources if source >= 0 for t in plan.values[source].times if t > 0}:
            teams.setdefault(minute, []).append(number)
    read = {t.left_value for node in plan.nodes if node.kind == Kind.HOLD for t in node.when if t.left_value >= 0}
    holds = {minute for value in read for minute in plan.values[value].times if minute > 0}
    rows: list[Fields] = []
    marked: list[int] = []
    for minute in sorted(teams.keys() | holds):
        begin = len(marked)
        marked += teams.get(minute, ())
        rows.append({"minute": minute, **_span("team", begin, len(marked)), "holds": minute in holds})
    return _table(layout.MARK, rows), _ints(marked)


def _calendars(hours: Sequence[WorkingTime]) -> dict[str, Any]:
    days = max((len(clock.open_days) for clock in hours), default=0)
    rows: list[Fields] = []
    opened: list[int] = []
    before, is_open = np.zeros((len(hours), days + 1), np.int64), np.ones((len(hours), days + 1), np.int64)
    for number, clock in enumerate(hours):
        planned = len(clock.open_days)
        always = clock.length == MINUTES_A_DAY and all(clock.open_days)
        rows.append({"opens": clock.opens, "closes": clock.closes, "open_days": planned, "opened": len(opened)})
        rows[-1]["always"] = always
        opened += [day for day, is_one in enumerate(clock.open_days) if is_one]
        before[number, : planned + 1] = clock.before
        is_open[number, :planned] = clock.open_days
    return {"calendars": _table(layout.CALENDAR, rows), "opened": _ints(opened), "before": before, "is_open": is_open}


def _diary_limits(plan: Plan, hours: Sequence[WorkingTime]) -> layout.Ints:
    """Places of each diary on each day, -1 where it does not sit."""
    days = plan.ends_at // MINUTES_A_DAY
    limits = np.full((len(plan.diaries), days), -1, np.int64)
    for number, diary in enumerate(plan.diaries):
        clock, size = hours[diary.calendar], plan.values[diary.size]
        for day in range(days):
            if clock.is_open(day * MINUTES_A_DAY + clock.opens):
                limits[number, day] = round(size.at(day * MINUTES_A_DAY))
    return limits


def _span(called: str, begin: int, end: int) -> Fields:
    return {f"{called}_from": begin, f"{called}_to": end}


def _ref(called: str, ref: Ref | None) -> Fields:
    return {f"{called}_scope": ref.scope if ref else -1, f"{called}_index": ref.index if ref else -1}


def _table(kind: np.dtype[Any], rows: Sequence[Fields]) -> layout.Table:
    """Rows of named fields as a record array; every field has to be given."""
    return np.asarray([tuple(row[called] for called in kind.names or ()) for row in rows], dtype=kind)


def _ints(values: Sequence[Any], columns: int = 0) -> NDArray[np.int64]:
    made = np.asarray(values, dtype=np.int64)
    return made.reshape(-1, columns) if columns else made
