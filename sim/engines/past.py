"""How long two plans tell one story, so that a reform's future can begin where the base's past ends.

Until the first minute at which any number that either plan reads differs, both play to the same digit. An engine may therefore keep its state
there (`play(..., keep=...)`) and go on from it under the other plan (`go_on`); `tests/test_past.py` holds it to the digits of a play from the start.
"""

from __future__ import annotations

from dataclasses import fields, replace

from sim.plan import Dated, Node, Plan, Sample

APART_BY_NAME = ("name", "world", "title")
COMPARED_APART = ("values", "shapes", "nodes", "streams")


def same_until(base: Plan, other: Plan) -> int:
    """The minute before which two plans cannot be told apart; 0 if they may differ from the start, `ends_at` if they never do.

    Diaries look ahead when they are booked, and a value attached to a date may be read before that date comes: plans that differ in those
    are taken to differ from the start. So are plans that differ in anything but dated values.
    """
    for field in fields(Plan):
        if field.name in (*APART_BY_NAME, *COMPARED_APART):
            continue
        if getattr(base, field.name) != getattr(other, field.name):
            return 0
    if [len(base.values), len(base.nodes), *_streams(base)] != [len(other.values), len(other.nodes), *_streams(other)]:
        return 0
    until = base.ends_at
    drawn = _read_by_the_cast(base)
    ahead = {diary.size for diary in base.diaries} | drawn
    for at, (mine, others) in enumerate(zip(base.values, other.values, strict=True)):
        if replace(mine, times=(), values=()) != replace(others, times=(), values=()):
            return 0
        split = _first_difference(mine, others)
        if split is not None:
            until = min(until, 0 if mine.attach or at in ahead else split)
    for one, two in zip(base.nodes, other.nodes, strict=True):
        if _bare(one) != _bare(two):
            return 0
        for first, second in zip(_samples(one), _samples(two), strict=True):
            until = min(until, _samples_agree_until(base, other, first, second))
    return max(until, 0)


def _streams(plan: Plan) -> list[object]:
    """Streams with their spread itself, not where it stands."""
    return [(replace(stream, spread=0), plan.shapes[stream.spread]) for stream in plan.streams]


def _read_by_the_cast(plan: Plan) -> set[int]:
    """Values that decide who there is and what may be reported: read for the whole run before it begins."""
    read = {value for draw in plan.draws for row in draw.shares for value in row}
    for stream in plan.streams:
        read |= {stream.rate, stream.subjects, stream.allegations, stream.unrecorded}
        read |= {value for factor in stream.relative for value in factor.values}
    if plan.population:
        read |= {plan.population.seats, plan.population.leaving}
    return read


def _first_difference(one: Dated, two: Dated) -> int | None:
    """The first minute from 0 on at which two step functions differ."""
    for minute in sorted({0, *one.times, *two.times}):
        if minute >= 0 and one.at(minute) != two.at(minute):
            return minute
    return None


def _bare(node: Node) -> Node:
    """A node without what is compared in time."""

    def bare(sample: Sample | None) -> Sample | None:
        return replace(sample, shapes=(), shape_times=()) if sample else None

    writes = tuple(replace(write, shift=bare(write.shift)) for write in node.writes)
    return replace(node, lasts=bare(node.lasts), length=bare(node.length), writes=writes)


def _samples(node: Node) -> list[Sample | None]:
    """The distributions a node draws from."""
    return [node.lasts, node.length, *(write.shift for write in node.writes)]


def _samples_agree_until(base: Plan, other: Plan, one: Sample | None, two: Sample | None) -> int:
    if one is None or two is None:
        return base.ends_at
    mine = Dated("", "", one.shape_times, tuple(range(len(one.shapes))), None)
    others = Dated("", "", two.shape_times, tuple(range(len(two.shapes))), None)
    for minute in sorted({0, *one.shape_times, *two.shape_times}):
        if (
            minute >= 0
            and base.shapes[one.shapes[int(mine.at(minute))]] != other.shapes[two.shapes[int(others.at(minute))]]
        ):
            return minute
    return base.ends_at
