"""Who is there, and what might be reported? The cast of `engines/cast.py`, digit for digit, by compiled code.

What follows from the plan alone is prepared once; replications may then be drawn in threads, for nothing is shared but what is only read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.engines import draws, stepped
from sim.engines.cast import (
    MINUTES_A_YEAR,
    Cast,
    Table,
    attribute_name,
    check_ceiling,
    exposed,
    starts,
    strangers_enough,
)
from sim.engines.fast import casting
from sim.engines.fast.casting import (
    DRAW,
    EXPOSURE,
    INCIDENT,
    NAMED,
    PLAN,
    SOMEBODY,
    SOUGHT,
    STREAM,
    Result,
    Room,
    Rows,
    Tables,
)
from sim.engines.fast.workspace import LINE, Workspace
from sim.engines.opening import with_opening
from sim.plan import Plan, Scope

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Record = NDArray[np.void]
Piece = tuple[DTypeLike, tuple[int, ...]]
"""Type and shape of an array."""

SPARE = 12
"""Standard deviations by which buffers exceed what is expected,"""
AT_LEAST = 64
"""and rows beside."""
ALWAYS = 1 << 40
"""Minutes from joining that nobody stays."""
TABLES = ("people", "cases", "subjects", "allegations")
"""Of a cast, by scope."""


@dataclass(frozen=True)
class Prepared:
    """What the casts of a plan have in common."""

    plan: Plan
    tables: Tables
    cuts: stepped.Cuts | None
    exposed: dict[str, tuple[int, int]]
    """As `engines.cast.exposed` gives it."""
    people: int
    cases: int
    subjects: int
    """Rows there is room for at first."""
    rooms: list[Room]
    """Buffers that nobody uses at the moment."""


def make(plan: Plan, seed: int, replication: int) -> Cast:
    """The cast of one replication, equal to that of `engines.cast.make`.

    Raises:
        CastError: a rate exceeds its stream's ceiling.
    """
    return make_from(prepare(plan), seed, replication)


def make_from(prepared: Prepared, seed: int, replication: int) -> Cast:
    """The cast of one replication of a prepared plan, in memory of its own.

    Raises:
        CastError: a rate exceeds its stream's ceiling, or nobody is there whom an opening case could be about.
    """
    return _with_states(draw_into(Workspace(), prepared, seed, replication), lambda _, state: state.astype(np.int64))


def draw_into(space: Workspace, prepared: Prepared, seed: int, replication: int) -> Cast:
    """The cast of one replication, in memory of a workspace and as narrow as play takes it: for one play.

    Raises:
        CastError: as `make_from`.
    """
    root = draws.root(seed, replication)
    room = _drawn_into(prepared, np.uint64(root))
    for stream, peak in zip(prepared.plan.streams, room.peak.tolist(), strict=True):
        check_ceiling(stream, peak)
    result = _result(space, prepared, room)
    casting.tell(prepared.tables, room, result)
    person_days = _person_days(prepared, room.days)
    prepared.rooms.append(room)
    people, cases, subjects, allegations = result
    cast = Cast(
        people=Table(people.keys, people.state),
        seats=people.parent,
        cases=Table(cases.keys, cases.state),
        case_stream=cases.parent,
        received=cases.other,
        subjects=Table(subjects.keys, subjects.state),
        subject_case=subjects.parent,
        subject_person=subjects.other,
        allegations=Table(allegations.keys, allegations.state),
        allegation_subject=allegations.parent,
        person_days=person_days,
    )
    opened = with_opening(prepared.plan, cast, root)
    return cast if opened is cast else lay_into(space, opened)


def lay_into(space: Workspace, cast: Cast) -> Cast:
    """A cast whose rows are copied into a workspace, as narrow as play takes them."""
    kind = _kind(int(np.abs(cast.people.state).max(initial=0)))

    def laid(called: str, state: Ints) -> Ints:
        array = space.take(called, kind, *state.shape)
        array[:] = state
        return array

    return _with_states(cast, laid)


def _with_states(cast: Cast, other: Callable[[str, Ints], Ints]) -> Cast:
    """The cast with other arrays of attributes, made of the name of each table and what there is."""

    def table(called: str, one: Table) -> Table:
        return Table(one.keys, other(called, one.state))

    return replace(
        cast,
        people=table("people", cast.people),
        cases=table("cases", cast.cases),
        subjects=table("subjects", cast.subjects),
        allegations=table("allegations", cast.allegations),
    )


def _kind(furthest: int) -> DTypeLike:
    """The type of whole numbers that play takes: four bytes wherever the dates of people fit in, for all other numbers are smaller."""
    return np.int32 if furthest <= np.iinfo(np.int32).max else np.int64


# --- once for a plan ----------------------------------------------------------------------------------------------------


def prepare(plan: Plan) -> Prepared:
    """Whatever the casts of a plan have in common."""
    population = plan.population
    rates = stepped.rates(plan)
    subjects = stepped.means(plan, [stream.subjects for stream in plan.streams])
    allegations = stepped.means(plan, [stream.allegations for stream in plan.streams])
    cuts = stepped.cuts(plan) if population else None
    slots = _slots(plan)
    told = exposed(plan) if population else {}
    shapes = [plan.shapes[stream.spread] for stream in plan.streams]
    factors = [factor for of_stream in rates.relative for factor in of_stream]
    relative = _padded([levels for _, levels in factors], len(rates.times))
    tables = Tables(
        plan=_plan(plan, slots),
        quantiles=np.stack(
            [draws.quantile_values("exponential", 1.0), *(draws.quantile_values(s.family, s.cv) for s in shapes)]
        ),
        rates=casting.Rates(
            _streams(plan, rates, subjects),
            rates.times,
            rates.seats,
            rates.wanted,
            _ints(slots[column] for column, _ in factors),
            relative,
            relative.max(axis=2),
        ),
        subjects=casting.Means(subjects.times, subjects.more),
        allegations=casting.Means(allegations.times, allegations.more),
        drawn=_drawn(plan, slots),
        exposure=_exposure(told, slots, cuts),
        starts=casting.Starts(
            starts(plan, Scope.PERSON),
            starts(plan, Scope.CASE),
            starts(plan, Scope.SUBJECT),
            starts(plan, Scope.ALLEGATION),
            _copies(plan),
        ),
    )
    people, cases = _expected_people(tables.plan), _expected_cases(plan, rates)
    most = 1 / (1 - subjects.more.max())
    return Prepared(plan, tables, cuts, told, _with_spare(people), _with_spare(cases), _with_spare(cases * most), [])


def _ints(numbers: Iterable[int]) -> Ints:
    return np.asarray(list(numbers), dtype=np.int64)


def _slots(plan: Plan) -> dict[int, int]:
    """Columns of people that are drawn or that a draw looks at, and where they stand among those."""
    columns: dict[int, int] = {}
    for draw in plan.draws:
        for ref in (draw.given, draw.attribute):
            if ref and draw.attribute.scope == Scope.PERSON:
                columns.setdefault(ref.index, len(columns))
    return columns


def _plan(plan: Plan, slots: dict[int, int]) -> Record:
    row = np.zeros(1, PLAN)
    row["ends_at"], row["received"] = plan.ends_at, plan.received.index
    row["stream"] = next((plan.find(a.name).index for a in plan.attributes if a.name == "case.stream"), -1)
    people = plan.population
    if people is None:
        return row
    row["seats"] = round(max(plan.values[people.seats].values))
    row["leaving"] = plan.values[people.leaving].at(0) / MINUTES_A_YEAR
    row["joined"], row["leaves"], row["before"] = people.joined.index, people.leaves.index, people.before.index
    row["place"] = people.place.index if people.place else -1
    row["place_slot"], row["places"] = slots.get(int(row["place"][0]), -1), people.places
    row["marks"], row["marks_after"] = people.marks.index if people.marks else -1, people.marks_after
    return row


def _streams(plan: Plan, rates: stepped.Rates, subjects: stepped.Means) -> Record:
    people, factor = plan.population, 0
    rows = np.zeros(len(plan.streams), STREAM)
    for number, (row, stream, relative, wanted) in enumerate(
        zip(rows, plan.streams, rates.relative, rates.wanted, strict=True)
    ):
        row["place"], row["frailty"] = draws.name(f"incident of {stream.name}"), draws.name(f"frailty of {stream.name}")
        shape = plan.shapes[stream.spread]
        row["alike"] = np.ptp(draws.quantile_values(shape.family, shape.cv)) == 0
        row["further"] = subjects.more[number].max() > 0
        row["window"] = people.marks_after if people and stream.until else ALWAYS
        row["ceiling"] = stream.ceiling
        row["per_minute"] = stream.ceiling / stepped.sharers(plan, stream) / MINUTES_A_YEAR
        row["enough"] = strangers_enough(plan, stream)
        row["factor_from"], row["factor_to"] = factor, factor + len(relative)
        # In the order of arithmetic of what they bound, so that rounding takes neither below it.
        most_relative = math.prod(float(levels.max()) for _, levels in relative)
        most_wanted = wanted.max() * most_relative
        row["before_share"] = stepped.before_share(plan)
        row["most_wanted"] = most_wanted if most_wanted <= stream.ceiling else math.inf
        counted = row["before_share"] if number == 0 else 0.0
        row["most_before"] = most_wanted * counted if most_wanted <= stream.ceiling else math.inf
        row["most"] = most_relative if row["alike"] else math.inf
        factor += len(relative)
    return rows


def _padded(tables: Sequence[Floats], steps: int) -> Floats:
    """Tables by level and step on top of each other, as tall as the tallest."""
    padded = np.ones((len(tables), max((len(table) for table in tables), default=0), steps))
    for mine, table in zip(padded, tables, strict=True):
        mine[: len(table)] = table
    return padded


def _copies(plan: Plan) -> Ints:
    pairs = [(copied.attribute.index, copied.person.index) for copied in plan.copies]
    return _ints(index for pair in pairs for index in pair).reshape(-1, 2)


def _drawn(plan: Plan, slots: dict[int, int]) -> casting.Drawn:
    """Draws by scope: what one looks at is of its own row, drawn before it, or of one above."""
    ordered = sorted(plan.draws, key=lambda draw: draw.attribute.scope)
    rows = np.zeros(len(ordered), DRAW)
    times: list[Ints] = []
    upto = [np.zeros(1)]
    for row, draw in zip(rows, ordered, strict=True):
        shares = stepped.shares(plan, draw)
        row["name"] = draws.name(attribute_name(plan, draw.attribute))
        row["scope"], row["column"] = draw.attribute.scope, draw.attribute.index
        row["slot"] = slots.get(draw.attribute.index, -1)
        row["given_scope"], row["given"] = (draw.given.scope, draw.given.index) if draw.given else (-1, -1)
        row["given_slot"] = slots.get(draw.given.index, -1) if draw.given else -1
        row["step_from"] = sum(map(len, times))
        row["step_to"] = row["step_from"] + len(shares.times)
        row["upto"] = sum(map(len, upto))
        row["rows"], row["levels"] = shares.upto.shape[:2]
        row["only"] = row["upto"] if draw.given is None and len(shares.times) == 1 else 0
        times.append(shares.times)
        upto.append(np.ascontiguousarray(shares.upto.swapaxes(1, 2)).ravel())
    starting = starts(plan, Scope.PERSON)[_ints(slots)]
    scopes = np.searchsorted(rows["scope"], np.arange(len(Scope) + 1))
    return casting.Drawn(rows, scopes, np.concatenate([_ints([]), *times]), np.concatenate(upto), starting)


def _exposure(told: dict[str, tuple[int, int]], slots: dict[int, int], cuts: stepped.Cuts | None) -> casting.Exposure:
    rows = np.zeros(len(told), EXPOSURE)
    if cuts is None:
        return casting.Exposure(_ints([]), _ints([]), _ints([]), np.zeros(0), rows)
    cells, first = cuts.filled.size, 0
    for row, (column, levels) in zip(rows, told.values(), strict=True):
        row["slot"], row["levels"], row["first"] = slots[column], levels, first
        first += cells * levels
    near = stepped.step(cuts.starts, np.arange(0, cuts.ends[-1], 1 << casting.NEAR))
    return casting.Exposure(near, cuts.starts, cuts.ends, cuts.sizes, rows)


def _expected_people(plan: Record) -> float:
    return float(plan["seats"][0] * (1 + plan["leaving"][0] * plan["ends_at"][0]))


def _expected_cases(plan: Plan, rates: stepped.Rates) -> float:
    """Cases at the highest rates; recorded ones are thinned from potential ones, of which there are about three times as many."""
    shared = [stepped.sharers(plan, stream) for stream in plan.streams]
    most = rates.wanted.max(axis=1)
    if plan.population:
        most = most * max(plan.values[plan.population.seats].values) / shared
    return float(most.sum() * plan.ends_at / MINUTES_A_YEAR)


def _with_spare(expected: float) -> int:
    return int(expected + SPARE * math.sqrt(expected)) + AT_LEAST


# --- once for a replication ---------------------------------------------------------------------------------------------


def _drawn_into(prepared: Prepared, root: np.uint64) -> Room:
    """Buffers that were long enough for what was drawn."""
    try:
        room = prepared.rooms.pop()
    except IndexError:  # all are in use by other threads
        room = _room(prepared, prepared.people, prepared.cases, prepared.subjects)
    while True:
        casting.draw(prepared.tables, room, root)
        sizes = [len(room.force.people), len(room.found), len(room.subjects)]
        counts = room.counts[:3].tolist()
        if all(count <= size for count, size in zip(counts, sizes, strict=True)):
            return room
        room = _room(prepared, *(max(size, _with_spare(count)) for count, size in zip(counts, sizes, strict=True)))


def _room(prepared: Prepared, people: int, cases: int, subjects: int) -> Room:
    """Buffers for so many rows."""
    tables = prepared.tables
    cells = sum(levels for _, levels in prepared.exposed.values()) * (prepared.cuts.filled.size if prepared.cuts else 0)
    streams, seats = len(tables.rates.streams), int(tables.plan["seats"][0])
    block = (casting.BLOCK,)
    pieces = _in_one_piece(
        (np.int64, (casting.COUNTS,)),
        (np.float64, (streams,)),
        # Force:
        (SOMEBODY, (people,)),
        (np.uint64, (people,)),
        (SOMEBODY, (people,)),
        (np.uint64, (people,)),
        (np.int32, (people,)),
        (np.uint32, (seats + 1,)),
        (np.uint8, (streams, seats)),
        (np.uint32, (len(tables.drawn.starts), people)),
        (np.float64, (streams, people)),
        (np.int32, (people,)),
        # Block:
        (np.uint32, block),
        (np.int64, block),
        (np.uint64, block),
        (np.int64, block),
        (np.float64, block),
        (np.float64, block),
        (np.float64, block),
        (np.float64, block),
        (np.uint32, block),
        (np.uint32, block),
        (np.float64, block),
        (np.int64, block),
        # What was found, and in order:
        (INCIDENT, (cases,)),
        (INCIDENT, (cases,)),
        # Order:
        (np.uint64, (cases,)),
        (np.uint64, (cases,)),
        (np.int64, ((1 << casting.DIGIT) + 1,)),
        # Subjects, those sought, and days:
        (NAMED, (subjects,)),
        (SOUGHT, (subjects,)),
        (np.int64, (cells,)),
        (np.int64, (cells,)),
    )
    return Room(
        next(pieces),
        next(pieces),
        casting.Force(*islice(pieces, len(casting.Force._fields))),
        casting.Block(*islice(pieces, len(casting.Block._fields))),
        next(pieces),
        next(pieces),
        casting.Order(*islice(pieces, len(casting.Order._fields))),
        next(pieces),
        next(pieces),
        casting.Days(*pieces),
    )


def _result(space: Workspace, prepared: Prepared, room: Room) -> Result:
    """Arrays for the rows that were found."""
    first = prepared.tables.starts
    counts = [int(room.counts[n]) for n in (casting.KEPT, casting.CASES, casting.SUBJECT_ROWS, casting.ALLEGATION_ROWS)]
    kind = _kind(int(room.counts[casting.FURTHEST]))

    def rows(called: str, count: int, attributes: Ints, others: int) -> Rows:
        return Rows(
            space.take(f"keys of {called}", np.uint64, count),
            space.take(called, kind, count, len(attributes)),
            space.take(f"parents of {called}", np.int64, count),
            space.take(f"others of {called}", np.int64, others),
        )

    others = (0, *counts[1:3], 0)
    return Result(*map(rows, TABLES, counts, first[: len(TABLES)], others))


def _in_one_piece(*pieces: Piece) -> Iterator[NDArray[Any]]:
    """Arrays of these types and shapes in one piece of memory: many small ones would be given back, and emptied again for every replication."""
    sizes = [math.prod(shape) * np.dtype(kind).itemsize for kind, shape in pieces]
    ends = list(accumulate(-(-size // LINE) * LINE for size in sizes))
    whole = np.empty(ends[-1], np.uint8)
    for (kind, shape), size, start in zip(pieces, sizes, [0, *ends[:-1]], strict=True):
        yield whole[start : start + size].view(kind).reshape(shape)


def _person_days(prepared: Prepared, days: casting.Days) -> dict[str, Floats]:
    if prepared.cuts is None:
        return {}
    result = {}
    for (name, (_, levels)), exposure in zip(prepared.exposed.items(), prepared.tables.exposure.rows, strict=True):
        shape = (*prepared.cuts.filled.shape, levels)
        here = slice(int(exposure["first"]), int(exposure["first"]) + math.prod(shape))
        result[name] = stepped.person_days(prepared.cuts, *(part[here].reshape(shape) for part in days))
    return result
