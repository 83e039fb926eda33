"""How does the kernel get its memory, and what becomes of what it leaves? One replication, from a plan to a record."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.cast import Cast
from sim.engines.fast import kernel, layout
from sim.engines.fast.cast import Prepared, draw_into, lay_into, prepare
from sim.engines.fast.columns import Columns, firsts
from sim.engines.fast.handle import Handle
from sim.engines.fast.layout import Play, Tables
from sim.engines.fast.meter import Meter
from sim.engines.fast.tables import lower
from sim.engines.fast.workspace import FEWEST_SIGNALS, Workspace
from sim.engines.reading import PlayError
from sim.plan import PLAN_VERSION, Plan, Scope
from sim.record import EVENT_COLUMNS, Record

MOST_KEPT = 64
"""Plans whose tables are kept at hand."""
GROWTH = 2
FEWEST_ROWS = 1 << 12
ROWS_A_CASE = 40
"""Of the record, as a first guess; short of it, the replication is played again with more room."""


@dataclass(frozen=True)
class Ready:
    """A plan made ready to be played."""

    tables: Tables
    handle: Handle
    cast: Prepared
    meter: Meter
    columns: Mapping[Scope, tuple[str, ...]]


_ready: dict[str, Ready] = {}
_lock = threading.Lock()


def ready(plan: Plan) -> Ready:
    """The plan made ready, once for all its replications.

    Raises:
        ValueError: the plan is of another version.
    """
    if plan.version != PLAN_VERSION:
        raise ValueError(f"this engine plays plans of version {PLAN_VERSION}, not {plan.version}")
    with _lock:
        known = _ready.get(plan.fingerprint)
        if known is None:
            if len(_ready) >= MOST_KEPT:
                _ready.pop(next(iter(_ready)))
            tables = lower(plan)
            known = _ready[plan.fingerprint] = Ready(
                tables=tables,
                handle=Handle(tables, fixed=True),
                cast=prepare(plan),
                meter=Meter(plan),
                columns={
                    scope: tuple(a.name.split(".")[1] for a in plan.attributes if a.scope == scope) for scope in Scope
                },
            )
    return known


def play(
    plan: Plan, seed: int, replication: int = 0, *, events: bool = True, workspace: Workspace | None = None
) -> Record:
    """Play one replication; see the package."""
    made_ready, space = ready(plan), workspace or Workspace()
    return _played(
        plan, made_ready, lambda: draw_into(space, made_ready.cast, seed, replication), seed, replication, events, space
    )


def play_cast(
    plan: Plan, cast: Cast, seed: int, replication: int, *, events: bool = True, workspace: Workspace | None = None
) -> Record:
    """Play what becomes of a cast."""
    made_ready, space = ready(plan), workspace or Workspace()
    return _played(plan, made_ready, lambda: lay_into(space, cast), seed, replication, events, space)


def _played(
    plan: Plan,
    made_ready: Ready,
    laid: Callable[[], Cast],
    seed: int,
    replication: int,
    events: bool,
    space: Workspace,
) -> Record:
    """Play a cast that is laid into the workspace, where it changes; short of room, lay it there and play it again with more."""
    while True:
        cast = laid()
        state = _memory(made_ready, cast, space, events)
        kernel.run(made_ready.handle, Handle(state))
        fault = state.seen[layout.FAULT]
        if fault not in space.room:
            break
        space.room[fault] = GROWTH * _room(state, fault)
    if fault:
        raise PlayError(_told(plan, fault, int(state.seen[layout.FAULT_A]), int(state.seen[layout.FAULT_B]), state))
    return _record(plan, made_ready, seed, replication, cast, state, space)


def _room(state: Play, fault: np.int64) -> int:
    """How much there was of what a play ran short of."""
    buffers = {
        layout.SHORT_OF_ROWS: state.minute,
        layout.SHORT_OF_TOKENS: state.tokens,
        layout.SHORT_OF_POOL: state.pool,
        layout.SHORT_OF_SIGNALS: state.told,
    }
    return len(buffers[fault])


def _memory(made_ready: Ready, cast: Cast, space: Workspace, events: bool) -> Play:
    """The state of play before anything has happened, around a cast that lies in the workspace."""
    tables = made_ready.tables
    cases, subjects, people = len(cast.received), len(cast.subject_case), len(cast.people.keys)
    rows = max(space.room[layout.SHORT_OF_ROWS], FEWEST_ROWS, ROWS_A_CASE * cases) if events else 0
    tokens = space.room[layout.SHORT_OF_TOKENS]
    pool = max(space.room[layout.SHORT_OF_POOL], 2 * subjects + FEWEST_SIGNALS)
    signals = space.room[layout.SHORT_OF_SIGNALS]
    posts = int(tables.teams["most_posts"].sum())
    units = int(tables.teams["most_units"].sum())
    branches = int((tables.nodes["branch_to"] - tables.nodes["branch_from"]).max(initial=1))
    shift = _shift(int(tables.ends_at[0]), cases)
    seen = space.fill("seen", np.int64, 0, layout.SEEN)
    seen[layout.MONTH_ENDS] = tables.month_ends[0]
    seen[layout.KEEPS_EVENTS], seen[layout.POOLED], seen[layout.BUCKET], seen[layout.SHIFT] = (
        events,
        subjects,
        -1,
        shift,
    )
    now = space.take("now", np.float64, len(tables.at_start))
    now[:] = tables.at_start
    subject_pool = space.take("pool", np.int32, pool)
    subject_pool[:subjects] = np.arange(subjects)
    case_state = space.zeros("case_state", layout.CASE, cases)
    case_state["first_live"] = case_state["final_live"] = -1
    post_state = space.zeros("posts", layout.POST, posts)
    for called in ("doing", "first_held", "unit"):
        post_state[called] = -1
    unit_state = space.zeros("units", layout.UNIT, units)
    unit_state["waiting"] = -1
    subject_from = space.take("subject_from", np.int64, cases + 1)
    allegation_from = space.take("allegation_from", np.int64, subjects + 1)
    firsts(cast.subject_case, subject_from)
    firsts(cast.allegation_subject, allegation_from)
    return Play(
        seen=seen,
        now=now,
        people=cast.people.state,
        cases=cast.cases.state,
        subjects=cast.subjects.state,
        allegations=cast.allegations.state,
        received=cast.received,
        case_stream=cast.case_stream,
        opening=space.fill("opening", np.int64, -1, cases) if cast.opening is None else cast.opening,
        case_of=cast.subject_case,
        person_of=cast.subject_person,
        case_keys=cast.cases.keys,
        subject_keys=cast.subjects.keys,
        allegation_keys=cast.allegations.keys,
        subject_from=subject_from,
        allegation_from=allegation_from,
        tokens=space.take("tokens", layout.TOKEN, tokens),
        visits=space.take("visits", np.int32, tokens, int(tables.visits[0])),
        slot_heap=space.take("slot_heap", layout.HEAP, tokens),
        pool=subject_pool,
        free_tokens=space.take("free_tokens", np.int32, tokens),
        case_state=case_state,
        open_cases=space.take("open_cases", layout.OPEN, subjects),
        first_open=space.fill("first_open", np.int32, -1, people),
        buckets=space.fill("buckets", np.int32, -1, (int(tables.ends_at[0]) >> shift) + 2),
        bucket=space.take("bucket", np.int32, tokens + 1),
        ready=space.take("ready", np.int32, tokens),
        moving=space.take("moving", np.int32, tokens),
        raised=space.take("raised", layout.RAISED, signals),
        told=space.take("told", np.int32, signals),
        hearers=space.take("hearers", np.int32, signals),
        touched=space.take("touched", np.int32, cases),
        servers=space.zeros("servers", layout.SERVER, len(tables.teams)),
        posts=post_state,
        units=unit_state,
        want_slots=space.take("want_slots", np.int32, len(tables.teams)),
        granting=space.take("granting", np.int32, len(tables.teams)),
        unit_posts=space.take("unit_posts", np.int32, posts),
        free_posts=space.fill("free_posts", np.int64, 0, posts // layout.PLACES + 1),
        turns=space.fill("turns", np.int32, -1, posts + units),
        changed=space.take("changed", np.int32, posts + units),
        is_changed=space.fill("is_changed", np.int32, 0, posts + units),
        used=space.fill("used", np.int32, 0, len(tables.diary_calendar), int(tables.days[0])),
        want_days=space.take("want_days", np.int32, tokens),
        open_weights=space.take("open_weights", np.float64, branches),
        open_branches=space.take("open_branches", np.int32, branches),
        used_by_month=space.fill("used_by_month", np.int64, 0, len(tables.teams), 3, len(tables.month_ends)),
        minute=space.take("minute", np.int32, rows),
        case=space.take("case", np.int32, rows),
        token=space.take("token", np.int32, rows),
        node=space.take("node", np.int16, rows),
        what=space.take("what", np.int8, rows),
        item=space.take("item", np.int32, rows),
        value=space.take("value", np.int32, rows),
    )


BUCKETS_A_CASE = 4
WIDEST = 11
"""A bucket of 2**11 minutes is longer than a day."""


def _shift(ends_at: int, cases: int) -> int:
    """Minutes a bucket, as a power of two: a few buckets for each case, so that a bucket holds a few tokens."""
    shift = 0
    while shift < WIDEST and (ends_at >> shift) > BUCKETS_A_CASE * cases:
        shift += 1
    return shift


def _told(plan: Plan, fault: np.int64, a: int, b: int, state: Play) -> str:
    """What went wrong, in the words of the reference engine."""
    if fault == layout.DATE_UNSET:
        return f"the value {plan.values[a].name!r} is read at a date that is unset in case {b}"
    if fault == layout.NO_BRANCH:
        return f"no branch of {plan.nodes[a].name!r} is open to case {b}"
    if fault == layout.NO_SUCH_PLACE:
        team = plan.teams[a]
        assert team.unit_of is not None
        place = int(state.cases[b, team.unit_of.index])
        return f"case {b} is in place {place} of {team.name!r}, which has {team.places}"
    if fault == layout.NO_SLOT:
        team = plan.teams[plan.nodes[a].team]
        return f"case {b} comes to {plan.nodes[a].name!r} without a slot of {team.name!r}"
    if fault == layout.NO_LEVEL:
        return f"an attribute of case {b} is at a level for which no factor is declared"
    return f"{kernel.MOST_ROUNDS} rounds on {plan.day(a)}: a case moves in a circle in which no time passes"


def _record(
    plan: Plan, made_ready: Ready, seed: int, replication: int, cast: Cast, state: Play, space: Workspace
) -> Record:
    rows = int(state.seen[layout.ROWS])

    def table(scope: Scope, rows: NDArray[Any], **of_cast: NDArray[np.int64]) -> Columns:
        turned = space.take(f"columns of {scope.name}", np.int64, rows.shape[1], rows.shape[0])
        return Columns(made_ready.columns[scope], rows, turned, of_cast)

    case_of_allegation = space.take("case_of_allegation", np.int64, len(cast.allegation_subject))
    np.take(
        cast.subject_case, cast.allegation_subject, out=case_of_allegation, mode="clip"
    )  # or it is copied once more
    return Record(
        plan=plan.fingerprint,
        seed=seed,
        replication=replication,
        ended_at=plan.ends_at,
        events={column: getattr(state, column)[:rows] for column in EVENT_COLUMNS},
        people=table(Scope.PERSON, state.people, seat=cast.seats),
        cases=table(Scope.CASE, state.cases, stream=cast.case_stream),
        subjects=table(Scope.SUBJECT, state.subjects, case=cast.subject_case, person=cast.subject_person),
        allegations=table(
            Scope.ALLEGATION, state.allegations, subject=cast.allegation_subject, case=case_of_allegation
        ),
        exposure={**cast.person_days, **made_ready.meter.read(state.used_by_month)},
    )
