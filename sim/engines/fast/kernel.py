"""How is a plan played? The rules of time of `sim/plan.py` over flat tables, compiled; their numbers stand in brackets.

The order of everything is that of `engines/reference.py`, which is written to be read. Nothing here knows what a case is about.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.compile import compiled, inlined, part
from sim.engines.fast.agenda import agree, call_off, gather, get_ready, next_due
from sim.engines.fast.clock import end
from sim.engines.fast.draws import child
from sim.engines.fast.layout import (
    ARRIVED as ARRIVALS,
)
from sim.engines.fast.layout import (
    CASE_BITS,
    CIRCLE,
    FAULT,
    FREE,
    GRANTING,
    MADE,
    MARK_AT,
    MONTH,
    MONTH_ENDS,
    NO_SLOT,
    NONE,
    NOW,
    POOLED,
    RAISED_NOW,
    READY,
    SHORT_OF_POOL,
    SHORT_OF_SIGNALS,
    SHORT_OF_TOKENS,
    STEP_AT,
    TOLD,
    TOUCHED,
    WAKE,
    WANT_DAYS,
    WANT_SLOTS,
)
from sim.engines.fast.log import log, stay
from sim.engines.fast.read import (
    LATEST,
    allegations,
    fault,
    get,
    holds,
    its_case,
    its_number,
    minutes,
    minutes_left,
    subjects,
)
from sim.engines.fast.rules import choose, decide_each, touch_case, write
from sim.engines.fast.staff import (
    ask,
    cut_short,
    free_post,
    give_back_slot,
    grant_attention,
    grant_slots,
    leave_slot_queue,
    queue_for_slot,
    queue_key,
    refresh,
    stop_asking,
    wake,
)
from sim.plan import MINUTES_A_DAY, UNSET, Kind
from sim.record import What

(SET, DECIDE, WORK, WAIT, HOLD, ASSIGN, BOOK, FORK, JOIN, EXIT) = (np.int64(kind) for kind in Kind)
(ARRIVED, QUEUED, ALLOCATED, ASKED, STARTED, WAITS, HELD, BOOKED, JOINING, LEFT, CHOSE, FORKED, CALLED, WORKED) = (
    np.int64(what) for what in What
)
MOST_ROUNDS = 1000
MOST_STEPS = 100_000
"""Nodes that one token may come to without time passing."""
TAKEN, GIVEN_BACK = np.int64(1), np.int64(-1)
GROUPS = 64
"""Levels by which a fork's tokens are told apart in their keys."""


# --- tokens -------------------------------------------------------------------------------------------------------------


@part
def _make(plan: Any, play: Any, case: int, key: Any, subject_from: int, subject_to: int, node: int) -> int:
    """A new token, due in this round or the next; -1 without room for one."""
    if play.seen[FREE] > 0:
        play.seen[FREE] -= 1
        t = play.free_tokens[play.seen[FREE]]
    elif play.seen[MADE] < len(play.tokens):
        t = play.seen[MADE]
        play.seen[MADE] += 1
    else:
        fault(play, SHORT_OF_TOKENS, NONE, NONE)
        return -1
    number = play.case_state[case].made
    play.case_state[case].made = number + 1
    token = play.tokens[t]
    token.key, token.order, token.node, token.state = key, (case << CASE_BITS) | number, node, ARRIVED
    token.subject_from, token.subject_to, token.subject = subject_from, subject_to, play.pool[subject_from]
    token.parent = token.team = token.post = token.serving = token.due = token.begins = -1
    token.side = token.children = token.timed_out = token.read_in = token.in_slot_queue = token.is_ready = 0
    for column in range(plan.visits[0]):
        play.visits[t, column] = 0
    final = play.case_state[case].final_live
    token.next_live, token.last_live = -1, final
    if final >= 0:
        play.tokens[final].next_live = t
    else:
        play.case_state[case].first_live = t
    play.case_state[case].final_live = t
    log(play, t, ARRIVED, NONE, NONE)
    get_ready(play, t)
    return t


@part
def _open(plan: Any, play: Any, case: int) -> None:
    """The tokens of a case that is open as the plan starts [17]."""
    begin, to, line = play.subject_from[case], play.subject_from[case + 1], NONE
    p, last = plan.part_from[play.opening[case]], plan.part_from[play.opening[case] + 1]
    while p < last:
        key = play.case_keys[case]
        if line >= 0:
            key = child(play.tokens[line].key, plan.parts[p].place, 0)
        t = _make(plan, play, case, key, begin, to, plan.parts[p].node)
        if t < 0:
            return
        play.tokens[t].begins = p - plan.part_from[play.opening[case]]
        if line >= 0:
            side, node = plan.parts[p].side, play.tokens[line].node
            play.tokens[t].parent, play.tokens[t].side = line, side
            play.tokens[line].children += 1 - side
            play.tokens[line].node = plan.parts[p].fork
            log(play, line, FORKED, NONE, its_number(play, t))
            play.tokens[line].node = node
        if line < 0 or not plan.parts[p].side:
            line = t
        p += 1


@part
def _list_people(play: Any, case: int) -> None:
    """A case joins those that are open of its people."""
    for subject in range(play.subject_from[case], play.subject_from[case + 1]):
        person = play.person_of[subject]
        first = play.first_open[person]
        play.open_cases[subject].next, play.open_cases[subject].last = first, -1
        if first >= 0:
            play.open_cases[first].last = subject
        play.first_open[person] = subject


@part
def _unlist_people(play: Any, case: int) -> None:
    """A case leaves those that are open of its people."""
    for subject in range(play.subject_from[case], play.subject_from[case + 1]):
        next_, last = play.open_cases[subject].next, play.open_cases[subject].last
        if next_ >= 0:
            play.open_cases[next_].last = last
        if last >= 0:
            play.open_cases[last].next = next_
        else:
            play.first_open[play.person_of[subject]] = next_


@part
def _arrive(plan: Any, play: Any, case: int) -> None:
    if plan.people_heard[0]:
        _list_people(play, case)
    if play.opening[case] >= 0:
        _open(plan, play, case)
    else:
        start = plan.starts[play.case_stream[case]]
        _make(plan, play, case, play.case_keys[case], play.subject_from[case], play.subject_from[case + 1], start)


@inlined
def _visit(plan: Any, play: Any, t: int, n: int) -> int:
    """How often the token has been here before."""
    column = plan.nodes[n].visit
    if column < 0:
        return 0
    visit = play.visits[t, column]
    play.visits[t, column] = visit + 1
    return visit


@inlined
def _let_go(play: Any, t: int) -> None:
    play.case_state[its_case(play, t)].held -= 1


# --- nodes where no time passes -----------------------------------------------------------------------------------------


@part
def _raise(plan: Any, play: Any, r: int, t: int) -> None:
    if play.seen[RAISED_NOW] == len(play.raised):
        fault(play, SHORT_OF_SIGNALS, NONE, NONE)
        return
    one = play.raised[play.seen[RAISED_NOW]]
    begin, end_ = plan.raises[r].when_from, plan.raises[r].when_to
    if plan.raises[r].to_people:
        one.people_from = play.seen[TOLD]
        for i in range(play.tokens[t].subject_from, play.tokens[t].subject_to):
            s = play.pool[i]
            if holds(plan, play, begin, end_, t, s, NONE):
                if play.seen[TOLD] == len(play.told):
                    fault(play, SHORT_OF_SIGNALS, NONE, NONE)
                    return
                play.told[play.seen[TOLD]] = play.person_of[s]
                play.seen[TOLD] += 1
        one.people_to = play.seen[TOLD]
    elif holds(plan, play, begin, end_, t, NONE, NONE):
        one.people_from = one.people_to = -1
    else:
        return
    one.signal, one.case = plan.raises[r].signal, its_case(play, t)
    play.seen[RAISED_NOW] += 1


@inlined
def _set(plan: Any, play: Any, n: int, t: int) -> None:
    visit = _visit(plan, play, t, n)
    number = plan.nodes[n].write_from
    while number < plan.nodes[n].write_to:
        write(plan, play, number, t, visit)
        number += 1
    number = plan.nodes[n].raise_from
    while number < plan.nodes[n].raise_to:
        _raise(plan, play, number, t)
        number += 1
    play.tokens[t].node = plan.nodes[n].goes_to


@inlined
def _decide(plan: Any, play: Any, n: int, t: int) -> None:
    if plan.nodes[n].into_scope >= 0:
        decide_each(plan, play, n, t, _visit(plan, play, t, n))
        play.tokens[t].node = plan.nodes[n].goes_to
        return
    weighed = plan.nodes[n].weighed
    b = choose(plan, play, n, t, NONE, NONE, play.tokens[t].key, _visit(plan, play, t, n) if weighed else 0)
    if weighed:
        log(play, t, CHOSE, NONE, plan.branches[b].at)
    play.tokens[t].node = plan.branches[b].goes_to


@inlined
def _fork_one(plan: Any, play: Any, n: int, t: int, key: Any, begin: int) -> None:
    """A token of the subjects put into the pool from `begin` on."""
    made = _make(plan, play, its_case(play, t), key, begin, play.seen[POOLED], plan.nodes[n].start)
    if made < 0:
        return
    play.tokens[made].parent, play.tokens[made].side = t, plan.nodes[n].side
    play.tokens[t].children += 1 - plan.nodes[n].side
    log(play, t, FORKED, NONE, its_number(play, made))


@part
def _fork(plan: Any, play: Any, n: int, t: int) -> None:
    """A token for all subjects that meet the node's `when`, for each of them, or for each level they are at."""
    visit = _visit(plan, play, t, n)
    by, place, begin = plan.nodes[n].fork_by, plan.nodes[n].place, play.seen[POOLED]
    level, last = plan.nodes[n].into_index, -LATEST
    if begin + 2 * (play.tokens[t].subject_to - play.tokens[t].subject_from) > len(play.pool):
        fault(play, SHORT_OF_POOL, NONE, NONE)
        return
    for i in range(play.tokens[t].subject_from, play.tokens[t].subject_to):
        s = play.pool[i]
        if not holds(plan, play, plan.nodes[n].when_from, plan.nodes[n].when_to, t, s, NONE):
            continue
        if by == 1:
            play.pool[play.seen[POOLED]] = s
            play.seen[POOLED] += 1
            _fork_one(plan, play, n, t, child(play.subject_keys[s], place, visit), play.seen[POOLED] - 1)
            continue
        at = play.seen[POOLED]
        play.seen[POOLED] += 1
        while by == 2 and at > begin and play.subjects[play.pool[at - 1], level] > play.subjects[s, level]:
            play.pool[at] = play.pool[at - 1]
            at -= 1
        play.pool[at] = s
    if by == 1 or begin == play.seen[POOLED]:
        return
    if by == 0:
        _fork_one(plan, play, n, t, child(play.tokens[t].key, place, visit * GROUPS), begin)
        return
    final = play.seen[POOLED]
    while begin < final and not play.seen[FAULT]:
        last, play.seen[POOLED] = play.subjects[play.pool[begin], level], begin
        while play.seen[POOLED] < final and play.subjects[play.pool[play.seen[POOLED]], level] == last:
            play.seen[POOLED] += 1
        _fork_one(plan, play, n, t, child(play.tokens[t].key, place, visit * GROUPS + last), begin)
        begin = play.seen[POOLED]


@part
def _exit(plan: Any, play: Any, t: int) -> None:
    give_back_slot(plan, play, t)
    stay(play, t, LEFT, NONE, NONE)
    case = its_case(play, t)
    after, before = play.tokens[t].next_live, play.tokens[t].last_live
    if after >= 0:
        play.tokens[after].last_live = before
    else:
        play.case_state[case].final_live = before
    if before >= 0:
        play.tokens[before].next_live = after
    else:
        play.case_state[case].first_live = after
    parent = play.tokens[t].parent
    if parent >= 0 and not play.tokens[t].side:
        play.tokens[parent].children -= 1
        if play.tokens[parent].children == 0 and play.tokens[parent].state == JOINING:
            get_ready(play, parent)
    if play.tokens[t].children > 0:  # those that stay behind have nobody to tell
        other = play.case_state[case].first_live
        while other >= 0:
            if play.tokens[other].parent == t:
                play.tokens[other].parent = -1
            other = play.tokens[other].next_live
    play.free_tokens[play.seen[FREE]] = t
    play.seen[FREE] += 1
    if plan.people_heard[0] and play.case_state[case].first_live < 0:
        _unlist_people(play, case)


# --- nodes where time passes --------------------------------------------------------------------------------------------


@part
def _no_later(plan: Any, play: Any, n: int, t: int, ends: int) -> int:
    """The end of a wait, or the earliest of the node's dates if that comes first."""
    now, scope, case = play.seen[NOW], plan.nodes[n].no_later_than_scope, its_case(play, t)
    begin, end_ = subjects(play, scope, t, NONE)
    for i in range(begin, end_):
        x = play.pool[i]
        low, high = allegations(play, scope, x, NONE)
        for y in range(low, high):
            date = get(play, scope, plan.nodes[n].no_later_than_index, case, x, y)
            if date != UNSET:
                ends = min(ends, max(date, now + 1))
    return ends


@inlined
def _wait(plan: Any, play: Any, n: int, t: int, lasts: int) -> None:
    ends = end(plan, plan.nodes[n].lasts, play.seen[NOW], lasts)
    if plan.nodes[n].no_later_than_scope >= 0:
        ends = _no_later(plan, play, n, t, ends)
    stay(play, t, WAITS, NONE, NONE)
    agree(plan, play, t, ends)


@inlined
def _take_slot(plan: Any, play: Any, n: int, t: int) -> bool:
    """Whether the token has to queue for it."""
    team = plan.nodes[n].team
    if team >= 0 and play.tokens[t].team == team:
        return False
    give_back_slot(plan, play, t)
    if team < 0:
        return False
    play.tokens[t].read_in = 0
    stay(play, t, QUEUED, NONE, NONE)
    queue_for_slot(plan, play, team, t)
    return True


@inlined
def _work(plan: Any, play: Any, n: int, t: int, lasts: int) -> None:
    team = plan.nodes[n].team
    play.tokens[t].effort = lasts
    play.tokens[t].turn = queue_key(plan, play, team, t)
    if plan.teams[team].slots >= 0 and play.tokens[t].team != team:
        fault(play, NO_SLOT, n, its_case(play, t))
    elif plan.teams[team].slots >= 0 and play.tokens[t].post < 0:
        stay(play, t, QUEUED, NONE, NONE)
    else:
        ask(plan, play, t)


@inlined
def _end_bout(plan: Any, play: Any, t: int) -> bool:
    """Whether the effort is done; if not, the token asks for attention again [9]."""
    log(play, t, WORKED, play.tokens[t].serving, NONE)
    free_post(plan, play, t)
    if play.tokens[t].effort < 1e-6:
        return True
    if play.tokens[t].post < 0 and plan.teams[plan.nodes[play.tokens[t].node].team].slots >= 0:
        stay(play, t, QUEUED, NONE, NONE)
    else:
        ask(plan, play, t)
    return False


@part
def _book(plan: Any, play: Any, n: int, t: int, notice: int) -> None:
    length, visit = plan.nodes[n].length, play.visits[t, plan.nodes[n].visit] if plan.nodes[n].visit >= 0 else 1
    calendar = plan.samples[length].calendar
    day = plan.calendars[calendar].closes - plan.calendars[calendar].opens if calendar >= 0 else MINUTES_A_DAY
    play.tokens[t].state = BOOKED
    play.tokens[t].booked_day = end(plan, plan.nodes[n].lasts, play.seen[NOW], notice) // MINUTES_A_DAY + 1
    play.tokens[t].booked_days = max(np.int64(math.ceil(minutes(plan, play, length, t, visit) / day)), 1)
    play.want_days[play.seen[WANT_DAYS]] = t
    play.seen[WANT_DAYS] += 1


# --- sitting days -------------------------------------------------------------------------------------------------------


@inlined
def _sits(plan: Any, n: int, day: int) -> bool:
    """Whether every diary that a booking needs sits on a day."""
    for i in range(plan.nodes[n].diary_from, plan.nodes[n].diary_to):
        if plan.diary_limit[plan.diaries[i, 0], day] < 0:
            return False
    return True


@inlined
def _give_days(plan: Any, play: Any, t: int) -> None:
    """The earliest common run of sitting days with room in every diary [13]."""
    n, days = play.tokens[t].node, play.tokens[t].booked_days
    begin, found, day, last = -1, 0, play.tokens[t].booked_day, -1
    while day < plan.days[0] and found < days:
        if _sits(plan, n, day):
            room = True
            for i in range(plan.nodes[n].diary_from, plan.nodes[n].diary_to):
                diary, places = plan.diaries[i, 0], plan.diaries[i, 1]
                room = room and play.used[diary, day] + places <= plan.diary_limit[diary, day]
            if room:
                begin, found, last = day if found == 0 else begin, found + 1, day
            else:
                found = 0
        day += 1
    calendar = plan.diary_calendar[plan.diaries[plan.nodes[n].diary_from, 0]]
    if found < days:
        play.tokens[t].booked_days = 0
        log(play, t, BOOKED, play.tokens[t].booked_days, NONE)
        return
    play.tokens[t].booked_day = begin
    _fill_days(plan, play, t, begin, TAKEN)
    log(play, t, BOOKED, days, begin * MINUTES_A_DAY + plan.calendars[calendar].opens)
    agree(plan, play, t, last * MINUTES_A_DAY + plan.calendars[calendar].closes)


@inlined
def _fill_days(plan: Any, play: Any, t: int, since: int, sign: int) -> None:
    """Booked days from `since` on are taken or given back."""
    n, day, left = play.tokens[t].node, play.tokens[t].booked_day, play.tokens[t].booked_days
    while left > 0:
        if _sits(plan, n, day):
            left -= 1
            for i in range(plan.nodes[n].diary_from, plan.nodes[n].diary_to):
                if day >= since:
                    play.used[plan.diaries[i, 0], day] += sign * plan.diaries[i, 1]
        day += 1


@inlined
def _cancel_days(plan: Any, play: Any, t: int) -> None:
    """Sitting days after today are free again [4]."""
    for i in range(play.seen[WANT_DAYS]):
        if play.want_days[i] == t:
            play.seen[WANT_DAYS] -= 1
            for j in range(i, play.seen[WANT_DAYS]):
                play.want_days[j] = play.want_days[j + 1]
            return
    _fill_days(plan, play, t, play.seen[NOW] // MINUTES_A_DAY + 1, GIVEN_BACK)


# --- a round ------------------------------------------------------------------------------------------------------------


@inlined
def _in_order(play: Any, list_: Any, length: int) -> None:
    """Tokens by case, then number."""
    for i in range(1, length):
        t, at = list_[i], i
        order = play.tokens[t].order
        while at > 0 and play.tokens[list_[at - 1]].order > order:
            list_[at] = list_[at - 1]
            at -= 1
        list_[at] = t


@inlined
def _move(plan: Any, play: Any, t: int) -> None:
    """Finish what was pending and go on as far as no time passes [3]."""
    token = play.tokens[t]
    if token.state == STARTED and not _end_bout(plan, play, t):
        return
    if token.timed_out:
        _let_go(play, t)
    if token.state != ARRIVED and token.state != CALLED:
        n = token.node
        cut = token.timed_out and plan.nodes[n].cut_off_to >= 0
        token.node = plan.nodes[n].cut_off_to if cut else plan.nodes[n].goes_to
        token.timed_out = 0
    steps, begins = 0, np.int64(-1)
    if token.begins >= 0:
        begins = plan.part_from[play.opening[its_case(play, t)]] + token.begins
        if token.state != ARRIVED:
            token.node = plan.parts[begins].then
        if token.state != ARRIVED or plan.parts[begins].then < 0:
            token.begins = -1  # how long it has been there is known of one node only
    while steps < MOST_STEPS:
        steps += 1
        n = token.node
        kind = plan.nodes[n].kind
        if kind == SET:
            _set(plan, play, n, t)
        elif kind == DECIDE:
            _decide(plan, play, n, t)
        elif kind == ASSIGN:
            if _take_slot(plan, play, n, t):
                return
            token.node = plan.nodes[n].goes_to
        elif kind == FORK:
            _fork(plan, play, n, t)
            token.node = plan.nodes[n].goes_to
        elif kind == JOIN:
            if token.children > 0:
                stay(play, t, JOINING, NONE, NONE)
                return
            token.node = plan.nodes[n].goes_to
        elif kind == EXIT:
            _exit(plan, play, t)
            return
        else:
            visit = _visit(plan, play, t, n) + 1
            if kind == HOLD:
                if holds(plan, play, plan.nodes[n].when_from, plan.nodes[n].when_to, t, NONE, NONE):
                    token.node = plan.nodes[n].goes_to
                    continue
                stay(play, t, HELD, NONE, NONE)
                play.case_state[its_case(play, t)].held += 1
                token.timed_out = plan.nodes[n].lasts >= 0
            if begins >= 0 and steps == 1 and (kind == WAIT or token.timed_out):
                lasts = minutes_left(plan, play, plan.nodes[n].lasts, t, visit, plan.parts[begins].in_stage)
            else:
                lasts = minutes(plan, play, plan.nodes[n].lasts, t, visit)
            if kind == WORK:
                _work(plan, play, n, t, lasts)
            elif kind == WAIT:
                _wait(plan, play, n, t, lasts)
            elif kind == BOOK:
                _book(plan, play, n, t, lasts)
            elif lasts > 0:
                agree(plan, play, t, end(plan, plan.nodes[n].lasts, play.seen[NOW], lasts))
            return
    fault(play, CIRCLE, play.seen[NOW], NONE)


@part
def _call(plan: Any, play: Any, t: int, signal: int, goes_to: int) -> None:
    """A guard takes a token away; it gives back what it was doing [4]."""
    token = play.tokens[t]
    log(play, t, CALLED, NONE, signal)
    if token.state == STARTED:
        cut_short(plan, play, t)
        free_post(plan, play, t)
    elif token.state == HELD:
        if not token.is_ready:
            _let_go(play, t)
    elif token.state == BOOKED:
        _cancel_days(plan, play, t)
    elif token.state == ASKED:
        stop_asking(plan, play, t)
    if token.state == QUEUED and token.post < 0 and plan.nodes[token.node].kind == ASSIGN:
        leave_slot_queue(plan, play, t)
        token.team = -1
    call_off(play, t)
    token.state, token.node, token.timed_out, token.begins = CALLED, goes_to, 0, -1
    get_ready(play, t)


@inlined
def _is_about(play: Any, t: int, begin: int, end_: int) -> bool:
    """Whether a token has one of the people told."""
    if begin < 0:
        return True
    for i in range(play.tokens[t].subject_from, play.tokens[t].subject_to):
        for j in range(begin, end_):
            if play.person_of[play.pool[i]] == play.told[j]:
                return True
    return False


@inlined
def _hearers(play: Any, begin: int, end_: int) -> int:
    """The live cases of the people told, each once, in order, into `hearers`; how many."""
    number = 0
    for j in range(begin, end_):
        subject = play.first_open[play.told[j]]
        while subject >= 0:
            case, at = play.case_of[subject], 0
            while at < number and play.hearers[at] < case:
                at += 1
            if at == number or play.hearers[at] != case:
                if number == len(play.hearers):
                    fault(play, SHORT_OF_SIGNALS, NONE, NONE)
                    return 0
                for i in range(number, at, -1):
                    play.hearers[i] = play.hearers[i - 1]
                play.hearers[at] = case
                number += 1
            subject = play.open_cases[subject].next
    return number


@part
def _deliver(plan: Any, play: Any) -> None:
    """Signals raised in this round, in the order raised [4]."""
    for r in range(play.seen[RAISED_NOW]):
        signal, begin, end_ = play.raised[r].signal, play.raised[r].people_from, play.raised[r].people_to
        if begin < 0:
            play.hearers[0], number = play.raised[r].case, 1
        else:
            number = _hearers(play, begin, end_)
        for i in range(number):
            t = play.case_state[play.hearers[i]].first_live
            while t >= 0:
                if _is_about(play, t, begin, end_):
                    at = signal * len(plan.nodes) + play.tokens[t].node
                    for g in range(plan.guard_from[at], plan.guard_from[at + 1]):
                        if holds(plan, play, plan.guards[g].when_from, plan.guards[g].when_to, t, NONE, NONE):
                            _call(plan, play, t, signal, plan.guards[g].goes_to)
                            break
                t = play.tokens[t].next_live
    play.seen[RAISED_NOW] = play.seen[TOLD] = 0


@part
def _read_holds(plan: Any, play: Any) -> None:
    """Held tokens whose rows were written to, or whose dated values stepped, go on if their condition is now true [5]."""
    for i in range(play.seen[TOUCHED]):
        case = play.touched[i]
        play.case_state[case].touched = 0
        t = play.case_state[case].first_live
        while t >= 0:
            n = play.tokens[t].node
            held = play.tokens[t].state == HELD and not play.tokens[t].is_ready
            if held and holds(plan, play, plan.nodes[n].when_from, plan.nodes[n].when_to, t, NONE, NONE):
                _let_go(play, t)
                play.tokens[t].timed_out = 0
                call_off(play, t)
                get_ready(play, t)
            t = play.tokens[t].next_live
    play.seen[TOUCHED] = 0


@part
def _grant_days(plan: Any, play: Any) -> None:
    """Sitting days, to whoever wants them."""
    _in_order(play, play.want_days, play.seen[WANT_DAYS])
    for i in range(play.seen[WANT_DAYS]):
        _give_days(plan, play, play.want_days[i])
    play.seen[WANT_DAYS] = 0


@inlined
def _grant(plan: Any, play: Any) -> None:
    """Slots, then attention, then sitting days [6]."""
    if play.seen[WANT_SLOTS]:
        grant_slots(plan, play)
    if play.seen[GRANTING]:
        grant_attention(plan, play)
    if play.seen[WANT_DAYS]:
        _grant_days(plan, play)


@part
def _mark(plan: Any, play: Any, mark: int) -> None:
    """Teams change, or a value steps that a hold reads."""
    for i in range(plan.marks[mark].team_from, plan.marks[mark].team_to):
        refresh(plan, play, plan.marked[i])
    if plan.marks[mark].holds:
        for case in range(play.seen[ARRIVALS]):
            touch_case(play, case)
        _read_holds(plan, play)


@part
def _join(play: Any, gathered: int) -> int:
    """Whoever is ready joins those gathered in `moving`; how many there are, in order."""
    number = gathered
    for i in range(play.seen[READY]):
        play.moving[number] = play.ready[i]
        number += 1
    play.seen[READY] = 0
    _in_order(play, play.moving, number)
    return number


@inlined
def _rounds(plan: Any, play: Any, gathered: int) -> None:
    """One instant, until nothing more can happen in it [2]. The first round begins with those gathered in `moving`."""
    rounds, number = 0, gathered
    while rounds < MOST_ROUNDS:
        rounds += 1
        if play.seen[READY]:
            number = _join(play, number)
        if number == 0:
            _grant(plan, play)
            if play.seen[READY] == 0:
                return
            continue
        i = 0
        while i < number:
            t = play.moving[i]
            play.tokens[t].is_ready = 0
            _move(plan, play, t)
            i += 1
        if play.seen[RAISED_NOW]:
            _deliver(plan, play)
        if play.seen[TOUCHED]:
            _read_holds(plan, play)
        if play.seen[FAULT]:
            return
        number = 0
    fault(play, CIRCLE, play.seen[NOW], NONE)


@inlined
def _arrival(play: Any) -> int:
    """The minute of the next arrival."""
    case = play.seen[ARRIVALS]
    return play.received[case] if case < len(play.received) else LATEST


@part
def _catch_up(plan: Any, play: Any, now: int) -> int:
    """Months, steps of values and marks up to now; the minute of the next of them."""
    while now >= play.seen[MONTH_ENDS]:
        play.seen[MONTH] += 1
        play.seen[MONTH_ENDS] = plan.month_ends[play.seen[MONTH]]
    step = play.seen[STEP_AT]
    while step < len(plan.steps) and plan.steps[step].minute <= now:
        play.now[plan.steps[step].value] = plan.steps[step].becomes
        step += 1
    play.seen[STEP_AT] = step
    mark = play.seen[MARK_AT]
    if mark < len(plan.marks) and plan.marks[mark].minute == now:
        _mark(plan, play, mark)
        mark += 1
        play.seen[MARK_AT] = mark
    soonest = play.seen[MONTH_ENDS]
    if step < len(plan.steps):
        soonest = min(soonest, plan.steps[step].minute)
    return min(soonest, _marked(plan, play))


@inlined
def _marked(plan: Any, play: Any) -> int:
    """The minute of the next mark."""
    mark = play.seen[MARK_AT]
    return plan.marks[mark].minute if mark < len(plan.marks) else LATEST


@compiled
def run(plan: Any, play: Any) -> None:
    """Play a plan from its start to its end, or until something goes wrong."""
    play.seen[WAKE] = LATEST
    for team in range(len(plan.teams)):
        refresh(plan, play, team)
    arrival, end_ = _arrival(play), plan.ends_at[0]
    planned, steps = min(_marked(plan, play), end_), np.int64(0)
    while play.seen[FAULT] == 0:
        other = arrival
        if planned < other:
            other = planned
        if play.seen[WAKE] < other:
            other = play.seen[WAKE]
        now = next_due(play, other)
        if other < now:
            now = other
        if now >= end_:
            return
        play.seen[NOW] = now
        if play.seen[WAKE] <= now:
            wake(plan, play)
        if steps <= now:
            steps = _catch_up(plan, play, now)
            planned = min(_marked(plan, play), end_)
        gathered = gather(play, now)
        while arrival == now:
            _arrive(plan, play, play.seen[ARRIVALS])
            play.seen[ARRIVALS] += 1
            arrival = _arrival(play)
        _rounds(plan, play, gathered)
