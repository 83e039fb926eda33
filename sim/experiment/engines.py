"""Who plays? The fast engine where it is installed and can play the plans, else the reference engine, to the same digits."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.evidence import Problem
    from sim.plan import Plan

# Engines and scenarios are imported when first asked for, so that the command line can name the engines at once.

HOW_TO_INSTALL = "pip install '.[fast]' in a copy of the project"


class Engine(StrEnum):
    """What plays a plan."""

    fast = "fast"
    reference = "reference"


def fast_engine() -> ModuleType | None:
    """The module `sim.engines.fast`, or None where its extra is not installed."""
    from sim.engines import fast

    return fast if fast.INSTALLED else None


def problems_of(asked: str | None) -> list[Problem]:
    """What is wrong with an engine asked for by name."""
    from sim.evidence import Problem
    from sim.scenario.files import known_one

    if asked is None or asked == Engine.reference:
        return []
    if asked != Engine.fast:
        return [
            Problem(
                file="--engine", key="", found=repr(asked), expected=known_one(asked, [one.value for one in Engine])
            )
        ]
    if fast_engine() is None:
        found, wanted = "an engine that is not installed", f"first, {HOW_TO_INSTALL}; or --engine reference"
        return [Problem(file="--engine", key="fast", found=found, expected=wanted)]
    return []


def choose(asked: str | None, plans: Iterable[Plan]) -> tuple[Engine, str]:
    """Who plays all of these plans, and a sentence that says why where it is not whom one would expect.

    Args:
        asked: an engine's name, in which `problems_of` finds nothing wrong; None for the fastest there is.
        plans: what is to be played.
    """
    if asked == Engine.reference:
        return Engine.reference, ""
    engine = fast_engine()
    if engine is None:
        why = f"The fast engine is not installed ({HOW_TO_INSTALL})."
    else:
        why = next((told for plan in plans if (told := engine.cannot_play(plan))), "")
    if not why:
        return Engine.fast, ""
    return Engine.reference, f"{why} The reference engine plays instead: the same digits, more slowly."
