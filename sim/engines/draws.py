"""Randomness without a generator: every draw is named by what it decides.

A draw is 64 bits hashed from the key of a row (a person, a case, an allegation; itself hashed from seed, replication and a
stable name), the name of the place that asks, and the visit. Nothing is remembered between draws, so their order, the number of
cores, or one more case elsewhere cannot change them.

The hash is the finaliser of splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"). Durations come from tables of
quantiles, linear between 41 octaves of 64 bins on each side of the median, so that play needs no logarithm and every engine on every platform
gets the same digits; `tests/test_draws.py` bounds what the tables lose.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

MASK = (1 << 64) - 1
VISIT = 0x9E3779B97F4A7C15
"""Golden-ratio increment that separates visits."""
HALF = 1 << 51
BITS = 52
BINS = 64
TAIL_BITS = 11
"""Draws below 2**11 of 2**52 share one linear octave."""
SIDE = (BITS - TAIL_BITS) * BINS + 1
BIAS = 1023
"""A double holds its exponent plus this, and behind it 52 digits: six of them say the bin within an octave,"""
WITHIN = 46
"""and so many say where in the bin."""

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]


def mix(z: int) -> int:
    """Scramble 64 bits (splitmix64 finaliser)."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def mix_array(z: Keys) -> Keys:
    """`mix` for an array of uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@cache
def name(text: str) -> int:
    """The 64-bit key of a name."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def root(seed: int, replication: int) -> int:
    """The key from which all keys of one replication come."""
    return mix(mix(seed & MASK) ^ mix((replication + 1) * VISIT & MASK))


def child(key: int, place: int, index: int = 0) -> int:
    """The key of a row below another: the subject at `index`, the token made at a node."""
    return mix(key ^ mix((place + index * VISIT) & MASK))


def child_array(keys: Keys, place: int, index: Keys) -> Keys:
    """`child` for arrays."""
    return mix_array(keys ^ mix_array(np.uint64(place) + index * np.uint64(VISIT)))


def bits(key: int, place: int, visit: int) -> int:
    """52 random bits."""
    return mix((key ^ place) + visit * VISIT & MASK) >> 12


def bits_array(keys: Keys, place: int, visit: Keys | int) -> Keys:
    """`bits` for an array of keys."""
    visits = np.asarray(visit, dtype=np.uint64)
    return mix_array((keys ^ np.uint64(place)) + visits * np.uint64(VISIT)) >> np.uint64(12)


def uniform(k: int) -> float:
    """52 bits as a number strictly between 0 and 1."""
    return (k + 0.5) * 2.0**-BITS


def uniform_array(k: Keys) -> Floats:
    """`uniform` for an array."""
    result: Floats = (k.astype(np.float64) + 0.5) * 2.0**-BITS
    return result


def quantile(table: list[float], k: int) -> float:
    """The quantile of a table at 52 random bits."""
    side = 0
    if k >= HALF:
        k = 2 * HALF - 1 - k
        side = SIDE
    length = k.bit_length()
    if length <= TAIL_BITS:
        shift = TAIL_BITS - 6
        at = side + (k >> shift)
    else:
        shift = length - 7
        at = side + ((length - TAIL_BITS) << 6) + ((k >> shift) & (BINS - 1))
    low = table[at]
    return low + (table[at + 1] - low) * ((k & ((1 << shift) - 1)) / (1 << shift))


def given_longer(table: list[float], k: int, size: float, elapsed: int) -> int:
    """The bits of a duration of mean `size` given that it is longer than `elapsed`, from its own bits; the last ones where none is.

    They are F + (1 - F) u, where F is the share of bits at which the table gives no more than `elapsed`, found by halving.
    """
    low, high = 0, 2 * HALF
    while low < high:
        middle = (low + high) >> 1
        if size * quantile(table, middle) > elapsed:
            high = middle
        else:
            low = middle + 1
    return min(low + int((2 * HALF - low) * uniform(k)), 2 * HALF - 1)


def quantile_array(table: list[float] | Floats, k: Keys) -> Floats:
    """`quantile` for an array, equal to it digit for digit."""
    values = np.asarray(table)
    upper = k >= HALF
    whole = np.where(upper, np.uint64(2 * HALF - 1) - k, k)
    tail = whole < 1 << TAIL_BITS
    # Octave and bin stand in the number as a double. One bit more makes an octave of the tail too.
    double = (whole + (tail << np.uint64(TAIL_BITS))).astype(np.float64).view(np.int64)
    at = (double >> WITHIN) - (BIAS + TAIL_BITS - 1 + tail) * BINS + upper * SIDE
    low = values[at]
    result: Floats = low + (values[at + 1] - low) * ((double & ((1 << WITHIN) - 1)) * 2.0**-WITHIN)
    return result


@cache
def quantile_table(family: str, cv: float) -> list[float]:
    """Quantiles of a distribution with mean 1, lower side then upper side.

    Args:
        family: ``fixed``, ``exponential`` or ``lognormal``.
        cv: coefficient of variation of the lognormal.

    Raises:
        ValueError: another family, or a coefficient that is negative.
    """
    if cv < 0:
        raise ValueError(f"a coefficient of variation is not negative: {cv}")
    if family == "fixed" or (family == "lognormal" and cv == 0):
        return [1.0] * (2 * SIDE)
    tails = [max(start, 0.5) * 2.0**-BITS for start in _bin_starts()]
    if family == "exponential":
        lower = [-math.log1p(-u) for u in tails]
        upper = [-math.log(u) for u in tails]
    elif family == "lognormal":
        spread = math.sqrt(math.log1p(cv * cv))
        centre = -spread * spread / 2
        z = [NormalDist().inv_cdf(u) for u in tails]
        lower = [math.exp(centre + spread * at) for at in z]
        upper = [math.exp(centre - spread * at) for at in z]
    else:
        raise ValueError(f"no distribution is called {family!r}; there are fixed, exponential and lognormal")
    # Twelve digits: the last bit of exp and log differs between platforms.
    return [float(f"{x:.12g}") for x in lower + upper]


@cache
def quantile_values(family: str, cv: float) -> Floats:
    """`quantile_table` as an array, to look up many draws in."""
    return np.asarray(quantile_table(family, cv))


@cache
def _bin_starts() -> tuple[int, ...]:
    starts = [at << (TAIL_BITS - 6) for at in range(BINS)]
    for octave in range(1, BITS - TAIL_BITS):
        starts += [(BINS + at) << (octave + TAIL_BITS - 7) for at in range(BINS)]
    return (*starts, HALF)
