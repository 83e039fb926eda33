"""The fast engine: the same plan, the same rules of time, the same digits as `engines/reference.py`, compiled.

It reads a plan as flat tables (`tables.py`), plays it in one compiled loop (`kernel.py` and what it is made of), and knows no
word of the system that the plan describes. It needs numba, which the extra `fast` installs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.compile import INSTALLED

if TYPE_CHECKING:
    from sim.engines.cast import Cast
    from sim.engines.fast.workspace import Workspace
    from sim.plan import Plan
    from sim.record import Record

__all__ = ["INSTALLED", "cannot_play", "play", "play_cast"]

MOST_NODES = 1 << 15
MOST_MINUTES = 1 << 31
"""Rows of the record hold nodes in two bytes and minutes in four,"""
MOST_TEAMS = MOST_PARTS = 1 << 7
"""and tokens their team, and with which of the parts of an opening case they begin, in one."""


def cannot_play(plan: Plan) -> str | None:
    """What of a plan this engine cannot play, in a sentence; None if it can play everything."""
    if len(plan.nodes) >= MOST_NODES:
        return f"The plan has {len(plan.nodes)} nodes; the fast engine has room for {MOST_NODES - 1}."
    if plan.ends_at >= MOST_MINUTES:
        return f"The plan runs for {plan.ends_at} minutes; the fast engine has room for {MOST_MINUTES - 1}."
    if len(plan.teams) >= MOST_TEAMS:
        return f"The plan has {len(plan.teams)} teams; the fast engine has room for {MOST_TEAMS - 1}."
    if any(len(opening.also) >= MOST_PARTS - 1 for opening in plan.opening):
        return f"A case of the opening caseload begins in more than {MOST_PARTS - 1} places, for which the fast engine has no room."
    return None


def play(
    plan: Plan, seed: int, replication: int = 0, *, events: bool = True, workspace: Workspace | None = None
) -> Record:
    """Play one replication: the record of `engines.reference.play`, to the digit.

    Args:
        plan: what to run.
        seed: any whole number; the same seed gives the same futures in every plan that shares names.
        replication: which future, from 0.
        events: whether to keep the rows; the tables at the end are the same without.
        workspace: memory to play in again and again, one for each thread; the rows of a record are then good until its next play.

    Returns:
        The record; columns of its events are as narrow as they can be.

    Raises:
        PlayError: the plan led into something that cannot be played.
        CastError: the plan asks for something the cast cannot draw.
        ValueError: the plan is of another version.
        ImportError: numba is not installed.
    """
    from sim.engines.fast import engine

    return engine.play(plan, seed, replication, events=events, workspace=workspace)


def play_cast(
    plan: Plan, cast: Cast, seed: int, replication: int, *, events: bool = True, workspace: Workspace | None = None
) -> Record:
    """Play what becomes of a given cast: the record of `engines.reference.play_cast`, to the digit. Errors are those of `play`."""
    from sim.engines.fast import engine

    return engine.play_cast(plan, cast, seed, replication, events=events, workspace=workspace)
