"""The named draws of `engines/draws.py` for compiled code, digit for digit."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.compile import inlined, part
from sim.engines.draws import BIAS, BINS, BITS, HALF, SIDE, TAIL_BITS, WITHIN
from sim.engines.draws import VISIT as _VISIT

# Whole numbers of two kinds become a floating one when they meet: every constant beside a key is unsigned.
ONCE, TWICE, THRICE = np.uint64(30), np.uint64(27), np.uint64(31)
FIRST, SECOND, VISIT = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(_VISIT)
REST, NEXT = np.uint64(64 - BITS), np.uint64(1)
UNIT, PART = 2.0**-BITS, 2.0**-WITHIN
TAIL, OCTAVES, INSIDE = 1 << TAIL_BITS, (BIAS + TAIL_BITS - 1) * BINS, (1 << WITHIN) - 1


@inlined
def mix(z: Any) -> Any:
    """Scramble 64 bits."""
    z = (z ^ (z >> ONCE)) * FIRST
    z = (z ^ (z >> TWICE)) * SECOND
    return z ^ (z >> THRICE)


@inlined
def turn(place: Any, index: int) -> Any:
    """What all rows at `index` below others have in common; `below` makes keys of it."""
    return mix(place + np.uint64(index) * VISIT)


@inlined
def below(key: Any, turned: Any) -> Any:
    """The key of a row below another."""
    return mix(key ^ turned)


@inlined
def child(key: Any, place: Any, index: int) -> Any:
    """The key of the row at `index` below another."""
    return below(key, turn(place, index))


@inlined
def bits(key: Any, place: Any, visit: int) -> int:
    """52 random bits."""
    return np.int64(mix((key ^ place) + np.uint64(visit) * VISIT) >> REST)


@inlined
def between(k: int) -> float:
    """52 bits as a number strictly between 0 and 1."""
    return (k + 0.5) * UNIT


@inlined
def uniform(key: Any, place: Any, visit: int) -> float:
    """A number strictly between 0 and 1."""
    return between(bits(key, place, visit))


@inlined
def quantile(tables: Any, shape: int, k: int) -> float:
    """The quantile of a shape at 52 random bits. `tables` has a row for each shape, as `draws.quantile_array` reads it."""
    upper = k >= HALF
    k = 2 * HALF - 1 - k if upper else k
    tail = k < TAIL
    double = np.float64(k + TAIL if tail else k).view(np.int64)
    # Unsigned: a signed position is looked at again, for it might count from the end.
    at = np.uint64((double >> WITHIN) - (OCTAVES + BINS if tail else OCTAVES) + (SIDE if upper else 0))
    low = tables[shape, at]
    return low + (tables[shape, at + NEXT] - low) * ((double & INSIDE) * PART)


@part
def given_longer(tables: Any, shape: int, k: int, size: float, elapsed: int) -> int:
    """The bits of a duration given that it is longer than `elapsed`."""
    low, high = np.int64(0), np.int64(2 * HALF)
    while low < high:
        middle = (low + high) >> 1
        if size * quantile(tables, shape, middle) > elapsed:
            high = middle
        else:
            low = middle + 1
    return min(low + np.int64((2 * HALF - low) * between(k)), np.int64(2 * HALF - 1))
