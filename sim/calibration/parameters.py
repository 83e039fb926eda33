"""Which numbers may the calibration move, how far, and why? Read from ``calibration/parameters.toml`` of a scenario folder.

Each parameter names the numbers it moves together, whether it sets or scales them, a range that holds before any figure is looked at (its prior,
flat in the number or in its logarithm), and the reason. A *family* is a world, with ranges of its own where they are what makes it that world,
and conditions that its plays must meet to be called so. Where a range goes beyond what the evidence gives for a number, it has to say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat

from sim.calibration.observed import FITTED
from sim.evidence import Checked, Entry, Fault, Ids, Name, Problem, Target, Text, from_table, read_toml
from sim.scenario import Member, Scenario, ScenarioError, files, load_scenario
from sim.scenario.ensemble import FOLDER

Floats = NDArray[np.float64]

FILE = "parameters.toml"
KEPT_BACK = "validate"
DIGITS = 6
"""Significant digits of a number that is laid, so that what is written is what was played."""
SLACK = 1e-9
"""Relative: what rounding may take a number beyond its range."""


class Range(Checked):
    """From and to where a parameter may go in one family."""

    low: FiniteFloat
    high: FiniteFloat
    because: Text
    beyond: str = ""
    "Why it goes beyond the range in the evidence, where it does."

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        if {"low", "high"} <= good.keys() and not 0 <= good["low"] < good["high"]:
            return [Fault("low", f"{good['low']:g}", f"0 or more and below high, {good['high']:g}")]
        return []


class Parameter(Range):
    """One thing that nobody publishes."""

    label: Text
    numbers: Ids
    "Numbers of the evidence that move together."
    inverse: Ids = ()
    "Numbers that are scaled by one divided by it, so that a product stays what it is."
    operation: Literal["set", "scale"]
    space: Literal["linear", "log"] = "linear"
    "In what its prior is flat."
    source: Ids = ()
    "Rows of the register that bound it."
    by_family: dict[str, Range] = Field(default_factory=dict)
    fixed_in: Ids = ()
    "Families in which it stays what the world says."

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        faults = super().faults(good)
        if not good.get("numbers", ("",)):
            faults.append(Fault("numbers", "nothing", "at least one number"))
        if good.get("inverse") and (good.get("operation") == "set" or good.get("low") == 0):
            faults.append(Fault("inverse", "numbers", "none where it sets, or may be 0"))
        if good.get("space") == "log":
            ranges = {"low": good.get("low"), **{f"by_family.{k}.low": v.low for k, v in good["by_family"].items()}}
            faults += [Fault(k, "0", "above 0, as its space is 'log'") for k, low in ranges.items() if low == 0]
        return faults

    def range_in(self, family: str) -> Range:
        return self.by_family.get(family, self)

    def value(self, share: float, family: str) -> float:
        """The number at a share of the way from low to high, from 0 to 1, in `DIGITS` digits."""
        low, high = self.range_in(family).low, self.range_in(family).high
        found = low * (high / low) ** share if self.space == "log" else low + (high - low) * share
        return float(f"{found:.{DIGITS}g}")


class Condition(Checked):
    """Between which shares a figure of the plays of a family must lie for it to be called by its name."""

    measure: Name
    counted: Name
    basis: Name
    group: str = ""
    low: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    high: FiniteFloat = 1.0
    because: Text
    "Why a play that breaks it is of no such world."


class Family(Checked):
    """A world, told by what makes cases wait."""

    label: Text
    weight: Annotated[FiniteFloat, Field(gt=0)] = 1.0
    "Before any figure is looked at, relative to the others."
    because: Text
    holds: tuple[Condition, ...] = Field(default=(), strict=False)


class Settings(Checked):
    """How large an ensemble is made."""

    members: Annotated[int, Field(ge=3, le=1000)]
    floor: Annotated[FiniteFloat, Field(ge=0, lt=1)]
    "The least weight of a family that the evidence cannot refuse."
    because: Text
    left_out: dict[str, str] = Field(default_factory=dict)
    "Targets that may be fitted and are not, each with the reason: they are scored all the same."


@dataclass(frozen=True)
class Prior:
    """Parameters, families and settings, before any figure is looked at."""

    parameters: Mapping[str, Parameter]
    families: Mapping[str, Family]
    settings: Settings
    path: Path

    def fitted(self, targets: Iterable[Target]) -> tuple[Target, ...]:
        """Those of the targets that the calibration is held to."""
        return tuple(one for one in targets if one.role == FITTED and one.key not in self.settings.left_out)

    def free_in(self, family: str) -> tuple[str, ...]:
        """The parameters that are free in a family, in the order of the file."""
        return tuple(name for name, one in self.parameters.items() if family not in one.fixed_in)

    def values(self, family: str, point: Floats) -> dict[str, float]:
        """The numbers of a point of the unit cube, whose coordinates are the parameters free in the family."""
        names = self.free_in(family)
        return {name: self.parameters[name].value(float(at), family) for name, at in zip(names, point, strict=True)}

    def member(self, name: str, family: str, point: Floats, weight: float = 1.0) -> Member:
        """The member that lays a point of the unit cube over the world of a family."""
        laid: dict[str, dict[str, float]] = {"set": {}, "scale": {}}
        for parameter, value in self.values(family, point).items():
            one = self.parameters[parameter]
            for key in (*one.numbers, *one.inverse):
                factor = 1 / value if key in one.inverse else value
                # Two parameters may scale one number: a number of all teams, and the share of one of them.
                before = laid[one.operation].get(key, 1.0)
                laid[one.operation][key] = before * factor if one.operation == "scale" else value
        return Member(name, family, laid["set"], laid["scale"], weight)


def load_parameters(scenario: str = "casey_2022", folder: Path | None = None) -> Prior:
    """The parameters of a scenario folder, checked against the scenario they are to be laid over.

    Raises:
        ScenarioError: with every problem found.
    """
    folders = files.search_folders(folder)
    path = next((p for one in folders if (p := one / FOLDER / FILE).is_file()), folders[0] / FOLDER / FILE)
    prior, problems = read_parameters(path)
    if prior is not None:
        problems += _problems_over(prior, scenario, folder)
    if problems or prior is None:
        raise ScenarioError(problems)
    return prior


def read_parameters(path: Path) -> tuple[Prior | None, list[Problem]]:
    """What a file says by itself, or everything that is wrong with it."""
    content, problems = read_toml(path)
    if problems:
        return None, problems
    known = {"ensemble", "families", "parameters"}
    problems += [
        Problem(file=str(path), key=key, found="an unknown name", expected=files.known_one(key, known))
        for key in content
        if key not in known
    ]
    settings, found = from_table(Settings, Entry(path, "ensemble", _table(content.get("ensemble"))), {})
    problems += found
    made: dict[str, dict[str, Any]] = {"families": {}, "parameters": {}}
    model: type[Family] | type[Parameter]
    for group, model in (("families", Family), ("parameters", Parameter)):
        for name, table in _table(content.get(group)).items():
            one, found = from_table(model, Entry(path, f"{group}.{name}", _table(table)), {})
            problems += found
            if one is not None:
                made[group][name] = one
        if not _table(content.get(group)):
            problems.append(Problem(file=str(path), key=group, found="nothing", expected=f"at least one of {group}"))
    families = _table(content.get("families"))
    for name, parameter in made["parameters"].items():
        problems += [
            Problem(
                file=str(path),
                key=f"parameters.{name}",
                found=f"no family {one!r}",
                expected=files.known_one(one, families),
            )
            for one in (*parameter.by_family, *parameter.fixed_in)
            if one not in families
        ]
    if problems or settings is None:
        return None, problems
    return Prior(made["parameters"], made["families"], settings, path), []


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _problems_over(prior: Prior, scenario: str, folder: Path | None) -> list[Problem]:
    """What is wrong with parameters over a scenario: keys, sources, ranges, corners of the prior that cannot be loaded."""
    base = load_scenario(scenario, folder=folder)
    numbers, register = base.evidence.numbers, base.evidence.register
    problems = []

    def wrong(name: str, found: str, expected: str) -> None:
        problems.append(Problem(file=str(prior.path), key=f"parameters.{name}", found=found, expected=expected))

    setters: dict[str, str] = {}
    for name, one in prior.parameters.items():
        for key in (*one.numbers, *one.inverse):
            if key not in numbers:
                wrong(f"{name}.numbers", f"no number called {key!r}", files.known_one(key, numbers))
            elif key in base.unread:
                wrong(f"{name}.numbers", f"{key!r}, which nothing reads", "a number that the plan reads")
            elif one.operation == "set" and setters.setdefault(key, name) != name:
                wrong(f"{name}.numbers", f"{key!r}, which {setters[key]} sets too", "one parameter for each number set")
        for source in one.source:
            if source not in register:
                wrong(f"{name}.source", f"no row {source!r}", files.known_one(source, register))
            elif register[source].role == KEPT_BACK:
                wrong(f"{name}.source", f"{source!r}, which is kept back", "a row whose role is not 'validate'")
    may_be = [key for key, target in base.evidence.targets.items() if target.role == FITTED]
    problems += [
        Problem(
            file=str(prior.path),
            key="ensemble.left_out",
            found=f"no target {key!r} that may be fitted",
            expected=files.known_one(key, may_be),
        )
        for key in prior.settings.left_out
        if key not in may_be
    ]
    if problems:
        return problems
    for family in prior.families:
        try:
            world = load_scenario(scenario, world=family, folder=folder)
        except ScenarioError as error:
            problems += error.problems
            continue
        for name in prior.free_in(family):
            for told in _beyond(prior.parameters[name], family, world):
                wrong(name, f"{told} in {family}", "a range inside that of the evidence, or 'beyond' to say why not")
        for at in (0.0, 1.0):
            point = np.full(len(prior.free_in(family)), at)
            try:
                load_scenario(scenario, member=prior.member(f"{family} at {at:g}", family, point), folder=folder)
            except ScenarioError as error:
                problems += error.problems
    return problems


def _beyond(parameter: Parameter, family: str, world: Scenario) -> list[str]:
    """Where a range takes a number out of the range of the evidence, on any day of the scenario, unless it says why."""
    span = parameter.range_in(family)
    if span.beyond:
        return []
    told = []
    for key in (*parameter.numbers, *parameter.inverse):
        number = world.evidence.numbers[key]
        for day, amount in world.numbers[key].steps:
            step = number.at(max(day, number.steps[0].from_))
            factor = 1.0 if parameter.operation == "set" else amount
            low, high = span.low * factor, span.high * factor
            if key in parameter.inverse:
                low, high = factor / span.high, factor / span.low
            if low < step.low * (1 - SLACK) or high > step.high * (1 + SLACK):
                told.append(f"{key} from {low:g} to {high:g} on {day}, evidence {step.low:g} to {step.high:g},")
                break
    return told
