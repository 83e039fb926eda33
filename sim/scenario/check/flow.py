"""With what can a token come to a node? Followed forward from the streams, for one row of each kind that it has.

The analysis follows a token together with one of its subjects, that subject's person and one of its allegations, whichever they are. At every node it
keeps, for each stream, which of the dates that dated values are attached to are surely set, and, for each such set of dates, which levels the rows may
have. It knows

* what a branch, a fork and a hold ask for, and so what is true behind them (where a token has several rows, `any` says nothing about the row followed);
* that a write that asks for something leaves two kinds of token behind it, and which conditions failed for those it passed over;
* that the way of a subject who was forked leads through the forked token and on from the join;
* that while time passes others write: tokens forked from this case, other cases of the same people, the calendar.

It errs on the side of what can happen: a level it rules out cannot be there, a date it calls set is set. It follows weights of nothing too, since a
reform may give them one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from heapq import heappop, heappush
from typing import Any, ClassVar, NamedTuple

from sim.plan import UNSET, Branch, Dated, Factor, Kind, Node, Observation, Plan, Put, Ref, Sample, Scope, Term, Write
from sim.scenario.check.alongside import MAIN, Alongside
from sim.scenario.check.levels import COMPARE, SAME, SET_OR_NOT, Had, attributes_of, conditions, every, that_can_be_had

Conjunction = tuple[Term, ...]


class State(NamedTuple):
    """A token and the rows followed."""

    rows: int
    """What is possible, one field of bits for each variable (`Flow.fields`)."""
    dates: int
    """The tracked dates that are surely set, a bit each."""
    failed: frozenset[Conjunction]
    """Conditions that do not all hold."""


class Key(NamedTuple):
    """States of one key are merged."""

    node: int
    stream: int
    origin: int
    dates: int
    waits_for: frozenset[int]
    """Forks that took the row followed along, and whose tokens are still to be joined."""


@dataclass(frozen=True)
class Field:
    """Where a variable's possible values stand in `State.rows`: bit `at` + k for its value at place k."""

    at: int
    size: int

    @property
    def all(self) -> int:
        return ((1 << self.size) - 1) << self.at


class Asks(NamedTuple):
    """What a condition asks of a field: one of its bits in `true`, and so none in `false`."""

    true: int
    false: int


class Changes(NamedTuple):
    """What others may do while a token stands somewhere."""

    rows: int
    """What they may make possible."""
    unset: int
    """Tracked dates that they may take away."""
    written: frozenset[Ref]


def flow_of(plan: Plan) -> Flow:
    """The flow of a plan. Plans that differ in numbers alone, but for what conditions may ask of them, share one."""
    asked = {term.left_value for _, term in conditions(plan) if term.left is None}
    many = {value for stream in plan.streams for value in (stream.subjects, stream.allegations)}
    values = []
    for at, dated in enumerate(plan.values):
        sizes: tuple[float, ...] = (0.0,)
        if at in many:
            sizes = (min(max(dated.values), 2.0),)
        elif at in asked:
            sizes = tuple(sorted({float(round(one)) for one in dated.values}))
        elif dated.attach is not None and len(dated.values) > 1:
            sizes = (0.0, 1.0)
        values.append(Dated(dated.name, "", tuple(range(len(sizes))), sizes, dated.attach))
    return _flow_of(replace(plan, **_NO_MATTER, values=tuple(values)))


_NO_MATTER: dict[str, Any] = {
    "name": "", "world": "", "title": "", "starts_on": date.min, "ends_at": 0, "observation": Observation(0, 0, 0), "shapes": (),
    "calendars": (), "clocks": (), "opening": (),
}  # fmt: skip
"""Fields of a plan that have no say in how it flows."""


@lru_cache(maxsize=8)
def _flow_of(plan: Plan) -> Flow:
    return Flow(plan, that_can_be_had(plan))


class Flow:
    """The states in which tokens can come to each node of a plan.

    Args:
        plan: whose nodes; every decision has a branch.
        had: what rows may ever carry.
    """

    def __init__(self, plan: Plan, had: Had) -> None:
        self.plan, self.had = plan, had
        self.attributes = attributes_of(plan)
        self.alongside = Alongside(plan)
        self.sure = self._set_by_the_cast()
        self._given = {draw.attribute for draw in plan.draws} | {copied.attribute for copied in plan.copies}
        self.tracked = self._tracked()
        """The dates that are followed: those that a value that steps is attached to and the cast does not set, and what they are copied from."""
        self.steps: dict[int, list[int]] = {}
        """Of each dated value that conditions read what it may be, as conditions see it."""
        self.fields = self._fields()
        """Attributes with a domain, and dated values that conditions read."""
        self._read_at = self._whatever_is_read_at()
        """By date all that dated values attached to it may be."""
        self.several_subjects = any(max(plan.values[stream.subjects].values) > 1 for stream in plan.streams)
        self.several_allegations = any(max(plan.values[stream.allegations].values) > 1 for stream in plan.streams)
        self.guards_at: dict[int, list[tuple[int, Conjunction]]] = {}
        for guard in plan.guards:
            for at in guard.region:
                self.guards_at.setdefault(at, []).append((guard.goes_to, guard.when))
        self.states: dict[Key, State] = {}
        self.came_from: dict[Key, Key] = {}
        self.unset: dict[tuple[int, int], Key] = {}
        """By node and value the first reading found of a value whose date may be unset."""
        self._callers: dict[int, set[tuple[int, frozenset[int]]]] = {}
        self._todo: list[tuple[int, int, Key]] = []
        self._waiting: set[Key] = set()
        self._asks: dict[int, Asks | None] = {}
        self._changes: dict[tuple[int, int], Changes] = {}
        self._changes_by = cache(self._find_changes)
        self._anyway = self._find_anyway()
        self._run()

    # --- what is followed ---------------------------------------------------------------------------------------------

    def _set_by_the_cast(self) -> set[Ref]:
        people = self.plan.population
        marks = {people.marks} if people and people.marks else set()
        return {self.plan.received} | ({people.joined, people.leaves} | marks if people else set())

    def _tracked(self) -> dict[Ref, int]:
        values = [dated for dated in self.plan.values if dated.attach is not None and len(dated.values) > 1]
        wanted = {dated.attach for dated in values if dated.attach is not None} - self.sure
        writes = [write for node in self.plan.nodes for write in node.writes]
        before: set[Ref] = set()
        while before != wanted:
            before = set(wanted)
            sources = {write.source for write in writes if write.attribute in wanted and write.put == Put.ATTRIBUTE}
            wanted |= {ref for ref in sources if ref is not None and self.attributes[ref].start == UNSET} - self.sure
        return {ref: place for place, ref in enumerate(sorted(wanted, key=lambda ref: (ref.scope, ref.index)))}

    def _fields(self) -> dict[Ref | int, Field]:
        asked = {term.left if term.left is not None else term.left_value for _, term in conditions(self.plan)}
        asked |= {factor.attribute for node in self.plan.nodes for one in node.branches for factor in one.factors}
        asked |= {write.source for node in self.plan.nodes for write in node.writes if write.source is not None}
        fields: dict[Ref | int, Field] = {}
        place = 0
        for ref, domain in self.had.domains.items():
            if ref in asked:
                fields[ref] = Field(place, len(domain))
                place += len(domain)
        for value in sorted(one for one in asked if isinstance(one, int)):
            self.steps[value] = sorted({round(one) for one in self.plan.values[value].values})
            fields[value] = Field(place, len(self.steps[value]))
            place += len(self.steps[value])
        return fields

    def _whatever_is_read_at(self) -> dict[Ref | None, int]:
        found: dict[Ref | None, int] = {}
        for value in self.steps:
            attach = self.plan.values[value].attach
            found[attach] = found.get(attach, 0) | self.fields[value].all
        return found

    def several(self, term: Term, origin: int, row: Scope | None) -> bool:
        """Whether a condition may speak of several rows, asked of the token (no row) or of one of its rows."""
        scope = self._scope_of(term)
        return scope != Scope.CASE and self.several_of(scope, origin, row)

    def several_of(self, scope: Scope, origin: int, row: Scope | None) -> bool:
        """Whether a token of this origin, or a row of it, may have several rows of a scope."""
        if scope == Scope.CASE:
            return False
        single = origin != MAIN and self.plan.nodes[origin].fork_by == 1
        subjects = self.several_subjects and not single and row in (None, Scope.CASE)
        if scope == Scope.ALLEGATION:
            return row != Scope.ALLEGATION and (subjects or self.several_allegations)
        return subjects

    def _scope_of(self, term: Term) -> Scope:
        """Whose rows a condition asks."""
        if term.left is not None:
            return term.left.scope
        attach = self.plan.values[term.left_value].attach
        return Scope.CASE if attach is None else attach.scope

    def possible(self, state: State, variable: Ref | int) -> int:
        """What a variable may be, bit k for its value at place k."""
        field = self.fields[variable]
        return (state.rows & field.all) >> field.at

    # --- conditions ---------------------------------------------------------------------------------------------------

    def true_of(self, term: Term) -> int | None:
        """Where in its domain a condition is true; None if it is about none."""
        if term.left is None:
            steps = self.steps[term.left_value]
            return sum(1 << at for at, one in enumerate(steps) if COMPARE[term.operator](one, term.constant))
        return self.had.true_of(term)

    def asks(self, term: Term) -> Asks | None:
        """What a condition asks of the fields; None if of none."""
        if id(term) not in self._asks:  # by identity, which is quick; the plan keeps them alive
            true = self.true_of(term)
            field = self.fields[term.left if term.left is not None else term.left_value] if true is not None else None
            self._asks[id(term)] = (
                Asks(true << field.at, field.all & ~(true << field.at)) if true is not None and field else None
            )
        return self._asks[id(term)]

    def _is_ordered_date(self, term: Term) -> bool:
        """Whether a condition orders dates: then an unset one is neither before nor after anything."""
        return term.left is not None and self.had.domains.get(term.left) == SET_OR_NOT and term.operator not in SAME

    def holding(self, state: State, terms: Conjunction, origin: int, row: Scope | None) -> State | None:
        """The state of tokens for which all of these hold; None if there are none."""
        rows, dates = state.rows, state.dates
        for term in terms:
            asks = self.asks(term)
            if asks is None:
                if self._is_ordered_date(term) and term.left in self.fields and not self.several(term, origin, row):
                    assert term.left is not None
                    rows &= ~(1 << self.fields[term.left].at)
                    if not rows & self.fields[term.left].all:
                        return None
                continue
            if self.several(term, origin, row) and not term.every:
                if term.left is not None and not self.had.masks[term.left] & (self.true_of(term) or 0):
                    return None
                continue
            rows &= ~asks.false
            if not rows & asks.true:
                return None
        for ref, place in self.tracked.items():
            field = self.fields.get(ref)
            if field is not None and rows & field.all == 2 << field.at:
                dates |= 1 << place
        made = State(rows, dates, state.failed)
        return None if state.failed and self._contradicted(made, terms) else made

    def _contradicted(self, state: State, terms: Conjunction) -> bool:
        """Whether conditions known to fail would all hold."""
        return any(all(term in terms or self._certain(state, term) for term in failed) for failed in state.failed)

    def _certain(self, state: State, term: Term) -> bool:
        asks = self.asks(term)
        return asks is not None and not state.rows & asks.false

    def failing(self, state: State, terms: Conjunction, origin: int, row: Scope | None) -> State | None:
        """The state of tokens for which not all of these hold; None if there are none."""
        open_ = [term for term in terms if self.several(term, origin, row) or not self._certain(state, term)]
        if not open_:
            return None
        if len(open_) == 1:
            asks = self.asks(open_[0])
            if asks is not None and not (self.several(open_[0], origin, row) and open_[0].every):
                rows = state.rows & ~asks.true
                return state._replace(rows=rows) if rows & asks.false else None
        return state._replace(failed=state.failed | {terms})

    # --- what others do -----------------------------------------------------------------------------------------------

    def after_time(self, state: State, origin: int, at: int) -> State:
        """The state once time has passed at a node."""
        changes = self._changes.get((origin, at))
        if changes is None:
            beside, siblings = self.alongside.meanwhile(origin, at), self.alongside.siblings(origin)
            changes = self._changes[origin, at] = self._changes_by(beside, siblings)
        failed = state.failed
        if failed:
            failed = frozenset(c for c in failed if not any(self._may_turn(term, changes.written) for term in c))
        return State(state.rows | changes.rows, state.dates & ~changes.unset, failed)

    def _find_changes(self, beside: frozenset[int], siblings: frozenset[int]) -> Changes:
        """What tokens at these nodes may do, siblings only to what they share with this one; and what the world does anyway."""
        written: set[Ref] = set()
        rows = unset = 0
        for one in beside | siblings:
            node = self.plan.nodes[one]
            for write in node.writes:
                if one not in beside and write.attribute.scope != Scope.CASE:
                    continue
                written.add(write.attribute)
                if write.attribute in self.fields:
                    rows |= self.had.written(write, self.had.masks) << self.fields[write.attribute].at
                if write.attribute in self.tracked and self._may_unset(write):
                    unset |= 1 << self.tracked[write.attribute]
            if node.kind == Kind.DECIDE and node.into is not None and one in beside:
                written.add(node.into)
                if node.into in self.fields:
                    for branch in node.branches:
                        rows |= 1 << self.fields[node.into].at + branch.level
        return Changes(rows | self._anyway[0], unset | self._anyway[1], frozenset(written))

    def _find_anyway(self) -> tuple[int, int]:
        """What the calendar and other cases of the same people may do at any time."""
        rows = unset = 0
        for variable, field in self.fields.items():
            if isinstance(variable, int):
                rows |= field.all if self.plan.values[variable].attach is None else 0
            elif variable.scope == Scope.PERSON:
                rows |= self.had.masks[variable] << field.at
        people = {ref: place for ref, place in self.tracked.items() if ref.scope == Scope.PERSON}
        for node in self.plan.nodes if people else ():
            for write in node.writes:
                if write.attribute in people and self._may_unset(write):
                    unset |= 1 << people[write.attribute]
        return rows, unset

    def _may_unset(self, write: Write) -> bool:
        return bool(self.had.written(write, self.had.masks) & 1)

    def _may_turn(self, term: Term, written: frozenset[Ref]) -> bool:
        """Whether a condition may come true while time passes."""
        if term.left is None:
            return len(self.plan.values[term.left_value].values) > 1
        return term.now or term.left.scope == Scope.PERSON or term.left in written or term.right in written

    # --- the walk -----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        for number, stream in enumerate(self.plan.streams):
            rows = 0
            for variable, field in self.fields.items():
                rows |= self._at_arrival(variable, number) << field.at
            self._come(Key(stream.start, number, MAIN, 0, frozenset()), State(rows, 0, frozenset()), None)
        while self._todo:
            key = heappop(self._todo)[2]
            self._waiting.discard(key)
            self._play(key, self.states[key])

    def _at_arrival(self, variable: Ref | int, stream: int) -> int:
        if isinstance(variable, int):
            return every(self.steps[variable])
        attribute = self.attributes[variable]
        if attribute.name == "case.stream" and attribute.levels:
            return 1 << stream
        given = variable in self._given
        if given or variable.scope == Scope.PERSON or variable in self.sure:
            return self.had.masks[variable]
        return 1 << self.had.domains[variable].index(attribute.start)

    def _come(self, key: Key, state: State, before: Key | None) -> None:
        old = self.states.get(key)
        if old is None:
            merged = state
            if before is not None:
                self.came_from[key] = before
        else:
            merged = self._merge(old, state)
        if merged != old:
            self.states[key] = merged
            self._look_at(key)

    def _look_at(self, key: Key) -> None:
        if key not in self._waiting:
            self._waiting.add(key)
            heappush(self._todo, (key.node, len(self.states), key))

    def _merge(self, one: State, other: State) -> State:
        failed = one.failed
        if one.failed != other.failed:
            both = one.failed | other.failed
            failed = frozenset(c for c in both if self._fails(one, c) and self._fails(other, c))
        return State(one.rows | other.rows, one.dates, failed)

    def _fails(self, state: State, terms: Conjunction) -> bool:
        """Whether conditions are known not to hold together."""
        if terms in state.failed:
            return True
        return any((asks := self.asks(term)) is not None and not state.rows & asks.true for term in terms)

    def _merged(self, states: Iterable[State]) -> Sequence[State]:
        """States as one for each set of dates."""
        found: dict[int, State] = {}
        for state in states:
            old = found.get(state.dates)
            found[state.dates] = state if old is None else self._merge(old, state)
        return list(found.values())

    def _go(self, at: int, state: State, key: Key, waits_for: frozenset[int] | None = None) -> None:
        waits = key.waits_for if waits_for is None else waits_for
        self._come(Key(at, key.stream, key.origin, state.dates, waits), state, key)

    def _play(self, key: Key, state: State) -> None:
        for goes_to, when in self.guards_at.get(key.node, ()):
            called = self._asked(self.after_time(state, key.origin, key.node), when, key, None)
            if called is not None:
                self._go(goes_to, called, key)
        node = self.plan.nodes[key.node]
        self._players[node.kind](self, key, node, state)

    # --- readings -----------------------------------------------------------------------------------------------------

    def _read(self, value: int, state: State, key: Key, given: Conjunction = ()) -> None:
        """A dated value is read in this state, where these conditions hold: one set date of any row is enough."""
        if value < 0:
            return
        dated = self.plan.values[value]
        ref = dated.attach
        if ref is None or len(dated.values) < 2 or ref in self.sure or state.dates & 1 << self.tracked[ref]:
            return
        if not any(term.left == ref and self.true_of(term) == 2 for term in given):
            self.unset.setdefault((key.node, value), key)

    def _asked(self, state: State, terms: Conjunction, key: Key, row: Scope | None) -> State | None:
        """`holding`, one after the other: a value on the left is read only where all before it hold."""
        for count, term in enumerate(terms):
            if term.left is None and self.plan.values[term.left_value].attach is not None:
                before = self.holding(state, terms[:count], key.origin, row)
                if before is None:
                    return None
                self._read(term.left_value, before, key, terms[:count])
        return self.holding(state, terms, key.origin, row) if terms else state

    def _read_factors(self, factors: Iterable[Factor], state: State, key: Key, given: Conjunction = ()) -> None:
        for factor in factors:
            known = factor.attribute in self.fields
            for level, value in enumerate(factor.values):
                if not known or self.possible(state, factor.attribute) & 1 << level:
                    self._read(value, state, key, given)

    def _read_sample(self, sample: Sample | None, state: State, key: Key, given: Conjunction = ()) -> None:
        if sample is not None:
            self._read(sample.mean, state, key, given)
            self._read_factors(sample.factors, state, key, given)

    def _read_branch(self, branch: Branch, state: State, key: Key) -> None:
        self._read(branch.weight, state, key, branch.when)
        self._read_factors(branch.factors, state, key, branch.when)

    # --- nodes --------------------------------------------------------------------------------------------------------

    def _set(self, key: Key, node: Node, state: State) -> None:
        states: Sequence[State] = [state]
        for write in node.writes:
            states = self._merged(after for one in states for after in self._write(write, one, key))
        for one in states:
            for raised in node.raises:
                self._asked(one, raised.when, key, Scope.SUBJECT if raised.to_people else None)
            self._go(node.goes_to, one, key)

    def _write(self, write: Write, state: State, key: Key) -> Iterator[State]:
        row = None if write.attribute.scope == Scope.CASE else write.attribute.scope
        taken = self._asked(state, write.when, key, row)
        if taken is not None:
            if write.put in (Put.VALUE, Put.COUNT):
                self._read(write.value, taken, key, write.when)
            self._read_sample(write.shift, taken, key, write.when)
            self._asked(taken, write.where, key, write.source.scope if write.source else row)
            yield self._written(write, taken)
        if write.when:
            passed = self.failing(state, write.when, key.origin, row)
            if passed is not None:
                yield passed

    def _written(self, write: Write, state: State) -> State:
        ref, rows, dates = write.attribute, state.rows, state.dates
        if ref in self.fields:
            field = self.fields[ref]
            now = {write.source: self.possible(state, write.source)} if write.source in self.fields else {}
            rows = rows & ~field.all | self.had.written(write, now) << field.at
        rows |= self._read_at.get(ref, 0)
        if ref in self.tracked:
            bit = 1 << self.tracked[ref]
            dates = dates | bit if self._sets(write, state) else dates & ~bit
        failed = frozenset(c for c in state.failed if not any(ref in (term.left, term.right) for term in c))
        return State(rows, dates, failed)

    def _sets(self, write: Write, state: State) -> bool:
        """Whether a write surely gives a date, and not its absence."""
        if write.put == Put.CONSTANT:
            return write.constant != UNSET
        if write.put == Put.ATTRIBUTE and write.source in self.tracked:
            return bool(state.dates & 1 << self.tracked[write.source])
        return write.source is None or write.source in self.sure

    def _decide(self, key: Key, node: Node, state: State) -> None:
        if node.into is not None:
            self._decide_each(key, node, state)
            return
        weighed = any(b.rest or b.weight >= 0 or b.factors or b.constant != 1 for b in node.branches)
        left: State | None = state
        for branch in sorted(node.branches, key=lambda one: one.otherwise):
            if left is None:
                return
            taken = self._asked(left, branch.when, key, None)
            if taken is not None:
                self._read_branch(branch, taken, key)
                self._go(branch.goes_to, taken, key)
            if not weighed:
                left = self.failing(left, branch.when, key.origin, None)

    def _decide_each(self, key: Key, node: Node, state: State) -> None:
        assert node.into is not None
        row = node.into.scope
        deciding = self._asked(state, node.when, key, row)
        states = []
        if deciding is not None:
            levels = 0
            for branch in node.branches:
                taken = self._asked(deciding, branch.when, key, row)
                if taken is not None:
                    levels |= 1 << branch.level
                    self._read_branch(branch, taken, key)
            if levels:
                rows = deciding.rows
                if node.into in self.fields:
                    field = self.fields[node.into]
                    rows = rows & ~field.all | levels << field.at
                failed = frozenset(c for c in deciding.failed if all(node.into not in (t.left, t.right) for t in c))
                states.append(State(rows, deciding.dates, failed))
        passed = self.failing(state, node.when, key.origin, row) if node.when else None
        for one in self._merged([*states, *([passed] if passed is not None else [])]):
            self._go(node.goes_to, one, key)

    def _stay(self, key: Key, node: Node, state: State) -> None:
        self._read_sample(node.lasts, state, key)
        self._read_sample(node.length, state, key)
        if node.team >= 0:
            self._read_factors(self.plan.teams[node.team].head_start, state, key)
        stays = node.kind != Kind.ASSIGN or node.team >= 0
        self._go(node.goes_to, self.after_time(state, key.origin, key.node) if stays else state, key)

    def _hold(self, key: Key, node: Node, state: State) -> None:
        self._read_sample(node.lasts, state, key)
        later = self.after_time(state, key.origin, key.node)
        for one in (state, later):
            held = self._asked(one, node.when, key, None)
            if held is not None:
                self._go(node.goes_to, held, key)
        if node.lasts is not None:
            self._go(node.cut_off_to if node.cut_off_to >= 0 else node.goes_to, later, key)

    def _fork(self, key: Key, node: Node, state: State) -> None:
        taken = self._asked(state, node.when, key, Scope.SUBJECT)
        if taken is not None:
            self._note_caller(key)
            child = self.after_time(taken, key.node, node.start)
            self._come(Key(node.start, key.stream, key.node, child.dates, frozenset()), child, key)
            if not node.side:
                self._go(node.goes_to, taken, key, waits_for=key.waits_for | {key.node})
        passed = state if node.side else self.failing(state, node.when, key.origin, Scope.SUBJECT)
        if passed is not None:
            self._go(node.goes_to, passed, key)

    def _note_caller(self, key: Key) -> None:
        callers = self._callers.setdefault(key.node, set())
        if (key.origin, key.waits_for) not in callers:
            callers.add((key.origin, key.waits_for))
            for one in self.states:
                if one.origin == key.node and self.plan.nodes[one.node].kind == Kind.EXIT:
                    self._look_at(one)

    def _join(self, key: Key, node: Node, state: State) -> None:
        if not any(key.node in self.alongside.joins[fork] for fork in key.waits_for):
            self._go(node.goes_to, self.after_time(state, key.origin, key.node), key)

    def _exit(self, key: Key, _: Node, state: State) -> None:
        if key.origin == MAIN or self.plan.nodes[key.origin].side:
            return
        for join in self.alongside.joins[key.origin]:
            for owner, waits_for in self._callers.get(key.origin, set()):
                joined = self.after_time(state, owner, join)
                self._come(Key(self.plan.nodes[join].goes_to, key.stream, owner, joined.dates, waits_for), joined, key)

    _players: ClassVar[dict[Kind, Callable[[Flow, Key, Node, State], None]]] = {
        Kind.SET: _set,
        Kind.DECIDE: _decide,
        Kind.WORK: _stay,
        Kind.WAIT: _stay,
        Kind.ASSIGN: _stay,
        Kind.BOOK: _stay,
        Kind.HOLD: _hold,
        Kind.FORK: _fork,
        Kind.JOIN: _join,
        Kind.EXIT: _exit,
    }

    # --- answers ------------------------------------------------------------------------------------------------------

    def at(self, node: int) -> list[tuple[Key, State]]:
        """The states in which tokens can come to a node."""
        return [(key, state) for key, state in self.states.items() if key.node == node]

    def route(self, key: Key) -> list[str]:
        """Names of the nodes of one way on which a token comes to be so, the last one included."""
        names = [self.plan.nodes[key.node].name]
        seen = {key}
        while key in self.came_from and self.came_from[key] not in seen:
            key = self.came_from[key]
            seen.add(key)
            names.append(self.plan.nodes[key.node].name)
        return names[::-1]
