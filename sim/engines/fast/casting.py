"""How are people, cases, subjects and allegations drawn, row by row? `engines/cast.py` again, compiled, in the same order of arithmetic.

`draw` finds out who comes and how many rows there are, in buffers that may turn out too short; `tell` writes the rows into arrays of the right size.
Tables and buffers come in small groups, and loops stand apart from the two that are called: one large group taken along everywhere made them slow.
What is drawn for many goes through in blocks, step by step, and nothing waits for a guess at who is next: that is most of the speed.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compile import compiled, inlined, part
from sim.engines import draws
from sim.engines.cast import FRAILTY_CAP, MINUTES_A_YEAR, TRIES
from sim.engines.fast.draws import below, between, bits, child, quantile, turn, uniform
from sim.plan import Scope

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
Record = NDArray[Any]
"""A record array."""


def _whole(number: int) -> Any:
    """A whole number as compiled code counts. A bare one is a type of its own, for which all that it is handed to would be compiled once more."""
    return np.int64(number)


PERSON, CASE, SUBJECT, ALLEGATION = map(_whole, Scope)

(
    OF_SEAT, OF_PERSON, SERVED_BEFORE, STAY, GAP, MARK, OWN_PERSON,
    SUBJECTS, FURTHER_SUBJECT, CANDIDATE, ACCEPT, OF_SUBJECT, ALLEGATIONS, OF_ALLEGATION,
) = (
    np.uint64(draws.name(text))
    for text in (
        "seat", "person", "served before", "stay", "gap", "mark", "own person",
        "subjects", "further subject", "candidate", "accept", "subject", "allegations", "allegation",
    )
)  # fmt: skip

NOTHING = _whole(0)
BLOCK = 1024
"""Seats, people or rows that are drawn together: few enough that their numbers stay at hand."""
DIGIT = 12
"""Bits of a minute by which cases are put in order at a time."""
PLACE = np.uint64(32)
"""Bits below a minute in which the place of its case is told."""
FINE, NO_BOUND = 16, 255
"""Parts of 1 in which rates of seats are told, so that they all stay at hand, and what lies above every mark."""
NEAR = 15
"""Bits of a minute that are left out when its cut is looked up."""

ONE = np.uint32(1)
PLACES, DIGITS = np.uint64((1 << 32) - 1), np.uint64((1 << DIGIT) - 1)

GAPS = _whole(0)
"""The row of `Tables.quantiles` of gaps and stays; the spread of stream `s` is row `s + 1`."""

PLAN = np.dtype(
    [
        ("ends_at", "i8"),
        ("seats", "i8"),
        ("leaving", "f8"),
        ("place_slot", "i8"),
        ("places", "i8"),
        ("place", "i8"),
        ("joined", "i8"),
        ("leaves", "i8"),
        ("marks", "i8"),
        ("marks_after", "i8"),
        ("before", "i8"),
        ("received", "i8"),
        ("stream", "i8"),
    ]
)
"""`seats`: 0 without a population; everybody then has one case. `leaving`: a minute. `place_slot`: of `Force.levels`. The rest are columns, -1 for none."""

STREAM = np.dtype(
    [
        ("place", "u8"),
        ("frailty", "u8"),
        ("alike", "i8"),
        ("further", "i8"),
        ("window", "i8"),
        ("ceiling", "f8"),
        ("per_minute", "f8"),
        ("enough", "i8"),
        ("factor_from", "i8"),
        ("factor_to", "i8"),
        ("most_wanted", "f8"),
        ("most_before", "f8"),
        ("before_share", "f8"),
        ("most", "f8"),
    ]
)
"""`alike`: all people are equally often reported. `further`: a case may have further subjects. `window`: minutes from joining in which incidents lie. `per_minute`: potential incidents of a person. `enough`: how many are drawn without a population.
`most_wanted`: no more is wanted at any time, infinite where that exceeds the ceiling. `most_before`: no more counts before the plan's start.
`most`: no person is reported more often, infinite unless all are alike."""

DRAW = np.dtype(
    [
        ("name", "u8"),
        ("scope", "i8"),
        ("column", "i8"),
        ("slot", "i8"),
        ("given_scope", "i8"),
        ("given", "i8"),
        ("given_slot", "i8"),
        ("step_from", "i8"),
        ("step_to", "i8"),
        ("upto", "i8"),
        ("only", "i8"),
        ("rows", "i8"),
        ("levels", "i8"),
    ]
)
"""`slot`: of `Force.levels`, for people. `given_scope`: -1 where nothing is given. `upto`: the first of `Drawn.upto`, by level given, step and level; `only`: the
same where the shares are always these, else 0."""

EXPOSURE = np.dtype([("slot", "i8"), ("levels", "i8"), ("first", "i8")])
"""`first`: where its table begins in `Days`."""

SOMEBODY = np.dtype([("joined", "i8"), ("leaves", "i8"), ("seat", "u4"), ("before", "i4")])
"""`before`: how many held the seat before, and then potential cases of the first stream before the plan's start."""

INCIDENT = np.dtype([("key", "u8"), ("minute", "i8"), ("person", "u4"), ("stream", "i4")])

NAMED = np.dtype([("key", "u8"), ("until", "i8"), ("case", "u4"), ("person", "u4"), ("place", "i8")])
"""A subject. `until`: the first allegation of the next."""

SOUGHT = np.dtype([("key", "u8"), ("minute", "i8"), ("stream", "i4"), ("lead", "i4"), ("row", "i8")])
"""A further subject who is not found yet: of which case, and the row that waits."""

PEOPLE, CASES, SUBJECT_ROWS, ALLEGATION_ROWS, KEPT, FURTHEST = range(6)
COUNTS = 6
"""Places in `Room.counts`: rows there are, whether or not they had room. `KEPT` are people with a case. `FURTHEST`: no date of people lies more minutes from the start."""


class Rates(NamedTuple):
    """Of `stepped.Rates`; for each factor the slot it looks at, the rates by level and step, and the highest by level."""

    streams: Record
    times: Ints
    filled: Floats
    wanted: Floats
    slots: Ints
    relative: Floats
    most: Floats


class Means(NamedTuple):
    """Of `stepped.Means`."""

    times: Ints
    more: Floats


class Drawn(NamedTuple):
    """Attributes that are drawn, by scope: where each scope begins (and one more), when shares step, the shares from place 1 on, and what
    each slot is before."""

    rows: Record
    scopes: Ints
    times: Ints
    upto: Floats
    starts: Ints


class Exposure(NamedTuple):
    """Of `stepped.Cuts`, and by whose levels days are told. `near` is the cut in force at the start of every stretch of `2 ** NEAR` minutes."""

    near: Ints
    starts: Ints
    ends: Ints
    sizes: Floats
    rows: Record


class Starts(NamedTuple):
    """What attributes are before anything is drawn; and the columns of cases and of people that are copied, shape (copies, 2)."""

    person: Ints
    case: Ints
    subject: Ints
    allegation: Ints
    copies: Ints


class Tables(NamedTuple):
    """A plan, flat. Everything is read only; `plan` has one row."""

    plan: Record
    quantiles: Floats
    rates: Rates
    subjects: Means
    allegations: Means
    drawn: Drawn
    exposure: Exposure
    starts: Starts


class Force(NamedTuple):
    """Everybody: those of a block and their keys as they come, all of them and their keys seat by seat, when they joined if that is after the start, the first holder of each
    seat (and one more), in parts of `FINE` a rate that no holder exceeds (by stream), levels by slot and person, frailty by stream and person, and
    the rank of those with a case among those, -1 for everybody else."""

    fresh: Record
    fresh_keys: Keys
    people: Record
    keys: Keys
    since: NDArray[np.int32]
    first: NDArray[np.uint32]
    most: NDArray[np.uint8]
    levels: NDArray[np.uint32]
    frailty: Floats
    ranks: NDArray[np.int32]


class Block(NamedTuple):
    """Rows that are drawn together, such as people whose next incident is drawn: who, how many were drawn before, the key of the draw, its bits, what
    they give; the minute, the minute at which they are left out, and how often they come a minute. `few` are those of them that are looked at more
    closely, under their marks, `gone` those who have no more; `at` says where."""

    who: NDArray[np.uint32]
    turns: Ints
    keys: Keys
    bits: Ints
    drawn: Floats
    when: Floats
    last: Floats
    rate: Floats
    few: NDArray[np.uint32]
    gone: NDArray[np.uint32]
    marks: Floats
    at: Ints


class Order(NamedTuple):
    """What is needed to put incidents in order: minutes, each with the place of its incident behind it, and how often each digit comes."""

    one: Keys
    other: Keys
    bins: Ints


class Days(NamedTuple):
    """What `stepped.person_days` reads, one table after another."""

    left: Ints
    later: Ints


class Room(NamedTuple):
    """Buffers of one replication while it is drawn. `peak` is the most that was wanted of each stream."""

    counts: Ints
    peak: Floats
    force: Force
    block: Block
    found: Record
    cases: Record
    """Of `INCIDENT`, as they were found and in order."""
    order: Order
    subjects: Record
    sought: Record
    days: Days


class Rows(NamedTuple):
    """Keys, attributes and parents of the rows of a scope; what a scope lacks is empty."""

    keys: Keys
    state: Ints
    parent: Ints
    other: Ints


class Result(NamedTuple):
    """The arrays of a `Cast`: parents are the seat of people, the case of subjects, the subject of allegations and the stream of cases; others are
    the person of subjects and the minute of cases."""

    people: Rows
    cases: Rows
    subjects: Rows
    allegations: Rows


# --- reading ----------------------------------------------------------------------------------------------------------


@inlined
def _greater(one: Any, other: Any) -> Any:
    """The greater of two numbers; `max` would be called."""
    return one if one > other else other  # noqa: FURB136


@inlined
def _lesser(one: Any, other: Any) -> Any:
    """The lesser of two numbers."""
    return one if one < other else other  # noqa: FURB136


@inlined
def _step(times: Any, begin: int, end: int, minute: int) -> int:
    """The position of the step in force among those from `begin` until `end`; before the first, the first."""
    at, size = begin, end - begin
    while size > 1:
        half = size >> 1
        at = at + half if times[at + half] <= minute else at
        size -= half
    return at


@inlined
def _more(means: Any, stream: int, minute: int, key: Any, purpose: Any) -> int:
    """How many rows follow the first."""
    more, rows = means.more[stream, _step(means.times, 0, len(means.times), minute)], 0
    if more > 0:
        u, chance = uniform(key, purpose, 0), more
        while u <= chance:
            rows += 1
            chance *= more
    return rows


@inlined
def _shares(drawn: Any, d: int, given: Any, minute: int) -> Any:
    """Where the shares begin that are in force, given a level; 0 where there are none."""
    if not 0 <= given < drawn.rows[d].rows:
        return 0
    begin, end = drawn.rows[d].step_from, drawn.rows[d].step_to
    step = _step(drawn.times, begin, end, minute) - begin
    return drawn.rows[d].upto + (given * (end - begin) + step) * drawn.rows[d].levels


@inlined
def _relative(rates: Any, s: int, levels: Any, p: int, step: int) -> float:
    """Relative rate of a person in a stream."""
    result = 1.0
    for f in range(rates.streams[s].factor_from, rates.streams[s].factor_to):
        result *= rates.relative[f, levels[rates.slots[f], p], step]
    return result


# Parts with nothing but the arrays they take, so that several rows are done at once.


@part
def _draw_keys(parent: Any, place: Any, begin: int, into: Any) -> None:
    """The keys of the rows from `begin` on below one."""
    for b in range(len(into)):
        into[b] = child(parent, place, begin + b)


@part
def _draw_keys_of(keys: Any, who: Any, place: Any, turns: Any, into: Any) -> None:
    """The keys of the rows at `turns` below each of those named."""
    for b in range(len(who)):
        into[b] = child(keys[who[b]], place, turns[b])


@part
def _draw_bits(keys: Any, purpose: Any, into: Any) -> None:
    """Bits drawn under each key."""
    for b in range(len(keys)):
        into[b] = bits(keys[b], purpose, 0)


@part
def _draw_bits_again(keys: Any, purpose: Any, visits: Any, into: Any) -> None:
    """Bits drawn under each key at its visit."""
    for b in range(len(keys)):
        into[b] = bits(keys[b], purpose, visits[b])


@part
def _look_up(quantiles: Any, shape: int, drawn: Any, into: Any) -> None:
    """The quantiles of bits."""
    for b in range(len(drawn)):
        into[b] = quantile(quantiles, shape, drawn[b])


@part
def _pass(drawn: Any, rate: Any, when: Any, turns: Any) -> None:
    """Let a gap pass."""
    for b in range(len(when)):
        when[b] += drawn[b] / rate[b]
        turns[b] += 1


@part
def _fall(upto: Any, at: Any, levels: int, drawn: Any, marks: Any) -> None:
    """The level that each draw falls on among the shares at a place, instead of its bits."""
    first, alike = at[0], True
    for b in range(len(at)):
        alike &= at[b] == first
    if alike:
        for b in range(len(at)):
            marks[b], drawn[b] = between(drawn[b]) * upto[first + levels - 1], 0
        for higher in range(levels - 1):
            for b in range(len(at)):
                drawn[b] += marks[b] >= upto[first + higher]
        return
    for b in range(len(at)):
        mark, level = between(drawn[b]) * upto[at[b] + levels - 1], NOTHING
        for higher in range(levels - 1):
            level += mark >= upto[at[b] + higher]
        drawn[b] = level


# --- people -----------------------------------------------------------------------------------------------------------


@part
def _people(
    plan: Any, quantiles: Any, force: Any, block: Any, seats_from: int, seats_to: int, n: int, counts: Any, root: Any
) -> int:
    """Everybody who holds one of these seats at some time of the plan, seat by seat in order of joining; person `n` is the next."""
    came, space, size, held, ends_at, leaving = (
        0,
        len(force.people),
        seats_to - seats_from,
        0,
        plan.ends_at,
        plan.leaving,
    )
    furthest = NOTHING
    _draw_keys(root, OF_SEAT, seats_from, block.keys[:size])
    _draw_bits(block.keys[:size], SERVED_BEFORE, block.bits)
    _look_up(quantiles, GAPS, block.bits[:size], block.drawn)
    for b in range(size):
        joined = -int(block.drawn[b] / leaving) - 2
        block.who[b], block.when[b] = seats_from + b, joined
        furthest = _greater(furthest, -joined)
    while size > 0:
        key_of_turn, stay = turn(OF_PERSON, held), 0
        for b in range(size):
            block.keys[b] = below(child(root, OF_SEAT, block.who[b]), key_of_turn)
        _draw_bits(block.keys[:size], STAY, block.bits)
        _look_up(quantiles, GAPS, block.bits[:size], block.drawn)
        for b in range(size):
            # Written before it is known whether somebody follows: no guess at a branch can be wrong.
            seat, joined = block.who[b], block.when[b]
            leaves = int(_greater(joined, 0.0) + block.drawn[b] / leaving)
            furthest = _greater(furthest, leaves)
            if came < space:
                force.fresh_keys[came], force.fresh[came].seat, force.fresh[came].before = block.keys[b], seat, held
                force.fresh[came].joined, force.fresh[came].leaves = int(joined), leaves
            came += 1
            force.first[seat + 1] = held + 1
            block.who[stay], block.when[stay] = seat, leaves
            stay += leaves < ends_at
        size, held = stay, held + 1
    for seat in range(seats_from, seats_to):
        force.first[seat] = n
        n += force.first[seat + 1]
    force.first[seats_to] = n
    counts[FURTHEST] = max(counts[FURTHEST], furthest + plan.marks_after)
    if n <= space:
        for c in range(came):
            seat = force.fresh[c].seat
            p = force.first[seat] + force.fresh[c].before
            force.keys[p], force.people[p].seat, force.people[p].before = force.fresh_keys[c], seat, 0
            force.people[p].joined, force.people[p].leaves = force.fresh[c].joined, force.fresh[c].leaves
            joined = force.fresh[c].joined
            force.since[p], force.ranks[p] = joined if joined >= 0 else -1, -1
    return n


@part
def _traits(plan: Any, drawn: Any, force: Any, block: Any, begin: int, end: int) -> None:
    """Levels of people from `begin` until `end`."""
    levels = force.levels
    for slot in range(len(drawn.starts)):
        for p in range(begin, end):
            levels[slot, p] = force.people[p].seat % plan.places if slot == plan.place_slot else drawn.starts[slot]
    for d in range(drawn.scopes[PERSON], drawn.scopes[PERSON + 1]):
        into, look, name = drawn.rows[d].slot, drawn.rows[d].given_slot, drawn.rows[d].name
        for start in range(begin, end, BLOCK):
            size = min(BLOCK, end - start)
            _draw_bits(force.keys[start : start + size], name, block.bits)
            block.at[:size] = drawn.rows[d].only
            if drawn.rows[d].only == 0:
                for b in range(size):
                    p = start + b
                    given = levels[look, p] if look >= 0 else 0
                    block.at[b] = _shares(drawn, d, given, _greater(np.int64(force.since[p]), NOTHING))
            _fall(drawn.upto, block.at[:size], drawn.rows[d].levels, block.bits, block.marks)
            for b in range(size):
                if block.at[b] > 0:
                    levels[into, start + b] = block.bits[b]


@part
def _frailty(rates: Any, s: int, quantiles: Any, force: Any, block: Any, end: int) -> None:
    """How much more often than the mean people are reported, and the highest rate of any holder of each seat."""
    same, highest = NOTHING, 0.0
    for start in range(0, end, BLOCK):
        size = min(BLOCK, end - start)
        _draw_bits(force.keys[start : start + size], rates.streams[s].frailty, block.bits)
        _look_up(quantiles, s + 1, block.bits[:size], force.frailty[s, start : start + size])
        if rates.streams[s].further:
            block.drawn[:size] = 1.0
            for f in range(rates.streams[s].factor_from, rates.streams[s].factor_to):
                for b in range(size):
                    block.drawn[b] *= rates.most[f, force.levels[rates.slots[f], start + b]]
            for b in range(size):
                # Rounded up, and multiplied in the order in which the rate itself is: never below it by a digit.
                seat, bound = force.people[start + b].seat, force.frailty[s, start + b] * block.drawn[b] * FINE + 1
                highest = bound if seat != same or bound > highest else highest
                force.most[s, seat], same = np.uint8(_lesser(highest, NO_BOUND)), seat


@part
def _there(levels: Any, since: Any, level: int) -> int:
    """How many are there at a level as the plan starts."""
    there = 0
    for p in range(len(levels)):
        there += (levels[p] == level) & (since[p] < 0)
    return there


@part
def _expose(seats: int, exposure: Any, force: Any, block: Any, days: Any) -> None:
    """Add what people have ahead of them when they join, and take off what they have when they leave."""
    cuts, last = len(exposure.starts), len(exposure.near) - 1
    for e in range(len(exposure.rows)):
        slot, levels, cell, begin = exposure.rows[e].slot, exposure.rows[e].levels, exposure.rows[e].first, 0
        for group in range(len(exposure.sizes) + 1):
            below_seat = seats if group == len(exposure.sizes) else min(math.ceil(exposure.sizes[group]), seats)
            end = force.first[below_seat]
            for level in range(levels):
                there = _there(force.levels[slot, begin:end], force.since[begin:end], level)
                days.left[cell + level] += there * exposure.ends[0]
                days.later[cell + level] += there
            for start in range(begin, end, BLOCK):
                few = 0
                for p in range(start, min(start + BLOCK, end)):
                    # Whoever takes the seat of somebody of the same level changes nothing.
                    block.few[few] = p
                    few += (force.since[p] >= 0) & (force.levels[slot, p] != force.levels[slot, p - 1])
                for f in range(few):
                    p = block.few[f]
                    since = force.since[p]
                    cut = exposure.near[min(since >> NEAR, last)]
                    while cut + 1 < cuts and exposure.starts[cut + 1] <= since:
                        cut += 1
                    follows, at = exposure.ends[cut] - since, cell + cut * levels
                    joins, leaves = force.levels[slot, p], force.levels[slot, p - ONE]
                    days.left[at + joins] += follows
                    days.later[at + joins] += 1
                    days.left[at + leaves] -= follows
                    days.later[at + leaves] -= 1
            begin, cell = end, cell + cuts * levels


# --- potential incidents ------------------------------------------------------------------------------------------------


@inlined
def _seated(ends_at: int, rates: Any, s: int, force: Any, block: Any, b: int, p: int, people: int) -> int:
    """Give a place in the block to the first person from `p` on who may have an incident that counts. Who is the next; one more than all if there was none."""
    per_minute, window = rates.streams[s].per_minute, rates.streams[s].window
    counts = rates.streams[s].most_before > 0
    while p < people:
        joined = force.people[p].joined
        last = _lesser(_lesser(force.people[p].leaves, ends_at), joined + window)
        p += 1
        if counts or last > 0:
            block.who[b], block.turns[b], block.when[b], block.last[b] = p - 1, 0, joined, last
            block.rate[b] = per_minute if rates.streams[s].alike else per_minute * force.frailty[s, p - 1]
            return p
    return people + 1


@part
def _incidents(
    ends_at: int, rates: Any, s: int, quantiles: Any, force: Any, block: Any, people: int,
    found: Any, n: int, peak: Any,
) -> int:  # fmt: skip
    """Potential incidents of people over their whole stay, thinned to the rate of the day; those before the plan's start too.

    Whoever has no more of them gives their place in the block to the next.
    """
    p, size = NOTHING, NOTHING
    while size < BLOCK and p <= people:
        p = _seated(ends_at, rates, s, force, block, size, p, people)
        size += p <= people
    while size > 0:
        _draw_keys_of(force.keys, block.who[:size], rates.streams[s].place, block.turns, block.keys)
        _draw_bits(block.keys[:size], GAP, block.bits)
        _look_up(quantiles, GAPS, block.bits[:size], block.drawn)
        _pass(block.drawn, block.rate, block.when[:size], block.turns)
        _draw_bits(block.keys[:size], MARK, block.bits)
        n, gone = _thinned(rates, s, force, block, size, found, n, peak)
        for g in range(gone - 1, -1, -1):
            b = block.gone[g]
            p = _seated(ends_at, rates, s, force, block, b, p, people)
            if p > people:
                size -= 1
                block.who[b], block.turns[b], block.when[b] = block.who[size], block.turns[size], block.when[size]
                block.last[b], block.rate[b] = block.last[size], block.rate[size]
    return n


@inlined
def _thinned(rates: Any, s: int, force: Any, block: Any, size: int, found: Any, n: int, peak: Any) -> tuple[int, int]:
    """Those of a block that come about, and how many people have no more."""
    ceiling, space, few, gone, highest = rates.streams[s].ceiling, len(found), NOTHING, NOTHING, 0.0
    most, most_before, share = (
        rates.streams[s].most_wanted, rates.streams[s].most_before, rates.streams[s].before_share,
    )  # fmt: skip
    for b in range(size):
        # Written before it is known whether it lies inside: no guess at a branch can be wrong.
        when, mark = block.when[b], between(block.bits[b]) * ceiling
        inside = when < block.last[b]
        block.few[few], block.marks[few], block.gone[gone] = b, mark, b
        few += inside & (mark < (most if when >= 0.0 else most_before))
        gone += not inside
    for f in range(few):
        b = block.few[f]
        p, minute = block.who[b], math.floor(block.when[b])
        step = _step(rates.times, 0, len(rates.times), minute)
        there = force.people[p].seat < rates.filled[step]
        asked = rates.wanted[s, step] * (_relative(rates, s, force.levels, p, step) * there)
        highest = _greater(highest, asked)
        taken = block.marks[f] < asked
        force.people[p].before += (s == 0) & (minute < 0) & (block.marks[f] < asked * share)
        if n < space:
            found[n].key, found[n].minute, found[n].person, found[n].stream = block.keys[b], minute, p, s
        n += taken & (minute >= 0)
    peak[s] = _greater(peak[s], highest)
    return n, gone


@part
def _strangers(
    ends_at: int, rates: Any, s: int, quantiles: Any, block: Any, found: Any, n: int, peak: Any, root: Any
) -> int:
    """Without a population: a Poisson stream, every case with people of its own."""
    place, ceiling, space, passed = rates.streams[s].place, rates.streams[s].ceiling, len(found), 0.0
    for begin in range(0, rates.streams[s].enough, BLOCK):
        size = min(BLOCK, rates.streams[s].enough - begin)
        _draw_keys(root, place, begin, block.keys[:size])
        _draw_bits(block.keys[:size], GAP, block.bits)
        _look_up(quantiles, GAPS, block.bits[:size], block.drawn)
        _draw_bits(block.keys[:size], MARK, block.bits)
        for b in range(size):
            passed += block.drawn[b]
            minute = math.floor(passed * MINUTES_A_YEAR / ceiling)
            if minute >= ends_at:
                return n
            asked = rates.wanted[s, _step(rates.times, 0, len(rates.times), minute)]
            peak[s] = _greater(peak[s], asked)
            if n < space:
                found[n].key, found[n].minute, found[n].stream = block.keys[b], minute, s
            n += between(block.bits[b]) * ceiling < asked
    return n


@part
def _in_order(ends_at: int, found: Any, cases: Any, size: int, order: Any) -> None:
    """Incidents by minute, then key."""
    one, other, shift, before, ascend = order.one, order.other, PLACE, NOTHING, True
    for c in range(size):
        minute = found[c].minute
        one[c], ascend, before = (np.uint64(minute) << PLACE) | np.uint64(c), ascend & (before <= minute), minute
    while not ascend and np.uint64(ends_at) >> (shift - PLACE) > 0:
        order.bins[:] = 0
        for c in range(size):
            order.bins[((one[c] >> shift) & DIGITS) + ONE] += 1
        for b in range(1, len(order.bins)):
            order.bins[b] += order.bins[b - 1]
        for c in range(size):
            digit = (one[c] >> shift) & DIGITS
            other[order.bins[digit]] = one[c]
            order.bins[digit] += 1
        one, other, shift = other, one, shift + np.uint64(DIGIT)
    for c in range(size):
        incident, at = found[one[c] & PLACES], c
        while at > 0 and cases[at - 1].minute == incident.minute and cases[at - 1].key > incident.key:
            cases[at] = cases[at - 1]
            at -= 1
        cases[at] = incident


# --- subjects and allegations -------------------------------------------------------------------------------------------


@part
def _name(seats: int, means: Any, cases: Any, size: int, subjects: Any, sought: Any) -> tuple[int, int]:
    """A row for every subject of every case, those of a case together; and those further ones who are to be found among the force. How many of both."""
    n, wanted, space = 0, 0, len(subjects)
    for c in range(size):
        key, lead = cases[c].key, cases[c].person
        for place in range(1 + _more(means, cases[c].stream, cases[c].minute, key, SUBJECTS)):
            if n < space:
                subjects[n].case, subjects[n].place, subjects[n].person = c, place, lead if seats > 0 else n
                if seats > 0 and place > 0:
                    sought[wanted].key = child(key, FURTHER_SUBJECT, place)
                    sought[wanted].row, sought[wanted].lead = n, lead
                    sought[wanted].stream, sought[wanted].minute = cases[c].stream, cases[c].minute
                    wanted += 1
            n += 1
    return n, wanted


@part
def _find(rates: Any, force: Any, block: Any, subjects: Any, sought: Any, wanted: int) -> None:
    """Further subjects: somebody in the force that day, in proportion to frailty; the last of `TRIES` if nobody was accepted.

    Who was found makes room in the block for the next who is sought. All draw, and then those seats are looked at whose holder may be
    accepted: they lie far apart, and are fetched while others are looked at.
    """
    seats, w, size = force.most.shape[1], NOTHING, NOTHING
    while w < wanted or size > 0:
        while size < BLOCK and w < wanted:
            block.who[size], block.keys[size], block.turns[size] = w, sought[w].key, 0
            size, w = size + 1, w + 1
        _draw_bits_again(block.keys[:size], ACCEPT, block.turns, block.bits)
        _draw_bits_again(block.keys[:size], CANDIDATE, block.turns, block.at)
        few = NOTHING
        for b in range(size):
            s, mark, seat = (
                sought[block.who[b]].stream,
                between(block.bits[b]) * FRAILTY_CAP,
                int(between(block.at[b]) * seats),
            )
            block.turns[b] += 1
            block.few[few], block.marks[b], block.at[b] = b, mark, seat
            may_be = (mark < rates.streams[s].most) & (mark * FINE < force.most[s, seat])
            few += may_be | (block.turns[b] == TRIES)
        for f in range(few):
            b = block.few[f]
            one, seat = sought[block.who[b]], block.at[b]
            step = _step(rates.times, 0, len(rates.times), one.minute)
            p = force.first[seat + 1] - 1
            while force.since[p] > one.minute:
                p -= 1
            frailty = 1.0 if rates.streams[one.stream].alike else force.frailty[one.stream, p]
            rate = frailty * _relative(rates, one.stream, force.levels, p, step)
            subjects[one.row].person = p
            if (block.marks[b] < rate) & (p != one.lead) & (seat < rates.filled[step]):
                block.turns[b] = TRIES
        left = NOTHING
        for b in range(size):
            block.who[left], block.keys[left], turns = block.who[b], block.keys[b], block.turns[b]
            block.turns[left] = turns
            left += turns < TRIES
        size = left


@inlined
def _is_named(subjects: Any, begin: int, end: int, p: int) -> bool:
    """Whether somebody is among these subjects."""
    named = False
    for x in range(begin, end):
        named |= subjects[x].person == p
    return named


@part
def _subjects(seats: int, means: Any, ranks: Any, cases: Any, subjects: Any, size: int, counts: Any) -> None:
    """Keys of subjects and how many allegations they have. Two tries may have named one person twice: the later is dropped."""
    n, allegations, begin = 0, 0, 0
    for x in range(size):
        c, p, place = subjects[x].case, subjects[x].person, subjects[x].place
        if place == 0:
            begin = n
        elif seats > 0 and _is_named(subjects, begin, n, p):
            continue
        key = child(cases[c].key, OF_SUBJECT, place)
        allegations += 1 + _more(means, cases[c].stream, cases[c].minute, key, ALLEGATIONS)
        subjects[n].key, subjects[n].until, subjects[n].case = key, allegations, c
        subjects[n].person, subjects[n].place = p, place
        if seats > 0:
            ranks[p] = 0
        n += 1
    counts[SUBJECT_ROWS], counts[ALLEGATION_ROWS] = n, allegations


@part
def _ranked(ranks: Any, size: int) -> int:
    """How many have a case; everybody with one learns their position among those."""
    kept = 0
    for p in range(size):
        named = ranks[p] >= 0
        ranks[p] = kept if named else -1
        kept += named
    return kept


@compiled
def draw(tables: Any, room: Any, root: Any) -> None:
    """Fill the room up to the order of cases and the subjects. Where a count exceeds its room, what follows is not to be used."""
    plan, quantiles, rates, drawn, force, counts, peak = (
        tables.plan[0], tables.quantiles, tables.rates, tables.drawn, room.force, room.counts, room.peak,
    )  # fmt: skip
    block, found, seats, streams = room.block, room.found, plan.seats, len(tables.rates.streams)
    n, cases = NOTHING, NOTHING
    counts[:] = 0
    peak[:] = 0.0
    room.days.left[:] = 0
    room.days.later[:] = 0
    force.most[:] = NO_BOUND
    for seats_from in range(0, seats, BLOCK):
        begin, seats_to = n, min(seats_from + BLOCK, seats)
        n = _people(plan, quantiles, force, block, seats_from, seats_to, begin, counts, root)
        if n <= len(force.people):
            _traits(plan, drawn, force, block, begin, n)
    for s in range(streams):
        if seats > 0 and n <= len(force.people):
            if not rates.streams[s].alike:
                _frailty(rates, s, quantiles, force, block, n)
            if rates.streams[s].ceiling > 0:
                cases = _incidents(plan.ends_at, rates, s, quantiles, force, block, n, found, cases, peak)
        if seats == 0 and rates.streams[s].ceiling > 0:
            cases = _strangers(plan.ends_at, rates, s, quantiles, block, found, cases, peak, root)
    counts[PEOPLE], counts[CASES] = n, cases
    if n > len(force.people) or cases > len(found):
        return
    if seats > 0:
        _expose(seats, tables.exposure, force, block, room.days)
    _in_order(plan.ends_at, found, room.cases, cases, room.order)
    size, wanted = _name(seats, tables.subjects, room.cases, cases, room.subjects, room.sought)
    counts[SUBJECT_ROWS] = size
    if size > len(room.subjects):
        return
    _find(rates, force, block, room.subjects, room.sought, wanted)
    _subjects(seats, tables.allegations, force.ranks, room.cases, room.subjects, size, counts)
    counts[KEPT] = _ranked(force.ranks, n) if seats > 0 else counts[SUBJECT_ROWS]


# --- writing ------------------------------------------------------------------------------------------------------------


@inlined
def _fill(state: Any, row: int, starts: Any) -> None:
    """A row as it is before anything is drawn."""
    for column in range(len(starts)):
        state[row, column] = starts[column]


@part
def _tell_people(plan: Any, drawn: Any, starts: Any, force: Any, size: int, rows: Any) -> None:
    """Those with a case, as they are before play."""
    for p in range(size):
        row = force.ranks[p]
        if row < 0:
            continue
        joined, seat = force.people[p].joined, force.people[p].seat
        rows.keys[row], rows.parent[row] = force.keys[p], seat
        _fill(rows.state, row, starts)
        rows.state[row, plan.joined], rows.state[row, plan.leaves] = joined, force.people[p].leaves
        if plan.marks >= 0:
            rows.state[row, plan.marks] = joined + plan.marks_after
        if plan.place >= 0:
            rows.state[row, plan.place] = seat % plan.places
        for d in range(drawn.scopes[PERSON], drawn.scopes[PERSON + 1]):
            rows.state[row, drawn.rows[d].column] = force.levels[drawn.rows[d].slot, p]
        rows.state[row, plan.before] = force.people[p].before


@part
def _tell_levels(scope: int, drawn: Any, block: Any, result: Any, rows: Any, begin: int, end: int) -> None:
    """What is drawn of the rows of a scope from `begin` until `end`, given the levels of the rows they belong to."""
    for d in range(drawn.scopes[scope], drawn.scopes[scope + 1]):
        name, into, given_scope, look = (
            drawn.rows[d].name, drawn.rows[d].column, drawn.rows[d].given_scope, drawn.rows[d].given,
        )  # fmt: skip
        for start in range(begin, end, BLOCK):
            size = min(BLOCK, end - start)
            _draw_bits(rows.keys[start : start + size], name, block.bits)
            block.at[:size] = drawn.rows[d].only
            if drawn.rows[d].only == 0:
                for b in range(size):
                    row = start + b
                    subject = result.allegations.parent[row] if scope == ALLEGATION else row
                    case = row if scope == CASE else result.subjects.parent[subject]
                    given = 0
                    if given_scope == PERSON:
                        given = result.people.state[result.subjects.other[subject], look]
                    elif given_scope == CASE:
                        given = result.cases.state[case, look]
                    elif given_scope == SUBJECT:
                        given = result.subjects.state[subject, look]
                    elif given_scope == ALLEGATION:
                        given = result.allegations.state[row, look]
                    block.at[b] = _shares(drawn, d, given, result.cases.other[case])
            _fall(drawn.upto, block.at[:size], drawn.rows[d].levels, block.bits, block.marks)
            for b in range(size):
                if block.at[b] > 0:
                    rows.state[start + b, into] = block.bits[b]


@inlined
def _copy(copies: Any, c: int, p: int, result: Any) -> None:
    """A case carries what is known of its first subject."""
    for n in range(len(copies)):
        result.cases.state[c, copies[n, 0]] = result.people.state[p, copies[n, 1]]


@part
def _tell_rows(
    plan: Any, starts: Any, ranks: Any, cases: Any, subjects: Any, begin: int, end: int, result: Any
) -> None:
    """Subjects from `begin` until `end` with the cases they are the first of, their allegations, and themselves where they are people of their own."""
    if plan.seats > 0:  # apart, since they lie far from each other
        for x in range(begin, end):
            result.subjects.other[x] = ranks[subjects[x].person]
    for x in range(begin, end):
        c, p, key, place = subjects[x].case, x, subjects[x].key, subjects[x].place
        if place == 0:
            result.cases.keys[c], result.cases.parent[c] = cases[c].key, cases[c].stream
            result.cases.other[c] = cases[c].minute
            _fill(result.cases.state, c, starts.case)
            result.cases.state[c, plan.received] = cases[c].minute
            if plan.stream >= 0:
                result.cases.state[c, plan.stream] = cases[c].stream
        if plan.seats > 0:
            p = result.subjects.other[x]
        else:
            result.people.keys[x], result.people.parent[x] = child(cases[c].key, OWN_PERSON, place), x
            _fill(result.people.state, x, starts.person)
        result.subjects.keys[x], result.subjects.parent[x], result.subjects.other[x] = key, c, p
        _fill(result.subjects.state, x, starts.subject)
        first = subjects[x - 1].until if x > 0 else 0
        for a in range(first, subjects[x].until):
            result.allegations.keys[a], result.allegations.parent[a] = child(key, OF_ALLEGATION, a - first), x
            _fill(result.allegations.state, a, starts.allegation)


@compiled
def tell(tables: Any, room: Any, result: Any) -> None:
    """Write what `draw` found."""
    plan, drawn, starts, force, subjects = tables.plan[0], tables.drawn, tables.starts, room.force, room.subjects
    if plan.seats > 0:
        _tell_people(plan, drawn, starts.person, force, room.counts[PEOPLE], result.people)
    for begin in range(0, len(result.subjects.keys), BLOCK):
        end = min(begin + BLOCK, len(result.subjects.keys))
        _tell_rows(plan, starts, force.ranks, room.cases, subjects, begin, end, result)
        if plan.seats == 0:
            _tell_levels(PERSON, drawn, room.block, result, result.people, begin, end)
        for x in range(begin, end):
            if subjects[x].place == 0:
                _copy(starts.copies, subjects[x].case, result.subjects.other[x], result)
        # A case whose first subject stands before this block is done already.
        case = subjects[begin].case + (subjects[begin].place > 0)
        _tell_levels(CASE, drawn, room.block, result, result.cases, case, subjects[end - 1].case + 1)
        _tell_levels(SUBJECT, drawn, room.block, result, result.subjects, begin, end)
        allegation = subjects[begin - 1].until if begin > 0 else 0
        _tell_levels(ALLEGATION, drawn, room.block, result, result.allegations, allegation, subjects[end - 1].until)
