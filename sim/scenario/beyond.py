"""Where does a change leave what is known? Numbers outside their range in the evidence, teams more than doubled, and posts of a world replaced by a sheet's.

Only what reforms, settings and a staffing sheet change is looked at, on the days on which they change it. Worlds and scenarios may lie where they
will: their own files say why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import nan, prod

from sim.evidence import Number
from sim.scenario.build import Series
from sim.scenario.lay import Laid

OUT_OF_RANGE, DOUBLED, REPLACED = "out of range", "doubled", "replaced"
ROUNDING = 1e-9


@dataclass(frozen=True)
class Beyond:
    """A number on the day on which it is furthest from what is known."""

    what: str
    """`OUT_OF_RANGE`, `DOUBLED`, or `REPLACED` by a row of a sheet that tells of posts there are."""
    key: str
    unit: str
    on: date
    level: float
    before: float
    """Without reforms, settings and sheet."""
    low: float = nan
    """Of the range of the evidence on that day, as the scenario's own file scales it."""
    high: float = nan
    times: float = 1.0
    """What it scales it by."""


def beyond(
    before: Mapping[str, Series],
    after: Mapping[str, Series],
    known: Mapping[str, Number],
    own: Sequence[Laid],
    posts: Collection[str],
    starts_on: date,
    ends_on: date,
) -> tuple[Beyond, ...]:
    """Every number that a change takes beyond what is known, by key.

    Args:
        before: numbers without what is laid over scenario and world.
        after: with it.
        known: the evidence.
        own: what the scenario's own file, and those it is based on, change. Where they scale a number they scale its range too; a number
            that they set or add to has no range of the evidence any more.
        posts: the numbers of teams' posts.
        starts_on: the first day of play.
        ends_on: the day after the last.
    """
    return tuple(
        one
        for key in sorted(before)
        if before[key].steps != after[key].steps
        for one in _of_number(
            known[key],
            before[key],
            after[key],
            [mine for mine in own if mine.key == key],
            starts_on,
            ends_on,
            of_posts=key in posts,
        )
    )


def _of_number(
    number: Number,
    before: Series,
    after: Series,
    own: Sequence[Laid],
    starts_on: date,
    ends_on: date,
    *,
    of_posts: bool,
) -> Iterator[Beyond]:
    """Where one number is beyond what is known, on the days on which it is changed."""
    edges = (*before.steps, *after.steps, *((step.from_, 0.0) for step in number.steps))
    days = sorted({max(day, starts_on) for day, _ in edges if day < ends_on})
    levels = [(day, _on(after, day), _on(before, day)) for day in days]
    changed = [one for one in levels if one[1] != one[2]]
    if all(one.operation == "scale" for one in own):
        yield from _furthest(number, own, changed)
    most = max((one for one in changed if of_posts and one[1] > 2 * one[2] > 0), key=_times, default=None)
    if most is not None:
        yield Beyond(DOUBLED, number.key, number.unit, *most)


def _furthest(number: Number, own: Sequence[Laid], changed: Sequence[tuple[date, float, float]]) -> Iterator[Beyond]:
    """The day on which a number is furthest outside its range, if it ever is. What is exactly known has no range to be outside of."""
    worst, found = ROUNDING, None
    for day, level, before in changed:
        if day < number.steps[0].from_:
            continue
        step = number.at(day)
        times = prod(amount for one in own if (amount := one.at(day)) is not None)
        low, high = step.low * times, step.high * times
        outside = max(low - level, level - high) / (high - low) if high > low else 0.0
        if outside > worst:
            worst, found = outside, Beyond(OUT_OF_RANGE, number.key, number.unit, day, level, before, low, high, times)
    if found is not None:
        yield found


def _times(one: tuple[date, float, float]) -> float:
    return one[1] / one[2]


def _on(series: Series, day: date) -> float:
    return next((value for start, value in reversed(series.steps) if start <= day), series.steps[0][1])
