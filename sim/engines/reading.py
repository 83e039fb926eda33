"""How an engine in Python reads a plan's tables: each row becomes a function once, before play.

A reader is called with the token, and with one of its subjects and allegations or -1. Where a condition speaks of rows below what it was
given, it asks them all; where a factor does, it takes the highest level; where a number at a date does, the earliest.
"""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Callable
from typing import Protocol

from sim.engines.draws import bits, given_longer, quantile, quantile_table
from sim.plan import UNSET, Dated, Factor, Operator, Plan, Ref, Sample, Scope, Term

Row = list[int]


class PlayError(RuntimeError):
    """The plan led into something that cannot be played; the message names the node and the row."""


class Rows(Protocol):
    """The state of a play that readers look at."""

    now: int
    people: list[Row]
    cases: list[Row]
    subjects: list[Row]
    allegations: list[Row]
    person_of: list[int]
    allegations_of: list[range]


class HasSubjects(Protocol):
    case: int
    subjects: list[int]


Reader = Callable[[HasSubjects, int, int], list[Row]]
Test = Callable[[HasSubjects, int, int], bool]
Number = Callable[[HasSubjects, int, int], float]

COMPARE: dict[Operator, Callable[[int, int], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


class Reading:
    """Turns conditions, dated values, factors and distributions of one plan into functions over the state of one play."""

    def __init__(self, plan: Plan, state: Rows) -> None:
        self.plan, self.state = plan, state
        self.rows = {scope: self._rows(scope) for scope in Scope}
        self.tables = [quantile_table(shape.family, shape.cv) for shape in plan.shapes]

    def _rows(self, scope: Scope) -> Reader:
        state = self.state
        if scope == Scope.CASE:
            return lambda token, s, a: [state.cases[token.case]]
        if scope == Scope.PERSON:
            return lambda token, s, a: [state.people[state.person_of[x]] for x in ((s,) if s >= 0 else token.subjects)]
        if scope == Scope.SUBJECT:
            return lambda token, s, a: [state.subjects[x] for x in ((s,) if s >= 0 else token.subjects)]

        def allegations(token: HasSubjects, s: int, a: int) -> list[Row]:
            if a >= 0:
                return [state.allegations[a]]
            if s >= 0:
                return [state.allegations[x] for x in state.allegations_of[s]]
            return [state.allegations[x] for y in token.subjects for x in state.allegations_of[y]]

        return allegations

    # --- conditions ---------------------------------------------------------------------------------------------------

    def all_hold(self, terms: tuple[Term, ...]) -> Test | None:
        """Whether every term holds; None where there are none."""
        tests = [self._term(term) for term in terms]
        if not tests:
            return None
        if len(tests) == 1:
            return tests[0]
        if len(tests) == 2:
            first, second = tests
            return lambda token, s, a: first(token, s, a) and second(token, s, a)
        return lambda token, s, a: all(test(token, s, a) for test in tests)

    def _term(self, term: Term) -> Test:
        state, compare, constant = self.state, COMPARE[term.operator], term.constant
        if term.left is None and self.plan.values[term.left_value].attach and self.fixed(term.left_value) is None:
            return self._at_dates(term)
        if term.left is None:
            value = self.dated(term.left_value)
            return lambda token, s, a: compare(round(value(token, s, a)), constant)
        scope, index = term.left.scope, term.left.index
        ordered = self._is_date(term.left) and term.operator not in (Operator.EQUAL, Operator.NOT_EQUAL)
        if term.right is not None or term.now or ordered:
            return self._between_dates(term, ordered)
        if scope == Scope.CASE:
            return lambda token, s, a: compare(state.cases[token.case][index], constant)
        quantifier, rows = all if term.every else any, self.rows[scope]
        return lambda token, s, a: quantifier([compare(row[index], constant) for row in rows(token, s, a)])

    def _at_dates(self, term: Term) -> Test:
        """A comparison with a dated value at the date of each row that carries one [12]."""
        one, compare, constant = self.plan.values[term.left_value], COMPARE[term.operator], term.constant
        quantifier, numbers = all if term.every else any, self._at_each_date(one)
        return lambda token, s, a: quantifier([compare(round(number), constant) for number in numbers(token, s, a)])

    def _between_dates(self, term: Term, ordered: bool) -> Test:
        """A comparison with another attribute or with now; a date that is unset is neither before nor after anything."""
        assert term.left is not None
        state, left, right, compare = self.state, term.left, term.right, COMPARE[term.operator]
        quantifier = all if term.every else any

        def test(token: HasSubjects, s: int, a: int) -> bool:
            def one(row: Row) -> bool:
                if term.now:
                    other = state.now
                elif right is None:
                    other = term.constant
                else:
                    other = (row if right.scope == left.scope else self.rows[right.scope](token, s, a)[0])[right.index]
                return not (ordered and UNSET in (row[left.index], other)) and compare(row[left.index], other)

            return quantifier(one(row) for row in self.rows[left.scope](token, s, a))

        return test

    def _is_date(self, ref: Ref) -> bool:
        return [x for x in self.plan.attributes if x.scope == ref.scope][ref.index].start == UNSET

    # --- numbers ------------------------------------------------------------------------------------------------------

    def fixed(self, value: int) -> float | None:
        """A dated value that never steps; None if it does."""
        values = self.plan.values[value].values
        return values[0] if len(values) == 1 else None

    def dated(self, value: int) -> Number:
        """A dated value, read at the date it is attached to or now.

        Raises in play:
            PlayError: the date it is attached to is unset.
        """
        one = self.plan.values[value]
        only = self.fixed(value)
        if only is not None:
            return lambda token, s, a: only
        times, values, state = one.times, one.values, self.state
        if one.attach is None:
            return lambda token, s, a: values[max(bisect_right(times, state.now) - 1, 0)]
        dates = self._dates(one)
        return lambda token, s, a: values[max(bisect_right(times, min(dates(token, s, a))) - 1, 0)]

    def _at_each_date(self, one: Dated) -> Callable[[HasSubjects, int, int], list[float]]:
        """A dated value at the date of each row."""
        times, values, dates = one.times, one.values, self._dates(one)
        return lambda token, s, a: [values[max(bisect_right(times, date) - 1, 0)] for date in dates(token, s, a)]

    def _dates(self, one: Dated) -> Callable[[HasSubjects, int, int], list[int]]:
        """The dates that a value is attached to, as far as they are set."""
        assert one.attach is not None
        rows, index = self.rows[one.attach.scope], one.attach.index

        def read(token: HasSubjects, s: int, a: int) -> list[int]:
            dates = [row[index] for row in rows(token, s, a) if row[index] != UNSET]
            if not dates:
                raise PlayError(f"the value {one.name!r} is read at a date that is unset in case {token.case}")
            return dates

        return read

    def product(self, factors: tuple[Factor, ...]) -> Number | None:
        """The product of factors; None where there are none."""
        if not factors:
            return None
        parts = [self._by_level(factor, 1.0) for factor in factors]
        if len(parts) == 1:
            return parts[0]
        if len(parts) == 2:
            first, second = parts
            return lambda token, s, a: first(token, s, a) * second(token, s, a)

        def multiply(token: HasSubjects, s: int, a: int) -> float:
            result = 1.0
            for part in parts:
                result *= part(token, s, a)
            return result

        return multiply

    def head_start(self, factor: Factor) -> Number:
        """Days by which a level is ahead; none where there is no number."""
        return self._by_level(factor, 0.0)

    def _by_level(self, factor: Factor, absent: float) -> Number:
        """The number of the row's level, or `absent` where the level has none."""
        level = self._highest(factor.attribute)
        fixed = [self.fixed(value) if value >= 0 else absent for value in factor.values]
        table = [number for number in fixed if number is not None]
        if len(table) < len(fixed):
            by_level = [self.dated(value) if value >= 0 else None for value in factor.values]

            def read(token: HasSubjects, s: int, a: int) -> float:
                number = by_level[level(token, s, a)]
                return number(token, s, a) if number else absent

            return read
        state, index = self.state, factor.attribute.index
        if factor.attribute.scope == Scope.CASE:
            return lambda token, s, a: table[state.cases[token.case][index]]
        if factor.attribute.scope == Scope.ALLEGATION:
            return lambda token, s, a: table[state.allegations[a][index] if a >= 0 else level(token, s, a)]
        return lambda token, s, a: table[level(token, s, a)]

    def _highest(self, ref: Ref) -> Callable[[HasSubjects, int, int], int]:
        """The level of an attribute; the highest where the token has several rows."""
        index, rows = ref.index, self.rows[ref.scope]
        return lambda token, s, a: max([row[index] for row in rows(token, s, a)])

    def amount(self, sample: Sample, place: int) -> Callable[[int, int, HasSubjects, int, int], float]:
        """A function (key, visit, token, subject, allegation) -> a draw of the distribution, in units of its mean times `sample.minutes`."""
        size, shape = self._size(sample), self._shape(sample)

        def draw(key: int, visit: int, token: HasSubjects, s: int, a: int) -> float:
            return size(token, s, a) * quantile(shape(), bits(key, place, visit))

        return draw

    def rest(self, sample: Sample, place: int) -> Callable[[int, int, HasSubjects, int], float]:
        """A function (key, visit, token, elapsed) -> what is left of a draw of `amount` given that it is longer than `elapsed` minutes [18]."""
        size, shape = self._size(sample), self._shape(sample)

        def draw(key: int, visit: int, token: HasSubjects, elapsed: int) -> float:
            mean, table = size(token, -1, -1), shape()
            return mean * quantile(table, given_longer(table, bits(key, place, visit), mean, elapsed)) - elapsed

        return draw

    def _size(self, sample: Sample) -> Number:
        """The mean of a distribution in minutes."""
        mean, factor, minutes = self.dated(sample.mean), self.product(sample.factors), sample.minutes
        if factor is None:
            return lambda token, s, a: mean(token, s, a) * minutes
        by = factor
        return lambda token, s, a: mean(token, s, a) * minutes * by(token, s, a)

    def _shape(self, sample: Sample) -> Callable[[], list[float]]:
        """The quantiles of a distribution now."""
        tables, times, state = [self.tables[shape] for shape in sample.shapes], sample.shape_times, self.state
        if len(tables) == 1:
            return lambda: tables[0]
        return lambda: tables[max(bisect_right(times, state.now) - 1, 0)]
