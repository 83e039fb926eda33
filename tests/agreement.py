"""Both engines play a plan, and have to agree on every digit: whoever tests with `play` from here tests them both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.engines import fast, reference
from sim.engines.cast import Cast, CastError
from sim.engines.reading import PlayError
from sim.plan import Plan
from sim.record import EVENT_COLUMNS, Record, What

TABLES = ("people", "cases", "subjects", "allegations", "exposure")


def play(plan: Plan, seed: int, replication: int = 0, *, events: bool = True) -> Record:
    """What the reference engine records; an error if the fast one records anything else.

    Raises:
        AssertionError: they differ; the message names the first row or column that does.
        PlayError, CastError: the plan cannot be played, as both say in the same words.
    """
    return _agreed(
        plan,
        lambda: reference.play(plan, seed, replication, events=events),
        lambda: fast.play(plan, seed, replication, events=events),
    )


def play_cast(plan: Plan, cast: Cast, seed: int = 1, replication: int = 0, *, events: bool = True) -> Record:
    """What the reference engine records of a given cast; errors are those of `play`."""
    return _agreed(
        plan,
        lambda: reference.play_cast(plan, cast, seed, replication, events=events),
        lambda: fast.play_cast(plan, cast, seed, replication, events=events),
    )


def _agreed(plan: Plan, by_reference: Callable[[], Record], by_fast: Callable[[], Record]) -> Record:
    expected, found = _outcome(by_reference), _outcome(by_fast)
    if isinstance(expected, Exception):
        assert (type(found), str(found)) == (type(expected), str(expected))
        raise expected
    assert isinstance(found, Record), found
    difference = first_difference(plan, expected, found)
    assert not difference, difference
    return expected


def _outcome(play_it: Callable[[], Record]) -> Record | Exception:
    try:
        return play_it()
    except (PlayError, CastError) as error:
        return error


def first_difference(plan: Plan, one: Record, other: Record) -> str:
    """The first event row, or else the first column, in which two records differ; empty where none does."""
    for name in ("plan", "seed", "replication", "ended_at"):
        if getattr(one, name) != getattr(other, name):
            return f"{name}: {getattr(one, name)} or {getattr(other, name)}"
    length = min(len(one.events["minute"]), len(other.events["minute"]))
    differs = np.zeros(length, bool)
    for column in EVENT_COLUMNS:
        differs |= one.events[column][:length] != other.events[column][:length]
    if differs.any() or len(one.events["minute"]) != len(other.events["minute"]):
        at = int(differs.argmax()) if differs.any() else length
        return f"event {at}: {_told(plan, one, at)}; or {_told(plan, other, at)}"
    for table in TABLES:
        mine, others = getattr(one, table), getattr(other, table)
        if list(mine) != list(others):
            return f"{table}: columns {list(mine)} or {list(others)}"
        for column in mine:
            if mine[column].dtype != others[column].dtype or not np.array_equal(mine[column], others[column]):
                return f"{table}, column {column}"
    return ""


def _told(plan: Plan, record: Record, at: int) -> str:
    if at >= len(record.events["minute"]):
        return "nothing more"
    minute, case, token, node, what, item, value = (int(record.events[column][at]) for column in EVENT_COLUMNS)
    return f"minute {minute}, case {case}.{token} at {plan.nodes[node].name!r} {What(what).name} {item} {value}"
