"""Which sets of numbers agree with what was published? From a prior to an ensemble, in waves of runs, and what the figures could not tell.

1. A first wave of runs covers the prior of every family of worlds evenly (a scrambled Sobol design).
2. An emulator is fitted to the runs, points that it rules out are left, and the next wave is played among the others, where the emulator then becomes better. What it is
   fitted to counts the more, the nearer a run came to the published figures.
3. Points are drawn from the posterior of each family. Candidates among them are played in truth, and those whose own plays are ruled out are left.
4. The members are as many from every family; the weight of a family follows from how well it does as a whole, and none that can agree gets less than the floor.

Only targets of role ``calibrate`` enter. Whatever was played is kept in the bank, so a calibration that was stopped goes on; the same seed gives the same ensemble.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc
from threadpoolctl import threadpool_limits

from sim.calibration.bank import Bank, Design, Play, Runs, together
from sim.calibration.emulator import Emulator, fit_emulator
from sim.calibration.observed import FITTED, Observed, observed, scaled
from sim.calibration.parameters import Condition, Prior
from sim.calibration.posterior import (
    Bound,
    Evidence,
    Sample,
    draw,
    family_weights,
    implausibility,
    not_ruled_out,
    systematic,
)
from sim.calibration.simulator import name_of
from sim.evidence import Problem, Target
from sim.scenario import Ensemble, Member, ScenarioError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Told = Callable[[str], object]

FIRST, SECOND, THIRD = 0.45, 0.2, 0.15
"""Parts of all runs that the waves have; what is left goes to candidates."""
WIDER = (0.2, 0.5)
"""Power of the likelihood by which the second and third wave are drawn: wider than the posterior, so that the emulator learns around it."""
PLAYS = 2
"""How many futures of each candidate are played."""
DRAWN = 1024
"""Points drawn from the posterior of a family."""
NEAR = 4.0
"""Standard deviations: a run so far from the published figures counts half as much in the fit of an emulator as one that meets them."""
LOOKED_AT = 14
"""Power of two: points of the prior that are looked at to say how much of it is left."""
FEWEST = 60
"""Runs of a family in the first wave."""
DIGITS = 6


class OutOfTimeError(Exception):
    """The time given is over; what was played is kept."""


@dataclass(frozen=True)
class Task:
    """What is to be calibrated, whoever plays."""

    scenario: str
    prior: Prior
    targets: tuple[Target, ...]
    """Those that the play answers first, in its order; any role, but only ``calibrate`` enters."""
    play: Play
    """Gives the targets of role ``calibrate``, then the conditions."""
    of: Mapping[str, object]
    """Whatever else decides a digit of a run."""
    seed: int
    runs: int
    record: Mapping[str, object] = field(default_factory=dict)
    """What else the record of the ensemble is to say."""
    on: date | None = None
    """The day it is made; today if not said."""

    @property
    def fitted(self) -> tuple[Target, ...]:
        return tuple(target for target in self.targets if target.role == FITTED)


@dataclass(frozen=True, eq=False)
class OfFamily:
    """What became of one family of worlds."""

    name: str
    evidence: Evidence
    sample: Sample
    weight: float
    refused: bool
    """Whether no candidate's own play agreed."""
    not_ruled_out: float
    """The part of the prior that the last emulator cannot rule out."""
    candidates: int
    kept: int


@dataclass(frozen=True, eq=False)
class Calibrated:
    """An ensemble, and what it rests on."""

    ensemble: Ensemble
    families: tuple[OfFamily, ...]
    runs: Runs
    prior: Prior
    observed: Observed
    chance: Floats
    """Standard deviation of one future by target, scaled, from candidates that were played twice."""


def conditions(prior: Prior) -> tuple[Condition, ...]:
    """The conditions of all families, each output once."""
    return tuple({name_of(one): one for family in prior.families.values() for one in family.holds}.values())


def bounds(prior: Prior, family: str, first: int) -> tuple[Bound, ...]:
    """The bounds of a family; outputs of conditions begin at `first`."""
    outputs = [name_of(one) for one in conditions(prior)]
    found = []
    for one in prior.families[family].holds:
        low, high = scaled(np.array([one.low, min(one.high, 1.0)]), "fraction")
        found.append(
            Bound(
                first + outputs.index(name_of(one)),
                float(low) if one.low > 0 else -np.inf,
                float(high) if one.high < 1 else np.inf,
            )
        )
    return tuple(found)


def scaled_outputs(runs: Runs, told: Observed) -> Floats:
    """Outputs of runs, targets and conditions, in the scale of the fit."""
    count = len(told.names)
    return np.hstack([told.scaled(runs.outputs), scaled(runs.outputs[:, count:], "fraction")])


def calibrate(task: Task, folder: Path, *, minutes: float | None = None, told: Told = lambda _: None) -> Calibrated:
    """An ensemble of a scenario.

    Args:
        task: what is to be calibrated.
        folder: where the bank is kept; what is in it is not played again.
        minutes: after so long no other chunk of runs is begun.
        told: hears how far it is.

    Raises:
        ScenarioError: the folder holds another calibration, there are too few runs, or nothing agrees.
        OutOfTimeError: the minutes are over. Calibrate again to go on.
    """
    least = _least_runs(task.prior)
    if task.runs < least:
        raise ScenarioError([Problem(file="--runs", key="", found=str(task.runs), expected=f"{least} or more")])
    with threadpool_limits(limits=1):  # sums in one order, whatever the machine has
        return _Calibration(task, folder, minutes, told).run()


def _least_runs(prior: Prior) -> int:
    return int(np.ceil(len(prior.families) * FEWEST / FIRST))


class _Calibration:
    """One calibration under way."""

    def __init__(self, task: Task, folder: Path, minutes: float | None, told: Told) -> None:
        self.task, self.prior, self.told = task, task.prior, told
        self.ends = None if minutes is None else time.monotonic() + 60 * minutes
        self.observed = observed(task.fitted)
        outputs = (*self.observed.names, *map(name_of, conditions(self.prior)))
        of = {
            **task.of,
            "scenario": task.scenario,
            "seed": task.seed,
            "runs": task.runs,
            "parameters": _digest({name: one.model_dump(mode="json") for name, one in self.prior.parameters.items()}),
            "families": _digest({name: one.model_dump(mode="json") for name, one in self.prior.families.items()}),
            "figures": figures_digest(task.fitted),  # which the designs of later waves hang on
        }
        self.bank = Bank(folder, self.prior, outputs, of)
        self.waves: list[Runs] = []

    def run(self) -> Calibrated:
        families = list(self.prior.families)
        count = len(families)
        self._wave(1, lambda: self._first(max(FEWEST, int(self.task.runs * FIRST / count))))
        for wave, (share, power) in enumerate(zip((SECOND, THIRD), WIDER, strict=True), start=2):
            each = max(2, int(self.task.runs * share / count))
            self._wave(wave, partial(self._narrower, wave, each, power))
        evidence = {family: self._evidence(family) for family in families}
        samples = {}
        for at, family in enumerate(families):
            self.told(f"drawing from the posterior of {family}")
            free = len(self.prior.free_in(family))
            samples[family] = draw(evidence[family].log_likelihood(), free, DRAWN, (self.task.seed, 9, at))
        each = max(2, int(self.task.runs * (1 - FIRST - SECOND - THIRD) / count / PLAYS))
        self._wave(4, lambda: self._candidates(samples, each))
        return self._ensemble(evidence, samples, each)

    # -- waves

    def _wave(self, wave: int, make: Callable[[], Design]) -> None:
        design = self.bank.design(wave, make)
        self.waves.append(self.bank.play(wave, design, self._play, self.told))

    def _play(self, asked: Sequence[tuple[Member, int]]) -> Floats:
        if self.ends is not None and time.monotonic() >= self.ends:
            raise OutOfTimeError("The time is over. What was played is kept: calibrate again to go on.")
        return self.task.play(asked)

    def _first(self, each: int) -> Design:
        points = []
        for at, family in enumerate(self.prior.families):
            sobol = qmc.Sobol(len(self.prior.free_in(family)), rng=np.random.default_rng([self.task.seed, 1, at]))
            power = int(np.ceil(np.log2(each)))
            points.append(self.bank.widen(family, sobol.random_base2(power)[:each]))
        return self._design(points, 0)

    def _narrower(self, wave: int, each: int, power: float) -> Design:
        points = []
        for at, family in enumerate(self.prior.families):
            self.told(f"wave {wave}: what {family} leaves open")
            evidence = self._evidence(family)
            free = len(self.prior.free_in(family))
            sample = draw(evidence.log_likelihood(), free, DRAWN, (self.task.seed, wave, at), power).points
            far = evidence.implausibility(sample)
            # Those that are not ruled out come first, in the order drawn; where they are too few, the least implausible follow.
            order = np.lexsort((np.arange(len(sample)), np.where(evidence.kept(sample), 0.0, _typical(far))))
            points.append(self.bank.widen(family, sample[order[:each]]))
        return self._design(points, sum(map(len, self.waves)))

    def _candidates(self, samples: Mapping[str, Sample], each: int) -> Design:
        points = []
        for at, family in enumerate(self.prior.families):
            random = np.random.default_rng([self.task.seed, 4, at])
            found = samples[family].points
            chosen = systematic(np.full(len(found), 1 / len(found)), each, random)
            points.append(np.repeat(self.bank.widen(family, found[chosen]), PLAYS, axis=0))
        return self._design(points, sum(map(len, self.waves)))

    def _design(self, points: Sequence[Floats], first: int) -> Design:
        """Runs family by family, each in a future of its own."""
        names = [family for family, some in zip(self.prior.families, points, strict=True) for _ in some]
        stacked = np.vstack(points)
        return Design(tuple(names), tuple(range(first, first + len(names))), np.round(stacked, DIGITS))

    # -- what the runs say

    def _runs(self, family: str) -> tuple[Floats, Floats, Floats]:
        """Points, scaled outputs and weights of the runs of a family so far."""
        runs = together(self.waves).of(family)
        free = [self.bank.parameters.index(one) for one in self.prior.free_in(family)]
        outputs = scaled_outputs(runs, self.observed)
        count = len(self.observed.names)
        far = np.abs(outputs[:, :count] - self.observed.middle) / self.observed.sd
        typical = _typical(np.nan_to_num(far, nan=9.0)) / NEAR
        return runs.points[:, free], outputs, 1 / (1 + typical**2 / 2)

    def _evidence(self, family: str) -> Evidence:
        points, outputs, weights = self._runs(family)
        weights = weights / weights.mean()
        emulator = fit_emulator(points, outputs, self.task.seed, weights)
        return Evidence(self.observed, bounds(self.prior, family, len(self.observed.names)), emulator)

    def _not_ruled_out(self, family: str, evidence: Evidence) -> float:
        """The part of the prior that the last emulator cannot rule out."""
        sobol = qmc.Sobol(len(self.prior.free_in(family)), rng=np.random.default_rng([self.task.seed, 7]))
        return float(evidence.kept(sobol.random_base2(LOOKED_AT)).mean())

    # -- the ensemble

    def _ensemble(self, evidence: Mapping[str, Evidence], samples: Mapping[str, Sample], candidates: int) -> Calibrated:
        families = list(self.prior.families)
        played = self.waves[-1]
        outputs = scaled_outputs(played, self.observed).reshape(-1, PLAYS, played.outputs.shape[1])
        own = np.ma.masked_invalid(outputs).mean(axis=1).filled(np.nan)
        # Where no candidate has two answers, the emulators' error stands for chance.
        errors = np.sqrt(np.mean([np.diag(one.emulator.covariance) for one in evidence.values()], axis=0))
        between = np.ma.masked_invalid(outputs.var(axis=1, ddof=1)).mean(axis=0)
        chance = np.where(np.ma.getmaskarray(between), errors, np.sqrt(between.filled(0.0)))
        points, whose = played.points[::PLAYS], played.family[::PLAYS]
        # The published history is one future, and the mean of the plays is a part of one; a bound is held against that mean alone.
        spread = chance * np.sqrt(1 + 1 / PLAYS)
        spread[len(self.observed.names) :] = chance[len(self.observed.names) :] / np.sqrt(PLAYS)
        good = np.zeros(len(own), dtype=bool)
        for family in families:
            here = whose == family
            far = implausibility(own[here], self.observed, evidence[family].bounds, spread)
            good[here] = not_ruled_out(far, self.observed)
        refused = np.array([not good[whose == family].any() for family in families])
        if refused.all():
            expected = "one at least whose own play agrees; docs/calibration.md says which figures speak against them"
            raise ScenarioError([Problem(file=self.task.scenario, key="", found="no member", expected=expected)])
        weights = family_weights(
            np.array([self.prior.families[family].weight for family in families]),
            np.array([samples[family].log_evidence for family in families]),
            refused,
            self.prior.settings.floor,
        )
        quota = max(1, self.prior.settings.members // int((~refused).sum()))
        members = []
        for family, weight in zip(families, weights, strict=True):
            agree = np.flatnonzero(good & (whose == family))
            # Evenly from the whole of the sample, whose order is that of where its points wandered from.
            chosen = agree[np.linspace(0, len(agree) - 1, min(quota, len(agree))).round().astype(np.int64)]
            for number, at in enumerate(chosen, start=1):
                members.append(self.bank.member(f"{family}_{number:02d}", family, points[at], weight / len(chosen)))
        every = tuple(
            OfFamily(
                family,
                evidence[family],
                samples[family],
                float(weight),
                bool(no),
                self._not_ruled_out(family, evidence[family]),
                candidates,
                int((good & (whose == family)).sum()),
            )
            for family, weight, no in zip(families, weights, refused, strict=True)
        )
        record = self._record(every, len(members))
        return Calibrated(
            Ensemble(self.task.scenario, tuple(members), record),
            every,
            together(self.waves),
            self.prior,
            self.observed,
            chance,
        )

    def _record(self, families: Sequence[OfFamily], members: int) -> dict[str, Any]:
        return {
            "scenario": self.task.scenario,
            "calibrated_on": (self.task.on or datetime.now(UTC).date()).isoformat(),
            "seed": self.task.seed,
            "members": members,
            "runs": sum(map(len, self.waves)),
            "bank": self.bank.digest,
            "targets": {"number": len(self.observed.names), "digest": figures_digest(self.task.fitted)},
            "parameters": list(self.prior.parameters),
            "families": {
                one.name: {
                    "weight": round(one.weight, 6),
                    "log_evidence": round(one.sample.log_evidence, 3),
                    "refused": one.refused,
                    "prior_not_ruled_out": round(one.not_ruled_out, 6),
                    "candidates": one.candidates,
                    "candidates_kept": one.kept,
                }
                for one in families
            },
            **self.task.of,
            **self.task.record,
        }


PROSE = ("label", "because", "discrepancy_because")


def figures_digest(targets: Sequence[Target]) -> str:
    """Of everything that the fitted targets say, prose apart."""
    return _digest([{k: v for k, v in one.model_dump(mode="json").items() if k not in PROSE} for one in targets])


def _typical(far: Floats) -> Floats:
    """The third largest of each row, so that a figure or two that no run can meet do not make all runs alike."""
    found: Floats = np.sort(far, axis=1)[:, -min(3, far.shape[1])]
    return found


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


# ------------------------------------------------------------------------------------------------------------
# What the figures could not tell


def spread(made: Calibrated) -> pd.DataFrame:
    """How much the figures tell of each parameter: prior and posterior by family, and pooled under an empty family.

    `told` is 1 less the ratio of the posterior's spread to the prior's: 0 where nothing was learnt.
    """
    rows = []
    prior_sd = np.sqrt(1 / 12)
    for one in made.families:
        names = made.prior.free_in(one.name)
        for at, name in enumerate(names):
            shares = one.sample.points[:, at]
            low, middle, high = (
                made.prior.parameters[name].value(float(q), one.name) for q in np.quantile(shares, (0.1, 0.5, 0.9))
            )
            span = made.prior.parameters[name].range_in(one.name)
            rows.append(
                (one.name, name, span.low, span.high, low, middle, high, 1 - float(shares.std()) / prior_sd, one.weight)
            )
    columns = ["family", "parameter", "low", "high", "p10", "p50", "p90", "told", "weight"]
    table = pd.DataFrame(rows, columns=columns)
    pooled = (
        table.assign(part=table["told"] * table["weight"])
        .groupby("parameter", sort=False)
        .agg(part=("part", "sum"), weight=("weight", "sum"))
    )
    every = pd.DataFrame(
        {"family": "", "parameter": pooled.index, "told": pooled["part"] / pooled["weight"].clip(lower=1e-12)}
    )
    return pd.concat([table.drop(columns="weight"), every], ignore_index=True)[columns[:-1]]


def combinations(made: Calibrated, most: int = 4) -> pd.DataFrame:
    """Directions that the figures tell most and least of, by family: eigenvectors of the posterior's covariance, in units of the prior's.

    `ratio` is the variance left of the prior's along the direction: near 1, or above, the figures tell nothing of that combination.
    """
    rows = []
    for one in made.families:
        names = made.prior.free_in(one.name)
        values, vectors = np.linalg.eigh(np.cov(one.sample.points.T) * 12)
        told = min(most, len(values) // 2)
        for rank in (*range(told), *range(len(values) - told, len(values))):
            vector = vectors[:, rank]
            heavy = np.argsort(-np.abs(vector))[:5]
            sign = np.sign(vector[heavy[0]])
            words = " ".join(f"{sign * vector[at]:+.2f} {names[at]}" for at in heavy)
            rows.append((one.name, "told" if rank < told else "not told", float(values[rank]), words))
    return pd.DataFrame(rows, columns=["family", "which", "ratio", "combination"])


def pairs(made: Calibrated, least: float = 0.35) -> pd.DataFrame:
    """Pairs of parameters that trade off against each other in the posterior: correlations beyond `least`, the strongest first."""
    rows = []
    for one in made.families:
        names = made.prior.free_in(one.name)
        correlation = np.atleast_2d(np.corrcoef(one.sample.points.T))
        for first, second in zip(*np.triu_indices(len(names), 1), strict=True):
            if abs(correlation[first, second]) >= least:
                rows.append((one.name, names[first], names[second], float(correlation[first, second])))
    table = pd.DataFrame(rows, columns=["family", "first", "second", "correlation"])
    return table.sort_values("correlation", key=np.abs, ascending=False, kind="stable").reset_index(drop=True)


def emulators(made: Calibrated) -> pd.DataFrame:
    """How well each output is emulated where it was not fitted, by family."""
    outputs = (*made.observed.names, *map(name_of, conditions(made.prior)))
    parts = []
    for one in made.families:
        emulator: Emulator = one.evidence.emulator
        parts.append(
            pd.DataFrame(
                {
                    "family": one.name,
                    "output": outputs,
                    "r2": emulator.r2,
                    "coverage_of_95": emulator.coverage,
                    "error": np.sqrt(np.diag(emulator.covariance)),
                    "chance": made.chance,
                    "smoothed": emulator.smoothed,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
