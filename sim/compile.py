"""How is a function compiled? One set of options for everything that runs through numba, where it is installed (the `fast` extra).

Nothing compiled here allocates or counts references: arrays are made by the caller, so passing them to helpers costs nothing. The
global interpreter lock is let go, so that replications play in threads. What was compiled is kept beside the source and
loaded at the next start. Without numba a function stays what it is in Python: the same digits, more slowly.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("NUMBA_OPT", "2")  # the usual 3 compiles longer, and nothing here runs faster for it
try:
    import numba
except ImportError:  # the extra is not installed
    numba = None

Function = TypeVar("Function", bound=Callable[..., object])

INSTALLED = numba is not None
_COMPILES = numba is not None and not numba.config.DISABLE_JIT
_HERE = Path(__file__).parent
_SOURCE = sorted(
    [
        *_HERE.glob("engines/**/*.py"),
        *_HERE.glob("measures/**/*.py"),
        *(_HERE / name for name in ("calls.py", "compile.py", "plan.py", "record.py")),
    ]
)
_STAMP = sha256(b"\0".join(file.read_bytes() for file in _SOURCE)).hexdigest()
"""Of what compiled functions are made of, constants included; by content, so that a fresh copy of the same files compiles nothing."""
_OPTIONS = {"_nrt": False, "nogil": True, "error_model": "numpy"}


def compiled(function: Function) -> Function:
    """A function compiled on first use and kept on disk."""
    if not _COMPILES:
        return function
    made: Any = numba.njit(cache=True, **_OPTIONS)(function)
    # numba would look at the time and size of this function's own file only, and not at those of what it calls.
    made._cache._cache_file._source_stamp = _STAMP
    made._cache.load_overload = partial(_loaded, made._cache)
    return made  # type: ignore[no-any-return]


def _loaded(kept: Any, signature: object, target: object) -> object:
    """What is kept on disk of a function; None if nothing is.

    numba would first get all ready that it knows how to compile, SciPy's linear algebra included, which takes longer than to load what is
    here. If nothing is kept it compiles, and gets that ready itself.
    """
    with kept._guard_against_spurious_io_errors():
        return kept._load_overload(signature, target)


def part(function: Function) -> Function:
    """A part of compiled functions that stands apart: what is long, called seldom or from several places."""
    if not _COMPILES:
        return function
    if numba.config.BOUNDSCHECK:
        made: Function = numba.njit(forceinline=False, **_OPTIONS)(function)
        return made  # said, or it is taken from whoever calls first
    from sim.calls import stand_apart

    stand_apart(function, numba.njit(forceinline=True, **_OPTIONS)(function))
    return function


def inlined(function: Function) -> Function:
    """A part of compiled functions, put in line where it is called."""
    if not _COMPILES:
        return function
    made: Function = numba.njit(forceinline=True, **_OPTIONS)(function)
    return made
