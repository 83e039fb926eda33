"""What do the rows of a token say now? Conditions, dated values, factors and draws, as `engines/reading.py` reads them.

A reader is called with the tables, the play, the token, and one of its subjects and allegations or -1. `plan` is the plan as tables, `play` all that changes (`layout.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.compile import inlined, part
from sim.engines.fast.draws import bits, given_longer, quantile
from sim.engines.fast.layout import (
    CASE_BITS,
    DATE_UNSET,
    FAULT,
    FAULT_A,
    FAULT_B,
    NO_LEVEL,
    NONE,
    NOW,
    OF_CASE,
    OF_ROWS,
    OF_VALUE,
)
from sim.plan import UNSET, Operator, Scope

PERSON, CASE, SUBJECT, ALLEGATION = (np.int64(scope) for scope in Scope)
EQUAL, NOT_EQUAL, LESS, AT_MOST, MORE, AT_LEAST = (np.int64(operator) for operator in Operator)

LATEST = np.iinfo(np.int64).max


@inlined
def fault(play: Any, what: int, a: int, b: int) -> None:
    """Remember what went wrong first; play stops at the next step."""
    if play.seen[FAULT] == 0:
        play.seen[FAULT], play.seen[FAULT_A], play.seen[FAULT_B] = what, a, b


@inlined
def its_case(play: Any, t: int) -> int:
    """The case of a token."""
    return play.tokens[t].order >> CASE_BITS


@inlined
def its_number(play: Any, t: int) -> int:
    """The number of a token in its case."""
    return play.tokens[t].order & (1 << CASE_BITS) - 1


# --- rows -------------------------------------------------------------------------------------------------------------


@inlined
def get(play: Any, scope: int, index: int, case: int, subject: int, allegation: int) -> int:
    """An attribute of the row of a scope: the case, a subject, its person, or an allegation."""
    if scope == CASE:
        return play.cases[case, index]
    if scope == SUBJECT:
        return play.subjects[subject, index]
    if scope == ALLEGATION:
        return play.allegations[allegation, index]
    return play.people[play.person_of[subject], index]


@inlined
def subjects(play: Any, scope: int, t: int, s: int) -> tuple[int, int]:
    """The span of the pool to go through for the rows of a scope; a single turn for subject `s` or the case."""
    if s >= 0 or scope == CASE:
        return 0, 1
    return play.tokens[t].subject_from, play.tokens[t].subject_to


@inlined
def allegations(play: Any, scope: int, x: int, a: int) -> tuple[int, int]:
    """The allegations to go through under subject `x`; one where the scope is not theirs."""
    if scope != ALLEGATION:
        return 0, 1
    if a >= 0:
        return a, a + 1
    return play.allegation_from[x], play.allegation_from[x + 1]


@inlined
def first(play: Any, scope: int, index: int, t: int, s: int, a: int) -> int:
    """An attribute of the first row of a scope."""
    x = s if s >= 0 else play.tokens[t].subject
    y = a if a >= 0 or scope != ALLEGATION else play.allegation_from[x]
    return get(play, scope, index, its_case(play, t), x, y)


@inlined
def only_row(play: Any, scope: int, t: int, s: int, a: int) -> int:
    """The row of a scope other than the case where the token has but one, -1 where it has more; of the subject where the row is its person."""
    x = s
    if s < 0:
        x = play.tokens[t].subject
        if play.tokens[t].subject_to - play.tokens[t].subject_from != 1:
            return -1
    if scope != ALLEGATION:
        return x
    if a >= 0:
        return a
    y = play.allegation_from[x]
    return y if play.allegation_from[x + 1] - y == 1 else -1


@part
def _highest(play: Any, scope: int, index: int, t: int, s: int, a: int) -> int:
    value = -LATEST
    begin, end = subjects(play, scope, t, s)
    for i in range(begin, end):
        x = s if s >= 0 else play.pool[i]
        low, high = allegations(play, scope, x, a)
        for y in range(low, high):
            value = max(value, get(play, scope, index, NONE, x, y))
    return value


@inlined
def highest(play: Any, scope: int, index: int, case: int, t: int, s: int, a: int) -> int:
    """The highest value of an attribute among the rows of a scope."""
    if scope == CASE:
        return play.cases[case, index]
    row = only_row(play, scope, t, s, a)
    return get(play, scope, index, NONE, row, row) if row >= 0 else _highest(play, scope, index, t, s, a)


@part
def lowest(play: Any, scope: int, index: int, t: int) -> int:
    """The lowest value of an attribute among all rows of a scope below the case."""
    value = LATEST
    begin, end = subjects(play, scope, t, NONE)
    for i in range(begin, end):
        x = play.pool[i]
        low, high = allegations(play, scope, x, NONE)
        for y in range(low, high):
            value = min(value, get(play, scope, index, NONE, x, y))
    return value


# --- numbers ----------------------------------------------------------------------------------------------------------


@inlined
def in_force(plan: Any, v: int, minute: int) -> float:
    """A dated value at a minute."""
    at, last = plan.values[v].step_from, plan.values[v].step_to - 1
    while at < last and plan.step_times[at + 1] <= minute:
        at += 1
    return plan.step_values[at]


@part
def _attached(plan: Any, play: Any, v: int, t: int, s: int, a: int) -> float:
    """A dated value at the earliest of the token's dates that it is attached to."""
    scope, index, case, earliest = plan.values[v].attach_scope, plan.values[v].attach_index, its_case(play, t), LATEST
    begin, end = subjects(play, scope, t, s)
    for i in range(begin, end):
        x = s if s >= 0 else play.pool[i]
        low, high = allegations(play, scope, x, a)
        for y in range(low, high):
            date = get(play, scope, index, case, x, y)
            if date != UNSET and date < earliest:
                earliest = date
    if earliest == LATEST:
        fault(play, DATE_UNSET, v, case)
        return 0.0
    return in_force(plan, v, earliest)


@inlined
def dated(plan: Any, play: Any, v: int, t: int, s: int, a: int) -> float:
    """A dated value, read at the date it is attached to or now."""
    if plan.values[v].attach_scope < 0:
        return play.now[v]
    return _attached(plan, play, v, t, s, a)


@inlined
def by_level(plan: Any, play: Any, f: int, t: int, s: int, a: int, absent: float) -> float:
    """The number of the highest level among the token's rows, or `absent` where that level has none."""
    scope, index, case = plan.factors[f].at_scope, plan.factors[f].at_index, its_case(play, t)
    level = highest(play, scope, index, case, t, s, a)
    at = plan.factors[f].level_from + level
    if level < 0 or at >= plan.factors[f].level_to:
        fault(play, NO_LEVEL, f, case)
        return absent
    v = plan.levels[at]
    return absent if v < 0 else dated(plan, play, v, t, s, a)


@part
def product(plan: Any, play: Any, begin: int, end: int, t: int, s: int, a: int) -> float:
    """The product of a span of factors, 1 if there are none."""
    result = 1.0
    f = begin
    while f < end:
        result *= by_level(plan, play, f, t, s, a, 1.0)
        f += 1
    return result


@inlined
def mean(plan: Any, play: Any, sample: int, t: int, s: int, a: int) -> float:
    """The mean of a length of time, in minutes."""
    one = plan.samples[sample]
    value = one.mean_value
    size = (_attached(plan, play, value, t, s, a) if one.attached else play.now[value]) * one.minutes
    if one.factor_from < one.factor_to:
        size *= product(plan, play, one.factor_from, one.factor_to, t, s, a)
    return size


@inlined
def shape_now(plan: Any, play: Any, sample: int) -> int:
    """The shape of a length of time."""
    if plan.samples[sample].only_shape >= 0:
        return plan.samples[sample].only_shape
    at, last = plan.samples[sample].shape_from, plan.samples[sample].shape_to - 1
    while at < last and plan.sample_shapes[at + 1, 1] <= play.seen[NOW]:
        at += 1
    return plan.sample_shapes[at, 0]


@inlined
def amount(plan: Any, play: Any, sample: int, t: int, s: int, a: int, visit: int) -> int:
    """A length of time in whole minutes of its calendar."""
    size = mean(plan, play, sample, t, s, a)
    k = bits(play.tokens[t].key, plan.samples[sample].place, visit)
    return np.int64(size * quantile(plan.quantiles, shape_now(plan, play, sample), k) + 0.5)


@inlined
def minutes(plan: Any, play: Any, sample: int, t: int, visit: int) -> int:
    """A duration in whole minutes of its calendar, at least one [10]; 0 where there is no distribution."""
    if sample < 0:
        return 0
    drawn = amount(plan, play, sample, t, NONE, NONE, visit)
    return drawn if drawn > 1 else np.int64(1)


@part
def minutes_left(plan: Any, play: Any, sample: int, t: int, visit: int, elapsed: int) -> int:
    """`minutes` where a token begins in the node, and has been there: what is left of them [18]."""
    if elapsed == 0:
        return minutes(plan, play, sample, t, visit)
    size, shape = mean(plan, play, sample, t, NONE, NONE), shape_now(plan, play, sample)
    k = given_longer(plan.quantiles, shape, bits(play.tokens[t].key, plan.samples[sample].place, visit), size, elapsed)
    left = np.int64(size * quantile(plan.quantiles, shape, k) - elapsed + 0.5)
    return left if left > 1 else np.int64(1)


# --- conditions -------------------------------------------------------------------------------------------------------


@inlined
def compare(operator: int, left: int, right: int) -> bool:
    if operator == EQUAL:
        return left == right
    if operator == NOT_EQUAL:
        return left != right
    if operator == LESS:
        return left < right
    if operator == AT_MOST:
        return left <= right
    if operator == MORE:
        return left > right
    return left >= right


@inlined
def _row_holds(plan: Any, play: Any, x: int, case: int, subject: int, allegation: int, t: int, s: int, a: int) -> bool:
    left = get(play, plan.terms[x].left_scope, plan.terms[x].left_index, case, subject, allegation)
    right = plan.terms[x].constant
    if plan.terms[x].now:
        right = play.seen[NOW]
    elif plan.terms[x].right_scope >= 0:
        scope, index = plan.terms[x].right_scope, plan.terms[x].right_index
        if scope == plan.terms[x].left_scope:
            right = get(play, scope, index, case, subject, allegation)
        else:
            right = first(play, scope, index, t, s, a)
    if plan.terms[x].ordered and (left == UNSET or right == UNSET):
        return False
    return compare(plan.terms[x].operator, left, right)


@part
def _at_dates(plan: Any, play: Any, x: int, t: int, s: int, a: int) -> bool:
    """Whether a dated value compares as it should at the date of any row that carries one, or of all [12]."""
    v, every, some, case = plan.terms[x].left_value, plan.terms[x].every != 0, False, its_case(play, t)
    scope, index = plan.values[v].attach_scope, plan.values[v].attach_index
    begin, end = subjects(play, scope, t, s)
    for i in range(begin, end):
        subject = s if s >= 0 or scope == CASE else play.pool[i]
        low, high = allegations(play, scope, subject, a)
        for y in range(low, high):
            date = get(play, scope, index, case, subject, y)
            if date != UNSET:
                read = np.int64(np.rint(in_force(plan, v, date)))
                some = True
                if compare(plan.terms[x].operator, read, plan.terms[x].constant) != every:
                    return not every
    if not some:
        fault(play, DATE_UNSET, v, case)
    return every and some


@inlined
def _in_range(one: Any, number: int) -> bool:
    """Whether a number compares with the constant of a term as it should."""
    return (one.low <= number <= one.high) != (one.outside != 0)


@part
def _rows_hold(plan: Any, play: Any, x: int, t: int, s: int, a: int) -> bool:
    """Whether every or any of several rows of the term's scope compares as it should with the constant."""
    one = plan.terms[x]
    scope, index, every = one.left_scope, one.index, one.every != 0
    begin, end = subjects(play, scope, t, s)
    for i in range(begin, end):
        subject = s if s >= 0 else play.pool[i]
        low, high = allegations(play, scope, subject, a)
        for y in range(low, high):
            if _in_range(one, get(play, scope, index, NONE, subject, y)) != every:
                return not every
    return every


@part
def _otherwise_holds(plan: Any, play: Any, x: int, t: int, s: int, a: int) -> bool:
    scope, case = plan.terms[x].left_scope, its_case(play, t)
    if scope < 0:
        return _at_dates(plan, play, x, t, s, a)
    if scope == CASE:
        return _row_holds(plan, play, x, case, NONE, NONE, t, s, a)
    every = plan.terms[x].every != 0
    begin, end = subjects(play, scope, t, s)
    for i in range(begin, end):
        subject = s if s >= 0 else play.pool[i]
        low, high = allegations(play, scope, subject, a)
        for y in range(low, high):
            if _row_holds(plan, play, x, case, subject, y, t, s, a) != every:
                return not every
    return every


@part
def _all_hold(plan: Any, play: Any, begin: int, end: int, t: int, s: int, a: int) -> bool:
    for x in range(begin, end):
        one = plan.terms[x]
        form = one.form
        if form == OF_CASE:
            number = play.cases[its_case(play, t), one.index]
        elif form == OF_VALUE:
            number = np.int64(np.rint(play.now[one.index]))
        elif form == OF_ROWS:
            row = only_row(play, one.left_scope, t, s, a)
            if row < 0:
                if not _rows_hold(plan, play, x, t, s, a):
                    return False
                continue
            number = get(play, one.left_scope, one.index, NONE, row, row)
        else:
            if not _otherwise_holds(plan, play, x, t, s, a):
                return False
            continue
        if not _in_range(one, number):
            return False
    return True


@inlined
def holds(plan: Any, play: Any, begin: int, end: int, t: int, s: int, a: int) -> bool:
    """Whether every term of a span holds."""
    if begin >= end:
        return True
    one = plan.terms[begin]
    if one.alone == 0:
        return _all_hold(plan, play, begin, end, t, s, a)
    return _in_range(one, play.cases[its_case(play, t), one.index])
