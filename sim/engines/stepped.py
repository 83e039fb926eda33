"""Which dated numbers does the cast read, and what are they between one step and the next?

Who comes is drawn before play, for thousands of rows at as many minutes. So the numbers are laid side by side here once for a plan, at every minute at which any of
them steps; a row then needs one position instead of a search in each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.engines import draws
from sim.plan import MINUTES_A_DAY, Dated, Draw, Factor, Plan, Stream

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def at(dated: Dated, minutes: Ints) -> Floats:
    """A dated value at many minutes."""
    values: Floats = np.asarray(dated.values, dtype=np.float64)[step(np.asarray(dated.times), minutes)]
    return values


def step(times: Ints, minutes: Ints) -> Ints:
    """The step in force at each minute; before the first, the first."""
    position: Ints = np.maximum(np.searchsorted(times, minutes, side="right") - 1, 0)
    return position


def _steps(plan: Plan, values: Iterable[int]) -> Ints:
    """Every minute at which one of the dated values steps, ascending."""
    return np.unique(np.asarray([time for value in values for time in plan.values[value].times], dtype=np.int64))


def before_share(plan: Plan) -> float:
    """The share of potential cases before the first day that came about."""
    people = plan.population
    return plan.values[people.before_share].at(0) if people and people.before_share >= 0 else 1.0


# --- how many cases -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rates:
    """What potential cases are thinned to. Without a population there are no seats and no relative rates."""

    times: Ints
    seats: Floats
    """Seats there are, shape (steps,)."""
    wanted: Floats
    """Cases a year of each stream, in terms of as many seats as there are at the fewest, or of each person where the stream says until when; shape (streams, steps)."""
    relative: tuple[tuple[tuple[int, Floats], ...], ...]
    """For each stream its factors: the column of people, and the rate of each level where the mean over people is 1; shape (levels, steps)."""


def rates(plan: Plan) -> Rates:
    """The rates of all streams."""
    people = plan.population
    read = [stream.rate for stream in plan.streams]
    if people:
        read += [people.seats, *(stream.unrecorded for stream in plan.streams if stream.unrecorded >= 0)]
        read += [value for stream in plan.streams for factor in stream.relative for value in _read_by(plan, factor)]
    times = _steps(plan, read)
    wanted = np.stack([at(plan.values[stream.rate], times) for stream in plan.streams])
    if people is None:
        return Rates(times, np.zeros(len(times)), wanted, ((),) * len(plan.streams))
    seats = at(plan.values[people.seats], times)
    for number, stream in enumerate(plan.streams):
        if stream.until is None:
            # The rate is the whole force's, shared by the seats there are on the day.
            wanted[number] = wanted[number] * sharers(plan, stream) / seats
        if stream.unrecorded >= 0:
            wanted[number] /= 1 - at(plan.values[stream.unrecorded], times)
    relative = tuple(
        tuple((factor.attribute.index, _relative(plan, factor, times)) for factor in stream.relative)
        for stream in plan.streams
    )
    return Rates(times, seats, wanted, relative)


def sharers(plan: Plan, stream: Stream) -> float:
    """By how many people the ceiling of a stream is shared: the seats at the fewest, or one where the rate is each person's own."""
    if plan.population is None or stream.until is not None:
        return 1.0
    return min(plan.values[plan.population.seats].values)


def _shares_of(plan: Plan, factor: Factor) -> tuple[int, ...]:
    return next(draw.shares[0] for draw in plan.draws if draw.attribute == factor.attribute)


def _read_by(plan: Plan, factor: Factor) -> list[int]:
    return [*_shares_of(plan, factor), *(value for value in factor.values if value >= 0)]


def _relative(plan: Plan, factor: Factor, times: Ints) -> Floats:
    """Relative rate of each level, scaled so that the mean over the declared shares of the levels is 1; shape (levels, steps)."""
    weights = [at(plan.values[share], times) for share in _shares_of(plan, factor)]
    levels = [at(plan.values[value], times) if value >= 0 else np.ones(len(times)) for value in factor.values]
    # Added one after another, so that the last digit does not depend on how many steps there are.
    mean = sum(weight * level for weight, level in zip(weights, levels, strict=True)) / sum(weights)
    return np.stack(levels) / mean


# --- how many rows of a case, and of what levels ------------------------------------------------------------------------


@dataclass(frozen=True)
class Means:
    """Of the rows beyond the first, which are geometric: the chance that one more follows, shape (streams, steps)."""

    times: Ints
    more: Floats


def means(plan: Plan, values: list[int]) -> Means:
    """The chances of one more row, from the dated mean of each stream."""
    times = _steps(plan, values)
    extra = np.maximum(np.stack([at(plan.values[value], times) for value in values]) - 1, 0)
    return Means(times, extra / (1 + extra))


@cache
def powers(more: float) -> Floats:
    """Chances of at least 1, 2, 3... rows beyond the first, down to what no uniform draw undercuts.

    Multiplied up, not raised by logarithms: their last digit differs between machines.
    """
    chances = []
    chance = more
    while chance >= draws.uniform(0):
        chances.append(chance)
        chance *= more
    return np.asarray(chances)


@dataclass(frozen=True)
class Shares:
    """Of an attribute that is drawn: weights of the levels up to each; shape (levels given, levels, steps)."""

    times: Ints
    upto: Floats


def shares(plan: Plan, draw: Draw) -> Shares:
    """The shares of one drawn attribute."""
    times = _steps(plan, [value for row in draw.shares for value in row])
    weights = [[at(plan.values[value], times) for value in row] for row in draw.shares]
    return Shares(times, np.cumsum(np.asarray(weights), axis=1) if weights else np.zeros((0, 0, 0)))


# --- how long people were there -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cuts:
    """The plan's days in stretches within which neither the financial year nor the number of seats changes."""

    starts: Ints
    ends: Ints
    year: Ints
    """Financial years from the first one, shape (cuts,)."""
    years: int
    sizes: Floats
    """Numbers of seats there are at some time, ascending. A seat's *group* is how many of them it lies beyond, one more group than sizes."""
    filled: NDArray[np.bool_]
    """Whether the seats of a group are there; shape (groups, cuts)."""


def cuts(plan: Plan) -> Cuts:
    """The stretches of a plan with a population."""
    assert plan.population is not None
    seats = plan.values[plan.population.seats]
    opens = []
    year = plan.starts_on.year - (plan.starts_on.month < 4)
    while (minute := plan.minute(plan.starts_on.replace(year=year, month=4, day=1))) < plan.ends_at:
        opens.append(max(minute, 0))
        year += 1
    starts = np.asarray(sorted({*opens, *(time for time in seats.times if 0 < time < plan.ends_at)}), dtype=np.int64)
    there = at(seats, starts)
    sizes = np.unique(there)
    return Cuts(
        starts=starts,
        ends=np.asarray([*starts[1:], plan.ends_at], dtype=np.int64),
        year=step(np.asarray(opens, dtype=np.int64), starts),
        years=len(opens),
        sizes=sizes,
        filled=np.arange(len(sizes) + 1)[:, None] <= np.searchsorted(sizes, there),
    )


def person_days(cuts: Cuts, left: Ints, later: Ints) -> Floats:
    """Days in the force by financial year and level, from sums over people of what follows their joining less what follows their leaving.

    Args:
        cuts: of the plan.
        left: minutes left of the cut in which they join (or leave); shape (groups, cuts, levels).
        later: how many join (or leave) in the cut, for whom all later cuts follow; same shape.

    Returns:
        Shape (years, levels). Minutes are whole numbers, so no order of people changes a digit.
    """
    whole = np.cumsum(later, axis=1) - later
    minutes = left + whole * (cuts.ends - cuts.starts)[:, None]
    by_cut = (minutes * cuts.filled[:, :, None]).sum(axis=0)
    by_year = np.zeros((cuts.years, by_cut.shape[1]))
    np.add.at(by_year, cuts.year, by_cut)
    return by_year / MINUTES_A_DAY
