"""What does the model answer, played with the numbers of a member? Every target that is fitted, and what tells the families apart.

Targets name the scenario that plays their window. Those of scenarios that play on from the one that is calibrated are answered by the same play: the last of
them is played, and looked at through the window of each. A scenario that plays on must be the other until the other's extract date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.calibration.answers import Answers
from sim.calibration.parameters import Condition
from sim.evidence import Problem, Target
from sim.experiment.engines import choose
from sim.experiment.jobs import Job
from sim.experiment.pools import play_jobs
from sim.experiment.ready import make_ready
from sim.measures import labels
from sim.plan import Observation, Plan
from sim.scenario import Member, ScenarioError, load_scenario
from sim.scenario.load import lineage

Floats = NDArray[np.float64]


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
        self.seed, self.workers, self.folder = seed, workers, folder
        own = load_scenario(scenario, folder=folder)
        names = _scenarios(own.name, targets, folder)
        made = {name: own if name == own.name else load_scenario(name, folder=folder) for name in names}
        self.scenario = max(names, key=lambda name: made[name].plan.ends_at)
        self.plan = made[self.scenario].plan
        self._looks = tuple(_seen(made[name].plan, self.plan) for name in names)
        self._engine, self.why = choose(engine, [self.plan])
        self._answers: list[tuple[int, Answers]] = []
        self._from: list[tuple[int, int]] = []
        spoken_to: list[Target] = []
        of_own = lineage(own.name, folder)
        for at, (name, look) in enumerate(zip(names, self._looks, strict=True)):
            asked = tuple(t for t in targets if t.scenario == name or (at == 0 and t.scenario in of_own))
            figures = labels(replace(self.plan, observation=look))
            found = Answers(figures, asked)
            self._answers.append((len(figures), found))
            for place, (target, answer) in enumerate(zip(asked, found.answers, strict=True)):
                if answer is not None:
                    self._from.append((at, place))
                    spoken_to.append(target)
            if at == 0:
                self._places = _places(figures, conditions)
        self.targets = tuple(spoken_to)
        """Those it speaks to."""
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
            plan = replace(
                load_scenario(self.scenario, member=member, folder=self.folder).plan, observation=self._looks[0]
            )
            jobs.append(Job(plan, self.seed, replication, self._engine, also=self._looks[1:]))
        found = np.full((len(jobs), len(self.outputs)), np.nan)
        play_jobs(
            jobs,
            lambda at, outcome: found.__setitem__(at, self._of(outcome.values)),
            workers=self.workers,
        )
        return found

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
                Problem(
                    file="parameters.toml", key="holds", found=f"no figure {name_of(one)!r}", expected="one of a window"
                )
            )
    if problems:
        raise ScenarioError(problems)
    return places


def _scenarios(own: str, targets: Sequence[Target], folder: Path | None) -> tuple[str, ...]:
    """The scenario, then those that targets name and that play on from it."""
    others = dict.fromkeys(target.scenario for target in targets if target.scenario != own)
    return (own, *(name for name in others if own in lineage(name, folder)))


def _seen(plan: Plan, played: Plan) -> Observation:
    """The window of one plan, in the minutes of another."""
    seen = plan.observation
    days = [plan.day(minute) for minute in (seen.window_from, seen.window_to, seen.extract_on)]
    return Observation(*map(played.minute, days))
