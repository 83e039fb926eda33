"""Which points agree with what was published, as far as an emulator can tell? A sample of them, and how well the family of worlds does.

The likelihood of a point is that of the published figures under a normal distribution around what the emulator says, in the scale of `Observed`. Its
covariance is the held-out error of the emulator with the chance of one future, what the figures allow for, and the discrepancy of the model. Targets of
one family have one vote: each counts for one divided by their number. What makes a family of worlds what it is counts as well: a play has to lie beyond a bound.

Points are drawn by tempering: from the prior, in steps, to the posterior. Each step weighs the points by a little more of the likelihood, takes them anew in
proportion, and lets every one wander by a Metropolis rule. With thirty parameters, of which a dozen are told by the figures, weighing one sample of the prior would leave a
single point; steps leave all of them. The product of the mean weights is how well the family does as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from sim.calibration.emulator import Emulator
from sim.calibration.observed import Observed

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RULED_OUT = 3.0
"""Standard deviations beyond which a target, or a bound, speaks against a point."""
MISSED = 0.1
"""Part of the target families that may speak against a point that is kept: the part that a model that passes may miss."""
KEEP = 0.5
"""A step weighs by as much as leaves this part of the points effective."""
MOVES = 30
"""Times that every point wanders in a step."""
MOST_STEPS = 60
ASIDE = 1e-9

LogLikelihood = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Bound:
    """What an output of a family must lie above, or below, scaled."""

    output: int
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything that is held against a point of one family."""

    observed: Observed
    bounds: tuple[Bound, ...]
    emulator: Emulator
    """Its outputs are the targets of `observed`, in their order, then whatever the bounds are of."""

    def covariance(self) -> Floats:
        """Of the published figures around what the emulator says."""
        count = len(self.observed.names)
        error = self.emulator.covariance[:count, :count]
        whole: Floats = error + np.diag(self.observed.sd**2)
        return whole

    def log_likelihood(self) -> LogLikelihood:
        """The log-likelihood of points."""
        count = len(self.observed.names)
        votes = np.sqrt(self.observed.votes)
        upper = np.linalg.cholesky(self.covariance() / np.outer(votes, votes))
        # Each target counts by its vote here as well, or one fact told six times would weigh six times in the evidence of a family of worlds.
        constant = -(self.observed.votes * (np.log(np.diag(upper)) + 0.5 * np.log(2 * np.pi))).sum()
        spread = np.sqrt(np.diag(self.emulator.covariance))

        def of(points: Floats) -> Floats:
            said = self.emulator.fit(points)
            away = np.linalg.solve(upper, (said[:, :count] - self.observed.middle).T)
            found: Floats = constant - 0.5 * (away**2).sum(axis=0)
            for one in self.bounds:
                found += _log_inside(said[:, one.output], one, spread[one.output])
            return found

        return of

    def implausibility(self, points: Floats) -> Floats:
        """Distance of each target, then of each bound that is crossed, in standard deviations: points by targets and bounds."""
        said = self.emulator.fit(points)
        return implausibility(said, self.observed, self.bounds, np.sqrt(np.diag(self.emulator.covariance)))

    def kept(self, points: Floats) -> Bools:
        """Points that are not ruled out."""
        return not_ruled_out(self.implausibility(points), self.observed)


def implausibility(said: Floats, observed: Observed, bounds: Sequence[Bound], spread: Floats) -> Floats:
    """How far scaled outputs are from what is asked of them, in standard deviations, for each target and each bound.

    Args:
        said: points by outputs.
        observed: the targets, which are the first outputs.
        bounds: of whatever outputs.
        spread: standard deviation by output, of what is not known of it besides what the targets allow for.
    """
    count = len(observed.names)
    sd = np.hypot(spread[:count], observed.sd)
    parts = [np.abs(said[:, :count] - observed.middle) / np.maximum(sd, ASIDE)]
    for one in bounds:
        over = np.maximum(one.low - said[:, one.output], said[:, one.output] - one.high)
        parts.append((np.maximum(over, 0.0) / max(float(spread[one.output]), ASIDE))[:, None])
    found = np.hstack(parts)
    return np.where(np.isnan(found), np.inf, found)


def not_ruled_out(far: Floats, observed: Observed) -> Bools:
    """Points against which no bound speaks, and no more than a part `MISSED` of the target families."""
    count = len(observed.names)
    against = far > RULED_OUT
    families = sorted(set(observed.families))
    member = np.array([[one == family for one in observed.families] for family in families])
    missed = (against[:, None, :count] & member[None]).any(axis=2).sum(axis=1)
    kept: Bools = (missed <= MISSED * len(families)) & ~against[:, count:].any(axis=1)
    return kept


def _log_inside(said: Floats, bound: Bound, spread: float) -> Floats:
    """Log-probability that a play around what is said lies between the bounds."""
    spread = max(spread, ASIDE)
    found: Floats = np.minimum(norm.logcdf((bound.high - said) / spread), norm.logcdf((said - bound.low) / spread))
    return found


@dataclass(frozen=True, eq=False)
class Sample:
    """Points of a family that agree with what was published."""

    points: Floats
    log_likelihood: Floats
    log_evidence: float
    """Logarithm of the mean likelihood over the prior."""
    steps: int


def draw(log_likelihood: LogLikelihood, parameters: int, count: int, seed: Sequence[int], power: float = 1.0) -> Sample:
    """A sample of the posterior, from a flat prior over the unit cube.

    Args:
        log_likelihood: of points.
        parameters: how many there are.
        count: how many points to draw; a power of two serves best.
        seed: the same gives the same points.
        power: of the likelihood; below one the sample is wider than the posterior.
    """
    random = np.random.default_rng(list(seed))
    points = qmc.Sobol(parameters, rng=random).random(count)
    told = log_likelihood(points)
    reached, evidence, stride, steps = 0.0, 0.0, 1.0, 0
    while reached < power:
        reached_now = power if steps == MOST_STEPS else _next(told, reached, power)
        weights = (reached_now - reached) * told
        top = weights.max()
        evidence += float(top + np.log(np.mean(np.exp(weights - top))))
        share = np.exp(weights - top)
        chosen = systematic(share / share.sum(), count, random)
        points, told, reached, steps = points[chosen], told[chosen], reached_now, steps + 1
        shape = np.linalg.cholesky(np.cov(points.T).reshape(parameters, parameters) + ASIDE * np.eye(parameters))
        for _ in range(MOVES):
            moved = points + stride * 2.38 / np.sqrt(parameters) * random.standard_normal(points.shape) @ shape.T
            # A step over an edge comes back inside as if from a mirror, which is as likely from there to here as from here to there.
            moved = 1 - np.abs(1 - np.abs(moved) % 2)
            asked = log_likelihood(moved)
            taken = np.log(random.random(count)) < reached * (asked - told)
            points, told = np.where(taken[:, None], moved, points), np.where(taken, asked, told)
            stride = float(np.clip(stride * np.exp(taken.mean() - 0.25), 0.05, 2.0))
    return Sample(points, told, evidence, steps)


def _next(told: Floats, reached: float, most: float) -> float:
    """The power at which a part `KEEP` of the points would still be effective."""

    def effective(power: float) -> bool:
        share = np.exp((power - reached) * (told - told.max()))
        return bool(share.sum() ** 2 / (share**2).sum() >= KEEP * len(told))

    if effective(most):
        return most
    low, high = reached, most
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle) else (low, middle)
    return max(low, reached + ASIDE)


def systematic(shares: Floats, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """`count` positions taken in proportion to shares that add up to one, each as often as its share asks for, to within one."""
    at = (random.random() + np.arange(count)) / count
    return np.minimum(np.searchsorted(np.cumsum(shares), at, side="right"), len(shares) - 1)


def family_weights(prior: Floats, log_evidence: Floats, refused: Bools, floor: float) -> Floats:
    """Weights of families, in proportion to prior and evidence; a family that is not refused has no less than `floor`.

    Args:
        prior: before any figure was looked at.
        log_evidence: logarithm of the mean likelihood of each.
        refused: families of which no play agrees; they get nothing.
        floor: the least weight of the others.
    """
    if refused.all():
        return np.zeros(len(prior))
    floor = min(floor, 1 / int((~refused).sum()))
    top = log_evidence[~refused].max()
    raw = np.where(refused, 0.0, prior * np.exp(np.minimum(log_evidence - top, 0.0)))
    found = raw / raw.sum()
    lifted = np.zeros(len(prior), dtype=bool)
    while (low := ~refused & ~lifted & (found < floor)).any():
        lifted |= low
        rest = raw * ~lifted
        found = np.where(lifted, floor, rest / max(rest.sum(), ASIDE) * (1 - floor * lifted.sum()))
    return np.where(refused, 0.0, found / found.sum())
