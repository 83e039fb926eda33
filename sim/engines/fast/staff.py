"""Who gets a slot, and whose turn is it? Teams of posts, as rules 6 to 9 and 11 of `sim/plan.py` describe them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.compile import inlined, part
from sim.engines.draws import BIAS, BITS
from sim.engines.fast import heap
from sim.engines.fast.agenda import agree, get_ready
from sim.engines.fast.clock import after, count, next_open
from sim.engines.fast.layout import (
    ARRIVED as ARRIVALS,
)
from sim.engines.fast.layout import (
    FAULT,
    GRANTING,
    MONTH,
    MONTH_ENDS,
    NO_SUCH_PLACE,
    NONE,
    NOW,
    PLACES,
    WAKE,
    WANT_SLOTS,
)
from sim.engines.fast.log import log, stay
from sim.engines.fast.read import CASE, LATEST, by_level, fault, in_force, its_case, lowest
from sim.plan import MINUTES_A_DAY, Kind
from sim.record import What

ALLOCATED, ASKED, QUEUED, STARTED = (np.int64(what) for what in (What.ALLOCATED, What.ASKED, What.QUEUED, What.STARTED))
ASSIGN = np.int64(Kind.ASSIGN)
BOUTS, SLOTS = 0, 1
BEGINS, ENDS = np.int64(1), np.int64(-1)
IS_TAKEN, IS_FREE = np.int64(0), np.int64(1)


# --- what is used -------------------------------------------------------------------------------------------------------


@part
def _spread(plan: Any, play: Any, team: int, until: int, sign: int) -> None:
    """Open minutes from now until then, month by month; nothing after the plan's end counts."""
    calendar, month = plan.teams[team].calendar, play.seen[MONTH]
    since, last = count(plan, calendar, play.seen[NOW]), count(plan, calendar, min(until, plan.ends_at[0]))
    while since < last:
        upto = min(last, plan.month_ends_open[calendar, month])
        play.used_by_month[team, BOUTS, month] += sign * (upto - since)
        since = upto
        month += 1


@inlined
def meter_bout(plan: Any, play: Any, team: int, until: int, lasts: int) -> None:
    """A bout of so many open minutes begins."""
    if until < play.seen[MONTH_ENDS]:
        play.used_by_month[team, BOUTS, play.seen[MONTH]] += lasts
    else:
        _spread(plan, play, team, until, BEGINS)


@inlined
def cut_short(plan: Any, play: Any, t: int) -> None:
    """The bout of a token, which is due when it ends unless that is after the plan, ends before it is done."""
    until = play.tokens[t].due if play.tokens[t].due >= 0 else plan.ends_at[0]
    _spread(plan, play, plan.nodes[play.tokens[t].node].team, until, ENDS)


@inlined
def meter_slot(play: Any, team: int, sign: int) -> None:
    """A slot is taken or given back now: see `meter.py`."""
    month = play.seen[MONTH]
    play.used_by_month[team, SLOTS, month] += sign * (play.seen[MONTH_ENDS] - play.seen[NOW])
    play.used_by_month[team, SLOTS + 1, month] += sign


# --- what may have to be given ------------------------------------------------------------------------------------------


@inlined
def want_slots(play: Any, team: int) -> None:
    if not play.servers[team].wants_slots:
        play.servers[team].wants_slots = 1
        play.seen[WANT_SLOTS] = _list(play.want_slots, play.seen[WANT_SLOTS], team)


@inlined
def granting(play: Any, team: int) -> None:
    if not play.servers[team].grants:
        play.servers[team].grants = 1
        play.seen[GRANTING] = _list(play.granting, play.seen[GRANTING], team)


@inlined
def _list(numbers: Any, length: int, number: int) -> int:
    """Put a number in its place in an ascending list; how many there are then."""
    at = length
    while at > 0 and numbers[at - 1] > number:
        numbers[at] = numbers[at - 1]
        at -= 1
    numbers[at] = number
    return length + 1


@inlined
def change(plan: Any, play: Any, team: int, queue: int) -> None:
    """There may be attention to give to a queue; a team's only one needs no list."""
    if plan.teams[team].slots >= 0 and not play.is_changed[queue]:
        play.is_changed[queue] = 1
        base = plan.teams[team].post + plan.teams[team].unit
        at = base + play.servers[team].changed
        play.servers[team].changed += 1
        while at > base and play.changed[at - 1] > queue:
            play.changed[at] = play.changed[at - 1]
            at -= 1
        play.changed[at] = queue
    granting(play, team)


# --- units --------------------------------------------------------------------------------------------------------------


@inlined
def turn_queue(plan: Any, play: Any, team: int, post: int) -> int:
    """The queue for attention of a post; of the team where nobody is assigned, and the post is another team's."""
    return plan.teams[team].queue if plan.teams[team].slots < 0 else play.posts[plan.teams[team].post + post].queue


@inlined
def _mark_free(play: Any, at: int, free: int) -> None:
    """Whether a place of `unit_posts` holds a free post."""
    number, bit = at // PLACES, at % PLACES
    play.free_posts[number] = play.free_posts[number] & ~(1 << bit) | free << bit


@inlined
def _first_free(play: Any, at: int) -> int:
    """The first place from `at` on that holds a free post, of which there is one."""
    number = at // PLACES
    bits = play.free_posts[number] >> at % PLACES << at % PLACES
    while bits == 0:
        number += 1
        bits = play.free_posts[number]
    lowest_bit = np.float64(bits & -bits)
    return number * PLACES + (lowest_bit.view(np.int64) >> BITS) - BIAS


@part
def _head_start(plan: Any, play: Any, team: int, t: int) -> int:
    """What a token's levels put it before others by, in minutes."""
    ahead = 0.0
    f = plan.teams[team].head_start_from
    while f < plan.teams[team].head_start_to:
        ahead += by_level(plan, play, f, t, NONE, NONE, 0.0)
        f += 1
    return np.int64(np.rint(ahead * MINUTES_A_DAY))


@inlined
def queue_key(plan: Any, play: Any, team: int, t: int) -> int:
    """Reference date less head start [7]."""
    scope, index = plan.teams[team].oldest_scope, plan.teams[team].oldest_index
    earliest = play.cases[its_case(play, t), index] if scope == CASE else lowest(play, scope, index, t)
    if plan.teams[team].head_start_from == plan.teams[team].head_start_to:
        return earliest
    return earliest - _head_start(plan, play, team, t)


# --- slots --------------------------------------------------------------------------------------------------------------


@inlined
def _place(plan: Any, play: Any, team: int, case: int) -> int:
    """Where a case is, of the places that a team spreads over units; -1 where there is no such place."""
    if plan.teams[team].unit_of_scope < 0:
        return 0
    place = play.cases[case, plan.teams[team].unit_of_index]
    if place < 0 or place >= plan.teams[team].places:
        fault(play, NO_SUCH_PLACE, team, case)
        return -1
    return place


@inlined
def _unit_at(plan: Any, play: Any, team: int, place: int) -> int:
    """The row of the unit that covers a place today."""
    return plan.teams[team].unit + place * play.servers[team].units // plan.teams[team].places


@part
def load(plan: Any, play: Any, team: int, case: int) -> int:
    """Per cent of the slots of today's posts that are held in the unit where a case is; 100 where there are none [8]."""
    place = _place(plan, play, team, case)
    if place < 0:
        return 0
    unit, held = _unit_at(plan, play, team, place), 0
    for at in range(play.units[unit].post_from, play.units[unit].post_to):
        held += play.posts[plan.teams[team].post + play.unit_posts[at]].holds
    capacity = (play.units[unit].post_to - play.units[unit].post_from) * play.servers[team].cap
    return 100 * held // capacity if capacity > 0 else 100


@part
def queue_for_slot(plan: Any, play: Any, team: int, t: int) -> None:
    place = _place(plan, play, team, its_case(play, t))
    if place < 0:
        return
    play.tokens[t].team, play.tokens[t].post, play.tokens[t].place = team, NONE, place
    unit = _unit_at(plan, play, team, place)
    play.slot_heap[t].turn, play.slot_heap[t].order = queue_key(plan, play, team, t), play.tokens[t].order
    play.units[unit].waiting = heap.push(play.slot_heap, play.units[unit].waiting, t)
    play.tokens[t].in_slot_queue = 1
    play.units[unit].fill = 1
    want_slots(play, team)


@inlined
def leave_slot_queue(plan: Any, play: Any, t: int) -> None:
    if play.tokens[t].in_slot_queue:
        team = play.tokens[t].team
        unit = _unit_at(plan, play, team, play.tokens[t].place)
        play.units[unit].waiting = heap.remove(play.slot_heap, play.units[unit].waiting, t)
        play.tokens[t].in_slot_queue = 0


@inlined
def give_back_slot(plan: Any, play: Any, t: int) -> None:
    if play.tokens[t].team >= 0:
        _give_back_slot(plan, play, t)


@part
def _give_back_slot(plan: Any, play: Any, t: int) -> None:
    team = play.tokens[t].team
    post = play.tokens[t].post
    if post >= 0:
        p = plan.teams[team].post + post
        after_, before = play.tokens[t].next_held, play.tokens[t].last_held
        if after_ >= 0:
            play.tokens[after_].last_held = before
        if before >= 0:
            play.tokens[before].next_held = after_
        else:
            play.posts[p].first_held = after_
        play.posts[p].holds -= 1
        play.units[play.posts[p].stands_in].fill = 1
        meter_slot(play, team, ENDS)
        want_slots(play, team)
    leave_slot_queue(plan, play, t)
    play.tokens[t].team = play.tokens[t].post = -1


@inlined
def _take_slot(plan: Any, play: Any, team: int, t: int, post: int) -> None:
    p = plan.teams[team].post + post
    first = play.posts[p].first_held
    play.tokens[t].next_held, play.tokens[t].last_held = first, -1
    if first >= 0:
        play.tokens[first].last_held = t
    play.posts[p].first_held = t
    play.posts[p].holds += 1
    play.tokens[t].post, play.tokens[t].in_slot_queue = post, 0
    meter_slot(play, team, BEGINS)


@inlined
def hand_over(plan: Any, play: Any, team: int, t: int) -> None:
    """The post that held a token has gone: the token queues for a slot anew [11]."""
    if play.tokens[t].state == ASKED and plan.nodes[play.tokens[t].node].team == team:
        stop_asking(plan, play, t)
        stay(play, t, QUEUED, NONE, NONE)
    give_back_slot(plan, play, t)
    play.tokens[t].read_in = 1
    queue_for_slot(plan, play, team, t)


@part
def hand_over_all(plan: Any, play: Any, team: int, post: int) -> None:
    """Everything a post held is handed over, in order of case and token."""
    p = plan.teams[team].post + post
    while play.posts[p].first_held >= 0 and not play.seen[FAULT]:
        best = t = play.posts[p].first_held
        while t >= 0:
            if play.tokens[t].order < play.tokens[best].order:
                best = t
            t = play.tokens[t].next_held
        hand_over(plan, play, team, best)


@inlined
def _grant_slots(plan: Any, play: Any, team: int) -> None:
    """Every free slot goes to whoever is first in its unit; of the posts with room, the least loaded gives it [8]."""
    for unit in range(plan.teams[team].unit, plan.teams[team].unit + play.servers[team].units):
        if not play.units[unit].fill:
            continue
        play.units[unit].fill = 0
        while play.units[unit].waiting >= 0:
            best, least = -1, play.servers[team].cap
            for at in range(play.units[unit].post_from, play.units[unit].post_to):
                post = play.unit_posts[at]
                if play.posts[plan.teams[team].post + post].holds < least:
                    best, least = post, play.posts[plan.teams[team].post + post].holds
                    if least == 0:
                        break
            if best < 0:
                break
            t = play.units[unit].waiting
            play.units[unit].waiting = heap.pop(play.slot_heap, t)
            _take_slot(plan, play, team, t, best)
            log(play, t, ALLOCATED, best, NONE)
            if play.tokens[t].state == QUEUED:
                if plan.nodes[play.tokens[t].node].kind == ASSIGN:
                    get_ready(play, t)
                else:
                    ask(plan, play, t)


# --- attention ----------------------------------------------------------------------------------------------------------


@part
def ask(plan: Any, play: Any, t: int) -> None:
    """A token waits for attention; its key is the same for all bouts of one effort [9]."""
    team = plan.nodes[play.tokens[t].node].team
    stay(play, t, ASKED, NONE, NONE)
    queue = turn_queue(plan, play, team, play.tokens[t].post)
    play.turns[queue] = heap.push(play.tokens, play.turns[queue], t)
    post, unit = play.tokens[t].post, plan.teams[team].unit + queue - plan.teams[team].queue
    if queue < plan.teams[team].queue:
        free = play.posts[plan.teams[team].post + post].doing < 0
    else:
        free = play.units[unit].free > 0
    if free:  # or whoever is freed next sees that somebody waits
        change(plan, play, team, queue)


@inlined
def stop_asking(plan: Any, play: Any, t: int) -> None:
    queue = turn_queue(plan, play, plan.nodes[play.tokens[t].node].team, play.tokens[t].post)
    play.turns[queue] = heap.remove(play.tokens, play.turns[queue], t)


@inlined
def free_post(plan: Any, play: Any, t: int) -> None:
    """The bout a token was in is over."""
    team, post = plan.nodes[play.tokens[t].node].team, play.tokens[t].serving
    p = plan.teams[team].post + post
    play.tokens[t].serving = -1
    play.posts[p].doing = -1
    unit = play.posts[p].unit
    if unit >= 0:
        play.units[unit].free += 1
        _mark_free(play, play.posts[p].at, IS_FREE)
    if play.turns[play.posts[p].queue] >= 0:
        change(plan, play, team, play.posts[p].queue)
    if unit < 0:
        hand_over_all(plan, play, team, post)


@inlined
def _start_bout(plan: Any, play: Any, team: int, t: int, post: int) -> None:
    """Attention until the effort is done or the longest bout is over [9, 10]."""
    speed, effort = play.servers[team].speed, play.tokens[t].effort
    if play.tokens[t].read_in and play.tokens[t].team == team:
        if plan.teams[team].hand_over >= 0:
            effort += in_force(plan, plan.teams[team].hand_over, play.seen[NOW]) * 60
        play.tokens[t].read_in = 0
    lasts = np.int64(math.ceil(effort / speed))
    if lasts < 1:
        lasts = np.int64(1)
    if lasts > plan.teams[team].longest_bout:
        lasts = plan.teams[team].longest_bout
    play.tokens[t].effort = effort - lasts * speed
    play.tokens[t].serving = post
    p = plan.teams[team].post + post
    play.posts[p].doing = t
    play.units[play.posts[p].unit].free -= 1
    _mark_free(play, play.posts[p].at, IS_TAKEN)
    until = after(plan, plan.teams[team].calendar, play.seen[NOW], lasts)
    meter_bout(plan, play, team, until, lasts)
    stay(play, t, STARTED, post, NONE)
    agree(plan, play, t, until)


@inlined
def _free_post(plan: Any, play: Any, team: int, queue: int) -> int:
    """The post that attends to whoever is first in a queue, -1 if none is free: its own, or the lowest of the unit."""
    base, posts = plan.teams[team].post + plan.teams[team].unit, plan.teams[team].post
    if queue < plan.teams[team].queue:
        post = queue - base
        return post if play.posts[posts + post].unit >= 0 and play.posts[posts + post].doing < 0 else -1
    unit = plan.teams[team].unit + queue - plan.teams[team].queue
    if play.units[unit].free <= 0:
        return -1
    return play.unit_posts[_first_free(play, play.units[unit].post_from)]


@inlined
def _grant_attention(plan: Any, play: Any, team: int) -> None:
    """Free posts go to whoever asks; queues by number, then posts by number."""
    alone = plan.teams[team].slots < 0
    i, number = 0, 1 if alone else play.servers[team].changed
    while i < number:
        queue = plan.teams[team].queue
        if not alone:
            queue = play.changed[plan.teams[team].post + plan.teams[team].unit + i]
            play.is_changed[queue] = 0
        i += 1
        while play.turns[queue] >= 0:
            post = _free_post(plan, play, team, queue)
            if post < 0:
                break
            t = play.turns[queue]
            play.turns[queue] = heap.pop(play.tokens, t)
            _start_bout(plan, play, team, t, post)
    play.servers[team].changed = 0


@part
def grant_slots(plan: Any, play: Any) -> None:
    """Slots are given by the teams that may have some [6]."""
    i, number = 0, play.seen[WANT_SLOTS]
    play.seen[WANT_SLOTS] = 0
    while i < number:
        team = play.want_slots[i]
        i += 1
        play.servers[team].wants_slots = 0
        _grant_slots(plan, play, team)


@inlined
def grant_attention(plan: Any, play: Any) -> None:
    """Attention is given by the teams that may have some, once they are open [6]."""
    i, now, number = 0, play.seen[NOW], play.seen[GRANTING]
    play.seen[GRANTING] = 0
    while i < number:
        team = play.granting[i]
        i += 1
        if play.servers[team].opens_at <= now:
            play.servers[team].opens_at = next_open(plan, plan.teams[team].calendar, now)
        if play.servers[team].opens_at == now:
            play.servers[team].grants = 0
            _grant_attention(plan, play, team)
        else:
            play.seen[WAKE] = min(play.seen[WAKE], play.servers[team].opens_at)


@part
def wake(plan: Any, play: Any) -> None:
    """Teams that were closed when they had something to give, and open now."""
    play.seen[WAKE] = LATEST
    for team in range(len(plan.teams)):
        if play.servers[team].grants:
            if play.servers[team].opens_at <= play.seen[NOW]:
                play.seen[GRANTING] = _list(play.granting, play.seen[GRANTING], team)
            else:
                play.seen[WAKE] = min(play.seen[WAKE], play.servers[team].opens_at)


# --- dates on which teams change ----------------------------------------------------------------------------------------


@part
def _move_queues(plan: Any, play: Any, team: int, units: int, pooled: int) -> None:
    """Whoever waits moves to the queue of the unit of today."""
    base, unit, places = plan.teams[team].post + plan.teams[team].unit, plan.teams[team].unit, plan.teams[team].places
    for post in range(plan.teams[team].most_posts):
        p = plan.teams[team].post + post
        covers = plan.stands[plan.teams[team].stands + post % places] * units // places
        play.posts[p].stands_in, play.posts[p].queue = unit + covers, base + post
        if plan.teams[team].slots < 0:
            play.posts[p].queue = plan.teams[team].queue
        elif pooled:
            play.posts[p].queue = plan.teams[team].queue + covers
    queues = plan.teams[team].most_posts + plan.teams[team].most_units
    for queue in range(base, base + queues):
        play.turns[queue] = -1
        play.is_changed[queue] = 0
    play.servers[team].changed = 0
    for u in range(unit, unit + plan.teams[team].most_units):
        play.units[u].waiting, play.units[u].fill = -1, 0
    play.servers[team].units, play.servers[team].pooled = units, pooled
    for case in range(play.seen[ARRIVALS]):
        t = play.case_state[case].first_live
        while t >= 0:
            if play.tokens[t].in_slot_queue and play.tokens[t].team == team:
                u = unit + play.tokens[t].place * units // plan.teams[team].places
                play.units[u].waiting = heap.push(play.slot_heap, play.units[u].waiting, t)
            if play.tokens[t].state == ASKED and plan.nodes[play.tokens[t].node].team == team:
                queue = turn_queue(plan, play, team, play.tokens[t].post)
                play.turns[queue] = heap.push(play.tokens, play.turns[queue], t)
            t = play.tokens[t].next_live


@part
def refresh(plan: Any, play: Any, team: int) -> None:
    """Read today's size, cap, units, pooling and speed."""
    server = play.servers[team]
    server.posts = np.int64(np.rint(play.now[plan.teams[team].posts]))
    assigns = plan.teams[team].slots >= 0
    server.cap = np.int64(np.rint(play.now[plan.teams[team].slots])) if assigns else 0
    server.speed = play.now[plan.teams[team].speed]
    units = np.int64(np.rint(play.now[plan.teams[team].units])) if assigns and plan.teams[team].units >= 0 else 1
    pooled = not assigns or (plan.teams[team].pools >= 0 and np.rint(play.now[plan.teams[team].pools]) != 0)
    if units != server.units or pooled != server.pooled:
        _move_queues(plan, play, team, units, np.int64(pooled))
    base, unit = plan.teams[team].post, plan.teams[team].unit
    at = base
    for u in range(units):
        play.units[unit + u].post_from = at
        play.units[unit + u].free = 0
        for post in range(server.posts):
            if play.posts[base + post].stands_in == unit + u:
                play.unit_posts[at] = post
                play.posts[base + post].unit, play.posts[base + post].at = unit + u, at
                play.units[unit + u].free += play.posts[base + post].doing < 0
                _mark_free(play, at, IS_FREE if play.posts[base + post].doing < 0 else IS_TAKEN)
                at += 1
        play.units[unit + u].post_to = at
        play.units[unit + u].fill = 1
    for post in range(server.posts, plan.teams[team].most_posts):
        play.posts[base + post].unit = -1
    for queue in range(base + unit, base + unit + plan.teams[team].most_posts + plan.teams[team].most_units):
        if play.turns[queue] >= 0:
            change(plan, play, team, queue)
    for post in range(server.posts, plan.teams[team].most_posts):
        if play.posts[base + post].doing < 0:
            hand_over_all(plan, play, team, post)
    want_slots(play, team)
    granting(play, team)
