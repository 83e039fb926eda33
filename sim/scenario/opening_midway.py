"""How far have open cases come of whom only stage and age are said? A row is cut into parts of one age each, with how much has been done.

Time is taken to have been spent evenly on what has been done, and the wait in which a case stands to be half over. How much has been done follows from the age: between two bouts stands
a wait of the plan, and the number of waits begun by an age is that of a renewal process whose gaps have the plan's mean and a coefficient of variation of 0.7, given that the last is not over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import exp, floor
from zlib import crc32

AGES = 6
"""Parts of equal width into which ages are cut."""


@dataclass(frozen=True)
class Part:
    """Cases of a row that have come equally far."""

    number: int
    """Names it within its row, whatever the row's count."""
    count: int
    age_from: int
    age_to: int
    done: int
    """Bouts done, from 1; 0 where none are counted."""
    since: int
    """How long they have stood where they stand."""


def parts(name: str, count: int, age_from: int, age_to: int, most: int, gap: float) -> Iterator[Part]:
    """The parts of a row that have any cases; their counts add up to its count.

    Args:
        name: of the row. Where a share of the cases is no whole number it says which parts have one more, so no other row matters.
        count: how many cases.
        age_from: least age, in minutes.
        age_to: greatest age.
        most: how many bouts may have been done, 0 where none are counted.
        gap: mean minutes of a wait between two bouts.
    """
    edges = [age_from + (age_to - age_from) * at // AGES for at in range(AGES + 1)]
    cells = [
        (young, old, done, share / AGES)
        for young, old in pairwise(edges)
        for done, share in shares_done((young + old) / 2, most, gap)
    ]
    upto = crc32(name.encode()) / 2**32  # so that rows of few cases are not all rounded the same way
    for number, (young, old, done, share) in enumerate(cells):
        before, upto = upto, upto + share * count
        ends = count if number == len(cells) - 1 else floor(upto)
        if ends > floor(before):
            yield Part(number, ends - floor(before), young, old, done, young // (2 * done) if done else young)


def shares_done(age: float, most: int, gap: float) -> list[tuple[int, float]]:
    """The share of cases of an age with each number of bouts done, from 1 to `most`; ``[(0, 1)]`` where none are counted.

    With gaps of two exponential halves, so many of which are over has a Poisson distribution; two of them are one gap.
    """
    if most < 1:
        return [(0, 1.0)]
    halves = 2 * age / gap
    weight = exp(-min(halves, 700))
    weights = []
    for done in range(most):
        following = weight * halves / (2 * done + 1)
        weights.append(weight + following)
        weight = following * halves / (2 * done + 2)
    total = sum(weights)
    return [(done + 1, one / total) for done, one in enumerate(weights)]
