"""What is wrong with a plan that could be built but cannot be meant: found before anything is run.

| module | what it finds |
|---|---|
| `ways.py` | nodes nobody reaches, loops in which no time passes, joins that no fork feeds, holds that nobody can end |
| `staff.py` | teams and diaries without anybody, numbers below zero |
| `levels.py` | levels that are tested though nobody can ever have them |
| `flow.py` | with which levels and dates a token can come to a node; the next two ask it |
| `dates.py` | values read at a date that may be unset |
| `weights.py` | decisions whose open weights may add up to nothing, or to more than 1 before the rest |
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.evidence import Problem
from sim.plan import Plan
from sim.scenario.check import dates, levels, staff, ways, weights
from sim.scenario.check.flow import flow_of

Found = tuple[str, str, str]
"""Where, what was found there, what would be right."""


def problems_of(plan: Plan, pathway: str) -> list[Problem]:
    """Everything that is wrong with a plan, at once; each with the pathway's name and its place, ``node <name>``."""
    return [
        Problem(file=f"pathway {pathway}", key=key, found=what, expected=expected) for key, what, expected in _all(plan)
    ]


def _all(plan: Plan) -> Iterator[Found]:
    yield from ways.unreached(plan)
    yield from ways.timeless_loops(plan)
    yield from ways.unfed_joins(plan)
    yield from staff.problems(plan)
    unweighed = list(weights.without_any(plan))
    yield from unweighed
    if unweighed:  # a decision without branches leads nowhere, so nothing can be followed through it
        had = levels.that_can_be_had(plan)
        yield from levels.never_had(plan, had)
        yield from ways.endless_holds(plan, had)
    else:
        flow = flow_of(plan)
        yield from levels.never_had(plan, flow.had)
        yield from ways.endless_holds(plan, flow.had)
        yield from dates.problems(flow)
        yield from weights.problems(plan, flow)
