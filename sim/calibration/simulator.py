"""What does the model answer, played with the numbers of a member? Every target that is fitted, and what tells the families apart.

A scenario speaks to a target in its own window. Where a target is of the months after it, the scenario is played on to the end of that target's
window and the same play is looked at through that window too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.calibration.answers import Answers
from sim.calibration.parameters import Condition
from sim.evidence import Problem, Target
from sim.experiment.engines import Engine, choose
from sim.experiment.jobs import Job
from sim.experiment.pools import play_jobs
from sim.experiment.ready import make_ready
from sim.measures import labels
from sim.plan import Observation, Plan
from sim.scenario import Member, ScenarioError, load_scenario
from sim.scenario.load import Scenario

Floats = NDArray[np.float64]

PLAYED_ON = timedelta(days=366)
"""How long after a scenario's own end a target may be for the scenario to be played on to it."""


@dataclass(frozen=True)
class Look:
    """A window through which a play is looked at."""

    window_from: date
    window_to: date
    extract_on: date

    def of(self, plan: Plan) -> Observation:
        return Observation(plan.minute(self.window_from), plan.minute(self.window_to), plan.minute(self.extract_on))


class Simulator:
    """Plays members of one scenario."""

    def __init__(
        self,
        scenario: str,
        targets: Sequence[Target],
        conditions: Sequence[Condition],
        *,
        seed: int,
        workers: int,
        engine: str | None = None,
        folder: Path | None = None,
    ) -> None:
        """Find out which targets the scenario speaks to.

        Raises:
            ScenarioError: the scenario cannot be loaded, or has no figure for a condition.
        """
        self.scenario, self.seed, self.workers, self.folder = scenario, seed, workers, folder
        base = load_scenario(scenario, folder=folder)
        self._looks, self.ends_on = _looks(base, targets)
        self.plan = self._load(None).plan
        self._engine, self.why = choose(engine, [self.plan])
        self._answers = []
        spoken_to: dict[str, int] = {}
        for at, look in enumerate((None, *self._looks)):
            names = labels(self.plan if look is None else replace(self.plan, observation=look.of(self.plan)))
            found = Answers(names, targets)
            self._answers.append((len(names), found))
            for target, answer in zip(targets, found.answers, strict=True):
                if answer is not None:
                    spoken_to.setdefault(target.key, at)
            if look is None:
                self._places = _places(names, conditions)
        self.targets = tuple(target for target in targets if target.key in spoken_to)
        """Those it speaks to."""
        self._from = [(spoken_to[target.key], list(targets).index(target)) for target in self.targets]
        self.outputs = (*(target.key for target in self.targets), *(name_of(one) for one in conditions))

    def __call__(self, asked: Sequence[tuple[Member, int]]) -> Floats:
        """Outputs of members, each in the future of its number: shape (runs, outputs).

        Raises:
            ScenarioError: a member cannot be laid over the scenario.
            UnplayableError: a plan led into something that cannot be played.
        """
        make_ready(self._engine, self.plan, lambda _: None)
        jobs = []
        for member, replication in asked:
            plan = self._load(member).plan
            jobs.append(Job(plan, self.seed, replication, self._engine, also=tuple(look.of(plan) for look in self._looks)))
        found = np.full((len(jobs), len(self.outputs)), np.nan)
        play_jobs(
            jobs,
            lambda at, outcome: found.__setitem__(at, self._of(outcome.values)),
            workers=self.workers,
        )
        return found

    def _load(self, member: Member | None) -> Scenario:
        return load_scenario(self.scenario, member=member, folder=self.folder, ends_on=self.ends_on)

    def _of(self, values: Floats) -> Floats:
        """The outputs of one play, from its figures look by look."""
        parts, at = [], 0
        for length, answers in self._answers:
            parts.append(answers(values[at : at + length])[0])
            at += length
        return np.array([*(parts[look][place] for look, place in self._from), *values[self._places]])


def name_of(condition: Condition) -> str:
    """What the output of a condition is called."""
    return " ".join(part for part in (condition.measure, condition.counted, condition.basis, condition.group) if part)


def _places(names: object, conditions: Sequence[Condition]) -> list[int]:
    """Positions of the figures of conditions, each over the whole window."""
    import pandas as pd

    assert isinstance(names, pd.DataFrame)
    window = names["period"].str.contains("/")
    places, problems = [], []
    for one in conditions:
        keys = {"measure": one.measure, "counted": one.counted, "basis": one.basis, "group": one.group}
        rows = names.index[window & (names[list(keys)] == pd.Series(keys)).all(axis=1)]
        if len(rows) == 1:
            places.append(int(rows[0]))
        else:
            problems.append(
                Problem(file="parameters.toml", key="holds", found=f"no figure {name_of(one)!r}", expected="one of a window")
            )
    if problems:
        raise ScenarioError(problems)
    return places


def _looks(scenario: Scenario, targets: Sequence[Target]) -> tuple[tuple[Look, ...], date]:
    """Windows of targets after the scenario's own, and the day it is then played to."""
    own = scenario.baseline
    assert own.ends_on is not None
    assert own.extract_on is not None
    assert own.starts_on is not None
    spoken_to = {target.key for target in Answers(labels(scenario.plan), targets).answerable}
    looks = {
        Look(target.window_from, target.window_to, target.window_to)
        for target in targets
        if target.key not in spoken_to
        and own.extract_on < target.window_to <= own.ends_on + PLAYED_ON
        and own.starts_on <= target.window_from
    }
    in_order = tuple(sorted(looks, key=lambda look: (look.window_to, look.window_from)))
    return in_order, max([own.ends_on, *(look.window_to for look in in_order)])
