"""What changes the rows of a case without time passing? Writes and decisions, as in `engines/rules.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.compile import inlined, part
from sim.engines.fast.clock import end as end_of
from sim.engines.fast.draws import uniform
from sim.engines.fast.layout import AS_NOW, FAULT, FIXED, NO_BRANCH, NONE, NOW, REST, SHIFTED, TOUCHED
from sim.engines.fast.log import log
from sim.engines.fast.read import (
    ALLEGATION,
    CASE,
    LATEST,
    PERSON,
    SUBJECT,
    allegations,
    amount,
    dated,
    fault,
    first,
    get,
    holds,
    its_case,
    product,
    subjects,
)
from sim.engines.fast.staff import load
from sim.plan import FARTHEST, UNSET, Put
from sim.record import What

CONSTANT, PUT_NOW, ATTRIBUTE, ADD, VALUE, COUNT, FOLD_MAX, FOLD_MIN, FOLD_COUNT, LOAD = (np.int64(put) for put in Put)
CHOSE = np.int64(What.CHOSE)


# --- who has to be told -------------------------------------------------------------------------------------------------


@inlined
def touch_case(play: Any, case: int) -> None:
    """Rows of a case were written to: its holds are read again."""
    if play.case_state[case].held > 0 and not play.case_state[case].touched:
        play.case_state[case].touched = 1
        play.touched[play.seen[TOUCHED]] = case
        play.seen[TOUCHED] += 1


@inlined
def _touch_person(play: Any, person: int) -> None:
    subject = play.first_open[person]
    while subject >= 0:
        touch_case(play, play.case_of[subject])
        subject = play.open_cases[subject].next


# --- writes -------------------------------------------------------------------------------------------------------------


@part
def _folded(plan: Any, play: Any, one: Any, t: int, s: int) -> int:
    """The highest, the lowest or how many are not 0, over the rows that meet the write's `where`; 0 over none."""
    scope, index, case = one.source_scope, one.source_index, its_case(play, t)
    highest, lowest, number, found = -LATEST, LATEST, 0, False
    begin, end = subjects(play, scope, t, s)
    for i in range(begin, end):
        x = s if s >= 0 or scope == CASE else play.pool[i]
        low, high = allegations(play, scope, x, NONE)
        for y in range(low, high):
            if holds(plan, play, one.where_from, one.where_to, t, x, y if scope == ALLEGATION else -1):
                value = get(play, scope, index, case, x, y)
                highest, lowest, number, found = max(highest, value), min(lowest, value), number + (value != 0), True
    if not found:
        return 0
    if one.how == FOLD_MAX:
        return highest
    return lowest if one.how == FOLD_MIN else number


@part
def _shifted(plan: Any, play: Any, one: Any, t: int, s: int, a: int, visit: int) -> int:
    """A date so much after or before now [10]."""
    now, lasts = play.seen[NOW], amount(plan, play, one.shift, t, s, a, visit)
    date = now
    if one.back:
        date = now - lasts
    elif lasts > 0:
        date = end_of(plan, one.shift, now, lasts)
    date = max(min(date, FARTHEST), -FARTHEST)
    return date if date != UNSET else date - 1


@inlined
def _value(plan: Any, play: Any, one: Any, t: int, s: int, a: int, visit: int) -> int:
    put = one.how
    if put in (CONSTANT, ADD):
        return one.constant
    if put == PUT_NOW:
        return play.seen[NOW]
    if put == ATTRIBUTE:
        return first(play, one.source_scope, one.source_index, t, s, a)
    if put == VALUE:
        return np.int64(np.rint(dated(plan, play, one.value, t, s, a)))
    if put == COUNT:
        return np.int64(dated(plan, play, one.value, t, s, a) + uniform(play.tokens[t].key, one.place, visit))
    if put == SHIFTED:
        return _shifted(plan, play, one, t, s, a, visit)
    if put == LOAD:
        return load(plan, play, one.team, its_case(play, t))
    return _folded(plan, play, one, t, s)


@inlined
def _put(plan: Any, play: Any, one: Any, t: int, s: int, a: int, visit: int) -> None:
    """Write to one row if it meets the write's `when`."""
    if not holds(plan, play, one.when_from, one.when_to, t, s, a):
        return
    scope, index, adds = one.into_scope, one.into_index, one.how == ADD
    new = _value(plan, play, one, t, s, a, visit)
    if scope == CASE:
        case = its_case(play, t)
        play.cases[case, index] = play.cases[case, index] + new if adds else new
    elif scope == SUBJECT:
        play.subjects[s, index] = play.subjects[s, index] + new if adds else new
    elif scope == ALLEGATION:
        play.allegations[a, index] = play.allegations[a, index] + new if adds else new
    else:
        person = play.person_of[s]
        play.people[person, index] = play.people[person, index] + new if adds else new
        if one.heard:
            _touch_person(play, person)


@part
def _write_rows(plan: Any, play: Any, number: int, t: int, visit: int) -> None:
    """Do one write to every row of its scope that meets its condition."""
    one = plan.writes[number]
    scope = one.into_scope
    if scope == CASE:
        _put(plan, play, one, t, NONE, NONE, visit)
        return
    for i in range(play.tokens[t].subject_from, play.tokens[t].subject_to):
        s = play.pool[i]
        low, high = allegations(play, scope, s, NONE)
        for y in range(low, high):
            _put(plan, play, one, t, s, y if scope == ALLEGATION else -1, visit)


@inlined
def write(plan: Any, play: Any, number: int, t: int, visit: int) -> None:
    """Do one write."""
    one = plan.writes[number]
    case, put = its_case(play, t), one.how
    if one.bare and put == CONSTANT:
        play.cases[case, one.into_index] = one.constant
    elif one.bare and put == ADD:
        play.cases[case, one.into_index] += one.constant
    elif one.bare and put == PUT_NOW:
        play.cases[case, one.into_index] = play.seen[NOW]
    else:
        _write_rows(plan, play, number, t, visit)
    if one.heard and one.into_scope != PERSON:
        touch_case(play, case)


# --- decisions ----------------------------------------------------------------------------------------------------------


@part
def _weighed(plan: Any, play: Any, n: int, t: int, s: int, a: int, key: Any, visit: int) -> int:
    """The branch that one uniform falls on, among the open ones; those for otherwise only if no other is [15]."""
    begin, end = plan.nodes[n].branch_from, plan.nodes[n].branch_otherwise
    for _ in range(2):
        total, open_ = 0.0, 0
        for b in range(begin, end):
            one = plan.branches[b]
            bare = one.bare != 0
            if not bare and not holds(plan, play, one.when_from, one.when_to, t, s, a):
                continue
            how = one.weight_is
            if how == AS_NOW:
                size = play.now[one.weight]
            elif how == REST:
                size = max(1.0 - total, 0.0)
            elif how == FIXED:
                size = one.constant
            else:
                size = dated(plan, play, one.weight, t, s, a)
            if not bare and one.factor_from < one.factor_to:
                size *= product(plan, play, one.factor_from, one.factor_to, t, s, a)
            if size > 0:
                total += size
                play.open_branches[open_], play.open_weights[open_] = b, total
                open_ += 1
        if open_ == 1:
            return play.open_branches[0]
        if open_ > 1:
            mark, at = uniform(key, plan.nodes[n].place, visit) * total, 0
            while at < open_ - 1 and mark >= play.open_weights[at]:
                at += 1
            return play.open_branches[at]
        begin, end = end, plan.nodes[n].branch_to
    fault(play, NO_BRANCH, n, its_case(play, t))
    return plan.nodes[n].branch_from


@inlined
def _routed(plan: Any, play: Any, n: int, t: int, s: int, a: int) -> int:
    """Without weights: the first branch that is open."""
    b, end = plan.nodes[n].branch_from, plan.nodes[n].branch_to
    while b < end:
        if holds(plan, play, plan.branches[b].when_from, plan.branches[b].when_to, t, s, a):
            return b
        b += 1
    fault(play, NO_BRANCH, n, its_case(play, t))
    return plan.nodes[n].branch_from


@inlined
def choose(plan: Any, play: Any, n: int, t: int, s: int, a: int, key: Any, visit: int) -> int:
    """The branch taken."""
    if plan.nodes[n].weighed:
        return _weighed(plan, play, n, t, s, a, key, visit)
    return _routed(plan, play, n, t, s, a)


@part
def decide_each(plan: Any, play: Any, n: int, t: int, visit: int) -> None:
    """Every row of the scope that meets the node's `when` takes a level."""
    scope, index = plan.nodes[n].into_scope, plan.nodes[n].into_index
    for i in range(play.tokens[t].subject_from, play.tokens[t].subject_to):
        s = play.pool[i]
        low, high = allegations(play, scope, s, NONE)
        for y in range(low, high):
            if play.seen[FAULT]:
                return
            a = y if scope == ALLEGATION else -1
            if not holds(plan, play, plan.nodes[n].when_from, plan.nodes[n].when_to, t, s, a):
                continue
            key = play.allegation_keys[y] if scope == ALLEGATION else play.subject_keys[s]
            level = plan.branches[choose(plan, play, n, t, s, a, key, visit)].level
            if scope == ALLEGATION:
                play.allegations[y, index] = level
            else:
                play.subjects[s, index] = level
            log(play, t, CHOSE, y if scope == ALLEGATION else s, level)
    if plan.nodes[n].heard:
        touch_case(play, its_case(play, t))
