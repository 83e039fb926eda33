"""Writes and decisions: what changes the rows of a case without time passing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sim.engines.clock import WorkingTime
from sim.engines.draws import bits, name, uniform
from sim.engines.reading import HasSubjects, Number, PlayError, Reading, Row, Rows, Test
from sim.plan import FARTHEST, UNSET, Branch, Node, Put, Sample, Scope, Write


class Keyed(HasSubjects, Protocol):
    key: int


class State(Rows, Protocol):
    """What rules read and write. `touch_case` and `touch_person` tell the play that rows have changed; `load` is that of a team, for a case."""

    subject_keys: list[int]
    allegation_keys: list[int]
    hours: list[WorkingTime]

    def load(self, team: int, case: int) -> int: ...

    def touch_case(self, case: int) -> None: ...

    def touch_person(self, person: int) -> None: ...


Choose = Callable[[Keyed, int, int, int, int], int]
"""(token, subject, allegation, key, visit) -> position of the branch taken."""


class Rules:
    """Turns the writes and branches of nodes into functions over the state of one play."""

    def __init__(self, state: State, reading: Reading) -> None:
        self.state, self.reading = state, reading

    # --- writes -------------------------------------------------------------------------------------------------------

    def write(self, node: Node, order: int) -> Callable[[Keyed, int], None]:
        """A function (token, visit) that does one write of a node."""
        write, state = node.writes[order], self.state
        index, scope, adds = write.attribute.index, write.attribute.scope, write.put == Put.ADD
        when = self.reading.all_hold(write.when)
        value = self._value(node, order, write)
        if scope == Scope.CASE:

            def do_case(token: Keyed, visit: int) -> None:
                if when is None or when(token, -1, -1):
                    row, new = state.cases[token.case], value(token, -1, -1, visit)
                    row[index] = row[index] + new if adds else new
                    state.touch_case(token.case)

            return do_case

        def do(token: Keyed, visit: int) -> None:
            for s, a, row in self._rows(token, scope):
                if when is None or when(token, s, a):
                    new = value(token, s, a, visit)
                    row[index] = row[index] + new if adds else new
                    if scope == Scope.PERSON:
                        state.touch_person(state.person_of[s])
            if scope != Scope.PERSON:
                state.touch_case(token.case)

        return do

    def _rows(self, token: Keyed, scope: Scope, subject: int = -1) -> list[tuple[int, int, Row]]:
        """(subject, allegation, row) of every row of a scope in the token, or under one subject."""
        state = self.state
        if scope == Scope.CASE:
            return [(subject, -1, state.cases[token.case])]
        subjects = token.subjects if subject < 0 else (subject,)
        if scope == Scope.SUBJECT:
            return [(s, -1, state.subjects[s]) for s in subjects]
        if scope == Scope.PERSON:
            return [(s, -1, state.people[state.person_of[s]]) for s in subjects]
        return [(s, a, state.allegations[a]) for s in subjects for a in state.allegations_of[s]]

    def _value(self, node: Node, order: int, write: Write) -> Callable[[Keyed, int, int, int], int]:
        constant, put, state = write.constant, write.put, self.state
        if put in (Put.CONSTANT, Put.ADD):
            return lambda token, s, a, visit: constant
        if write.shift is not None:
            return self._shifted(write.shift, write.back, name(f"{node.name} {order} shift"))
        if put == Put.NOW:
            return lambda token, s, a, visit: state.now
        if put == Put.LOAD:
            team = write.team
            return lambda token, s, a, visit: state.load(team, token.case)
        if put == Put.VALUE:
            number = self.reading.dated(write.value)
            return lambda token, s, a, visit: round(number(token, s, a))
        if put == Put.COUNT:
            number, place = self.reading.dated(write.value), name(f"{node.name} {order}")
            return lambda token, s, a, visit: int(number(token, s, a) + uniform(bits(token.key, place, visit)))
        assert write.source is not None
        scope, source = write.source.scope, write.source.index
        rows, where = self.reading.rows[scope], self.reading.all_hold(write.where)
        if put == Put.ATTRIBUTE:
            return lambda token, s, a, visit: rows(token, s, a)[0][source]
        fold = FOLDS[put]

        def folded(token: Keyed, s: int, *_: int) -> int:
            found = [row[source] for x, y, row in self._rows(token, scope, s) if where is None or where(token, x, y)]
            return fold(found) if found else 0

        return folded

    def _shifted(self, shift: Sample, back: bool, place: int) -> Callable[[Keyed, int, int, int], int]:
        """A date so much after or before now [10]."""
        amount, state = self.reading.amount(shift, place), self.state
        hours = state.hours[shift.calendar] if shift.calendar >= 0 else None

        def date(token: Keyed, s: int, a: int, visit: int) -> int:
            minutes = int(amount(token.key, visit, token, s, a) + 0.5)
            if back:
                found = state.now - minutes
            elif hours and minutes > 0:
                found = hours.after(state.now, minutes)
            else:
                found = state.now + minutes
            found = max(min(found, FARTHEST), -FARTHEST)
            return found if found != UNSET else UNSET - 1

        return date

    # --- decisions ----------------------------------------------------------------------------------------------------

    def chooser(self, node: Node) -> Choose:
        """How a node's decision goes [rule 15].

        Raises in play:
            PlayError: no branch is open.
        """
        if not is_weighed(node):
            return self._router(node)
        place = name(node.name)
        ready = [(at, *self._branch(branch), branch.otherwise) for at, branch in enumerate(node.branches)]
        groups = [[r[:-1] for r in ready if r[-1] is otherwise] for otherwise in (False, True)]

        def choose(token: Keyed, s: int, a: int, key: int, visit: int) -> int:
            for group in groups:
                total = 0.0
                open_: list[tuple[int, float]] = []
                for at, when, constant, weight, factor in group:
                    if when is not None and not when(token, s, a):
                        continue
                    size = weight(token, s, a) if weight else constant if constant >= 0 else max(1.0 - total, 0.0)
                    if factor:
                        size *= factor(token, s, a)
                    if size > 0:
                        total += size
                        open_.append((at, total))
                if len(open_) == 1:
                    return open_[0][0]
                if open_:
                    mark = uniform(bits(key, place, visit)) * total
                    for at, up_to in open_:
                        if mark < up_to:
                            return at
                    return open_[-1][0]
            raise PlayError(f"no branch of {node.name!r} is open to case {token.case}")

        return choose

    def _router(self, node: Node) -> Choose:
        """A decision without weights: the first branch that is open, those for otherwise last."""
        ordered = sorted(enumerate(node.branches), key=lambda pair: pair[1].otherwise)
        tests = [(at, self.reading.all_hold(branch.when)) for at, branch in ordered]

        def choose(token: Keyed, s: int, a: int, *_: int) -> int:
            for at, when in tests:
                if when is None or when(token, s, a):
                    return at
            raise PlayError(f"no branch of {node.name!r} is open to case {token.case}")

        return choose

    def _branch(self, branch: Branch) -> tuple[Test | None, float, Number | None, Number | None]:
        """Condition; weight if it never steps, -1 for the rest; weight if it does; factors."""
        when, factor = self.reading.all_hold(branch.when), self.reading.product(branch.factors)
        if branch.rest:
            return when, -1.0, None, factor
        if branch.weight < 0:
            return when, branch.constant, None, factor
        fixed = self.reading.fixed(branch.weight)
        if fixed is not None:
            return when, fixed, None, factor
        return when, 0.0, self.reading.dated(branch.weight), factor

    def each(self, node: Node) -> Callable[[Keyed, int], list[tuple[int, int]]]:
        """A function (token, visit) that decides for every row and returns (row, level) of each."""
        assert node.into is not None
        state, into, choose, scope = self.state, node.into.index, self.chooser(node), node.into.scope
        when = self.reading.all_hold(node.when)
        levels = [branch.level for branch in node.branches]
        keys = state.subject_keys if scope == Scope.SUBJECT else state.allegation_keys

        def decide(token: Keyed, visit: int) -> list[tuple[int, int]]:
            made = []
            for s, a, row in self._rows(token, scope):
                if when is None or when(token, s, a):
                    item = s if a < 0 else a
                    row[into] = levels[choose(token, s, a, keys[item], visit)]
                    made.append((item, row[into]))
            state.touch_case(token.case)
            return made

        return decide


def is_weighed(node: Node) -> bool:
    """Whether weights have a say in a decision, or its conditions alone tell."""
    return any(branch.rest or branch.weight >= 0 or branch.factors or branch.constant != 1 for branch in node.branches)


FOLDS: dict[Put, Callable[[list[int]], int]] = {
    Put.FOLD_MAX: max,
    Put.FOLD_MIN: min,
    Put.FOLD_COUNT: lambda found: sum(value != 0 for value in found),
}
