"""How far is the model from what was published? A verdict for each target, one vote for each family, calibration and hold-out apart.

The implausibility of a target is the distance between the model's mean and the published figure, in standard deviations. Three variances are added up:

* that of the published figure: half of its tolerance, on the side where the model lies, is one standard deviation;
* the discrepancy: how far a right model of this simplicity may lie from the truth (`Target.discrepancy`);
* the computing error of the model's mean, which more replications shrink. It is unknown where no member played two futures, and then so is the distance. No
  target is inside by it: where it is more than half of the other two together, an inside is not told.

The spread of an ensemble's members is not among them: an ensemble that does not know would agree with everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.evidence import Target

Floats = NDArray[np.float64]

INSIDE, NEAR, OUTSIDE, MISSING = "inside", "near", "outside", "missing"
NOT_TOLD = "not told: too few futures"
SEVERITY = (INSIDE, NOT_TOLD, NEAR, OUTSIDE, MISSING)
"""From the best verdict to the worst."""
INSIDE_WITHIN, NEAR_WITHIN = 2.0, 3.0
"""Standard deviations."""
MOST_COMPUTING = 0.5
"""Of the standard deviation of tolerance and discrepancy: a target is inside only if the computing error is no more than this share of it."""
NEEDED = 0.9
"""Share of the calibration families that have to be inside: of all, and of those that are no inputs."""
CALIBRATE, VALIDATE, CONFLICT = "calibrate", "validate", "conflict"

TARGETS = (
    *("target", "label", "role", "family", "scenario", "unit", "published", "low", "high", "discrepancy"),
    *(
        "model",
        "model_low",
        "model_high",
        "ignorance",
        "chance",
        "computing",
        "implausibility",
        "verdict",
        "input",
        "strength",
    ),
)
"""Columns of the table of targets."""
FAMILIES = ("family", "role", "targets", "worst", "implausibility", "verdict", "input")


@dataclass(frozen=True, eq=False)
class Played:
    """The answers of the members of an ensemble."""

    answers: Floats
    """Members by replications by targets, in the targets' units; NaN where there is none."""
    weights: Floats
    """Of the members; they add up to one."""
    worlds: Sequence[str]
    """Of the members."""
    answered: frozenset[str]
    """Targets that the scenarios speak to, by name. Where an answer to one is null all the same, as a share of nothing, the model is infinitely far."""


@dataclass(frozen=True)
class Score:
    """How many families are inside."""

    calibration_inside: int
    calibration: int
    held_out_inside: int
    held_out: int
    without_inputs_inside: int
    """Of the calibration families whose figures were not put in: to meet an input says nothing."""
    without_inputs: int

    @property
    def share(self) -> float:
        """Share of the calibration families that are inside; 0 where there are none."""
        return self.calibration_inside / self.calibration if self.calibration else 0.0

    @property
    def share_without_inputs(self) -> float:
        """The same of those that are no inputs."""
        return self.without_inputs_inside / self.without_inputs if self.without_inputs else 0.0

    @property
    def passes(self) -> bool:
        """Whether so many are inside as are needed, with inputs and without. The held-out score is told and asks for nothing."""
        return min(self.share, self.share_without_inputs) >= NEEDED


def implausibility(target: Target, model: float, computing: float = 0.0) -> float:
    """How many standard deviations lie between the model's mean and a published figure; NaN if there is no answer, or its error is not known.

    A figure known exactly, with no discrepancy and no error, is met or infinitely far.
    """
    if np.isnan(model) or np.isnan(computing):
        return float("nan")
    deviation = float(np.hypot(_allowed(target, model), computing))
    distance = abs(model - target.value)
    return distance / deviation if deviation > 0 else (0.0 if distance == 0 else float("inf"))


def _allowed(target: Target, model: float) -> float:
    """The standard deviation of tolerance, on the side where the model lies, and discrepancy."""
    tolerance = (target.high - target.value if model > target.value else target.value - target.low) / 2
    return float(np.hypot(tolerance, target.discrepancy))


def verdict(distance: float) -> str:
    """Inside, near or outside, by implausibility; missing if there is none."""
    if np.isnan(distance):
        return MISSING
    return INSIDE if distance <= INSIDE_WITHIN else NEAR if distance <= NEAR_WITHIN else OUTSIDE


def score_targets(targets: Sequence[Target], played: Played, inputs: frozenset[str] = frozenset()) -> pd.DataFrame:
    """A row for each target: `TARGETS`.

    `model` is the weighted mean over members, `ignorance` the standard deviation of the members' means, `chance` that of one future about its
    member's mean, `computing` the error of `model`, both null where no member played two futures; `model_low` and `model_high` hold nine in ten of the futures played.
    """
    rows = []
    for place, target in enumerate(targets):
        told = _describe(played.answers[:, :, place], played.weights)
        distance, word = _judged(target, told, played)
        row = {
            name: getattr(target, name)
            for name in ("label", "role", "family", "scenario", "unit", "low", "high", "discrepancy")
        }
        row |= {
            "target": target.key,
            "published": target.value,
            "implausibility": distance,
            "verdict": word,
        }
        row |= {"input": "yes" if target.key in inputs else "no", "strength": target.strength, **told}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(TARGETS))


def _judged(target: Target, told: Mapping[str, float], played: Played) -> tuple[float, str]:
    """Distance and verdict."""
    model, computing = told["model"], told["computing"]
    if np.isnan(model):
        distance = float("inf") if target.key in played.answered else float("nan")
        return distance, verdict(distance)
    distance = implausibility(target, model, computing)
    word = NOT_TOLD if np.isnan(distance) else verdict(distance)
    enough = computing <= MOST_COMPUTING * _allowed(target, model)
    return distance, NOT_TOLD if word == INSIDE and not enough else word


def by_world(targets: Sequence[Target], played: Played) -> pd.DataFrame:
    """The weighted mean of each target in each world, with the weight of the world: target, world, weight, model, implausibility, verdict."""
    rows = []
    for world in dict.fromkeys(played.worlds):
        mine = np.asarray([one == world for one in played.worlds])
        weight = float(played.weights[mine].sum())
        shares = played.weights[mine] / weight if weight > 0 else np.full(mine.sum(), 1 / mine.sum())
        for place, target in enumerate(targets):
            told = _describe(played.answers[mine][:, :, place], shares)
            rows.append((target.key, world, weight, told["model"], *_judged(target, told, played)))
    return pd.DataFrame(rows, columns=["target", "world", "weight", "model", "implausibility", "verdict"])


def by_family(table: pd.DataFrame) -> pd.DataFrame:
    """One row, and so one vote, for each family: `FAMILIES`. Its verdict is that of its worst reading.

    Where sources conflict the readings cannot both be met: the family has the better one's verdict, and no vote.
    """
    rows = []
    for family, mine in table.groupby("family", sort=False):
        role = str(mine["role"].iloc[0])
        far = [
            (SEVERITY.index(word), np.inf if np.isnan(distance) else distance)
            for word, distance in zip(mine["verdict"], mine["implausibility"], strict=True)
        ]
        worst = mine.iloc[far.index(min(far) if role == CONFLICT else max(far))]
        put_in = "yes" if (mine["input"] == "yes").all() else "no"
        rows.append((family, role, len(mine), worst["target"], worst["implausibility"], worst["verdict"], put_in))
    return pd.DataFrame(rows, columns=list(FAMILIES))


def score_of(families: pd.DataFrame) -> Score:
    """How many families of each role are inside, and how many of those that may be fitted and are no inputs."""
    fitted, held_out = (families[families["role"] == role] for role in (CALIBRATE, VALIDATE))
    return Score(*_inside(fitted), *_inside(held_out), *_inside(fitted[fitted["input"] != "yes"]))


def _inside(families: pd.DataFrame) -> tuple[int, int]:
    return int((families["verdict"] == INSIDE).sum()), len(families)


def _describe(answers: Floats, weights: Floats) -> dict[str, float]:
    """What the members say: members by replications, and their weights."""
    nothing = dict.fromkeys(("model", "model_low", "model_high", "ignorance", "chance", "computing"), float("nan"))
    there = ~np.isnan(answers).all(axis=1) & (weights > 0)
    if not there.any():
        return nothing
    values, shares = answers[there], weights[there] / weights[there].sum()
    number = (~np.isnan(values)).sum(axis=1)
    means = np.nanmean(values, axis=1)
    model = float(shares @ means)
    about = np.nansum((values - means[:, None]) ** 2, axis=1)
    freedom = float(shares @ (number - 1))
    variance = float(shares @ about) / freedom if freedom > 0 else float("nan")
    ignorance = float(np.sqrt(shares @ (means - model) ** 2))
    low, high = _quantiles(values, shares / number)
    return {
        "model": model,
        "model_low": low,
        "model_high": high,
        "ignorance": ignorance,
        "chance": float(np.sqrt(variance)),
        "computing": float(np.sqrt(variance * float((shares**2 / number).sum()))),
    }


def _quantiles(values: Floats, weight: Floats) -> tuple[float, float]:
    """The span that holds nine in ten of the futures, each with the weight of its member."""
    flat, heavy = values.ravel(), np.repeat(weight, values.shape[1])
    known = ~np.isnan(flat)
    order = np.argsort(flat[known], kind="stable")
    ordered, upto = flat[known][order], np.cumsum(heavy[known][order])
    places = np.searchsorted(upto, [0.05 * upto[-1], 0.95 * upto[-1]])
    return float(ordered[places[0]]), float(ordered[min(int(places[1]), len(ordered) - 1)])
