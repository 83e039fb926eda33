"""What was asked, and what came out? Futures of one or several arms in one or several worlds, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from sim.plan import Plan
from sim.scenario.files import Overlay

LIMITS = "illustrative, not calibrated"
"""Stamped on every table and figure until the model is calibrated."""

OPPOSITE = " (opposite)"
"""How the label of an arm ends that does the opposite of an assumed effect."""

KEYS = ("measure", "counted", "basis", "group", "period")
"""What names a figure, within an arm and a world."""
MEASURES = ("scenario", "world", "replication", *KEYS, "value", "unit")
SUMMARY = ("scenario", "world", *KEYS, "unit", "mean", "low", "high", "interval", "replications")
DIFFERENCES = (
    "base",
    "scenario",
    "world",
    *KEYS,
    "unit",
    "mean",
    "low",
    "high",
    "interval",
    "probability_of_increase",
    "replications",
)


@dataclass(frozen=True)
class Arm:
    """One plan of a study: a scenario in a world, with reforms and settings laid over it."""

    label: str
    """What tables call it, the same in every world: ``casey_2022``, ``psu_training (opposite)``."""
    scenario: str
    world: str
    """Empty where the scenario has no worlds."""
    reforms: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    opposite: bool = False
    """Scales by the inverse and adds the negative of what the reforms do."""


@dataclass(frozen=True, eq=False)
class Study:
    """The tables of a run or a comparison. In them `scenario` is the label of an arm."""

    title: str
    base: str
    """Label of the arm that the others are compared with; the name of its scenario, unless reforms are laid over it."""
    arms: tuple[Arm, ...]
    """One for each label and world it was run in, those of the base first."""
    worlds: tuple[str, ...]
    seed: int
    replications: int
    measures: pd.DataFrame
    """Every figure of every replication: `MEASURES`."""
    summary: pd.DataFrame
    """Means with intervals: `SUMMARY`. A figure has a row of computing error and, from ten replications, one of chance."""
    differences: pd.DataFrame
    """Other minus base, paired by replication: `DIFFERENCES`; empty where nothing was compared."""
    plans: Mapping[tuple[str, str], Plan]
    """By label and world."""
    headers: Mapping[str, Overlay]
    """What the files of the reforms and worlds say of themselves, by name."""
    share_assumed: float | None
    """Of the dated values that the base plan reads, the share graded assumed."""
    wall_seconds: float
    notes: tuple[str, ...] = ()
    """Sentences to be read with the tables: which arms follow from assumption, which opposite could not be run."""
    folder: Path | None = field(default=None)
    """Where it was written."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the arms, the base first."""
        return tuple(dict.fromkeys(arm.label for arm in self.arms))

    def assumptions(self, label: str) -> tuple[str, ...]:
        """What is put in and not found by the arm of this label: the points of its reforms that follow from assumption."""
        reforms = next((arm.reforms for arm in self.arms if arm.label == label), ())
        return tuple(
            point.text
            for reform in reforms
            for point in self.headers[Path(reform).stem].points
            if point.follows_from == "assumption"
        )
