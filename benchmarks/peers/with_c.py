"""How fast could it be? `limit.c`, compiled on the spot."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.given import Numbers, Times, up_to
from sim.engines.draws import quantile_table
from sim.plan import MINUTES_A_DAY

SPAN_BITS = 7
"""At scale 1 a span is 128 minutes, in which four or five things happen."""
MOST_ROWS_A_CASE = 28
ROW = np.dtype([("minute", "<i4"), ("case", "<i4"), ("code", "u1"), ("value", "u1")], align=True)
TABLES = (("exponential", 1.0), ("lognormal", 1.0), ("lognormal", 0.8), ("lognormal", 0.7), ("lognormal", 0.5))


class CNumbers(ctypes.Structure):
    """`Numbers` of limit.c."""

    _fields_ = (
        *((name, ctypes.c_int32) for name in ("horizon", "warm_up", "span_bits", "most_cases")),
        ("posts", ctypes.c_int32 * 5),
        ("gap", ctypes.c_double),
        *((field.name, ctypes.c_double) for field in fields(Times)),
        ("kind", ctypes.c_double * 6),
        ("severity", ctypes.c_double * 3),
        ("visits", ctypes.c_double * 6),
        ("outcome", ctypes.c_double * 4),
        ("kind_factor", ctypes.c_double * 6),
        *((name, ctypes.c_double) for name in ("by_iopc", "by_psu", "case_to_answer", "referred")),
    )


def compiler() -> str | None:
    """The C compiler of this machine."""
    return shutil.which("cc")


@cache
def library() -> ctypes.CDLL:
    """The compiled program.

    Raises:
        FileNotFoundError: there is no C compiler.
        subprocess.CalledProcessError: it refuses the program.
    """
    cc = compiler()
    if cc is None:
        raise FileNotFoundError("no C compiler (cc)")
    with tempfile.TemporaryDirectory(prefix="limit-") as folder:
        made = Path(folder) / "limit.so"
        source = Path(__file__).with_name("limit.c")
        subprocess.run([cc, "-std=c11", "-O3", "-shared", "-fPIC", "-o", made, source], check=True)
        loaded = ctypes.CDLL(str(made))  # stays mapped when the file is gone
    loaded.play.restype = ctypes.c_int64
    return loaded


def player(numbers: Numbers, seed: int) -> Callable[[int], tuple[NDArray[np.float64], NDArray[np.void]]]:
    """A function that plays a replication by number: days of each case closed after the warm-up, and all rows, good until its thread plays again."""
    play, given = library().play, _given(numbers)
    tables = np.concatenate([quantile_table(family, cv) for family, cv in TABLES])
    here = threading.local()

    def one(replication: int) -> tuple[NDArray[np.float64], NDArray[np.void]]:
        if not hasattr(here, "rows"):
            here.rows = np.empty(given.most_cases * MOST_ROWS_A_CASE, ROW)
            here.minutes_open = np.empty(given.most_cases, np.int32)
        closed = ctypes.c_int64()
        told = play(
            ctypes.byref(given),
            ctypes.c_void_p(tables.ctypes.data),
            ctypes.c_uint64(seed),
            ctypes.c_uint64(replication),
            ctypes.c_void_p(here.rows.ctypes.data),
            ctypes.c_void_p(here.minutes_open.ctypes.data),
            ctypes.byref(closed),
        )
        return here.minutes_open[: closed.value] / MINUTES_A_DAY, here.rows[:told]

    return one


def _given(numbers: Numbers) -> CNumbers:
    cases, times, teams = numbers.cases, numbers.times, numbers.teams
    expected = numbers.arrivals_a_day * numbers.horizon_days
    given = CNumbers(
        horizon=numbers.horizon_days * MINUTES_A_DAY,
        warm_up=numbers.warm_up_days * MINUTES_A_DAY,
        span_bits=max(SPAN_BITS - round(math.log2(numbers.scale)), 0),
        most_cases=int(expected + 12 * math.sqrt(expected) + 60),
        gap=MINUTES_A_DAY / numbers.arrivals_a_day,
        by_iopc=cases.iopc,
        by_psu=cases.psu,
        case_to_answer=cases.case_to_answer,
        referred=cases.referred,
        kind_factor=cases.kind_factor,
        **{name: up_to(getattr(cases, name)) for name in ("kind", "severity", "visits", "outcome")},
    )
    given.posts[:] = [
        teams.triage_assessors,
        teams.psu_investigators,
        teams.dps_investigators,
        teams.appropriate_authority,
        min(teams.rooms, teams.chairs),
    ]
    for name, time in vars(times).items():
        setattr(given, name, time.mean * MINUTES_A_DAY)
    return given
