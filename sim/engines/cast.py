"""Who is there, and what might be reported: the people, potential cases, subjects and allegations of one replication.

Drawn from the plan before play, in arrays, with named draws only. A seat in the force is held by one person after another; each person
has potential incidents at the plan's ceiling rate times a frailty of their own, thinned to the rate in force on the day. So raising a rate adds cases and moves none.
A stream may end for each person at a date of theirs; its rate is then each person's own.
Further subjects of a case are found among the people in the force that day, in proportion to frailty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engines import draws, stepped
from sim.plan import MINUTES_A_DAY, Draw, Plan, Ref, Scope, Stream

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]

MINUTES_A_YEAR = 365.25 * MINUTES_A_DAY
FRAILTY_CAP = 12.0
"""A person this many times as often reported as the mean is certain to be accepted as a further subject."""
TRIES = 96
"""Candidates for a further subject; the last is taken if none was accepted."""


class CastError(ValueError):
    """The plan asks for something the cast cannot draw; the message names the stream and the number."""


@dataclass(frozen=True)
class Table:
    """Rows of one scope: a key for draws and one column of attributes each, shape (rows, attributes)."""

    keys: Keys
    state: Ints


@dataclass(frozen=True)
class Cast:
    """`cases` ascend by arrival. `subject_case`, `subject_person`, `allegation_subject` are positions and ascend (but for people)."""

    people: Table
    seats: Ints
    cases: Table
    case_stream: Ints
    received: Ints
    subjects: Table
    subject_case: Ints
    subject_person: Ints
    allegations: Table
    allegation_subject: Ints
    person_days: dict[str, Floats]
    opening: Ints | None = None
    """Of each case the row of `Plan.opening` it comes from, -1 for none; None where no case does. Those come first: `received` is 0 for them, when they
    come into play, and the attribute of cases says when they were received."""


@dataclass(frozen=True)
class People:
    """Holders of seats."""

    keys: Keys
    seat: Ints
    joined: Ints
    leaves: Ints
    state: Ints


@dataclass(frozen=True)
class Incidents:
    """Accepted potential incidents: who, when, of which stream, under which key."""

    keys: Keys
    person: Ints
    minute: Ints
    stream: Ints


def make(plan: Plan, seed: int, replication: int) -> Cast:
    """The cast of one replication.

    Raises:
        CastError: a rate exceeds its stream's ceiling, or nobody is there whom an opening case could be about.
    """
    from sim.engines.opening import with_opening  # here, since it is built from what this module defines

    key = draws.root(seed, replication)
    people = _people(plan, key) if plan.population else None
    rates = stepped.rates(plan)
    found = [
        _nobody()
        if stream.ceiling == 0
        else incidents_of(plan, number, rates, people)
        if people
        else _strangers(plan, number, rates, key)
        for number, stream in enumerate(plan.streams)
    ]
    before = count_before(people, found)
    incidents = _in_order(found)
    everybody = people or _one_each(plan, incidents)
    return with_opening(plan, _assemble(plan, rates, incidents, everybody, before), key)


Given = Mapping[str, int | str]
"""What a hand-made row is given: ``scope.name`` -> a whole number, or a level by name."""


def one_case(
    plan: Plan,
    *,
    received: int,
    person: Given,
    case: Given,
    subjects: Sequence[Given],
    allegations: Sequence[Sequence[Given]],
    stream: str,
    seed: int = 1,
    replication: int = 0,
) -> Cast:
    """A cast of one case, made by hand, for `play_cast`.

    Args:
        plan: what it will be played in; it resolves all names.
        received: the minute of arrival.
        person: what is known of the person of every subject; each subject is somebody else.
        case: of the case. What it copies from its first person is copied, unless given.
        subjects: of each subject.
        allegations: of each allegation of each subject.
        stream: the name of the stream it comes from.
        seed: with the replication, what the keys of all draws are hashed from.
        replication: see `seed`.

    Raises:
        CastError: an arrival outside the plan, no subject, as many lists of allegations as there are not subjects, an unknown name or level.
    """
    if not 0 <= received < plan.ends_at:
        raise CastError(f"a case arrives in minute 0 to {plan.ends_at - 1}, not {received}")
    if not subjects or len(allegations) != len(subjects):
        raise CastError(f"{len(subjects)} subjects and {len(allegations)} lists of allegations, one for each is needed")
    names = [one.name for one in plan.streams]
    if stream not in names:
        raise CastError(f"no stream is called {stream!r}; there are {', '.join(names)}")
    root = np.full(1, draws.root(seed, replication), np.uint64)
    case_key = draws.child_array(root, draws.name(f"incident of {stream}"), np.zeros(1, np.uint64))
    parent = np.repeat(np.arange(len(subjects)), [len(rows) for rows in allegations])
    subject_keys = keys_below(case_key, "subject", np.zeros(len(subjects), np.int64))
    people = Table(
        keys_below(case_key, "own person", np.zeros(len(subjects), np.int64)),
        _given(plan, Scope.PERSON, [person] * len(subjects)),
    )
    of_case: dict[str, int | str] = {attribute_name(plan, plan.received): received}
    if any(attribute.name == "case.stream" for attribute in plan.attributes):
        of_case["case.stream"] = names.index(stream)
    of_case |= {
        attribute_name(plan, copied.attribute): int(people.state[0, copied.person.index]) for copied in plan.copies
    }
    return Cast(
        people=people,
        seats=np.arange(len(subjects)),
        cases=Table(case_key, _given(plan, Scope.CASE, [of_case | dict(case)])),
        case_stream=np.full(1, names.index(stream)),
        received=np.full(1, received),
        subjects=Table(subject_keys, _given(plan, Scope.SUBJECT, subjects)),
        subject_case=np.zeros(len(subjects), np.int64),
        subject_person=np.arange(len(subjects)),
        allegations=Table(
            keys_below(subject_keys, "allegation", parent),
            _given(plan, Scope.ALLEGATION, [row for rows in allegations for row in rows]),
        ),
        allegation_subject=parent,
        person_days=_nobodys_days(plan) if plan.population else {},
    )


def keys_below(keys: Keys, what: str, parent: Ints) -> Keys:
    """Keys of rows by their place under each parent; `parent` ascends."""
    place = np.arange(len(parent)) - np.searchsorted(parent, parent)
    return draws.child_array(keys[parent], draws.name(what), place.astype(np.uint64))


def _given(plan: Plan, scope: Scope, rows: Sequence[Given]) -> Ints:
    """Rows as they start, then with what is given."""
    state = states(plan, scope, len(rows))
    known = {a.name: a for a in plan.attributes if a.scope == scope}
    for row, given in zip(state, rows, strict=True):
        for name, value in given.items():
            if name not in known or (isinstance(value, str) and value not in known[name].levels):
                raise CastError(f"no {scope.name.lower()} can be given {name} = {value!r}")
            row[plan.find(name).index] = plan.level(name, value) if isinstance(value, str) else value
    return state


def _nobodys_days(plan: Plan) -> dict[str, Floats]:
    years = stepped.cuts(plan).years
    return {name: np.zeros((years, levels)) for name, (_, levels) in exposed(plan).items()}


def starts(plan: Plan, scope: Scope) -> Ints:
    """What the attributes of a scope are before anything is drawn or written, shape (attributes,)."""
    return np.asarray([a.start for a in plan.attributes if a.scope == scope], dtype=np.int64)


def states(plan: Plan, scope: Scope, rows: int) -> Ints:
    """Rows of a scope as they are before anything is drawn or written, shape (rows, attributes)."""
    return np.tile(starts(plan, scope), (rows, 1))


# --- people -----------------------------------------------------------------------------------------------------------


def _people(plan: Plan, root: int) -> People:
    """Everybody who holds a seat at some time of the plan, seat by seat in order of joining."""
    assert plan.population is not None
    seat_keys = _seat_keys(plan, root)
    seat = np.arange(len(seat_keys))
    joined = _joined_before(plan, seat_keys)
    batches = []
    start, turn = np.zeros(len(seat)), 0
    while len(seat):
        keys, leaves = _holders(plan, seat_keys[seat], start, turn)
        batches.append((keys, seat, joined, leaves))
        again = leaves < plan.ends_at
        seat, joined, start, turn = seat[again], leaves[again], leaves[again].astype(np.float64), turn + 1
    keys, seat, joined, leaves = (np.concatenate(column) for column in zip(*batches, strict=True))
    order = np.lexsort((joined, seat))
    keys, seat, joined, leaves = keys[order], seat[order], joined[order], leaves[order]
    return People(keys, seat, joined, leaves, _traits(plan, keys, seat, joined, leaves))


def there_at_the_start(plan: Plan, root: int, seats: float) -> People:
    """Those who hold seats below a number as the plan starts, in the order of the seats."""
    seat_keys = _seat_keys(plan, root)
    seat_keys = seat_keys[np.arange(len(seat_keys)) < seats]
    seat, joined = np.arange(len(seat_keys)), _joined_before(plan, seat_keys)
    keys, leaves = _holders(plan, seat_keys, np.zeros(len(seat)), 0)
    return People(keys, seat, joined, leaves, _traits(plan, keys, seat, joined, leaves))


def _seat_keys(plan: Plan, root: int) -> Keys:
    assert plan.population is not None
    seats = round(max(plan.values[plan.population.seats].values))
    return draws.child_array(np.full(seats, root, np.uint64), draws.name("seat"), np.arange(seats, dtype=np.uint64))


def _leaving(plan: Plan) -> float:
    """Of each person, per minute."""
    assert plan.population is not None
    return plan.values[plan.population.leaving].at(0) / MINUTES_A_YEAR


def _joined_before(plan: Plan, seat_keys: Keys) -> Ints:
    """When those joined who hold seats as the plan starts."""
    stay = draws.quantile_values("exponential", 1.0)
    past = draws.quantile_array(stay, draws.bits_array(seat_keys, draws.name("served before"), 0)) / _leaving(plan)
    joined: Ints = -past.astype(np.int64) - 2  # never the minute that stands for unset
    return joined


def _holders(plan: Plan, seat_keys: Keys, start: Floats, turn: int) -> tuple[Keys, Ints]:
    """Keys of those who are next to hold seats, from these minutes on, and when they leave."""
    stay = draws.quantile_values("exponential", 1.0)
    keys = draws.child_array(seat_keys, draws.name("person"), np.full(len(seat_keys), turn, np.uint64))
    drawn = draws.quantile_array(stay, draws.bits_array(keys, draws.name("stay"), 0))
    return keys, (start + drawn / _leaving(plan)).astype(np.int64)


def _traits(plan: Plan, keys: Keys, seat: Ints, joined: Ints, leaves: Ints) -> Ints:
    """The attributes of people."""
    assert plan.population is not None
    state = states(plan, Scope.PERSON, len(keys))
    state[:, plan.population.joined.index] = joined
    state[:, plan.population.leaves.index] = leaves
    if plan.population.marks:
        state[:, plan.population.marks.index] = joined + plan.population.marks_after
    if plan.population.place:
        state[:, plan.population.place.index] = seat % plan.population.places
    for draw in plan.draws:
        if draw.attribute.scope == Scope.PERSON:
            draw_levels(plan, draw, keys, state, np.maximum(joined, 0), state)
    return state


# --- potential incidents --------------------------------------------------------------------------------------------


def incidents_of(plan: Plan, number: int, rates: stepped.Rates, people: People) -> Incidents:
    """Potential incidents of every person over their whole stay, thinned to the rate of the day; those before the plan's start too."""
    assert plan.population is not None
    stream = plan.streams[number]
    per_minute = stream.ceiling / stepped.sharers(plan, stream) / MINUTES_A_YEAR * frailty_of(plan, stream, people.keys)
    gaps = draws.quantile_values("exponential", 1.0)
    place = draws.name(f"incident of {stream.name}")
    who = np.arange(len(people.keys))
    when = people.joined.astype(np.float64)
    last = np.minimum(people.leaves, plan.ends_at)
    if stream.until:
        last = np.minimum(last, people.state[:, stream.until.index])
    found: list[tuple[Keys, Ints, Ints]] = []
    turn = 0
    while len(who):
        keys = draws.child_array(people.keys[who], place, np.full(len(who), turn, np.uint64))
        when = when + draws.quantile_array(gaps, draws.bits_array(keys, draws.name("gap"), 0)) / per_minute[who]
        inside = when < last[who]
        who, when, keys = who[inside], when[inside], keys[inside]
        minute = np.floor(when).astype(np.int64)
        found.append((keys, who, minute))
        turn += 1
    keys, person, minute = (np.concatenate(column) for column in zip(*found, strict=True))
    step = stepped.step(rates.times, minute)
    relative = relative_rates(rates, number, people.state[person], step)
    wanted = rates.wanted[number, step] * (relative * (people.seat[person] < rates.seats[step]))
    if number == 0:
        wanted = np.where(minute < 0, wanted * stepped.before_share(plan), wanted)
    taken = _thin(stream, keys, wanted)
    return Incidents(keys[taken], person[taken], minute[taken], np.full(int(taken.sum()), number))


def relative_rates(rates: stepped.Rates, number: int, state: Ints, step: Ints) -> Floats:
    """Relative rate of each row in a stream, the mean over people being 1."""
    result = np.ones(len(step))
    for column, levels in rates.relative[number]:
        result *= levels[state[:, column], step]
    return result


def _nobody() -> Incidents:
    """The incidents of a stream that is switched off."""
    none = np.zeros(0, np.int64)
    return Incidents(none.astype(np.uint64), none, none, none)


def frailty_of(plan: Plan, stream: Stream, keys: Keys) -> Floats:
    """How much more often than the mean people are reported in a stream."""
    shape = plan.shapes[stream.spread]
    return draws.quantile_array(
        draws.quantile_values(shape.family, shape.cv),
        draws.bits_array(keys, draws.name(f"frailty of {stream.name}"), 0),
    )


def _strangers(plan: Plan, number: int, rates: stepped.Rates, root: int) -> Incidents:
    """Without a population: a Poisson stream, every case with people of its own."""
    stream = plan.streams[number]
    enough = strangers_enough(plan, stream)
    keys = draws.child_array(
        np.full(enough, root, np.uint64), draws.name(f"incident of {stream.name}"), np.arange(enough, dtype=np.uint64)
    )
    gaps = draws.quantile_array(draws.quantile_values("exponential", 1.0), draws.bits_array(keys, draws.name("gap"), 0))
    minute = np.floor(np.cumsum(gaps) * MINUTES_A_YEAR / stream.ceiling).astype(np.int64)
    inside = minute < plan.ends_at
    keys, minute = keys[inside], minute[inside]
    taken = _thin(stream, keys, rates.wanted[number, stepped.step(rates.times, minute)])
    count = int(taken.sum())
    return Incidents(keys[taken], np.zeros(count, np.int64), minute[taken], np.full(count, number))


def strangers_enough(plan: Plan, stream: Stream) -> int:
    """How many potential cases of a stream reach beyond the plan's end, with all but certainty."""
    expected = stream.ceiling * plan.ends_at / MINUTES_A_YEAR
    return int(expected + 12 * math.sqrt(expected) + 60)


def _thin(stream: Stream, keys: Keys, wanted: Floats) -> NDArray[np.bool_]:
    check_ceiling(stream, wanted.max(initial=0))
    mark = draws.uniform_array(draws.bits_array(keys, draws.name("mark"), 0))
    taken: NDArray[np.bool_] = mark * stream.ceiling < wanted
    return taken


def check_ceiling(stream: Stream, wanted: float) -> None:
    """Refuse more cases a year than potential ones are drawn.

    Raises:
        CastError: the most that is wanted at any potential case exceeds the stream's ceiling.
    """
    if wanted > stream.ceiling:
        raise CastError(
            f"stream {stream.name!r}: {wanted:.6g} cases a year are asked for at some date; potential ones are drawn at {stream.ceiling:.6g}"
        )


def count_before(people: People | None, found: list[Incidents]) -> Ints | None:
    """Potential cases of the first stream of each person before the plan's start."""
    if people is None:
        return None
    count = np.zeros(len(people.keys), np.int64)
    for incidents in found[:1]:
        np.add.at(count, incidents.person[incidents.minute < 0], 1)
    return count


def _in_order(found: list[Incidents]) -> Incidents:
    keys, person, minute, stream = (
        np.concatenate([getattr(i, column) for i in found]) for column in ("keys", "person", "minute", "stream")
    )
    inside = minute >= 0
    order = np.lexsort((keys[inside], minute[inside]))
    return Incidents(keys[inside][order], person[inside][order], minute[inside][order], stream[inside][order])


def _one_each(plan: Plan, incidents: Incidents) -> People:
    """People who belong to one case only; a further subject of a case is another of them."""
    count = 1 + _further_subjects(plan, incidents)
    size = int(count.sum())
    incidents.person[:] = np.cumsum(count) - count
    case = np.repeat(np.arange(len(count)), count)
    place = np.arange(size) - incidents.person[case]
    keys = draws.child_array(incidents.keys[case], draws.name("own person"), place.astype(np.uint64))
    state = states(plan, Scope.PERSON, size)
    for draw in plan.draws:
        if draw.attribute.scope == Scope.PERSON:
            draw_levels(plan, draw, keys, state, incidents.minute[case], state)
    ends = np.full(size, plan.ends_at)
    return People(keys, np.arange(size), np.zeros(size, np.int64), ends, state)


# --- cases, subjects, allegations -------------------------------------------------------------------------------------


def _assemble(plan: Plan, rates: stepped.Rates, incidents: Incidents, people: People, before: Ints | None) -> Cast:
    case, person, position = _subjects(plan, rates, incidents, people)
    subject_keys = draws.child_array(incidents.keys[case], draws.name("subject"), position.astype(np.uint64))
    count = 1 + further_rows(
        plan,
        [s.allegations for s in plan.streams],
        incidents.stream[case],
        subject_keys,
        incidents.minute[case],
        "allegations",
    )
    allegation_subject = np.repeat(np.arange(len(case)), count)
    place = np.arange(len(allegation_subject)) - np.repeat(np.cumsum(count) - count, count)
    allegation_keys = draws.child_array(
        subject_keys[allegation_subject], draws.name("allegation"), place.astype(np.uint64)
    )

    kept, who = np.unique(person, return_inverse=True)
    tables = {
        Scope.PERSON: Table(people.keys[kept], people.state[kept]),
        Scope.CASE: Table(incidents.keys, states(plan, Scope.CASE, len(incidents.keys))),
        Scope.SUBJECT: Table(subject_keys, states(plan, Scope.SUBJECT, len(case))),
        Scope.ALLEGATION: Table(allegation_keys, states(plan, Scope.ALLEGATION, len(allegation_subject))),
    }
    if plan.population and before is not None:
        tables[Scope.PERSON].state[:, plan.population.before.index] = before[kept]
    fill(plan, tables, case, who, allegation_subject, incidents.stream, incidents.minute)
    return Cast(
        people=tables[Scope.PERSON],
        seats=people.seat[kept],
        cases=tables[Scope.CASE],
        case_stream=incidents.stream,
        received=incidents.minute,
        subjects=tables[Scope.SUBJECT],
        subject_case=case,
        subject_person=who,
        allegations=tables[Scope.ALLEGATION],
        allegation_subject=allegation_subject,
        person_days=_person_days(plan, people) if plan.population else {},
    )


def fill(
    plan: Plan, tables: Mapping[Scope, Table], case: Ints, person: Ints, subject: Ints, stream: Ints, received: Ints
) -> None:
    """Write what cases, subjects and allegations are at arrival into their rows.

    Args:
        plan: what is drawn, and what is copied from people.
        tables: rows of every scope; those of people are as they are.
        case: of each subject, ascending; every case has one.
        person: of each subject.
        subject: of each allegation, ascending.
        stream: of each case.
        received: when each case was received.
    """
    cases = np.arange(len(received))
    above = {
        Scope.CASE: {Scope.CASE: cases},
        Scope.SUBJECT: {Scope.SUBJECT: np.arange(len(case)), Scope.CASE: case, Scope.PERSON: person},
        Scope.ALLEGATION: {
            Scope.ALLEGATION: np.arange(len(subject)),
            Scope.SUBJECT: subject,
            Scope.CASE: case[subject],
            Scope.PERSON: person[subject],
        },
    }
    state = tables[Scope.CASE].state
    state[:, plan.received.index] = received
    lead = person[np.searchsorted(case, cases)] if len(case) else np.zeros(0, np.int64)
    for copied in plan.copies:
        state[:, copied.attribute.index] = tables[Scope.PERSON].state[lead, copied.person.index]
    for attribute in plan.attributes:
        if attribute.name == "case.stream":
            state[:, plan.find("case.stream").index] = stream
    for draw in plan.draws:
        scope = draw.attribute.scope
        if scope != Scope.PERSON:
            rows = above[scope]
            given = tables[draw.given.scope].state[rows[draw.given.scope]] if draw.given else tables[scope].state
            draw_levels(plan, draw, tables[scope].keys, given, received[rows[Scope.CASE]], tables[scope].state)


def further_rows(plan: Plan, values: list[int], stream: Ints, keys: Keys, minutes: Ints, purpose: str) -> Ints:
    """Rows beyond the first: geometric, with the dated mean of the stream less one."""
    means = stepped.means(plan, values)
    more = means.more[stream, stepped.step(means.times, minutes)]
    u = draws.uniform_array(draws.bits_array(keys, draws.name(purpose), 0))
    rows = np.zeros(len(keys), np.int64)
    for chance in np.unique(means.more).tolist():
        mine = more == chance
        # The powers descend: how many of them reach the draw.
        rows[mine] = np.searchsorted(-stepped.powers(chance), -u[mine], side="right")
    return rows


def _further_subjects(plan: Plan, incidents: Incidents) -> Ints:
    means = [stream.subjects for stream in plan.streams]
    return further_rows(plan, means, incidents.stream, incidents.keys, incidents.minute, "subjects")


def _subjects(plan: Plan, rates: stepped.Rates, incidents: Incidents, people: People) -> tuple[Ints, Ints, Ints]:
    """Case, person and place within the case of every subject."""
    further = _further_subjects(plan, incidents)
    cases = np.arange(len(incidents.keys))
    if not plan.population:
        case = np.repeat(cases, 1 + further)
        return case, np.arange(len(case)), np.arange(len(case)) - incidents.person[case]
    chosen_case, chosen_person, chosen_place = [cases], [incidents.person], [np.zeros(len(cases), np.int64)]
    if further.any():
        seats = round(max(plan.values[plan.population.seats].values))
        # Who holds a seat on a day: seats and joining minutes as one ascending number.
        span = np.int64(plan.ends_at) + 1 - people.joined.min()
        line = people.seat * span + (people.joined - people.joined.min())
        frailty = np.stack([frailty_of(plan, stream, people.keys) for stream in plan.streams])
        case = np.repeat(cases, further)
        place = np.arange(len(case)) - np.repeat(np.cumsum(further) - further, further) + 1
        keys = draws.child_array(incidents.keys[case], draws.name("further subject"), place.astype(np.uint64))
        minute, stream = incidents.minute[case], incidents.stream[case]
        step = stepped.step(rates.times, minute)
        person = np.zeros(len(case), np.int64)
        open_ = np.arange(len(case))
        for turn in range(TRIES):
            u = draws.uniform_array(draws.bits_array(keys[open_], draws.name("candidate"), turn))
            seat = (u * seats).astype(np.int64)
            candidate = np.searchsorted(line, seat * span + (minute[open_] - people.joined.min()), side="right") - 1
            person[open_] = candidate
            rate = frailty[stream[open_], candidate]
            for number in range(len(plan.streams)):
                mine = stream[open_] == number
                rate[mine] *= relative_rates(rates, number, people.state[candidate[mine]], step[open_][mine])
            accept = draws.uniform_array(draws.bits_array(keys[open_], draws.name("accept"), turn)) * FRAILTY_CAP < rate
            accept &= (candidate != incidents.person[case[open_]]) & (seat < rates.seats[step[open_]])
            open_ = open_[~accept]
        chosen_case.append(case)
        chosen_person.append(person)
        chosen_place.append(place)
    case, person, place = (np.concatenate(c) for c in (chosen_case, chosen_person, chosen_place))
    # Two tries may name one person twice: the later is dropped.
    order = np.lexsort((place, person, case))
    first = np.ones(len(order), bool)
    first[1:] = (case[order][1:] != case[order][:-1]) | (person[order][1:] != person[order][:-1])
    keep = np.sort(order[first])
    order = keep[np.lexsort((place[keep], case[keep]))]
    return case[order], person[order], place[order]


def draw_levels(plan: Plan, draw: Draw, keys: Keys, given_state: Ints, minutes: Ints, state: Ints) -> None:
    """Write a level for each row into `state`, one uniform each. `given_state` has a row of the scope given for each."""
    u = draws.uniform_array(draws.bits_array(keys, draws.name(attribute_name(plan, draw.attribute)), 0))
    level_given = given_state[:, draw.given.index] if draw.given else np.zeros(len(keys), np.int64)
    shares = stepped.shares(plan, draw)
    step = stepped.step(shares.times, minutes)
    for level, upto in enumerate(shares.upto):
        mine = level_given == level
        weight = upto[:, step[mine]]
        state[mine, draw.attribute.index] = np.minimum((u[mine] * weight[-1] >= weight).sum(axis=0), len(upto) - 1)


def attribute_name(plan: Plan, ref: Ref) -> str:
    """``scope.name`` of an attribute."""
    return [a.name for a in plan.attributes if a.scope == ref.scope][ref.index]


def exposed(plan: Plan) -> dict[str, tuple[int, int]]:
    """By whose levels days in the force are told: the name in `Cast.person_days`, the column of people, how many levels it has."""
    drawn = {draw.attribute for draw in plan.draws}
    people = [a for a in plan.attributes if a.scope == Scope.PERSON]
    return {
        f"person_days.{a.name.split('.')[1]}": (index, len(a.levels))
        for index, a in enumerate(people)
        if a.levels and Ref(Scope.PERSON, index) in drawn
    }


def _person_days(plan: Plan, people: People) -> dict[str, Floats]:
    """Days in the force by financial year (April to March, the first one part) and level of each levelled attribute of people."""
    cuts = stepped.cuts(plan)
    group = np.searchsorted(cuts.sizes, people.seat, side="right")
    result = {}
    for name, (column, levels) in exposed(plan).items():
        level = people.state[:, column]
        left, later = _that_follow(cuts, group, np.clip(people.joined, 0, None), level, levels)
        left_out, later_out = _that_follow(cuts, group, np.clip(people.leaves, None, plan.ends_at), level, levels)
        result[name] = stepped.person_days(cuts, left - left_out, later - later_out)
    return result


def _that_follow(cuts: stepped.Cuts, group: Ints, minute: Ints, level: Ints, levels: int) -> tuple[Ints, Ints]:
    """Minutes left of the cut each minute lies in, and how many lie in it; shape (groups, cuts, levels)."""
    cut = stepped.step(cuts.starts, minute)
    cell = (group * len(cuts.starts) + cut) * levels + level
    shape = (len(cuts.sizes) + 1, len(cuts.starts), levels)
    left = np.bincount(cell, cuts.ends[cut] - minute, math.prod(shape)).astype(np.int64)
    return left.reshape(shape), np.bincount(cell, minlength=math.prod(shape)).reshape(shape)
