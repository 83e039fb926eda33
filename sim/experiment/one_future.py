"""What happened in one future? A single replication with its rows, for somebody who wants to look at it."""

from __future__ import annotations

from collections.abc import Callable

from sim.engines.cast import CastError
from sim.engines.reading import PlayError
from sim.evidence import Problem
from sim.experiment.engines import Engine, choose, problems_of
from sim.experiment.ready import make_ready
from sim.plan import Plan
from sim.record import Record
from sim.scenario import ScenarioError


def play_one(plan: Plan, seed: int, replication: int, engine: str | None, notice: Callable[[str], object]) -> Record:
    """The record of one replication, with its rows, whoever plays it.

    Args:
        plan: what to play.
        seed: any whole number.
        replication: which future, from 0.
        engine: ``fast`` or ``reference``; the fast one where it is installed if not said.
        notice: told beforehand that something is compiled, or why the reference engine plays.

    Raises:
        ScenarioError: there is no such engine, or the plan cannot be played to its end.
    """
    if problems := problems_of(engine):
        raise ScenarioError(problems)
    chosen, why = choose(engine, [plan])
    if why:
        notice(why)
    make_ready(chosen, plan, notice)
    try:
        # Neither engine is imported where the other plays: one needs its extra, and both take a while.
        if chosen is Engine.fast:
            from sim.engines import fast

            return fast.play(plan, seed, replication)
        from sim.engines import reference

        return reference.play(plan, seed, replication)
    except (PlayError, CastError) as error:
        problem = Problem(
            file=plan.name, key="in play", found=str(error), expected="a plan that can be played to its end"
        )
        raise ScenarioError([problem]) from None
