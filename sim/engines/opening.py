"""Which cases are open when the plan starts? The opening caseload, added to a drawn cast for both engines alike.

A case of it is named by its row and its number in the row, and so is everything drawn for it: its age, its person, its allegations. No other row and no
case that comes later changes any of that. Its person is one of those in the force as the plan starts and when the case was received, in proportion to how often they are reported in
its stream.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.engines import draws, stepped
from sim.engines.cast import (
    TRIES,
    Cast,
    CastError,
    Table,
    count_before,
    draw_levels,
    fill,
    frailty_of,
    further_rows,
    incidents_of,
    keys_below,
    relative_rates,
    states,
    there_at_the_start,
)
from sim.plan import UNSET, Opening, Plan, Scope, Told

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class _Cases:
    """Open cases, by key ascending."""

    keys: Keys
    row: Ints
    stream: Ints
    received: Ints


def with_opening(plan: Plan, cast: Cast, root: int) -> Cast:
    """The cast with the opening caseload of its plan before all other cases; the cast itself where there is none.

    Args:
        plan: what both are of.
        cast: without it.
        root: the key from which all keys of the replication come.

    Raises:
        CastError: nobody in the force could be the person of a case.
    """
    if not plan.opening:
        return cast
    cases = _cases(plan, root)
    number = len(cases.keys)
    if not number:
        return cast
    people, seat, person = _people(plan, cases, root)
    subject_keys = keys_below(cases.keys, "subject", np.arange(number))
    means = [stream.allegations for stream in plan.streams]
    below = 1 + further_rows(plan, means, cases.stream, subject_keys, cases.received, "allegations")
    subject = np.repeat(np.arange(number), below)
    tables = {
        Scope.PERSON: people,
        Scope.CASE: Table(cases.keys, states(plan, Scope.CASE, number)),
        Scope.SUBJECT: Table(subject_keys, states(plan, Scope.SUBJECT, number)),
        Scope.ALLEGATION: Table(
            keys_below(subject_keys, "allegation", subject), states(plan, Scope.ALLEGATION, len(subject))
        ),
    }
    fill(plan, tables, np.arange(number), person, subject, cases.stream, cases.received)
    if plan.population is None:
        seat = seat + len(cast.seats)
    everybody, seats, person = _among(cast, people, seat, person)
    tables[Scope.PERSON] = everybody
    rows = {Scope.CASE: cases.row, Scope.SUBJECT: cases.row, Scope.ALLEGATION: cases.row[subject]}
    for at, opening in enumerate(plan.opening):
        of = {scope: np.flatnonzero(row == at) for scope, row in rows.items()}
        of[Scope.PERSON] = person[of[Scope.CASE]]
        received = {
            **dict.fromkeys((Scope.PERSON, Scope.CASE, Scope.SUBJECT), cases.received[of[Scope.CASE]]),
            Scope.ALLEGATION: cases.received[subject[of[Scope.ALLEGATION]]],
        }
        _write_known(opening, tables, of, received)
    return replace(
        cast,
        people=everybody,
        seats=seats,
        cases=_after(tables[Scope.CASE], cast.cases),
        case_stream=np.concatenate([cases.stream, cast.case_stream]),
        received=np.concatenate([np.zeros(number, np.int64), cast.received]),
        subjects=_after(tables[Scope.SUBJECT], cast.subjects),
        subject_case=np.concatenate([np.arange(number), cast.subject_case + number]),
        subject_person=np.concatenate([person, cast.subject_person]),
        allegations=_after(tables[Scope.ALLEGATION], cast.allegations),
        allegation_subject=np.concatenate([subject, cast.allegation_subject + number]),
        opening=np.concatenate([cases.row, np.full(len(cast.received), -1)]),
    )


def _after(first: Table, then: Table) -> Table:
    return Table(np.concatenate([first.keys, then.keys]), np.concatenate([first.state, then.state]))


def _cases(plan: Plan, root: int) -> _Cases:
    """Every case of every row, and when it was received."""
    keys, row = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for at, opening in enumerate(plan.opening):
        number = np.arange(opening.count, dtype=np.uint64)
        parent = np.full(opening.count, root, np.uint64)
        keys.append(draws.child_array(parent, draws.name(f"opening {opening.name}"), number))
        row.append(np.full(opening.count, at))
    key, of = np.concatenate(keys), np.concatenate(row)
    order = np.argsort(key, kind="stable")
    key, of = key[order], of[order]

    def told(what: str) -> Ints:
        return np.asarray([getattr(opening, what) for opening in plan.opening], dtype=np.int64)[of]

    u = draws.uniform_array(draws.bits_array(key, draws.name("age"), 0))
    youngest, oldest = told("age_from"), told("age_to")
    age = np.minimum(youngest + (u * (oldest - youngest + 1)).astype(np.int64), oldest)
    return _Cases(key, of, told("stream"), _date(-age))


def _date(minutes: Ints) -> Ints:
    """Minutes, none of them the one that stands for unset."""
    return np.where(minutes == UNSET, UNSET - 1, minutes)


# --- whom they are about ------------------------------------------------------------------------------------------------


def _people(plan: Plan, cases: _Cases, root: int) -> tuple[Table, Ints, Ints]:
    """People, their seats, and which of them each case is about."""
    if plan.population is None:
        each = np.arange(len(cases.keys))
        own = Table(keys_below(cases.keys, "own person", each), states(plan, Scope.PERSON, len(each)))
        for draw in plan.draws:
            if draw.attribute.scope == Scope.PERSON:
                draw_levels(plan, draw, own.keys, own.state, cases.received, own.state)
        return own, each, each
    rates = stepped.rates(plan)
    start = stepped.step(rates.times, np.zeros(1, np.int64))
    force = there_at_the_start(plan, root, float(rates.seats[start[0]]))
    who = np.zeros(len(cases.keys), np.int64)
    for number, stream in enumerate(plan.streams):
        waiting = np.flatnonzero(cases.stream == number)
        if not len(waiting):
            continue
        weight = frailty_of(plan, stream, force.keys)
        weight *= relative_rates(rates, number, force.state, np.repeat(start, len(force.keys)))
        if stream.until is not None:
            weight *= force.state[:, stream.until.index] > 0
        upto = np.cumsum(weight)
        if not len(upto) or upto[-1] <= 0:
            raise CastError(
                f"stream {stream.name!r}: nobody is there whom a case of the opening caseload could be about"
            )
        last = np.flatnonzero(weight)[-1]
        for turn in range(TRIES):
            u = draws.uniform_array(draws.bits_array(cases.keys[waiting], draws.name("opening person"), turn))
            found = np.minimum(np.searchsorted(upto, u * upto[-1], side="right"), last)
            who[waiting] = found
            waiting = waiting[force.joined[found] > cases.received[waiting]]
    chosen, person = np.unique(who, return_inverse=True)
    people = type(force)(*(getattr(force, column)[chosen] for column in ("keys", "seat", "joined", "leaves", "state")))
    if plan.streams[0].ceiling > 0:
        before = count_before(people, [incidents_of(plan, 0, rates, people)])
        assert before is not None
        people.state[:, plan.population.before.index] = before
    return Table(people.keys, people.state), people.seat, person


def _among(cast: Cast, people: Table, seat: Ints, person: Ints) -> tuple[Table, Ints, Ints]:
    """Rows and seats of everybody, those of the cast first, and where the people of the cases stand among them."""
    order = np.argsort(cast.people.keys)
    at = np.searchsorted(cast.people.keys[order], people.keys)
    known = np.zeros(len(people.keys), bool)
    inside = at < len(order)
    known[inside] = cast.people.keys[order[at[inside]]] == people.keys[inside]
    place = np.zeros(len(people.keys), np.int64)
    place[known] = order[at[known]]
    place[~known] = len(order) + np.arange(int((~known).sum()))
    everybody = Table(
        np.concatenate([cast.people.keys, people.keys[~known]]),
        np.concatenate([cast.people.state, people.state[~known]]),
    )
    return everybody, np.concatenate([cast.seats, seat[~known]]), place[person]


# --- what is known of them ----------------------------------------------------------------------------------------------


def _write_known(
    opening: Opening, tables: dict[Scope, Table], rows: dict[Scope, Ints], received: dict[Scope, Ints]
) -> None:
    """Write what is known of the cases of a row over what was drawn."""
    for known in opening.sets:
        scope, column = known.attribute.scope, known.attribute.index
        state, of = tables[scope].state, rows[scope]
        if known.told == Told.MORE:
            np.add.at(state[:, column], of, known.value)
        elif known.told == Told.RECEIVED:
            state[of, column] = received[scope]
        elif known.told == Told.AGO:
            state[of, column] = _date(np.full(len(of), -known.value))
        else:
            state[of, column] = known.value
